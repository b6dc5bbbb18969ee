// Ranks the ways in which a database can come back, from what was seen of its replica and of its backups. Pure. Reasons and sources:
// docs/decisions/0014-ways-of-a-database.md.
import { moment } from '../../../domain/page/page-times.ts';
import type { Leaving, RankedWay, Source } from '../../../domain/recovery/predict.ts';
import { type LastLag, lossSeconds } from '../../../domain/recovery/region-record.ts';
import type { Way } from '../../../domain/types.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import type { Backups } from '../says/backup-plan.ts';

/** What was looked at: undefined where nobody answered, null where it is not there. */
export type Looked<Thing> = Thing | null | undefined;

/** A backup, from which a database can be made. */
export type Backup = {
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly allocatedGib: number | null;
  /** Null where it is not encrypted. */
  readonly keyId: string | null;
};

/** Automated backups as they stand in the region in which the database comes back. Times are milliseconds since 1970. */
export type AutomatedBackups = Backup & {
  readonly source: Source;
  /** The database that they are of, also after another one has its name. */
  readonly resourceId: string;
  /** active, creating, or retained: then there is no such database any more. */
  readonly status: string;
  /** What can be restored to; null while there is no such moment. */
  readonly earliestAt: number | null;
  readonly latestAt: number | null;
};

export type Snapshot = Backup & {
  readonly id: string;
  /** The one that it is a copy of; null where it is none. */
  readonly copyOf: string | null;
  /** The database that it is of. */
  readonly instance: string;
  readonly resourceId: string | null;
  readonly status: string;
  /** When its data was: of a copy, that of what was copied. */
  readonly takenAt: number | null;
};

/**
 * What a restore in a region would meet: `problems` stop it, `unknown` nobody has said. A line each. `unanswered`: asking again may
 * help, as something of it did not answer.
 */
export type Preflight = {
  readonly problems: readonly string[];
  readonly unknown: readonly string[];
  readonly unanswered?: true;
};

/** What of the backups of a database was seen, in the region in which it comes back. */
export type BackupsSeen = {
  readonly automated: Looked<AutomatedBackups>;
  readonly snapshot: Chosen;
  /** What a restore from each would meet; null where there is nothing to restore from. */
  readonly preflight: { readonly automated: Preflight | null; readonly snapshot: Preflight | null };
  /** What the last rehearsal took until the database worked; absent where none came so far. */
  readonly measuredSeconds?: number;
};

/** The snapshot that would be restored; undefined where nobody answered. `why`: why there is none. A line for each left out. */
export type Chosen = { readonly found: Looked<Snapshot>; readonly why: string; readonly leftOut: readonly string[] };

/** Of one database that is to come back. */
export type Evidence = {
  /** What speaks against its replica, and what is there: in words. */
  readonly replica: { readonly obstacles: readonly string[]; readonly merit: string };
  readonly lag: LastLag;
  /** None: no replica stays behind on purpose. */
  readonly delayed?: { readonly instance: string; readonly delaySeconds: number } | undefined;
  /** None: the plan says nothing of a restore in the region. */
  readonly backups?: BackupsSeen | undefined;
  /** How long a promotion takes, as the plan predicts it. */
  readonly promotionSeconds: number;
};

export type Situation = Pick<Leaving, 'mode' | 'now' | 'writesEndedAt' | 'standby'> & {
  readonly corruptedSince: number | null;
  /** What this flow has tried in vain. */
  readonly failed: readonly Way[];
};

/** A way before it is ranked: with something unknown it comes after all of which everything is known. */
type Draft = RankedWay & { readonly unknown: readonly string[] };

/**
 * All ways, best first: less loss, then less time, then those of which something is not known, then those that cannot be taken. After
 * a corruption only what gives data from before it is usable.
 */
