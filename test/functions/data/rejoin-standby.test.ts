// The way home of a database: each step by what stands there, what RDS is asked for, what people are told, and that nothing is done twice.
import {
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { SqlFault, type SqlReason } from '../../../functions/aws/sql/faults.ts';
import { SqlClient } from '../../../functions/aws/sql/sql.ts';
import { type Rejoin, rejoinSentence } from '../../../functions/domain/recovery/rejoin.ts';
import { nextRejoin, type RejoinSeen } from '../../../functions/kinds/rds-instance/rules/rejoining.ts';
import { failback } from '../../../functions/kinds/undo.ts';
import { handler } from '../../../functions/rejoin-standby.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { secretsOf } from '../../servers/sql.ts';
import { planWithData } from '../../with-data.ts';
import { failureOf, incident, type Setting, setting, start } from '../setting.ts';

const rds = mocked(RDSClient);
const sns = mocked(SNSClient);
const minute = 60_000;
const home = 'us-east-1';
const serving = 'us-west-2';
const gaveUp = 'us-east-1-20261123T025900000Z-request-approval-1';
const name = 'chatops-prod-restored';
const aside = 'breakwater-test-database-aside-2';

const rejoin: Rejoin = {
  ...{ asset: 'database', region: home, epoch: 2, undoes: { execution: gaveUp, incident: incident.id } },
  ...{ by: 'operator', reason: 'it is back', begunAt: start, old: 'chatops-prod', proof: null },
  ...{ snapshot: null, snapshotAt: null, instance: null, askedAt: null, replicatesAt: null, endedAt: null, wrong: [] },
};
const closed = { status: 'available', closed: true };
const ours = { status: 'available', works: true, isOurs: true, follows: true, replicating: true };
const kept = { proof: 'nobody could connect', snapshot: aside };
const whole = { ...kept, snapshotAt: start };
const asked = { ...whole, instance: name, askedAt: start };

describe('what comes next', () => {
  test.for([
    ['the old database is not closed yet', {}, { old: { ...closed, closed: false } }, 0, false, 'wait'],
    ['nobody has tried to write to it', {}, {}, 0, false, 'prove'],
    ['something goes first', {}, {}, 0, true, 'wait'],
    ['it is proven', { proof: 'nobody could connect' }, {}, 0, false, 'take-snapshot'],
    ['its snapshot was asked for', kept, {}, 0, false, 'wait'],
    ['its snapshot is being taken', kept, { snapshot: { status: 'creating', isOurs: true } }, 0, false, 'wait'],
    ['its snapshot failed', kept, { snapshot: { status: 'failed', isOurs: true } }, 0, false, 'give-up'],
    ['its snapshot is whole', kept, { snapshot: { status: 'available', isOurs: true } }, 0, false, 'note-snapshot'],
    [
      'a snapshot of something else has its name',
      kept,
      { snapshot: { status: 'available', isOurs: false } },
      0,
      false,
      'give-up',
    ],
    ['it is set aside', whole, {}, 0, false, 'make-replica'],
    ['it is not there, and may only have another name', {}, { old: null }, 0, false, 'give-up'],
    ['it was proven and kept, and somebody has deleted it', whole, { old: null }, 0, false, 'make-replica'],
    ['the replica was asked for', asked, {}, minute, false, 'wait'],
    ['the replica was never seen', asked, {}, 11 * minute, false, 'give-up'],
    [
      'the replica is being made',
      asked,
      { replica: { ...ours, status: 'creating', works: false } },
      minute,
      true,
      'wait',
    ],
    ['the replica failed', asked, { replica: { ...ours, status: 'failed', works: false } }, minute, false, 'give-up'],
    ['the name is taken by what is not ours', asked, { replica: { ...ours, isOurs: false } }, minute, false, 'give-up'],
    ['the replica follows another one', asked, { replica: { ...ours, follows: false } }, minute, false, 'give-up'],
    ['the replica does not replicate', asked, { replica: { ...ours, replicating: false } }, minute, false, 'wait'],
    ['the replica replicates', asked, { replica: ours }, minute, false, 'done'],
    [
      'the replica never comes up',
      asked,
      { replica: { ...ours, status: 'creating', works: false } },
      721 * minute,
      false,
      'give-up',
    ],
    ['RDS refuses for half a day', whole, {}, 721 * minute, false, 'give-up'],
    ['something goes first for half a day', {}, {}, 721 * minute, true, 'give-up'],
    ['it is over', { ...asked, endedAt: start }, { replica: ours }, minute, false, 'nothing'],
  ] as const)('%s: %5$s', ([, change, found, after, busy, next]) => {
    const seen: RejoinSeen = { old: closed, snapshot: null, replica: null, ...found };
    expect(nextRejoin({ ...rejoin, ...change }, seen, { now: start + after, busy, locked: false }).next).toBe(next);
  });
});

test('what replicates becomes the database once no flow has a region', () => {
  const seen: RejoinSeen = { old: closed, snapshot: null, replica: ours };
  const next = (locked: boolean) => nextRejoin({ ...rejoin, ...asked }, seen, { now: start, busy: true, locked }).next;
  expect([next(true), next(false)]).toEqual(['wait', 'done']);
});

let shell: Setting;
const run = () => handler.on(shell)({});
const told = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
const record = async () => (await shell.store.readRejoin('database', home)) ?? expect.fail('nothing was begun');
const notThere = () =>
  Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault', $metadata: { httpStatusCode: 404 } });
const fault = (named: string, message = 'no') =>
  Object.assign(new Error(message), { name: named, $metadata: { httpStatusCode: 400 } });

/** The region was given up, and its database is fenced. */
async function left(change: Partial<Setting> = {}): Promise<Setting> {
  const made = setting({ region: home, ...change });
  const { store } = made;
  await store.writeIncident({
    ...{ id: incident.id, region: home, level: 3, scope: { region: home, zone: null }, openedAt: start - 60 * minute },
    ...{ lastSignalAt: start - 50 * minute, closedAt: start - 5 * minute, decisions: [], version: 1 },
  });
  await store.moveRole(serving, 1, gaveUp, start - 40 * minute);
  const outcome = { from: home, to: serving, mode: 'failover' };
  await store.recordStep({ incident: incident.id, execution: gaveUp, step: 'record-failover', at: start, outcome });
  const fenced = { step: 'fence/database/fenced', at: start - 41 * minute, outcome: {} };
  await store.recordStep({ incident: incident.id, execution: gaveUp, ...fenced });
  return made;
}

const old = {
  DBInstanceIdentifier: 'chatops-prod',
  DBInstanceStatus: 'available',
  Endpoint: { Address: 'chatops-prod.example', Port: 5432 },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0a1closed', Status: 'active' }],
};

beforeEach(async () => {
  rds.reset();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  rds.on(DescribeDBInstancesCommand).rejects(notThere());
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [old] });
  rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [] });
  rds.on(CreateDBSnapshotCommand).resolves({});
  rds.on(CreateDBInstanceReadReplicaCommand).resolves({});
  shell = await left();
});

