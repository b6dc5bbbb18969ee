// Finds the group that serves in a region: the plan's own, or one that was made there when a region was lost. Whoever acts on a cache
// follows it.
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { placeOf } from '../../../shared/estate.ts';
import { type CacheSeen, describeCache } from '../aws/groups.ts';
import { servingOf } from '../rules/ways.ts';
import { restoreNames } from '../says/backup-plan.ts';

/** `seen`: null where nothing stands, or nothing that can serve; `group` is the plan's own then. */
export type Serving = { readonly group: string; readonly seen: CacheSeen | null };

/** Where the plan makes no group in a region, its own is the only one, and one look is enough. @throws Unavailable, CannotProceed. */
export async function servingIn(asset: AssetOf<'elasticache'>, region: string): Promise<Serving> {
  const { replicationGroup, restore } = placeOf(asset, region);
  if (restore === undefined) return { group: replicationGroup, seen: await describeCache(region, replicationGroup) };
  const all = await groupsIn(asset, region);
  const serving = servingOf(all);
  return serving === null ? { group: replicationGroup, seen: null } : { group: serving.group, seen: serving };
}

/** The plan's own group of a region and all that were made there, as far as they stand. @throws Unavailable, CannotProceed. */
export async function groupsIn(
  asset: AssetOf<'elasticache'>,
  region: string,
): Promise<(CacheSeen & { readonly group: string })[]> {
  const { replicationGroup, restore } = placeOf(asset, region);
  const names = [
    ...new Set([replicationGroup, ...(restore === undefined ? [] : restoreNames(restore.replicationGroup))]),
  ];
  const seen = await Promise.all(names.map(async (group) => ({ group, cache: await describeCache(region, group) })));
  return seen.flatMap(({ group, cache }) => (cache === null ? [] : [{ ...cache, group }]));
}
