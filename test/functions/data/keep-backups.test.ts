// The backups that are kept for the other region: what the plan wants and is not there is asked for, once, and what is too many is
// deleted where it was made by Breakwater.
import 'aws-sdk-client-mock-vitest/extend';
import {
  CopyDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeSourceRegionsCommand,
  RDSClient,
  StartDBInstanceAutomatedBackupsReplicationCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as keepBackups } from '../../../functions/keep-backups.ts';
import { backupsAreReady } from '../../../functions/kinds/rds-instance/restoring/backups.ts';
import { nextMoves, type Point } from '../../../functions/kinds/rds-instance/rules/keeping.ts';
import { mocked } from '../../mocked.ts';
import { copied, replicated } from '../kinds/rds-instance/restoring/restorable.ts';
import { type Setting, setting, start } from '../setting.ts';

const rds = mocked(RDSClient);
let shell: Setting;
const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
const hour = 3_600_000;

/** Today's automated snapshot, in the primary. */
const automatic = {
  DBSnapshotIdentifier: 'rds:chatops-prod-2026-11-23-02-00',
  DBSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:snapshot:rds:chatops-prod-2026-11-23-02-00',
  DBInstanceIdentifier: 'chatops-prod',
  SnapshotType: 'automated',
  Status: 'available',
  SnapshotCreateTime: new Date(start - hour),
};
const old = { ...copied, SnapshotCreateTime: new Date(start - 13 * hour) };

/** A region's clients are told apart by the region that they are for. */
const snapshots = (there: object[], here: object[]) =>
  rds.on(DescribeDBSnapshotsCommand).callsFake(async (_input, getClient) => ({
    DBSnapshots: (await getClient().config.region()) === 'us-east-1' ? there : here,
  }));

beforeEach(() => {
  rds.reset();
  rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({ DBInstanceAutomatedBackups: [replicated] });
  rds.on(StartDBInstanceAutomatedBackupsReplicationCommand).resolves({});
  rds.on(CopyDBSnapshotCommand).resolves({});
  rds.on(DeleteDBSnapshotCommand).resolves({});
  snapshots([automatic], [old]);
  shell = setting({ region: 'us-west-2' });
});

const changes = () => rds.calls().filter(({ args: [{ constructor: kind }] }) => !/^Describe/.test(kind.name));

test('copies the newest automated snapshot with the key of this region, and says whose copy it is', async () => {
  await keepBackups.on(shell)({});
  expect(rds).toHaveReceivedCommandWith(CopyDBSnapshotCommand, {
    SourceDBSnapshotIdentifier: automatic.DBSnapshotArn,
    TargetDBSnapshotIdentifier: 'breakwater-test-database-copy-2026-11-23-02-00-00',
    KmsKeyId: 'alias/chatops-backups',
    CopyTags: false,
    Tags: [
      { Key: 'breakwater:copy', Value: 'breakwater-test/database' },
      { Key: 'application', Value: 'chatops' },
    ],
  });
  expect(changes()).toHaveLength(1);
  const [record] = await shell.store.readAudit('backups-us-west-2');
  expect(record).toMatchObject({
    call: 'rds:CopyDBSnapshot',
    target: 'breakwater-test-database-copy-2026-11-23-02-00-00',
    step: 'keep-backups/database',
  });
});

test('asks for replicated backups where none are, from this region, which keeps them', async () => {
  snapshots([], []);
  rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({
    DBInstanceAutomatedBackups: [{ ...replicated, Status: 'retained' }],
  });
  await keepBackups.on(shell)({});
  expect(rds).toHaveReceivedCommandWith(StartDBInstanceAutomatedBackupsReplicationCommand, {
    SourceDBInstanceArn: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
    BackupRetentionPeriod: 7,
    KmsKeyId: 'alias/chatops-backups',
  });
});

test('changes nothing where all is there', async () => {
  snapshots([automatic], [copied]);
  await keepBackups.on(shell)({});
  expect(changes()).toEqual([]);
});

test('keeps nothing in the region that is primary: its own backups are there', async () => {
  await keepBackups.on(setting({ region: 'us-east-1' }))({});
  expect(rds.calls()).toEqual([]);
});

