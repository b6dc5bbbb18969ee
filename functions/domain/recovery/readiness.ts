// Says of each thing that a failover needs whether it is there. What could not be read is unknown, and never ready.
import { kinds } from '../../kinds/kinds.ts';
import type { Says } from '../kind/kind.ts';
import { isSamePerson, personsIn } from '../plan/persons.ts';
import type { Plan } from '../plan/plan.ts';
import { isReadable, type Reading, unreadableWords } from '../traffic/latch.ts';
import { type Standing, unknownRoles } from '../types.ts';
import { nameIn } from '../words/plain-text.ts';

export type Ready = 'ready' | 'not-ready' | 'unknown';

/** The look at the drills: an overdue one is no lack of what a takeover needs, and a drill would never run that waited for it. */
export const lastDrill = 'last-drill';

/** What is looked at beside the assets of the plan. */
const common = ['latches', 'record', 'state-table', 'contacts', 'approval', 'approval-page', lastDrill];

/** What was looked at, in words of the plan and of its kinds. Also the dimension Check of the metric Ready. */
export const readinessChecks: readonly string[] = [
  ...Object.values<Says<never>>(kinds).flatMap(({ checks = [] }) => checks),
  ...common,
];

/** `why`: one sentence, also where it is ready. */
export type CheckResult = { readonly state: Ready; readonly why: string };
/** `readyAt`: when it was last seen to be ready; absent where it never was. */
export type CheckedReadiness = CheckResult & { readonly check: string; readonly readyAt?: number };

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
  const isAllThere = readinessLost(checks.filter(({ check }) => check !== lastDrill)) === 0;
  return isAllThere ? { ...kept, coveredAt: seen.at } : kept;
}

/** How many checks are not ready; one that is unknown is not. */
export function readinessLost(checks: readonly CheckResult[]): number {
  return checks.filter(({ state }) => state !== 'ready').length;
}

/** Of several the worst, and why each that is as bad is so. */
export function worst(results: readonly CheckResult[]): CheckResult {
  const state = (['not-ready', 'unknown', 'ready'] as const).find((one) =>
    results.some((result) => result.state === one),
  );
  const why = results.flatMap((result) => (result.state === state ? [result.why] : []));
  return { state: state ?? 'unknown', why: why.join('; ') };
}

export const ready = (why: string): CheckResult => ({ state: 'ready', why });
export const notReady = (why: string): CheckResult => ({ state: 'not-ready', why });

/** What could not be read says nothing. */
export function unread(why: string): CheckResult {
  return { state: 'unknown', why: `could not be read: ${why}` };
}

/**
 * Whether each latch could be read, and is open. A closed one keeps users away from its region: from `left` it has to, the plan's first
 * region while the other one serves, and the way home opens it. Null where that is no region. `serving`: its latch is opened before another one,
 * or users would be sent to a region that does not serve.
 */
export function latchesReady(
  latches: readonly { readonly bucket: string; readonly region: string; readonly closed: boolean }[],
  left: string | null = null,
  serving: string | null = null,
): CheckResult {
  const closed = latches.filter((latch) => latch.closed && latch.region !== left);
  const open = latches.filter((latch) => !latch.closed && latch.region === left);
  if (open.length > 0)
    return notReady(
      `users may be sent to ${left}, which does not serve: its latch is missing in ${open.map(({ bucket }) => bucket).join(' and ')}`,
    );
  if (closed.length > 0) {
    const first = closed.toSorted((a, b) => Number(b.region === serving) - Number(a.region === serving));
    const isOrdered = new Set(closed.map(({ region }) => region)).size > 1;
    return notReady(
      `users are kept away${isOrdered ? ', open them in this order' : ''}: ${first.map(({ bucket, region }) => `the latch of ${region} is closed in ${bucket}`).join('; ')}`,
    );
  }
  return latches.length === 0
    ? notReady('the plan names no latch buckets')
    : ready(
        left === null
          ? `${latches.length} latches are open`
          : `the latch of ${left} keeps users away from it until the way home, and the others are open`,
      );
}

/**
 * Whether the health checks could read a latch in each bucket, by what always lies there. A bucket that gives no answer hides none that says no.
 * `unwritten`: why that could not be written where it could not be read.
 */
export function latchesReadable(readings: readonly (Reading & { readonly unwritten?: string })[]): CheckResult {
  const unreadable = readings.filter((one) => isReadable(one) === false);
  if (unreadable.length > 0)
    return notReady([unreadableWords(unreadable), ...unreadable.flatMap(({ unwritten = [] }) => unwritten)].join('; '));
  const silent = readings.filter((one) => isReadable(one) === null).map(({ bucket }) => bucket);
  if (silent.length > 0) return unread(`${silent.join(' and ')} did not answer as health checks ask`);
  return ready('health checks can read them');
}

/** What leaves a zone by a zonal shift, by its ARN, and whether ARC manages it: where it does not, no shift of it begins. */
export function shiftReady(
  resources: readonly { readonly resource: string; readonly managed: boolean }[],
): CheckResult {
  const names = (some: typeof resources) => some.map(({ resource }) => nameIn(resource)).join(' and ');
  const fixed = resources.filter(({ managed }) => !managed);
  return fixed.length === 0
    ? ready(`zonal shift is enabled on ${names(resources)}`)
    : notReady(`traffic cannot leave a zone: zonal shift is not enabled on ${names(fixed)}`);
}

type Roles = Pick<Standing, 'primary' | 'epoch'>;

