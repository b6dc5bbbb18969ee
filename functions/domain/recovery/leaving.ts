// How long it takes to leave a zone: as earlier flows took it once there are enough, and before that as AWS and the plan say of each kind. Pure.
import { enoughRuns } from '../calibration.ts';
import { percentilesOf } from '../percentiles.ts';
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepRecord } from '../record/store.ts';

/** From the start of a zone flow until each asset stood elsewhere, and until users were proved to be served. */
export type LeaveTimes = {
  readonly assetSeconds: Readonly<Record<string, number>>;
  readonly executeSeconds: number;
};

/** What an earlier flow says of what comes: one that was a dry run, or was not proved to serve users, says nothing. */
export function leaveTimesIn(steps: readonly StepRecord[]): LeaveTimes[] {
  return steps.flatMap(({ step, execution, outcome }) => {
    const { startedAt, executeSeconds, verifiedAt, dryRun } = outcome;
    if (step !== 'record-recovery' || dryRun === true || typeof verifiedAt !== 'number') return [];
    if (typeof startedAt !== 'number' || typeof executeSeconds !== 'number' || executeSeconds < 0) return [];
    const assetSeconds = steps.flatMap((past) => {
      const [verb, asset] = past.step.split('/');
      if (verb !== 'leave-zone' || asset === undefined || past.execution !== execution) return [];
      return hasLeft(past.outcome) && past.at >= startedAt ? [[asset, (past.at - startedAt) / 1000] as const] : [];
    });
    return [{ assetSeconds: Object.fromEntries(assetSeconds), executeSeconds }];
  });
}

export type LeavePrediction = {
  /** By the clock of the recovery. */
  readonly recoverySeconds: number;
  readonly dataLossSeconds: 0;
  /** From the start of the flow; without those of which nothing is known. */
  readonly assetSeconds: Readonly<Record<string, number>>;
  readonly basis: string;
};

/**
 * What could be known of a flow when it began. `moved`: what became of each asset; what did not have to leave takes no time.
 * `passedSeconds`: what of the recovery's time had passed at the start.
 */
export function predictLeaving(
  moved: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  history: readonly LeaveTimes[],
  passedSeconds: number,
  { assets, predictions }: Pick<Plan, 'assets' | 'predictions'>,
): LeavePrediction {
  const times = assets.flatMap((asset) => {
    const outcome = moved[asset.name];
    if (outcome === undefined || !hadToLeave(outcome)) return [];
    const earlier = history.flatMap(({ assetSeconds }) => assetSeconds[asset.name] ?? []);
    const seconds = greatestUsual(earlier) ?? saidOf(asset).leavesSeconds?.(asset) ?? null;
    return seconds === null ? [] : [[asset.name, seconds] as const];
  });
  const known = greatestUsual(history.map(({ executeSeconds }) => executeSeconds));
  const whole = known ?? Math.max(0, ...times.map(([, seconds]) => seconds)) + predictions.otherSeconds;
  return {
    recoverySeconds: Math.round(passedSeconds) + whole,
    // The writer stays in its region, and its Multi-AZ standby is synchronous.
    dataLossSeconds: 0,
    assetSeconds: Object.fromEntries(times),
    basis:
      known === null
        ? `what AWS says of each kind and the figures of the plan, until ${enoughRuns} moves out of a zone are in the record (now ${history.length})`
        : `what the last ${history.length} moves out of a zone took, each step at its 95th percentile`,
  };
}

/** The 95th percentile; null of too few. */
function greatestUsual(seconds: readonly number[]): number | null {
  const found = seconds.length < enoughRuns ? null : percentilesOf(seconds);
  return found === null ? null : Math.ceil(found.p95);
}

/** What was tried counts, also where it failed; what stays, or stood elsewhere, does not. */
function hadToLeave(outcome: Readonly<Record<string, unknown>>): boolean {
  return outcome['moved'] !== false && outcome['skipped'] !== true && outcome['leftAlone'] === undefined;
}

function hasLeft(outcome: Readonly<Record<string, unknown>>): boolean {
  return hadToLeave(outcome) && outcome['failed'] === undefined && outcome['held'] === undefined;
}
