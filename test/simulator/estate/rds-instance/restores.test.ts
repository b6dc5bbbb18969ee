// Restores in the estate: what is made, what AWS takes where nobody says, how long it lasts, what is lost, and what RDS refuses.
import { expect, test } from 'vitest';
import { failedRestores } from '../../../../simulator/estate/rds-instance/database-status.ts';
import { databaseEndpoint } from '../../../../simulator/estate/ssm-parameters/parameters.ts';
import { createInvariants } from '../../../../simulator/invariants.ts';
import { faultSchema } from '../../../../simulator/playing/scenario.ts';
import { changing, databaseIn, the } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import {
  type Answer,
  account,
  databaseEvents,
  databaseTruth,
  primary,
  type Rehearsal,
  rehearse,
  standby,
} from '../rehearsal.ts';

const there = { in: standby, region: standby };
const writer = databaseIn(primary, plan);
const database = the('rds-instance', plan);
const restored = 'chatops-prod-restored';
const parameter = '/chatops/database/host';

/** Everything that the plan says of a restore in the standby region, as the call takes it. */
const planned = {
  DBInstanceClass: 'db.r6g.xlarge',
  AvailabilityZone: 'us-west-2a',
  MultiAZ: false,
  VpcSecurityGroupIds: ['sg-0b2chatopsdb'],
  DBSubnetGroupName: 'chatops-db',
  DBParameterGroupName: 'chatops-postgres16',
  OptionGroupName: 'default:postgres-16',
  DeletionProtection: true,
  Tags: [{ Key: 'application', Value: 'chatops' }],
  EnableIAMDatabaseAuthentication: true,
  EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
  StorageType: 'gp3',
  Iops: 12_000,
  StorageThroughput: 500,
  BackupRetentionPeriod: 7,
  PreferredBackupWindow: '08:00-08:30',
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
};
const here = { ...planned, AvailabilityZone: 'us-east-1a', VpcSecurityGroupIds: ['sg-0a1chatopsdb'] };

