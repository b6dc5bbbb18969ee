// Virtual time: a clock that is never installed globally, moved from timer to timer as fast as the code runs.
import type { Clock } from './estate/types.ts';

export type VirtualClock = Clock & {
  /** Looks every so many milliseconds. A look sets nothing going, and nothing is waited for after it. */
  watch(look: () => void, everyMs: number): void;
  /** Fires timers in order until `done` says so or `until` (milliseconds) is reached; `standStill` is waited for before each. */
  run(until: number, done: () => boolean, standStill?: () => Promise<void>): Promise<void>;
};

type Timer = { readonly at: number; readonly run: () => void; readonly isLook: boolean };

/** A clock that starts at a time in milliseconds since 1970. Timers keep whole milliseconds, as Node's. */
export function createVirtualClock(startAt: number): VirtualClock {
  let now = startAt;
  let fires = false;
  /** The next one is the last of the list; of two at one time, the one that was set first. */
  const timers: Timer[] = [];
  /** How many are later than a time. */
  const laterThan = (at: number): number => {
    let [low, high] = [0, timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((timers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const setTimer = (run: () => void, ms: number, isLook = false): Timer => {
    // What a timer sets for at once is due after everything of its millisecond.
    const timer = { at: now + (Math.max(0, Math.trunc(ms)) || (fires ? 1 : 0)), run, isLook };
    timers.splice(laterThan(timer.at), 0, timer);
    return timer;
  };
  const fireNext = (): Timer | null => {
    const timer = timers.pop();
    if (timer === undefined) return null;
    now = timer.at;
    fires = true;
    try {
      timer.run();
    } finally {
      fires = false;
    }
    return timer;
  };
  return {
    now: () => now,
    setTimeout: (run, ms) => setTimer(run, ms),
    watch(look, everyMs) {
      const again = (): void => {
        look();
        setTimer(again, everyMs, true);
      };
      again();
    },
    clearTimeout(handle) {
      const { at } = handle as Timer;
      const place = timers.indexOf(handle as Timer, laterThan(at));
      if (place >= 0) timers.splice(place, 1);
    },
    async run(until, done, standStill) {
      let reached = false;
      let fired = 0;
      setTimer(() => {
        reached = true;
      }, until - now);
      while (!reached && !done()) {
        if (standStill !== undefined) await standStill();
        // Everything between two timers is promises: the next tick comes when all of them have finished.
        if (fireNext()?.isLook !== true) await new Promise<void>((resolve) => process.nextTick(resolve));
        fired += 1;
        // Ticks alone would keep the process from whatever else it does, such as hearing Ctrl-C.
        if (fired % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Waits in virtual time. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
