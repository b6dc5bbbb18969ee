// Finds out when a region was last seen alive, and how long it can have written.
import { alarmsLateMs, lastServedIn } from '../../domain/record/fault-clock.ts';
import type { Signal } from '../../domain/types.ts';

/** Canaries run every minute: what was alive may have gone on until the next run. */
const signOfLifeSeconds = 60;

/**
 * When a canary last saw users served, in milliseconds since 1970; `since`, the incident's first evidence, where none did
 * in the minutes before: without runs nobody knows how long the region lived on, and a loss is never told too small.
 */
export function lastAliveAt(signals: readonly Signal[], since: number): number {
  const lately = signals.filter(({ at }) => at >= since - alarmsLateMs);
  return lastServedIn(lately, since) ?? since;
}

/** The latest that a region can have written, if it fell silent after it was last seen alive. */
export function writesEndedAt(aliveAt: number, now: number): number {
  return Math.min(now, aliveAt + signOfLifeSeconds * 1000);
}
