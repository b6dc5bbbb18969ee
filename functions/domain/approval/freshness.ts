// Says when an approval is stale: what it let happen has to be looked at again before anything more is changed by it. Pure.
import { day } from '../page/page-times.ts';
import type { Settlement } from '../record/store.ts';
import { formatBoth } from '../words/durations.ts';

/** What the record holds of a flow that people approved. Times are milliseconds since 1970. */
export type Aging = {
  /** When the newest look began that found what was approved still so; null where none did. */
  readonly lookedAt: number | null;
  /** How the request ended on which that look rests; null where it has not. */
  readonly outcome: Settlement | null;
  /** When the flow last stopped, or was resumed; null where it never did. */
  readonly stoppedAt: number | null;
  /** When it last changed something; null where it has not. */
  readonly changedAt: number | null;
  /** Whether it has sent users to the other region. */
  readonly redirected: boolean;
  /** When the incident ended for whose sake the flow goes on; null where it lasts, or where it has no such end. */
  readonly closedAt: number | null;
};

/**
 * Why nothing may be changed before another look; null where the approval is fresh. It ages until the first change, and again
 * after each stop: a flow that goes on without one does not go stale by age. Until users are redirected the end of the
 * incident counts at any time; from then on nothing is stale, for users are there.
 */
export function whyStale(aging: Aging, freshSeconds: number, now: number): string | null {
  const { lookedAt, outcome, stoppedAt, changedAt, redirected, closedAt } = aging;
  if (redirected) return null;
  if (lookedAt === null) return 'nobody has checked that the approval still fits';
  if (outcome !== 'approved') return `its request is ${outcome ?? 'not answered'}`;
  // A look that found the incident over says so to people: what they approved since, they approved knowing it.
  if (closedAt !== null && closedAt >= lookedAt) return `the incident is over since ${day(closedAt)}`;
  if (hasStopped(aging)) return 'the flow has stopped since the last check';
  if (changedAt !== null && changedAt > (stoppedAt ?? Number.NEGATIVE_INFINITY)) return null;
  const age = Math.round((now - lookedAt) / 1000);
  if (age <= freshSeconds) return null;
  const [ago, counts] = formatBoth(age, freshSeconds);
  return `the last check was ${ago} ago, and counts for ${counts}`;
}

/** Whether a flow has stopped, or was resumed, and what was approved was not looked at since. Times are milliseconds since 1970. */
export function hasStopped({ lookedAt, stoppedAt }: Pick<Aging, 'lookedAt' | 'stoppedAt'>): boolean {
  return stoppedAt !== null && (lookedAt === null || stoppedAt >= lookedAt);
}
