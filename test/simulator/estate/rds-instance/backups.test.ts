// Backups of the estate's databases: what is kept where, how it moves on, and what RDS refuses to do with it.
import { expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { changing, databaseIn, the } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { type Answer, account, primary, type Rehearsal, rehearse, standby } from '../rehearsal.ts';

const there = { in: standby, region: standby };
const writer = databaseIn(primary, plan);
const writerArn = `arn:aws:rds:${primary}:${account}:db:${writer}`;
const key = 'alias/chatops-backups';
/** Nothing is kept in the other region, and the database is not encrypted. */
const bare = changing('rds-instance', plan, {
  backups: undefined,
  regions: Object.fromEntries(
    Object.entries(the('rds-instance', plan).regions).map(([region, place]) => [
      region,
      { ...place, kmsKey: undefined },
    ]),
  ),
});

async function automated(rehearsal: Rehearsal, from = {}, input = {}): Promise<Answer[]> {
  return (await rehearsal.call('rds', 'DescribeDBInstanceAutomatedBackups', input, from)).DBInstanceAutomatedBackups;
}
async function snapshots(rehearsal: Rehearsal, from = {}, input = {}): Promise<Answer[]> {
  return (await rehearsal.call('rds', 'DescribeDBSnapshots', input, from)).DBSnapshots;
}
const refused = (asked: Promise<unknown>) =>
  asked.then(
    () => 'taken',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

test('the writer has automated backups of a week, whose newest moment is at most five minutes and a look old', async () => {
  const rehearsal = await rehearse();
  const moments: number[] = [];
  for (let minute = 0; minute < 12; minute += 1) {
    const [own] = await automated(rehearsal);
    moments.push(own.RestoreWindow.LatestTime.getTime());
    expect(rehearsal.now() - own.RestoreWindow.LatestTime.getTime()).toBeLessThan(311_000);
    expect(own).toMatchObject({
      DBInstanceArn: writerArn,
      Status: 'active',
      Region: primary,
      BackupRetentionPeriod: 7,
    });
    expect(rehearsal.now() - own.RestoreWindow.EarliestTime.getTime()).toBeLessThan(7 * 86_400_000 + 5_000);
    await rehearsal.pass(60);
  }
  expect([2, 3, 4]).toContain(new Set(moments).size);
});

test('a writer that is down adds nothing', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'failed', kind: 'database-status', status: 'failed' });
  const [before] = await automated(rehearsal);
  await rehearsal.pass(1_800);
  const [after] = await automated(rehearsal);
  expect(after.RestoreWindow.LatestTime).toEqual(before.RestoreWindow.LatestTime);
});

test('what the plan replicates has been kept for a week in the other region, and follows within half an hour', async () => {
  const rehearsal = await rehearse();
  for (let minute = 0; minute < 60; minute += 5) {
    const [held] = await automated(rehearsal, there);
    expect(held).toMatchObject({ Status: 'replicating', DBInstanceArn: writerArn, Region: primary, Encrypted: true });
    const age = rehearsal.now() - held.RestoreWindow.LatestTime.getTime();
    expect(age).toBeGreaterThan(60_000);
    expect(age).toBeLessThan(35 * 60_000);
    await rehearsal.pass(300);
  }
  const [own] = await automated(rehearsal);
  const [held] = await automated(rehearsal, there);
  expect(own.DBInstanceAutomatedBackupsReplications).toEqual([
    { DBInstanceAutomatedBackupsArn: held.DBInstanceAutomatedBackupsArn },
  ]);
});