test.for([
  ['is there, and follows', { ReadReplicaSourceDBInstanceIdentifier: 'chatops-dr-replica' }, false],
  ['is no replica any more', {}, true],
  ['was deleted', null, true],
] as const)('typed again where what came back %s', async ([, seen, begun]) => {
  const done = { ...rejoin, ...asked, replicatesAt: start, endedAt: start };
  await shell.store.keepRejoin(done);
  const described = rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: name });
  if (seen === null) described.rejects(notThere());
  else described.resolves({ DBInstances: [{ DBInstanceStatus: 'available', ...seen }] });
  expect((await failback('operator', 'again', shell)).databases).toMatchObject([{ begun }]);
});

test('what is not there was renamed, or deleted: only who types failback again says that it is gone', async () => {
  await failback('operator', 'it is back', shell);
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(notThere());
  await run();
  expect(await record()).toMatchObject({ proof: null, wrong: [expect.stringContaining('chatops-prod is not there')] });
  shell.at += minute;
  await failback('operator', 'I deleted it', shell);
  expect((await record()).proof).toBe('operator says that it is gone');
  await run();
  expect(rds.commandCalls(CreateDBInstanceReadReplicaCommand)).toHaveLength(1);
  expect(rds.commandCalls(CreateDBSnapshotCommand)).toEqual([]);
});

