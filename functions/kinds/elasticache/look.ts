// Looks at caches: whether they can take over, whether they are ready to, and where they are found. Changes nothing.
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import type { CheckResult } from '../../domain/recovery/readiness.ts';
import { createAsker, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeCache, describeGlobalCache } from './aws/groups.ts';
import {
  type CacheObserved,
  cacheMemberReady,
  cachesSeen,
  emptyCacheReady,
  exportReady,
  madeCacheReady,
} from './rules/assess.ts';
import { cacheWays } from './rules/ways.ts';
import { cacheEvidence, newestExport } from './seen/evidence.ts';
import { servingIn } from './seen/serving.ts';

type Cache = AssetOf<'elasticache'>;
type Ask = ReturnType<typeof createAsker>['ask'];

export async function seeCaches(leaving: Leaving, shell: Shell): Promise<KindSeen> {
  const { ask, unanswered } = createAsker();
  const all = assetsOf('elasticache', shell.plan);
  const caches = await Promise.all(all.map((asset) => observe(asset, leaving.standby, ask, shell)));
  return { ...cachesSeen(caches, leaving), unanswered: unanswered() };
}

/** Of a cache that can take over in one way alone, only that is looked at. */
async function observe(asset: Cache, standby: string, ask: Ask, shell: Shell): Promise<CacheObserved> {
  const { name, globalDatastore } = asset;
  const { replicationGroup: group, restore } = placeOf(asset, standby);
  if (restore !== undefined) return { asset: name, ways: cacheWays(await cacheEvidence(asset, standby, [], shell)) };
  if (globalDatastore === null) return { asset: name, startsEmpty: group };
  const datastore = await ask(describeGlobalCache(standby, globalDatastore));
  const member = datastore?.members.some((one) => one.region === standby && one.group === group) === true;
  return { asset: name, datastore: globalDatastore, member };
}

export async function cacheIsReady(asset: Cache, shell: Shell): Promise<CheckResult> {
  const { region } = shell;
  const { replicationGroup: group, restore } = placeOf(asset, region);
  const { globalDatastore } = asset;
  if (globalDatastore === null) {
    const seen = await describeCache(region, group);
    if (seen !== null || restore === undefined) return emptyCacheReady(group, seen);
    return madeCacheReady((await cacheEvidence(asset, region, [], shell)).restore?.name ?? null);
  }
  const seen = await describeGlobalCache(region, globalDatastore);
  return cacheMemberReady(group, region, seen?.members ?? null);
}

/** Whether an export that is young enough lies where this region would make a group of it; where it serves, whether it exports at all. */
export async function exportIsReady(asset: Cache, shell: Shell): Promise<CheckResult> {
  const { region, now, store } = shell;
  const bucket = placeOf(asset, region).snapshotBucket?.name ?? '';
  const [newest, { primary }] = await Promise.all([newestExport(asset, region, shell), store.readStanding(region)]);
  return exportReady(asset.name, bucket, newest, asset.snapshots, { now: now(), makes: primary === region });
}

/** Where applications write to it; null where it is not there, or has no address. */
export async function cacheAddress(asset: Cache, region: string): Promise<string | null> {
  return (await servingIn(asset, region)).seen?.endpoint ?? null;
}
