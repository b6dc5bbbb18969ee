// What the visits of all canaries came to, before, during and after an incident: the record keeps it when the report is first written, since
// CloudWatch has each minute for fifteen days. Pure.
import * as z from 'zod';

/** The shares of a region's visits that were answered, a run each minute; null where its CloudWatch did not say. */
export type Visits = Readonly<Record<string, readonly { readonly at: number; readonly value: number }[] | null>>;

const count = z.int().nonnegative();
const UsersSeen = z.object({
  phases: z.array(
    z.object({
      phase: z.enum(['before', 'during', 'after']),
      from: z.number(),
      to: z.number(),
      requestsPercent: z.number().min(0).max(100),
      runs: z.object({ passed: count, failed: count }),
    }),
  ),
  /** The regions whose canaries are in it, and those that did not say. */
  regions: z.array(z.string()),
  silent: z.array(z.string()),
});
export type UsersSeen = z.infer<typeof UsersSeen>;

/** How long before an incident is looked at, to know what was usual. */
export const usualMs = 30 * 60_000;

/** `servedAt`: when users were proved to be served, or the incident was over; then it lasted until `closedAt`. A phase without a run is none. */
export function usersSeen(
  visits: Visits,
  { from, servedAt, closedAt }: { readonly from: number; readonly servedAt: number; readonly closedAt: number },
  passingShare: number,
): UsersSeen {
  const all = Object.values(visits).flatMap((points) => points ?? []);
  const stretches = [
    { phase: 'before', from: from - usualMs, to: from },
    { phase: 'during', from, to: servedAt },
    { phase: 'after', from: servedAt, to: closedAt },
  ] as const;
  const phases = stretches.flatMap((stretch) => {
    const shares = all.flatMap(({ at, value }) => (at >= stretch.from && at < stretch.to ? [value] : []));
    if (shares.length === 0) return [];
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const passed = shares.filter((share) => share >= passingShare).length;
    return [
      {
        ...stretch,
        requestsPercent: Number((mean * 100).toFixed(2)),
        runs: { passed, failed: shares.length - passed },
      },
    ];
  });
  const regions = Object.entries(visits);
  return {
    phases,
    regions: regions.flatMap(([region, points]) => ((points ?? []).length > 0 ? [region] : [])),
    silent: regions.flatMap(([region, points]) => ((points ?? []).length > 0 ? [] : [region])),
  };
}

/** As the record keeps it; null where that is damaged, or nothing was kept. */
export function readUsersSeen(outcome: unknown): UsersSeen | null {
  return UsersSeen.safeParse(outcome).data ?? null;
}