test.for([
  ['its region is dark', { id: 'f', kind: 'region-dark' }],
  ['the way between the regions is cut', { id: 'f', kind: 'partition', between: [primary, standby] }],
  ['replication has stopped by itself', { id: 'f', kind: 'backup-replication-stopped' }],
] as const)('nothing arrives while %s, and it goes on afterwards', async ([, fault]) => {
  const rehearsal = await rehearse();
  const look = { in: standby, region: standby };
  rehearsal.estate.inject(fault);
  const [before] = await automated(rehearsal, look);
  await rehearsal.pass(3_600);
  const [during] = await automated(rehearsal, look);
  expect(during.RestoreWindow.LatestTime).toEqual(before.RestoreWindow.LatestTime);
  expect(during.Status).toBe('replicating');
  rehearsal.estate.heal('f');
  await rehearsal.pass(3_600);
  const [after] = await automated(rehearsal, look);
  expect(rehearsal.now() - after.RestoreWindow.LatestTime.getTime()).toBeLessThan(35 * 60_000);
});

test('replication is asked for in the region that keeps the backups, and begins with a copy', async () => {
  const rehearsal = await rehearse(1, 600, bare);
  expect(await automated(rehearsal, there)).toEqual([]);
  const input = { SourceDBInstanceArn: writerArn, BackupRetentionPeriod: 14, Tags: [{ Key: 'a', Value: 'b' }] };
  const start = () => rehearsal.call('rds', 'StartDBInstanceAutomatedBackupsReplication', input, there);
  const { DBInstanceAutomatedBackup: begun } = await start();
  expect(begun).toMatchObject({ Status: 'pending', RestoreWindow: {}, BackupRetentionPeriod: 14 });
  expect(begun).toMatchObject({ TagList: [{ Key: 'a', Value: 'b' }] });
  expect(begun.RestoreWindow.LatestTime).toBeUndefined();
  expect(await refused(start())).toMatch(/^InvalidDBInstanceAutomatedBackupStateFault/);
  await rehearsal.pass(3_700);
  const arn = begun.DBInstanceAutomatedBackupsArn;
  const [held] = await automated(rehearsal, there, { DBInstanceAutomatedBackupsArn: arn });
  expect(held.Status).toBe('replicating');
  expect(held.RestoreWindow.EarliestTime.getTime()).toBeGreaterThan(rehearsal.now() - 3_800_000 - 600_000);
  await rehearsal.call('rds', 'StopDBInstanceAutomatedBackupsReplication', { SourceDBInstanceArn: writerArn }, there);
  const [stopped] = await automated(rehearsal, there);
  await rehearsal.pass(1_800);
  const [retained] = await automated(rehearsal, there);
  expect(retained.Status).toBe('retained');
  expect(retained.RestoreWindow.LatestTime).toEqual(stopped.RestoreWindow.LatestTime);
});

test.for([
  [
    'of an instance that is not there',
    { SourceDBInstanceArn: writerArn.replace(writer, 'other') },
    /^DBInstanceNotFoundFault/,
  ],
  ['into the region of the instance itself', { in: primary }, /^InvalidParameterValue: Feature is not available/],
  ['into a region that does not take them', { in: 'ca-west-1' }, /^InvalidParameterValue: Feature is not available/],
  ['for 36 days', { BackupRetentionPeriod: 36 }, /^InvalidParameterValue: Invalid backup retention period: 36/],
] as const)('replication %s is refused', async ([, changes, said]) => {
  const rehearsal = await rehearse(1, 0, bare);
  const { in: region = standby, ...input } = { SourceDBInstanceArn: writerArn, ...changes } as { in?: string };
  const asked = rehearsal.call('rds', 'StartDBInstanceAutomatedBackupsReplication', input, { in: region });
  expect(await refused(asked)).toMatch(said);
});

const encrypted: Plan = changing('rds-instance', plan, {
  backups: { replicated: null, snapshots: { everyHours: 12, keep: 1, keys: { [primary]: key, [standby]: key } } },
});

