// Looks at the backups of databases, and at what a restore needs of RDS; replicates automated backups, copies snapshots and deletes copies.
import {
  type DBSnapshot as Copy,
  CopyDBSnapshotCommand,
  type DBInstanceAutomatedBackup,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBCapacityReservationsCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeOptionGroupsCommand,
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBSnapshots,
  paginateDescribeOrderableDBInstanceOptions,
  paginateDescribeSourceRegions,
  StartDBInstanceAutomatedBackupsReplicationCommand,
} from '@aws-sdk/client-rds';
import { calling, callingEach, faultName } from '../../../aws/calls/faults.ts';
import { rds, rdsOnce } from './instances.ts';

/** Automated backups as RDS describes them. Times are milliseconds since 1970; null where RDS says nothing. */
export type AutomatedSeen = {
  readonly arn: string | null;
  /** The instance that they are of, and the region in which it stands, or stood. */
  readonly instance: string;
  readonly resourceId: string;
  readonly of: string;
  readonly status: string;
  readonly earliestAt: number | null;
  readonly latestAt: number | null;
  readonly allocatedGib: number | null;
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly keyId: string | null;
};

export type SnapshotSeen = Omit<AutomatedSeen, 'of' | 'earliestAt' | 'latestAt' | 'resourceId' | 'arn'> & {
  readonly id: string;
  readonly arn: string;
  readonly type: string;
  readonly copyOf: string | null;
  readonly resourceId: string | null;
  /** When its data was; of a copy of which RDS does not say that, null. */
  readonly takenAt: number | null;
  /** When it was made here. */
  readonly madeAt: number | null;
  readonly tags: Readonly<Record<string, string>>;
};

/** All automated backups that a region holds, replicated ones and those of its own. @throws Unavailable, CannotProceed. */
export async function describeAutomatedBackups(region: string): Promise<AutomatedSeen[]> {
  const pages = paginateDescribeDBInstanceAutomatedBackups({ client: rds(region) }, {});
  const found: AutomatedSeen[] = [];
  for await (const page of callingEach('describe automated backups', pages))
    found.push(...(page.DBInstanceAutomatedBackups ?? []).map(automatedSeen));
  return found;
}

function automatedSeen(backup: DBInstanceAutomatedBackup): AutomatedSeen {
  const { RestoreWindow: window } = backup;
  return {
    arn: backup.DBInstanceAutomatedBackupsArn ?? null,
    instance: backup.DBInstanceIdentifier ?? '',
    resourceId: backup.DbiResourceId ?? '',
    of: backup.DBInstanceArn?.split(':')[3] ?? backup.Region ?? '',
    status: backup.Status ?? 'unknown',
    earliestAt: window?.EarliestTime?.getTime() ?? null,
    latestAt: window?.LatestTime?.getTime() ?? null,
    allocatedGib: backup.AllocatedStorage ?? null,
    engine: backup.Engine ?? '',
    engineVersion: backup.EngineVersion ?? null,
    keyId: backup.KmsKeyId ?? null,
  };
}

/** All snapshots of databases in a region. @throws Unavailable, CannotProceed. */
export async function describeSnapshots(region: string): Promise<SnapshotSeen[]> {
  const pages = paginateDescribeDBSnapshots({ client: rds(region) }, {});
  const found: SnapshotSeen[] = [];
  for await (const page of callingEach('describe snapshots', pages))
    found.push(...(page.DBSnapshots ?? []).map(snapshotSeen));
  return found;
}

