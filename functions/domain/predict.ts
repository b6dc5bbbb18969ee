// Predicts what each way out of a region would cost, from what was seen before it fell silent. Pure. What is not known is
// null and is never offered as safe.
import { wavesThat } from '../kinds/verbs.ts';
import { assetsOf, firstOf } from './assets.ts';
import { takesPromotion, works } from './database-status.ts';
import type { Plan } from './plan.ts';
import { greatestLoss, type LastLag, lossSeconds } from './region-record.ts';
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
  readonly databases: readonly DatabaseObserved[];
  /** The assets of the target that take writes and do not answer, so that they cannot be fenced now. */
  readonly unreachable: readonly string[];
  /** Caches in a global datastore, and whether the standby's is a member of it. */
  readonly caches: readonly { readonly asset: string; readonly datastore: string; readonly member: boolean }[];
  readonly clusters: readonly { readonly cluster: string; readonly warm: boolean }[];
  /** Whether the standby's page answers, if only with a failure; without a cluster nothing has to. */
  readonly pageAnswers: boolean;
};

/** A database, as its replica in the standby was seen. */
export type DatabaseObserved = {
  readonly asset: string;
  /** `replicating`: whether it receives what its source writes now; in an outage it does not. */
  readonly replica: {
    readonly status: string;
    readonly isReplica: boolean;
    readonly replicating: boolean | null;
  } | null;
  /**
   * The last known lag before it was last seen alive; its seconds are null where replication was broken all the while. Lag of
   * an outage grows with the clock and says nothing.
   */
  readonly lag: LastLag;
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
  /** Of the database that would lose most; null where the plan has none. */
  readonly replica: {
    readonly status: string;
    readonly lagSeconds: number | null;
    readonly lastSeenAt: number | null;
  } | null;
  readonly predicted: Prediction;
  /** The latest that the target can have written, if it fell silent when it was last seen alive. */
  readonly writesEndedAt: number;
  /** The region, where something of it could not be fenced now; and the assets that are it. */
  readonly unfenced: readonly string[];
  readonly unreachable: readonly string[];
  /** The assets that take over, by name: each wave needs nothing of a later one. */
  readonly waves: readonly (readonly string[])[];
  readonly alternatives: readonly Alternative[];
  readonly bounds: Bounds;
};

/** It works when these have ended, and they end by themselves. Any other status needs a person. */
const passing = ['maintenance', 'modifying', 'rebooting'];

/** Says whether there is a safe way out of a region, what it would cost, and what people are asked to approve. */
export function assess(observed: Observed, plan: Plan): Assessment {
  const { target, mode, unreachable } = observed;
  const unfenced = unreachable.length > 0 ? [target] : [];
  const worst = worstOf(observed);
  const predicted = predict(observed, plan);
  const obstacles = obstaclesIn(observed);
  const { dataLossSeconds: loss } = predicted;
  const way = wayOf(plan);
  return {
    way,
    offered: obstacles.length === 0,
    why: obstacles.length === 0 ? merits(observed) : obstacles.join('; '),
    replica:
      worst === null
        ? null
        : {
            status: worst.replica?.status ?? 'not seen',
            lagSeconds: worst.lag?.lagSeconds ?? null,
            lastSeenAt: worst.lag?.at ?? null,
          },
    predicted,
    writesEndedAt: observed.writesEndedAt,
    unfenced,
    unreachable,
    waves: wavesThat('take-over', plan).map((wave) => wave.map(({ name }) => name)),
    alternatives: alternativesOf(target),
    bounds: {
      plan: observed.plan,
      target,
      mode,
      way,
      unfenced,
      lossCeilingSeconds: ceilingOf(mode, loss, plan),
    },
  };
}

/** The way of what holds the data: of the databases and else of the caches. Where nothing is kept, only users move. */
function wayOf(plan: Plan): Way {
  if (firstOf('rds-instance', plan) !== null) return 'promote-replica';
  const caches = assetsOf('elasticache', plan);
  if (caches.length === 0) return 'redirect-users';
  return caches.some(({ globalDatastore }) => globalDatastore !== null) ? 'fail-over-datastore' : 'start-empty';
}

/** From an approval until users are served: assets take over side by side. */
export function executionSeconds({ predictions }: Pick<Plan, 'predictions'>): number {
  const { takeOverSeconds, redirectionSeconds, otherSeconds } = predictions;
  return Math.max(0, ...Object.values(takeOverSeconds)) + redirectionSeconds + otherSeconds;
}