test.for([
  ['without a key', {}, /^KMSKeyNotAccessibleFault: The specified KMS key \[null\]/],
  [
    'with a key of the other region',
    { KmsKeyId: `arn:aws:kms:${primary}:${account}:key/1` },
    /^KMSKeyNotAccessibleFault/,
  ],
  ['with a key that nobody made', { KmsKeyId: 'alias/other' }, /^KMSKeyNotAccessibleFault/],
  ['with its key', { KmsKeyId: key }, /^taken$/],
] as const)('of an encrypted database, replication and a copy %s: %o', async ([, input, said]) => {
  const rehearsal = await rehearse(1, 0, encrypted);
  const start = { SourceDBInstanceArn: writerArn, ...input };
  expect(await refused(rehearsal.call('rds', 'StartDBInstanceAutomatedBackupsReplication', start, there))).toMatch(
    said,
  );
  const [newest] = (await snapshots(rehearsal, {}, { SnapshotType: 'automated' })).slice(-1);
  const copy = { SourceDBSnapshotIdentifier: newest.DBSnapshotArn, TargetDBSnapshotIdentifier: 'a-copy', ...input };
  expect(await refused(rehearsal.call('rds', 'CopyDBSnapshot', copy, there))).toMatch(said);
});

test('pairs of regions go one way', async () => {
  const rehearsal = await rehearse(1, 0);
  const supports = async (from: string, into: string) => {
    const asked = { RegionName: from };
    const { SourceRegions } = await rehearsal.call('rds', 'DescribeSourceRegions', asked, { in: into });
    return SourceRegions[0].SupportsDBInstanceAutomatedBackupsReplication;
  };
  expect(await supports('us-east-1', 'us-west-2')).toBe(true);
  expect(await supports('us-west-2', 'us-east-1')).toBe(true);
  expect(await supports('us-east-1', 'sa-east-1')).toBe(true);
  expect(await supports('us-west-2', 'sa-east-1')).toBe(false);
});

test('a snapshot is taken each day, as many are kept as days, and the stack’s copies are in the other region', async () => {
  const rehearsal = await rehearse(1, 0);
  const before = await snapshots(rehearsal);
  expect(before).toHaveLength(7);
  expect(before.at(-1)).toMatchObject({
    DBSnapshotIdentifier: expect.stringMatching(new RegExp(`^rds:${writer}-\\d{4}-\\d\\d-\\d\\d-\\d\\d-\\d\\d$`)),
    SnapshotType: 'automated',
    Status: 'available',
    PercentProgress: 100,
  });
  const copies = await snapshots(rehearsal, there, { DBInstanceIdentifier: writer });
  expect(copies).toHaveLength(the('rds-instance', plan).backups?.snapshots?.keep ?? 0);
  expect(copies.at(-1)).toMatchObject({
    SnapshotType: 'manual',
    SourceRegion: primary,
    SourceDBSnapshotIdentifier: before.at(-1).DBSnapshotArn,
    OriginalSnapshotCreateTime: before.at(-1).OriginalSnapshotCreateTime,
    SnapshotDatabaseTime: before.at(-1).SnapshotDatabaseTime,
  });
  expect(copies.at(-1).SnapshotCreateTime > copies.at(-1).OriginalSnapshotCreateTime).toBe(true);
  await rehearsal.pass(86_400);
  const after = await snapshots(rehearsal);
  expect(after).toHaveLength(7);
  expect(after[0].DBSnapshotIdentifier).toBe(before[1].DBSnapshotIdentifier);
});