export function ways(evidence: Evidence, situation: Situation): RankedWay[] {
  const drafts = [
    // Of a restore the replica is in another region, and no way.
    ...(situation.mode === 'restore' ? [] : [replicaWay(evidence, situation)]),
    ...(evidence.delayed === undefined ? [] : [delayedWay(evidence.delayed, situation)]),
    pointInTimeWay(evidence, situation),
    snapshotWay(evidence, situation),
  ].map((draft) => afterFailure(draft, situation));
  return drafts.toSorted(byRank).map(({ unknown, ...way }) => ({ ...way, against: [...way.against, ...unknown] }));
}

/** The one to take: the first that is usable; null where none is. */
export function bestOf(ranked: readonly RankedWay[]): RankedWay | null {
  return ranked.find(({ usable }) => usable) ?? null;
}

function byRank(a: Draft, b: Draft): number {
  return (
    Number(b.usable) - Number(a.usable) ||
    Number(isUnknown(a)) - Number(isUnknown(b)) ||
    most(a.lossSeconds, b.lossSeconds) ||
    most(a.seconds, b.seconds)
  );
}

function isUnknown({ unknown, lossSeconds: loss, seconds }: Draft): boolean {
  return unknown.length > 0 || loss === null || seconds === null;
}

/** What is not known comes last. */
function most(a: number | null, b: number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a - b;
}

/** What was tried in vain in this flow is not tried again: a person may. */
function afterFailure(draft: Draft, { failed }: Situation): Draft {
  if (!failed.includes(draft.way)) return draft;
  return { ...draft, usable: false, against: ['this way was tried in this flow and failed', ...draft.against] };
}

function replicaWay(
  { replica, lag, promotionSeconds }: Evidence,
  { mode, writesEndedAt, corruptedSince }: Situation,
): Draft {
  const against = [
    ...(corruptedSince === null ? [] : [`it has the corrupted data, since ${moment(corruptedSince)}`]),
    ...replica.obstacles,
  ];
  return {
    way: 'promote-replica',
    usable: against.length === 0,
    // Of data that it holds corrupted nobody can say what is lost.
    lossSeconds: corruptedSince === null ? lossSeconds(mode, lag, writesEndedAt) : null,
    seconds: promotionSeconds,
    why: replica.merit,
    against,
    unknown: [],
  };
}

/**
 * Never taken by Breakwater: promoting it gives all that it has received, the corruption too, unless a person has stopped it by SQL
 * before its replay got there [AWS, Working with delayed read replicas].
 */
function delayedWay(
  { instance, delaySeconds }: { readonly instance: string; readonly delaySeconds: number },
  { corruptedSince, now }: Situation,
): Draft {
  const left = corruptedSince === null ? null : delaySeconds - (now - corruptedSince) / 1000;
  const against =
    left === null
      ? 'it is for data that was corrupted, and nobody has said since when'
      : left <= 0
        ? `it is delayed by ${formatSeconds(delaySeconds)}, and has replayed the corruption by now`
        : `a person has to stop its replay within ${formatSeconds(left)}, let it go on to ${moment(corruptedSince ?? now)}, and promote it: docs/runbook.md#restore`;
  return {
    way: 'promote-delayed-replica',
    usable: false,
    lossSeconds: left === null || left <= 0 || corruptedSince === null ? null : lostSince(corruptedSince, now),
    seconds: null,
    why: `replica ${instance} is delayed by ${formatSeconds(delaySeconds)} on purpose`,
    against: [against],
    ...(corruptedSince !== null && { restoreTo: corruptedSince }),
    unknown: [],
  };
}

/** A moment is whole seconds, and the one before the corruption is the last that is good. */
function lastGood(corruptedSince: number): number {
  return Math.ceil(corruptedSince / 1000) * 1000 - 1000;
}

