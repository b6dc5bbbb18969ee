// Sets an old database aside with a snapshot, and makes a replica of what takes writes in the other region.
import { CreateDBInstanceReadReplicaCommand, CreateDBSnapshotCommand } from '@aws-sdk/client-rds';
import { calling, faultName } from '../../../aws/calls/faults.ts';
import type { Restore } from '../says/backup-plan.ts';
import { rdsOnce } from './instances.ts';

type Tags = Readonly<Record<string, string>>;

/** Asks for a snapshot of an instance; one of that name that is there already is no fault. @throws Unavailable, CannotProceed. */
export async function takeSnapshot(region: string, instance: string, id: string, tags: Tags): Promise<void> {
  const take = new CreateDBSnapshotCommand({
    DBInstanceIdentifier: instance,
    DBSnapshotIdentifier: id,
    Tags: listed(tags),
  });
  try {
    await calling(`take snapshot ${id} of ${instance}`, rdsOnce(region).send(take));
  } catch (error) {
    if (!/^DBSnapshotAlreadyExists/.test(faultName(error))) throw error;
  }
}

/** `source`: the ARN of what it follows. `zoneName`: null with multiAz, where RDS chooses both. `key`: null where it is not encrypted. */
export type ToFollow = {
  readonly instance: string;
  readonly source: string;
  readonly wanted: Restore;
  readonly multiAz: boolean;
  readonly zoneName: string | null;
  readonly key: string | null;
  readonly tags: Tags;
};

/**
 * Everything is passed in this one call: of another region what is left out takes a default, and not the source's. The client signs what
 * the source's region is asked. A replica keeps no backups of its own until it is promoted. @throws Unavailable, CannotProceed.
 */
export async function makeReplica(
  region: string,
  { instance, source, wanted, multiAz, zoneName, key, tags }: ToFollow,
): Promise<void> {
  const make = new CreateDBInstanceReadReplicaCommand({
    DBInstanceIdentifier: instance,
    SourceDBInstanceIdentifier: source,
    DBInstanceClass: wanted.instanceClass,
    ...(wanted.capacityReservation === null ? {} : { DBCapacityReservationIdentifier: wanted.capacityReservation }),
    MultiAZ: multiAz,
    ...(multiAz || zoneName === null ? {} : { AvailabilityZone: zoneName }),
    DBSubnetGroupName: wanted.subnetGroup,
    VpcSecurityGroupIds: [...wanted.securityGroups],
    PubliclyAccessible: false,
    DBParameterGroupName: wanted.parameterGroup,
    OptionGroupName: wanted.optionGroup,
    DeletionProtection: wanted.deletionProtection,
    Tags: listed({ ...wanted.tags, ...tags }),
    CopyTagsToSnapshot: true,
    EnableIAMDatabaseAuthentication: wanted.iamAuthentication,
    EnableCloudwatchLogsExports: [...wanted.logExports],
    StorageType: wanted.storageType,
    ...(wanted.iops === null ? {} : { Iops: wanted.iops }),
    ...(wanted.storageThroughput === null ? {} : { StorageThroughput: wanted.storageThroughput }),
    ...(wanted.maxAllocatedGib === null ? {} : { MaxAllocatedStorage: wanted.maxAllocatedGib }),
    DedicatedLogVolume: wanted.dedicatedLogVolume,
    CACertificateIdentifier: wanted.caCertificate,
    ...(key === null ? {} : { KmsKeyId: key }),
  });
  await calling(`make replica ${instance} of ${source}`, rdsOnce(region).send(make));
}

function listed(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