test('a copy takes its time, keeps the time of its data and lasts until it is deleted', async () => {
  const rehearsal = await rehearse(1, 0, bare);
  const [newest] = (await snapshots(rehearsal)).slice(-1);
  const input = { SourceDBSnapshotIdentifier: newest.DBSnapshotArn, TargetDBSnapshotIdentifier: 'a-copy' };
  const copy = (changes = {}) => rehearsal.call('rds', 'CopyDBSnapshot', { ...input, ...changes }, there);
  const { DBSnapshot: begun } = await copy();
  expect(begun).toMatchObject({ Status: 'creating', PercentProgress: 0, SourceRegion: primary, TagList: [] });
  expect(await refused(copy())).toMatch(/^DBSnapshotAlreadyExistsFault/);
  expect(await refused(copy({ TargetDBSnapshotIdentifier: 'rds:mine' }))).toMatch(/^InvalidParameterValue/);
  expect(await refused(copy({ SourceRegion: standby }))).toMatch(/^InvalidParameterValue/);
  expect(await refused(copy({ OptionGroupName: 'other', TargetDBSnapshotIdentifier: 'b' }))).toMatch(
    /^OptionGroupNotFound/,
  );
  const missing = { SourceDBSnapshotIdentifier: `${newest.DBSnapshotArn}0`, TargetDBSnapshotIdentifier: 'b' };
  expect(await refused(copy(missing))).toMatch(/^DBSnapshotNotFoundFault/);
  await rehearsal.pass(3_700);
  const [done] = await snapshots(rehearsal, there, { DBSnapshotIdentifier: 'a-copy' });
  expect(done).toMatchObject({ Status: 'available', OriginalSnapshotCreateTime: newest.OriginalSnapshotCreateTime });
  await rehearsal.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'a-copy' }, there);
  expect(await refused(snapshots(rehearsal, there, { DBSnapshotIdentifier: 'a-copy' }))).toMatch(/^DBSnapshotNotFound/);
  const own = rehearsal.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: newest.DBSnapshotIdentifier });
  expect(await refused(own)).toBe('InvalidDBSnapshotStateFault: automated snapshots cannot be deleted.');
});

test('a copy whose source falls silent fails', async () => {
  const rehearsal = await rehearse(1, 0, bare);
  const [newest] = (await snapshots(rehearsal)).slice(-1);
  const input = { SourceDBSnapshotIdentifier: newest.DBSnapshotArn, TargetDBSnapshotIdentifier: 'a-copy' };
  await rehearsal.call('rds', 'CopyDBSnapshot', input, there);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await rehearsal.pass(3_700);
  const look = { in: standby, region: standby };
  expect((await snapshots(rehearsal, look))[0].Status).toBe('failed');
  expect(
    await refused(rehearsal.call('rds', 'CopyDBSnapshot', { ...input, TargetDBSnapshotIdentifier: 'b' }, look)),
  ).toMatch(/^InternalFailure/);
});

test('snapshots may be missing, in one region or in every one', async () => {
  const rehearsal = await rehearse(1, 0);
  rehearsal.estate.inject({ id: 'gone', kind: 'snapshot-missing', region: standby });
  expect(await snapshots(rehearsal, there)).toEqual([]);
  expect(await snapshots(rehearsal)).toHaveLength(7);
  rehearsal.estate.inject({ id: 'all gone', kind: 'snapshot-missing' });
  expect(await snapshots(rehearsal)).toEqual([]);
});

test('lists come in pages, and filters let through what they say', async () => {
  const rehearsal = await rehearse(1, 0);
  for (let number = 0; number < 15; number += 1) {
    const input = { DBInstanceIdentifier: writer, DBSnapshotIdentifier: `snapshot-${number}` };
    await rehearsal.call('rds', 'CreateDBSnapshot', input);
  }
  const first = await rehearsal.call('rds', 'DescribeDBSnapshots', { MaxRecords: 20 });
  const second = await rehearsal.call('rds', 'DescribeDBSnapshots', { MaxRecords: 20, Marker: first.Marker });
  expect([first.DBSnapshots.length, second.DBSnapshots.length, second.Marker]).toEqual([20, 2, undefined]);
  const Filters = [{ Name: 'snapshot-type', Values: ['manual'] }];
  expect(await snapshots(rehearsal, {}, { Filters })).toHaveLength(15);
  expect(await refused(snapshots(rehearsal, {}, { Filters: [{ Name: 'size', Values: [] }] }))).toMatch(/^InvalidParam/);
  expect(await refused(snapshots(rehearsal, {}, { MaxRecords: 5 }))).toMatch(/^InvalidParameterValue/);
});
