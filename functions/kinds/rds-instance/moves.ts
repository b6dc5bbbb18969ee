// Says what each verb of an `rds-instance` does next, from what it saw. Pure, and total: what is not known is waited for, never
// guessed.
import type { Change } from '../../domain/record/store.ts';
import { giveUp, isRecent, type Next, wait } from '../../domain/recovery/moves.ts';
import { isStopped, isStuck, takesPromotion, takesReboot, works } from './rules/status.ts';

/** The writer as it was seen. `zone` is a zone id, or null where nobody says. */
export type WriterSeen = { readonly status: string; readonly zone: string | null; readonly multiAz: boolean };

/** What else is known of the writer: this execution's own call, and the newest event of a failover. */
export type WriterHistory = {
  readonly calledAt: number | null;
  readonly failover: { readonly phase: 'started' | 'completed'; readonly at: number } | null;
};

/** A failover takes 60 to 120 s [AWS, Concepts.MultiAZ.Failover]; a call that shows no effect for longer was lost. */
const callSettlesSeconds = 180;
/** A failover whose end was never reported is not waited for longer than this. */
const failoverLastsSeconds = 600;
/** What is read right after a failover may still show the state before it. */
const readSettlesSeconds = 120;

/**
 * The database leaves the zone by a reboot with failover, unless it stands elsewhere or is on its way. A second call
 * would bring it back, so every doubt waits. Times are milliseconds since 1970.
 */
export function nextDatabaseMove(
  seen: WriterSeen,
  zone: string,
  { calledAt, failover }: WriterHistory,
  now: number,
): Next<'reboot'> {
  if (seen.zone === null) return wait('its zone is not known');
  if (seen.zone !== zone) return { next: 'done' };
  if (!seen.multiAz) return giveUp('it has no standby in another zone');
  if (!takesReboot(seen.status)) return wait(`it is ${seen.status}`);
  if (failover?.phase === 'started' && isRecent(failover.at, failoverLastsSeconds, now))
    return wait('a failover is under way');
  if (failover?.phase === 'completed' && isRecent(failover.at, readSettlesSeconds, now))
    return wait('a failover has just ended');
  if (isRecent(calledAt, callSettlesSeconds, now)) return wait('its failover was requested');
  // Times of events are whole seconds. What is read since may be old, or somebody has moved it back: both are no reason to move it again.
  if (calledAt !== null && failover?.phase === 'completed' && failover.at >= calledAt - 1_000)
    return isRecent(failover.at, failoverLastsSeconds, now)
      ? wait('RDS says that its failover has ended, and still shows it there')
      : giveUp('RDS says that its failover has ended, and shows it there all the same');
  return { next: 'reboot' };
}

/** The old writer as it was seen. Groups are in alphabetical order. */
export type FenceSeen = { readonly status: string; readonly groups: readonly string[]; readonly groupsActive: boolean };

/** What this execution did to it so far; null where it did not. Times are milliseconds since 1970. */
export type FenceHistory = {
  readonly exchangedAt: number | null;
  readonly rebootedAt: number | null;
  /** When it was seen restarting, or RDS said that it had restarted. */
  readonly restartSeenAt: number | null;
  /** When it was found fenced before. */
  readonly fencedAt?: number | null;
};

/** A call that shows no effect for longer was lost. */
export const callShowsSeconds = 120;
/** A restart is over in a minute or two; whoever looks once a minute may learn of it only from its event. */
const restartShowsSeconds = 300;

/** Whether its security groups are the one that admits nobody. */
export function isClosed(groups: readonly string[], closed: string | undefined): boolean {
  return groups.length === 1 && groups[0] === closed;
}

/**
 * The database takes no more writes: its security groups admit nobody, and the sessions that survived the exchange have
 * ended with a restart that was seen. One that is stopped takes none either, and is `stopped` while its groups would admit again whoever starts
 * it: RDS takes no change of it until then, and starts it by itself after seven days [AWS, USER_StopInstance].
 */
