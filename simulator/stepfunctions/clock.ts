// Virtual time for the runtime: the caller's clock, and timers that may be longer than the clock allows.

/** What the caller gives: a `createClock()` of @sinonjs/fake-timers fits. Times are milliseconds. */
export type Clock = {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
};

/** Timers beyond 2^31 - 1 ms fire at once, in Node as in fake-timers; a wait of a month would not wait. */
const longestTimerMs = 2 ** 31 - 1;

/** Runs `run` after `ms`; the answer cancels it. */
export function after(clock: Clock, ms: number, run: () => void): () => void {
  const due = clock.now() + ms;
  let handle: unknown;
  const arm = (): void => {
    const leftMs = due - clock.now();
    handle =
      leftMs > longestTimerMs ? clock.setTimeout(arm, longestTimerMs) : clock.setTimeout(run, Math.max(0, leftMs));
  };
  arm();
  return () => clock.clearTimeout(handle);
}
