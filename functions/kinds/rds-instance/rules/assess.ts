// What was seen of databases means: whether they can take over, what speaks for it, and whether they are ready. Pure.
import { moment } from '../../../domain/page/page-times.ts';
import type { Plan } from '../../../domain/plan/plan.ts';
import type { KindSeen, Leaving, Open, RankedWay, Running } from '../../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready, unread } from '../../../domain/recovery/readiness.ts';
import type { LastLag } from '../../../domain/recovery/region-record.ts';
import type { Way } from '../../../domain/types.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import { isStopped, isStuck, takesPromotion, works } from './status.ts';
import { type BackupsSeen, bestOf, lostSince, ways } from './ways.ts';

/** A database, as its replica in the standby was seen. */
export type DatabaseObserved = {
  readonly asset: string;
  /** `replicating`: whether it receives what its source writes now; in an outage it does not. */
  readonly replica: {
    readonly status: string;
    readonly isReplica: boolean;
    /** Another database than the one that takes writes in the target, from which it replicates; none, or null, where it is that one. */
    readonly ofOther?: string | null;
    readonly replicating: boolean | null;
  } | null;
  /** The last lag before it was last seen alive. Lag of an outage grows with the clock and says nothing. */
  readonly lag: LastLag;
  /** The last lag before this flow called it to take over; null where it did not. */
  readonly lagWhenCalled?: LastLag;
  /** A replica that stays behind on purpose; none where the plan names none. */
  readonly delayed?: { readonly instance: string; readonly delaySeconds: number } | undefined;
  /** None where the plan says nothing of a restore in the standby. */
  readonly backups?: BackupsSeen | undefined;
  /** As the plan predicts it; none where it takes no time of its own. */
  readonly promotionSeconds?: number | undefined;
};

/** It works when these have ended, and they end by themselves. Any other status needs a person. */
const passing = ['maintenance', 'modifying', 'rebooting'];

/** How long a switchover waits for what is on its way: CatchUp's bound in statemachines/region-failover.asl.yaml (a test compares). */
export const catchUpSeconds = 1_200;

/** A writer of the target as it was seen: null where there is none, undefined where nobody answered. `closed`: its groups admit nobody. */
export type WriterObserved = {
  readonly asset: string;
  readonly status: string | null | undefined;
  readonly closed?: boolean;
};

/** `writers`: what takes writes now, in the target. */
export function databasesSeen(
  databases: readonly DatabaseObserved[],
  writers: readonly WriterObserved[],
  leaving: Leaving,
): KindSeen {
  const { target, mode } = leaving;
  // One database is the database; of several each is named.
  const named = ({ asset }: DatabaseObserved) => (databases.length === 1 ? '' : ` ${asset}`);
  const promoted = databases.filter((database) => isPromoted(database, leaving));
  const waiting = databases.filter((database) => !promoted.includes(database));
  const statusOf = ({ asset }: DatabaseObserved) => writers.find((writer) => writer.asset === asset)?.status ?? null;
  const ranked = new Map(
    databases.map((database) => [database, rankedWays(database, named(database), statusOf(database), leaving)]),
  );
  const waysOf = (database: DatabaseObserved) => ranked.get(database) ?? [];
  const obstacles = waiting.flatMap((database) => noWay(database, waysOf(database), named(database)));
  const back = promoted.map(({ asset }) => asset).filter((asset) => !leaving.fenced.includes(asset));
  const open = writers.flatMap((writer) => openOf(writer, back, target));
  if (mode === 'switchover')
    for (const { reachable, why } of open)
      obstacles.push(`a switchover needs a fence, and ${reachable ? why : `${target} does not answer`}`);
  return {
    obstacles,
    merits: waiting.map((database) => chosenWords(waysOf(database))),
    ways: databases.map((database) => ({ asset: database.asset, ways: waysOf(database) })),
    promoted: promoted.map(({ asset }) => asset),
    copiedUntil: promoted.map((database) => copiedUntil(database, waysOf(database))),
    replicas: databases.map(({ replica, lag }) => ({ status: replica?.status ?? null, lag })),
    open,
  };
}

