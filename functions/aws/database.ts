// Looks at an RDS instance and reboots it with failover.
import { DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';

const rds = oneForEachRegion((region) => new RDSClient({ region, ...limits }));

/** An instance as RDS describes it. Zones are names of this account (us-east-1a); null where RDS says nothing. */
export type DatabaseSeen = { readonly status: string; readonly zoneName: string | null; readonly multiAz: boolean };

/** Describes an instance; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeDatabase(region: string, instance: string): Promise<DatabaseSeen | null> {
  const request = rds(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  try {
    const found = (await asking(`describe database ${instance}`, request)).DBInstances?.[0];
    if (found === undefined) return null;
    const { DBInstanceStatus, AvailabilityZone, MultiAZ } = found;
    return { status: DBInstanceStatus ?? 'unknown', zoneName: AvailabilityZone ?? null, multiAz: MultiAZ === true };
  } catch (error) {
    if (/^DBInstanceNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

/**
 * Asks for a reboot with failover to the other zone. False where the instance is changing already, so that the caller
 * looks again. @throws Unavailable, CannotProceed.
 */
export async function rebootWithFailover(region: string, instance: string): Promise<boolean> {
  const reboot = new RebootDBInstanceCommand({ DBInstanceIdentifier: instance, ForceFailover: true });
  try {
    await asking(`reboot ${instance} with failover`, rds(region).send(reboot));
    return true;
  } catch (error) {
    if (/^InvalidDBInstanceState(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}
