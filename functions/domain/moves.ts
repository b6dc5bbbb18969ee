// Says what a step that moves something out of a zone does next, from what it saw. Pure, and total: what is not known
// is waited for, never guessed.
import { takesReboot } from './database-status.ts';

/** The next thing to do. `wait` and `give-up` say why, for people. */
export type Next<Call extends string> =
  | { readonly next: 'done' }
  | { readonly next: Call }
  | { readonly next: 'wait' | 'give-up'; readonly why: string };

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
  const secondsSince = (time: number) => (now - time) / 1000;
  if (seen.zone === null) return wait('its zone is not known');
  if (seen.zone !== zone) return { next: 'done' };
  if (!seen.multiAz) return giveUp('it has no standby in another zone');
  if (!takesReboot(seen.status)) return wait(`it is ${seen.status}`);
  if (failover?.phase === 'started' && secondsSince(failover.at) < failoverLastsSeconds)
    return wait('a failover is under way');
  if (failover?.phase === 'completed' && secondsSince(failover.at) < readSettlesSeconds)
    return wait('a failover has just ended');
  if (calledAt !== null && secondsSince(calledAt) < callSettlesSeconds) return wait('its failover was asked for');
  return { next: 'reboot' };
}

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

/**
 * Why only ElastiCache can move a primary; null where we can. In cluster mode automatic failover cannot be switched off. In
 * a global datastore it is switched for all members at once: a zone's incident does not take the other region's.
 */
export function leftToElastiCache(seen: CacheStanding): string | null {
  if (seen.clusterMode)
    return 'in cluster mode ElastiCache alone chooses the primaries, and tells nobody where they stand';
  const mayPromote = seen.automaticFailover === 'disabled' && !seen.multiAz;
  if (seen.globalDatastore === null || mayPromote) return null;
  return `its automatic failover is a setting of global datastore ${seen.globalDatastore}, for the other region too`;
}

/**
 * The cache's primary leaves the zone in three modifications (automatic failover off, promote, on again), after
 * ElastiCache had `ownFailoverSeconds` to do it alone. What this incident switched off is switched on in every case. A
 * primary that only ElastiCache can move stays where ElastiCache leaves it.
 */
export function nextCacheMove(
  seen: CacheStanding,
  zone: string,
  history: CacheHistory,
  ownFailoverSeconds: number,
  now: number,
): Next<'switch-off' | 'promote' | 'switch-on'> | { readonly next: 'stay'; readonly why: string } {
  const { switchedOffAt, promotedAt, switchedOnAt } = history;
  const once = <Call extends string>(call: Call, askedAt: number | null): Next<Call> =>
    askedAt !== null && now - askedAt < modificationShowsSeconds * 1000
      ? wait(`${call} was asked for`)
      : { next: call };
  const ownUntil = history.since + ownFailoverSeconds * 1000;
  const left = leftToElastiCache(seen);
  const leave = (why: string) =>
    now < ownUntil ? wait('its own failover still has time') : ({ next: 'stay', why } as const);
  if (seen.clusterMode && left !== null) return leave(left);
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
  if (left !== null) return leave(left);
  if (!isOff && now < ownUntil) return wait('its own failover still has time');
  return isOff && !seen.multiAz ? once('promote', promotedAt) : once('switch-off', switchedOffAt);
}

/** The replica to promote: outside the zone, and the same one each time it is asked for. */
export function promotionCandidate(seen: CacheStanding, zone: string): string | null {
  const outside = seen.nodes.filter((node) => !node.primary && node.zone !== null && node.zone !== zone);
  return outside.map((node) => node.id).sort()[0] ?? null;
}

/** An active shift of traffic away from a zone id. */
export type ShiftSeen = {
  readonly cause: 'customer' | 'autoshift' | 'practice' | 'experiment';
  readonly awayFrom: string;
};

/**
 * Traffic of one resource leaves the zone by a zonal shift, unless a shift by a person or by AWS keeps it away. A
 * practice run ends by itself and gives way to ours [AWS, arc-zonal-autoshift.how-it-works]; any other shift away from
 * another zone would leave too little to stand on.
 */
export function nextShift(shifts: readonly ShiftSeen[], zone: string): Next<'start'> {
  const serious = shifts.filter((shift) => shift.cause !== 'practice');
  if (serious.some((shift) => shift.awayFrom === zone)) return { next: 'done' };
  const other = serious[0];
  return other === undefined ? { next: 'start' } : giveUp(`its traffic is kept away from ${other.awayFrom} already`);
}

/** Nothing is done now; asked again, it may be. */
export function wait(why: string): { readonly next: 'wait'; readonly why: string } {
  return { next: 'wait', why };
}

/** The goal cannot be reached from here: a person has to look. */
export function giveUp(why: string): { readonly next: 'give-up'; readonly why: string } {
  return { next: 'give-up', why };
}
