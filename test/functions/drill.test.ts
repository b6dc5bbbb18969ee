// The steps of a drill: what keeps one from beginning, what is broken and when not, what ends it, how it is concluded.
import 'aws-sdk-client-mock-vitest/extend';
import {
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parsePlan } from '../../check/plan.ts';
import { ServiceFault } from '../../functions/aws/calls/signed.ts';
import { FisClient, type FisCommand } from '../../functions/aws/experiments.ts';
import { handler as conclude } from '../../functions/conclude-drill.ts';
import { type DrillRecord, homeFrom } from '../../functions/domain/drills/record.ts';
import { drillFacts } from '../../functions/domain/drills/words.ts';
import type { ApprovalRequest } from '../../functions/domain/types.ts';
import { handler as follow } from '../../functions/follow-drill.ts';
import { handler as inject } from '../../functions/inject-fault.ts';
import { handler as prepare } from '../../functions/prepare-drill.ts';
import { handler as reportFailure } from '../../functions/report-failure.ts';
import { handler as requestApproval } from '../../functions/request-approval.ts';
import { answerRequest, deliver } from '../../functions/shared/approval/approve.ts';
import { endGoneDrill } from '../../functions/shared/drills/conclude-drill.ts';
import { handler as verify } from '../../functions/verify-drill.ts';
import { mocked } from '../mocked.ts';
import { plan as base } from '../plan.ts';
import { incidentOf, request as sampleRequest } from '../store/samples.ts';
import { failureOf, regionIncident, type Setting, setting, start } from './setting.ts';

const rds = mocked(RDSClient);
const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const window = { days: ['mon'], from: '00:00', to: '23:00', timeZone: 'UTC' }; // the tests begin on a Monday, at 03:00
const common = { scenario: 'calm', every: 'month', withinSeconds: 300, window };
const target = { fault: 'database-failover', asset: 'database' };
const plan = parsePlan({
  ...base,
  drills: [
    { ...common, name: 'failover', kind: 'fault', target },
    { ...common, name: 'zone', kind: 'fault', target: { fault: 'zone', zone: 'use1-az1', seconds: 300 } },
    { ...common, name: 'region', kind: 'region' },
    { ...common, name: 'talk', kind: 'tabletop' },
    { ...common, name: 'ask', kind: 'approvers' },
    { ...common, name: 'move', kind: 'region', staysDays: 3 },
  ],
});
const execution = 'run-1';
let shell: Setting;
let passes: boolean;

const database = { DBInstanceStatus: 'available', MultiAZ: true, AvailabilityZone: 'us-east-1a' };
const seen = (change: object) =>
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ ...database, ...change }] });
const run = async (): Promise<DrillRecord> => (await shell.store.readDrill(execution)) as DrillRecord;
const subjects = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

/** What RDS has as snapshots; it makes one at once. */
const snapshots: DBSnapshot[] = [];
const preparedOnce = (drill = 'failover', requestedBy = 'schedule', name = execution) =>
  prepare.on(shell)({
    execution: name,
    startedAt: new Date(startedAt ?? shell.at).toISOString(),
    input: { drill, requestedBy },
  });
let startedAt: number | null;

/** As its state machine asks: again, where it is not done. */
async function prepared(drill?: string, requestedBy?: string, name?: string): Promise<unknown> {
  try {
    return await preparedOnce(drill, requestedBy, name);
  } catch (error) {
    if ((error as Error).name !== 'InProgress') throw error;
    return preparedOnce(drill, requestedBy, name);
  }
}

beforeEach(async () => {
  rds.reset();
  sfn.reset();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  rds.on(RebootDBInstanceCommand).resolves({});
  snapshots.length = 0;
  startedAt = null;
  rds.on(DescribeDBSnapshotsCommand).callsFake(() => ({ DBSnapshots: snapshots }));
  rds.on(DeleteDBSnapshotCommand).resolves({});
  rds.on(CreateDBSnapshotCommand).callsFake(({ DBSnapshotIdentifier, Tags }) => {
    const SnapshotCreateTime = new Date(shell.at + 1_000);
    snapshots.push({ DBSnapshotIdentifier, TagList: Tags, Status: 'available', SnapshotCreateTime });
    return {};
  });
  seen({});
  passes = true;
  shell = setting({ plan, fetch: async () => new Response('', { status: passes ? 200 : 503 }) });
  const checks = [{ check: 'replica', state: 'ready', why: 'it replicates' }] as const;
  await shell.store.keepReadiness({ region: 'us-west-2', at: start, checks });
});