/**
 * What cannot be fenced now, and of those that are `back` after a promotion, what is not fenced yet. A database that is not there may have been deleted, or go by another
 * name than the plan's: only a person can tell. One that is stopped, or about to be, takes no change of its groups, and writes once somebody starts it.
 */
function openOf({ asset, status, closed = false }: WriterObserved, back: readonly string[], target: string): Open[] {
  if (status === undefined) return [{ asset, reachable: false, why: `${asset} in ${target} does not answer` }];
  if (status === null)
    return [{ asset, reachable: true, why: `${asset} is not in ${target}: it was deleted, or has another name` }];
  if (back.includes(asset))
    return [{ asset, reachable: true, why: `${asset} in ${target} takes writes again, until it is fenced` }];
  if ((isStopped(status) || status === 'stopping') && !closed)
    return [
      {
        asset,
        reachable: true,
        why: `${asset} in ${target} is ${status} and cannot be fenced until somebody starts it`,
      },
    ];
  return isStuck(status)
    ? [{ asset, reachable: true, why: `${asset} in ${target} is ${status} and cannot be fenced` }]
    : [];
}

/** The ways of one, best first. One that this flow has begun goes on: what it was begun with does not change any more. */
function rankedWays(
  database: DatabaseObserved,
  named: string,
  writerStatus: string | null,
  leaving: Leaving,
): RankedWay[] {
  const { asset, lag, delayed, backups, promotionSeconds = 0 } = database;
  const replica = { obstacles: obstaclesOf(database, named, leaving), merit: meritOf(database, named, leaving) };
  const failed = leaving.failedWays?.[asset] ?? [];
  const situation = { ...leaving, corruptedSince: leaving.corruptedSince ?? null, failed };
  const grows = writerStatus !== null && works(writerStatus) && !leaving.fenced.includes(asset);
  const all = ways({ replica, lag, delayed, backups, promotionSeconds }, situation).map((way) =>
    grows && way.dataUntil !== undefined ? growing(way, leaving) : way,
  );
  const { [asset]: begun = 'promote-replica' } = leaving.taken ?? {};
  // A promotion that was asked for and has not come counts for nothing: what speaks against the replica may have ended it.
  const goesOn = begun !== 'promote-replica' || isPromoted(database, leaving);
  const going = goesOn ? all.find(({ way }) => way === begun && !failed.includes(way)) : undefined;
  if (going === undefined) return all;
  const { [asset]: running } = leaving.running ?? {};
  const own = running?.way === going.way ? asBegun(going, running, grows, leaving) : { ...going, against: [] };
  return [{ ...own, usable: true }, ...all.filter((one) => one !== going)];
}

/** What a restore is made of has nothing of what its target takes until its fence: that grows while people think. */
function growing(restore: RankedWay, { target }: Leaving): RankedWay {
  return { ...restore, against: [...restore.against, lostUntilFence(target)], grows: true };
}

function lostUntilFence(target: string): string {
  return `all writes in ${target} until its fence are lost, too`;
}

/**
 * What a restore that runs gives is what it was begun with: what today's backups have beside that, it lacks. `grows`: the old database works and
 * is not fenced, so that nobody can say that its writes have ended, whatever canaries see.
 */
