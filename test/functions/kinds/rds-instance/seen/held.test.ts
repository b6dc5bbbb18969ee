// Which instance a database is: what was restored in its place holds it while the plan names what it did then; who says otherwise is a person.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Holder } from '../../../../../functions/domain/record/store.ts';
import { restoreIsReady } from '../../../../../functions/kinds/rds-instance/look.ts';
import { heldIn, heldInVain, hold } from '../../../../../functions/kinds/rds-instance/seen/held.ts';
import { retire } from '../../../../../functions/kinds/undo.ts';
import { changing, the } from '../../../../assets.ts';
import { mocked } from '../../../../mocked.ts';
import { plan } from '../../../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../../setting.ts';

const rds = mocked(RDSClient);
let shell: Setting;
const region = 'us-west-2';
const restored = 'chatops-prod-restored';
const holder: Holder = {
  asset: 'database',
  region,
  instance: restored,
  instead: 'chatops-dr-replica',
  execution: 'flow-1',
  at: Date.UTC(2026, 10, 23),
};
const { instead: _, ...old } = holder;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region });
});

/** The plan, with other names in the region. */
function naming(instance: string, restoredAs = restored) {
  const { regions } = the('rds-instance', plan);
  const { restore, ...place } = regions[region] as NonNullable<(typeof regions)[string]>;
  const change = { ...place, instance, restore: { ...restore, instance: restoredAs } };
  return changing('rds-instance', plan, { regions: { ...regions, [region]: change } } as never);
}
const held = (of: typeof plan) => heldIn(the('rds-instance', of), region, shell);

describe('a database is', () => {
  test.for<[string, Holder | null, typeof plan, string]>([
    ['what the plan names, where nothing was restored', null, plan, 'chatops-dr-replica'],
    ['what was restored, while the plan names what it did then', holder, plan, restored],
    ['what was restored, where the plan has caught up', holder, naming(restored, 'chatops-again'), restored],
    [
      'what the plan names, where a person said so',
      { ...holder, instance: null },
      naming('chatops-v17'),
      'chatops-v17',
    ],
    ['what was restored, by a record of before that has a name of the plan', old, plan, restored],
  ])('%s', async ([, kept, of, instance]) => {
    if (kept !== null) await shell.store.keepHolder(kept);
    expect((await held(of)).instance).toBe(instance);
  });

  test.for<[string, Holder, typeof plan]>([
    ['the plan names a third one by now', holder, naming('chatops-v17', 'chatops-again')],
    ['the plan names a third one, and a restore would have the same name again', holder, naming('chatops-v17')],
    ['a record of before has a name that the plan does not know', old, naming('chatops-v17', 'chatops-again')],
  ])('nothing that is known where %s: what would touch it is held, and readiness lost', async ([, kept, of]) => {
    await shell.store.keepHolder(kept);
    const { name, message } = await failureOf(held(of));
    expect(name).toBe('CannotProceed');
    expect(message).toContain(`the record says ${restored} since 23 Nov 2026, 00:00 UTC (flow-1)`);
    expect(message).toContain('the plan names chatops-v17 by now');
    expect(message).toContain('docs/runbook.md#after-a-restore');
    const looked = restoreIsReady(the('rds-instance', of), { ...shell, plan: of });
    expect((await failureOf(looked)).name).toBe('CannotProceed');
    expect(rds.calls()).toEqual([]);
  });

  test('not ready where what was restored is not there any more', async () => {
    await shell.store.keepHolder(holder);
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [] });
    expect(await restoreIsReady(the('rds-instance', plan), shell)).toEqual({
      state: 'not-ready',
      why: `${restored}, which was restored in place of chatops-dr-replica and is database in us-west-2 by the record, is not there. A person says which: docs/runbook.md#after-a-restore`,
    });
  });
});

