// Looks at an RDS instance, reboots it, exchanges its security groups, and promotes a replica.
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { limits, once, oneForEachRegion } from '../../../aws/calls/client.ts';
import { calling, faultName, faultStatus } from '../../../aws/calls/faults.ts';
import { Unavailable } from '../../../domain/errors.ts';

export const rds = /* @__PURE__ */ oneForEachRegion((region) => new RDSClient({ region, ...limits }));
/** For what changes something. */
export const rdsOnce = /* @__PURE__ */ oneForEachRegion((region) => new RDSClient({ region, ...once }));

/** An instance as RDS describes it. Zones are names of this account (us-east-1a); null where RDS says nothing. */
export type DatabaseSeen = {
  /** `DbiResourceId`: what has the same name after it was made anew has another one. Null where RDS says nothing. */
  readonly resourceId: string | null;
  readonly status: string;
  readonly zoneName: string | null;
  readonly multiAz: boolean;
  /** Where applications find it; null while it has no address. */
  readonly endpoint: string | null;
  readonly port: number | null;
  /** Its security groups, those that are still being exchanged too, in alphabetical order. */
  readonly groups: readonly string[];
  /** Whether each of them is in force. */
  readonly groupsActive: boolean;
  /** What it replicates from; null for a database that takes writes. */
  readonly replicaOf: string | null;
  /** Whether a replica receives what its source writes; null where RDS does not say. */
  readonly replicating: boolean | null;
  /** For how many days its backups are kept, 0 where none are made; null where RDS does not say. */
  readonly backupRetentionDays: number | null;
};

/** Describes an instance; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeDatabase(
  region: string,
  instance: string,
  client: typeof rds = rds,
): Promise<DatabaseSeen | null> {
  const request = client(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  try {
    const found = (await calling(`describe database ${instance}`, request)).DBInstances?.[0];
    return found === undefined ? null : seen(found);
  } catch (error) {
    if (/^DBInstanceNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

/**
 * The same of an instance that did not answer before: where again nothing answers, one try is enough. Who answers with a fault is there, and is asked
 * as ever. @throws Unavailable, CannotProceed.
 */
export async function describeIfThere(region: string, instance: string): Promise<DatabaseSeen | null> {
  try {
    return await describeDatabase(region, instance, rdsOnce);
  } catch (error) {
    if (!(error instanceof Unavailable) || faultStatus(error.cause) === null) throw error;
    return describeDatabase(region, instance);
  }
}

function seen(found: DBInstance): DatabaseSeen {
  const groups = found.VpcSecurityGroups ?? [];
  const replication = found.StatusInfos?.find((info) => info.StatusType === 'read replication');
  return {
    resourceId: found.DbiResourceId ?? null,
    status: found.DBInstanceStatus ?? 'unknown',
    zoneName: found.AvailabilityZone ?? null,
    multiAz: found.MultiAZ === true,
    endpoint: found.Endpoint?.Address ?? null,
    port: found.Endpoint?.Port ?? null,
    groups: groups.map((group) => group.VpcSecurityGroupId ?? '').sort(),
    groupsActive: groups.every((group) => group.Status === 'active'),
    replicaOf: found.ReadReplicaSourceDBInstanceIdentifier || null,
    replicating: replication?.Normal ?? null,
    backupRetentionDays: found.BackupRetentionPeriod ?? null,
  };
}

/**
 * Asks for a reboot with failover to the other zone. False where the instance is changing already, so that the caller
 * looks again. @throws Unavailable, CannotProceed.
 */
export function rebootWithFailover(region: string, instance: string): Promise<boolean> {
  const reboot = new RebootDBInstanceCommand({ DBInstanceIdentifier: instance, ForceFailover: true });
  return unlessChanging(`reboot ${instance} with failover`, rdsOnce(region).send(reboot));
}

/** Asks for a reboot where it stands, which ends every session. False where the instance is changing already. */
export function rebootInPlace(region: string, instance: string): Promise<boolean> {
  const reboot = new RebootDBInstanceCommand({ DBInstanceIdentifier: instance, ForceFailover: false });
  return unlessChanging(`reboot ${instance}`, rdsOnce(region).send(reboot));
}

/** Gives an instance other security groups, at once. False where the instance is changing already. */
export function exchangeGroups(region: string, instance: string, groups: readonly string[]): Promise<boolean> {
  const exchange = new ModifyDBInstanceCommand({
    DBInstanceIdentifier: instance,
    VpcSecurityGroupIds: [...groups],
    ApplyImmediately: true,
  });
  return unlessChanging(`exchange the security groups of ${instance}`, rdsOnce(region).send(exchange));
}

/**
 * Makes a replica a database of its own that takes writes; what its source had not sent is lost, and there is no way
 * back. `backupDays`: for how long its backups are kept from then on; null leaves it to RDS, which keeps them for 1 day (PromoteReadReplica).
 * False where the instance is changing already.
 */
export function promoteLosingWhatIsMissing(
  region: string,
  replica: string,
  backupDays: number | null,
): Promise<boolean> {
  const days = backupDays === null ? {} : { BackupRetentionPeriod: backupDays };
  const promote = new PromoteReadReplicaCommand({ DBInstanceIdentifier: replica, ...days });
  return unlessChanging(`promote ${replica}`, rdsOnce(region).send(promote));
}

async function unlessChanging(what: string, request: Promise<unknown>): Promise<boolean> {
  try {
    await calling(what, request);
    return true;
  } catch (error) {
    if (/^InvalidDBInstanceState(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}
