// The times of the steps of a region failover, as earlier ones took them: predictions go by these once there are enough, and by the plan's
// figures before. Pure.
import { percentilesOf } from './percentiles.ts';
import type { Plan } from './plan/plan.ts';
import type { StepRecord } from './record/store.ts';

/** From the start of the flow, without what people took, until users were sent; from then until they were proved to be served. */
export type StepTimes = { readonly takeOverSeconds: number; readonly redirectionSeconds: number };

/** Of fewer the greatest is chance. */
export const enoughRuns = 3;
/** What was long ago was another estate. */
export const mostRuns = 10;

/** How long each step took in flows that moved a region to its replicas, drills and switchovers too. A restore, and a dry run, took something else. */
export function timesIn(steps: readonly StepRecord[]): StepTimes[] {
  return steps.flatMap(({ step, outcome }) => {
    if (step !== 'record-failover' || outcome['mode'] === 'restore') return [];
    const { startedAt, verifiedAt, approvalSeconds, redirected, assets } = outcome;
    const redirectedAt = fieldOf(redirected, 'redirectedAt');
    const isRestored = Object.values(isTable(assets) ? assets : {}).some((one) => fieldOf(one, 'restored') === true);
    if (isRestored || ![startedAt, verifiedAt, approvalSeconds, redirectedAt].every((one) => typeof one === 'number'))
      return [];
    const takeOverSeconds = (Number(redirectedAt) - Number(startedAt)) / 1000 - Number(approvalSeconds);
    const redirectionSeconds = (Number(verifiedAt) - Number(redirectedAt)) / 1000;
    return takeOverSeconds < 0 || redirectionSeconds < 0 ? [] : [{ takeOverSeconds, redirectionSeconds }];
  });
}

/** What a prediction goes by; `basis` says from what it comes, as people read it. */
export type Calibrated = { readonly times: StepTimes | null; readonly basis: string };

/** The 95th percentile of each step, which one must be ready for. `times`: null where the plan's own figures are all there is. */
export function calibrated(history: readonly StepTimes[]): Calibrated {
  const takeOver = percentilesOf(history.map(({ takeOverSeconds }) => takeOverSeconds));
  const redirection = percentilesOf(history.map(({ redirectionSeconds }) => redirectionSeconds));
  if (takeOver === null || redirection === null || history.length < enoughRuns)
    return {
      times: null,
      basis: `the figures of the plan, until ${enoughRuns} moves of a region are in the record (now ${history.length})`,
    };
  return {
    times: { takeOverSeconds: Math.ceil(takeOver.p95), redirectionSeconds: Math.ceil(redirection.p95) },
    basis: `what the last ${history.length} moves of a region took, each step at its 95th percentile`,
  };
}

/** From an approval until users are served, by the plan's figures, where all takes over as it was meant to: assets take over side by side. */
export function plannedTimes({ predictions }: Pick<Plan, 'predictions'>): StepTimes {
  const { takeOverSeconds, redirectionSeconds, otherSeconds } = predictions;
  return { takeOverSeconds: Math.max(0, ...Object.values(takeOverSeconds)) + otherSeconds, redirectionSeconds };
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function fieldOf(value: unknown, key: string): unknown {
  return isTable(value) ? value[key] : undefined;
}