async function replicated(rehearsal: Rehearsal): Promise<Answer> {
  return (await rehearsal.call('rds', 'DescribeDBInstanceAutomatedBackups', {}, there)).DBInstanceAutomatedBackups[0];
}
async function newest(rehearsal: Rehearsal, from: object): Promise<Answer> {
  return (await rehearsal.call('rds', 'DescribeDBSnapshots', {}, from)).DBSnapshots.at(-1);
}
async function toTime(rehearsal: Rehearsal, input = {}, from: object = there): Promise<Answer> {
  const asked = { TargetDBInstanceIdentifier: restored, ...input };
  return (await rehearsal.call('rds', 'RestoreDBInstanceToPointInTime', asked, from)).DBInstance;
}
async function toLatest(rehearsal: Rehearsal, input: object = planned, who: object = {}): Promise<Answer> {
  const SourceDBInstanceAutomatedBackupsArn = (await replicated(rehearsal)).DBInstanceAutomatedBackupsArn;
  const asked = { SourceDBInstanceAutomatedBackupsArn, UseLatestRestorableTime: true, ...input };
  return toTime(rehearsal, asked, { ...there, ...who });
}
async function fromSnapshot(rehearsal: Rehearsal, input: object = planned, from: object = there): Promise<Answer> {
  const DBSnapshotIdentifier = (await newest(rehearsal, from)).DBSnapshotIdentifier;
  const asked = { DBInstanceIdentifier: restored, DBSnapshotIdentifier, ...input };
  return (await rehearsal.call('rds', 'RestoreDBInstanceFromDBSnapshot', asked, from)).DBInstance;
}
async function seen(rehearsal: Rehearsal, from: object = there, id = restored): Promise<Answer> {
  return (await rehearsal.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: id }, from)).DBInstances[0];
}
const refused = (asked: Promise<unknown>) =>
  asked.then(
    () => 'taken',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

/** Waits until an instance is in a status, and gives the statuses that it had before and the seconds that passed. */
async function until(rehearsal: Rehearsal, status: string, from: object = there, id = restored) {
  const had: string[] = [];
  const began = rehearsal.now();
  for (let look = 0; look < 4_000; look += 1) {
    const is = (await seen(rehearsal, from, id)).DBInstanceStatus;
    if (is === status) return { had, seconds: (rehearsal.now() - began) / 1000 };
    if (had.at(-1) !== is) had.push(is);
    await rehearsal.pass(5);
  }
  throw new Error(`it was never ${status}, but ${had.join(', ')}`);
}

async function use(rehearsal: Rehearsal, region: string, id = restored): Promise<void> {
  const input = { Name: parameter, Value: databaseEndpoint(id, region), Overwrite: true };
  await rehearsal.call('ssm', 'PutParameter', input, { in: region, region });
  await rehearsal.pass(40);
}

test('what a restore is given it has, and it has no address before it has come up', async () => {
  const rehearsal = await rehearse();
  const begun = await toLatest(rehearsal);
  expect(begun).toMatchObject({ DBInstanceIdentifier: restored, DBInstanceStatus: 'creating' });
  expect(begun).not.toHaveProperty('Endpoint');
  const { had, seconds } = await until(rehearsal, 'available');
  expect(had).toEqual(['creating', 'backing-up', 'modifying']);
  expect(seconds).toBeGreaterThan(1_800);
  expect(seconds).toBeLessThan(4 * 3_600);
  expect(await seen(rehearsal)).toMatchObject({
    DBInstanceClass: 'db.r6g.xlarge',
    AvailabilityZone: 'us-west-2a',
    MultiAZ: false,
    Endpoint: { Address: databaseEndpoint(restored, standby), Port: 5432 },
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0b2chatopsdb', Status: 'active' }],
    DBSubnetGroup: { DBSubnetGroupName: 'chatops-db' },
    DBParameterGroups: [{ DBParameterGroupName: 'chatops-postgres16', ParameterApplyStatus: 'in-sync' }],
    OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-16' }],
    DeletionProtection: true,
    TagList: [{ Key: 'application', Value: 'chatops' }],
    IAMDatabaseAuthenticationEnabled: true,
    EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    StorageType: 'gp3',
    Iops: 12_000,
    BackupRetentionPeriod: 7,
    PreferredBackupWindow: '08:00-08:30',
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    StorageEncrypted: true,
  });
  expect(databaseEvents(rehearsal)).toEqual(['RDS-EVENT-0005', 'RDS-EVENT-0019', 'RDS-EVENT-0001', 'RDS-EVENT-0002']);
});

test.for([
  ['to a point in time', toLatest, []],
  ['from a snapshot', fromSnapshot, [{ Key: 'application', Value: 'chatops' }]],
] as const)('of a restore %s AWS takes its default for everything that is left out', async ([, restore, tags]) => {
  const rehearsal = await rehearse();
  await restore(rehearsal, {});
  await until(rehearsal, 'available');
  const made = await seen(rehearsal);
  expect(made).toMatchObject({
    MultiAZ: false,
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0defaultvpc' }],
    DBSubnetGroup: { DBSubnetGroupName: 'default', VpcId: 'vpc-0default' },
    DBParameterGroups: [{ DBParameterGroupName: 'default.postgres16' }],
    OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-16' }],
    DeletionProtection: false,
    TagList: tags,
    IAMDatabaseAuthenticationEnabled: false,
    EnabledCloudwatchLogsExports: [],
    EngineLifecycleSupport: 'open-source-rds-extended-support',
    StorageType: 'gp3',
    BackupRetentionPeriod: 7,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    DedicatedLogVolume: false,
  });
  expect(made).not.toHaveProperty('MaxAllocatedStorage');
  expect(made).not.toHaveProperty('MasterUserSecret');
  // The application does not come through the default security group.
  expect(databaseTruth(rehearsal).writableRegions).toEqual([primary]);
});

test('with Multi-AZ RDS chooses both zones, the second of which is there when all is done', async () => {
  const rehearsal = await rehearse();
  const { AvailabilityZone: _, ...others } = planned;
  await fromSnapshot(rehearsal, { ...others, MultiAZ: true });
  expect((await seen(rehearsal)).MultiAZ).toBe(false);
  await until(rehearsal, 'available');
  const { MultiAZ, AvailabilityZone, SecondaryAvailabilityZone } = await seen(rehearsal);
  expect(MultiAZ).toBe(true);
  expect(SecondaryAvailabilityZone).not.toBe(AvailabilityZone);
});

test('a restore that nobody uses costs nothing, and once it is used what was written after its moment is lost', async () => {
  const rehearsal = await rehearse();
  const { RestoreWindow } = await replicated(rehearsal);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const darkAt = rehearsal.now();
  await toLatest(rehearsal);
  await until(rehearsal, 'available');
  expect(databaseTruth(rehearsal)).toMatchObject({ lostWrites: 0, lostSeconds: 0, writableRegions: [] });
  await use(rehearsal, standby);
  expect(databaseTruth(rehearsal)).toMatchObject({ writableRegions: [standby] });
  const { lostSeconds, lostWrites, divergedWrites } = databaseTruth(rehearsal);
  const seconds = (darkAt - RestoreWindow.LatestTime.getTime()) / 1000;
  expect(lostSeconds).toBeGreaterThan(seconds - 12);
  expect(lostSeconds).toBeLessThanOrEqual(seconds);
  expect(lostWrites / lostSeconds).toBeGreaterThan(38);
  expect(lostWrites / lostSeconds).toBeLessThanOrEqual(40);
  expect(divergedWrites).toBe(0);
  await rehearsal.pass(3_600);
  expect(databaseTruth(rehearsal)).toMatchObject({ lostSeconds, lostWrites });
});

test('a snapshot holds what was so when it was taken, however new its copy is', async () => {
  const rehearsal = await rehearse();
  const { SnapshotDatabaseTime: takenAt } = await newest(rehearsal, there);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const darkAt = rehearsal.now();
  await fromSnapshot(rehearsal);
  await until(rehearsal, 'available');
  await use(rehearsal, standby);
  const { lostSeconds } = databaseTruth(rehearsal);
  expect(Math.abs(lostSeconds - (darkAt - takenAt.getTime()) / 1000)).toBeLessThan(12);
});

test('what an old region takes after the call for a restore has diverged, and is not lost', async () => {
  const rehearsal = await rehearse();
  const { RestoreWindow } = await replicated(rehearsal);
  await toLatest(rehearsal);
  const calledAt = rehearsal.now();
  await until(rehearsal, 'available');
  expect(databaseTruth(rehearsal)).toMatchObject({ divergedWrites: 0, writableRegions: [primary] });
  await use(rehearsal, standby);
  const { lostSeconds, divergedWrites, writableRegions } = databaseTruth(rehearsal);
  expect(Math.abs(lostSeconds - (calledAt - RestoreWindow.LatestTime.getTime()) / 1000)).toBeLessThan(12);
  expect(writableRegions).toEqual([primary, standby]);
  const wentOn = (rehearsal.now() - calledAt) / 1000;
  expect(divergedWrites / wentOn).toBeGreaterThan(38);
  expect(rehearsal.estate.divergedBetween('database', calledAt, rehearsal.now())).toBe(divergedWrites);
});

test('what is restored beside a writer is a second one once its application uses it, and no moment before', async () => {
  const rehearsal = await rehearse();
  const invariants = createInvariants({ plan });
  const look = () => {
    const { usersRegion, served, writable } = rehearsal.estate.glance();
    invariants.observe({ kind: 'tick', at: rehearsal.now(), usersRegion, served, writable, verified: {} });
    return invariants.verdict(rehearsal.now()).find(({ id }) => id === 'one-writer');
  };
  await toLatest(rehearsal);
  await until(rehearsal, 'available');
  expect(look()).toEqual({ id: 'one-writer', held: true });
  await use(rehearsal, standby);
  expect(look()).toMatchObject({ held: false, detail: expect.stringContaining('take writes of database') });
});

test('what one failover cost is told apart from what another one did', async () => {
  const rehearsal = await rehearse();
  await toLatest(rehearsal, planned, { incident: 'first' });
  await until(rehearsal, 'available');
  await use(rehearsal, standby);
  const begunAt = rehearsal.now();
  const own = { SourceDBInstanceIdentifier: restored, UseLatestRestorableTime: true, ...planned };
  await rehearsal.pass(3_600);
  await toTime(rehearsal, { ...own, TargetDBInstanceIdentifier: `${restored}-2` }, { ...there, incident: 'second' });
  await until(rehearsal, 'available', there, `${restored}-2`);
  await use(rehearsal, standby, `${restored}-2`);
  const costOf = (incident: string) => rehearsal.estate.costOf((made) => made === incident)[0];
  const [first, second] = [costOf('first'), costOf('second')];
  const { divergedWrites, lostSeconds } = databaseTruth(rehearsal);
  // The writer of the other region was left in the first and goes on: none of that is the second's. What the second lost, it lost in one region.
  expect(first?.divergedWrites).toBe(divergedWrites);
  expect(second?.divergedWrites).toBe(0);
  expect(first?.lostSeconds).not.toBe(second?.lostSeconds);
  expect(Math.max(first?.lostSeconds ?? 0, second?.lostSeconds ?? 0)).toBe(lostSeconds);
  const between = (incident: string) =>
    rehearsal.estate.divergedBetween('database', begunAt, rehearsal.now(), (made) => made === incident);
  expect(between('first')).toBeGreaterThan(0);
  expect(between('second')).toBe(0);
});

test('after a corruption a restore in the same region is clean, and users lose what was written until they come to it', async () => {
  const rehearsal = await rehearse();
  const corruptAt = rehearsal.now();
  rehearsal.estate.inject({ id: 'corrupt', kind: 'data-corrupted', failing: 0.5 });
  await rehearsal.pass(600);
  expect(databaseTruth(rehearsal).corrupt).toBe(true);
  expect(rehearsal.estate.truth().served).toBe(false);
  const from = { SourceDBInstanceIdentifier: writer, RestoreTime: new Date(corruptAt - 1_000) };
  await toTime(rehearsal, { ...from, ...here }, {});
  await until(rehearsal, 'available', {});
  // Whatever wrote it has ended long ago: the data stays as it is.
  rehearsal.estate.heal('corrupt');
  await rehearsal.pass(60);
  expect(databaseTruth(rehearsal).corrupt).toBe(true);
  await use(rehearsal, primary);
  const { corrupt, lostSeconds, divergedWrites, writableRegions } = databaseTruth(rehearsal);
  expect(corrupt).toBe(false);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, writerZone: 'use1-az1', usersRegion: primary });
  expect(lostSeconds).toBeGreaterThan((rehearsal.now() - corruptAt) / 1000 - 60);
  expect(divergedWrites).toBe(0);
  expect(writableRegions).toEqual([primary]);
  const asset = rehearsal.estate.truth().assets.find(({ name }) => name === 'database');
  expect(asset).toMatchObject({ region: primary, serves: true });
});

