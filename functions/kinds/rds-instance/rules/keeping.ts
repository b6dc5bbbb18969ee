// What is kept of the backups of a database in the region that would take over, and whether that is enough. Pure.
import type { Plan } from '../../../domain/plan/plan.ts';
import { type CheckResult, notReady, ready, unread } from '../../../domain/recovery/readiness.ts';
import type { Backups } from '../says/backup-plan.ts';

/** Automated backups in the region that keeps them. Times are milliseconds since 1970. */
export type Kept = { readonly status: string; readonly latestAt: number | null };

/** A snapshot: an automated one of the source's region, or a copy of ours. */
export type Point = {
  readonly id: string;
  /** Of which database: after a failover copies of the one before are there still, and stand for nothing. */
  readonly instance: string;
  readonly arn: string;
  readonly copyOf: string | null;
  readonly status: string;
  readonly takenAt: number | null;
  readonly madeAt: number | null;
};

/** A call that makes what is there what it should be. */
export type Move =
  | { readonly move: 'replicate' }
  | { readonly move: 'copy'; readonly snapshot: string; readonly id: string }
  | { readonly move: 'delete'; readonly id: string };

export type Seen = {
  readonly automated: readonly Kept[];
  /** Of the source, in its own region. */
  readonly points: readonly Point[];
  /** Of ours, here. */
  readonly copies: readonly Point[];
};

/** Replication that runs, or is about to. Of one that was stopped the backups stay for their time, and get no older than that. */
const running = ['active', 'creating', 'pending', 'starting', 'replicating'];

/** What to do now; nothing where all is as the plan says. `prefix`: how the names of copies begin. */
export function nextMoves({ automated, points, copies }: Seen, backups: Backups, prefix: string, now: number): Move[] {
  const { replicated, snapshots } = backups;
  const moves: Move[] = [];
  if (replicated !== null && !automated.some(({ status }) => running.includes(status)))
    moves.push({ move: 'replicate' });
  if (snapshots === null) return moves;
  const [newest] = newestFirst(points.filter(({ status }) => status === 'available'));
  const whole = newestFirst(copies.filter(({ status }) => status === 'available'));
  const failed = copies.filter(({ status }) => status === 'failed');
  const own = copies.filter(({ status, instance }) => status !== 'failed' && instance === newest?.instance);
  const begunAt = Math.max(0, ...own.map(({ madeAt }) => madeAt ?? now));
  const id = newest === undefined ? '' : `${prefix}${stamp(newest.takenAt ?? 0)}`;
  const isDue = now - begunAt >= snapshots.everyHours * 3_600_000;
  // A copy that failed has the name: it goes first, and the next look copies again.
  if (newest !== undefined && isDue && !copies.some((copy) => copy.id === id))
    moves.push({ move: 'copy', snapshot: newest.arn, id });
  const old = whole.slice(snapshots.keep);
  moves.push(...[...failed, ...old].map((copy): Move => ({ move: 'delete', id: copy.id })));
  return moves;
}

function newestFirst(points: readonly Point[]): Point[] {
  return points.filter(({ takenAt }) => takenAt !== null).toSorted((a, b) => (b.takenAt ?? 0) - (a.takenAt ?? 0));
}

/** A moment as the end of a name: 2026-11-27-15-51-10. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[T:]/g, '-');
}

/** Automated backups of another region are up to 30 minutes behind [AWS prescriptive guidance]; later than this they do not move. */
const stuckSeconds = 2_700;
/** RDS takes a snapshot by itself once a day. */
const dailyHours = 24;

/** What is kept here, and of what. `newestAt`: of the newest copy that is whole. Null: there is none, or nobody said so. */
export type KeptSeen = {
  readonly asset: string;
  readonly region: string;
  readonly latestAt: number | null;
  readonly newestAt: number | null;
  /** Whether RDS replicates from the other region into this one: pairs go one way, and each is needed once roles have moved. */
  readonly canReplicate: boolean | null;
};

/** Whether backups are kept as the plan says: the newest moment moves and is younger than the RPO, and no copy is too old. */
export function backupsReady(
  { asset, region, latestAt, newestAt, canReplicate }: KeptSeen,
  { replicated, snapshots }: Backups,
  { objectives }: Pick<Plan, 'objectives'>,
  now: number,
): CheckResult {
  const minutes = (at: number) => Math.round((now - at) / 60_000);
  const wrong: string[] = [];
  const good: string[] = [];
  if (replicated !== null) {
    const most = Math.min(objectives.rpoSeconds, stuckSeconds);
    if (canReplicate === false)
      wrong.push(`RDS does not replicate automated backups into ${region} from the other region`);
    if (latestAt === null) wrong.push(`no automated backups of ${asset} are replicated to ${region}`);
    else if (now - latestAt > most * 1000)
      wrong.push(
        `the newest restorable time of ${asset} in ${region} has not moved for ${minutes(latestAt)} min: replication has stopped, or is behind`,
      );
    else good.push(`${asset} can be restored in ${region} to ${minutes(latestAt)} min ago`);
  }
  if (snapshots !== null) {
    const most = dailyHours + 2 * snapshots.everyHours;
    if (newestAt === null) wrong.push(`no snapshot of ${asset} is in ${region}`);
    else if (now - newestAt > most * 3_600_000)
      wrong.push(
        `the newest snapshot of ${asset} in ${region} is ${Math.round(minutes(newestAt) / 60)} h old, and ${most} h is the most`,
      );
    else good.push(`its newest snapshot is ${Math.round(minutes(newestAt) / 60)} h old`);
  }
  if (wrong.length > 0) return notReady(wrong.join('; '));
  if (replicated !== null && canReplicate === null) return pairReady(asset, region, canReplicate);
  return ready(good.join('; ') || `the plan keeps no backups of ${asset}`);
}

/** Pairs of regions go one way: after a failover automated backups have to be replicated the other way round. */
export function pairReady(asset: string, region: string, canReplicate: boolean | null): CheckResult {
  if (canReplicate === null) return unread(`whether backups can be replicated into ${region} is not known`);
  return canReplicate
    ? ready(`${asset} is in ${region} itself, and its backups could be replicated back into it`)
    : notReady(`once roles have moved, RDS does not replicate automated backups of ${asset} back into ${region}`);
}