test('what was never seen fenced is not set aside', async () => {
  shell = setting({ region: home });
  await shell.store.moveRole(serving, 1, gaveUp, start - 40 * minute);
  await shell.store.keepRejoin(rejoin);
  await run();
  expect(rds.commandCalls(CreateDBSnapshotCommand)).toEqual([]);
  expect(await record()).toMatchObject({ proof: null, endedAt: null });
});

test('nothing is done before a person begins it', async () => {
  await run();
  expect(rds.calls()).toEqual([]);
});

test('step by step the old database is set aside, and a replica of what takes writes now is made, with all that the plan says', async () => {
  await failback('operator', 'it is back', shell);
  await run();
  expect((await record()).proof).toMatch(/closed security group alone is in force; no write was tried/);
  await run();
  expect(rds.commandCalls(CreateDBSnapshotCommand)[0]?.args[0].input).toMatchObject({
    DBInstanceIdentifier: 'chatops-prod',
    DBSnapshotIdentifier: aside,
  });
  await run();
  expect(rds.commandCalls(CreateDBInstanceReadReplicaCommand)).toEqual([]);
  rds.on(DescribeDBSnapshotsCommand).resolves({
    DBSnapshots: [
      {
        ...{ DBSnapshotIdentifier: aside, Status: 'available', DBInstanceIdentifier: 'chatops-prod' },
        TagList: [{ Key: 'breakwater:replica', Value: 'breakwater-test/database' }],
      },
    ],
  });
  await run();
  await run();
  expect(rds.commandCalls(CreateDBInstanceReadReplicaCommand)[0]?.args[0].input).toMatchObject({
    DBInstanceIdentifier: name,
    SourceDBInstanceIdentifier: 'arn:aws:rds:us-west-2:111122223333:db:chatops-dr-replica',
    KmsKeyId: 'alias/chatops-database',
    DBSubnetGroupName: 'chatops-db',
    DBParameterGroupName: 'chatops-postgres16',
    OptionGroupName: 'default:postgres-16',
    VpcSecurityGroupIds: ['sg-0a1chatopsdb'],
    MultiAZ: true,
    DeletionProtection: true,
    PubliclyAccessible: false,
    Tags: expect.arrayContaining([{ Key: 'breakwater:replica', Value: 'breakwater-test/database' }]),
  });
  expect(await shell.store.readHolders()).toEqual([]);
  const replica = {
    ...{ DBInstanceIdentifier: name, DBInstanceStatus: 'available', MultiAZ: true },
    ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-west-2:111122223333:db:chatops-dr-replica',
    StatusInfos: [{ StatusType: 'read replication', Normal: true }],
    TagList: [{ Key: 'breakwater:replica', Value: 'breakwater-test/database' }],
  };
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: name }).resolves({ DBInstances: [replica] });
  await run();
  await run();
  expect(await shell.store.readHolders()).toMatchObject([
    { asset: 'database', region: home, instance: name, instead: 'chatops-prod', execution: 'rejoin-standby' },
  ]);
  expect(told().map(({ Subject }) => Subject)).toEqual(
    Array(3).fill('[Breakwater] [FAILBACK] Not urgent: database has a replica in us-east-1 again'),
  );
  expect(told()[0]?.Message).toContain('compare the old database chatops-prod in us-east-1');
  expect(told()[0]?.Message).toContain(`This follows flow ${gaveUp} (incident ${incident.id})`);
  const calls = (await shell.store.readAudit(`rejoins-${home}`)).map(({ call, target }) => `${call} ${target}`);
  expect(calls.toSorted()).toEqual([`rds:CreateDBInstanceReadReplica ${name}`, `rds:CreateDBSnapshot ${aside}`]);
  expect(rds.calls().filter(({ args: [command] }) => /Delete|Modify/.test(command.constructor.name))).toEqual([]);
});

test('what somebody has under the first name is left alone: the next one is taken', async () => {
  const theirs = { DBInstanceIdentifier: name, DBInstanceStatus: 'available' };
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: name }).resolves({ DBInstances: [theirs] });
  await shell.store.keepRejoin({ ...rejoin, ...whole });
  await run();
  expect(await record()).toMatchObject({ instance: `${name}-2` });
});