test('a promotion after a restore loses what was written into the restored one, for its replica follows the old one', async () => {
  const rehearsal = await rehearse();
  await fromSnapshot(rehearsal, here, {});
  await until(rehearsal, 'available', {});
  await use(rehearsal, primary);
  const { lostSeconds: first } = databaseTruth(rehearsal);
  const usedAt = rehearsal.now();
  await rehearsal.pass(20_000);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const darkAt = rehearsal.now();
  await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: databaseIn(standby, plan) }, there);
  await rehearsal.pass(700);
  const { lostSeconds } = databaseTruth(rehearsal);
  expect(first).toBeLessThan(15_000);
  // All that has been written since the snapshot that the restored one had in common with the replica.
  expect(lostSeconds).toBeGreaterThan((darkAt - usedAt) / 1000);
  expect(lostSeconds - first).toBeLessThan((darkAt - usedAt) / 1000 + 60);
});

test('what was written wrongly can be corrected by the people of the application, wherever it is', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'corrupt', kind: 'data-corrupted', failing: 0.6, forSeconds: 600, corrected: true });
  await rehearsal.pass(590);
  expect(databaseTruth(rehearsal).corrupt).toBe(true);
  expect(rehearsal.estate.truth().served).toBe(false);
  await rehearsal.pass(70);
  expect(databaseTruth(rehearsal).corrupt).toBe(false);
  expect(rehearsal.estate.truth().served).toBe(true);
});

