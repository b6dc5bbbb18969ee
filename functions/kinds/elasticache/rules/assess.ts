// What was seen of caches means: whether they can take over, and whether they are ready. Pure.
import { day } from '../../../domain/page/page-times.ts';
import type { KindSeen, Leaving } from '../../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready, unread } from '../../../domain/recovery/readiness.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import { type Export, exportTimeOf, type Snapshots } from '../says/backup-plan.ts';
import { ageOf, type CacheWay, wayTaken } from './ways.ts';

/**
 * A cache in a global datastore, and whether the standby's is a member of it; one that has no other way than to start empty; or one that
 * has several ways, best first.
 */
export type CacheObserved = { readonly asset: string } & (
  | { readonly datastore: string; readonly member: boolean }
  | { readonly startsEmpty: string }
  | { readonly ways: readonly CacheWay[] }
);

export function cachesSeen(caches: readonly CacheObserved[], { standby }: Leaving): KindSeen {
  const named = (asset: string) => (caches.length === 1 ? '' : ` ${asset}`);
  const seen = caches.map((cache) => oneSeen(cache, named(cache.asset), standby));
  return { obstacles: seen.flatMap(({ obstacles }) => obstacles), merits: seen.flatMap(({ merits }) => merits) };
}

function oneSeen(cache: CacheObserved, named: string, standby: string): Pick<KindSeen, 'obstacles' | 'merits'> {
  if ('startsEmpty' in cache) {
    const why = 'the plan has neither a global datastore nor snapshots of it';
    return { obstacles: [], merits: [`cache ${cache.startsEmpty} starts EMPTY: ${why}`] };
  }
  if ('datastore' in cache) {
    const missing = `the cache${named} in ${standby} was not seen as a member of ${cache.datastore}`;
    return { obstacles: cache.member ? [] : [missing], merits: [] };
  }
  const taken = wayTaken(cache.ways);
  if (taken !== null) return { obstacles: [], merits: [`cache${named}: ${taken.why}`] };
  const against = cache.ways.flatMap((way) => way.against);
  return { obstacles: [`the cache${named} cannot take over in ${standby}: ${against.join(', ')}`], merits: [] };
}

type Member = { readonly group: string; readonly region: string; readonly primary: boolean; readonly status: string };

/** The members of the global datastore; null where there is no such datastore. */
export function cacheMemberReady(group: string, region: string, members: readonly Member[] | null): CheckResult {
  if (members === null) return notReady('the global datastore of the plan does not exist');
  const member = members.find((one) => one.region === region && one.group === group);
  if (member === undefined) return notReady(`cache ${group} of ${region} is no member of the global datastore`);
  const { status } = member;
  return /^(available|associated)$/i.test(status)
    ? ready(`cache ${group} is ${status}`)
    : notReady(`${group} is ${status}`);
}

/** Without a global datastore: the group that starts empty; null where there is none. */
export function emptyCacheReady(group: string, cache: { readonly status: string } | null): CheckResult {
  if (cache === null) return notReady(`cache ${group} does not exist: it needs a person to restore it`);
  return cache.status === 'available' ? ready(`cache ${group} stands`) : notReady(`cache ${group} is ${cache.status}`);
}

/** A group that is made on the day, by its name; null where all names are taken. */
export function madeCacheReady(name: string | null): CheckResult {
  return name === null
    ? notReady('the names of restored caches are all taken: delete what nobody uses')
    : ready(`cache ${name} does not stand, and is made when it is needed`);
}

/** A snapshot takes minutes, and its export some more. One that is not there so long after its time could not be made. */
const exportTakesMs = 3_600_000;

/**
 * The newest export in a bucket, against the age up to which one is restored. `makes`: whether this region makes them: then one that is missing is said
 * long before the newest is too old.
 */
export function exportReady(
  asset: string,
  bucket: string,
  newest: Export | null | 'unread',
  snapshots: Snapshots | undefined,
  { now, makes }: { readonly now: number; readonly makes: boolean },
): CheckResult {
  if (newest === 'unread') return unread(`${bucket} does not answer`);
  if (newest === null) return notReady(`there is no export of ${asset} in ${bucket}`);
  const ageSeconds = ageOf(newest, now);
  const said = `the newest export of ${asset} in ${bucket} is ${formatSeconds(ageSeconds)} old`;
  const { maxAgeSeconds = 0, everyHours = 24 } = snapshots ?? {};
  if (ageSeconds > maxAgeSeconds) return notReady(`${said}, older than ${formatSeconds(maxAgeSeconds)}`);
  const due = exportTimeOf(now - exportTakesMs, { everyHours });
  if (makes && newest.at < due)
    return notReady(
      `${said}, and that of ${day(due)} was not made: the log of keep-cache-exports says why (may ElastiCache write to the bucket?)`,
    );
  return ready(said);
}