function asBegun(
  going: RankedWay,
  running: Running,
  grows: boolean,
  { writesEndedAt, now, target }: Leaving,
): RankedWay {
  const { instance, at, source, restoreTo, dataUntil } = running;
  const lossSeconds = dataUntil === null ? null : lostSince(dataUntil, grows ? now : writesEndedAt);
  const { lossSeconds: anew } = going;
  const isLess = anew !== null && (lossSeconds === null || anew < lossSeconds);
  const until = dataUntil === null ? 'a time that is NOT KNOWN' : moment(dataUntil);
  const { source: _, ...rest } = going;
  // What has taken longer than was thought may end at any moment, or not: nobody knows.
  const left = rest.seconds === null ? 0 : Math.ceil(rest.seconds - (now - at) / 1000);
  return {
    ...rest,
    lossSeconds,
    seconds: left > 0 ? left : null,
    why: `${instance} was asked for at ${moment(at)}, and has data until ${until}`,
    against: [
      ...(grows ? [lostUntilFence(target)] : []),
      ...(isLess
        ? [`a restore that is begun anew would lose ${formatSeconds(anew)}, and takes its whole time again`]
        : []),
    ],
    ...(grows && { grows }),
    ...(source !== null && { source }),
    restoreTo,
    dataUntil,
  };
}

/** This flow promoted it: it is no replica any more, and that was meant. What is corrupted where it stands never was one: there a restore counts that has not failed. */
function isPromoted(
  { asset, replica }: DatabaseObserved,
  { called, mode, taken = {}, failedWays = {} }: Leaving,
): boolean {
  const { [asset]: way = 'promote-replica' } = taken;
  const { [asset]: failed = [] } = failedWays;
  if (mode === 'restore' && (way === 'promote-replica' || failed.includes(way))) return false;
  return called.includes(asset) && replica !== null && !replica.isReplica;
}

/** Until when a copy that this flow made a writer has what its source wrote; null where that is not known. */
function copiedUntil({ lagWhenCalled: last = null }: DatabaseObserved, [taken]: readonly RankedWay[]): number | null {
  if (taken?.dataUntil !== undefined) return taken.dataUntil;
  return last === null || last.lagSeconds === null ? null : last.at - last.lagSeconds * 1000;
}

const inWords: Readonly<Partial<Record<Way, string>>> = {
  'promote-delayed-replica': 'no delayed replica',
  'restore-point-in-time': 'no point-in-time restore',
  'restore-snapshot': 'no restore of a snapshot',
};

/** What speaks against each, where none can be taken. What speaks against the replica says so itself, and alone where no restore is planned. */
function noWay({ backups }: DatabaseObserved, ranked: readonly RankedWay[], named: string): string[] {
  if (bestOf(ranked) !== null) return [];
  const replica = ranked.filter(({ way }) => way === 'promote-replica');
  const others = backups === undefined ? [] : ranked.filter(({ way }) => way !== 'promote-replica');
  return [...replica, ...others].flatMap(({ way, against }) =>
    against.map((line) => (inWords[way] === undefined ? line : `${inWords[way]}${named}: ${line}`)),
  );
}

/** What is there of the way that is taken, what is not known of it, and why it is not the replica. */
function chosenWords(ranked: readonly RankedWay[]): string {
  const best = bestOf(ranked) ?? ranked.find(({ way }) => way === 'promote-replica');
  const replica = ranked.find(({ way }) => way === 'promote-replica');
  if (best === undefined || best === replica) return best?.why ?? '';
  if (replica === undefined) return [best.why, ...best.against].join('; ');
  const { against, lossSeconds: loss } = replica;
  const why =
    against.join(', ') ||
    (loss === null ? 'what it would lose is not known' : `it would lose the last ${formatSeconds(loss)}`);
  return [best.why, ...best.against, `instead of the replica: ${why}`].join('; ');
}

