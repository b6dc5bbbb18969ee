// Restores an RDS instance, and describes what came of it.
import {
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  type RestoreDBInstanceFromDBSnapshotCommandInput,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { calling, faultName } from '../../../aws/calls/faults.ts';
import type { Source } from '../../../domain/recovery/predict.ts';
import type { Made } from '../rules/restored.ts';
import type { Restore } from '../says/backup-plan.ts';
import { rds, rdsOnce } from './instances.ts';

/** The database that a restore makes: its name, what the plan says of it, and its zone as this account names it; null where RDS chooses. */
export type ToRestore = { readonly instance: string; readonly wanted: Restore; readonly zoneName: string | null };

/**
 * Everything is passed in this one call: what is left out takes a default of RDS's. `restoreTo`: milliseconds since 1970; null means the
 * newest that there is. @throws Unavailable, CannotProceed.
 */
export async function restoreToPointInTime(
  region: string,
  { instance, wanted, zoneName }: ToRestore,
  source: Exclude<Source, { of: 'snapshot' }>,
  restoreTo: number | null,
): Promise<void> {
  const restore = new RestoreDBInstanceToPointInTimeCommand({
    TargetDBInstanceIdentifier: instance,
    ...(source.of === 'replicated-backups'
      ? { SourceDBInstanceAutomatedBackupsArn: source.arn }
      : { SourceDbiResourceId: source.resourceId }),
    ...(restoreTo === null ? { UseLatestRestorableTime: true } : { RestoreTime: new Date(restoreTo) }),
    ...asWanted(wanted, zoneName),
    ...(wanted.maxAllocatedGib === null ? {} : { MaxAllocatedStorage: wanted.maxAllocatedGib }),
  });
  await calling(`restore ${instance} to a point in time`, rdsOnce(region).send(restore));
}

/** The same from a snapshot. RDS takes no limit of the storage with it. @throws Unavailable, CannotProceed. */
export async function restoreFromSnapshot(
  region: string,
  { instance, wanted, zoneName }: ToRestore,
  { id }: Extract<Source, { of: 'snapshot' }>,
): Promise<void> {
  const restore = new RestoreDBInstanceFromDBSnapshotCommand({
    DBInstanceIdentifier: instance,
    DBSnapshotIdentifier: id,
    ...asWanted(wanted, zoneName),
  });
  await calling(`restore ${instance} from snapshot ${id}`, rdsOnce(region).send(restore));
}

type Asked = Omit<RestoreDBInstanceFromDBSnapshotCommandInput, 'DBInstanceIdentifier' | 'DBSnapshotIdentifier'>;

function asWanted(wanted: Restore, zoneName: string | null): Asked {
  return {
    DBInstanceClass: wanted.instanceClass,
    ...(wanted.capacityReservation === null ? {} : { DBCapacityReservationIdentifier: wanted.capacityReservation }),
    MultiAZ: wanted.multiAz,
    ...(zoneName === null ? {} : { AvailabilityZone: zoneName }),
    DBSubnetGroupName: wanted.subnetGroup,
    VpcSecurityGroupIds: [...wanted.securityGroups],
    PubliclyAccessible: false,
    DBParameterGroupName: wanted.parameterGroup,
    OptionGroupName: wanted.optionGroup,
    DeletionProtection: wanted.deletionProtection,
    Tags: Object.entries(wanted.tags).map(([Key, Value]) => ({ Key, Value })),
    CopyTagsToSnapshot: true,
    EnableIAMDatabaseAuthentication: wanted.iamAuthentication,
    EnableCloudwatchLogsExports: [...wanted.logExports],
    EngineLifecycleSupport: wanted.lifecycleSupport,
    StorageType: wanted.storageType,
    ...(wanted.iops === null ? {} : { Iops: wanted.iops }),
    ...(wanted.storageThroughput === null ? {} : { StorageThroughput: wanted.storageThroughput }),
    DedicatedLogVolume: wanted.dedicatedLogVolume,
    BackupRetentionPeriod: wanted.backupRetentionDays,
    PreferredBackupWindow: wanted.backupWindow,
    CACertificateIdentifier: wanted.caCertificate,
  };
}

/** Deletes an instance with its own backups, and takes no last snapshot: for what a rehearsal has made. @throws Unavailable, CannotProceed. */
export async function deleteInstance(region: string, instance: string): Promise<void> {
  const remove = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: instance,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  });
  await calling(`delete ${instance}`, rdsOnce(region).send(remove));
}

/** What a restore has made, with what changes while it is made. */
export type RestoredSeen = {
  readonly status: string;
  readonly endpoint: string | null;
  readonly replicaOf: string | null;
  readonly made: Made;
};

/** Describes what is restored; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeRestored(region: string, instance: string): Promise<RestoredSeen | null> {
  const request = rds(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  try {
    const found = (await calling(`describe restored database ${instance}`, request)).DBInstances?.[0];
    return found === undefined ? null : seen(found);
  } catch (error) {
    if (/^DBInstanceNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

function seen(found: DBInstance): RestoredSeen {
  const parameters = found.DBParameterGroups?.[0];
  const state = parameters?.ParameterApplyStatus ?? 'in-sync';
  const group = parameters?.DBParameterGroupName ?? null;
  return {
    status: found.DBInstanceStatus ?? 'unknown',
    endpoint: found.Endpoint?.Address ?? null,
    replicaOf: found.ReadReplicaSourceDBInstanceIdentifier || null,
    made: {
      instanceClass: found.DBInstanceClass ?? null,
      capacityReservation: found.DBCapacityReservationIdentifier ?? null,
      zoneName: found.AvailabilityZone ?? null,
      multiAz: found.MultiAZ === true,
      groups: (found.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId).sort(),
      subnetGroup: found.DBSubnetGroup?.DBSubnetGroupName ?? null,
      parameterGroup: group === null || state === 'in-sync' ? group : `${group} (${state})`,
      optionGroup: found.OptionGroupMemberships?.[0]?.OptionGroupName ?? null,
      deletionProtection: found.DeletionProtection === true,
      tags: Object.fromEntries((found.TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      iamAuthentication: found.IAMDatabaseAuthenticationEnabled === true,
      logExports: (found.EnabledCloudwatchLogsExports ?? []).toSorted(),
      lifecycleSupport: found.EngineLifecycleSupport ?? null,
      storageType: found.StorageType ?? null,
      iops: found.Iops ?? null,
      storageThroughput: found.StorageThroughput ?? null,
      maxAllocatedGib: found.MaxAllocatedStorage ?? null,
      dedicatedLogVolume: found.DedicatedLogVolume === true,
      backupRetentionDays: found.BackupRetentionPeriod ?? null,
      backupWindow: found.PreferredBackupWindow ?? null,
      caCertificate: found.CACertificateIdentifier ?? null,
      publiclyAccessible: found.PubliclyAccessible === true,
    },
  };
}
