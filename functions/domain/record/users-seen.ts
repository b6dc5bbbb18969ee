// What the visits of all canaries came to, before, during and after an incident: the record keeps it when the report is first written, since
// CloudWatch has each minute for fifteen days. Pure.
import * as z from 'zod';
import { percentilesOf } from '../percentiles.ts';

/** What a canary measures each minute: which share of its visits passed, and how long each took that did. */
export const canaryMetrics = { share: 'Canary', seconds: 'CanarySeconds' } as const;

/** One minute of a region. */
export type Point = { readonly at: number; readonly value: number };
type Points = readonly Point[] | null;

/**
 * A region's visits, a point each minute; null where its CloudWatch did not say. The times are of those that passed, in seconds; null where the canary
 * of that region measures none.
 */
export type Visits = Readonly<Record<string, { readonly shares: Points; readonly times: Times | null }>>;
export type Times = { readonly medians: Points; readonly slowest: Points };

/** Users are outside: how long an answer takes is measured where the plan looks at them from, and each such measure is paid for by the month. */
export function measuresTimes(region: string, { observers }: { readonly observers: readonly string[] }): boolean {
  return observers.includes(region);
}

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const UsersSeen = z.object({
  phases: z.array(
    z.object({
      phase: z.enum(['before', 'during', 'after']),
      from: z.number(),
      to: z.number(),
      requestsPercent: z.number().min(0).max(100),
      runs: z.object({ passed: count, failed: count }),
      /** Null where no visit has a time. */
      took: z.object({ medianMs: milliseconds, slowestMs: milliseconds }).nullable().default(null),
    }),
  ),
  /** The regions whose canaries are in it, and those that did not say. */
  regions: z.array(z.string()),
  silent: z.array(z.string()),
  /** Of those in it: whose visits have no time. Null where an older release wrote it, which did not read times. */
  untimed: z.array(z.string()).nullable().default(null),
});
export type UsersSeen = z.infer<typeof UsersSeen>;
type Took = { readonly medianMs: number; readonly slowestMs: number };

/** How long before an incident is looked at, to know what was usual. */
export const usualMs = 30 * 60_000;

/** `servedAt`: when users were proved to be served, or the incident was over; then it lasted until `closedAt`. A phase without a run is none. */
export function usersSeen(
  visits: Visits,
  { from, servedAt, closedAt }: { readonly from: number; readonly servedAt: number; readonly closedAt: number },
  passingShare: number,
): UsersSeen {
  const all = Object.values(visits).flatMap(({ shares }) => shares ?? []);
  const stretches = [
    { phase: 'before', from: from - usualMs, to: from },
    { phase: 'during', from, to: servedAt },
    { phase: 'after', from: servedAt, to: closedAt },
  ] as const;
  const phases = stretches.flatMap((stretch) => {
    const shares = valuesIn(all, stretch);
    if (shares.length === 0) return [];
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const passed = shares.filter((share) => share >= passingShare).length;
    return [
      {
        ...stretch,
        requestsPercent: Number((mean * 100).toFixed(2)),
        runs: { passed, failed: shares.length - passed },
        took: tookIn(visits, stretch),
      },
    ];
  });
  const names = Object.keys(visits);
  const has = (points: Points | undefined): boolean => (points ?? []).length > 0;
  const regions = names.filter((region) => has(visits[region]?.shares));
  return {
    phases,
    regions,
    silent: names.filter((region) => !has(visits[region]?.shares)),
    untimed: regions.filter((region) => {
      const times = visits[region]?.times ?? null;
      return times !== null && !(has(times.medians) && has(times.slowest));
    }),
  };
}

/**
 * How long visits took that passed: the middle one of the medians of all minutes and regions, and the slowest of all. Null where none has a time. Of a
 * minute that lies in two stretches nobody knows in which a visit was made: it counts in neither.
 */
function tookIn(visits: Visits, { from, to }: Stretch): Took | null {
  const whole = { from, to: to - minuteMs + 1 };
  const of = (what: 'medians' | 'slowest') =>
    percentilesOf(Object.values(visits).flatMap(({ times }) => valuesIn(times?.[what] ?? [], whole)));
  const [medians, slowest] = [of('medians'), of('slowest')];
  if (medians === null || slowest === null) return null;
  return { medianMs: Math.round(medians.p50 * 1000), slowestMs: Math.round(slowest.longest * 1000) };
}

type Stretch = { readonly from: number; readonly to: number };
const minuteMs = 60_000;

function valuesIn(points: readonly Point[], { from, to }: Stretch): number[] {
  return points.flatMap(({ at, value }) => (at >= from && at < to ? [value] : []));
}

/** As the record keeps it; null where that is damaged, or nothing was kept. */
export function readUsersSeen(outcome: unknown): UsersSeen | null {
  return UsersSeen.safeParse(outcome).data ?? null;
}

/** The meaning of latency in every report. */
const timesAre =
  "Latency: the visits of the observers' canaries that succeeded, in whole minutes. It shows the median of the minutes' medians, and the slowest visit. A visit that failed has no time.";

/** What the times mean, and why some are missing. */
export function tookWords(seen: Pick<UsersSeen, 'phases' | 'untimed'> | null): string {
  const not = (why: string): string => `Latency was not measured: ${why}.`;
  if (seen === null) return not('the record has no visits of canaries');
  const { phases, untimed } = seen;
  if (untimed === null) return not('an older release wrote this part of the record');
  const missing = `the canaries of ${untimed.join(', ')} reported no times: none of their visits succeeded, or they run an older release`;
  const isTimed = phases.some(({ took }) => took !== null);
  if (untimed.length > 0) return isTimed ? `${timesAre} Some times are missing: ${missing}.` : not(missing);
  return isTimed ? timesAre : not("no visit of an observer's canary succeeded in a whole minute");
}