describe('prepared', () => {
  test('is a drill that is due: people hear of it, and the record has the state before', async () => {
    expect(await prepared()).toEqual({ goes: 'on' });
    expect(await run()).toMatchObject({
      region: 'us-east-1',
      asset: 'database',
      faultAt: null,
      outcome: null,
      why: [],
    });
    expect((await run()).before).toContain('us-east-1 is primary in epoch 1');
    expect(subjects()).toEqual([
      '[Breakwater] [DRILL] For information: failover begins in us-east-1',
      '[Breakwater] [DRILL] For information: failover begins in us-east-1',
    ]);
    expect(await prepared()).toEqual({ goes: 'on' });
    expect(subjects()).toHaveLength(2);
  });

  const topic = (role: string) => ({ TopicArn: `arn:aws:sns:us-east-1:111122223333:breakwater-test-${role}` });
  const gone = Object.assign(new Error('gone'), { name: 'NotFoundException', $metadata: { httpStatusCode: 404 } });

  test('nothing begins before somebody has heard of it, also where it is asked for again', async () => {
    sns.on(PublishCommand).rejects(gone);
    expect((await failureOf(prepared())).name).toBe('CannotProceed');
    expect((await failureOf(prepared())).name).toBe('CannotProceed');
    sns.on(PublishCommand).resolves({});
    expect(await prepared()).toEqual({ goes: 'on' });
    expect(subjects()).toContain('[Breakwater] [DRILL] For information: failover begins in us-east-1');
  });

  test('whose topic fails keeps nobody else from hearing how it begins and ends, and others hear whom nobody told', async () => {
    const [role = ''] = plan.notifications.failure;
    sns.on(PublishCommand, topic(role)).rejects(gone);
    expect(await prepared()).toEqual({ goes: 'on' });
    expect(subjects()).toContainEqual(expect.stringContaining(`NOT TOLD: ${role}`));
    expect(await conclude.on(shell)({ execution, refused: false, problem: null })).toMatchObject({ outcome: 'failed' });
    expect(subjects()).toContainEqual(expect.stringContaining('[DRILL] failover'));
  });

  test.for<[string, () => Promise<unknown>, string]>([
    [
      'the lever is pulled',
      () => shell.store.pullLever('ana', 'users complain', start),
      'ana pulled the lever of the drills: users complain',
    ],
    [
      'an incident is open',
      () => shell.store.writeIncident(incidentOf({})),
      'incident incident-1 is open in us-east-1',
    ],
    ['somebody froze', () => shell.store.freeze('ana', 'a release', start), 'ana froze the automation: a release'],
    [
      'the standby is not ready',
      () =>
        shell.store.keepReadiness({
          region: 'us-west-2',
          at: start + 1,
          checks: [{ check: 'replica', state: 'not-ready', why: 'it lags' }],
        }),
      'us-west-2 could not take over: replica: it lags',
    ],
    [
      'nobody has looked for long',
      async () => {
        shell.at = start + 1_000_000;
      },
      'the readiness of us-west-2 is not known',
    ],
    [
      'the service fails',
      async () => {
        passes = false;
      },
      'the service failed 3 of 3 questions before the drill',
    ],
    [
      'another drill runs',
      async () => {
        await prepared('talk', 'ana', 'other');
      },
      'another drill runs: talk',
    ],
  ])('is none while %s, and the record says why', async ([, happens, why]) => {
    await happens();
    expect(await prepared()).toEqual({ goes: 'refused' });
    expect((await run()).why).toContain(why);
  });

  test('is none by its schedule outside of its window, and any by hand', async () => {
    shell.at = start + 86_400_000;
    await shell.store.keepReadiness({ region: 'us-west-2', at: shell.at, checks: [] });
    expect(await prepared()).toEqual({ goes: 'refused' });
    expect((await run()).why).toEqual(['2026-11-24 is a tue, expected one of mon']);
    expect(await prepared('failover', 'ana', 'by-hand')).toEqual({ goes: 'on' });
  });

  test('is nothing where it is not due, or where the other region runs it: nobody hears of that', async () => {
    await prepared();
    await shell.store.keepDrill({ ...(await run()), outcome: 'passed' });
    expect(await prepared('failover', 'schedule', 'later')).toEqual({ goes: 'nothing' });
    expect(await prepared('region', 'schedule', 'elsewhere')).toEqual({ goes: 'nothing' });
    expect(await shell.store.listDrills()).toHaveLength(1);
  });

  test('is nothing where its schedule fires twice: nobody hears of the second', async () => {
    await prepared();
    const told = subjects().length;
    expect(await prepared('failover', 'schedule', 'again')).toEqual({ goes: 'nothing' });
    expect(subjects()).toHaveLength(told);
    expect(await prepared('zone', 'schedule', 'other')).toEqual({ goes: 'refused' });
    expect(rds).toHaveReceivedCommandTimes(CreateDBSnapshotCommand, 1);
  });

  test('what the plan does not have is one line', async () => {
    expect(await failureOf(prepared('chaos'))).toMatchObject({
      name: 'InvalidInput',
      message: 'input.drill: is chaos, expected one of failover, zone, region, talk, ask, move',
    });
    expect(await failureOf(prepared('region', 'ana'))).toMatchObject({
      message: 'input.drill: region is started in us-east-1, expected us-west-2',
    });
  });

  test('the lock of a drill that was left behind is taken over', async () => {
    await prepared('failover', 'ana', 'other');
    await shell.store.keepWaiver('other', 'abort', 'ana', 'aborted', start);
    expect(await prepared()).toEqual({ goes: 'on' });
  });
});