test('a restore to after a corruption has it, as the replica has, and one that users do not feel is there all the same', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'corrupt', kind: 'data-corrupted' });
  await rehearsal.pass(900);
  expect(rehearsal.estate.truth().served).toBe(true);
  expect(databaseTruth(rehearsal).corrupt).toBe(true);
  await toTime(rehearsal, { SourceDBInstanceIdentifier: writer, UseLatestRestorableTime: true, ...here }, {});
  await until(rehearsal, 'available', {});
  await use(rehearsal, primary);
  expect(databaseTruth(rehearsal).corrupt).toBe(true);
  const other = await rehearse();
  other.estate.inject({ id: 'corrupt', kind: 'data-corrupted' });
  await other.pass(60);
  await other.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: databaseIn(standby, plan) }, there);
  const input = { Name: parameter, Value: databaseEndpoint(databaseIn(standby, plan), standby), Overwrite: true };
  await other.call('ssm', 'PutParameter', input, there);
  await other.call('s3', 'PutObject', latch, there);
  await other.pass(1_500);
  expect(other.estate.truth().usersRegion).toBe(standby);
  expect(databaseTruth(other).corrupt).toBe(true);
});

const latch = {
  Bucket: plan.redirection.latchBuckets[primary]?.[standby],
  Key: `latch/${primary}`,
  Body: 'closed',
};

