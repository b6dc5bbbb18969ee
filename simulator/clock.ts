// Virtual time: a fake clock that is never installed globally, moved from timer to timer as fast as the code runs.
import { createClock } from '@sinonjs/fake-timers';
import type { Clock } from './estate/types.ts';

export type VirtualClock = Clock & {
  /** Fires timers in order until `done` says so or `until` (milliseconds) is reached; `standStill` is waited for before each. */
  run(until: number, done: () => boolean, standStill?: () => Promise<void>): Promise<void>;
};

/** A clock that starts at a time in milliseconds since 1970. */
export function createVirtualClock(startAt: number): VirtualClock {
  // A drill has more timers than the default limit of the library allows.
  const fake = createClock(startAt, Number.MAX_SAFE_INTEGER);
  return {
    now: () => fake.now,
    setTimeout: (run, ms) => fake.setTimeout(run, ms),
    clearTimeout: (handle) => fake.clearTimeout(handle as number),
    async run(until, done, standStill) {
      let reached = false;
      fake.setTimeout(() => {
        reached = true;
      }, until - fake.now);
      while (!reached && !done()) {
        if (standStill !== undefined) await standStill();
        fake.next();
        // Everything between two timers is promises; one turn of the event loop lets all of them finish.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Waits in virtual time. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