function pointInTimeWay({ backups }: Evidence, situation: Situation): Draft {
  const { corruptedSince, standby, mode } = situation;
  const none = { way: 'restore-point-in-time', usable: false, lossSeconds: null, seconds: null, unknown: [] } as const;
  if (backups === undefined) return { ...none, why: '', against: [unplanned(standby)] };
  const { automated, preflight } = backups;
  if (automated === undefined)
    return {
      ...none,
      why: '',
      against: [`whether automated backups are in ${standby} is NOT KNOWN: RDS does not answer`],
    };
  const from = mode === 'restore' ? 'kept in' : 'replicated to';
  if (automated === null) return { ...none, why: '', against: [`no automated backups are ${from} ${standby}`] };
  const { status, earliestAt, latestAt, source } = automated;
  if (latestAt === null || earliestAt === null)
    return {
      ...none,
      why: `automated backups in ${standby} are ${status}`,
      against: ['there is no moment to restore to yet'],
    };
  const wanted = corruptedSince === null ? null : lastGood(corruptedSince);
  // After a corruption never "the newest": that moves on, into the corruption, until RDS hears of it.
  const restoreTo = wanted === null ? null : Math.min(wanted, latestAt);
  const until = restoreTo ?? latestAt;
  const against = [
    ...lossless(situation),
    ...(wanted !== null && wanted < earliestAt
      ? [`the corruption began before their first moment, ${moment(earliestAt)}`]
      : []),
    ...(preflight.automated?.problems ?? []),
  ];
  return {
    way: 'restore-point-in-time',
    usable: against.length === 0,
    lossSeconds: lostSince(until, situation.writesEndedAt),
    seconds: backups.measuredSeconds ?? restoreSeconds(automated, 'logs'),
    why: `automated backups in ${standby} can be restored to ${moment(until)}${measured(backups)}`,
    against,
    source,
    restoreTo,
    dataUntil: until,
    unknown: preflight.automated?.unknown ?? [],
  };
}

function snapshotWay({ backups }: Evidence, situation: Situation): Draft {
  const { standby } = situation;
  const none = { way: 'restore-snapshot', usable: false, lossSeconds: null, seconds: null, unknown: [] } as const;
  if (backups === undefined) return { ...none, why: '', against: [unplanned(standby)] };
  const { snapshot, preflight } = backups;
  const { found, why, leftOut } = snapshot;
  if (found === undefined)
    return {
      ...none,
      why: '',
      against: [`whether snapshots are in ${standby} is NOT KNOWN: RDS does not answer`],
    };
  if (found === null) return { ...none, why: '', against: [`snapshots in ${standby}: ${why}`, ...leftOut] };
  const { id, takenAt } = found;
  const against = [...lossless(situation), ...(preflight.snapshot?.problems ?? [])];
  return {
    way: 'restore-snapshot',
    usable: against.length === 0,
    lossSeconds: takenAt === null ? null : lostSince(takenAt, situation.writesEndedAt),
    seconds: backups.measuredSeconds ?? restoreSeconds(found, 'no-logs'),
    why: `snapshot ${id} in ${standby} has data until ${takenAt === null ? 'a time that is NOT KNOWN' : moment(takenAt)}${measured(backups)}`,
    against: [...against, ...leftOut],
    source: { of: 'snapshot', id },
    restoreTo: null,
    dataUntil: takenAt,
    unknown: preflight.snapshot?.unknown ?? [],
  };
}

function measured({ measuredSeconds: seconds }: BackupsSeen): string {
  return seconds === undefined ? '' : `; the last rehearsal of a restore took ${formatSeconds(seconds)}`;
}

function unplanned(region: string): string {
  return `the plan does not say what a restore in ${region} needs`;
}

/** A switchover waits until nothing is missing: no backup is as new as that. */
function lossless({ mode }: Situation): string[] {
  return mode === 'switchover' ? ['a switchover loses nothing, and a restore would'] : [];
}

/**
 * What an empty instance takes by itself, and what each GiB and the logs of up to a day add: estimates, until a drill of the plan's own
 * has measured it (decision 0014).
 */
const estimate = { emptySeconds: 1_200, perGibSeconds: 2, logsSeconds: 1_800 };