test.for(failedRestores)(
  'a restore may end half way as %s: it is there, holds its name, and never works',
  async (ends) => {
    const rehearsal = await rehearse();
    rehearsal.estate.inject({ id: 'fails', kind: 'restore-fails', ends, way: 'restore-point-in-time' });
    await toLatest(rehearsal);
    const { seconds, had } = await until(rehearsal, ends);
    expect(had).toEqual(['creating']);
    expect(seconds).toBeGreaterThan(900);
    // What waited for it has waited no longer.
    const work = rehearsal.estate.works().find(({ latency }) => latency === 'rds-restore');
    expect(Math.abs((work?.seconds ?? 0) - seconds)).toBeLessThan(10);
    expect(await refused(fromSnapshot(rehearsal))).toMatch(/^DBInstanceAlreadyExistsFault/);
    await fromSnapshot(rehearsal, { ...planned, DBInstanceIdentifier: `${restored}-2` });
    await rehearsal.pass(4 * 3_600);
    expect((await seen(rehearsal)).DBInstanceStatus).toBe(ends);
    expect((await seen(rehearsal, there, `${restored}-2`)).DBInstanceStatus).toBe('available');
    expect(databaseEvents(rehearsal)).toContain('RDS-EVENT-0031');
  },
);

test('what failed can be deleted, and its name is free again; what is protected cannot', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'fails', kind: 'restore-fails', ends: 'restore-error' });
  await toLatest(rehearsal, { ...planned, DeletionProtection: false });
  await until(rehearsal, 'restore-error');
  const gone = { DBInstanceIdentifier: restored, SkipFinalSnapshot: true };
  await rehearsal.call('rds', 'DeleteDBInstance', gone, there);
  await rehearsal.pass(310);
  expect(await refused(seen(rehearsal))).toMatch(/^DBInstanceNotFoundFault/);
  const own = rehearsal.call('rds', 'DeleteDBInstance', { DBInstanceIdentifier: writer, SkipFinalSnapshot: true });
  expect(await refused(own)).toMatch(/^InvalidParameterCombination: Cannot delete protected DB Instance/);
});

const everyone = { SourceDBInstanceIdentifier: writer, UseLatestRestorableTime: true };

