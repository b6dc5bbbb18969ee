// Finds out when a region was last seen alive, and how far behind the replica was by then.
import { type LagPoint, readReplicaLag } from '../aws/metrics.ts';
import type { Shell } from './shell.ts';

/** A replica, and the region in which it stands. */
export type Replica = { readonly region: string; readonly instance: string };

/** Older lag says nothing about the moment. */
const windowSeconds = 1800;
/** Alarms are minutes late. What passed longer before the first evidence was the last run of a canary that stopped. */
const alarmsLateSeconds = 300;
/** Canaries run every minute: what was alive may have gone on until the next run. */
const signOfLifeSeconds = 60;

/**
 * When a canary last saw users served, in milliseconds since 1970; `since`, the incident's first evidence, where none did
 * in the minutes before: without runs nobody knows how long the region lived on, and a loss is never told too small.
 */
export async function lastAliveAt(region: string, since: number, { store }: Shell): Promise<number> {
  const signals = await store.readSignals(region, since - alarmsLateSeconds * 1000);
  const passed = signals.flatMap((signal) => (signal.kind === 'canary-run' && signal.passed ? [signal.at] : []));
  return passed.length === 0 ? since : Math.max(...passed);
}

/** The latest that a region can have written, if it fell silent after it was last seen alive. */
export function writesEndedAt(aliveAt: number, now: number): number {
  return Math.min(now, aliveAt + signOfLifeSeconds * 1000);
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

async function lagBefore({ region, instance }: Replica, beforeAt: number): Promise<LagPoint[]> {
  const points = await readReplicaLag(region, instance, beforeAt - windowSeconds * 1000, beforeAt);
  return points.filter(({ at }) => at < beforeAt);
}