describe('backed up', () => {
  const name = 'breakwater-test-database-drill-2026-11-23-03-00-00';
  const taken = () => rds.commandCalls(CreateDBSnapshotCommand).map(({ args: [{ input }] }) => input);
  const own = [{ Key: 'breakwater:drill', Value: 'breakwater-test/database' }];

  test('is the database that is to be failed over, once, by a snapshot with the tag of drills, before anybody is told', async () => {
    expect(await failureOf(preparedOnce())).toMatchObject({
      name: 'InProgress',
      message: `snapshot ${name} of database has begun`,
    });
    expect(subjects()).toEqual([]);
    const made = snapshots[0] as DBSnapshot;
    made.Status = 'creating';
    expect(await failureOf(preparedOnce())).toMatchObject({ name: 'InProgress' });
    made.Status = 'available';
    expect(await preparedOnce()).toEqual({ goes: 'on' });
    expect(await preparedOnce()).toEqual({ goes: 'on' });
    expect(taken()).toMatchObject([{ DBInstanceIdentifier: 'chatops-prod', DBSnapshotIdentifier: name }]);
    expect(taken()[0]?.Tags).toEqual(expect.arrayContaining(own));
    const line = `database is kept as snapshot ${name} in us-east-1`;
    expect((await run()).before.filter((one) => one === line)).toHaveLength(1);
    expect(await shell.store.readAudit(execution)).toMatchObject([{ call: 'rds:CreateDBSnapshot', drill: true }]);
  });

  test('once it is whole the snapshots of earlier drills go, and no other; before that none does', async () => {
    const old = (DBSnapshotIdentifier: string, TagList: DBSnapshot['TagList'] = own) =>
      snapshots.push({ DBSnapshotIdentifier, TagList, Status: 'available', SnapshotCreateTime: new Date(start - 1) });
    old('breakwater-test-database-drill-2026-08-23-03-00-00');
    old('breakwater-test-database-drill-by-hand', []);
    old('breakwater-other-database-drill-2026-08-23-03-00-00', [
      { Key: 'breakwater:drill', Value: 'breakwater-other/database' },
    ]);
    await failureOf(preparedOnce());
    expect(rds).not.toHaveReceivedCommand(DeleteDBSnapshotCommand);
    await preparedOnce();
    expect(rds.commandCalls(DeleteDBSnapshotCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { DBSnapshotIdentifier: 'breakwater-test-database-drill-2026-08-23-03-00-00' },
    ]);
  });

  const refused = async (problem: object) => {
    expect(await conclude.on(shell)({ execution, refused: true, problem })).toEqual({ outcome: 'refused' });
    expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
  };
  const fault = (name: string) => Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: 400 } });

  test.for<[string, () => unknown, string]>([
    [
      'RDS has too many of them',
      () => rds.on(CreateDBSnapshotCommand).rejects(fault('SnapshotQuotaExceeded')),
      'take snapshot breakwater-test-database-drill-2026-11-23-03-00-00 of chatops-prod',
    ],
    [
      'it fails',
      () => snapshots.push({ DBSnapshotIdentifier: name, TagList: own, Status: 'failed' }),
      `snapshot ${name} of database has failed`,
    ],
  ])('a drill is not begun where %s: one line says so, and it stays due', async ([, happens, why]) => {
    await happens();
    const { name: error, message } = await failureOf(prepared());
    expect({ error, message }).toMatchObject({ error: 'CannotProceed', message: expect.stringContaining(why) });
    await refused({ Error: error, Cause: JSON.stringify({ errorType: error, errorMessage: message }) });
    expect((await run()).why).toEqual([message]);
    expect(subjects().at(-1)).toBe('[Breakwater] [DRILL] For information: failover was not begun');
  });

  test.for<[string, () => unknown, object]>([
    ['the lever is pulled', () => shell.store.pullLever('ana', 'stop', start), { name: 'Aborted' }],
    ['an incident opens', () => shell.store.writeIncident(incidentOf({})), { name: 'GivesWay' }],
  ])('and nothing is told or broken where %s meanwhile', async ([, happens, error]) => {
    await failureOf(preparedOnce());
    await happens();
    expect(await failureOf(preparedOnce())).toMatchObject(error);
    expect(subjects()).toEqual([]);
  });

  test('that takes longer than the window is open holds the drill', async () => {
    startedAt = shell.at;
    await failureOf(preparedOnce());
    shell.at = start + 19.96 * 3_600_000;
    expect(await preparedOnce()).toEqual({ goes: 'refused' });
    expect((await run()).why).toEqual([
      expect.stringContaining('expected a start that leaves 300 s between 00:00 and 23:00'),
    ]);
  });

  test.for<[string, string, string[]]>([
    ['zone', 'us-east-1', ['chatops-prod']],
    ['move', 'us-west-2', ['chatops-prod']],
    ['region', 'us-west-2', []],
    ['talk', 'us-east-1', []],
    ['ask', 'us-west-2', []],
  ])('of the drill %s, in %s, are %j: what touches no database backs none up', async ([drill, region, names]) => {
    Object.assign(shell, { region });
    await prepared(drill);
    expect(taken().map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual(names);
  });
});

