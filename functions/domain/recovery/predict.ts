// Predicts what each way out of a region would cost, from what was seen before it fell silent. Pure. What is not known is
// null and is never offered as safe.
import { leavesWithUsers, wavesThat } from '../../kinds/verbs.ts';
import { calibrated, plannedTimes, type StepTimes } from '../calibration.ts';
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import { type CountsFrom, countsFrom } from '../record/fault-clock.ts';
import { type Bounds, type Mode, type Way, ways } from '../types.ts';
import { greatestLoss, type LastLag, lossSeconds } from './region-record.ts';
import { isRestore } from './restoring.ts';
import type { TakingOver } from './taking-over.ts';

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
  /** Since when its data is corrupted, as a person said; null, or left out, where it is not. */
  readonly corruptedSince?: number | null;
  /** Whether the incident is over: the target serves again, for all that is known. */
  readonly over: boolean;
  /** The assets that this flow has called to take over, and those of the target that it has seen fenced. */
  readonly called: readonly string[];
  readonly fenced: readonly string[];
  /** When each asset was first called to take over, by its name; none where left out. */
  readonly calledAt?: Readonly<Record<string, number>>;
  /** The assets that it has tried to fence in vain, with why, whatever is seen of them; none where left out. */
  readonly inVain?: Readonly<Record<string, string>>;
  /** When the last of the target's data was seen fenced; null, or left out, where something of it may take writes. */
  readonly fencedAt?: number | null;
  /** How long the steps of earlier moves of a region took; none where left out. */
  readonly history?: readonly StepTimes[];
  /** Of each kind that the plan uses, in the order of the kinds. */
  readonly seen: readonly KindSeen[];
  /** What is wrong with the standby itself. */
  readonly takingOver: TakingOver;
  /** The observers that see users of the target served; none where left out. */
  readonly servedFrom?: readonly string[];
};

/** Which region is left for which, how, and when users were last seen to be served. Of a restore both regions are one. */
export type Leaving = Pick<
  Observed,
  | 'target'
  | 'standby'
  | 'mode'
  | 'now'
  | 'aliveAt'
  | 'called'
  | 'calledAt'
  | 'fenced'
  | 'writesEndedAt'
  | 'corruptedSince'
> & {
  /** The ways of each asset that this flow has tried and that have failed, by its name. */
  readonly failedWays?: Readonly<Record<string, readonly Way[]>>;
  /** The way that this flow has begun, of each asset for which it has. */
  readonly taken?: Readonly<Record<string, Way>>;
  /** The restore that this flow has begun, of each asset for which it has: what it is made of does not change any more. */
  readonly running?: Readonly<Record<string, Running>>;
  /** Assets that may stay unfenced: people approved that. */
  readonly mayStay?: readonly string[];
  /** The one asset that a restore is for; all that can be restored where left out. */
  readonly only?: string | undefined;
};

/** What a restore is made of: replicated automated backups by their ARN, those of an instance by its resource id, or a snapshot. */
export type Source =
  | { readonly of: 'replicated-backups'; readonly arn: string }
  | { readonly of: 'own-backups'; readonly resourceId: string }
  | { readonly of: 'snapshot'; readonly id: string };

/** One way of one asset, as the evidence stands. Those of an asset are ranked: the first that is usable is the one to take. */
export type RankedWay = {
  readonly way: Way;
  readonly usable: boolean;
  /** The most that is lost, and how long it takes from its first call until the asset can be used; null where not known. */
  readonly lossSeconds: number | null;
  readonly seconds: number | null;
  /** One sentence: what is there; empty where nothing is. */
  readonly why: string;
  /** What speaks against it: where it is not usable, everything that makes it so; else what people should weigh. */
  readonly against: readonly string[];
  /** Of a restore: what from, and to which moment; of a delayed replica the moment alone. Null: the newest there is. */
  readonly source?: Source;
  readonly restoreTo?: number | null;
  /** Of a restore: until when its data goes, in milliseconds since 1970. */
  readonly dataUntil?: number | null;
  /** Its data ends at a moment that stays, and the target goes on taking writes: what it loses grows until the target is fenced. */
  readonly grows?: true;
};

