// watched: from a promotion on, an old region that takes writes, or consumes, is fenced or a person knows that it is not; and the watch
// closes nothing that is the only one to take writes.
import { describe, type History, type Invariant, type Violation } from './model/history.ts';
import type { ObservationOf } from './model/observations.ts';
import { isWatch, regionActOf } from './model/region-acts.ts';

/** A watch looks each minute, and a fence is an exchange of groups and a restart. */
const fencedWithinMs = 900_000;
/** What tells a person that a region is not fenced: in one line with its name. That a flow has stopped says nothing of it. */
const tells = /not fenced|unfenced|cannot be fenced|may be written to|serves users again/i;
/** What holds from then on, whenever the second writer comes: a person has ended the watch. */
const lasts = /is NOT fenced, and Breakwater does not fence it any more|ABORTED: nobody closes \(fences\)/;
/** What people may have heard as long before: the writers of several assets begin one after the other. */
const chooses = /CHOOSE NOW: .* serves users again/;

type Began = { readonly at: number; readonly regions: readonly string[] };

export const watched: Invariant = (history) => {
  const violations: Violation[] = closedAlone(history);
  /** Since when two regions take writes of a database. */
  const since = new Map<string, Began>();
  const messages = history.of('message');
  const judge = (database: string, until: number): void => {
    const began = since.get(database);
    since.delete(database);
    if (began === undefined || until - began.at <= fencedWithinMs) return;
    const isTold = messages.some(
      ({ at, subject, body }) =>
        (at >= began.at || lasts.test(subject) || (chooses.test(subject) && at >= began.at - fencedWithinMs)) &&
        at <= began.at + fencedWithinMs &&
        began.regions.some((region) => saysUnfenced(`${subject}\n${body}`, region)),
    );
    if (isTold) return;
    const over = underWayUntil(began, history);
    // From then on the watch has to act or speak.
    if (over !== null) {
      since.set(database, { ...began, at: over });
      judge(database, until);
      return;
    }
    violations.push({
      at: began.at + fencedWithinMs,
      what: `${began.regions.join(' and ')} had taken writes of ${database} for ${fencedWithinMs / 60_000} minutes, and nobody was told that one is not fenced`,
    });
  };
  for (const { at, writable, consuming = {} } of history.of('tick'))
    for (const [taken, regions] of [...Object.entries(writable), ...Object.entries(consuming)]) {
      if (new Set(regions).size < 2) judge(taken, at);
      else if (!since.has(taken)) since.set(taken, { at, regions: [...new Set(regions)].sort() });
    }
  for (const database of [...since.keys()]) judge(database, history.now);
  return violations;
};

/**
 * Until when people know it by what they approved, and the flow still brings the database back: what failed on the first way takes writes beside an
 * old region that comes back, and that one is closed once something has taken over. That is over when users are sent on, or the flow ends. Null
 * where it is not so.
 */
function underWayUntil({ at, regions }: Began, history: History): number | null {
  const approvals = new Map<string, ObservationOf<'approval'>>();
  for (const one of history.of('approval')) if (one.at <= at) approvals.set(one.execution, one);
  for (const { execution, valid, names } of approvals.values()) {
    if (!valid || !names.some((name) => regions.includes(name))) continue;
    const period = history.executions
      .get(execution)
      ?.periods.find(({ from, to }) => from <= at && (to === null || to > at));
    if (period === undefined) continue;
    const sent = history
      .of('mutation')
      .find((one) => one.execution === execution && regionActOf(one, 'region-failover') === 'redirected');
    const over = Math.min(sent?.at ?? Number.POSITIVE_INFINITY, period.to ?? Number.POSITIVE_INFINITY);
    if (over > at) return over;
  }
  return null;
}

/** An incident is named after its region, which tells nobody anything. */
function saysUnfenced(text: string, region: string): boolean {
  const named = new RegExp(`\\b${region}\\b(?!-\\d)`);
  return text.split('\n').some((line) => tells.test(line) && named.test(line));
}

/** Each database that the watch closed while no other region took writes of it. */
function closedAlone(history: History): Violation[] {
  const ticks = history.of('tick');
  return history.of('mutation').flatMap((mutation): Violation[] => {
    if (!isWatch(mutation) || mutation.operation !== 'ModifyDBInstance') return [];
    const { writable = {} } = ticks.findLast(({ at }) => at <= mutation.at) ?? {};
    const asset = mutation.step.split('/')[1] ?? '';
    const others = (writable[asset] ?? []).filter((region) => region !== mutation.region);
    return others.length > 0
      ? []
      : [{ at: mutation.at, what: `${describe(mutation)}, and nothing else took writes of ${asset}` }];
  });
}
