// RDS makes an instance from a backup, under a new name: what it refuses, and what it takes where nobody says.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../../apis/answer.ts';
import { refusal } from '../../calls/aws-error.ts';
import { hash } from '../../chance/random.ts';
import type { Call } from '../../types.ts';
import {
  type Account,
  defaultSecurityGroup,
  failingRestore,
  keyNamed,
  type RestoreWay,
  type SubnetGroup,
  storageTypes,
} from '../account.ts';
import type { AutomatedBackup } from '../backups.ts';
import type { Fork, Restoration } from '../database.ts';
import type { Replicated } from '../databases.ts';
import {
  defaultCertificate,
  defaultGroups,
  defaultLifecycle,
  defaultSubnetGroup,
  engineOf,
  type Settings,
} from '../settings.ts';
import { accountOf, certificates, reservationMissing } from './account-api.ts';
import { automatedMissing, snapshotMissing, snapshotsIn, tagsIn } from './backup-api.ts';
import { type RestoreError, restoreRefusal } from './restore-errors.ts';
import { find, shown } from './shown.ts';

export const common = {
  DBInstanceClass: z.string().optional(),
  Port: z.int().optional(),
  AvailabilityZone: z.string().optional(),
  DBSubnetGroupName: z.string().optional(),
  MultiAZ: z.boolean().optional(),
  PubliclyAccessible: z.boolean().optional(),
  AutoMinorVersionUpgrade: z.boolean().optional(),
  Engine: z.string().optional(),
  Iops: z.int().optional(),
  StorageThroughput: z.int().optional(),
  StorageType: z.string().optional(),
  AllocatedStorage: z.int().optional(),
  OptionGroupName: z.string().optional(),
  CopyTagsToSnapshot: z.boolean().optional(),
  Tags: z.array(z.looseObject({ Key: z.string(), Value: z.string().default('') })).optional(),
  VpcSecurityGroupIds: z.array(z.string()).optional(),
  EnableIAMDatabaseAuthentication: z.boolean().optional(),
  EnableCloudwatchLogsExports: z.array(z.string()).optional(),
  DBParameterGroupName: z.string().optional(),
  DeletionProtection: z.boolean().optional(),
  BackupRetentionPeriod: z.int().optional(),
  PreferredBackupWindow: z.string().optional(),
  DedicatedLogVolume: z.boolean().optional(),
  CACertificateIdentifier: z.string().optional(),
  EngineLifecycleSupport: z.string().optional(),
  ManageMasterUserPassword: z.boolean().optional(),
  DBCapacityReservationIdentifier: z.string().optional(),
};
const toTime = z.looseObject({
  ...common,
  TargetDBInstanceIdentifier: z.string(),
  SourceDBInstanceIdentifier: z.string().optional(),
  SourceDbiResourceId: z.string().optional(),
  SourceDBInstanceAutomatedBackupsArn: z.string().optional(),
  RestoreTime: z.date().optional(),
  UseLatestRestorableTime: z.boolean().optional(),
  MaxAllocatedStorage: z.int().optional(),
});
const fromSnapshot = z.looseObject({
  ...common,
  DBInstanceIdentifier: z.string(),
  DBSnapshotIdentifier: z.string().optional(),
  DBClusterSnapshotIdentifier: z.string().optional(),
});
export type Asked = z.infer<z.ZodObject<typeof common, z.core.$loose>>;

/** What a restore is made of. */
type Source = {
  readonly way: RestoreWay;
  readonly of: Replicated;
  readonly fork: Fork;
  readonly settings: Settings;
  readonly keyArn: string | null;
  /** Hours of logs to be replayed after the last daily backup. */
  readonly logHours: number;
  readonly event: Restoration['event'];
};

