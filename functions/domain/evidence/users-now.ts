// Says where users stand now, by what observers outside see: for people who read a message and cannot see the service. Pure.
import type { Plan } from '../plan/plan.ts';
import { asRolesStand, inForce } from '../roles.ts';
import type { Classification, Signal, Standing } from '../types.ts';
import { opinionsNeeded, usersIn } from './classify.ts';
import { drawPicture } from './picture.ts';
import { hasJustPassed, hasJustRun, newestRunMs } from './runs.ts';

/**
 * `seenFrom`: the regions of the observers that say so. `at`: their newest run; `servedAt`: when a run of any of them last passed. Both in milliseconds
 * since 1970, and null where no run is known.
 */
export type UsersNow = {
  readonly users: Classification['users'];
  readonly seenFrom: readonly string[];
  readonly at: number | null;
  readonly servedAt: number | null;
  /** Whether alarms of the service say that something fails: what fails for few users a run of visits may miss. */
  readonly isAlarmed: boolean;
  /** Whether visits of the last minutes failed: a run passes although one visit in ten does not. */
  readonly hasFailed: boolean;
};

type Roles = Pick<Standing, 'primary' | 'movedAt'>;

/** The region whose canaries speak of users: the one that serves them. */
export function servingRegion(plan: Plan, roles: Pick<Standing, 'primary'>): string {
  return asRolesStand(plan, roles).roles.primary;
}

/** `signals`: what is known of the region that serves. */
export function usersNow(signals: readonly Signal[], roles: Roles, plan: Plan, now: number): UsersNow {
  const region = servingRegion(plan, roles);
  // That canaries failed before the region became the primary was of another time: nobody is told by it where users stand now.
  const from = roles.movedAt ?? Number.NEGATIVE_INFINITY;
  const since = signals.filter((signal) => signal.at >= from || !sawFailing(signal));
  const picture = drawPicture(inForce(since, region, roles, plan), region, plan, now);
  const users = usersIn(picture);
  const seenFrom = users === 'unknown' ? [] : [...(users === 'fail' ? picture.failingNow : picture.seeingWell)].sort();
  const runs = seenFrom.flatMap((observer) => picture.lastRuns.get(observer) ?? []);
  const newest = Math.max(0, ...runs.flatMap(({ passedAt, failedAt }) => [passedAt, failedAt]));
  return {
    users,
    seenFrom,
    at: newest || null,
    servedAt: picture.lastPassedAt || null,
    isAlarmed: picture.failing.length > 0,
    hasFailed: [...picture.lastRuns.values()].some(
      ({ isClean, passedAt, failedAt }) => now - (isClean ? failedAt : Math.max(passedAt, failedAt)) < newestRunMs,
    ),
  };
}

function sawFailing(signal: Signal): boolean {
  return signal.kind === 'canary' ? signal.condition === 'failing' : signal.kind === 'canary-run' && !signal.passed;
}

/**
 * The observers outside that see users served by their newest runs; none where a run of one of them does not, or fewer see it than an
 * opinion needs. Known minutes sooner than `usersNow` says it, which waits for alarms to clear.
 */
export function servedAsSeen(signals: readonly Signal[], roles: Roles, plan: Plan, now: number): readonly string[] {
  const region = servingRegion(plan, roles);
  const { lastRuns } = drawPicture(inForce(signals, region, roles, plan), region, plan, now);
  const newest = [...lastRuns].filter(([, runs]) => hasJustRun(runs, now));
  const isServed = newest.length >= opinionsNeeded && newest.every(([, runs]) => hasJustPassed(runs, now));
  return isServed ? newest.map(([observer]) => observer).sort() : [];
}
