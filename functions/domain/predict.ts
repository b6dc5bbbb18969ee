// Predicts what each way out of a region would cost, from what was seen before it fell silent. Pure. What is not known is
// null and is never offered as safe.
import { firstOf } from './assets.ts';
import { takesPromotion, works } from './database-status.ts';
import type { Plan } from './plan.ts';
import { type LastLag, lossSeconds } from './region-record.ts';
import type { Bounds, Mode, Way } from './types.ts';

/** What was looked at. Times are milliseconds since 1970; null where nothing answered, or is there. */
export type Observed = {
  /** The region that is given up, and the one that takes over. */
  readonly target: string;
  readonly standby: string;
  readonly mode: Mode;
  /** Hash of the plan's content. */
  readonly plan: string;
  readonly now: number;
  /** The incident's first signal. */
  readonly since: number;
  /** When users were last seen to be served, and the latest that it can have written if it fell silent then. */
  readonly aliveAt: number;
  readonly writesEndedAt: number;
  /** `replicating`: whether it receives what its source writes now; in an outage it does not. */
  readonly replica: {
    readonly status: string;
    readonly isReplica: boolean;
    readonly replicating: boolean | null;
  } | null;
  /** The last lag before it was last seen alive. Lag of an outage grows with the clock and says nothing. */
  readonly lag: LastLag;
  /** What takes writes and does not answer, so that it cannot be fenced now. */
  readonly unfenced: readonly string[];
  /** Whether the standby's cache is a member of the global datastore. */
  readonly cacheMember: boolean;
  /** Whether the standby's cluster answers, if only with a failure. */
  readonly clusterAnswers: boolean;
};

/** `recoverySeconds`: from the first signal until users are served, if it is approved now. */
export type Prediction = { readonly recoverySeconds: number; readonly dataLossSeconds: number | null };

export type Alternative = {
  readonly way: Way | 'restore-snapshot' | 'wait';
  readonly offered: boolean;
  readonly why: string;
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
};

export type Assessment = {
  readonly way: Way;
  readonly offered: boolean;
  /** Why it is offered, or everything that speaks against it. */
  readonly why: string;
  readonly replica: {
    readonly status: string;
    readonly lagSeconds: number | null;
    readonly lastSeenAt: number | null;
  };
  readonly predicted: Prediction;
  /** The latest that the target can have written, if it fell silent when it was last seen alive. */
  readonly writesEndedAt: number;
  readonly unfenced: readonly string[];
  readonly alternatives: readonly Alternative[];
  readonly bounds: Bounds;
};

/** It works when these have ended, and they end by themselves. Any other status needs a person. */
const passing = ['maintenance', 'modifying', 'rebooting'];

/** Says whether there is a safe way out of a region, what it would cost, and what people are asked to approve. */
export function assess(observed: Observed, plan: Plan): Assessment {
  const { target, mode, unfenced, replica, lag } = observed;
  const predicted = predict(observed, plan);
  const obstacles = obstaclesIn(observed, plan);
  const { dataLossSeconds: loss } = predicted;
  return {
    way: 'promote-replica',
    offered: obstacles.length === 0,
    why: obstacles.length === 0 ? merits(observed, plan) : obstacles.join('; '),
    replica: {
      status: replica?.status ?? 'not seen',
      lagSeconds: lag?.lagSeconds ?? null,
      lastSeenAt: lag?.at ?? null,
    },
    predicted,
    writesEndedAt: observed.writesEndedAt,
    unfenced,
    alternatives: alternativesOf(target),
    bounds: {
      plan: observed.plan,
      target,
      mode,
      way: 'promote-replica',
      unfenced,
      lossCeilingSeconds: ceilingOf(mode, loss, plan),
    },
  };
}

/** Database, cache and cluster are recovered side by side; what was before the approval has passed already. */
function predict(
  { mode, lag, since, now, writesEndedAt }: Observed,
  { predictions: { promotionSeconds, cacheSeconds, redirectionSeconds, otherSeconds } }: Plan,
): Prediction {
  const passed = Math.max(0, Math.round((now - since) / 1000));
  const loss = lossSeconds(mode, lag, writesEndedAt);
  return {
    recoverySeconds: passed + Math.max(promotionSeconds, cacheSeconds) + redirectionSeconds + otherSeconds,
    dataLossSeconds: loss === null ? null : Math.ceil(loss),
  };
}

/** A switchover waits until all has arrived: it may lose nothing, and gets no margin. */
function ceilingOf(mode: Mode, loss: number | null, { approval }: Plan): number | null {
  if (loss === null || mode === 'switchover') return loss;
  return loss + approval.lossMarginSeconds;
}

/** Everything that makes the way unsafe or impossible, each as a sentence's part. */
function obstaclesIn(observed: Observed, plan: Plan): string[] {
  const { target, standby, mode, replica, lag, unfenced, cacheMember, clusterAnswers } = observed;
  const found: string[] = [];
  if (replica === null) found.push(`no replica was seen in ${standby}`);
  else if (!replica.isReplica) found.push(`the database in ${standby} replicates from nothing: it is no replica`);
  else if (!works(replica.status) && !passing.includes(replica.status))
    found.push(`the replica in ${standby} is ${replica.status}`);
  if (lag === null) found.push('no lag was measured before it was last seen alive: the data loss is not known');
  else if (lag.lagSeconds === null)
    found.push('replication was broken when it was last seen alive: the data loss is not known');
  if (mode === 'switchover') {
    if (replica?.isReplica === true && replica.replicating === false)
      found.push('replication does not run: a switchover would wait for ever');
    if (unfenced.length > 0) found.push(`a switchover needs a fence, and ${unfenced.join(', ')} does not answer`);
  }
  const datastore = firstOf('elasticache', plan)?.globalDatastore ?? null;
  if (datastore !== null && !cacheMember)
    found.push(`the cache in ${standby} was not seen as a member of ${datastore}`);
  const cluster = firstOf('eks-cluster', plan)?.regions[standby];
  if (cluster?.warm !== true)
    found.push(`${standby} has no warm cluster: a person restores and scales it, which comes in a later version`);
  else if (!clusterAnswers) found.push(`cluster ${cluster.cluster} in ${standby} does not answer`);
  if (standby === target) found.push(`${target} cannot take over from itself`);
  return found;
}

function merits({ mode, standby, replica, lag, aliveAt }: Observed, plan: Plan): string {
  const cluster = firstOf('eks-cluster', plan)?.regions[standby]?.cluster ?? 'there';
  const status = replica?.status ?? 'not seen';
  const busy = takesPromotion(status) ? '' : `, which ends before it can be promoted`;
  const before = lag === null ? 0 : Math.round((aliveAt - lag.at) / 1000);
  const behind =
    mode === 'switchover'
      ? 'nothing is lost, as all that was written is waited for'
      : `it was ${lag?.lagSeconds ?? 'unknown'} s behind ${before} s before users were last seen to be served`;
  return `the replica in ${standby} is ${status}${busy}; ${behind}; cluster ${cluster} answers`;
}

function alternativesOf(target: string): Alternative[] {
  const unknown = { recoverySeconds: null, dataLossSeconds: null };
  return [
    {
      way: 'restore-snapshot',
      offered: false,
      why: 'Breakwater does not restore snapshots yet: a person would',
      ...unknown,
    },
    { way: 'wait', offered: true, why: `nothing is changed; users are served when ${target} is back`, ...unknown },
  ];
}
