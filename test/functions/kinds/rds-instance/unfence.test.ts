// A flow that gives up before anything took over lets users write where they did, against a mocked RDS.
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { areOpen, unfencedSentences } from '../../../../functions/domain/flow-words/stops.ts';
import { handler as catchUp } from '../../../../functions/kinds/rds-instance/catch-up.ts';
import { handler as fenceBefore } from '../../../../functions/kinds/rds-instance/fence.ts';
import { handler as unfenceOne } from '../../../../functions/kinds/rds-instance/unfence.ts';
import { act } from '../../../../functions/shared/recovery/act.ts';
import { withSecondDatabase } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, openIncident, regionIncident, running, type Setting } from '../../setting.ts';

const rds = mocked(RDSClient);
const incident = { ...regionIncident, mode: 'switchover' as const, manual: true };
const asset = 'database';
const [open, closed] = ['sg-0a1chatopsdb', 'sg-0a1closed'];
let shell: Setting;
let old: { status: string; group: string };
let replica: object;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region: 'us-west-2' });
  old = { status: 'available', group: open };
  replica = { DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod' };
  rds.on(DescribeDBInstancesCommand).callsFake(() => ({
    DBInstances: [
      { DBInstanceStatus: old.status, VpcSecurityGroups: [{ VpcSecurityGroupId: old.group, Status: 'active' }] },
    ],
  }));
  rds
    .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' })
    .callsFake(() => ({ DBInstances: [replica] }));
  rds.on(ModifyDBInstanceCommand).callsFake(({ VpcSecurityGroupIds: [group] }) => {
    old.group = group;
    return {};
  });
  rds.on(RebootDBInstanceCommand).callsFake(() => {
    old.status = 'rebooting';
    return {};
  });
});

const fence = () => fenceBefore.on(shell)({ incident, asset, approved: [], unreachable: [] });
const unfence = () => unfenceOne.on(shell)({ incident, asset });

/** Runs a step until it gives something, a second apart; a restart lasts three. */
async function untilDone(run: () => Promise<unknown>): Promise<unknown> {
  for (let look = 0; look < 200; look += 1) {
    const restarting = old.status === 'rebooting';
    const outcome = await run().catch((error: Error) => error);
    if (!(outcome instanceof Error)) return outcome;
    if (outcome.name !== 'InProgress') throw outcome;
    shell.at += 1_000;
    if (restarting && look % 4 === 3) old.status = 'available';
  }
  throw new Error('it was never done');
}

test('the open groups come back with one call, and it is done when they are in force', async () => {
  await untilDone(fence);
  expect(await untilDone(unfence)).toEqual({
    region: 'us-east-1',
    database: 'chatops-prod',
    opened: true,
    openSince: shell.at,
  });
  expect(old.group).toBe(open);
  expect(rds).toHaveReceivedCommandTimes(ModifyDBInstanceCommand, 2);
  expect(await unfence()).toMatchObject({ opened: true });
  expect(rds).toHaveReceivedCommandTimes(ModifyDBInstanceCommand, 2);
  const audited = (await shell.store.readAudit(incident.id)).map(({ call, step }) => `${call} by ${step}`);
  expect(audited.at(-1)).toBe('rds:ModifyDBInstance by unfence/database');
});

test('what was not fenced is left as it is, and nobody asks RDS', async () => {
  expect(await unfence()).toMatchObject({ opened: false, why: 'it was not fenced' });
  expect(rds).not.toHaveReceivedCommand(DescribeDBInstancesCommand);
});

test('where somebody else has promoted its replica it stays fenced, and says why', async () => {
  await untilDone(fence);
  replica = { DBInstanceStatus: 'available' };
  expect(await unfence()).toMatchObject({
    opened: false,
    stays: 'chatops-dr-replica in us-west-2 is no replica any more, and one writer is enough',
  });
  expect(old.group).toBe(closed);
});

test('where a promotion came late, after a restore in its place had failed, it stays fenced', async () => {
  await untilDone(fence);
  const { id, execution } = incident;
  const target = 'chatops-prod-restored';
  const outcome = { way: 'restore-point-in-time', region: 'us-west-2', instance: target };
  const kept = { incident: id, execution, at: shell.at };
  const call = { step: 'take-over/database', actor: 'dba', region: 'us-west-2', target, drill: false };
  await shell.store.audit({ ...kept, ...call, call: 'rds:RestoreDBInstanceToPointInTime' });
  await shell.store.recordStep({ ...kept, step: 'restoring/database', outcome });
  replica = { DBInstanceStatus: 'available' };
  expect(await untilDone(unfence)).toMatchObject({ opened: true });
  await untilDone(fence);
  await shell.store.recordStep({ ...kept, step: 'way-failed/database/restore-point-in-time', outcome: {} });
  expect(await unfence()).toMatchObject({ opened: false, stays: expect.stringContaining('no replica any more') });
});