/** How long a restore takes; null where the size is not known. */
export function restoreSeconds(
  { allocatedGib }: Pick<Backup, 'allocatedGib'>,
  logs: 'logs' | 'no-logs',
): number | null {
  if (allocatedGib === null) return null;
  return estimate.emptySeconds + allocatedGib * estimate.perGibSeconds + (logs === 'logs' ? estimate.logsSeconds : 0);
}

/** What was written after the data goes, until writes ended: whole seconds. */
export function lostSince(dataUntil: number, writesEndedAt: number): number {
  return Math.max(0, Math.ceil((writesEndedAt - dataUntil) / 1000));
}

/** What a snapshot has to be of, to be restored in place of a database. */
export type Wanted = {
  readonly engine: string;
  /** Names that the database has had. */
  readonly instances: readonly string[];
  /** Null where nobody can say which database has the name now. */
  readonly resourceId: string | null;
  /** Data from then on is corrupted; null where none is. */
  readonly corruptedSince: number | null;
};

/** The newest snapshot of a database that can be restored, and a line for each that is left out. One that could be of two is none. */
export function chooseSnapshot(all: readonly Snapshot[] | undefined, wanted: Wanted): Chosen {
  if (all === undefined) return { found: undefined, why: '', leftOut: [] };
  const judged = all.map((snapshot) => ({ snapshot, against: whyNot(snapshot, wanted) }));
  // Of other databases there may be a hundred: they are none of this one's.
  const leftOut = judged.flatMap(({ snapshot: { id, instance }, against }) =>
    against === null || !wanted.instances.includes(instance) ? [] : [`snapshot ${id} is left out: ${against}`],
  );
  const good = judged.filter(({ against }) => against === null).map(({ snapshot }) => snapshot);
  const databases = [...new Set(good.map(({ resourceId }) => resourceId))];
  if (databases.length > 1) {
    const why = `they are of ${databases.length} databases of one name (${databases.join(', ')}), and which is meant is not known`;
    return { found: null, why, leftOut };
  }
  const newest = Math.max(...good.map(({ takenAt }) => takenAt ?? 0));
  const latest = good.filter(({ takenAt }) => takenAt === newest);
  const origins = new Set(latest.map(({ id, copyOf }) => nameOf(copyOf ?? id)));
  if (origins.size > 1) {
    const why = `the latest is ambiguous: ${latest.map(({ id }) => id).join(', ')} are of the same moment`;
    return { found: null, why, leftOut };
  }
  const [found = null] = latest;
  const before = wanted.corruptedSince === null ? '' : `, from before ${moment(wanted.corruptedSince)}`;
  return { found, why: found === null ? `there is none of ${wanted.instances.join(' or ')}${before}` : '', leftOut };
}

/** The name of a snapshot, of its ARN or of itself. */
function nameOf(id: string): string {
  return id.replace(/^arn:[^:]*:rds:[^:]*:\d*:snapshot:/, '');
}

function whyNot({ instance, resourceId, engine, status, takenAt }: Snapshot, wanted: Wanted): string | null {
  if (!wanted.instances.includes(instance)) return `it is of ${instance}`;
  if (wanted.resourceId !== null && resourceId !== null && resourceId !== wanted.resourceId)
    return `it is of another database of that name, ${resourceId}`;
  if (engine !== wanted.engine) return `it is of ${engine}, and the database is ${wanted.engine}`;
  if (status !== 'available') return `it is ${status}`;
  if (takenAt === null) return 'when its data was is not known';
  if (wanted.corruptedSince !== null && takenAt >= wanted.corruptedSince) return 'its data was corrupted by then';
  return null;
}

/** How old the newest thing of each sort may be before readiness is lost: of snapshots, twice their interval. */
export function oldestSnapshotSeconds({ everyHours }: NonNullable<Backups['snapshots']>): number {
  return 2 * everyHours * 3_600;
}