test('an incident that drills are overdue keeps no drill from beginning, and any other does', async () => {
  const overdue = { id: 'overdue', region: 'us-west-2', level: 1 } as const;
  const [decision] = incidentOf({}).decisions;
  const about = (...causes: string[]) => incidentOf({ ...overdue, decisions: [{ ...decision, causes } as never] });
  await shell.store.writeIncident(about('readiness:last-drill'));
  expect(await prepared()).toEqual({ goes: 'on' });
  await shell.store.writeIncident({ ...about('readiness:last-drill', 'readiness:replica'), version: 2 });
  expect(await failureOf(inject.on(shell)({ execution }))).toMatchObject({ name: 'GivesWay' });
});

describe('injected', () => {
  beforeEach(() => prepared());

  test('is a fault once, with a record before the call', async () => {
    await inject.on(shell)({ execution });
    await inject.on(shell)({ execution });
    expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
    expect(rds).toHaveReceivedCommandWith(RebootDBInstanceCommand, {
      DBInstanceIdentifier: 'chatops-prod',
      ForceFailover: true,
    });
    expect(await run()).toMatchObject({ faultAt: start, struck: 'us-east-1a' });
    expect(await shell.store.readAudit(execution)).toContainEqual(
      expect.objectContaining({ call: 'rds:RebootDBInstance', actor: 'schedule', drill: true }),
    );
  });

  test.for<[string, () => unknown, string, string]>([
    [
      'the target is not there',
      () => rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [] }),
      'CannotProceed',
      'database chatops-prod is not in us-east-1',
    ],
    [
      'it does not work',
      () => seen({ DBInstanceStatus: 'modifying' }),
      'CannotProceed',
      'database chatops-prod is modifying, expected available',
    ],
    [
      'it has no other zone',
      () => seen({ MultiAZ: false }),
      'CannotProceed',
      'database chatops-prod has no standby in another zone',
    ],
    [
      'the lever is pulled',
      () => shell.store.pullLever('ana', 'stop', start),
      'Aborted',
      'ana pulled the lever of the drills: stop',
    ],
    [
      'an incident opens',
      () => shell.store.writeIncident(incidentOf({ level: 1 })),
      'GivesWay',
      'incident incident-1 is open in us-east-1',
    ],
    [
      'a flow holds the region',
      () =>
        shell.store.takeLock({
          target: 'us-east-1',
          execution: 'flow',
          incident: 'i',
          action: 'az-failover',
          at: start,
        }),
      'GivesWay',
      'flow holds us-east-1',
    ],
  ])('is nothing where %s', async ([, happens, name, message]) => {
    await happens();
    expect(await failureOf(inject.on(shell)({ execution }))).toMatchObject({ name, message });
    expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
  });
});

describe('followed', () => {
  beforeEach(async () => {
    await prepared();
    await inject.on(shell)({ execution });
  });
  const at = (seconds: number): Promise<unknown> => {
    shell.at = start + seconds * 1000;
    return follow.on(shell)({ execution });
  };

  test('until the database stands in the other zone, users are served, and both have held', async () => {
    expect(await failureOf(at(10))).toMatchObject({
      name: 'InProgress',
      message: 'database chatops-prod still stands in us-east-1a',
    });
    seen({ AvailabilityZone: 'us-east-1b' });
    passes = false;
    expect(await failureOf(at(60))).toMatchObject({ message: 'users are not served' });
    passes = true;
    expect(await failureOf(at(90))).toMatchObject({ message: 'it has to hold' });
    expect(await at(90 + base.evidence.recoverySeconds)).toEqual({ recoveredAt: start + 90_000 });
    expect((await run()).asked.during).toMatchObject({ asked: 4, failed: 1 });
  });

  test('and a break begins the recovery anew', async () => {
    seen({ AvailabilityZone: 'us-east-1b' });
    await failureOf(at(60));
    passes = false;
    await failureOf(at(100));
    passes = true;
    await failureOf(at(120));
    expect(await run()).toMatchObject({ recoveredAt: start + 120_000 });
  });

  test('beside its own incident, and not beside a worse one', async () => {
    seen({ AvailabilityZone: 'us-east-1b' });
    const own = incidentOf({ level: 1, openedAt: start + 30_000 });
    await shell.store.writeIncident(own);
    expect(await failureOf(at(500))).toMatchObject({ name: 'InProgress', message: 'incident incident-1 is open' });
    expect(await run()).toMatchObject({ incident: 'incident-1' });
    await shell.store.writeIncident({ ...own, level: 2, version: 2 });
    expect(await failureOf(at(510))).toMatchObject({ name: 'GivesWay' });
  });

  test('and given up in the end', async () => {
    expect(await failureOf(at(3_600))).toMatchObject({
      name: 'CannotProceed',
      message: 'it has not recovered: database chatops-prod still stands in us-east-1a',
    });
  });
});

