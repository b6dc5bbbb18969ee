// RDS's automated backups and snapshots: looked at, replicated into another region, copied and deleted.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../../apis/answer.ts';
import { internalFailure, refusal } from '../../calls/aws-error.ts';
import type { Call } from '../../types.ts';
import { keyNamed } from '../account.ts';
import type { AutomatedBackup, Backups, Snapshot } from '../backups.ts';
import { type Database, type Instance, instanceArn } from '../database.ts';
import { replicatesInto } from '../region-pairs.ts';
import { engineOf, type Tags } from '../settings.ts';
import { accountOf } from './account-api.ts';
import { filtered, listed, paged } from './paging.ts';
import { restoreRefusal } from './restore-errors.ts';
import { find, tagsShown } from './shown.ts';

const tagList = z.array(z.looseObject({ Key: z.string(), Value: z.string().default('') })).optional();
const automated = listed.extend({
  DbiResourceId: z.string().optional(),
  DBInstanceIdentifier: z.string().optional(),
  DBInstanceAutomatedBackupsArn: z.string().optional(),
});
const start = z.looseObject({
  SourceDBInstanceArn: z.string(),
  BackupRetentionPeriod: z.int().optional(),
  KmsKeyId: z.string().optional(),
  Tags: tagList,
});
const stop = z.looseObject({ SourceDBInstanceArn: z.string() });
const snapshots = listed.extend({
  DBInstanceIdentifier: z.string().optional(),
  DBSnapshotIdentifier: z.string().optional(),
  DbiResourceId: z.string().optional(),
  SnapshotType: z.string().optional(),
});
const copy = z.looseObject({
  SourceDBSnapshotIdentifier: z.string(),
  TargetDBSnapshotIdentifier: z.string(),
  SourceRegion: z.string().optional(),
  KmsKeyId: z.string().optional(),
  OptionGroupName: z.string().optional(),
  CopyTags: z.boolean().optional(),
  Tags: tagList,
});
const create = z.looseObject({ DBSnapshotIdentifier: z.string(), DBInstanceIdentifier: z.string(), Tags: tagList });
const named = z.looseObject({ DBSnapshotIdentifier: z.string() });

/** Automated backups of other regions that an account may have [AWS, "Replicating automated backups", limitations]. */
const mostReplicated = 20;
const longestRetentionDays = 35;

