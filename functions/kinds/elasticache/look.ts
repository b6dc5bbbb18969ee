// Looks at caches: whether they can take over, whether they are ready to, and where they are found. Changes nothing.
import { type AssetOf, assetsOf } from '../../domain/assets.ts';
import type { KindSeen, Leaving } from '../../domain/predict.ts';
import type { Verdict } from '../../domain/readiness.ts';
import { createAsker, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { type CacheObserved, cacheMemberReady, cachesSeen, emptyCacheReady } from './assess.ts';
import { describeCache, describeGlobalCache } from './aws.ts';

type Cache = AssetOf<'elasticache'>;
type Ask = ReturnType<typeof createAsker>['ask'];

export async function seeCaches(leaving: Leaving, { plan }: Shell): Promise<KindSeen> {
  const { ask, unanswered } = createAsker();
  const caches = await Promise.all(assetsOf('elasticache', plan).map((asset) => observe(asset, leaving.standby, ask)));
  return { ...cachesSeen(caches.flat(), leaving), unanswered: unanswered() };
}

/** Nothing where the cache is in no global datastore: then it starts empty. */
async function observe(asset: Cache, standby: string, ask: Ask): Promise<CacheObserved[]> {
  const { name, globalDatastore } = asset;
  if (globalDatastore === null) return [];
  const { replicationGroup: group } = placeOf(asset, standby);
  const datastore = await ask(describeGlobalCache(standby, globalDatastore));
  const member = datastore?.members.some((one) => one.region === standby && one.group === group) === true;
  return [{ asset: name, datastore: globalDatastore, member }];
}

export async function cacheIsReady(asset: Cache, { region }: Shell): Promise<Verdict> {
  const { replicationGroup: group } = placeOf(asset, region);
  const { globalDatastore } = asset;
  if (globalDatastore === null) return emptyCacheReady(group, await describeCache(region, group));
  const seen = await describeGlobalCache(region, globalDatastore);
  return cacheMemberReady(group, region, seen?.members ?? null);
}

/** Where applications write to it; null where it is not there, or has no address. */
export async function cacheAddress(asset: Cache, region: string): Promise<string | null> {
  return (await describeCache(region, placeOf(asset, region).replicationGroup))?.endpoint ?? null;
}
