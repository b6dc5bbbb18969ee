// The assumptions of the plan, and whether each one held, was broken, or was not tested this time. An assumption that nobody measured never
// counts as held. Pure.
import { namedUnfenced } from '../approval/approval.ts';
import type { Plan } from '../plan/plan.ts';
import { fromWords } from '../record/fault-clock.ts';
import type { StepRecord } from '../record/store.ts';
import { failuresIn } from '../recovery/reaching.ts';
import { formatSeconds } from '../words/durations.ts';
import { readAssessment } from '../words/region-words.ts';
import type { Assumption, Report } from './facts.ts';
import { type IncidentRecord, isTable } from './record.ts';
import type { Seen } from './seen.ts';

type Numbers = Report['numbers'];

export function assumptionsOf(
  record: IncidentRecord | null,
  seen: Seen,
  numbers: Numbers,
  predicted: Report['predicted'],
  plan: Plan,
): Assumption[] {
  // Both times count from the same moment as the prediction. An incident that ends without a proof is no recovery.
  const proven = record?.came.findLast(({ verifiedAt }) => verifiedAt !== null);
  const from = proven?.countsFrom?.at ?? record?.incident.openedAt ?? null;
  const took = proven?.verifiedAt == null || from === null ? null : (proven.verifiedAt - from) / 1000;
  return [
    ...ofObjectives(numbers, seen),
    ...(isRefused(record)
      ? predictedNumbers.map((what) => notTested(notExceeded(what), 'the failover was not approved'))
      : [
          ofPrediction('recovery time', predicted?.recoverySeconds ?? null, took, fromWords(proven?.countsFrom)),
          ofPrediction('data loss', predicted?.dataLossSeconds ?? null, numbers.dataLoss.seconds),
        ]),
    ofApprovers(record, plan),
    ofFence(record),
    ...plan.assets.map(({ name }) => ofAsset(name, record, seen)),
  ];
}

function held(what: string, why: string): Assumption {
  return { what, state: 'held', why };
}

function broken(what: string, why: string): Assumption {
  return { what, state: 'broken', why };
}

function notTested(what: string, why: string): Assumption {
  return { what, state: 'not-tested', why };
}

function ofObjectives({ recovery, dataLoss, restore }: Numbers, { truth }: Seen): Assumption[] {
  const judge = (what: string, { seconds, met, how }: Numbers['recovery'], needed = true): Assumption => {
    if (met === null || seconds === null) return notTested(what, how);
    if (!needed) return notTested(what, 'users were served all the time, so nothing had to be recovered');
    return met ? held(what, `it was ${formatSeconds(seconds)}`) : broken(what, `it was ${formatSeconds(seconds)}`);
  };
  return [
    judge(
      `Users are served again within ${formatSeconds(recovery.objectiveSeconds)} (RTO)`,
      recovery,
      truth === null || recovery.seconds !== 0,
    ),
    judge(`At most ${formatSeconds(dataLoss.objectiveSeconds)} of data is lost (RPO)`, dataLoss),
    judge(`Service is restored within ${formatSeconds(restore.objectiveSeconds)} (MTTR)`, restore),
  ];
}

/** Whether people were asked, and every request ended without an approval. */
function isRefused(record: IncidentRecord | null): boolean {
  const asked = record?.asked ?? [];
  return asked.length > 0 && asked.every(({ settled }) => settled !== null && settled.outcome !== 'approved');
}

/** The numbers that are predicted. */
export const predictedNumbers = ['recovery time', 'data loss'] as const;
type PredictedNumber = (typeof predictedNumbers)[number];

export const notExceeded = (what: PredictedNumber): string => `The predicted ${what} is not exceeded`;

/** People decide by the prediction. Where nobody decides, it says how long they wait before they look. */
function ofPrediction(
  what: PredictedNumber,
  predictedSeconds: number | null,
  achievedSeconds: number | null,
  /** From what both count; null of what is no time. */
  from: string | null = null,
): Assumption {
  const text = notExceeded(what);
  if (predictedSeconds === null) return notTested(text, 'nothing was predicted');
  if (achievedSeconds === null)
    return notTested(text, `predicted ${formatSeconds(predictedSeconds)}, the true value is not known`);
  const compared = `predicted ${formatSeconds(predictedSeconds)}, was ${formatSeconds(achievedSeconds)}${from === null ? '' : `, both from ${from}`}`;
  return achievedSeconds <= predictedSeconds ? held(text, compared) : broken(text, compared);
}

