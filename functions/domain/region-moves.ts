// Says what a step that gives up a region or takes over from it does next, from what it saw. Pure, and total: what is
// not known is waited for, never guessed.
import { takesPromotion, takesReboot, works } from './database-status.ts';
import { giveUp, type Next, wait } from './moves.ts';

/** The old writer as it was seen. Groups are in alphabetical order. */
export type FenceSeen = { readonly status: string; readonly groups: readonly string[]; readonly groupsActive: boolean };

/** What this execution did to it so far; null where it did not. Times are milliseconds since 1970. */
export type FenceHistory = {
  readonly exchangedAt: number | null;
  readonly rebootedAt: number | null;
  /** When it was seen restarting, or RDS said that it had restarted. */
  readonly restartSeenAt: number | null;
};

/** A call that shows no effect for longer was lost. */
const callShowsSeconds = 120;
/** A restart is over in a minute or two; whoever looks once a minute may learn of it only from its event. */
const restartShowsSeconds = 300;

/**
 * The database takes no more writes: its security groups admit nobody, and the sessions that survived the exchange have
 * ended with a restart that was seen.
 */
export function nextFence(
  seen: FenceSeen,
  closed: string,
  { exchangedAt, rebootedAt, restartSeenAt }: FenceHistory,
  now: number,
): Next<'exchange' | 'reboot'> {
  const isClosed = seen.groups.length === 1 && seen.groups[0] === closed;
  if (!isClosed) {
    if (exchangedAt !== null && now - exchangedAt < callShowsSeconds * 1000)
      return wait('its groups are being exchanged');
    return works(seen.status) ? { next: 'exchange' } : wait(`it is ${seen.status}`);
  }
  if (!seen.groupsActive) return wait('its groups are being exchanged');
  if (!works(seen.status)) return wait(`it is ${seen.status}`);
  const restarted = rebootedAt !== null && restartSeenAt !== null && restartSeenAt >= rebootedAt;
  if (restarted) return { next: 'done' };
  if (rebootedAt !== null && now - rebootedAt < restartShowsSeconds * 1000) return wait('its restart was asked for');
  return takesReboot(seen.status) ? { next: 'reboot' } : wait(`it is ${seen.status}`);
}

/** A replica as it was seen: what it replicates from, null once it takes writes. */
export type ReplicaSeen = { readonly status: string; readonly replicaOf: string | null };

/**
 * The replica becomes the writer: done when its source link is gone and it works, never because it is `available`. Its
 * first backup follows at once, and users do not wait for that.
 */
export function nextPromotion(seen: ReplicaSeen, calledAt: number | null, now: number): Next<'promote'> {
  if (seen.status === 'failed' || seen.status.startsWith('incompatible')) return giveUp(`it is ${seen.status}`);
  if (!works(seen.status)) return wait(`it is ${seen.status}`);
  if (seen.replicaOf === null) return { next: 'done' };
  if (calledAt !== null && now - calledAt < callShowsSeconds * 1000) return wait('its promotion was asked for');
  return takesPromotion(seen.status) ? { next: 'promote' } : wait(`it is ${seen.status}`);
}

/** A member of a global datastore, as it was seen; the datastore's own status beside it. */
export type CacheMemberSeen = { readonly datastore: string; readonly primary: boolean; readonly status: string };

/** The cache of the region that takes over is the primary of the global datastore. */
export function nextCacheTakeover(seen: CacheMemberSeen, calledAt: number | null, now: number): Next<'fail-over'> {
  const settled = /^(available|primary-only)$/.test(seen.datastore);
  if (seen.primary) return settled || seen.status === 'associated' ? { next: 'done' } : wait(`it is ${seen.datastore}`);
  if (calledAt !== null && now - calledAt < callShowsSeconds * 1000) return wait('its failover was asked for');
  return settled ? { next: 'fail-over' } : wait(`the datastore is ${seen.datastore}`);
}
