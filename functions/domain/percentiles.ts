// What a history of durations comes to: the usual one, and what one must be ready for. Pure.

/** By nearest rank: each is a duration that there was. `count`: of how many it is told. */
export type Percentiles = {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
};

/** Null where nothing is known. What is not known of some is left out, and not taken for 0. */
export function percentilesOf(durations: readonly (number | null)[]): Percentiles | null {
  const known = durations.filter((one) => one !== null).toSorted((a, b) => a - b);
  const rank = (share: number): number => known[Math.max(0, Math.ceil(share * known.length) - 1)] ?? 0;
  const longest = known.at(-1);
  return longest === undefined ? null : { count: known.length, p50: rank(0.5), p95: rank(0.95), longest };
}

/** A prediction beside what was achieved. */
export type Foretold = { readonly predictedSeconds: number | null; readonly recoverySeconds: number | null };

/** By how much the usual prediction was wrong: 1.2 is a fifth too short. Null where nothing was predicted and achieved. */
export function calibrationOf(all: readonly Foretold[]): { readonly count: number; readonly factor: number } | null {
  const factors = all.map(({ predictedSeconds, recoverySeconds }) =>
    predictedSeconds === null || predictedSeconds <= 0 || recoverySeconds === null
      ? null
      : recoverySeconds / predictedSeconds,
  );
  const found = percentilesOf(factors);
  return found === null ? null : { count: found.count, factor: Math.round(found.p50 * 100) / 100 };
}
