// Says what is done next with a consumer that has to be on or off, from what was seen of it. Pure, and total: what is not known is
// waited for, never guessed.
import { giveUp, isRecent, type Next, wait } from '../../domain/recovery/moves.ts';
import { type ConsumerSeen, type Goal, isCounted } from './rules/listed.ts';

/** How it stands for a goal: on, off, or on its way to one of them. */
export type Standing = 'on' | 'off' | 'changing';

/** A call that shows no effect for longer was lost. */
const callShowsSeconds = 60;

/** A mapping is Creating, Enabling, Enabled, Disabling, Disabled, Updating or Deleting [AWS, GetEventSourceMapping]. */
const switched: Readonly<Record<string, Standing>> = {
  Enabled: 'on',
  Disabled: 'off',
  ENABLED: 'on',
  ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: 'on',
  DISABLED: 'off',
  ENDED: 'off',
  SUSPENDED: 'off',
};

/**
 * Fewer tasks or replicas than are wanted are off for whoever wants more, and on for whoever wants none. A service is on once ECS keeps that many: users
 * do not wait until they have started; it is off once none runs any more.
 */
export function standingFor(seen: ConsumerSeen, goal: Goal): Standing {
  if (!isCounted(seen)) return switched[seen.state] ?? 'changing';
  const { desired, running } = seen;
  if (goal.on) return desired < goal.tasks ? 'off' : 'on';
  return desired > 0 ? 'on' : running > 0 ? 'changing' : 'off';
}

/** In words, for people and for the record. */
export function stateOf(seen: ConsumerSeen | null): string {
  if (seen === null) return 'not there';
  if (!isCounted(seen)) return seen.state.toLowerCase();
  const { status, running, desired } = seen;
  return seen.what === 'service' ? `${status}, ${running} of ${desired} tasks` : `${running} of ${desired} replicas`;
}

/**
 * A consumer is on, or off. What is not there is off, and can never be on. `calledAt`: when this execution last asked for that, in milliseconds
 * since 1970; null where it did not.
 */
export function nextSwitch(
  seen: ConsumerSeen | null,
  goal: Goal,
  calledAt: number | null,
  now: number,
): Next<'switch'> {
  if (seen === null) return goal.on ? giveUp('it is not there') : { next: 'done' };
  const standing = standingFor(seen, goal);
  if (standing === 'changing') return wait(`it is ${stateOf(seen)}`);
  if (standing === (goal.on ? 'on' : 'off')) return { next: 'done' };
  if (seen.fixed !== null) return giveUp(seen.fixed);
  if (isRecent(calledAt, callShowsSeconds, now)) return wait(`the change was requested; now it is ${stateOf(seen)}`);
  return { next: 'switch' };
}
