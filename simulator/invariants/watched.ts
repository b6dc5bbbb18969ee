// watched: from a promotion on, an old region that takes writes is fenced or a person knows that it is not.
import type { Invariant, Violation } from './history.ts';

/** A watch looks each minute, and a fence is an exchange of groups and a restart. */
const fencedWithinMs = 900_000;
/** What tells a person that a region is not fenced, or may not be. */
const tells = /not fenced|unfenced|cannot be fenced|serves users again|stopped at/;

export const watched: Invariant = (history) => {
  const violations: Violation[] = [];
  /** Since when two regions take writes of a database. */
  const since = new Map<string, { readonly at: number; readonly regions: readonly string[] }>();
  const messages = history.of('message');
  const judge = (database: string, until: number): void => {
    const began = since.get(database);
    since.delete(database);
    if (began === undefined || until - began.at <= fencedWithinMs) return;
    const isTold = messages.some(
      ({ at, subject, body }) =>
        at >= began.at &&
        at <= began.at + fencedWithinMs &&
        tells.test(`${subject} ${body}`) &&
        began.regions.some((region) => body.includes(region)),
    );
    if (!isTold)
      violations.push({
        at: began.at + fencedWithinMs,
        what: `${began.regions.join(' and ')} had taken writes of ${database} for ${fencedWithinMs / 60_000} minutes, and nobody was told that one is not fenced`,
      });
  };
  for (const { at, writable } of history.of('tick'))
    for (const [database, regions] of Object.entries(writable)) {
      if (new Set(regions).size < 2) judge(database, at);
      else if (!since.has(database)) since.set(database, { at, regions: [...new Set(regions)].sort() });
    }
  for (const database of [...since.keys()]) judge(database, history.now);
  return violations;
};
