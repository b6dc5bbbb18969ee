// Whether users stay out of a zone although nothing fails: where they have left, what is measured of their requests says nothing of the
// zone. Decision 30 says why, and for how long. Pure.
import { shiftedIn } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Classification, Incident, Standing } from '../types.ts';

export type KeptOut = {
  readonly zone: string;
  /** The flow that keeps them out. */
  readonly execution: string;
  /** When users are sent back although nothing told of the zone; null where they are not: then a person decides. */
  readonly until: number | null;
  /** When they were sent back before, and the zone failed again; null where they were not. */
  readonly returnedAt: number | null;
  /** From when on the flow waits no longer, and pauses. */
  readonly pausesAt: number;
};

/** No asset tries longer to leave, and by then an alarm on requests has cleared: what becomes well after that failed without users. */
const leavingMs = 900_000;

/**
 * Gives the zone of an open incident from which a flow of it keeps users away, where nothing there has become well since they left; null where
 * something has, where the time is up, and where no flow keeps them away: then users are there.
 */
export function keptOut(
  open: Incident,
  { zonesWellAt }: Pick<Classification, 'zonesWellAt'>,
  { lock }: Pick<Standing, 'lock'>,
  plan: Plan,
  now: number,
): KeptOut | null {
  const zone = leftZone(open, lock);
  if (open.level !== 2 || lock === null || zone === null) return null;
  if (!plan.assets.some((asset) => shiftedIn(open.region, '', asset).length > 0)) return null; // users are in every zone
  if ((zonesWellAt[zone] ?? 0) >= lock.at + leavingMs) return null;
  const returnedAt = returnedTo(zone, open, plan, lock.at);
  const until = returnedAt === null ? lock.at + plan.zonalShift.expirySeconds * 1000 : null;
  const pausesAt = lock.at + plan.zonalShift.maximumSeconds * 1000;
  return until !== null && until <= now ? null : { zone, execution: lock.execution, until, returnedAt, pausesAt };
}

/**
 * The zone that a flow of an incident keeps users out of, which the incident may have turned away from since; null where no flow does. A person's
 * start is no decision: it is about the zone of its incident.
 */
export function leftZone(
  { id, scope, decisions }: Pick<Incident, 'id' | 'scope' | 'decisions'>,
  lock: Standing['lock'],
): string | null {
  if (lock?.incident !== id || lock.action !== 'az-failover') return null;
  return (decisions.find(({ execution }) => execution === lock.execution)?.scope ?? scope).zone;
}

/** What an incident that ends has to remember: the zone that users are sent back to by its end, and when. */
export function returnOf(open: Incident, lock: Standing['lock'], now: number): Pick<Incident, 'returned'> {
  const zone = open.level === 2 ? leftZone(open, lock) : null;
  return zone === null ? {} : { returned: { zone, at: now } };
}

/** When users were last sent back to a zone, where that is no longer ago than the cooldown; null where they were not. */
export function returnedTo(
  zone: string | null,
  { returned }: Pick<Incident, 'returned'>,
  { levels }: Pick<Plan, 'levels'>,
  now: number,
): number | null {
  if (returned === undefined || returned.zone !== zone) return null;
  return now - returned.at < levels.level2.cooldownSeconds * 1000 ? returned.at : null;
}