test('where every name is taken people are told what to do', async () => {
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [old] });
  await shell.store.keepRejoin({ ...rejoin, ...whole });
  await run();
  expect(told()[0]?.Message).toContain('every name that the plan gives a restore in us-east-1 is taken');
});

test.for([
  ['a key that cannot be used', fault('KMSKeyNotAccessibleFault')],
  [
    'a writer without backups',
    fault('InvalidDBInstanceState', 'Automated backups are not enabled for chatops-dr-replica.'),
  ],
  ['a group that is not there', fault('DBSubnetGroupNotFoundFault')],
] as const)('%s is told at once, and nothing is asked again before a person has mended it', async ([, error]) => {
  rds.on(CreateDBInstanceReadReplicaCommand).rejects(error);
  await shell.store.keepRejoin({ ...rejoin, ...whole });
  await run();
  await run();
  expect(rds.commandCalls(CreateDBInstanceReadReplicaCommand)).toHaveLength(1);
  expect(told().map(({ Subject }) => Subject)).toEqual(
    Array(3).fill('[Breakwater] [FAILBACK] Not urgent: database has NO replica in us-east-1: a person is needed'),
  );
  shell.at += minute;
  rds.on(CreateDBInstanceReadReplicaCommand).resolves({});
  const again = await failback('operator', 'it is mended', shell);
  expect(again.databases).toMatchObject([{ begun: true, ...whole, snapshot: aside }]);
  await run();
  expect(rds.commandCalls(CreateDBSnapshotCommand)).toEqual([]);
  expect(rds.commandCalls(CreateDBInstanceReadReplicaCommand)).toHaveLength(2);
});

test.for([
  ['too little capacity', fault('InsufficientDBInstanceCapacityFault')],
  ['a throttle', Object.assign(fault('ThrottlingException'), { $retryable: { throttling: true } })],
] as const)('%s is asked for again at the next look', async ([, error]) => {
  rds.on(CreateDBInstanceReadReplicaCommand).rejectsOnce(error).resolves({});
  await shell.store.keepRejoin({ ...rejoin, ...whole });
  await run();
  expect(await record()).toMatchObject({ askedAt: null, instance: name, endedAt: null });
  await run();
  expect(await record()).toMatchObject({ askedAt: start, instance: name });
  expect(told()).toEqual([]);
});

test('begun twice, it is one way home', async () => {
  const first = await failback('ana', 'it is back', shell);
  shell.at += minute;
  const second = await failback('ben', 'it is back', shell);
  expect([first, second].map(({ databases: [one] }) => [one?.begun, one?.by])).toEqual([
    [true, 'ana'],
    [false, 'ana'],
  ]);
  expect(second.undoes).toMatchObject({ execution: gaveUp, incident: incident.id });
});

test('while an incident is open nothing is begun, and nobody is told that it failed', async () => {
  await shell.store.freeze('operator', 'we look at it', start);
  await failback('operator', 'it is back', shell);
  await run();
  expect(rds.commandCalls(CreateDBSnapshotCommand)).toEqual([]);
  expect((await record()).proof).toBeNull();
});

test('once the roles have moved what was begun is over', async () => {
  await failback('operator', 'it is back', shell);
  await shell.store.moveRole(home, 2, 'another', start + minute);
  await run();
  expect(await record()).toMatchObject({ wrong: ['us-east-1 is the primary region now'] });
});

test.for([
  ['the way home has lost nothing', { mode: 'switchover', undoes: { execution: 'x', incident: 'y' } }, true],
  ['a switchover was no way home', { mode: 'switchover' }, false],
  ['a failover was the way home', { mode: 'failover', undoes: { execution: 'x', incident: 'y' } }, false],
] as const)('where %s, the region that was left begins by itself: %3$s', async ([, came, begins]) => {
  const there = setting({ region: serving });
  await there.store.moveRole(serving, 1, gaveUp, start - 40 * minute);
  await there.store.moveRole(home, 2, 'by-hand-1', start - 5 * minute);
  await there.store.writeIncident({
    ...{ id: 'manual-by-hand-1', region: serving, level: 3, scope: { region: serving, zone: null }, openedAt: start },
    ...{ lastSignalAt: start, closedAt: start, decisions: [], version: 1 },
  });
  const outcome = { from: serving, to: home, ...came };
  await there.store.recordStep({
    incident: 'manual-by-hand-1',
    execution: 'by-hand-1',
    step: 'record-failover',
    at: start,
    outcome,
  });
  const closedThere = { ...old, VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0b2closed', Status: 'active' }] };
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [closedThere] });
  await handler.on(there)({});
  const begun = await there.store.readRejoin('database', serving);
  expect(begun === null ? null : begun.by).toBe(begins ? 'schedule' : null);
});

