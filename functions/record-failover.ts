// Desired state: what the failover did, how long each part took and what it cost stands in the incident's record, beside
// what people were told before.
import * as z from 'zod';
import { tallyOf } from './domain/approval/approval.ts';
import {
  dataMark,
  lossOf,
  type Returned,
  readChecked,
  readMarks,
  returnedWords,
  taken,
} from './domain/data/returned-data.ts';
import { decidedAt } from './domain/decision/incident.ts';
import { embedded, figuresOf } from './domain/figures.ts';
import { saidOf } from './domain/plan/assets.ts';
import type { Plan } from './domain/plan/plan.ts';
import { countsFrom, countsFromShape } from './domain/record/fault-clock.ts';
import type { StepRecord } from './domain/record/store.ts';
import { wayFailedMark } from './domain/recovery/reaching.ts';
import { greatestLoss, type LastLag, lossSeconds, type Moments, measure } from './domain/recovery/region-record.ts';
import { concernedBy } from './domain/recovery/restoring.ts';
import { unfencedPhrase } from './domain/words/outcome-words.ts';
import { lagsWhenLost } from './kinds/looks.ts';
import { callsOf } from './shared/recovery/act.ts';
import { type RegionIncident, RegionStepInput } from './shared/recovery/flow.ts';
import { undoneBy } from './shared/recovery/undone.ts';
import { readWaiver } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';

const stepName = 'record-failover';
const found = z.record(z.string(), z.unknown());
const RecordInput = RegionStepInput.extend({
  /** What people were shown and approved. */
  predicted: found,
  /** The latest that the old region can have written, if it fell silent when it was last seen alive. */
  writesEndedAt: z.number(),
  /** What became of each asset, by its name. */
  fenced: z.record(
    z.string(),
    z.looseObject({
      fenced: z.boolean(),
      fencedAt: z.number().optional(),
      late: z.boolean().default(false),
      unfenced: z.array(z.string()),
    }),
  ),
  moved: z.record(z.string(), found),
  redirected: found,
  verified: z.looseObject({ verifiedAt: z.number().optional() }),
});

type RecordIn = z.infer<typeof RecordInput>;

/**
 * Writes once users were seen to be served: what the record says then is returned as it stands. Before, it is written each
 * time the flow comes round. Times are milliseconds since 1970.
 */
export const handler = step(RecordInput, async (input, shell) => {
  const { incident, predicted, fenced, moved, redirected, verified } = input;
  const { id, execution, region, standby, mode, since, startedAt, drill } = incident;
  const { store, plan, now, log, prefix } = shell;
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  const known = own.find((past) => past.step === stepName && past.outcome['verifiedAt'] !== null);
  if (known !== undefined) return known.outcome;
  const verifiedAt = verified.verifiedAt ?? null;
  const approvals = await approvalsOf(id, execution, shell);
  const foretold = countsFromShape.safeParse(predicted['countsFrom']);
  const from = foretold.success ? foretold.data : countsFrom(since, null);
  const decided = decidedAt(await store.readIncident(id), execution);
  const clocks = measure({ since, from, decidedAt: decided, startedAt, approvals, verifiedAt });
  // What was not fenced, or too late, may write on after that: it has diverged, and is told apart from what was lost.
  const endedAt = (asset: string) =>
    (fenced[asset]?.late === true ? null : fenced[asset]?.fencedAt) ?? input.writesEndedAt;
  // Nobody watches what a restore leaves open, nor a replica whose promotion failed and may end all the same: what is written there until users
  // are sent on is lost.
  const lostUntil = (asset: string, writesEndedAt: number) => {
    const isOpen = mode === 'restore' ? fenced[asset]?.fenced === false : inVain.some((one) => one.asset === asset);
    return isOpen ? (verifiedAt ?? now()) : writesEndedAt;
  };
  const inVain = await promotedInVain(own, moved, incident, shell);
  const concerned = concernedBy(incident, plan);
  const assets = plan.assets.filter(({ name }) => concerned?.includes(name) !== false);
  const measured = await lagsWhenLost(standby, endedAt, (asset) => restoredUntil(moved[asset]), { assets, store });
  const losses = measured.map(({ asset, lag, writesEndedAt }) => {
    const until = lostUntil(asset, writesEndedAt);
    return lossOf(lossSeconds(mode, lag, until), returnedOf(own, asset), until);
  });
  const dataLossSeconds = greatestLoss(losses, { assets });
  const data = dataIn(own, assets);
  const leftOpen = await leftOpenOf(fenced, incident, shell);
  const undone = mode === 'restore' ? null : await undoneBy({ from: region, to: standby }, shell);
  const outcome = {
    from: region,
    to: standby,
    mode,
    ...(undone !== null && { undoes: { execution: undone.execution, incident: undone.incident } }),
    startedAt,
    verifiedAt,
    ...clocks,
    dataLossSeconds,
    writesEndedAt:
      measured.length === 0 ? input.writesEndedAt : Math.max(...measured.map(({ writesEndedAt }) => writesEndedAt)),
    predicted,
    unfenced: [...new Set(Object.values(fenced).flatMap((one) => one.unfenced))],
    ...(leftOpen.length > 0 && { leftOpen }),
    ...(inVain.length > 0 && { promotedInVain: inVain.map(({ replica }) => replica) }),
    fenced,
    assets: moved,
    redirected,
    ...(Object.keys(data).length > 0 && { data }),
    drill,
  };
  // Before the record says that all is done: what comes after that is not tried again.
  if (mode === 'failover') {
    const endOf = (asset: string) => measured.find((one) => one.asset === asset)?.writesEndedAt ?? input.writesEndedAt;
    await openComparisons(own, incident, assets, { endOf, isLast: verifiedAt !== null }, shell);
  }
  await store.recordStep({ incident: id, execution, step: stepName, at: now(), outcome });
  const figures = embedded(prefix, now(), figuresOf('region-failover', outcome));
  log.info('failed over', { incident: id, execution, ...clocks, dataLossSeconds, ...figures });
  return outcome;
});

