// Measures a flow for its record: how long each part took, and how much data it cost. Pure; what is not known
// is null, and a loss is never told smaller than it can have been.
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import { type CountsFrom, detectSecondsOf } from '../record/fault-clock.ts';
import type { Mode } from '../types.ts';

/** The moments of a flow, in milliseconds since 1970; null where it is not known. */
export type Moments = {
  /** The incident's first signal, and from when the recovery counts. */
  readonly since: number;
  readonly from: CountsFrom;
  readonly decidedAt: number | null;
  readonly startedAt: number;
  /** When people were asked, and when the answer came that settled it. */
  readonly approvals: readonly { readonly askedAt: number; readonly settledAt: number }[];
  readonly verifiedAt: number | null;
};

/** Durations in seconds. */
export type Clocks = {
  /** From the fault, as far as it is known, to the first signal; null where it is not. */
  readonly detectSeconds: number | null;
  readonly decideSeconds: number | null;
  readonly approvalSeconds: number;
  readonly executeSeconds: number | null;
  /** From the fault, as far as it is known, else from the first signal; `countsFrom` says from which. */
  readonly recoverySeconds: number | null;
  /** From the first signal on: MTTR is the mean of it. */
  readonly restoreSeconds: number | null;
  readonly countsFrom: CountsFrom;
};

export function measure({ since, from, decidedAt, startedAt, approvals, verifiedAt }: Moments): Clocks {
  const approvalMs = approvals.reduce((sum, { askedAt, settledAt }) => sum + Math.max(0, settledAt - askedAt), 0);
  return {
    detectSeconds: detectSecondsOf(from, since),
    decideSeconds: decidedAt === null ? null : (decidedAt - since) / 1000,
    approvalSeconds: approvalMs / 1000,
    executeSeconds: verifiedAt === null ? null : (verifiedAt - startedAt - approvalMs) / 1000,
    recoverySeconds: verifiedAt === null ? null : (verifiedAt - from.at) / 1000,
    restoreSeconds: verifiedAt === null ? null : (verifiedAt - since) / 1000,
    countsFrom: from,
  };
}

/** The newest lag that was measured before the writes ended; null where none was, or replication was broken. */
export type LastLag = { readonly at: number; readonly lagSeconds: number | null } | null;

/**
 * The most data that can be lost, in seconds: all that was written after the last write that is known to have arrived,
 * until writes ended. A switchover waited for all of it. Null where no lag is known.
 */
export function lossSeconds(mode: Mode, last: LastLag, writesEndedAt: number): number | null {
  if (mode === 'switchover') return 0;
  if (last === null || last.lagSeconds === null) return null;
  return Math.max(0, (writesEndedAt - last.at) / 1000) + last.lagSeconds;
}

/**
 * The loss of several databases: the greatest; null where one of them is not known. What a cache loses nobody measures: beside
 * a database it holds nothing of its own, and alone its loss is not known. Where nothing is kept, nothing is lost.
 */
export function greatestLoss(losses: readonly (number | null)[], plan: Pick<Plan, 'assets'>): number | null {
  if (losses.length === 0) return plan.assets.some((asset) => saidOf(asset).losesUnmeasured) ? null : 0;
  const known = losses.filter((loss) => loss !== null);
  return known.length < losses.length ? null : Math.max(0, ...known);
}