export const rdsBackups: Answers = {
  DescribeDBInstanceAutomatedBackups(call, parts) {
    const asked = read(automated, call);
    const { DbiResourceId: resource, DBInstanceIdentifier: id, DBInstanceAutomatedBackupsArn: arn } = asked;
    const found = filtered(heldIn(call, parts), asked, {
      status: ({ backup }) => [backup.status],
      'db-instance-id': ({ backup: { of } }) => [of.id, instanceArn(of, parts.world.account)],
      'dbi-resource-id': ({ backup: { of } }) => [of.resourceId],
    }).filter(
      ({ backup }) =>
        (resource ?? backup.of.resourceId).toUpperCase() === backup.of.resourceId.toUpperCase() &&
        (id ?? backup.of.id).toLowerCase() === backup.of.id &&
        (arn ?? backup.arn) === backup.arn,
    );
    const what = arn ?? resource;
    if (what !== undefined && found.length === 0) throw automatedMissing(what);
    const { page, marker } = paged(found, asked);
    return { DBInstanceAutomatedBackups: page.map((one) => automatedShown(one, parts)), Marker: marker };
  },
  StartDBInstanceAutomatedBackupsReplication(call, parts) {
    const { SourceDBInstanceArn: arn, BackupRetentionPeriod: days = null, KmsKeyId, Tags } = read(start, call);
    const [, , , from = ''] = arn.split(':');
    if (!replicatesInto(from, call.region))
      throw refusal('InvalidParameterValue', `Feature is not available in region ${call.region}.`);
    if (days !== null && (days < 1 || days > longestRetentionDays))
      throw refusal('InvalidParameterValue', `Invalid backup retention period: ${days}. Must be between 1 and 35.`);
    const { instance, database, backups } = findByArn(arn, call, parts);
    expectBackedUp(instance, database);
    const known = replicatedIn(call.region, instance, backups);
    if (known !== null && known.status !== 'retained')
      throw refusal(
        'InvalidDBInstanceAutomatedBackupStateFault',
        `The automated backups of ${instance.id} are replicated to ${call.region} already.`,
      );
    const kept = parts.databases.flatMap((one) => one.backups.automated(call.region)).filter(isReplicated);
    if (kept.length >= mostReplicated)
      throw refusal('DBInstanceAutomatedBackupQuotaExceededFault', 'The quota of automated backups would be exceeded.');
    const keyArn = instance.settings.keyArn === null ? null : usableKey(KmsKeyId, call, parts);
    const backup = backups.replicate(instance, call.region, { days, keyArn, tags: tagsIn(Tags) });
    noteMutation(call, parts, instance.id, null);
    return { DBInstanceAutomatedBackup: automatedShown({ backup, backups }, parts) };
  },
  StopDBInstanceAutomatedBackupsReplication(call, parts) {
    const { SourceDBInstanceArn: arn } = read(stop, call);
    const { instance, backups } = findByArn(arn, call, parts);
    const backup = replicatedIn(call.region, instance, backups);
    if (backup === null || backup.status === 'retained')
      throw restoreRefusal(
        'InvalidDBInstanceStateFault',
        `The automated backups of ${instance.id} are not replicated to ${call.region}.`,
      );
    const told = automatedShown({ backup, backups }, parts);
    backup.status = 'retained';
    noteMutation(call, parts, instance.id, null);
    return { DBInstanceAutomatedBackup: told };
  },
  DescribeDBSnapshots(call, parts) {
    const asked = read(snapshots, call);
    const {
      DBInstanceIdentifier: instance,
      DBSnapshotIdentifier: id,
      DbiResourceId: resource,
      SnapshotType: type,
    } = asked;
    const found = filtered(snapshotsIn(call.region, parts), asked, {
      'db-instance-id': ({ of }) => [of.id, instanceArn(of, parts.world.account)],
      'db-snapshot-id': (one) => [one.id, one.arn],
      'dbi-resource-id': ({ of }) => [of.resourceId],
      'snapshot-type': (one) => [one.type],
      engine: ({ settings }) => [settings.engine],
    }).filter(
      (one) =>
        (instance ?? one.of.id).toLowerCase() === one.of.id &&
        (id === undefined || [one.id, one.arn].includes(id)) &&
        (resource ?? one.of.resourceId) === one.of.resourceId &&
        (type ?? one.type) === one.type,
    );
    if (id !== undefined && found.length === 0) throw snapshotMissing(id);
    const { page, marker } = paged(found, asked);
    return { DBSnapshots: page.map((one) => snapshotShown(one, parts)), Marker: marker };
  },
  CreateDBSnapshot(call, parts) {
    const { DBSnapshotIdentifier: id, DBInstanceIdentifier, Tags } = read(create, call);
    const { instance, database, backups } = find(DBInstanceIdentifier, call, parts);
    if (!['available', 'storage-optimization', 'storage-full'].includes(database.status(instance)))
      throw restoreRefusal(
        'InvalidDBInstanceStateFault',
        'Cannot create a snapshot because the database instance is not currently in the available state.',
      );
    expectNewSnapshot(id, call, parts);
    const snapshot = backups.take(instance, id, tagsIn(Tags));
    noteMutation(call, parts, id, instance.writerZone);
    return { DBSnapshot: snapshotShown(snapshot, parts) };
  },
  CopyDBSnapshot(call, parts) {
    const asked = read(copy, call);
    const { SourceDBSnapshotIdentifier: from, TargetDBSnapshotIdentifier: id, SourceRegion } = asked;
    const [source, region] = from.startsWith('arn:') ? [from, from.split(':')[3] ?? ''] : [from, call.region];
    if (SourceRegion !== undefined && SourceRegion !== region)
      throw refusal('InvalidParameterValue', `The source snapshot ${from} is not in ${SourceRegion}.`);
    if (!parts.world.canReach(call.region, region)) throw internalFailure('rds');
    const known = parts.databases.flatMap(({ backups }) =>
      backups.snapshots(region).map((snapshot) => ({ backups, snapshot })),
    );
    const found = known.find(({ snapshot }) => [snapshot.id, snapshot.arn].includes(source));
    if (found === undefined) throw snapshotMissing(from);
    const { snapshot, backups } = found;
    if (snapshot.status !== 'available')
      throw restoreRefusal('InvalidDBSnapshotStateFault', `The snapshot ${snapshot.id} is not in the available state.`);
    expectNewSnapshot(id, call, parts);
    const isElsewhere = region !== call.region;
    const optionGroup = asked.OptionGroupName ?? (isElsewhere ? defaultOptions(snapshot) : snapshot.optionGroup);
    if (accountOf(call, parts).optionGroups.every(({ name }) => name !== optionGroup))
      throw restoreRefusal('OptionGroupNotFoundFault', `Specified OptionGroupName: ${optionGroup} not found.`);
    // A key opens nothing in another region.
    const keyArn =
      snapshot.keyArn === null && asked.KmsKeyId === undefined
        ? null
        : asked.KmsKeyId === undefined && !isElsewhere
          ? snapshot.keyArn
          : usableKey(asked.KmsKeyId, call, parts);
    const tags = asked.CopyTags === true && asked.Tags === undefined ? snapshot.tags : tagsIn(asked.Tags);
    const made = backups.copy(snapshot, { id, region: call.region, keyArn, optionGroup, tags });
    noteMutation(call, parts, id, null);
    return { DBSnapshot: snapshotShown(made, parts) };
  },
  DeleteDBSnapshot(call, parts) {
    const { DBSnapshotIdentifier: id } = read(named, call);
    const held = parts.databases.find(({ backups }) => backups.snapshots(call.region).some((one) => one.id === id));
    const snapshot = held?.backups.snapshots(call.region).find((one) => one.id === id);
    if (held === undefined || snapshot === undefined) throw snapshotMissing(id);
    if (snapshot.type === 'automated')
      throw restoreRefusal('InvalidDBSnapshotStateFault', 'automated snapshots cannot be deleted.');
    // What is being copied is ended by it.
    if (snapshot.status === 'creating' && snapshot.copyOf === null)
      throw restoreRefusal('InvalidDBSnapshotStateFault', `The snapshot ${id} is not in the available state.`);
    held.backups.remove(snapshot);
    noteMutation(call, parts, id, null);
    return { DBSnapshot: { ...snapshotShown(snapshot, parts), Status: 'deleted' } };
  },
};

