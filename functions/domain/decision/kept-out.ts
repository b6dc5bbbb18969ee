// Whether users stay out of a zone although nothing fails: where they have left, what is measured of their requests says nothing of the
// zone. Decision 30 says why, and for how long. Pure.
import { shiftedIn } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Classification, Incident, Standing } from '../types.ts';

export type KeptOut = {
  readonly zone: string;
  /** When users are sent back although nothing told of the zone; null where they are not: then a person decides. */
  readonly until: number | null;
  /** When they were sent back before, and the zone failed again; null where they were not. */
  readonly returnedAt: number | null;
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
  const { zone } = open.scope;
  if (open.level !== 2 || zone === null || !isKeptOut(open, lock)) return null;
  if (!plan.assets.some((asset) => shiftedIn(open.region, '', asset).length > 0)) return null; // users are in every zone
  if ((zonesWellAt[zone] ?? 0) >= lock.at + leavingMs) return null;
  const returnedAt = returnedTo(zone, open, plan, lock.at);
  const until = returnedAt === null ? lock.at + plan.zonalShift.expirySeconds * 1000 : null;
  return until !== null && until <= now ? null : { zone, until, returnedAt };
}

/** Whether a flow of an incident keeps users out of its zone. */
export function isKeptOut({ id }: Pick<Incident, 'id'>, lock: Standing['lock']): lock is NonNullable<Standing['lock']> {
  return lock?.incident === id && lock.action === 'az-failover';
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