/** The assets of which a replica was asked to take writes, and something that was restored took over in its place. */
async function promotedInVain(
  steps: readonly StepRecord[],
  moved: RecordIn['moved'],
  incident: RegionIncident,
  shell: Shell,
): Promise<readonly { readonly asset: string; readonly replica: string }[]> {
  const failed = shell.plan.assets.filter(
    ({ name }) =>
      moved[name]?.['restored'] === true &&
      steps.some(({ step: kept }) => kept === wayFailedMark(name, 'promote-replica')),
  );
  if (failed.length === 0) return [];
  const calls = await callsOf(incident, shell);
  return failed.flatMap((asset) => {
    const asked = calls.find(
      (past) => past.step === `take-over/${asset.name}` && saidOf(asset).wayBy?.[past.call] === 'promote-replica',
    );
    return asked === undefined ? [] : { asset: asset.name, replica: asked.target };
  });
}

/** What nobody fences any more, as a person has ended the watch. */
async function leftOpenOf(fenced: RecordIn['fenced'], incident: RegionIncident, shell: Shell): Promise<string[]> {
  const names = Object.entries(fenced).flatMap(([name, one]) => (one.fenced ? [] : name));
  const waivers = await Promise.all(
    names.map(async (name) => [name, await readWaiver(incident, 'FenceOnReturn', shell, name)] as const),
  );
  return waivers.flatMap(([name, waiver]) => (waiver?.reason === unfencedPhrase(incident.region) ? name : []));
}

/** Of each database whose old copy can be read in a closed network, what it alone has is looked for once it takes no more writes. */
async function openComparisons(
  own: readonly StepRecord[],
  { id, execution, region, startedAt }: RegionIncident,
  assets: Plan['assets'],
  { endOf, isLast }: { readonly endOf: (asset: string) => number; readonly isLast: boolean },
  { store }: Shell,
): Promise<void> {
  for (const asset of assets) {
    if (asset.kind !== 'rds-instance' || asset.data === undefined) continue;
    if (asset.regions[region]?.restore?.rehearsal === undefined) continue;
    const checked = own.findLast(({ step: kept }) => kept === dataMark(asset.name))?.outcome;
    // Of one that was not asked yet there is nothing to begin with: the flow comes round again, or has come to its end.
    if (checked === undefined && !isLast) continue;
    await store.openComparison({
      ...{ asset: asset.name, region, incident: id, execution, openedAt: startedAt },
      ...{ writesEndedAt: endOf(asset.name), since: readMarks(checked ?? {}) },
      ...{ begunAt: null, readAt: null, tables: [], comparedAt: null, endedAt: null, wrong: [] },
    });
  }
}

/** What came back of the data of each asset that was asked, in words. */
function dataIn(steps: readonly StepRecord[], assets: readonly { readonly name: string }[]): Record<string, string> {
  const checked = assets.flatMap(({ name }) => {
    const outcome = steps.findLast(({ step: kept }) => kept === dataMark(name))?.outcome;
    return outcome === undefined ? [] : [[name, returnedWords(readChecked(outcome), taken)] as const];
  });
  return Object.fromEntries(checked);
}

/** What was found of the data of an asset last; null where nothing was compared. */
function returnedOf(steps: readonly StepRecord[], asset: string): Returned | null {
  const outcome = steps.findLast(({ step: kept }) => kept === dataMark(asset))?.outcome;
  const checked = outcome === undefined ? null : readChecked(outcome);
  return checked === null || 'unknown' in checked ? null : checked;
}

/** Until when a restored asset has data, as if it had been copied then without a lag; undefined of one that was not restored. */
function restoredUntil(outcome: Readonly<Record<string, unknown>> | undefined): LastLag | undefined {
  if (outcome?.['restored'] !== true) return undefined;
  const { dataUntil } = outcome;
  return typeof dataUntil === 'number' ? { at: dataUntil, lagSeconds: 0 } : null;
}

/** Each request of this execution that was approved, with the answer that settled it. */
async function approvalsOf(id: string, execution: string, { store, plan }: Shell): Promise<Moments['approvals']> {
  const asked = (await store.readSteps(id)).filter(
    (past) => past.execution === execution && past.step === 'request-approval',
  );
  const approvals = await Promise.all(
    asked.map(async ({ outcome }) => {
      const request = await store.readRequest(String(outcome['request']));
      if (request === null) return [];
      const { answers } = tallyOf(request, await store.readAnswers(request.id), plan);
      if (answers.length === 0) return [];
      return [{ askedAt: request.askedAt, settledAt: Math.max(...answers.map(({ at }) => at)) }];
    }),
  );
  return approvals.flat();
}
