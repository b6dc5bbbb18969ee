// A rehearsal of a restore: each step by what stands there, what people are told, and that what is not ours is never touched.

import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../functions/domain/data/rehearsal.ts';
import { day as dayOf } from '../../../functions/domain/page/page-times.ts';
import { whyNotRehearsed } from '../../../functions/kinds/rds-instance/look.ts';
import { nextStep, rehearsalMessage } from '../../../functions/kinds/rds-instance/rules/rehearsing.ts';
import { rehearsalName } from '../../../functions/kinds/rds-instance/says/backup-plan.ts';
import { handler } from '../../../functions/rehearse-restores.ts';
import { the } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { drill } from '../../store/samples.ts';
import { planWithData } from '../../with-data.ts';
import { setting, start } from '../setting.ts';

const rds = mocked(RDSClient);
const sns = mocked(SNSClient);
const minute = 60_000;
const day = 24 * 60 * minute;
const region = 'us-west-2';
const rehearsed = (everyDays = 7) => {
  const plan = planWithData();
  const assets = plan.assets.map((asset) => {
    if (asset.kind !== 'rds-instance') return asset;
    const { restore, ...place } = asset.regions[region] ?? expect.fail('the plan restores nothing');
    if (restore === undefined) return asset;
    const rehearsal = { everyDays, securityGroups: ['sg-closed'] };
    return { ...asset, regions: { ...asset.regions, [region]: { ...place, restore: { ...restore, rehearsal } } } };
  });
  return { ...plan, assets };
};
const last = (change: Partial<Rehearsal> = {}): Rehearsal => ({
  asset: 'database',
  region,
  instance: 'chatops-prod-restored-rehearsal',
  begunAt: start,
  source: 'replicated automated backups in us-west-2',
  dataUntil: start - 10 * minute,
  availableAt: null,
  endedAt: null,
  data: null,
  wrong: [],
  ...change,
});
const ended = { endedAt: start + 90 * minute };
const proven = { ...ended, availableAt: start + 80 * minute };
const ours = { status: 'available', works: true, isOurs: true };

test.for([
  ['it never was', null, null, 0, false, 'begin'],
  ['it never was, and something goes on', null, null, 0, true, 'nothing'],
  ['its name is taken by what is not ours', null, { ...ours, isOurs: false }, 0, false, 'nothing'],
  ['it is over, and not due', proven, null, 6 * day, false, 'nothing'],
  ['it is due', proven, null, 7 * day, false, 'begin'],
  ['it is over, and stands', ended, ours, 100 * minute, false, 'discard'],
  ['it is over, stands, and something goes on', ended, ours, 100 * minute, true, 'discard'],
  ['it is over, and is deleted', ended, { ...ours, status: 'deleting' }, 100 * minute, false, 'nothing'],
  ['it was asked for a moment ago', {}, null, minute, false, 'wait'],
  ['it was asked for, and never seen', {}, null, 10 * minute, false, 'give-up'],
  ['it is made', {}, { ...ours, status: 'creating', works: false }, 60 * minute, false, 'wait'],
  ['it works', {}, ours, 60 * minute, false, 'verify'],
  ['something else goes first', {}, { ...ours, works: false }, 60 * minute, true, 'make-way'],
  ['it made way, and may go on', ended, null, 2 * day, false, 'begin'],
  ['it has failed', {}, { status: 'incompatible-restore', works: false, isOurs: true }, 60 * minute, false, 'give-up'],
  ['it never comes up', {}, { status: 'creating', works: false, isOurs: true }, 481 * minute, false, 'give-up'],
  ['another one has its name', {}, { ...ours, isOurs: false }, 60 * minute, false, 'give-up'],
] as const)('%s: %5$s', ([, change, standing, after, busy, next]) => {
  const step = nextStep(change === null ? null : last(change), standing, { now: start + after, everyDays: 7, busy });
  expect(step.next).toBe(next);
});

test('its name fits into the 63 letters of RDS, whatever the plan restores as', () => {
  expect(rehearsalName('chatops-prod-restored')).toBe('chatops-prod-restored-rehearsal');
  expect(rehearsalName('a'.repeat(63))).toHaveLength(63);
});

test('a good one says how long it took, and a bad one what a restore on the day would meet', () => {
  const good = rehearsalMessage(last({ availableAt: start + 75 * minute, data: 'no row is missing' }));
  expect(good.subject).toBe(
    '[Breakwater] [REHEARSAL] For information: a trial restore of database in us-west-2 worked, in 1 h...',
  );
  expect(good.body).toContain('The restored database worked after 1 h 15 min.');
  expect(good.body).toContain('Data: no row is missing.');
  const bad = rehearsalMessage(last({ wrong: ['messages is empty, and was not'] }));
  expect(bad.subject).toBe('[Breakwater] [REHEARSAL] Not urgent: a trial restore of database in us-west-2 FAILED');
  expect(bad.body).toContain('WRONG: messages is empty, and was not.');
  expect(bad.body).toContain('The restored database did not come up.');
});

const run = async (shell: ReturnType<typeof setting>) => handler.on(shell)({});
const told = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

beforeEach(() => {
  rds.reset();
  sns.reset();
  sns.on(PublishCommand).resolves({});
});