function snapshotSeen(snapshot: Copy): SnapshotSeen {
  const { SourceDBSnapshotIdentifier: copyOf, SnapshotDatabaseTime, OriginalSnapshotCreateTime } = snapshot;
  const madeAt = snapshot.SnapshotCreateTime?.getTime() ?? null;
  return {
    id: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    type: snapshot.SnapshotType ?? 'unknown',
    copyOf: copyOf || null,
    instance: snapshot.DBInstanceIdentifier ?? '',
    resourceId: snapshot.DbiResourceId ?? null,
    status: snapshot.Status ?? 'unknown',
    // SnapshotCreateTime of a copy is that of the copy.
    takenAt: (SnapshotDatabaseTime ?? OriginalSnapshotCreateTime)?.getTime() ?? (copyOf ? null : madeAt),
    madeAt,
    allocatedGib: snapshot.AllocatedStorage ?? null,
    engine: snapshot.Engine ?? '',
    engineVersion: snapshot.EngineVersion ?? null,
    keyId: snapshot.KmsKeyId ?? null,
    tags: Object.fromEntries((snapshot.TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

/** Whether a name is taken by an instance, in whatever status. @throws Unavailable, CannotProceed. */
export async function isTaken(region: string, instance: string): Promise<boolean> {
  const request = () => rds(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  return (await ifThere(`describe database ${instance}`, request)) !== null;
}

/** The zones, by their names, that a subnet group covers; null where there is none. @throws Unavailable, CannotProceed. */
export async function zonesOfSubnetGroup(region: string, name: string): Promise<string[] | null> {
  const request = () => rds(region).send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name }));
  const group = (await ifThere(`describe subnet group ${name}`, request))?.DBSubnetGroups?.[0];
  if (group === undefined) return null;
  return [...new Set((group.Subnets ?? []).flatMap(({ SubnetAvailabilityZone: zone }) => zone?.Name ?? []))];
}

/** The family of a parameter group, such as postgres16; null where there is none. @throws Unavailable, CannotProceed. */
export async function familyOfParameterGroup(region: string, name: string): Promise<string | null> {
  const request = () => rds(region).send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: name }));
  return (
    (await ifThere(`describe parameter group ${name}`, request))?.DBParameterGroups?.[0]?.DBParameterGroupFamily ?? null
  );
}

/** The engine of an option group and its major version; null where there is none. @throws Unavailable, CannotProceed. */
export async function engineOfOptionGroup(
  region: string,
  name: string,
): Promise<{ readonly engine: string; readonly major: string } | null> {
  const request = () => rds(region).send(new DescribeOptionGroupsCommand({ OptionGroupName: name }));
  const group = (await ifThere(`describe option group ${name}`, request))?.OptionGroupsList?.[0];
  return group === undefined ? null : { engine: group.EngineName ?? '', major: group.MajorEngineVersion ?? '' };
}

export type VersionSeen = {
  readonly family: string;
  readonly major: string;
  readonly logs: readonly string[];
  readonly certificates: readonly string[];
};

/** What RDS says of a version of an engine; null where it does not offer that any more. @throws Unavailable, CannotProceed. */
export async function describeVersion(
  region: string,
  Engine: string,
  EngineVersion: string,
): Promise<VersionSeen | null> {
  const request = rds(region).send(new DescribeDBEngineVersionsCommand({ Engine, EngineVersion, IncludeAll: true }));
  const [found] = (await calling(`describe ${Engine} ${EngineVersion}`, request)).DBEngineVersions ?? [];
  if (found === undefined) return null;
  return {
    family: found.DBParameterGroupFamily ?? '',
    major: found.MajorEngineVersion ?? '',
    logs: found.ExportableLogTypes ?? [],
    certificates: found.SupportedCACertificateIdentifiers ?? [],
  };
}

/** A class as it is offered with a storage type. Bounds are null where RDS names none. */
export type Offer = {
  readonly storageType: string;
  readonly zoneNames: readonly string[];
  readonly multiAz: boolean;
  readonly iamAuthentication: boolean;
  readonly dedicatedLogVolume: boolean;
  readonly iops: readonly [least: number | null, most: number | null];
  readonly gib: readonly [least: number | null, most: number | null];
};

/** How a class is offered for a version of an engine; empty where it is not. @throws Unavailable, CannotProceed. */
export async function describeOffers(
  region: string,
  wanted: { readonly engine: string; readonly engineVersion: string; readonly instanceClass: string },
): Promise<Offer[]> {
  const { engine: Engine, engineVersion: EngineVersion, instanceClass: DBInstanceClass } = wanted;
  const input = { Engine, EngineVersion, DBInstanceClass, Vpc: true };
  const pages = paginateDescribeOrderableDBInstanceOptions({ client: rds(region) }, input);
  const offers: Offer[] = [];
  for await (const page of callingEach(`describe ${DBInstanceClass} for ${Engine} ${EngineVersion}`, pages)) {
    for (const option of page.OrderableDBInstanceOptions ?? [])
      offers.push({
        storageType: option.StorageType ?? '',
        zoneNames: (option.AvailabilityZones ?? []).flatMap(({ Name }) => Name ?? []),
        multiAz: option.MultiAZCapable === true,
        iamAuthentication: option.SupportsIAMDatabaseAuthentication === true,
        dedicatedLogVolume: option.SupportsDedicatedLogVolume === true,
        iops: [option.MinIopsPerDbInstance ?? null, option.MaxIopsPerDbInstance ?? null],
        gib: [option.MinStorageSize ?? null, option.MaxStorageSize ?? null],
      });
  }
  return offers;
}