export function automatedMissing(what: string) {
  return restoreRefusal('DBInstanceAutomatedBackupNotFoundFault', `DBInstanceAutomatedBackup ${what} not found.`);
}

export function snapshotMissing(id: string) {
  return restoreRefusal('DBSnapshotNotFoundFault', `DBSnapshot ${id} not found.`);
}

export function snapshotsIn(region: string, { databases }: Parts): Snapshot[] {
  return databases.flatMap(({ backups }) => backups.snapshots(region));
}

type Kept = { readonly backup: AutomatedBackup; readonly backups: Backups };

function heldIn({ region }: Call, { databases }: Parts): Kept[] {
  return databases.flatMap(({ backups }) => backups.automated(region).map((backup) => ({ backup, backups })));
}

function isReplicated({ of, region }: AutomatedBackup): boolean {
  return of.region !== region;
}

function replicatedIn(region: string, of: Instance, backups: Backups): AutomatedBackup | null {
  return backups.automated(region).find((backup) => backup.of === of && isReplicated(backup)) ?? null;
}

/** An instance of another region. @throws where it is not there, and where its region does not answer */
export function findByArn(arn: string, call: Call, parts: Parts): ReturnType<typeof find> {
  const [, , , region = '', , , id = ''] = arn.split(':');
  if (!parts.world.canReach(call.region, region)) throw internalFailure('rds');
  return find(id, { ...call, region }, parts);
}

export function expectBackedUp(instance: Instance, database: Database): void {
  if (database.status(instance) !== 'available' && database.status(instance) !== 'backing-up')
    throw restoreRefusal('InvalidDBInstanceStateFault');
  if (instance.backupRetentionDays === 0)
    throw restoreRefusal('InvalidDBInstanceStateFault', `Automated backups are not enabled for ${instance.id}.`);
}

/** The ARN of a key with which something can be encrypted here. */
export function usableKey(name: string | undefined, call: Pick<Call, 'region'>, parts: Parts): string {
  const key = name === undefined ? null : keyNamed(name, accountOf(call, parts).keys);
  if (key === null || !key.enabled) {
    const why = 'does not exist, is not enabled or you do not have permissions to access it.';
    throw restoreRefusal('KMSKeyNotAccessibleFault', `The specified KMS key [${name ?? 'null'}] ${why}`);
  }
  return key.arn;
}