function ofApprovers(record: IncidentRecord | null, { approval }: Plan): Assumption {
  const { required, roles, expirySeconds } = approval;
  const text = `${required} of ${roles.join(', ')} answer within ${formatSeconds(expirySeconds)}`;
  const last = record?.asked.at(-1);
  if (last === undefined) return notTested(text, 'no approval was requested');
  const { request, settled } = last;
  if (settled === null) return notTested(text, 'the request is still open');
  if (settled.outcome === 'expired') return broken(text, 'too few people answered, so the request expired');
  if (settled.outcome === 'void') return notTested(text, 'the request became void before people decided');
  return held(text, `${settled.outcome} after ${formatSeconds((settled.at - request.askedAt) / 1000)}`);
}

function ofFence(record: IncidentRecord | null): Assumption {
  const text = 'A region that is given up can be kept from taking writes';
  const shown = record?.asked.map(({ request: { target, shown } }) => ({ ...readAssessment(shown), target })) ?? [];
  if (shown.length === 0) return notTested(text, 'no region was given up');
  const unfenced = [...new Set(shown.flatMap(namedUnfenced))];
  if (unfenced.length > 0)
    return broken(text, `${unfenced.join(', ')} could not be fenced when people were asked; the request said so`);
  const wasFenced = record?.steps.some(({ step, outcome }) => step.startsWith('fence/') && outcome['fenced'] === true);
  return wasFenced === true
    ? held(text, 'it was fenced before anything was promoted')
    : notTested(text, 'the record shows no fencing');
}

/** Whether an asset recovered: its steps tell, where they were seen; else the record does. */
function ofAsset(name: string, record: IncidentRecord | null, { steps, assets }: Seen): Assumption {
  const text = `${name} recovers as planned`;
  const stays = staying(record).find(({ asset }) => asset === name);
  if (stays !== undefined) return broken(text, `it stays where it is: ${stays.why}`);
  const own = (steps ?? []).filter((step) => step.asset === name && step.endedAt !== null);
  const serves = assets?.find((asset) => asset.name === name)?.serves ?? null;
  const last = own.at(-1);
  if (last !== undefined) {
    const failed = own.filter(({ outcome, state }) => outcome === 'failed' && lastOf(own, state)?.outcome === 'failed');
    if (failed.length > 0) return broken(text, `${[...new Set(failed.map(({ state }) => state))].join(', ')} failed`);
    const waiting = own.find(({ outcome, state }) => outcome === 'held' && lastOf(own, state)?.outcome === 'held');
    if (waiting !== undefined) return broken(text, `${waiting.state} was held: an earlier step had not succeeded`);
    const skipped = own.find(({ outcome }) => outcome === 'skipped' || outcome === 'dry-run');
    if (skipped !== undefined) return notTested(text, `${skipped.state}: ${skipped.outcome}`);
    const states = [...new Set(own.map(({ state }) => state))].join(', ');
    return serves === false
      ? broken(text, `${states} succeeded, but it did not serve at the end`)
      : held(text, `${states} succeeded`);
  }
  const failure = recordedFailures(record).find(({ asset }) => asset === name);
  if (failure !== undefined) return broken(text, `${failure.state}: ${failure.why}`);
  const reached = (record?.steps ?? []).filter(
    ({ step }) => /^(leave-zone|take-over|tidy-up|verify)\//.test(step) && step.split('/')[1] === name,
  );
  if (reached.length > 0) return held(text, `finished: ${reached.map(({ step }) => step.split('/')[0]).join(', ')}`);
  return notTested(text, 'no step was about it');
}

function lastOf<Step extends { readonly state: string }>(steps: readonly Step[], state: string): Step | undefined {
  return steps.findLast((step) => step.state === state);
}

/** The failures of assets that the last state of each flow wrote. A flow that wrote twice counts by its last one. */
export function recordedFailures(record: IncidentRecord | null): ReturnType<typeof failuresIn> {
  const last = new Map<string, StepRecord>();
  for (const step of record?.steps ?? [])
    if (step.step === 'record-failover' || step.step === 'record-recovery') last.set(step.execution, step);
  return [...last.values()].flatMap(({ step, outcome }) => {
    const moved = outcome['assets'];
    if (!isTable(moved)) return [];
    const state = step === 'record-failover' ? 'TakeOver' : 'LeaveZone';
    return failuresIn({ [state]: moved as Readonly<Record<string, Readonly<Record<string, unknown>>>> }, {});
  });
}

/** Assets that a flow did not move, because AWS refuses the move; with the reason. */
export function staying(record: IncidentRecord | null): { readonly asset: string; readonly why: string }[] {
  const found = new Map<string, string>();
  for (const { step, outcome } of record?.steps ?? []) {
    const [verb, asset] = step.split('/');
    if (verb === 'leave-zone' && asset !== undefined && typeof outcome['stays'] === 'string')
      found.set(asset, outcome['stays']);
  }
  return [...found].map(([asset, why]) => ({ asset, why }));
}