/** The roles as the table says in this region and in the peer's: with one truth they are the same. */
export function stateTableReady(here: Roles, there: Roles): CheckResult {
  if ([here, there].some(({ epoch }) => epoch === unknownRoles.epoch))
    return notReady('the record of the roles cannot be read');
  const words = ({ primary, epoch }: Roles) => `${primary} is primary in epoch ${epoch}`;
  if (here.primary !== there.primary || here.epoch !== there.epoch)
    return notReady(`the regions disagree: ${words(here)} here, and ${words(there)} there`);
  return ready(`both regions read that ${words(here)}`);
}

/** A contact, and the addresses that hear what it is told; null where SNS does not say. */
export type Hearing = {
  readonly role: string;
  readonly hears: readonly string[] | null;
};

export function contactsReady(contacts: readonly Hearing[]): CheckResult {
  const deaf = contacts.filter(({ hears }) => hears?.length === 0).map(({ role }) => role);
  if (deaf.length > 0) return notReady(`nobody hears ${deaf.join(', ')}: no subscription is confirmed`);
  const untold = contacts.filter(({ hears }) => hears === null).map(({ role }) => role);
  if (untold.length > 0) return unread(`SNS does not say who hears ${untold.join(', ')}`);
  return ready(`all ${contacts.length} contacts hear, by every channel`);
}

/** What SNS allows a new account a month: some twenty messages, and then no more of them. Source: SNS, "SetSMSAttributes". */
const newAccountDollars = 1;

/** Of the month's limit: from here on people have time to raise it, which AWS has to grant. */
const mostlySpent = 0.8;

/**
 * Whether messages by SMS arrive: a new account reaches verified numbers alone, and for a dollar a month; at the limit SNS stops, and tells nobody.
 * `spentDollars`: of this month, null where no SMS was sent lately.
 */
export function smsReady({
  sandbox,
  limitDollars,
  spentDollars,
}: {
  readonly sandbox: boolean;
  readonly limitDollars: number | null;
  readonly spentDollars: number | null;
}): CheckResult {
  if (sandbox)
    return notReady('the account is in the SMS sandbox: only verified numbers are reached. Ask AWS to move it out');
  if (limitDollars === null) return unread('SNS does not say what may be spent on SMS: set MonthlySpendLimit');
  if (spentDollars !== null && spentDollars >= limitDollars * mostlySpent)
    return notReady(
      `${spentDollars} of ${limitDollars} USD that may be spent on SMS this month are spent: at the limit SNS stops. Raise MonthlySpendLimit`,
    );
  return limitDollars <= newAccountDollars
    ? notReady(`no more than ${limitDollars} USD a month may be spent on SMS: then SNS stops. Raise MonthlySpendLimit`)
    : ready(`the account may send SMS, for ${limitDollars} USD a month`);
}

/**
 * Whether as many different people as must approve can hear that they are asked. Two roles of one person are one; so are two persons who
 * have one address between them: whoever reads it has both links.
 */
export function approvalReady(contacts: readonly Hearing[], plan: Pick<Plan, 'approval' | 'contacts'>): CheckResult {
  const { required, roles } = plan.approval;
  const asked = personsIn(roles, plan).map((first) => {
    const own = contacts.filter(({ role }) => roles.includes(role) && isSamePerson(role, first, plan));
    const known = own.every(({ hears }) => hears !== null);
    // What is not known may be an address of their own.
    return { first, known, at: known ? own.flatMap(({ hears }) => (hears ?? []).map(spelled)) : [`of ${first}`] };
  });
  const reached = differentAmong(asked.filter(({ known }) => known).map(({ at }) => at));
  if (reached >= required)
    return ready(`${reached} different people hear that they are asked, and ${required} must approve`);
  const said = `${required} different people must approve, and only ${reached} can hear that they are asked`;
  const deaf = asked.filter(({ at }) => at.length === 0).map(({ first }) => `nobody hears ${first}`);
  const shared = asked.filter(
    ({ at }) => at.length > 0 && at.every((one) => asked.some((two) => two.at !== at && two.at.includes(one))),
  );
  const why = [
    ...deaf,
    ...(shared.length === 0 ? [] : [`${shared.map(({ first }) => first).join(', ')} share an address`]),
  ];
  const isKnown = differentAmong(asked.map(({ at }) => at)) < required;
  return isKnown
    ? notReady(why.length === 0 ? said : `${said}: ${why.join('; ')}`)
    : unread('SNS does not say who hears enough of those who must approve');
}

/** A mailbox is the same in capitals. */
function spelled(address: string): string {
  return address.trim().toLowerCase();
}

/** How many of them can each have an address of their own: the largest matching. */
function differentAmong(people: readonly (readonly string[])[]): number {
  const owners = new Map<string, number>();
  const give = (person: number, tried: Set<string>): boolean =>
    (people[person] ?? []).some((address) => {
      if (tried.has(address)) return false;
      tried.add(address);
      const owner = owners.get(address);
      if (owner !== undefined && !give(owner, tried)) return false;
      owners.set(address, person);
      return true;
    });
  return people.filter((_, person) => give(person, new Set())).length;
}

/** What the drills of the plan lack, a line each: one that is overdue, or that failed. */
export function drillsReady(lacking: readonly string[]): CheckResult {
  return lacking.length === 0 ? ready('no drill is overdue, and none failed') : notReady(lacking.join('; '));
}

/** The status of the approval page for a link that nobody was sent; null where it does not answer. */
export function approvalPageReady(status: number | null): CheckResult {
  if (status === null) return notReady('the approval page does not answer');
  return status < 500
    ? ready(`the approval page answers with ${status}`)
    : notReady(`the approval page fails with ${status}`);
}