function expectNewSnapshot(id: string, call: Call, parts: Parts): void {
  if (!/^[A-Za-z](-?[A-Za-z0-9])*$/.test(id) || id.length > 255)
    throw refusal(
      'InvalidParameterValue',
      'The parameter DBSnapshotIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
    );
  if (snapshotsIn(call.region, parts).some((one) => one.id === id))
    throw refusal(
      'DBSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
    );
  const { used, most } = accountOf(call, parts).quotas.snapshots;
  if (used >= most)
    throw refusal(
      'SnapshotQuotaExceededFault',
      'The request cannot be processed because it would exceed the maximum number of snapshots.',
    );
}

function defaultOptions({ settings: { engine } }: Snapshot): string {
  return `default:${engine}-${engineOf(engine).major.replace('.', '-')}`;
}

export function tagsIn(tags: z.infer<typeof tagList>): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
}

function automatedShown({ backup, backups }: Kept, { world }: Parts): Record<string, unknown> {
  const { of, arn, region, keyArn, status, retentionDays, latest } = backup;
  const { settings } = of;
  const copies = isReplicated(backup) ? [] : backups.replicasOf(of);
  return {
    DBInstanceArn: instanceArn(of, world.account),
    DbiResourceId: of.resourceId,
    Region: of.region,
    DBInstanceIdentifier: of.id,
    RestoreWindow:
      latest === null || status === 'pending'
        ? { EarliestTime: undefined, LatestTime: undefined }
        : { EarliestTime: new Date(backups.earliest(backup)), LatestTime: new Date(latest) },
    AllocatedStorage: settings.allocatedGib,
    Status: status,
    Port: settings.port,
    AvailabilityZone: isReplicated(backup) ? undefined : world.plan.regions[region]?.zones[of.writerZone],
    InstanceCreateTime: new Date(of.createdAt),
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    LicenseModel: engineOf(settings.engine).licence,
    OptionGroupName: settings.optionGroup,
    Encrypted: keyArn !== null,
    KmsKeyId: keyArn ?? undefined,
    StorageType: settings.storageType,
    Iops: settings.iops ?? undefined,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    BackupRetentionPeriod: retentionDays,
    PreferredBackupWindow: settings.backupWindow,
    BackupTarget: 'region',
    DBInstanceAutomatedBackupsArn: arn,
    DBInstanceAutomatedBackupsReplications: copies.map((copy) => ({ DBInstanceAutomatedBackupsArn: copy.arn })),
    TagList: tagsShown(backup.tags),
    AwsBackupRecoveryPointArn: undefined,
  };
}

function snapshotShown(snapshot: Snapshot, { world }: Parts): Record<string, unknown> {
  const { id, arn, of, type, status, startedAt, seconds, fork, settings, keyArn, copyOf } = snapshot;
  const done = seconds === 0 ? 1 : Math.min(1, (world.now() - startedAt) / (seconds * 1000));
  const isNew = status === 'creating' && copyOf === null;
  return {
    DBSnapshotIdentifier: id,
    DBSnapshotArn: arn,
    DBInstanceIdentifier: of.id,
    DbiResourceId: of.resourceId,
    SnapshotType: type,
    Status: status,
    PercentProgress: status === 'available' ? 100 : Math.floor(done * 100),
    // While it is made it has no time yet. Of a copy this is the time of the copy; of what it holds the two others tell.
    SnapshotCreateTime: status === 'creating' ? undefined : new Date(startedAt + seconds * 1000),
    OriginalSnapshotCreateTime: isNew ? undefined : new Date(snapshot.originalAt),
    SnapshotDatabaseTime: isNew ? undefined : new Date(fork.at),
    InstanceCreateTime: new Date(of.createdAt),
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    LicenseModel: engineOf(settings.engine).licence,
    AllocatedStorage: settings.allocatedGib,
    Port: settings.port,
    AvailabilityZone: copyOf === null ? snapshot.zone : undefined,
    OptionGroupName: snapshot.optionGroup,
    SourceRegion: copyOf?.region,
    SourceDBSnapshotIdentifier: copyOf?.arn,
    StorageType: settings.storageType,
    Iops: settings.iops ?? undefined,
    StorageThroughput: settings.storageThroughput ?? undefined,
    Encrypted: keyArn !== null,
    KmsKeyId: keyArn ?? undefined,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    BackupRetentionPeriod: settings.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    SnapshotTarget: 'region',
    TagList: tagsShown(snapshot.tags),
  };
}
