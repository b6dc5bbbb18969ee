// How RDS describes an instance, with everything that the estate knows of it.
import type { Parts } from '../../apis/answer.ts';
import { refusal } from '../../calls/aws-error.ts';
import { zoneName } from '../../faults/faults.ts';
import { databaseEndpoint } from '../../ssm-parameters/parameters.ts';
import type { Call } from '../../types.ts';
import { type Instance, instanceArn } from '../database.ts';
import type { Replicated } from '../databases.ts';
import { engineOf, type Tags } from '../settings.ts';
import { accountOf, subnetGroupShown } from './account-api.ts';

/** An instance, and the database that it is of. */
export type Found = Replicated & { readonly instance: Instance };

/** @throws DBInstanceNotFoundFault */
export function find(id: string, call: Call, parts: Parts): Found {
  for (const one of parts.databases) {
    const instance = one.database.instance(id, call.region);
    if (instance !== null) return { ...one, instance };
  }
  throw refusal('DBInstanceNotFoundFault', `DBInstance ${id} not found.`, 404);
}

export function shown({ instance, database, replication, backups }: Found, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const { id, region, sourceId, standbyZone, settings } = instance;
  const followers = database.all().filter((one) => one.sourceId !== null && one.source === instance);
  const { subnetGroups } = accountOf({ region }, parts);
  const group = subnetGroups.find(({ name }) => name === settings.subnetGroup);
  const own = backups.automated(region).find(({ of }) => of === instance);
  return {
    DBInstanceIdentifier: id,
    DBInstanceArn: instanceArn(instance, account),
    DBInstanceClass: settings.instanceClass,
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    LicenseModel: engineOf(settings.engine).licence,
    DBInstanceStatus: database.status(instance),
    MultiAZ: standbyZone !== null,
    AvailabilityZone: zoneName(plan, instance.writerZone),
    SecondaryAvailabilityZone: standbyZone === null ? undefined : zoneName(plan, standbyZone),
    // Before it has come up for the first time it has no address.
    Endpoint:
      instance.bornAt === null
        ? undefined
        : { Address: databaseEndpoint(id, region), Port: settings.port, HostedZoneId: 'Z2R2ITUGPM61AM' },
    InstanceCreateTime: instance.bornAt === null ? undefined : new Date(instance.createdAt),
    DbiResourceId: instance.resourceId,
    VpcSecurityGroups: groups(instance),
    DBSecurityGroups: [],
    DBParameterGroups: [{ DBParameterGroupName: settings.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    OptionGroupMemberships: [{ OptionGroupName: settings.optionGroup, Status: 'in-sync' }],
    DBSubnetGroup:
      group === undefined ? { DBSubnetGroupName: settings.subnetGroup } : subnetGroupShown(group, parts, region),
    DeletionProtection: settings.deletionProtection,
    TagList: tagsShown(settings.tags),
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    EnabledCloudwatchLogsExports: settings.logExports,
    EngineLifecycleSupport: settings.lifecycleSupport,
    StorageType: settings.storageType,
    AllocatedStorage: settings.allocatedGib,
    Iops: settings.iops ?? undefined,
    StorageThroughput: settings.storageThroughput ?? undefined,
    MaxAllocatedStorage: settings.maxAllocatedGib ?? undefined,
    DedicatedLogVolume: settings.dedicatedLogVolume,
    StorageEncrypted: settings.keyArn !== null,
    KmsKeyId: settings.keyArn ?? undefined,
    BackupRetentionPeriod: instance.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    LatestRestorableTime: own?.latest == null ? undefined : new Date(own.latest),
    CACertificateIdentifier: settings.caCertificate,
    CertificateDetails: { CAIdentifier: settings.caCertificate },
    AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
    PubliclyAccessible: settings.publiclyAccessible,
    DBCapacityReservationIdentifier: settings.capacityReservation ?? undefined,
    PendingModifiedValues: {},
    // RDS keeps no secret of its own for it.
    MasterUserSecret: undefined,
    PercentProgress: undefined,
    AutomaticRestartTime: undefined,
    ReadReplicaDBInstanceIdentifiers: followers.map((one) => instanceArn(one, account)),
    ReadReplicaSourceDBInstanceIdentifier:
      sourceId === null || instance.source === null ? undefined : instanceArn(instance.source, account),
    StatusInfos: sourceId === null ? undefined : [replicationStatus(replication.isRunning(instance))],
    // It is no member of a cluster, and none follows it.
    DBClusterIdentifier: undefined,
    ReadReplicaSourceDBClusterIdentifier: undefined,
    ReadReplicaDBClusterIdentifiers: [],
  };
}

export function tagsShown(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function groups({ groups: current, groupsToCome }: Instance): Record<string, unknown>[] {
  const shownAs = (list: readonly string[], Status: string) =>
    list.map((group) => ({ VpcSecurityGroupId: group, Status }));
  if (groupsToCome === null) return shownAs(current, 'active');
  return [...shownAs(current, 'removing'), ...shownAs(groupsToCome, 'adding')];
}

function replicationStatus(running: boolean): Record<string, unknown> {
  return { StatusType: 'read replication', Normal: running, Status: running ? 'replicating' : 'stopped' };
}
