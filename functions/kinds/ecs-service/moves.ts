// Says what each verb of an `ecs-service` does next, from what it saw. Pure, and total: what is not known is waited for, never
// guessed.
import type { Change } from '../../domain/record/store.ts';
import { giveUp, isRecent, type Next, wait } from '../../domain/recovery/moves.ts';

/** A service as it was seen. */
export type ServiceStanding = {
  readonly status: string;
  readonly scheduling: string;
  readonly desired: number;
  readonly running: number;
};

/** A call that shows no effect for longer was lost. */
const callShowsSeconds = 60;

/** Why a service cannot be made to run more tasks; null where it can. */
export function whyFixed({ status, scheduling }: Pick<ServiceStanding, 'status' | 'scheduling'>): string | null {
  if (status !== 'ACTIVE') return `it is ${status}`;
  return scheduling === 'DAEMON' ? 'it runs one task on each instance: their number cannot be set' : null;
}

/**
 * The service runs `wanted` tasks or more: the number is raised, and never lowered. Times are milliseconds since 1970.
 */
export function nextTasks(seen: ServiceStanding, wanted: number, calledAt: number | null, now: number): Next<'raise'> {
  if (seen.status !== 'ACTIVE') return giveUp(`it is ${seen.status}`);
  if (seen.desired >= wanted)
    return seen.running >= wanted ? { next: 'done' } : wait(`${seen.running} of ${wanted} tasks run`);
  const fixed = whyFixed(seen);
  if (fixed !== null) return giveUp(fixed);
  if (isRecent(calledAt, callShowsSeconds, now)) return wait('more tasks were asked for');
  return { next: 'raise' };
}

/** The service of a region that was given up runs none; one that is not there runs none either. */
export function nextNone(seen: ServiceStanding | null, calledAt: number | null, now: number): Next<'lower'> {
  if (seen === null || (seen.desired === 0 && seen.running === 0)) return { next: 'done' };
  if (seen.desired === 0) return wait(`${seen.running} tasks stop`);
  const fixed = whyFixed(seen);
  if (fixed !== null) return giveUp(fixed);
  if (isRecent(calledAt, callShowsSeconds, now)) return wait('none were asked for');
  return { next: 'lower' };
}

/** What a call changes that asks for so many tasks. */
export function tasksChange(seen: ServiceStanding | null, wanted: number): Change {
  return {
    before: seen === null ? 'is not there' : `${seen.running} of ${seen.desired} tasks run`,
    wanted: `${wanted} tasks run`,
  };
}