/** A restore that was begun, at a time in milliseconds since 1970: of what it is made, and until when its data goes; null where not known. */
export type Running = {
  readonly way: Way;
  readonly instance: string;
  readonly at: number;
  readonly source: Source | null;
  readonly restoreTo: number | null;
  readonly dataUntil: number | null;
};

/** The ways of an asset, best first; those that are left out last, with why. */
export type AssetWays = { readonly asset: string; readonly ways: readonly RankedWay[] };

/** What was seen of the assets of a kind: each is a part of a sentence for people. */
export type KindSeen = {
  /** Whether something that had to be seen did not answer: a worse way must not be taken for the best because of that. */
  readonly unanswered?: boolean;
  /** Everything that makes the way unsafe or impossible. */
  readonly obstacles: readonly string[];
  /** What is there. */
  readonly merits: readonly string[];
  /** What takes longest of them as they were seen, where that is more than the plan predicts of the kind. */
  readonly seconds?: number;
  /** The assets that this flow has made writers of the standby: there is no way back for them. */
  readonly promoted?: readonly string[];
  /** Until when each of them has what the target wrote, in milliseconds since 1970; null where that is not known. */
  readonly copiedUntil?: readonly (number | null)[];
  /** Of each asset that has more ways than one: all of them. */
  readonly ways?: readonly AssetWays[];
  /** Of what is promoted: how far behind it was. */
  readonly replicas?: readonly ReplicaObserved[];
  /** The assets of the target that hold data and cannot be fenced now. */
  readonly open?: readonly Open[];
};

/** An asset that cannot be fenced. `reachable`: whether it answered; then `why` says what keeps it open, such as its status. */
export type Open = { readonly asset: string; readonly reachable: boolean; readonly why: string };

/** `status`: null where it was not seen. */
export type ReplicaObserved = {
  readonly status: string | null;
  /**
   * The last known lag before it was last seen alive; its seconds are null where replication was broken all the while. Lag of
   * an outage grows with the clock and says nothing.
   */
  readonly lag: LastLag;
};

/**
 * `recoverySeconds`: from `countsFrom` until users are served, if it is approved now. `dataLossSeconds`: of what loses most;
 * `assetLossSeconds`: of each asset that has a way of its own. Null where it is not known.
 */
export type Prediction = {
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
  readonly assetLossSeconds: Readonly<Record<string, number | null>>;
  readonly countsFrom: CountsFrom;
  /** From what the times come: the plan's figures, or what earlier ones took. */
  readonly basis: string;
};

/** `offered`: it could be taken. It is taken where those before it fail and it loses no more than was approved. */
export type Alternative = {
  readonly way: Way | 'wait';
  /** Whose way it is; none of waiting. */
  readonly asset?: string;
  readonly offered: boolean;
  readonly why: string;
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
};

/** What the old region took that the promoted copy lacks. Nobody counts its writes from outside. */
export type GoingOn = {
  /** Milliseconds since 1970; null where it is not known. */
  readonly since: number | null;
  /** For how long it can have taken writes since; null where it is not known. */
  readonly atMostSeconds: number | null;
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
  /** The region, where something of it could not be fenced now; which assets; those of them that do not answer; and why the others cannot be. */
  readonly unfenced: readonly string[];
  readonly unfencedAssets: readonly string[];
  readonly unreachable: readonly string[];
  readonly cannotFence: readonly string[];
  /** The assets that this flow has promoted before. */
  readonly promoted: readonly string[];
  /** What going on loses that staying would keep; null while nothing is promoted: then nobody has to choose. */
  readonly goingOn: GoingOn | null;
  /** What is wrong with the region that takes over: no obstacle by itself, and for people to weigh. */
  readonly takingOver: TakingOver;
  /** The assets that take over, by name: each wave needs nothing of a later one. */
  readonly waves: readonly (readonly string[])[];
  readonly alternatives: readonly Alternative[];
  /** Of each asset that has more ways than one: all of them, best first. The first is taken where it is usable. */
  readonly ways: readonly AssetWays[];
  readonly bounds: Bounds;
};