test.for([
  ['is closed', ['sg-0b2closed'], null],
  ['got its groups back', ['sg-0b2chatopsdb'], 'which was set aside on the way home, admits clients'],
  ['is gone', null, null],
] as const)('readiness where what was set aside on the way home %s', async ([, groups, why]) => {
  await shell.store.keepHolder(holder);
  await shell.store.keepRejoin({
    ...{ asset: 'database', region, epoch: 3, undoes: { execution: 'e', incident: 'i' }, by: 'ana', reason: 'home' },
    ...{ begunAt: 1, old: 'chatops-dr-replica', proof: 'none', snapshot: 's', snapshotAt: 2, instance: restored },
    ...{ askedAt: 3, replicatesAt: 4, endedAt: 4, wrong: [] },
  });
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({
    DBInstances:
      groups === null
        ? []
        : [{ VpcSecurityGroups: groups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })) }],
  });
  const said = await heldInVain(the('rds-instance', plan), region, shell);
  if (why === null) expect(said).toBeNull();
  else expect(said?.why).toContain(why);
});

describe('a person who says that the plan’s name holds again', () => {
  const says = (instance = 'chatops-v17', of = naming('chatops-v17')) =>
    retire({ asset: 'database', region, instance, by: 'ana', reason: 'it was renamed' }, { ...shell, plan: of });
  const stands = (groups: readonly string[] = ['sg-0b2chatopsdb'], status = 'available') =>
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-v17' }).resolves({
      DBInstances: [
        {
          DBInstanceStatus: status,
          VpcSecurityGroups: groups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
        },
      ],
    });
  beforeEach(async () => {
    await shell.store.keepHolder(holder);
    for (const target of Object.keys(plan.regions)) {
      const { lock } = await shell.store.readStanding(target);
      if (lock !== null) await shell.store.releaseLock(target, lock.execution);
    }
    stands();
  });

  test('is followed from then on, also when the plan names another one later', async () => {
    expect(await says()).toBe(restored);
    expect(await shell.store.readHolders()).toMatchObject([{ instance: null, execution: 'ana: it was renamed' }]);
    for (const name of ['chatops-v17', 'chatops-v18']) expect((await held(naming(name))).instance).toBe(name);
    expect(await says()).toBeNull();
  });

  test('is followed whatever the clocks of those who spoke before and speak later', async () => {
    const late = { ...holder, at: start + 3_600_000 };
    await shell.store.keepHolder(late);
    expect(await says()).toBe(restored);
    expect((await held(naming('chatops-v17'))).instance).toBe('chatops-v17');
    await hold({ asset: 'database', region, instance: restored, instead: 'chatops-v17', execution: 'flow-3' }, shell);
    expect(await shell.store.readHolders()).toMatchObject([{ instance: restored, at: late.at + 2 }]);
  });

  test.for<[string, () => unknown, RegExp]>([
    [
      'names another one',
      () => says('chatops-prod'),
      /^InvalidInput INSTANCE: is chatops-prod, expected chatops-v17, which the plan names/,
    ],
    [
      'says it of one that is not there',
      () => {
        rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-v17' }).resolves({});
        return says();
      },
      /^InvalidInput chatops-v17: is not in/,
    ],
    [
      'says it of one that is fenced',
      () => {
        stands(['sg-0b2closed']);
        return says();
      },
      /^InvalidInput chatops-v17: is fenced/,
    ],
    [
      'says it of one that has failed',
      () => {
        stands([], 'failed');
        return says();
      },
      /^InvalidInput chatops-v17: is failed/,
    ],
    [
      'says it while a flow works',
      async () => {
        const lock = {
          target: 'us-east-1',
          execution: 'flow-2',
          incident: 'i',
          action: 'request-approval',
          at: 1,
        } as const;
        await shell.store.takeLock(lock);
        return says();
      },
      /^LockHeld flow-2 works on us-east-1/,
    ],
  ])('and %s is told so, and nothing changes', async ([, run, why]) => {
    const { name, message } = await failureOf(Promise.resolve().then(run));
    expect(`${name} ${message}`).toMatch(why);
    expect(await shell.store.readHolders()).toEqual([holder]);
  });
});