/** How much of each quota is used, by its name, such as DBInstances. @throws Unavailable, CannotProceed. */
export async function describeQuotas(region: string): Promise<{ name: string; used: number; most: number }[]> {
  const request = rds(region).send(new DescribeAccountAttributesCommand({}));
  const { AccountQuotas: quotas = [] } = await calling('describe the quotas of RDS', request);
  return quotas.flatMap(({ AccountQuotaName: name, Used: used, Max: most }) =>
    name === undefined || used === undefined || most === undefined ? [] : [{ name, used, most }],
  );
}

export type Reservation = {
  readonly state: string;
  readonly instanceClass: string;
  readonly engine: string;
  /** What is left, by the name of the zone. */
  readonly left: Readonly<Record<string, number>>;
};

/** A reservation of capacity; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeReservation(region: string, id: string): Promise<Reservation | null> {
  const request = () =>
    rds(region).send(new DescribeDBCapacityReservationsCommand({ DBCapacityReservationIdentifier: id }));
  const found = (await ifThere(`describe capacity reservation ${id}`, request))?.DBCapacityReservations?.[0];
  if (found === undefined) return null;
  const zones = found.AvailableCapacityPerAvailabilityZoneList ?? [];
  return {
    state: found.State ?? 'unknown',
    instanceClass: found.DBInstanceClass ?? '',
    engine: found.Engine ?? '',
    left: Object.fromEntries(zones.map((zone) => [zone.AvailabilityZone ?? '', zone.AvailableCapacity ?? 0])),
  };
}

/** Whether automated backups can be replicated from one region into another. Pairs go one way. @throws Unavailable, CannotProceed. */
export async function canReplicate(from: string, into: string): Promise<boolean> {
  const pages = paginateDescribeSourceRegions({ client: rds(into) }, {});
  for await (const page of callingEach('describe source regions', pages)) {
    const found = page.SourceRegions?.find(({ RegionName }) => RegionName === from);
    if (found !== undefined) return found.SupportsDBInstanceAutomatedBackupsReplication === true;
  }
  return false;
}

/**
 * Asks, in the region that keeps them, for the automated backups of an instance of another one. False where they are replicated already.
 * @throws Unavailable, CannotProceed.
 */
export async function startReplication(
  region: string,
  { arn, days, key }: { readonly arn: string; readonly days: number; readonly key: string | null },
): Promise<boolean> {
  const start = new StartDBInstanceAutomatedBackupsReplicationCommand({
    SourceDBInstanceArn: arn,
    BackupRetentionPeriod: days,
    ...(key !== null && { KmsKeyId: key }),
  });
  try {
    await calling(`replicate the automated backups of ${arn}`, rdsOnce(region).send(start));
    return true;
  } catch (error) {
    if (/AlreadyExists/.test(faultName(error))) return false;
    throw error;
  }
}

/** Asks for a copy of a snapshot of another region, by its ARN: the client signs what that region is asked. False where there is one of that name. @throws Unavailable, CannotProceed. */
export async function copySnapshot(
  region: string,
  {
    snapshot,
    id,
    key,
    optionGroup,
    tags,
  }: {
    readonly snapshot: string;
    readonly id: string;
    readonly key: string | null;
    readonly optionGroup: string;
    readonly tags: Readonly<Record<string, string>>;
  },
): Promise<boolean> {
  const copy = new CopyDBSnapshotCommand({
    SourceDBSnapshotIdentifier: snapshot,
    TargetDBSnapshotIdentifier: id,
    // A default group is there by itself, and any other is not copied: without its name RDS refuses the copy.
    ...(optionGroup.startsWith('default:') ? {} : { OptionGroupName: optionGroup }),
    CopyTags: false,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ...(key !== null && { KmsKeyId: key }),
  });
  try {
    await calling(`copy snapshot ${snapshot}`, rdsOnce(region).send(copy));
    return true;
  } catch (error) {
    if (/^DBSnapshotAlreadyExists(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}

/** Deletes a snapshot; one that is gone is no fault. @throws Unavailable, CannotProceed. */
export async function deleteSnapshot(region: string, id: string): Promise<void> {
  await ifThere(`delete snapshot ${id}`, () =>
    rdsOnce(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),
  );
}

/** Null where RDS says that there is no such thing. */
async function ifThere<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await calling(what, ask());
  } catch (error) {
    if (/NotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}