describe('a dry run of the region', () => {
  beforeEach(async () => {
    shell = { ...shell, region: 'us-west-2' } as Setting;
    sfn.on(StartExecutionCommand).resolves({});
    await prepared('region');
    await inject.on(shell)({ execution });
  });

  test('is started as a person would, and followed to its end', async () => {
    const [{ args } = { args: [{ input: {} }] }] = sfn.commandCalls(StartExecutionCommand);
    expect(args[0].input).toMatchObject({ name: 'run-1-dry-run' });
    expect(JSON.parse((args[0].input as { input: string }).input)).toMatchObject({
      target: { region: 'us-east-1' },
      expectedEpoch: 1,
      dryRun: true,
      drill: true,
    });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({ name: 'InProgress' });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED' });
    expect(await follow.on(shell)({ execution })).toEqual({ recoveredAt: start });
  });

  test('that fails is a drill that fails', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED' });
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({
      message: 'the dry run run-1-dry-run is FAILED',
    });
  });
});

test('a drill at the table touches nothing, and is over at once', async () => {
  await prepared('talk');
  await inject.on(shell)({ execution });
  expect(await follow.on(shell)({ execution })).toEqual({ recoveredAt: start });
  expect(await verify.on(shell)({ execution })).toEqual({ wrong: [] });
  expect(rds.calls()).toEqual([]);
});

describe('concluded', () => {
  beforeEach(() => prepared());
  const concluded = (problem: object | null = null, refused = false) =>
    conclude.on(shell)({ execution, refused, problem });

  test.for<[string, string, object | null, string]>([
    ['passed', 'passed', null, '[Breakwater] [DRILL] For information: failover PASSED'],
    [
      'stopped',
      'stopped',
      { Error: 'Aborted', Cause: '{"errorType":"Aborted","errorMessage":"ana pulled it"}' },
      '[Breakwater] [DRILL] failover was stopped',
    ],
    [
      'given way',
      'gave-way',
      { Error: 'GivesWay', Cause: '' },
      '[Breakwater] [DRILL] failover gave way to something real',
    ],
    ['failed', 'failed', { Error: 'CannotProceed', Cause: '' }, '[Breakwater] [DRILL] Not urgent: failover FAILED'],
    [
      'failed for its function',
      'failed',
      { Error: 'States.Timeout' },
      '[Breakwater] [DRILL] Not urgent: failover FAILED',
    ],
  ])('as %s', async ([, outcome, problem, told]) => {
    await shell.store.keepDrill({ ...(await run()), faultAt: start });
    expect(await concluded(problem)).toEqual({ outcome });
    expect(await run()).toMatchObject({ outcome, endedAt: start });
    expect(subjects().at(-1)).toBe(told);
    expect((await shell.store.readStanding('drills')).lock).toBeNull();
    expect(await concluded(null)).toEqual({ outcome });
  });

  test('as failed, where nothing was ever begun', async () => {
    expect(await concluded()).toEqual({ outcome: 'failed' });
  });

  test('by what was found, where it took too long or the service is worse afterwards', async () => {
    await inject.on(shell)({ execution });
    await shell.store.keepDrill({ ...(await run()), recoveredAt: start + 400_000 });
    passes = false;
    expect(await verify.on(shell)({ execution })).toEqual({
      wrong: [
        'it took 6 min 40 s, and the plan says within 5 min',
        'the service passed 0 of 3 times in a row afterwards',
      ],
    });
    expect(await concluded()).toEqual({ outcome: 'failed' });
  });
});