test.for([
  ['the name of an instance', { TargetDBInstanceIdentifier: writer }, 'DBInstanceAlreadyExistsFault'],
  ['no name', { TargetDBInstanceIdentifier: '1-' }, 'InvalidParameterValue'],
  ['two moments', { RestoreTime: new Date() }, 'InvalidParameterCombination'],
  ['no moment', { UseLatestRestorableTime: undefined }, 'InvalidParameterCombination'],
  [
    'a moment to come',
    { UseLatestRestorableTime: false, RestoreTime: new Date('2027-01-01') },
    'InvalidParameterValue',
  ],
  [
    'one of last year',
    { UseLatestRestorableTime: false, RestoreTime: new Date('2025-01-01') },
    'InvalidParameterValue',
  ],
  ['no source', { SourceDBInstanceIdentifier: undefined }, 'InvalidParameterCombination'],
  ['two sources', { SourceDbiResourceId: 'db-1' }, 'InvalidParameterCombination'],
  [
    'an instance of the other region',
    { SourceDBInstanceIdentifier: databaseIn(standby, plan) },
    'DBInstanceNotFoundFault',
  ],
  ['a subnet group that is not there', { DBSubnetGroupName: 'other' }, 'DBSubnetGroupNotFoundFault'],
  ['a parameter group that is not there', { DBParameterGroupName: 'other' }, 'DBParameterGroupNotFoundFault'],
  ['an option group that is not there', { OptionGroupName: 'other' }, 'OptionGroupNotFoundFault'],
  ['a security group that is not there', { VpcSecurityGroupIds: ['sg-1'] }, 'InvalidParameterValue'],
  ['a security group of another VPC', { DBSubnetGroupName: 'default' }, 'InvalidParameterCombination'],
  ['a class that nobody offers', { DBInstanceClass: 'db.x2g.large' }, 'InvalidParameterCombination'],
  ['a zone and two of them', { MultiAZ: true }, 'InvalidParameterCombination'],
  ['a zone of another region', { AvailabilityZone: 'us-west-2a' }, 'InvalidParameterValue'],
  ['a storage type that is not offered', { StorageType: 'standard' }, 'StorageTypeNotSupportedFault'],
  ['gp3 without Iops', { Iops: undefined }, 'InvalidParameterCombination'],
  ['gp2 with Iops', { StorageType: 'gp2', StorageThroughput: undefined }, 'InvalidParameterCombination'],
  ['logs of another engine', { EnableCloudwatchLogsExports: ['slowquery'] }, 'InvalidParameterCombination'],
  ['a certificate that is not there', { CACertificateIdentifier: 'rds-ca-2015' }, 'CertificateNotFoundFault'],
  ['a password of its own', { ManageMasterUserPassword: true }, 'InvalidParameterCombination'],
  ['backups of 36 days', { BackupRetentionPeriod: 36 }, 'InvalidParameterValue'],
  ['less storage', { AllocatedStorage: 100 }, 'InvalidParameterValue'],
  ['a reservation that is not there', { DBCapacityReservationIdentifier: 'a' }, 'DBCapacityReservationNotFoundFault'],
  ['all that the plan says', {}, 'taken'],
] as const)('a restore with %s: %o', async ([, changes, name]) => {
  const rehearsal = await rehearse();
  const said = await refused(toTime(rehearsal, { ...everyone, ...here, ...changes }, {}));
  expect(said.split(':')[0]).toBe(name);
});

test('an instance without backups, and one that is gone with them, cannot be restored', async () => {
  const rehearsal = await rehearse();
  const replica = { ...everyone, SourceDBInstanceIdentifier: databaseIn(standby, plan), ...planned };
  expect(await refused(toTime(rehearsal, replica))).toMatch(/^PointInTimeRestoreNotEnabledFault/);
  const arn = `arn:aws:rds:${standby}:${account}:auto-backup:ab-other`;
  const other = { SourceDBInstanceAutomatedBackupsArn: arn, UseLatestRestorableTime: true };
  expect(await refused(toTime(rehearsal, other))).toMatch(/^DBInstanceAutomatedBackupNotFoundFault/);
  const missing = { DBInstanceIdentifier: restored, DBSnapshotIdentifier: 'other' };
  expect(await refused(rehearsal.call('rds', 'RestoreDBInstanceFromDBSnapshot', missing, there))).toMatch(
    /^DBSnapshotNotFoundFault/,
  );
});

test('a snapshot that is still being made cannot be restored', async () => {
  const rehearsal = await rehearse();
  await rehearsal.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: writer, DBSnapshotIdentifier: 'new' });
  const restore = (DBSnapshotIdentifier: string) => {
    const input = { DBInstanceIdentifier: restored, DBSnapshotIdentifier, ...here };
    return refused(rehearsal.call('rds', 'RestoreDBInstanceFromDBSnapshot', input));
  };
  expect(await restore('new')).toMatch(/^InvalidDBSnapshotStateFault/);
  await rehearsal.pass(1_900);
  expect(await restore('new')).toBe('taken');
});