function obstaclesOf({ replica, lag }: DatabaseObserved, named: string, { standby, mode }: Leaving): string[] {
  const found: string[] = [];
  if (replica === null) found.push(`no replica${named} was seen in ${standby}`);
  else if (!replica.isReplica) found.push(`the database${named} in ${standby} is no replica: it has no source`);
  else if ((replica.ofOther ?? null) !== null)
    found.push(`the replica${named} in ${standby} replicates from ${replica.ofOther}, which takes no writes any more`);
  else if (!works(replica.status) && !passing.includes(replica.status))
    found.push(`the replica${named} in ${standby} is ${replica.status}`);
  const of = named === '' ? '' : ` of${named}`;
  if (lag === null)
    found.push(`no replica lag${of} was measured before the region was last seen alive: the data loss is not known`);
  else if (lag.lagSeconds === null)
    found.push(`replication${of} was broken when the region was last seen alive: the data loss is not known`);
  if (mode === 'switchover' && (lag?.lagSeconds ?? 0) > catchUpSeconds)
    found.push(
      `the replica${named} lags by ${formatSeconds(lag?.lagSeconds ?? null)}: a switchover waits for ${formatSeconds(catchUpSeconds)} at most, and would give up`,
    );
  if (mode === 'switchover' && replica?.isReplica === true && replica.replicating === false)
    found.push(`replication${of} does not run: a switchover would wait for ever`);
  return found;
}

function meritOf({ replica, lag }: DatabaseObserved, named: string, { mode, standby, aliveAt }: Leaving): string {
  const status = replica?.status ?? 'not seen';
  const busy = takesPromotion(status) ? '' : `, which ends before it can be promoted`;
  const measured =
    lag === null
      ? ''
      : `, measured ${formatSeconds(Math.round((aliveAt - lag.at) / 1000))} before the last successful user request`;
  const behind =
    mode === 'switchover'
      ? 'no data is lost, as the flow waits until all writes are copied'
      : `replica lag: ${formatSeconds(lag?.lagSeconds ?? null)}${measured}`;
  return `the replica${named === '' ? '' : ` of${named}`} in ${standby} is ${status}${busy}; ${behind}`;
}

/** What a replica replicates from, where that is not the database that takes writes; null where it is. `source`: a name or an ARN. */
export function otherSource(source: string | null, writer: string): string | null {
  const name = source?.split(':').at(-1) ?? null;
  return name === null || name === writer ? null : name;
}

type Replica = {
  readonly status: string;
  readonly replicaOf: string | null;
  readonly replicating: boolean | null;
  readonly multiAz: boolean;
};

/** The database that would be promoted; null where there is none. Once it is the writer, a zone that fails must not end it. */
export function replicaReady(
  name: string,
  replica: Replica | null,
  { multiAz, writer }: { readonly multiAz: boolean; readonly writer: string },
): CheckResult {
  if (replica === null) return notReady(`replica ${name} does not exist`);
  if (replica.replicaOf === null) return notReady(`${name} is no replica: it has no source`);
  const other = otherSource(replica.replicaOf, writer);
  if (other !== null)
    return notReady(`${name} replicates from ${other}, and ${writer} takes the writes: it has to be made anew`);
  if (!works(replica.status)) return notReady(`replica ${name} is ${replica.status}`);
  if (replica.replicating === null) return unread(`RDS does not say whether ${name} replicates`);
  if (!replica.replicating) return notReady(`replication to ${name} has stopped`);
  if (multiAz && !replica.multiAz)
    return notReady(`replica ${name} has no standby in another zone, and multiAz: true promises one`);
  return ready(`replica ${name} replicates`);
}

/** CloudWatch is a minute or two late; a value that is older than this says nothing about now. */
const freshLagSeconds = 300;

/** The newest measured lag; null where there is none, or where the metric itself says that it does not know. */
export function lagReady(
  newest: { readonly at: number; readonly lagSeconds: number | null } | null,
  { objectives }: Plan,
  now: number,
): CheckResult {
  if (newest === null || now - newest.at > freshLagSeconds * 1000)
    return unread(`no lag was measured in the last ${formatSeconds(freshLagSeconds)}`);
  if (newest.lagSeconds === null) return notReady('the lag is not known: replication is broken');
  const said = `replica lag: ${formatSeconds(newest.lagSeconds)} (RPO: ${formatSeconds(objectives.rpoSeconds)})`;
  return newest.lagSeconds < objectives.rpoSeconds ? ready(said) : notReady(said);
}