describe('broken by AWS FIS', () => {
  const sent: FisCommand[] = [];
  let status: string;
  const said = (name: string, code: number) => new ServiceFault(name, 'no', code);
  let answers: (command: FisCommand) => unknown;

  beforeEach(async () => {
    sent.length = 0;
    status = 'running';
    answers = () => ({ experiment: { id: 'EXP1', state: { status, reason: 'it says so' } } });
    vi.spyOn(FisClient.prototype, 'send').mockImplementation(async (command) => {
      sent.push(command);
      return answers(command) as never;
    });
    Object.assign(shell, { experiments: ['EXT1'] }); // on the same clock
    await prepared('zone');
  });
  const operations = () => sent.map(({ operation }) => operation);
  const followed = () => follow.on(shell)({ execution });

  test('is a zone: the experiment is started once, also where its id was not kept, by the same token', async () => {
    await inject.on(shell)({ execution });
    expect(await run()).toMatchObject({ experiment: 'EXP1', faultAt: start, struck: 'use1-az1', zone: 'use1-az1' });
    await shell.store.keepDrill({ ...(await run()), experiment: null });
    await inject.on(shell)({ execution });
    await inject.on(shell)({ execution });
    const input = { clientToken: execution, experimentTemplateId: 'EXT1' };
    expect(sent).toEqual([
      { operation: 'StartExperiment', input },
      { operation: 'StartExperiment', input },
    ]);
    expect(await shell.store.readAudit(execution)).toContainEqual(
      expect.objectContaining({ call: 'fis:StartExperiment', target: 'use1-az1' }),
    );
  });

  test('is nothing where the stack has no template', async () => {
    shell = { ...shell, experiments: [''] } as Setting;
    expect(await failureOf(inject.on(shell)({ execution }))).toMatchObject({
      message: 'the stack of us-east-1 has no experiment for the drill zone',
    });
  });

  test('has not struck before FIS acts, and is not over before FIS has ended', async () => {
    await inject.on(shell)({ execution });
    status = 'pending';
    expect((await failureOf(followed())).message).toBe('experiment EXP1 has not begun');
    status = 'running';
    expect((await failureOf(followed())).message).toBe('what was broken is broken still');
    shell.at = start + base.evidence.recoverySeconds * 1000;
    expect((await failureOf(followed())).message).toBe('what was broken is broken still');
    status = 'completed';
    expect(await followed()).toEqual({ recoveredAt: start });
  });

  test.for(['failed', 'stopped', 'cancelled'])('fails where FIS says %s: no target, or an alarm', async (said) => {
    await inject.on(shell)({ execution });
    status = said;
    expect(await failureOf(followed())).toMatchObject({
      name: 'CannotProceed',
      message: `experiment EXP1 has not broken it: ${said}: it says so`,
    });
  });

  const concluded = () =>
    conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });

  test('ends with its drill', async () => {
    await inject.on(shell)({ execution });
    expect(await concluded()).toEqual({ outcome: 'stopped' });
    expect(operations().slice(-2)).toEqual(['GetExperiment', 'StopExperiment']);
    expect(await shell.store.readAudit(execution)).toContainEqual(
      expect.objectContaining({ call: 'fis:StopExperiment', target: 'EXP1', drill: true }),
    );
  });

  test('is left alone where it is over', async () => {
    await inject.on(shell)({ execution });
    status = 'completed';
    await concluded();
    expect(operations()).not.toContain('StopExperiment');
  });

  test('that cannot be ended is said to people, and costs the conclusion nothing', async () => {
    await inject.on(shell)({ execution });
    answers = () => {
      throw said('AccessDeniedException', 403);
    };
    expect(await concluded()).toEqual({ outcome: 'stopped' });
    expect((await run()).why).toContainEqual(expect.stringMatching(/^end experiment EXP1 in us-east-1 by hand: /));
  });

  test('ends with an execution that is gone, by the event of it or by the next sweep', async () => {
    await inject.on(shell)({ execution });
    const machine = 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-drill';
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await endGoneDrill(shell);
    expect((await run()).outcome).toBeNull();
    sfn.on(DescribeExecutionCommand).resolves({ status: 'TIMED_OUT', stopDate: new Date(start) });
    await endGoneDrill(shell);
    expect(await run()).toMatchObject({ outcome: 'failed', why: ['its execution is TIMED_OUT'] });
    expect(operations()).toContain('StopExperiment');
    await shell.store.keepDrill({ ...(await run()), execution: 'run-2', outcome: null, why: [] });
    const detail = { executionArn: `${machine.replace('stateMachine', 'execution')}:run-2`, stateMachineArn: machine };
    await reportFailure.on(shell)({ detail: { ...detail, name: 'run-2', status: 'ABORTED' } });
    expect(await shell.store.readDrill('run-2')).toMatchObject({ outcome: 'stopped' });
  });
});

