// Where users stand, as messages say it: in their first line, by what was seen when they leave. Pure.
import * as z from 'zod';
import type { UsersNow } from '../evidence/users-now.ts';
import { clock } from '../page/page-times.ts';
import type { Plan } from '../plan/plan.ts';

/** The service as texts name it. Where a message leaves, its address takes its place. */
export const theService = 'the service (service.healthUrl in plan.yml)';

/** Said by every message that has not looked itself. Where it leaves, what observers see takes its place. */
export const usersLine = `Whether users are served now: open ${theService}.`;

/** How many of the visits that were just made to the service were answered. */
export type Visited = z.infer<typeof visitedShape>;
const visitedShape = z.object({ answered: z.number(), made: z.number() });

/** As a message's facts have it; undefined where nobody looked. */
export function readVisited(found: unknown): Visited | undefined {
  return visitedShape.safeParse(found).data;
}

/** Whether every visit was answered, where somebody has looked. */
export function areServed(visited: unknown): boolean {
  const seen = readVisited(visited);
  return seen !== undefined && seen.answered === seen.made;
}

/** By the visits that a flow has just made. */
export function visitedSentence({ answered, made }: Visited): string {
  const who = answered === made ? 'Users are' : answered === 0 ? 'Users are NOT' : 'Some users are NOT';
  return `${who} served now: ${answered} of ${made} test visits were answered just before this message.`;
}

/** What the visits of a message saw, where it is told late: it is of then. */
export function seenThen(body: string): string {
  return body.replaceAll(/ served now(?=: \d+ of \d+ test visits were answered)/g, ' served then');
}

/** By what observers see; `null` where that could not be read. */
export function usersSentence(seen: UsersNow | null, now: number): string {
  if (seen === null || seen.users === 'unknown')
    return `Whether users are served now is NOT KNOWN: too few places outside can tell. Open ${theService}.`;
  const { users, seenFrom, at, servedAt, isAlarmed, hasFailed } = seen;
  const from = `seen from ${seenFrom.join(', ')}${at === null ? '' : ` at ${clock(at, now)}`}`;
  if (users === 'served' && isAlarmed)
    return `Most users are served now, ${from}. Some may fail: alarms of the service say that something does.`;
  if (users === 'served' && hasFailed)
    return `Most users are served now, ${from}. Some may fail: visits failed a few minutes ago.`;
  if (users === 'served') return `Users are served now, ${from}.`;
  const last = servedAt === null ? '' : ` The last successful user request was at ${clock(servedAt, now)}.`;
  return `Users FAIL now, ${from}.${last}`;
}

/**
 * What a subject says of users who are not served; nothing where it says that already. An asset may be called
 * users, and of users who were served a while ago it is news that they fail.
 */
const saysEnough = /\busers (?:still )?fail\b|\busers are NOT\b/i;

/** What a subject begins with where what is needed can wait until morning: while users are served. */
export const notUrgent = 'Not urgent: ';

const fails = { all: 'users FAIL: ', some: 'some users FAIL: ' } as const;

/** The subject of a message by what was seen when it left: who wakes up sees the subject alone. `failing`: how many users fail. */
export function withFailing(subject: string, failing: 'all' | 'some' | 'none'): string {
  if (failing === 'none' || saysEnough.test(subject)) return subject;
  const [head = ''] =
    /^\[Breakwater\] (?:LATE, written at \d\d:\d\d UTC: )?(?:\[[A-Z ]+\] )?(?:For information: )?/.exec(subject) ?? [];
  return `${head}${fails[failing]}${subject.slice(head.length).replace(notUrgent, '')}`;
}

/** What can wait has another cause than users who fail when it leaves: whoever reads it looks for the message that is about them. */
export function besideFailing(
  subject: string,
  { users, said }: { readonly users: string; readonly said: string },
): string {
  if (users !== 'fail' || !subject.includes(notUrgent)) return said;
  return `${said} This message is not about that. If no other message says what is done about it: npm run status.`;
}

/** How many users fail, by visits that were just made. */
export function failingOf({ answered, made }: Visited): 'all' | 'some' | 'none' {
  return answered === made ? 'none' : answered === 0 ? 'all' : 'some';
}

/** A text that leaves: whether users are served, and where the service is. */
export function withUsers(text: string, said: string, { service }: Pick<Plan, 'service'>): string {
  // Functions: of a text, `replaceAll` would read the signs of an address such as `$&`.
  return text.replaceAll(usersLine, () => said).replaceAll(theService, () => `the service (${service.healthUrl})`);
}
