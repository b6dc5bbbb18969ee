// What a restore where it stands is about, and what the record holds of a restore. Pure.
import * as z from 'zod';
import { day } from '../page/page-times.ts';
import { assetsOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';
import { type Mode, type Way, ways } from '../types.ts';
import type { AssetWays } from './predict.ts';

/** What of a region flow says whom it concerns. */
type About = { readonly mode?: Mode | undefined; readonly region: string; readonly asset?: string | undefined };

/** The databases that can be restored in a region, by the plan. */
export function restorableIn(region: string, plan: Pick<Plan, 'assets'>): string[] {
  return assetsOf('rds-instance', plan).flatMap(({ name, regions }) =>
    regions[region]?.restore === undefined ? [] : [name],
  );
}

/**
 * The assets that a restore where they stand changes: what is restored, and the parameters that hold its address. Null of every other
 * flow, which concerns all.
 */
export function concernedBy({ mode, region, asset }: About, plan: Pick<Plan, 'assets'>): readonly string[] | null {
  if (mode !== 'restore') return null;
  const restored = restorableIn(region, plan).filter((name) => asset === undefined || name === asset);
  const settings = assetsOf('ssm-parameters', plan).flatMap(({ name, parameters }) =>
    parameters.some(({ endpointOf }) => restored.includes(endpointOf)) ? [name] : [],
  );
  return [...restored, ...settings];
}

const source = z.discriminatedUnion('of', [
  z.object({ of: z.literal('replicated-backups'), arn: z.string() }),
  z.object({ of: z.literal('own-backups'), resourceId: z.string() }),
  z.object({ of: z.literal('snapshot'), id: z.string() }),
]);

const chosenWay = z.object({
  way: z.enum(ways),
  source: source.nullable().default(null),
  /** Milliseconds since 1970; null: the newest there is. */
  restoreTo: z.number().nullable().default(null),
  /** Until when what comes back has data; null where that is not known, or is measured by the lag of a replica. */
  dataUntil: z.number().nullable().default(null),
});
/** The way of an asset that a look has found best, as the record keeps it. */
export type ChosenWay = z.infer<typeof chosenWay>;

/** What is kept of the ways that a look has found: the best of each asset that can be taken. */
export function chosenOf(all: readonly AssetWays[]): { readonly ways?: Readonly<Record<string, ChosenWay>> } {
  const chosen = all.flatMap(({ asset, ways: ranked }) => {
    const best = ranked.find(({ usable }) => usable);
    if (best === undefined) return [];
    const { way, source = null, restoreTo = null, dataUntil = null } = best;
    return [[asset, { way, source, restoreTo, dataUntil }] as const];
  });
  return chosen.length === 0 ? {} : { ways: Object.fromEntries(chosen) };
}

const waysChosen = z.object({ ways: z.record(z.string(), z.unknown()) });

/** The way of an asset in the outcome of the newest look; null where it has one way alone, or the record says nothing that can be read. */
export function wayChosen(looked: StepRecord | null, asset: string): ChosenWay | null {
  const parsed = waysChosen.safeParse(looked?.outcome);
  const read = chosenWay.safeParse(parsed.data?.ways[asset]);
  return read.success ? read.data : null;
}

/** Whether a way makes something from a backup, which takes hours. */
export function isRestore(way: Way): boolean {
  return way.startsWith('restore-');
}

/** The assets that come back from a backup by the newest look: what leaves with the users takes over after them. */
export function restoredBy(looked: StepRecord | null, { assets }: Pick<Plan, 'assets'>): string[] {
  return assets.map(({ name }) => name).filter((name) => isRestore(wayChosen(looked, name)?.way ?? 'promote-replica'));
}

/** What the record holds of a restore from right before its call on: the way, where, and the name of what it makes. */
export function restoringMark(asset: string): string {
  return `restoring/${asset}`;
}

/** What the record holds of a restore that was seen to work, where the flow does not use it yet. */
export function restoredMark(asset: string): string {
  return `restored/${asset}`;
}

const begun = chosenWay.extend({ region: z.string(), instance: z.string() });
export type Begun = z.infer<typeof begun> & { readonly at: number };

/** The calls that restore. */
export const restoreCalls: readonly string[] = [
  'rds:RestoreDBInstanceToPointInTime',
  'rds:RestoreDBInstanceFromDBSnapshot',
];

/**
 * The newest restore of an asset that an execution has begun; null where it has not. `calls` and `own`: its calls that were not refused, and
 * its steps. What was refused has made nothing.
 */
export function restoreBegun(calls: readonly AuditRecord[], own: readonly StepRecord[], asset: string): Begun | null {
  const mark = own.findLast(({ step }) => step === restoringMark(asset));
  const read = begun.safeParse(mark?.outcome);
  if (mark === undefined || !read.success) return null;
  const { instance } = read.data;
  const isAsked = calls.some(({ call, target }) => restoreCalls.includes(call) && target === instance);
  return isAsked ? { ...read.data, at: mark.at } : null;
}

/** A sentence for each restore that goes on, or that nobody uses yet: of what, where, since when. `calls`: those of an execution that were not refused. */
export function restoringSentences(calls: readonly AuditRecord[], own: readonly StepRecord[]): string[] {
  const asked = calls.filter(({ call }) => restoreCalls.includes(call));
  const assets = [...new Set(asked.map(({ step }) => step.replace(/^take-over\//, '')))];
  return assets.flatMap((asset) => {
    const begun = restoreBegun(calls, own, asset);
    const isOver = (step: string) => step === `take-over/${asset}` || step === `way-failed/${asset}/${begun?.way}`;
    if (begun === null || own.some(({ step }) => isOver(step))) return [];
    const works = own.find(({ step, at }) => step === restoredMark(asset) && at >= begun.at);
    if (works !== undefined)
      return [
        `RESTORED: ${asset} was restored as ${begun.instance} in ${begun.region}, and works since ${day(works.at)}. Nobody uses it yet.`,
      ];
    const since = asked.find(({ target }) => target === begun.instance)?.at ?? begun.at;
    return [
      `A RESTORE RUNS: ${asset} is being restored as ${begun.instance} in ${begun.region}, since ${day(since)}. This takes ten minutes to hours.`,
    ];
  });
}