describe('the approvers', () => {
  const request = async (): Promise<ApprovalRequest> =>
    (await shell.store.readRequest('run-1-asked')) as ApprovalRequest;
  const answers = (approver: string, answer: 'approve' | 'reject') =>
    answerRequest(
      {
        ...{ request: 'run-1-asked', approver, answer, unfenced: [], reason: 'a drill' },
        ...{ at: shell.now(), from: '203.0.113.7', who: approver, how: 'page' },
      },
      shell,
    );

  beforeEach(async () => {
    Object.assign(shell, { region: 'us-west-2', linkKey: null });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await prepared('ask');
    await inject.on(shell)({ execution });
  });

  test('are asked once, as on the day, by a request that says DRILL first and is bound to nothing', async () => {
    await inject.on(shell)({ execution });
    const { required, roles } = plan.approval;
    expect(await request()).toMatchObject({ drill: true, target: 'us-east-1', required, roles, plan: 'none: a drill' });
    // What an approval would start on the day, by the plan's names.
    expect((await request())?.shown['waves']).toEqual([expect.arrayContaining(['database', 'cache']), ['settings']]);
    const asked = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
    const own = asked.filter(({ Subject = '' }) => Subject.includes('pprov'));
    expect(new Set(own.map(({ Subject }) => Subject?.replace(/by .* UTC/, 'by TIME UTC')))).toEqual(
      new Set([
        '[Breakwater] [DRILL] Approve or reject by TIME UTC: failover of us-east-1 to us-west-2',
        '[Breakwater] [DRILL] For information: approval is asked for: failover of us-east-1 to us-west-2',
      ]),
    );
    expect(own.length).toBe(new Set([...roles, ...plan.notifications.level3]).size);
    for (const { Message } of own)
      expect(Message).toMatch(/^DRILL: Answer as in a real incident\. Nothing is changed, whatever you answer\./);
  });

  test('are waited for: the record says who answered, and when, and no flow hears of it', async () => {
    expect((await failureOf(follow.on(shell)({ execution }))).message).toContain('0 of 2 have answered');
    shell.at = start + 60_000;
    expect(await answers('dba', 'approve')).toMatchObject({ valid: true, outcome: 'pending' });
    shell.at = start + 90_000;
    expect(await answers('infra-lead', 'reject')).toMatchObject({ valid: true, outcome: 'rejected' });
    expect(await follow.on(shell)({ execution })).toEqual({ recoveredAt: start + 90_000 });
    expect((await run()).answers).toEqual([
      { approver: 'dba', answer: 'approve', at: start + 60_000 },
      { approver: 'infra-lead', answer: 'reject', at: start + 90_000 },
    ]);
    expect(drillFacts(await run())).toContain('dba approved after 1 min.');
    expect(sfn).not.toHaveReceivedCommand(SendTaskSuccessCommand);
  });

  test('who do not answer in time have failed it', async () => {
    shell.at = start + 300_000;
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({
      name: 'CannotProceed',
      message: expect.stringContaining('not yet: '),
    });
  });

  test('are asked no more once it has ended', async () => {
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    expect(await shell.store.readOutcome('run-1-asked')).toMatchObject({ outcome: 'void' });
    expect(await answers('dba', 'approve')).toMatchObject({ valid: false });
  });
});