/** Says whether there is a safe way out of a region, what it would cost, and what people are asked to approve. */
export function assess(observed: Observed, plan: Plan): Assessment {
  const { target, standby, mode, seen } = observed;
  const replicas = seen.flatMap((one) => one.replicas ?? []);
  const looksOpen = seen.flatMap((one) => one.open ?? []);
  const inVain = openInVain(observed, looksOpen);
  const open = [...looksOpen, ...inVain];
  const unfenced = open.length > 0 ? [target] : [];
  const unfencedAssets = [...new Set(open.map(({ asset }) => asset))];
  const worst = worstOf(replicas, observed);
  const ranked = seen.flatMap((one) => one.ways ?? []);
  const firsts = ranked.flatMap(({ asset, ways: [first] }) => (first === undefined ? [] : [{ asset, ...first }]));
  const predicted = predict(firsts, observed, plan);
  const obstacles = seen.flatMap((one) => one.obstacles);
  if (mode === 'switchover') obstacles.push(...inVain.map(({ why }) => `a switchover needs a fence, and ${why}`));
  if (standby === target && mode !== 'restore') obstacles.push(`${target} cannot take over from itself`);
  const merits = seen.flatMap((one) => one.merits);
  const { dataLossSeconds: loss, assetLossSeconds } = predicted;
  const way = greatestOf(firsts)?.way ?? wayOf(plan);
  const promoted = seen.flatMap((one) => one.promoted ?? []);
  // A region that has recovered is not given up by itself, whoever approved that. Once something was promoted, both ways cost.
  if (observed.over && promoted.length === 0) obstacles.push(`the incident is over: ${target} may be well again`);
  if (observed.over && promoted.length > 0)
    merits.push(
      `the incident is over and ${promoted.join(', ')} takes writes in ${standby}: going on loses what ${target} took since, staying throws the copy in ${standby} away`,
    );
  return {
    way,
    offered: obstacles.length === 0,
    why: obstacles.join('; ') || merits.join('; ') || `${standby} has all that the plan names`,
    replica:
      worst === null
        ? null
        : {
            status: worst.status ?? 'not seen',
            lagSeconds: worst.lag?.lagSeconds ?? null,
            lastSeenAt: worst.lag?.at ?? null,
          },
    predicted,
    writesEndedAt: observed.writesEndedAt,
    unfenced,
    unfencedAssets,
    unreachable: open.filter(({ reachable }) => !reachable).map(({ asset }) => asset),
    cannotFence: open.filter(({ reachable }) => reachable).map(({ why }) => why),
    promoted,
    goingOn: promoted.length === 0 ? null : goingOn(observed),
    takingOver: observed.takingOver,
    waves: wavesOf(plan),
    alternatives: alternativesOf(ranked, firsts, observed, plan),
    ways: ranked,
    bounds: {
      plan: observed.plan,
      target,
      mode,
      way,
      ...(firsts.length > 0 && { ways: Object.fromEntries(firsts.map((one) => [one.asset, one.way])) }),
      unfenced,
      ...(unfencedAssets.length > 0 && { unfencedAssets }),
      lossCeilingSeconds: ceilingOf(mode, loss, firsts, plan),
      ...(firsts.length > 0 && {
        assetCeilingSeconds: Object.fromEntries(
          firsts.map((one) => [one.asset, ceilingOf(mode, assetLossSeconds[one.asset] ?? null, [one], plan)]),
        ),
      }),
    },
  };
}