/** What was before the approval has passed already. */
function predict({ mode, databases, since, now, writesEndedAt }: Observed, plan: Plan): Prediction {
  const passed = Math.max(0, Math.round((now - since) / 1000));
  const loss = greatestLoss(
    databases.map(({ lag }) => lossSeconds(mode, lag, writesEndedAt)),
    plan,
  );
  return {
    recoverySeconds: passed + executionSeconds(plan),
    dataLossSeconds: loss === null ? null : Math.ceil(loss),
  };
}

/** The database that would lose most: one whose loss is not known comes first. Null where there is none. */
function worstOf({ mode, databases, writesEndedAt }: Observed): DatabaseObserved | null {
  const loss = ({ lag }: DatabaseObserved) => lossSeconds(mode, lag, writesEndedAt) ?? Number.POSITIVE_INFINITY;
  return databases.toSorted((a, b) => loss(b) - loss(a))[0] ?? null;
}

/** A switchover waits until all has arrived: it may lose nothing, and gets no margin. */
function ceilingOf(mode: Mode, loss: number | null, { approval }: Plan): number | null {
  if (loss === null || mode === 'switchover') return loss;
  return loss + approval.lossMarginSeconds;
}

/** Everything that makes the way unsafe or impossible, each as a sentence's part. */
function obstaclesIn(observed: Observed): string[] {
  const { target, standby, mode, databases, unreachable, caches, clusters, pageAnswers } = observed;
  const found = databases.flatMap((database) => {
    // One database is the database; of several each is named.
    const named = databases.length === 1 ? '' : ` ${database.asset}`;
    return obstaclesOf(database, named, observed);
  });
  if (mode === 'switchover' && unreachable.length > 0)
    found.push(`a switchover needs a fence, and ${target} does not answer`);
  for (const { datastore, member, asset } of caches)
    if (!member)
      found.push(
        `the cache${caches.length === 1 ? '' : ` ${asset}`} in ${standby} was not seen as a member of ${datastore}`,
      );
  for (const { cluster, warm } of clusters) {
    if (!warm)
      found.push(`${standby} has no warm cluster: a person restores and scales it, which comes in a later version`);
    else if (!pageAnswers) found.push(`cluster ${cluster} in ${standby} does not answer`);
  }
  if (standby === target) found.push(`${target} cannot take over from itself`);
  return found;
}

function obstaclesOf({ replica, lag }: DatabaseObserved, named: string, { standby, mode }: Observed): string[] {
  const found: string[] = [];
  if (replica === null) found.push(`no replica${named} was seen in ${standby}`);
  else if (!replica.isReplica)
    found.push(`the database${named} in ${standby} replicates from nothing: it is no replica`);
  else if (!works(replica.status) && !passing.includes(replica.status))
    found.push(`the replica${named} in ${standby} is ${replica.status}`);
  const of = named === '' ? '' : ` of${named}`;
  if (lag === null) found.push(`no lag${of} was measured before it was last seen alive: the data loss is not known`);
  else if (lag.lagSeconds === null)
    found.push(`replication${of} was broken when it was last seen alive: the data loss is not known`);
  if (mode === 'switchover' && replica?.isReplica === true && replica.replicating === false)
    found.push(`replication${of} does not run: a switchover would wait for ever`);
  return found;
}

function merits({ mode, standby, databases, aliveAt, clusters }: Observed): string {
  const replicas = databases.map(({ asset, replica, lag }) => {
    const status = replica?.status ?? 'not seen';
    const busy = takesPromotion(status) ? '' : `, which ends before it can be promoted`;
    const before = lag === null ? 0 : Math.round((aliveAt - lag.at) / 1000);
    const behind =
      mode === 'switchover'
        ? 'nothing is lost, as all that was written is waited for'
        : `it was ${lag?.lagSeconds ?? 'unknown'} s behind ${before} s before users were last seen to be served`;
    const named = databases.length === 1 ? '' : ` of ${asset}`;
    return `the replica${named} in ${standby} is ${status}${busy}; ${behind}`;
  });
  const all = [...replicas, ...clusters.map(({ cluster }) => `cluster ${cluster} answers`)];
  return all.length === 0 ? `${standby} has all that the plan names` : all.join('; ');
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