export function nextFence(
  seen: FenceSeen,
  closed: string,
  { exchangedAt, rebootedAt, restartSeenAt, fencedAt = null }: FenceHistory,
  now: number,
): Next<'exchange' | 'reboot' | 'stopped'> {
  if (isStopped(seen.status)) return { next: isClosed(seen.groups, closed) ? 'done' : 'stopped' };
  if (isStuck(seen.status)) return giveUp(`it is ${seen.status}`);
  if (!isClosed(seen.groups, closed)) {
    if (isRecent(exchangedAt, callShowsSeconds, now)) return wait('its security groups are being replaced');
    return works(seen.status) ? { next: 'exchange' } : wait(`it is ${seen.status}`);
  }
  if (!seen.groupsActive) return wait('its security groups are being replaced');
  if (!works(seen.status)) return wait(`it is ${seen.status}`);
  const restarted = rebootedAt !== null && restartSeenAt !== null && restartSeenAt >= rebootedAt;
  const isProven = fencedAt !== null && fencedAt >= Math.max(exchangedAt ?? 0, rebootedAt ?? 0);
  if (restarted || isProven) return { next: 'done' };
  if (isRecent(rebootedAt, restartShowsSeconds, now)) return wait('its restart was requested');
  return takesReboot(seen.status) ? { next: 'reboot' } : wait(`it is ${seen.status}`);
}

/**
 * The database takes writes again: its open security groups are in force. `askedAt`: when this execution last asked for them since
 * it was fenced; null where it did not. `open` is in alphabetical order.
 */
export function nextUnfence(
  seen: FenceSeen,
  open: readonly string[],
  askedAt: number | null,
  now: number,
): Next<'exchange'> {
  if (isStopped(seen.status)) return giveUp('it is stopped');
  if (isStuck(seen.status)) return giveUp(`it is ${seen.status}`);
  if (String(seen.groups) !== String(open)) {
    if (isRecent(askedAt, callShowsSeconds, now)) return wait('its security groups are being replaced');
    return works(seen.status) ? { next: 'exchange' } : wait(`it is ${seen.status}`);
  }
  if (!seen.groupsActive) return wait('its security groups are being replaced');
  return works(seen.status) ? { next: 'done' } : wait(`it is ${seen.status}`);
}

/** A replica as it was seen: what it replicates from, null once it takes writes. */
export type ReplicaSeen = { readonly status: string; readonly replicaOf: string | null };

/**
 * The replica becomes the writer: done when its source link is gone and it works, never because it is `available`. Its
 * first backup follows at once, and users do not wait for that.
 */
export function nextPromotion(seen: ReplicaSeen, calledAt: number | null, now: number): Next<'promote'> {
  if (isStuck(seen.status)) return giveUp(`it is ${seen.status}`);
  if (!works(seen.status)) return wait(`it is ${seen.status}`);
  if (seen.replicaOf === null) return { next: 'done' };
  if (isRecent(calledAt, callShowsSeconds, now)) return wait('its promotion was requested');
  return takesPromotion(seen.status) ? { next: 'promote' } : wait(`it is ${seen.status}`);
}

/**
 * For how many days a promoted replica keeps its backups: the plan's, or its own where those are more. A replica mostly keeps none before. Null where
 * neither says: then RDS decides.
 */
export function keptDays(planned: number | undefined, own: number | null): number | null {
  return Math.max(planned ?? 0, own ?? 0) || null;
}

/** What a restore makes, as it was seen; null while nothing has its name. */
export type RestoreSeen = ReplicaSeen | null;

/** RDS shows what it makes within seconds; a restore that is not to be seen for so long was lost. */
const restoreShowsSeconds = 300;
/** Somebody takes it away. */
const leaving = ['deleting', 'delete-precheck'];

/**
 * The database comes back under a name of its own: done when it works and replicates from nothing. What has the name and was not asked for
 * by this flow is never restored over.
 */
export function nextRestore(
  seen: RestoreSeen,
  calledAt: number | null,
  now: number,
): Next<'restore' | 'take-another-name'> {
  const wasAsked = isRecent(calledAt, restoreShowsSeconds, now);
  if (seen === null) return wasAsked ? wait('its restore was requested') : { next: 'restore' };
  if (calledAt === null) return { next: 'take-another-name' };
  const { status, replicaOf } = seen;
  if (isStuck(status) || leaving.includes(status)) return giveUp(`it is ${status}`);
  if (!works(status)) return wait(`it is ${status}`);
  return replicaOf === null ? { next: 'done' } : giveUp('it is a replica');
}

/** What a call changes that exchanges the security groups. */
export function groupsChange(
  { status, groups }: { readonly status: string; readonly groups: readonly string[] },
  wanted: readonly string[],
): Change {
  return { before: `${status}, with ${groups.join(', ') || 'no group'}`, wanted: `with ${wanted.join(', ')} alone` };
}
