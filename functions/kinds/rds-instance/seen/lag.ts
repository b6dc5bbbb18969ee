// Finds out how far behind a replica was before a region was lost.
import { type LagPoint, readLag } from '../../../aws/looking/metrics.ts';
import { replicaLag } from '../says/watch.ts';

/** A replica, and the region in which it stands. */
export type Replica = { readonly region: string; readonly instance: string };

/** Older lag says nothing about the moment. */
const windowSeconds = 1800;

/** Oldest first; see readLag. Times are milliseconds since 1970. @throws Unavailable, CannotProceed. */
export function readReplicaLag({ region, instance }: Replica, fromAt: number, untilAt: number): Promise<LagPoint[]> {
  return readLag(region, replicaLag(instance), fromAt, untilAt);
}

/**
 * The newest point that began before a time, in milliseconds since 1970; null where there is none. Its lag is null where
 * replication was broken. Lag of an outage grows with the clock, which is why the time is given.
 */
export async function lastLag(replica: Replica, beforeAt: number): Promise<LagPoint | null> {
  return (await lagBefore(replica, beforeAt)).at(-1) ?? null;
}

/**
 * The newest point whose lag was known: what arrived by then has arrived, whatever became of replication afterwards. Where
 * none was known, the newest point, whose lag is null.
 */
export async function lastKnownLag(replica: Replica, beforeAt: number): Promise<LagPoint | null> {
  const points = await lagBefore(replica, beforeAt);
  return points.findLast(({ lagSeconds }) => lagSeconds !== null) ?? points.at(-1) ?? null;
}

async function lagBefore(replica: Replica, beforeAt: number): Promise<LagPoint[]> {
  const points = await readReplicaLag(replica, beforeAt - windowSeconds * 1000, beforeAt);
  return points.filter(({ at }) => at < beforeAt);
}
