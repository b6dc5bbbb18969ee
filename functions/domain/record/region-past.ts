// What a region flow has done so far, from its record: what it has called to take over, and what it has fenced. Pure.
import { assetsThat } from '../../kinds/verbs.ts';
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Leaving, Observed } from '../recovery/predict.ts';
import { waysFailedIn } from '../recovery/reaching.ts';
import { restoreBegun } from '../recovery/restoring.ts';
import type { AuditRecord, StepRecord } from './store.ts';

type Past = Required<Pick<Observed, 'called' | 'calledAt' | 'fenced' | 'fencedAt'>> &
  Required<Pick<Leaving, 'failedWays' | 'taken' | 'running'>>;

/** `calls` and `steps`: of this execution, oldest first. */
export function pastOf(calls: readonly AuditRecord[], steps: readonly StepRecord[], plan: Pick<Plan, 'assets'>): Past {
  const firstOf = <Record extends { readonly step: string }>(records: readonly Record[], step: string) =>
    records.find((one) => one.step === step);
  const names = plan.assets.map(({ name }) => name);
  const taken = names.flatMap((name) => firstOf(calls, `take-over/${name}`) ?? []);
  const calledAt = Object.fromEntries(taken.map(({ step, at }) => [step.replace('take-over/', ''), at]));
  const fences = names.flatMap((name) => {
    const seen = steps.findLast(({ step }) => step === `fence/${name}/fenced`);
    return seen === undefined ? [] : [{ name, at: seen.at }];
  });
  const fenced = fences.map(({ name }) => name);
  const isWhole = assetsThat('fence', plan).every(({ name }) => fenced.includes(name));
  const failedWays = Object.fromEntries(names.map((name) => [name, waysFailedIn(steps, name)] as const));
  const begun = plan.assets.flatMap((asset) => {
    const last = calls.findLast(({ step }) => step === `take-over/${asset.name}`);
    const way = last === undefined ? undefined : saidOf(asset).wayBy?.[last.call];
    return way === undefined || failedWays[asset.name]?.includes(way) ? [] : [[asset.name, way] as const];
  });
  const running = names.flatMap((name) => {
    const restore = restoreBegun(calls, steps, name);
    return restore === null || failedWays[name]?.includes(restore.way) ? [] : [[name, restore] as const];
  });
  return {
    failedWays,
    taken: Object.fromEntries(begun),
    running: Object.fromEntries(running),
    called: Object.keys(calledAt),
    calledAt,
    fenced,
    fencedAt: isWhole && fences.length > 0 ? Math.max(...fences.map(({ at }) => at)) : null,
  };
}
