// Says of each thing that a failover needs whether it is there. What could not be read is unknown, and never ready.
import { kinds } from '../kinds/kinds.ts';
import type { Says } from './kind.ts';
import { type Standing, unknownRoles } from './types.ts';

export type Ready = 'ready' | 'not-ready' | 'unknown';

/** What is looked at beside the assets of the plan. */
const common = ['latches', 'record', 'state-table', 'contacts', 'approval-page'];

/** What was looked at, in words of the plan and of its kinds. Also the dimension Check of the metric Ready. */
export const readinessChecks: readonly string[] = [
  ...Object.values<Says<never>>(kinds).flatMap(({ checks = [] }) => checks),
  ...common,
];

/** `why`: one sentence, also where it is ready. */
export type Verdict = { readonly state: Ready; readonly why: string };
/** `readyAt`: when it was last seen to be ready; absent where it never was. */
export type CheckedReadiness = Verdict & { readonly check: string; readonly readyAt?: number };

/** The readiness of a region to take over, as its own stack saw it. `at`: milliseconds since 1970. */
export type Readiness = {
  readonly region: string;
  readonly at: number;
  readonly checks: readonly CheckedReadiness[];
  /** The first look since the roles last moved at which nothing was missing; absent where there was none, or they never moved. */
  readonly coveredAt?: number;
};

/**
 * What was seen now, with what is known from before: of when each was ready, and of when all was, since the roles moved (`movedAt`: null
 * where they never did).
 */
export function sinceBefore(seen: Readiness, before: Readiness | null, movedAt: number | null = null): Readiness {
  const known = new Map(before?.checks.map(({ check, readyAt }) => [check, readyAt]));
  const checks = seen.checks.map((one) => {
    const readyAt = one.state === 'ready' ? seen.at : known.get(one.check);
    return { ...one, ...(readyAt !== undefined && { readyAt }) };
  });
  const kept = { ...seen, checks };
  if (movedAt === null) return kept;
  const earlier = before?.coveredAt;
  if (earlier !== undefined && earlier > movedAt) return { ...kept, coveredAt: earlier };
  return readinessLost(checks) === 0 ? { ...kept, coveredAt: seen.at } : kept;
}

/** How many checks are not ready; one that is unknown is not. */
export function readinessLost(checks: readonly Verdict[]): number {
  return checks.filter(({ state }) => state !== 'ready').length;
}

/** Of several the worst, and why each that is as bad is so. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const state = (['not-ready', 'unknown', 'ready'] as const).find((one) =>
    verdicts.some((verdict) => verdict.state === one),
  );
  const why = verdicts.flatMap((verdict) => (verdict.state === state ? [verdict.why] : []));
  return { state: state ?? 'unknown', why: why.join('; ') };
}

export const ready = (why: string): Verdict => ({ state: 'ready', why });
export const notReady = (why: string): Verdict => ({ state: 'not-ready', why });

/** What could not be read says nothing. */
export function unread(why: string): Verdict {
  return { state: 'unknown', why: `could not be read: ${why}` };
}

/**
 * Whether each latch could be read, and is open. A closed one keeps users away from its region: from `left` it has to, the plan's first
 * region while the other one serves, and the way home opens it. Null where that is no region.
 */
export function latchesReady(
  latches: readonly { readonly bucket: string; readonly region: string; readonly closed: boolean }[],
  left: string | null = null,
): Verdict {
  const closed = latches.filter((latch) => latch.closed && latch.region !== left);
  const open = latches.filter((latch) => !latch.closed && latch.region === left);
  if (left !== null && open.length > 0)
    return notReady(
      `users may be sent to ${left}, which does not serve: its latch is missing in ${open.map(({ bucket }) => bucket).join(' and ')}`,
    );
  if (closed.length > 0)
    return notReady(
      `users are kept away: ${closed.map(({ bucket, region }) => `the latch of ${region} is closed in ${bucket}`).join('; ')}`,
    );
  return latches.length === 0
    ? notReady('the plan names no latch buckets')
    : ready(
        left === null
          ? `${latches.length} latches are open`
          : `the latch of ${left} keeps users away from it until the way home, and the others are open`,
      );
}

/** What leaves a zone by a zonal shift, by its ARN, and whether ARC manages it: where it does not, no shift of it begins. */
export function shiftReady(resources: readonly { readonly resource: string; readonly managed: boolean }[]): Verdict {
  const fixed = resources.filter(({ managed }) => !managed).map(({ resource }) => resource);
  return fixed.length === 0
    ? ready(`zonal shift is enabled on ${resources.map(({ resource }) => resource).join(' and ')}`)
    : notReady(`traffic cannot leave a zone: zonal shift is not enabled on ${fixed.join(' and ')}`);
}

type Roles = Pick<Standing, 'primary' | 'epoch'>;

/** The roles as the table says in this region and in the peer's: with one truth they are the same. */
export function stateTableReady(here: Roles, there: Roles): Verdict {
  if ([here, there].some(({ epoch }) => epoch === unknownRoles.epoch))
    return notReady('the record of the roles cannot be read');
  const words = ({ primary, epoch }: Roles) => `${primary} is primary in epoch ${epoch}`;
  if (here.primary !== there.primary || here.epoch !== there.epoch)
    return notReady(`the regions disagree: ${words(here)} here, and ${words(there)} there`);
  return ready(`both regions read that ${words(here)}`);
}

/** How many subscriptions of each contact's topic are confirmed; null where SNS does not say. */
export function contactsReady(
  contacts: readonly { readonly role: string; readonly confirmed: number | null }[],
): Verdict {
  const deaf = contacts.filter(({ confirmed }) => confirmed === 0).map(({ role }) => role);
  if (deaf.length > 0) return notReady(`nobody hears ${deaf.join(', ')}: no subscription is confirmed`);
  const untold = contacts.filter(({ confirmed }) => confirmed === null).map(({ role }) => role);
  if (untold.length > 0) return unread(`SNS does not say who hears ${untold.join(', ')}`);
  return ready(`all ${contacts.length} contacts are subscribed`);
}

/** The status of the approval page for a link that nobody was sent; null where it does not answer. */
export function approvalPageReady(status: number | null): Verdict {
  if (status === null) return notReady('the approval page does not answer');
  return status < 500
    ? ready(`the approval page answers with ${status}`)
    : notReady(`the approval page fails with ${status}`);
}