test('where there is nothing to restore people are told, once, and nothing is made', async () => {
  const shell = setting({ region, plan: rehearsed() });
  rds.onAnyCommand().resolves({});
  rds.on(DescribeDBInstancesCommand).rejects(Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault' }));
  await run(shell);
  await run(shell);
  expect([...new Set(told())]).toEqual([
    '[Breakwater] [REHEARSAL] Not urgent: a trial restore of database in us-west-2 FAILED',
  ]);
  expect(told()).toHaveLength(3);
  expect(rds.commandCalls(RestoreDBInstanceToPointInTimeCommand)).toEqual([]);
  expect(rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand)).toEqual([]);
  expect(await shell.store.readRehearsal('database', region)).toMatchObject({
    endedAt: start,
    wrong: [expect.stringContaining('there is nothing to restore database from in us-west-2')],
  });
});

test.for([
  ['waits for one', null, 1],
  ['is over', 'passed', 0],
] as const)('before it is due one begins where a drill %s: %3$d times', async ([, outcome, times]) => {
  const shell = setting({ region, plan: rehearsed() });
  await shell.store.keepRehearsal(last({ availableAt: start + 75 * minute, endedAt: start + 80 * minute }));
  shell.at = start + day;
  await shell.store.keepDrill({ ...drill, kind: 'restore', region, faultAt: start + day - minute, outcome });
  rds.onAnyCommand().resolves({});
  rds.on(DescribeDBInstancesCommand).rejects(Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault' }));
  await run(shell);
  await run(shell);
  const { begunAt } = (await shell.store.readRehearsal('database', region)) ?? {};
  expect(begunAt).toBe(times === 1 ? start + day : start);
});

test.for([
  ['bears the tag of this stack', 'breakwater-test/database', 1],
  ['bears that of another stage', 'breakwater-other/database', 0],
  ['bears none', null, 0],
] as const)('what stands after a rehearsal and %s is deleted %3$d times', async ([, tag, times]) => {
  const shell = setting({ region, plan: rehearsed() });
  await shell.store.keepRehearsal(last(ended));
  rds.on(DescribeDBInstancesCommand).resolves({
    DBInstances: [
      {
        DBInstanceStatus: 'available',
        TagList: tag === null ? [] : [{ Key: 'breakwater:rehearsal', Value: tag }],
      },
    ],
  });
  rds.on(DeleteDBInstanceCommand).resolves({});
  shell.at = start + 95 * minute;
  await run(shell);
  expect(rds.commandCalls(DeleteDBInstanceCommand).map(({ args: [{ input }] }) => input)).toEqual(
    Array.from({ length: times }, () => ({
      DBInstanceIdentifier: 'chatops-prod-restored-rehearsal',
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    })),
  );
});

test.for([
  ['came out well', { availableAt: start, endedAt: start }, 1, null],
  ['made way for an incident', { endedAt: start }, 1, null],
  ['goes on', {}, 1, null],
  [
    'came out badly',
    { endedAt: start, wrong: ['messages is empty, and was not'] },
    1,
    `the last rehearsal of database, on ${dayOf(start)}: messages is empty, and was not`,
  ],
  [
    'is older than two of them',
    { availableAt: start, endedAt: start },
    15,
    `the restore of database was rehearsed last on ${dayOf(start)}, and is due every 7 days`,
  ],
] as const)('readiness after one that %s', async ([, change, days, why]) => {
  const shell = setting({ region, plan: rehearsed() });
  const { wrong = [], ...rest } = change as Partial<Rehearsal>;
  await shell.store.keepRehearsal(last({ ...rest, wrong }));
  shell.at = start + days * day;
  expect(await whyNotRehearsed(the('rds-instance', rehearsed()), { everyDays: 7 }, shell)).toBe(why);
});

test('who cannot be told keeps nothing standing: it is deleted, and told once the topic takes it', async () => {
  const shell = setting({ region, plan: rehearsed() });
  await shell.store.keepRehearsal(last({ ...proven, data: 'no row is missing' }));
  const TagList = [{ Key: 'breakwater:rehearsal', Value: 'breakwater-test/database' }];
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available', TagList }] });
  rds.on(DeleteDBInstanceCommand).resolves({});
  sns.on(PublishCommand).rejects(Object.assign(new Error('no'), { name: 'AuthorizationErrorException' }));
  shell.at = start + 95 * minute;
  await expect(run(shell)).rejects.toThrow();
  expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  sns.reset();
  sns.on(PublishCommand).resolves({});
  await run(shell);
  await run(shell);
  expect(told()).toEqual([
    '[Breakwater] [REHEARSAL] For information: a trial restore of database in us-west-2 worked, in 1 h...',
  ]);
});

test('in the region that serves users nothing is rehearsed', async () => {
  await run(setting({ region: 'us-east-1', plan: rehearsed() }));
  expect(rds.calls()).toEqual([]);
});

test('what stands where the role has moved to is deleted, and nothing more is made there', async () => {
  const shell = setting({ region, plan: rehearsed() });
  await shell.store.keepRehearsal(last());
  await shell.store.moveRole(region, 1, 'flow', start);
  const TagList = [{ Key: 'breakwater:rehearsal', Value: 'breakwater-test/database' }];
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available', TagList }] });
  rds.on(DeleteDBInstanceCommand).resolves({});
  await run(shell);
  expect(await shell.store.readRehearsal('database', region)).toMatchObject({ endedAt: start, wrong: [] });
  await run(shell);
  expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  rds.on(DescribeDBInstancesCommand).rejects(Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault' }));
  await run(shell);
  expect(rds.commandCalls(RestoreDBInstanceToPointInTimeCommand)).toEqual([]);
  expect(told()).toEqual([]);
});
