// Whether what is known of one component of a zone bears out that it has to leave the zone: what costs an outage of its own waits for
// that, and what can be undone does not. Pure.
import { drawPicture } from './picture.ts';
import type { Plan } from './plan.ts';
import type { Signal } from './types.ts';

/**
 * held: it has failed for as long as evidence of a zone must hold. forming: it fails, for less. well: it was last seen to be well.
 * not-needed: it is, and users have been served long enough after the rest began to leave. unknown: nothing is seen of it there,
 * which is no reason to leave it behind.
 */
export type OwnEvidence = 'held' | 'forming' | 'well' | 'not-needed' | 'unknown';

/** `signals`: those about the region. `startedAt`, `now`: milliseconds since 1970. */
export function ownEvidence(
  component: string,
  { region, zone, startedAt }: { readonly region: string; readonly zone: string; readonly startedAt: number },
  signals: readonly Signal[],
  plan: Plan,
  now: number,
): OwnEvidence {
  const { failing, healed, failingNow } = drawPicture(signals, region, plan, now);
  const isIt = (one: { readonly component: string; readonly zone: string | null }) =>
    one.component === component && one.zone === zone;
  const since = failing.filter((one) => isIt(one) && !one.explained).map((one) => one.since);
  if (since.length > 0)
    return now - Math.min(...since) >= plan.evidence.zone.confirmSeconds * 1000 ? 'held' : 'forming';
  if (!healed.some(isIt)) return 'unknown';
  const mayBeLeft = failingNow.size === 0 && now - startedAt >= plan.evidence.recoverySeconds * 1000;
  return mayBeLeft ? 'not-needed' : 'well';
}