export const rdsRestores: Answers = {
  RestoreDBInstanceToPointInTime(call, parts) {
    const asked = read(toTime, call);
    const { TargetDBInstanceIdentifier: target, MaxAllocatedStorage } = asked;
    expectNoFault('restore-point-in-time', call, parts);
    const id = newName(target, 'TargetDBInstanceIdentifier', call, parts);
    const { backup, of } = backupFor(asked, call, parts);
    const at = momentOf(asked, backup, of);
    const daily = of.backups.snapshots(backup.of.region).filter((one) => one.of === backup.of && one.fork.at <= at);
    const last = Math.max(of.backups.earliest(backup), ...daily.map(({ fork }) => fork.at));
    const source: Source = {
      way: 'restore-point-in-time',
      of,
      fork: of.replication.forkOf(backup.of, at),
      settings: { ...backup.of.settings, tags: {}, maxAllocatedGib: MaxAllocatedStorage ?? null },
      keyArn: backup.keyArn,
      logHours: (at - last) / 3_600_000,
      event: ['RDS-EVENT-0019', `Restored from DB instance ${backup.of.id} to ${id}.`],
    };
    return made(id, asked, source, call, parts);
  },
  RestoreDBInstanceFromDBSnapshot(call, parts) {
    const asked = read(fromSnapshot, call);
    const { DBSnapshotIdentifier: from, DBClusterSnapshotIdentifier: cluster } = asked;
    if ((from === undefined) === (cluster === undefined))
      throw refusal(
        'InvalidParameterCombination',
        'Either DBSnapshotIdentifier or DBClusterSnapshotIdentifier must be specified, and not both.',
      );
    if (from === undefined)
      throw refusal('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot not found: ${cluster}`, 404);
    expectNoFault('restore-snapshot', call, parts);
    const id = newName(asked.DBInstanceIdentifier, 'DBInstanceIdentifier', call, parts);
    const snapshot = snapshotsIn(call.region, parts).find((one) => [one.id, one.arn].includes(from));
    const of = parts.databases.find(({ database }) => database.asset.name === snapshot?.database);
    if (snapshot === undefined || of === undefined) throw snapshotMissing(from);
    if (snapshot.status !== 'available')
      throw restoreRefusal('InvalidDBSnapshotStateFault', `The snapshot ${from} is not in the available state.`);
    const source: Source = {
      way: 'restore-snapshot',
      of,
      fork: { ...snapshot.fork, begunAt: parts.world.now() },
      // Where nobody names tags, those of the instance that the snapshot is of are copied.
      settings: { ...snapshot.settings, maxAllocatedGib: null },
      keyArn: snapshot.keyArn,
      logHours: 0,
      event: ['RDS-EVENT-0043', `Restored from snapshot ${snapshot.id}`],
    };
    return made(id, asked, source, call, parts);
  },
};

/** A fault may refuse every restore of a way by a name, whatever its cause; most causes are found below by themselves. */
function expectNoFault(way: RestoreWay, { region }: Call, { world }: Parts): void {
  const fault = failingRestore(world, region, way, 'error');
  if (fault?.error !== undefined && !isFoundByItself(fault.error, fault.way)) throw restoreRefusal(fault.error);
}

/** Causes that a fault makes so for whoever looks; the call runs into them where it names what is missing. */
function isFoundByItself(error: RestoreError, way: RestoreWay | undefined): boolean {
  const made: readonly RestoreError[] = [
    'DBSubnetGroupNotFoundFault',
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    'DBParameterGroupNotFoundFault',
    'OptionGroupNotFoundFault',
    'KMSKeyNotAccessibleFault',
    'InstanceQuotaExceededFault',
    'StorageQuotaExceededFault',
  ];
  return way === undefined && made.includes(error);
}

/** A name that is free in the region. */
export function newName(wanted: string, field: string, call: Call, parts: Parts): string {
  const id = wanted.toLowerCase();
  if (!/^[a-z](-?[a-z0-9])*$/.test(id) || id.length > 63)
    throw refusal(
      'InvalidParameterValue',
      `The parameter ${field} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  if (parts.databases.some(({ database }) => database.instance(id, call.region) !== null))
    throw restoreRefusal('DBInstanceAlreadyExistsFault');
  return id;
}

/** The automated backups that a restore to a point in time is of. */
function backupFor(
  asked: z.infer<typeof toTime>,
  call: Call,
  parts: Parts,
): { readonly backup: AutomatedBackup; readonly of: Replicated } {
  const {
    SourceDBInstanceIdentifier: id,
    SourceDbiResourceId: resource,
    SourceDBInstanceAutomatedBackupsArn: arn,
  } = asked;
  if ([id, resource, arn].filter((one) => one !== undefined).length !== 1)
    throw refusal(
      'InvalidParameterCombination',
      'Exactly one of SourceDBInstanceIdentifier, SourceDbiResourceId and SourceDBInstanceAutomatedBackupsArn must be specified.',
    );
  const held = parts.databases.flatMap((of) => of.backups.automated(call.region).map((backup) => ({ of, backup })));
  if (id !== undefined) {
    const { instance } = find(id, call, parts);
    const own = held.find(({ backup }) => backup.of === instance && backup.region === instance.region);
    if (instance.backupRetentionDays === 0) throw restoreRefusal('PointInTimeRestoreNotEnabledFault');
    if (own === undefined) throw restoreRefusal('InvalidDBInstanceStateFault');
    return own;
  }
  const found = held.find(({ backup }) =>
    arn === undefined ? backup.of.resourceId === resource && backup.of.region === call.region : backup.arn === arn,
  );
  if (found === undefined) throw automatedMissing(arn ?? resource ?? '');
  return found;
}

/** The moment that is restored. */
function momentOf(asked: z.infer<typeof toTime>, backup: AutomatedBackup, { backups }: Replicated): number {
  const { RestoreTime: time, UseLatestRestorableTime: isLatest = false } = asked;
  if (isLatest === (time !== undefined))
    throw refusal(
      'InvalidParameterCombination',
      'Either RestoreTime or UseLatestRestorableTime must be specified, and not both.',
    );
  const { latest, status } = backup;
  if (latest === null || status === 'pending')
    throw restoreRefusal('InvalidDBInstanceStateFault', 'The automated backups do not hold a moment to restore yet.');
  const at = time?.getTime() ?? latest;
  const earliest = backups.earliest(backup);
  const cannot = 'The specified instance cannot be restored to a time';
  if (at > latest) throw refusal('InvalidParameterValue', `${cannot} later than ${seconds(latest)}.`);
  if (at < earliest) {
    const why = `because its backup retention period is set to ${backup.retentionDays} days`;
    throw refusal('InvalidParameterValue', `${cannot} earlier than ${seconds(earliest)} ${why}.`);
  }
  return at;
}

/** Makes the instance. @throws what RDS refuses */
function made(id: string, asked: Asked, source: Source, call: Call, parts: Parts): Record<string, unknown> {
  const { world } = parts;
  const account = accountOf(call, parts);
  const { instances, storageGib } = account.quotas;
  if (instances.used >= instances.most) throw restoreRefusal('InstanceQuotaExceededFault');
  const settings = settingsAsked(asked, source, account, call);
  if (storageGib.used + settings.allocatedGib > storageGib.most) throw restoreRefusal('StorageQuotaExceededFault');
  const subnets = subnetsOf(settings, account);
  const groups = groupsOf(asked, subnets, account);
  const zones = zonesOf(asked, subnets, call, parts, id);
  if (source.keyArn !== null && keyNamed(source.keyArn, account.keys)?.enabled !== true) {
    const why = 'does not exist, is not enabled or you do not have permissions to access it.';
    throw restoreRefusal('KMSKeyNotAccessibleFault', `The specified KMS key [${source.keyArn}] ${why}`);
  }
  const { fork, of, way, event } = source;
  const { corruption } = fork.of;
  const draw = (latency: 'rds-restore' | 'rds-restore-of-100-gib' | 'rds-restore-of-an-hour-of-logs') =>
    world.draw(latency, world.chances.backups);
  const instance = of.database.restore(
    {
      way,
      id,
      region: call.region,
      writerZone: zones.writer,
      standbyZone: zones.standby,
      groups,
      settings,
      fork,
      corruption: corruption !== null && fork.sequence > corruption.after ? corruption : null,
      seconds:
        draw('rds-restore') +
        (settings.allocatedGib / 100) * draw('rds-restore-of-100-gib') +
        source.logHours * draw('rds-restore-of-an-hour-of-logs'),
      event,
    },
    call.caller,
  );
  noteMutation(call, parts, id, instance.writerZone);
  return { DBInstance: shown({ ...of, instance }, parts) };
}

/** What is asked for, and AWS's default of everything else. */
export function settingsAsked(
  asked: Asked,
  { settings: from, keyArn }: Pick<Source, 'settings' | 'keyArn'>,
  account: Account,
  { region }: Call,
): Settings {
  const { engine } = from;
  const { version, port, logs, licence } = engineOf(engine);
  if (asked.Engine !== undefined && asked.Engine !== engine)
    throw refusal('InvalidParameterCombination', `Cannot restore a ${engine} backup to the engine ${asked.Engine}.`);
  const instanceClass = asked.DBInstanceClass ?? from.instanceClass;
  if (account.classes.every((one) => one.engine !== engine || one.name !== instanceClass))
    throw refusal(
      'InvalidParameterCombination',
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${instanceClass}, Engine=${engine}, EngineVersion=${version}, LicenseModel=${licence}. For supported combinations of instance class and database engine version, see the documentation.`,
    );
  const defaults = defaultGroups(engine);
  const parameterGroup = asked.DBParameterGroupName ?? defaults.parameters;
  if (account.parameterGroups.every(({ name }) => name !== parameterGroup))
    throw restoreRefusal('DBParameterGroupNotFoundFault', `DBParameterGroup not found: ${parameterGroup}`);
  const optionGroup = asked.OptionGroupName ?? defaults.options;
  if (account.optionGroups.every(({ name }) => name !== optionGroup))
    throw restoreRefusal('OptionGroupNotFoundFault', `Specified OptionGroupName: ${optionGroup} not found.`);
  for (const known of [...account.parameterGroups, ...account.optionGroups])
    if ([parameterGroup, optionGroup].includes(known.name) && known.engine !== engine)
      throw refusal('InvalidParameterCombination', `The group ${known.name} is of ${known.engine}, not of ${engine}.`);
  const strange = asked.EnableCloudwatchLogsExports?.find((log) => !(logs as readonly string[]).includes(log));
  if (strange !== undefined)
    throw refusal(
      'InvalidParameterCombination',
      `You cannot use the log types '${strange}' with engine version ${engine} ${version}. For supported log types, see the documentation.`,
    );
  const caCertificate = asked.CACertificateIdentifier ?? defaultCertificate;
  if (!certificates.includes(caCertificate))
    throw restoreRefusal('CertificateNotFoundFault', `Certificate not found: ${caCertificate}`);
  if (asked.ManageMasterUserPassword === true)
    throw refusal('InvalidParameterCombination', `ManageMasterUserPassword can't be used to restore ${engine}.`);
  const reserved = asked.DBCapacityReservationIdentifier;
  const reservation = account.reservations.find((one) => one.id === reserved);
  if (reserved !== undefined && reservation === undefined) throw reservationMissing(reserved);
  if (reservation !== undefined && (reservation.left === 0 || reservation.instanceClass !== instanceClass))
    throw refusal('InvalidDBCapacityReservationStateFault', `The reservation ${reserved} has no capacity for it.`);
  const days = asked.BackupRetentionPeriod ?? from.backupRetentionDays;
  if (days < 0 || days > longestRetentionDays)
    throw refusal('InvalidParameterValue', `Invalid backup retention period: ${days}. Must be between 0 and 35.`);
  const allocatedGib = asked.AllocatedStorage ?? from.allocatedGib;
  if (allocatedGib < from.allocatedGib)
    throw refusal('InvalidParameterValue', "Allocated storage size can't be less than the source instance size.");
  return {
    engine,
    engineVersion: from.engineVersion,
    instanceClass,
    subnetGroup: asked.DBSubnetGroupName ?? defaultSubnetGroup,
    parameterGroup,
    optionGroup,
    deletionProtection: asked.DeletionProtection ?? false,
    tags: asked.Tags === undefined ? from.tags : tagsIn(asked.Tags),
    copyTagsToSnapshot: asked.CopyTagsToSnapshot ?? false,
    iamAuthentication: asked.EnableIAMDatabaseAuthentication ?? false,
    logExports: asked.EnableCloudwatchLogsExports ?? [],
    lifecycleSupport: asked.EngineLifecycleSupport ?? defaultLifecycle,
    ...storageAsked(asked),
    allocatedGib,
    maxAllocatedGib: from.maxAllocatedGib,
    backupRetentionDays: days,
    backupWindow: asked.PreferredBackupWindow ?? windowOf(region, from),
    caCertificate,
    port: asked.Port ?? port,
    autoMinorVersionUpgrade: asked.AutoMinorVersionUpgrade ?? true,
    publiclyAccessible: asked.PubliclyAccessible ?? false,
    capacityReservation: reserved ?? null,
    keyArn,
  };
}

const longestRetentionDays = 35;

/** gp3 where neither a type nor Iops is named; a type that has Iops demands them [AWS, StorageType of both restores]. */
function storageAsked({ StorageType, Iops, StorageThroughput, DedicatedLogVolume = false }: Asked) {
  const storageType = StorageType ?? (Iops === undefined ? 'gp3' : 'io1');
  if (!storageTypes.includes(storageType))
    throw restoreRefusal(
      'StorageTypeNotSupportedFault',
      `The storage type ${storageType} is not supported for this class.`,
    );
  const isProvisioned = storageType !== 'gp2';
  if (StorageType !== undefined && isProvisioned && Iops === undefined)
    throw refusal('InvalidParameterCombination', `You must specify Iops with the storage type ${storageType}.`);
  if (!isProvisioned && Iops !== undefined)
    throw refusal('InvalidParameterCombination', `You can't specify Iops with the storage type ${storageType}.`);
  if (storageType !== 'gp3' && StorageThroughput !== undefined)
    throw refusal(
      'InvalidParameterCombination',
      `You can't specify StorageThroughput with the storage type ${storageType}.`,
    );
  if (DedicatedLogVolume && !storageType.startsWith('io'))
    throw refusal('InvalidParameterCombination', `A dedicated log volume needs io1 or io2, not ${storageType}.`);
  return {
    storageType,
    iops: isProvisioned ? (Iops ?? 12_000) : null,
    storageThroughput: storageType === 'gp3' ? (StorageThroughput ?? 500) : null,
    dedicatedLogVolume: DedicatedLogVolume,
  };
}

/** A window of half an hour that RDS chooses by chance. */
function windowOf(region: string, { backupWindow }: Settings): string {
  const begins = hash(`${region} ${backupWindow}`) % 16;
  const half = (at: number) => `${String(Math.floor(at / 2)).padStart(2, '0')}:${at % 2 === 0 ? '00' : '30'}`;
  return `${half(begins)}-${half(begins + 1)}`;
}

export function subnetsOf({ subnetGroup }: Settings, { subnetGroups }: Account): SubnetGroup {
  const found = subnetGroups.find(({ name }) => name === subnetGroup);
  if (found === undefined)
    throw restoreRefusal('DBSubnetGroupNotFoundFault', `DB subnet group '${subnetGroup}' does not exist.`);
  if (found.zones.length < 2) {
    const covered = `Current AZ coverage: ${found.zones.join(', ')}. Add subnets to cover at least 2 AZs.`;
    throw restoreRefusal(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. ${covered}`,
    );
  }
  return found;
}

export function groupsOf(
  { VpcSecurityGroupIds: ids }: Asked,
  { vpc }: SubnetGroup,
  { securityGroups }: Account,
): string[] {
  const groups = ids === undefined || ids.length === 0 ? [defaultSecurityGroup(vpc)] : ids;
  for (const id of groups) {
    const known = securityGroups.find((group) => group.id === id);
    if (known === undefined)
      throw refusal('InvalidParameterValue', `Invalid security group , groupId= ${id}, groupName=.`);
    if (known.vpc !== vpc)
      throw refusal(
        'InvalidParameterCombination',
        `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpc} and the EC2 security group is in ${known.vpc}`,
      );
  }
  return groups;
}

/** Where nobody names a zone RDS takes any, also one that is impaired. */
export function zonesOf(
  { AvailabilityZone: wanted, MultiAZ: isMultiAz = false }: Asked,
  { zones }: SubnetGroup,
  { region }: Call,
  { world }: Parts,
  id: string,
): { readonly writer: string; readonly standby: string | null } {
  const names = Object.entries(world.plan.regions[region]?.zones ?? {});
  if (wanted !== undefined && isMultiAz)
    throw refusal(
      'InvalidParameterCombination',
      'Requesting a specific availability zone is not valid for Multi-AZ instances.',
    );
  const chosen = hash(`${id} ${world.shapeSeed}`) % zones.length;
  const named = names.find(([, name]) => name === wanted)?.[0];
  if (wanted !== undefined && named === undefined)
    throw refusal('InvalidParameterValue', `Invalid Availability Zone: ${wanted}`);
  const writer = named ?? zones[chosen] ?? '';
  if (!zones.includes(writer))
    throw restoreRefusal(
      'InvalidVPCNetworkStateFault',
      `The DB subnet group doesn't cover the Availability Zone ${wanted}.`,
    );
  return { writer, standby: isMultiAz ? (zones.find((zone) => zone !== writer) ?? null) : null };
}

/** As RDS writes a time. */
function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
