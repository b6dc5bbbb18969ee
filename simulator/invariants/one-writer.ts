// one-writer: no two regions take writes of one database at the same time, and in no two regions consumers of one asset work, except in a
// region that an approval named as unfenced, of a database with that database; every write that such a region took is reported as diverged.
import type { Invariant, Violation } from './model/history.ts';
import type { ObservationOf } from './model/observations.ts';

export const oneWriter: Invariant = (history) => {
  const violations: Violation[] = [];
  const approvals = new Map<string, ObservationOf<'approval'>>();
  let takes: ReturnType<typeof takenIn> = [];
  const last = new Map<string, string | null>();
  // An approval that becomes void takes its exception with it, so both kinds are moments to look at. While people are asked again
  // it stands: what was promoted before cannot be taken back by a question.
  const moments = [...history.of('approval'), ...history.of('tick')].sort((a, b) => a.at - b.at);
  for (const moment of moments) {
    if (moment.kind === 'approval' && moment.asked !== true) approvals.set(moment.execution, moment);
    if (moment.kind === 'tick') takes = takenIn(moment);
    for (const { what, regions, database } of takes) {
      const naming = [...approvals.values()].filter(
        ({ assets }) => database === undefined || assets === undefined || assets.includes(database),
      );
      const writers = writersTogether([...new Set(regions)].sort(), naming);
      if (writers !== null && writers !== last.get(what)) {
        violations.push({
          at: moment.at,
          what: `${writers} ${what} at the same time, and no approval named either as unfenced`,
        });
      }
      last.set(what, writers);
    }
  }
  for (const { at, incident, divergedWrites = {} } of history.of('loss'))
    for (const [database, { reported, actual }] of Object.entries(divergedWrites))
      if (actual > 0 && (reported ?? -1) < actual)
        violations.push({
          at,
          what: `${incident} reports ${reported ?? 'no'} diverged writes of ${database} where ${actual} were taken by an unfenced region`,
        });
  return violations;
};

/** What must be done in one region alone, in words, and where it is done. */
function takenIn({
  writable,
  consuming = {},
}: ObservationOf<'tick'>): { what: string; regions: readonly string[]; database?: string }[] {
  return [
    ...Object.entries(writable).map(([database, regions]) => ({
      what: `take writes of ${database}`,
      regions,
      database,
    })),
    ...Object.entries(consuming).map(([asset, regions]) => ({ what: `let ${asset} consume`, regions })),
  ];
}

/** The first two regions that no approval lets write side by side. What one names is accepted for the region it is for. */
function writersTogether(regions: readonly string[], approvals: readonly ObservationOf<'approval'>[]): string | null {
  const accepts = (unfenced: string, target: string): boolean =>
    approvals.some((approval) => approval.valid && approval.target === target && approval.names.includes(unfenced));
  for (const [index, one] of regions.entries()) {
    const other = regions.slice(index + 1).find((next) => !accepts(one, next) && !accepts(next, one));
    if (other !== undefined) return `${one} and ${other}`;
  }
  return null;
}
