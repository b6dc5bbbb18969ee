// Whether what is known of one component of a zone bears out that it has to leave the zone: what costs an outage of its own waits for
// that, and what can be undone does not. Pure.
import { drawPicture } from './picture.ts';
import type { Plan } from './plan.ts';
import type { Signal } from './types.ts';

/**
 * held: it has failed for as long as costly evidence of a zone must hold. forming: it fails, for less. served: it has failed for so long by
 * its alarms, which are minutes late, and users have been served since the rest began to leave. well: it was last seen to be well.
 * not-needed: it is well or served, and users have been served long enough. unknown: nothing is seen of it there, which is no reason to
 * leave it behind.
 */
export type OwnEvidence = 'held' | 'forming' | 'served' | 'well' | 'not-needed' | 'unknown';

/** So long traffic takes to leave: what users saw until then says nothing of what is left in the zone. */
const leavingMs = 30_000;

type Run = Extract<Signal, { kind: 'canary-run' }>;

/** `signals`: those about the region. `startedAt`, `now`: milliseconds since 1970. */
export function ownEvidence(
  component: string,
  { region, zone, startedAt }: { readonly region: string; readonly zone: string; readonly startedAt: number },
  signals: readonly Signal[],
  plan: Plan,
  now: number,
): OwnEvidence {
  const { failing, healed, failingNow, newestRuns } = drawPicture(signals, region, plan, now);
  const isIt = (one: { readonly component: string; readonly zone: string | null }) =>
    one.component === component && one.zone === zone;
  const since = failing.filter((one) => isIt(one) && !one.explained).map((one) => one.since);
  const mayBeLeft = (usersAreWell: boolean) =>
    usersAreWell && now - startedAt >= plan.evidence.recoverySeconds * 1000 ? 'not-needed' : null;
  if (since.length > 0) {
    const failsSince = Math.min(...since);
    if (now - failsSince < plan.evidence.zone.confirmSeconds.costly * 1000) return 'forming';
    // What a run has just seen is newer than what an alarm says of minutes ago.
    return areServed([...newestRuns.values()], failsSince, startedAt, plan) ? (mayBeLeft(true) ?? 'served') : 'held';
  }
  if (!healed.some(isIt)) return 'unknown';
  return mayBeLeft(failingNow.size === 0) ?? 'well';
}

/**
 * Whether observers, as many as the plan asks for, have just seen users served, and no other one saw them fail: since the alarm rose, or,
 * what users saw before traffic had left set aside, since it left.
 */
function areServed(runs: readonly Run[], failsSince: number, startedAt: number, plan: Plan): boolean {
  const failed = runs.filter((run) => !run.passed);
  const isOld = failed.every(({ at }) => at <= startedAt + leavingMs);
  const since = failed.length === 0 ? failsSince : startedAt;
  const passed = runs.filter((run) => run.passed && run.at > since);
  return isOld && passed.length >= plan.evidence.region.observers;
}
