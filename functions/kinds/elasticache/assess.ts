// What was seen of caches means: whether they can take over, and whether they are ready. Pure.
import type { KindSeen, Leaving } from '../../domain/predict.ts';
import { notReady, ready, type Verdict } from '../../domain/readiness.ts';

/** A cache in a global datastore, and whether the standby's is a member of it. */
export type CacheObserved = { readonly asset: string; readonly datastore: string; readonly member: boolean };

export function cachesSeen(caches: readonly CacheObserved[], { standby }: Leaving): KindSeen {
  const missing = caches.filter(({ member }) => !member);
  const named = (asset: string) => (caches.length === 1 ? '' : ` ${asset}`);
  return {
    obstacles: missing.map(
      ({ asset, datastore }) => `the cache${named(asset)} in ${standby} was not seen as a member of ${datastore}`,
    ),
    merits: [],
  };
}

type Member = { readonly group: string; readonly region: string; readonly primary: boolean; readonly status: string };

/** The members of the global datastore; null where there is no such datastore. */
export function cacheMemberReady(group: string, region: string, members: readonly Member[] | null): Verdict {
  if (members === null) return notReady('the global datastore of the plan does not exist');
  const member = members.find((one) => one.region === region && one.group === group);
  if (member === undefined) return notReady(`cache ${group} of ${region} is no member of the global datastore`);
  const { status } = member;
  return /^(available|associated)$/i.test(status)
    ? ready(`cache ${group} is ${status}`)
    : notReady(`${group} is ${status}`);
}

/** Without a global datastore: the group that starts empty; null where there is none. */
export function emptyCacheReady(group: string, cache: { readonly status: string } | null): Verdict {
  if (cache === null) return notReady(`cache ${group} does not exist: it needs a person to restore it`);
  return cache.status === 'available' ? ready(`cache ${group} stands`) : notReady(`cache ${group} is ${cache.status}`);
}