/** What a fault takes away, who sees it missing before, and what the restore is told. */
test.for([
  ['DBSubnetGroupNotFoundFault', 'DescribeDBSubnetGroups', { DBSubnetGroupName: 'chatops-db' }],
  ['DBParameterGroupNotFoundFault', 'DescribeDBParameterGroups', { DBParameterGroupName: 'chatops-postgres16' }],
] as const)('%s shows in %s before a restore runs into it', async ([error, look, input]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'fails', kind: 'restore-fails', error, region: standby });
  expect(await refused(rehearsal.call('rds', look, input, there))).toMatch(new RegExp(`^${error}`));
  expect(await refused(toLatest(rehearsal))).toMatch(new RegExp(`^${error}`));
  expect(await refused(toTime(rehearsal, { ...everyone, ...here }, {}))).toBe('taken');
});

test('zones that a subnet group no longer covers, a quota that is used up and a key that is disabled show before', async () => {
  const rehearsal = await rehearse();
  const failing = (
    error: 'DBSubnetGroupDoesNotCoverEnoughAZs' | 'InstanceQuotaExceededFault' | 'KMSKeyNotAccessibleFault',
  ) => rehearsal.estate.inject({ id: error, kind: 'restore-fails', error });
  failing('KMSKeyNotAccessibleFault');
  const { KeyMetadata } = await rehearsal.call('kms', 'DescribeKey', { KeyId: 'alias/chatops-backups' }, there);
  expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
  expect(await refused(fromSnapshot(rehearsal))).toMatch(/^KMSKeyNotAccessibleFault/);
  failing('DBSubnetGroupDoesNotCoverEnoughAZs');
  const { DBSubnetGroups } = await rehearsal.call('rds', 'DescribeDBSubnetGroups', {}, there);
  expect(DBSubnetGroups.map(({ Subnets }: Answer) => Subnets.length)).toEqual([1, 1]);
  expect(await refused(fromSnapshot(rehearsal))).toMatch(/^DBSubnetGroupDoesNotCoverEnoughAZs/);
  failing('InstanceQuotaExceededFault');
  const { AccountQuotas } = await rehearsal.call('rds', 'DescribeAccountAttributes', {}, there);
  const { Used, Max } = AccountQuotas.find(({ AccountQuotaName }: Answer) => AccountQuotaName === 'DBInstances');
  expect(Used).toBe(Max);
  expect(await refused(fromSnapshot(rehearsal))).toMatch(/^InstanceQuotaExceededFault/);
});

test.for([
  'InsufficientDBInstanceCapacityFault',
  'InvalidRestoreFault',
  'InvalidVPCNetworkStateFault',
  'ProvisionedIopsNotAvailableInAZFault',
] as const)('%s shows nowhere before: the call alone is told, of one way or of both', async (error) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'fails', kind: 'restore-fails', error, way: 'restore-point-in-time' });
  expect(await refused(toLatest(rehearsal))).toMatch(new RegExp(`^${error}`));
  expect(await refused(fromSnapshot(rehearsal))).toBe('taken');
});

test.for([
  ['an error', { error: 'InsufficientDBInstanceCapacityFault' }, true],
  ['an end', { ends: 'incompatible-restore', way: 'restore-snapshot', region: 'standby' }, true],
  ['both', { error: 'InvalidRestoreFault', ends: 'failed' }, false],
  ['neither', {}, false],
  ['an error that no restore has', { error: 'DBClusterNotFoundFault' }, false],
  ['an end that is none', { ends: 'available' }, false],
] as const)('a scenario says of restores that fail %s: %o', ([, fields, valid]) => {
  expect(faultSchema.safeParse({ id: 'fails', kind: 'restore-fails', ...fields }).success).toBe(valid);
});

