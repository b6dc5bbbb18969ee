// Finds the last lag of the replica that was measured before a moment.
import { type LagPoint, readReplicaLag } from '../aws/metrics.ts';
import { databaseIn } from './estate.ts';
import type { Shell } from './shell.ts';

/** Older lag says nothing about the moment. */
const windowSeconds = 1800;

/**
 * The newest point that was complete before a time, in milliseconds since 1970; null where there is none. Its lag is
 * null where replication was broken. Lag of an outage grows with the clock, which is why the time is given.
 */
export async function lastLag(standby: string, beforeAt: number, { plan }: Shell): Promise<LagPoint | null> {
  const points = await readReplicaLag(standby, databaseIn(standby, plan), beforeAt - windowSeconds * 1000, beforeAt);
  return points.findLast(({ at }) => at < beforeAt) ?? null;
}
