// Says what each verb of an `elasticache` does next, from what it saw. Pure, and total: what is not known is waited for, never
// guessed.
import { giveUp, isRecent, type Next, wait } from '../../domain/recovery/moves.ts';

/** A cache as it was seen; `zone` is a zone id, or null where nobody says. */
export type CacheStanding = {
  readonly status: string;
  readonly clusterMode: boolean;
  /** The global datastore that it is a member of; null for none. */
  readonly globalDatastore: string | null;
  readonly automaticFailover: 'enabled' | 'disabled' | 'enabling' | 'disabling' | 'unknown';
  readonly multiAz: boolean;
  readonly nodes: readonly { readonly id: string; readonly zone: string | null; readonly primary: boolean }[];
};

/** When each of the three modifications was last asked for in this incident; null where it was not. */
export type CacheHistory = {
  /** When the trouble began: from then ElastiCache has its time for a failover of its own. */
  readonly since: number;
  readonly switchedOffAt: number | null;
  readonly promotedAt: number | null;
  readonly switchedOnAt: number | null;
};

/** A modification that shows no effect for longer was lost. */
const modificationShowsSeconds = 60;

const inClusterMode = 'in cluster mode ElastiCache alone chooses the primaries, and tells nobody where they stand';

/**
 * Why only ElastiCache can move a primary; null where we can. In cluster mode automatic failover cannot be switched off. In
 * a global datastore it is switched for all members at once: a zone's incident does not take the other region's.
 */
export function leftToElastiCache(seen: CacheStanding): string | null {
  if (seen.clusterMode) return inClusterMode;
  const mayPromote = seen.automaticFailover === 'disabled' && !seen.multiAz;
  if (seen.globalDatastore === null || mayPromote) return null;
  return `its automatic failover is a setting of global datastore ${seen.globalDatastore}, for the other region too`;
}

/**
 * The cache's primary leaves the zone in three modifications (automatic failover off, promote, on again), after
 * ElastiCache had `ownFailoverSeconds` to do it alone. What this incident switched off is switched on in every case, and
 * nothing else is done where `zone` is null. A primary that only ElastiCache can move stays where ElastiCache leaves it.
 */
export function nextCacheMove(
  seen: CacheStanding,
  zone: string | null,
  history: CacheHistory,
  ownFailoverSeconds: number,
  now: number,
): Next<'switch-off' | 'promote' | 'switch-on'> | { readonly next: 'stay'; readonly why: string } {
  const { switchedOffAt, promotedAt, switchedOnAt } = history;
  const once = <Call extends string>(call: Call, askedAt: number | null): Next<Call> =>
    isRecent(askedAt, modificationShowsSeconds, now) ? wait(`${call} was requested`) : { next: call };
  const ownUntil = history.since + ownFailoverSeconds * 1000;
  const leave = (why: string) =>
    now < ownUntil ? wait('its own failover still has time') : ({ next: 'stay', why } as const);
  if (seen.clusterMode) return leave(inClusterMode);
  if (seen.status !== 'available') return wait(`it is ${seen.status}`);
  const primary = seen.nodes.find((node) => node.primary);
  if (primary === undefined || primary.zone === null) return wait('its primary is not known');
  if (
    seen.automaticFailover === 'enabling' ||
    seen.automaticFailover === 'disabling' ||
    seen.automaticFailover === 'unknown'
  ) {
    return wait(`automatic failover is ${seen.automaticFailover}`);
  }
  const isOff = seen.automaticFailover === 'disabled';
  const owedSwitchOn = isOff && switchedOffAt !== null;
  if (primary.zone !== zone) return owedSwitchOn ? once('switch-on', switchedOnAt) : { next: 'done' };
  if (promotionCandidate(seen, zone) === null) {
    return owedSwitchOn ? once('switch-on', switchedOnAt) : giveUp('it has no replica in another zone');
  }
  const left = leftToElastiCache(seen);
  if (left !== null) return leave(left);
  if (!isOff && now < ownUntil) return wait('its own failover still has time');
  return isOff && !seen.multiAz ? once('promote', promotedAt) : once('switch-off', switchedOffAt);
}

/** The replica to promote: outside the zone, and the same one each time it is asked for. */
export function promotionCandidate(seen: CacheStanding, zone: string): string | null {
  const outside = seen.nodes.filter((node) => !node.primary && node.zone !== null && node.zone !== zone);
  return outside.map((node) => node.id).sort()[0] ?? null;
}

/** A call that shows no effect for longer was lost. */
const callShowsSeconds = 120;

/** A datastore in one of them takes a failover. */
const settledIn = ['available', 'primary-only'];

/** A member of a global datastore, as it was seen; the datastore's own status beside it. */
export type CacheMemberSeen = { readonly datastore: string; readonly primary: boolean; readonly status: string };

/** The cache of the region that takes over is the primary of the global datastore. */
export function nextCacheTakeover(seen: CacheMemberSeen, calledAt: number | null, now: number): Next<'fail-over'> {
  const settled = settledIn.includes(seen.datastore);
  if (seen.primary) return settled || seen.status === 'associated' ? { next: 'done' } : wait(`it is ${seen.datastore}`);
  if (isRecent(calledAt, callShowsSeconds, now)) return wait('its failover was requested');
  return settled ? { next: 'fail-over' } : wait(`the datastore is ${seen.datastore}`);
}