test('a source that does not answer is no failure: what is kept stays', async () => {
  rds.on(DescribeDBSnapshotsCommand).rejects(fault('TimeoutError', 0));
  await keepBackups.on(shell)({});
  expect(changes()).toEqual([]);
});

test('what RDS refuses is a failure, which the dead letters tell', async () => {
  rds.on(CopyDBSnapshotCommand).rejects(fault('KMSKeyNotAccessibleFault', 400));
  await expect(keepBackups.on(shell)({})).rejects.toThrow('KMSKeyNotAccessibleFault');
});

test('two that run at once copy once', async () => {
  rds.on(CopyDBSnapshotCommand).rejects(fault('DBSnapshotAlreadyExists', 400));
  await expect(keepBackups.on(shell)({})).resolves.toBeUndefined();
});

test.for([
  ['a copy of the plan', undefined, 'ready', /its newest snapshot is 7 h old/],
  ['one that is deleted after a drill', 'breakwater:drill', 'not-ready', /no snapshot of database is in us-west-2/],
  ['one that was set aside', 'breakwater:replica', 'not-ready', /no snapshot of database is in us-west-2/],
] as const)('where the only snapshot is %s, readiness says so', async ([, tag, state, why]) => {
  rds.on(DescribeSourceRegionsCommand).resolves({
    SourceRegions: [{ RegionName: 'us-east-1', SupportsDBInstanceAutomatedBackupsReplication: true }],
  });
  const tags = tag === undefined ? old.TagList : [{ Key: tag, Value: 'breakwater-test/database' }];
  snapshots([automatic], [{ ...old, TagList: tags }]);
  const asset = shell.plan.assets.find((one) => one.kind === 'rds-instance');
  if (asset === undefined) throw new Error('the plan has a database');
  expect(await backupsAreReady(asset, shell)).toEqual({ state, why: expect.stringMatching(why) });
});

describe('of the copies', () => {
  const backups = { replicated: null, snapshots: { everyHours: 12, keep: 2 } };
  const point = (id: string, hoursAgo: number, change: Partial<Point> = {}): Point => ({
    id,
    instance: 'chatops-prod',
    arn: `arn:${id}`,
    copyOf: null,
    status: 'available',
    takenAt: start - hoursAgo * hour,
    madeAt: start - hoursAgo * hour,
    ...change,
  });
  const moves = (points: Point[], copies: Point[]) =>
    nextMoves({ automated: [], points, copies }, backups, 'x-', start).map((one) =>
      one.move === 'copy' ? `copy ${one.snapshot}` : one.move === 'delete' ? `delete ${one.id}` : one.move,
    );

  test.for([
    ['none is made before the interval has passed', [point('new', 1)], [point('a', 11)], []],
    ['one is made when it has', [point('new', 1)], [point('a', 12)], ['copy arn:new']],
    [
      'copies of the database before a failover stand for nothing',
      [point('new', 1)],
      [point('a', 1, { instance: 'chatops-dr-replica' })],
      ['copy arn:new'],
    ],
    ['one is made where there is none', [point('new', 1)], [], ['copy arn:new']],
    ['none is made of what is not whole', [point('new', 1, { status: 'creating' })], [], []],
    ['none is made beside one that is being made', [point('new', 1)], [point('a', 1, { status: 'creating' })], []],
    ['none is made twice', [point('new', 20)], [point('x-2026-11-22-07-00-00', 20)], []],
    [
      'what is too many is deleted, the oldest first',
      [],
      [point('c', 30), point('a', 10), point('b', 20)],
      ['delete c'],
    ],
    [
      'one that is being made does not count',
      [],
      [point('c', 3, { status: 'creating' }), point('a', 10), point('b', 20)],
      [],
    ],
    ['one that failed is deleted, and its name is free again', [], [point('a', 1, { status: 'failed' })], ['delete a']],
  ] as const)('%s', ([, points, copies, expected]) => {
    expect(moves([...points], [...copies])).toEqual(expected);
  });
});