/** The assets that take over, by name: each wave needs nothing of a later one. */
export function wavesOf(plan: Plan): string[][] {
  return wavesThat('take-over', plan).map((wave) => wave.map(({ name }) => name));
}

/** Of what looks as if it could be fenced, what was tried in vain. */
function openInVain({ inVain = {}, target }: Observed, open: readonly Open[]): Open[] {
  return Object.entries(inVain).flatMap(([asset, why]) =>
    open.some((one) => one.asset === asset)
      ? []
      : { asset, reachable: true, why: `${asset} in ${target} cannot be fenced: ${why}` },
  );
}

/** The way of what holds the data; where nothing is kept, only users move. */
function wayOf({ assets }: Plan): Way {
  const known = assets.map((asset) => saidOf(asset).way?.(asset));
  return ways.find((way) => known.includes(way)) ?? 'redirect-users';
}

/** From an approval until users are served, where all takes over as it was meant to. */
export function executionSeconds(plan: Pick<Plan, 'predictions'>): number {
  const { takeOverSeconds, redirectionSeconds } = plannedTimes(plan);
  return takeOverSeconds + redirectionSeconds;
}

/** What the times of these ways come from. Earlier moves promoted replicas: of a restore they say nothing. */
function calibratedFor(taking: readonly First[], { mode, history = [] }: Pick<Observed, 'mode' | 'history'>) {
  const promotes = mode !== 'restore' && taking.every(({ way }) => way === 'promote-replica');
  return promotes ? calibrated(history) : { times: null, basis: 'what a restore takes, and the figures of the plan' };
}

type First = RankedWay & { readonly asset: string };

/** The one that loses most; of those that lose the same, the one that takes longest. Null where no asset has ways. */
function greatestOf(firsts: readonly First[]): First | null {
  const figure = (value: number | null) => value ?? Number.MAX_VALUE;
  return (
    firsts.toSorted(
      (a, b) => figure(b.lossSeconds) - figure(a.lossSeconds) || figure(b.seconds) - figure(a.seconds),
    )[0] ?? null
  );
}

/** From the fault, as far as it is known, until users are served, with these ways approved now; what was before has passed already. Null where not known. */
function recoverySeconds(
  taking: readonly First[],
  observed: Pick<Observed, 'since' | 'aliveAt' | 'now' | 'mode' | 'seen' | 'history'>,
  { assets, predictions }: Plan,
): number | null {
  const { now, mode, seen } = observed;
  const { takeOverSeconds, redirectionSeconds, otherSeconds } = predictions;
  const kinds = taking.map(({ asset }) => assets.find(({ name }) => name === asset)?.kind);
  // Of a restore nothing else takes over, and nobody is moved.
  const others = Object.entries(takeOverSeconds).flatMap(([kind, seconds]) =>
    mode === 'restore' || kinds.some((one) => one === kind) ? [] : seconds,
  );
  const known = taking.map(({ seconds }) => seconds).filter((seconds) => seconds !== null);
  if (known.length < taking.length) return null;
  const passed = Math.max(0, Math.round((now - clockOf(observed).at) / 1000));
  const moving = mode === 'restore' ? 0 : redirectionSeconds;
  const slow = mode === 'restore' ? [] : seen.map(({ seconds = 0 }) => seconds);
  // What leaves with the users waits for what is restored.
  const waiting = mode !== 'restore' && taking.some(({ way }) => isRestore(way)) ? assets.filter(leavesWithUsers) : [];
  const after = Math.max(0, ...waiting.map(({ kind }) => takeOverSeconds[kind] ?? 0));
  const { times } = calibratedFor(taking, observed);
  if (times !== null) return passed + Math.max(times.takeOverSeconds, ...slow) + times.redirectionSeconds;
  return passed + Math.max(0, ...others, ...known, ...slow) + after + moving + otherSeconds;
}