describe('a switchover that stays', () => {
  const away = 'run-1-away';
  const manual = (id: string) => incidentOf({ id: `manual-${id}`, level: 3, openedAt: start + 1_000 });
  const roles = (primary: string, epoch: number) => shell.store.moveRole(primary, epoch - 1, away, shell.now());
  const moved = async (change: Partial<DrillRecord>) =>
    shell.store.keepDrill({ ...(await run()), faultAt: start, endedAt: start, outcome: 'passed', ...change });

  /** As the flow asks people: round 1. */
  const askedBy = async (flow: string) => {
    const bounds = { plan: 'x', target: 'us-west-2', mode: 'switchover', way: 'promote-replica', unfenced: [] };
    const incident = { ...regionIncident, execution: flow, mode: 'switchover', drill: true, manual: true };
    const assessment = { bounds: { ...bounds, lossCeilingSeconds: null } };
    const input = { incident, assessment, round: 1, changed: null, taskToken: 't' };
    const { region: target, id } = regionIncident;
    const { lock } = await shell.store.readStanding(target);
    if (lock !== null) await shell.store.releaseLock(target, lock.execution);
    await shell.store.takeLock({ target, execution: flow, incident: id, action: 'request-approval', at: start });
    return (await requestApproval.on(shell)(input)) as { request: string };
  };

  beforeEach(async () => {
    Object.assign(shell, { region: 'us-west-2' });
    sfn.on(StartExecutionCommand).resolves({});
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await prepared('move');
    await inject.on(shell)({ execution });
  });

  test('is one that people are asked about as always, and a drill in every record', async () => {
    const [{ args } = { args: [{ input: {} }] }] = sfn.commandCalls(StartExecutionCommand);
    const { name, input } = args[0].input as { name: string; input: string };
    expect(name).toBe(away);
    expect(JSON.parse(input)).toMatchObject({ mode: 'switchover', dryRun: false, drill: true, expectedEpoch: 1 });
    expect(await run()).toMatchObject({ leg: 'away', incident: away });
  });

  test('goes on beside the incident and the lock of its own flow, and of no other', async () => {
    await shell.store.writeIncident(manual(away));
    const lock = { target: 'us-east-1', execution: away, incident: `manual-${away}`, at: start };
    await shell.store.takeLock({ ...lock, action: 'request-approval' });
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({
      message: `the switchover ${away} goes on`,
    });
    await shell.store.writeIncident({ ...manual('other'), region: 'us-west-2' });
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({ name: 'GivesWay' });
  });

  test('that is stopped while people are asked moves nobody: its request is void, and the record says so', async () => {
    const request = { ...sampleRequest, execution: away, expiresAt: start + 3_600_000, drillMoves: true as const };
    await shell.store.openRequest(request, 'token');
    await shell.store.openRequest({ ...request, id: 'other', execution: 'another-flow' }, 'token');
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    expect(await shell.store.readOutcome(request.id)).toMatchObject({ outcome: 'void' });
    expect((await shell.store.listOpenRequests()).map(({ id }) => id)).toEqual(['other']);
    expect((await run()).why).toContain(`request ${request.id} is void: no answer to it moves users any more`);
    const answer = {
      approver: 'dba',
      answer: 'approve',
      unfenced: [],
      reason: '',
      at: start,
      from: 'x',
      who: 'dba',
      how: 'page',
    } as const;
    expect(await answerRequest({ ...answer, request: request.id }, shell)).toMatchObject({ valid: false });
    expect(sfn).not.toHaveReceivedCommand(SendTaskSuccessCommand);
  });

  test('that is stopped before its flow has asked: the flow asks nobody, and holds', async () => {
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    const told = subjects().length;
    const { request } = await askedBy(away);
    expect(await shell.store.readOutcome(request)).toMatchObject({ outcome: 'void' });
    expect(subjects()).toHaveLength(told);
    expect((await shell.store.listOpenRequests()).map(({ id }) => id)).toEqual([]);
  });

  test('that is stopped before its flow has asked gives its region back: the flow hears that nobody is asked', async () => {
    sfn.on(SendTaskSuccessCommand).resolves({});
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    const { request } = await askedBy(away);
    await deliver((await shell.store.readRequest(request)) as ApprovalRequest, 'void', shell);
    const output = JSON.stringify({ outcome: 'void', request });
    expect(sfn).toHaveReceivedCommandWith(SendTaskSuccessCommand, { taskToken: 't', output });
  });

  test('that goes on asks, and so does a switchover that no drill has made', async () => {
    const { request } = await askedBy(away);
    expect(await shell.store.readOutcome(request)).toBeNull();
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    expect(await shell.store.readOutcome((await askedBy('by-hand')).request)).toBeNull();
  });

  test('that is stopped once it was approved: people read how to end the flow that goes on', async () => {
    const request = { ...sampleRequest, execution: away, expiresAt: start + 3_600_000, drillMoves: true as const };
    await shell.store.openRequest(request, 'token');
    await shell.store.settleRequest(request.id, 'approved', start);
    await conclude.on(shell)({ execution, refused: false, problem: { Error: 'Aborted', Cause: 'ana' } });
    expect((await run()).why).toContain(
      `the switchover ${away} was approved before, and does not end with the drill: npm run abort -- ${away} --stage test ends it`,
    );
  });

  test('that nobody approved has failed, and one that has moved the role is over', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED' });
    expect(await failureOf(follow.on(shell)({ execution }))).toMatchObject({
      message: `the switchover ${away} has ended, and us-east-1 serves users`,
    });
    await roles('us-west-2', 2);
    expect(await follow.on(shell)({ execution })).toEqual({ recoveredAt: start });
  });

  test('comes home after its days, from where users are by then, and not before', async () => {
    await moved({});
    await roles('us-west-2', 2);
    Object.assign(shell, { region: 'us-east-1' });
    const days = (count: number) => start + count * 86_400_000;
    shell.at = days(2);
    await shell.store.keepReadiness({ region: 'us-east-1', at: shell.at, checks: [] });
    expect(await prepared('move', 'schedule', 'early')).toEqual({ goes: 'nothing' });
    shell.at = days(7);
    await shell.store.keepReadiness({ region: 'us-east-1', at: shell.at, checks: [] });
    expect(await prepared('move', 'schedule', 'run-2')).toEqual({ goes: 'on' });
    expect(await shell.store.readDrill('run-2')).toMatchObject({ leg: 'home', region: 'us-east-1' });
    expect(homeFrom({ name: 'move', staysDays: 3 }, await shell.store.listDrills())).toBe(days(3));
    await shell.store.keepDrill({ ...((await shell.store.readDrill('run-2')) as DrillRecord), outcome: 'passed' });
    expect(homeFrom({ name: 'move', staysDays: 3 }, await shell.store.listDrills())).toBeNull();
  });
});