test('a cache that has moved does not keep users from the database: nothing else takes writes', async () => {
  await untilDone(fence);
  const call = {
    step: 'take-over/cache',
    call: 'elasticache:FailoverGlobalReplicationGroup',
    target: 'ldgnf-chatops',
    change: null,
  };
  await act(incident, call, shell, async () => undefined);
  expect(await untilDone(unfence)).toMatchObject({ opened: true });
});

describe('once its replica was asked to take over', () => {
  const promotion = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
  beforeEach(async () => {
    await untilDone(fence);
    await act(incident, { ...promotion, change: null }, shell, async () => undefined);
  });

  test('it waits for as long as that may come, and takes writes again where it was lost', async () => {
    expect((await failureOf(unfence())).message).toContain('may still come');
    shell.at += 121_000;
    expect(await untilDone(unfence)).toMatchObject({ opened: true });
  });

  test.for(['storage-full', 'stopped'])(
    'it stays fenced where the replica is %s: nobody knows when that ends',
    async (status) => {
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({
        DBInstances: [
          {
            DBInstanceStatus: status,
            ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
          },
        ],
      });
      const why = `the promotion of chatops-dr-replica in us-west-2 was requested, and it is ${status}`;
      expect(await unfence()).toMatchObject({ opened: false, stays: `${why}, and one writer is enough` });
    },
  );

  test('it stays fenced where the other region does not say', async () => {
    rds
      .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' })
      .rejects(Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} }));
    shell.at += 121_000;
    const why = 'the promotion of chatops-dr-replica in us-west-2 was requested, and us-west-2 does not answer';
    expect(await unfence()).toMatchObject({ opened: false, stays: `${why}, and one writer is enough` });
  });

  test('it stays fenced where that was seen done, also when a person has made a replica of it since', async () => {
    const { id, execution } = incident;
    const outcome = { promoted: true };
    await shell.store.recordStep({ incident: id, execution, step: 'take-over/database', at: shell.at, outcome });
    expect(await unfence()).toMatchObject({ opened: false });
    expect(old.group).toBe(closed);
  });
});

test('people who are asked next do not wait for a region that does not answer: they read that it is still fenced', async () => {
  await untilDone(fence);
  rds.on(DescribeDBInstancesCommand).rejects(Object.assign(new Error('no answer'), { name: 'TimeoutError' }));
  const outcome = await unfenceOne.on(shell)({ incident, asset, asks: true });
  expect(outcome).toMatchObject({ region: 'us-east-1', unreachable: expect.stringContaining('no answer') });
  expect(unfencedSentences({ Unfence: { [asset]: outcome } }, null)).toEqual([
    expect.stringMatching(/^database in us-east-1 is STILL FENCED, as far as Breakwater can see: .*no answer/),
  ]);
  // Nothing tries it again, and nobody is told that something does.
  const marks = (await shell.store.readSteps(incident.id)).map(({ step }) => step);
  expect(marks.filter((step) => step.startsWith('failing/'))).toEqual([]);
});

test('people hear that users cannot write while the region does not answer', async () => {
  await untilDone(fence);
  rds
    .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' })
    .rejects(Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} }));
  for (const _ of [1, 2]) expect((await failureOf(unfence())).name).toBe('Unavailable');
  const marks = (await shell.store.readSteps(incident.id)).filter(({ step }) => step === 'failing/unfence/database');
  expect(marks.map(({ outcome }) => outcome['why'])).toEqual([
    expect.stringMatching(/^it is STILL FENCED, and users cannot write: /),
  ]);
});

test('a promotion that RDS refused is none', async () => {
  await untilDone(fence);
  const call = {
    step: 'take-over/database',
    call: 'rds:PromoteReadReplica',
    target: 'chatops-dr-replica',
  };
  const { store, at } = shell;
  const { id, execution } = incident;
  const made = { incident: id, execution, actor: 'ana', drill: false, at, region: 'us-west-2' };
  await store.audit({ ...made, ...call });
  await store.recordStep({
    incident: id,
    execution,
    at,
    step: 'refused/rds:PromoteReadReplica/chatops-dr-replica',
    outcome: {},
  });
  expect(await untilDone(unfence)).toMatchObject({ opened: true });
});

test.for([
  ['storage-full', 'CannotProceed'],
  ['stopped', 'CannotProceed'],
  ['rebooting', 'InProgress'],
] as const)('a fenced database that is %s: %s, and no call is made', async ([status, name]) => {
  await untilDone(fence);
  old.status = status;
  expect((await failureOf(unfence())).name).toBe(name);
  expect(rds).toHaveReceivedCommandTimes(ModifyDBInstanceCommand, 1);
});

