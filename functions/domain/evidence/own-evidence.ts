// Whether what is known of one component of a zone bears out that it has to leave the zone: what costs an outage of its own waits for
// that, and what can be undone does not. Pure.
import type { Plan } from '../plan/plan.ts';
import type { Signal } from '../types.ts';
import { drawPicture } from './picture.ts';
import { hasJustPassed, type LastRuns } from './runs.ts';

/**
 * held: it has failed for as long as costly evidence of a zone must hold. forming: it fails, for less. served: it has failed for so long by
 * its alarms, which are minutes late, and users have been served since the rest began to leave. well: it was last seen to be well.
 * not-needed: it is well or served, and users have been served long enough. unknown: nothing is seen of it there, which is no reason to
 * leave it behind.
 */
export type OwnEvidence = 'held' | 'forming' | 'served' | 'well' | 'not-needed' | 'unknown';

/** What an asset's step ends with, beside why it stays, where the asset leaves as soon as the evidence of a component holds: the watch looks at that. */
export function untilHeld(component: string): { readonly until: string } {
  return { until: component };
}

/** The component whose evidence an asset that stayed waits for; null where it waits for none. */
export function waitsFor({ until }: Readonly<Record<string, unknown>>): string | null {
  return typeof until === 'string' ? until : null;
}

/** So long traffic takes to leave: what users saw until then says nothing of what is left in the zone. */
const leavingMs = 30_000;

/** `signals`: those about the region. `startedAt`, `now`: milliseconds since 1970. */
export function ownEvidence(
  component: string,
  { region, zone, startedAt }: { readonly region: string; readonly zone: string; readonly startedAt: number },
  signals: readonly Signal[],
  plan: Plan,
  now: number,
): OwnEvidence {
  const { failing, healed, failingNow, lastRuns, observers } = drawPicture(signals, region, plan, now);
  const isIt = (one: { readonly component: string; readonly zone: string | null }) =>
    one.component === component && one.zone === zone;
  const since = failing.filter((one) => isIt(one) && !one.explained).map((one) => one.since);
  const isLongAgo = (at: number) => now - Math.max(at, startedAt) >= plan.evidence.recoverySeconds * 1000;
  if (since.length > 0) {
    const failsSince = Math.min(...since);
    if (now - failsSince < plan.evidence.zone.confirmSeconds.costly * 1000) return 'forming';
    // What a run has just seen is newer than what an alarm says of minutes ago.
    const runs = [...lastRuns.values()];
    const base = lookedAtFrom(lastFailure(runs), failsSince, startedAt);
    const well = [...lastRuns]
      .filter(([, run]) => hasJustPassed(run, now) && run.passedAt > base)
      .map(([name]) => name);
    const isServed =
      well.length >= plan.evidence.region.observers && observers.every(({ name }) => well.includes(name));
    if (!isServed) return 'held';
    return isLongAgo(lastFailure(runs)) ? 'not-needed' : 'served';
  }
  if (!healed.some(isIt)) return 'unknown';
  return failingNow.size === 0 && isLongAgo(startedAt) ? 'not-needed' : 'well';
}

/**
 * From when on a run that sees all users served counts: from the last one that saw some fail. That users failed before traffic had left
 * says nothing of what is left: then from when it began to leave. Silence is not served, and an alarm that no newer run contradicts holds.
 */
function lookedAtFrom(failedAt: number, failsSince: number, startedAt: number): number {
  if (failedAt > startedAt + leavingMs) return failedAt;
  return failedAt > failsSince ? startedAt : failsSince;
}

/** When an observer last saw users fail, be it few: what stays in a bad zone fails some of them, and a run of ten visits may pass. */
function lastFailure(runs: readonly LastRuns[]): number {
  return Math.max(
    ...runs.map(({ passedAt, failedAt, isClean }) => (isClean ? failedAt : Math.max(passedAt, failedAt))),
  );
}