function predict(firsts: readonly First[], observed: Observed, plan: Plan): Prediction {
  // What a region took that came back is not measured by a copy that was promoted before.
  const losses = firsts.map(({ asset, lossSeconds: most }) => [asset, observed.over ? null : whole(most)] as const);
  const none = observed.over && losses.length === 0;
  return {
    recoverySeconds: recoverySeconds(firsts, observed, plan),
    dataLossSeconds: none
      ? null
      : greatestLoss(
          losses.map(([, loss]) => loss),
          plan,
        ),
    assetLossSeconds: Object.fromEntries(losses),
    countsFrom: clockOf(observed),
    basis: calibratedFor(firsts, observed).basis,
  };
}

/** What a person started has no fault: it counts from its start. */
function clockOf({ mode, since, aliveAt }: Pick<Observed, 'mode' | 'since' | 'aliveAt'>): CountsFrom {
  return countsFrom(since, mode === 'failover' ? aliveAt : null);
}

/** Part of a second is told as a whole one. */
function whole(seconds: number | null): number | null {
  return seconds === null ? null : Math.ceil(seconds);
}

/** From the last that the copies have until the fence, or now. */
function goingOn({ seen, fencedAt = null, now }: Observed): GoingOn {
  const copied = seen.flatMap((one) => one.copiedUntil ?? []);
  const known = copied.filter((at) => at !== null);
  if (known.length === 0 || known.length < copied.length) return { since: null, atMostSeconds: null };
  const since = Math.min(...known);
  return { since, atMostSeconds: Math.max(0, Math.ceil(((fencedAt ?? now) - since) / 1000)) };
}

/** The one that would lose most: one whose loss is not known comes first. Null where there is none. */
function worstOf(replicas: readonly ReplicaObserved[], { mode, writesEndedAt }: Observed): ReplicaObserved | null {
  const loss = ({ lag }: ReplicaObserved) => lossSeconds(mode, lag, writesEndedAt) ?? Number.POSITIVE_INFINITY;
  return replicas.toSorted((a, b) => loss(b) - loss(a))[0] ?? null;
}

/**
 * A switchover waits until all has arrived: it may lose nothing, and gets no margin. What is restored where it stands, or while the target
 * takes writes, loses more until people have answered: no answer could hold otherwise.
 */
function ceilingOf(mode: Mode, loss: number | null, firsts: readonly First[], { approval }: Plan): number | null {
  if (loss === null || mode === 'switchover') return loss;
  const grows = mode === 'restore' || firsts.some((one) => one.grows === true);
  return loss + approval.lossMarginSeconds + (grows ? approval.expirySeconds : 0);
}

/** Every other way of each asset, those that are left out too, and to wait. */
function alternativesOf(
  ranked: readonly AssetWays[],
  firsts: readonly First[],
  observed: Observed,
  plan: Plan,
): Alternative[] {
  const { target, mode, servedFrom = [] } = observed;
  const others = ranked.flatMap(({ asset, ways: [, ...rest] }) =>
    rest.map((other): Alternative => {
      const taking = firsts.map((first) => (first.asset === asset ? { asset, ...other } : first));
      return {
        way: other.way,
        asset,
        offered: other.usable,
        why: [other.why, ...other.against].filter((words) => words !== '').join('; '),
        recoverySeconds: recoverySeconds(taking, observed, plan),
        dataLossSeconds: whole(other.lossSeconds),
      };
    }),
  );
  const unknown = { recoverySeconds: null, dataLossSeconds: null };
  const served = servedFrom.length > 0 ? `were seen to be served in ${target}` : `are served when ${target} is back`;
  const stays = {
    failover: `nothing is changed; users ${served}`,
    switchover: `nothing is moved; users stay in ${target}`,
    restore: `nothing is changed; ${target} goes on with the data that it has`,
  }[mode];
  return [...others, { way: 'wait', offered: true, why: stays, ...unknown }];
}