test('a fence that was undone counts no more: the next one exchanges, restarts and is proven afresh', async () => {
  const first = await untilDone(fence);
  await untilDone(unfence);
  shell.at += 600_000;
  const second = await untilDone(fence);
  expect(rds).toHaveReceivedCommandTimes(ModifyDBInstanceCommand, 3);
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
  expect(second).toMatchObject({ fenced: true, fencedAt: shell.at });
  expect(first).not.toMatchObject({ fencedAt: shell.at });
  // And once it is fenced again, it is not fenced once more.
  expect(await fence()).toEqual(second);
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
});

test('a fence whose undoing was asked for and never came counts no more either', async () => {
  await untilDone(fence);
  rds.on(ModifyDBInstanceCommand).resolves({}); // taken, and without effect
  expect((await failureOf(unfence())).name).toBe('InProgress');
  shell.at += 1_000;
  await untilDone(fence);
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
});

test('what was caught up with before the fence was undone is not handed on', async () => {
  await untilDone(fence);
  const { id, execution } = incident;
  const outcome = { lagSeconds: 0 };
  await shell.store.recordStep({ incident: id, execution, step: 'catch-up/database', at: shell.at, outcome });
  const again = () => catchUp.on(shell)({ incident, asset, fencedAt: shell.at });
  expect(await again()).toEqual(outcome);
  shell.at += 1_000;
  await untilDone(unfence);
  replica = { DBInstanceStatus: 'available' };
  expect((await failureOf(again())).message).toContain('has no source');
});

test('a freeze stops what would fence it again, and not what unfences it', async () => {
  await untilDone(fence);
  await shell.store.freeze('ana', 'enough', shell.at);
  await untilDone(unfence);
  shell.at += 600_000;
  expect((await failureOf(fence())).name).toBe('Frozen');
  expect(old.group).toBe(open);
});

describe('of a failover', () => {
  const lost = { ...regionIncident, mode: 'failover' as const, manual: false };
  const failed = (asks = false) => unfenceOne.on(shell)({ incident: lost, asset, asks });
  const isOver = async () => {
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, closedAt: shell.at, version: 2 });
  };
  beforeEach(async () => {
    shell = await running(lost, { region: 'us-west-2', plan: withSecondDatabase(plan) });
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-dr' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'orders-prod' }],
    });
    await untilDone(() => fenceBefore.on(shell)({ incident: lost, asset, approved: [], unreachable: [] }));
  });

  test('nothing is opened, and RDS is not asked, while its incident lasts', async () => {
    rds.resetHistory();
    expect(await failed()).toEqual({ region: 'us-east-1', opened: false, why: 'us-east-1 may be lost still' });
    expect(rds).not.toHaveReceivedCommand(DescribeDBInstancesCommand);
  });

  test('the database takes writes again once the incident is over', async () => {
    await isOver();
    expect(await untilDone(failed)).toMatchObject({ opened: true });
    expect(old.group).toBe(open);
  });

  test('one that was not fenced says what was promoted: who hears that nothing was, gives the flow up', async () => {
    await isOver();
    const { id, execution } = lost;
    shell = await running(
      { ...lost, execution: `${execution}-2` },
      { region: 'us-west-2', plan: withSecondDatabase(plan) },
    );
    await shell.store.writeIncident({ ...openIncident, id, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, id, closedAt: shell.at, version: 2 });
    const left = () => unfenceOne.on(shell)({ incident: { ...lost, execution: `${execution}-2` }, asset });
    const open = await left();
    expect(open).toMatchObject({ opened: false, why: 'it was not fenced' });
    expect(areOpen({ Unfence: { [asset]: open } })).toBe(true);
    replica = { DBInstanceStatus: 'available' };
    const beside = await left();
    expect(beside).toMatchObject({ beside: 'chatops-dr-replica in us-west-2 is no replica any more' });
    expect(areOpen({ Unfence: { [asset]: beside } })).toBe(false);
    expect(unfencedSentences({ Unfence: { [asset]: beside } }, null)).toEqual([]);
  });

  test('nothing is opened once users were sent away', async () => {
    await isOver();
    const { id, execution } = lost;
    await shell.store.recordStep({ incident: id, execution, step: 'redirect-users', at: shell.at, outcome: {} });
    expect(await failed()).toMatchObject({ opened: false, why: 'users were sent away' });
    expect(old.group).toBe(closed);
  });

  test('a database stays closed where another one was promoted: its users would write to two regions', async () => {
    await isOver();
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-dr' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available' }],
    });
    expect(await failed()).toMatchObject({ opened: false, stays: expect.stringMatching(/^orders-dr in us-west-2/) });
    expect(old.group).toBe(closed);
  });
});
