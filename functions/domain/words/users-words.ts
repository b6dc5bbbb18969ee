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

/** By what observers see; `null` where that could not be read. */
export function usersSentence(seen: UsersNow | null, now: number): string {
  if (seen === null || seen.users === 'unknown')
    return `Whether users are served now is NOT KNOWN: too few places outside can tell. Open ${theService}.`;
  const { users, seenFrom, at, servedAt } = seen;
  const from = `seen from ${seenFrom.join(', ')}${at === null ? '' : ` at ${clock(at, now)}`}`;
  if (users === 'served') return `Users are served now, ${from}.`;
  const last = servedAt === null ? '' : ` The last successful user request was at ${clock(servedAt, now)}.`;
  return `Users FAIL now, ${from}.${last}`;
}

/** A text that leaves: whether users are served, and where the service is. */
export function withUsers(text: string, said: string, { service }: Pick<Plan, 'service'>): string {
  return text.replaceAll(usersLine, said).replaceAll(theService, `the service (${service.healthUrl})`);
}
