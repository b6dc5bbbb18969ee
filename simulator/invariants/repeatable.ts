// repeatable: running a step again after a crash at any point reaches the same state without a second effect.
import { callOf, describe, type History, type Invariant, looksBetween, type Violation } from './model/history.ts';
import type { Mutation } from './model/observations.ts';
import { isKeeping } from './model/region-acts.ts';
import { findRepeats, type Repeat } from './model/repeats.ts';

/** Judges what each execution did; with `withoutCrash`, also that a crash changed nothing of what was done in the drill. */
export function repeatable(withoutCrash: readonly Mutation[] | null): Invariant {
  return (history, plan) => {
    const all = history.of('mutation');
    const crashes = history.of('crash');
    const groups = Map.groupBy(all, ({ execution }) => execution);
    const violations = [...groups.values()].flatMap((group) => {
      const repeats = findRepeats(group, all, plan).filter((one) => !isUnseen(one, history) && !isOld(one, history));
      return repeats.map(({ again, earlier: [before] }): Violation => {
        const crash = crashes.find(
          ({ at, execution }) => execution === again.execution && at >= before.at && at <= again.at,
        );
        const since = `as it had at ${new Date(before.at).toISOString()}`;
        return {
          at: again.at,
          what: `${describe(again)}, ${since}${crash === undefined ? '' : ` before ${crash.step} was killed and run again`}`,
        };
      });
    });
    const lastCrash = crashes.at(-1);
    if (withoutCrash === null || lastCrash === undefined) return violations;
    return [
      ...violations,
      ...differences(all, withoutCrash).map((what) => ({
        at: lastCrash.at,
        what: `${lastCrash.step} of ${lastCrash.execution} was killed and run again, and ${what}`,
      })),
    ];
  };
}

/** A restart shows within so long. */
const restartShowsMs = 300_000;

/** An exchange of groups shows within two minutes, less what the record and the call take. */
const exchangeShowsMs = 110_000;

/** Whether RDS showed its databases as they had been all the time between two calls: who fences sets the same groups again then, and changes nothing. */
function isOld({ again, earlier: [before] }: Repeat, history: History): boolean {
  if (callOf(again) !== 'rds:ModifyDBInstance' || !/^Fence/.test(again.step)) return false;
  const looks = looksBetween(before.at, again.at, history);
  return again.at - before.at >= exchangeShowsMs && looks.length > 0 && looks.every(({ stale }) => stale === true);
}

/** A restart that fences, of which nobody saw that it took place, for its region was lost meanwhile: a fence has to be proven, so it is asked for again. */
function isUnseen({ again, earlier: [before] }: Repeat, history: History): boolean {
  if (callOf(again) !== 'rds:RebootDBInstance' || !/^Fence/.test(again.step)) return false;
  const until = Math.min(before.at + restartShowsMs, again.at);
  return history.of('tick').some(({ at, lost = [] }) => at >= before.at && at <= until && lost.includes(again.region));
}

function differences(withCrash: readonly Mutation[], withoutCrash: readonly Mutation[]): string[] {
  const made = count(withCrash);
  const wanted = count(withoutCrash);
  return [...new Set([...made.keys(), ...wanted.keys()])]
    .filter((what) => made.get(what) !== wanted.get(what))
    .map((what) => `${what} was made ${made.get(what) ?? 0} times instead of ${wanted.get(what) ?? 0}`);
}

/** Times may differ, and so may the order of what happens side by side; what is done where may not. Backups are kept by the clock. */
function count(mutations: readonly Mutation[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const mutation of mutations) {
    if (isKeeping(mutation)) continue;
    const what = `${callOf(mutation)} of ${mutation.target} in ${mutation.region} (${mutation.scope.zone ?? 'no zone'})`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}