test('keys, security groups, classes and versions are told as AWS tells them', async () => {
  const rehearsal = await rehearse(1, 0);
  const key = (KeyId: string) => refused(rehearsal.call('kms', 'DescribeKey', { KeyId }, there));
  expect(await key('alias/chatops-backups')).toBe('taken');
  expect(await key('alias/aws/rds')).toBe('taken');
  expect(await key('alias/other')).toMatch(/^NotFoundException: Alias 'arn:aws:kms:us-west-2:\d+:alias\/other'/);
  const group = (id: string) => refused(rehearsal.call('ec2', 'DescribeSecurityGroups', { GroupIds: [id] }, there));
  expect(await group('sg-0b2chatopsdb')).toBe('taken');
  expect(await group('sg-0a1chatopsdb')).toMatch(/^InvalidGroup.NotFound/);
  expect(await group('chatops')).toMatch(/^InvalidGroupId.Malformed/);
  const offer = { Engine: 'postgres', EngineVersion: '16.8', DBInstanceClass: database.instanceClass };
  const { OrderableDBInstanceOptions: offers } = await rehearsal.call(
    'rds',
    'DescribeOrderableDBInstanceOptions',
    offer,
    there,
  );
  expect(offers.map(({ StorageType }: Answer) => StorageType)).toEqual(['gp2', 'gp3', 'io1', 'io2']);
  expect(offers[0].AvailabilityZones).toEqual([{ Name: 'us-west-2a' }, { Name: 'us-west-2b' }, { Name: 'us-west-2c' }]);
  const version = { Engine: 'postgres', EngineVersion: '16.8' };
  const { DBEngineVersions } = await rehearsal.call('rds', 'DescribeDBEngineVersions', version, there);
  expect(DBEngineVersions).toMatchObject([{ DBParameterGroupFamily: 'postgres16', MajorEngineVersion: '16' }]);
});

test('a restored database is a writer like any other: it has backups, can be fenced and fails over', async () => {
  const rehearsal = await rehearse();
  const { AvailabilityZone: _, ...others } = planned;
  await fromSnapshot(rehearsal, { ...others, MultiAZ: true });
  await until(rehearsal, 'available');
  await use(rehearsal, standby);
  await rehearsal.pass(900);
  const { DBInstanceAutomatedBackups: held } = await rehearsal.call(
    'rds',
    'DescribeDBInstanceAutomatedBackups',
    {},
    there,
  );
  const own = held.find(({ DBInstanceIdentifier }: Answer) => DBInstanceIdentifier === restored);
  expect(own).toMatchObject({ Status: 'active', Region: standby, BackupRetentionPeriod: 7 });
  const before = (await seen(rehearsal)).AvailabilityZone;
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: restored, ForceFailover: true }, there);
  await rehearsal.pass(130);
  expect((await seen(rehearsal)).AvailabilityZone).not.toBe(before);
  const fence = { DBInstanceIdentifier: restored, VpcSecurityGroupIds: ['sg-0b2closed'] };
  await rehearsal.call('rds', 'ModifyDBInstance', fence, there);
  await rehearsal.pass(70);
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: restored }, there);
  await rehearsal.pass(100);
  expect(databaseTruth(rehearsal).writableRegions).toEqual([primary]);
});

test('a replica that is behind on purpose holds what was so then, and a promotion ends that', async () => {
  const late = changing('rds-instance', plan, {
    regions: {
      ...database.regions,
      [standby]: {
        ...(database.regions[standby] ?? { instance: '' }),
        delayedReplica: { instance: 'chatops-late', delaySeconds: 1_800 },
      },
    },
  });
  const rehearsal = await rehearse(1, 3_600, late);
  expect(await seen(rehearsal, there, 'chatops-late')).toMatchObject({
    ReadReplicaSourceDBInstanceIdentifier: `arn:aws:rds:${primary}:${account}:db:${writer}`,
  });
  rehearsal.estate.inject({ id: 'corrupt', kind: 'data-corrupted' });
  await rehearsal.pass(600);
  await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: 'chatops-late' }, there);
  await rehearsal.pass(3_600);
  const input = { Name: parameter, Value: databaseEndpoint('chatops-late', standby), Overwrite: true };
  await rehearsal.call('ssm', 'PutParameter', input, there);
  await rehearsal.call('s3', 'PutObject', latch, there);
  await rehearsal.pass(300);
  const { corrupt, lostSeconds } = databaseTruth(rehearsal);
  expect(corrupt).toBe(false);
  expect(lostSeconds).toBeGreaterThan(1_780);
  expect(lostSeconds).toBeLessThan(1_830);
});