test.for([
  ['a region that was always primary', () => setting({ region: home }), 'has been the primary region from the first'],
  [
    'a plan that does not say what a replica is made as',
    () =>
      left({
        plan: {
          ...plan,
          assets: plan.assets.map((one) =>
            one.kind === 'rds-instance'
              ? {
                  ...one,
                  regions: Object.fromEntries(
                    Object.entries(one.regions).map(([region, { restore: _, ...place }]) => [region, place]),
                  ),
                }
              : one,
          ),
        },
      }),
    'expected regions.us-east-1.restore',
  ],
] as const)('of %s failback says in one line why not', async ([, made, why]) => {
  expect((await failureOf(failback('operator', 'it is back', await made()))).message).toContain(why);
});

describe('the proof that the old database takes no writes', () => {
  const { send } = SqlClient.prototype;
  const answering = (reason: SqlReason | null) => {
    secretsOf({ 'chatops/writer': { user: 'writer' }, 'chatops/reader': { user: 'reader' } });
    SqlClient.prototype.send = (async (command: { input: { at?: number } }) => {
      if (reason !== null) throw new SqlFault(reason);
      return { at: command.input.at };
    }) as never;
  };
  beforeEach(async () => {
    shell = await left({ plan: planWithData() });
    await failback('operator', 'it is back', shell);
  });

  test.for([
    ['timeout', /nobody could connect to it from inside us-east-1 \(timeout\), so that no write was possible/],
    ['refused', /nobody could connect/],
    ['read-only', /a write from inside us-east-1 failed: it is read only/],
  ] as const)('%s: says what was proven, and no more', async ([reason, words]) => {
    answering(reason);
    await run().finally(() => (SqlClient.prototype.send = send));
    expect((await record()).proof).toMatch(words);
  });

  test.for([
    [null, 'TOOK A WRITE though its groups are closed'],
    ['password', 'is closed and lets clients connect'],
  ] as const)('%s: it is no proof, and people hear that it is not fenced', async ([reason, words]) => {
    answering(reason);
    await run().finally(() => (SqlClient.prototype.send = send));
    expect(await record()).toMatchObject({ proof: null, wrong: [expect.stringContaining(words)] });
    expect(told()[0]?.Message).toContain(words);
    expect(rds.commandCalls(CreateDBSnapshotCommand)).toEqual([]);
  });

  test('where it cannot be asked, that is said, and RDS is what it rests on', async () => {
    secretsOf({});
    await run();
    expect((await record()).proof).toMatch(/closed security group alone is in force; no write was tried: /);
  });

  test('while it starts nothing is known yet', async () => {
    answering('starting');
    await expect(run().finally(() => (SqlClient.prototype.send = send))).rejects.toThrow('starts, stops or recovers');
    expect(await record()).toMatchObject({ proof: null, endedAt: null });
  });
});

test('status has each step in one line', () => {
  const said = (change: Partial<Rejoin>) => rejoinSentence({ ...rejoin, ...change }, start + 90 * minute);
  expect(said({})).toBe(
    'database comes back as a replica, begun 1 h 30 min ago by operator: chatops-prod is being set aside',
  );
  expect(said(kept)).toContain(`snapshot ${aside} of chatops-prod is being taken`);
  expect(said(asked)).toContain(`is taken, replica ${name} is being made since 1 h 30 min`);
  expect(said({ ...asked, replicatesAt: start, endedAt: start })).toBe(
    `database came back as the replica ${name}; chatops-prod stays closed, with snapshot ${aside}`,
  );
  expect(said({ endedAt: start, wrong: ['it failed'] })).toBe('database did NOT come back as a replica: it failed');
});
