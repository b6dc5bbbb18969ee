// Looks at all that says in which ways a cache can take over: datastore, groups, exports. For whoever assesses, and for the step.
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { Way } from '../../../domain/types.ts';
import { ifAnswered, placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { listKeys } from '../aws/backups.ts';
import { describeCache, describeGlobalCache } from '../aws/groups.ts';
import { type CacheEvidence, freeName } from '../rules/ways.ts';
import { type Export, exportsIn, exportsPrefix, restoreNames } from '../says/backup-plan.ts';

type Cache = AssetOf<'elasticache'>;

/** What does not answer is evidence too: it is null, or `unread`. */
export async function cacheEvidence(
  asset: Cache,
  region: string,
  failed: readonly Way[],
  shell: Pick<Shell, 'prefix' | 'now'>,
): Promise<CacheEvidence> {
  const { globalDatastore: id, snapshots } = asset;
  const { replicationGroup: group, restore } = placeOf(asset, region);
  const [member, status, name, newest] = await Promise.all([
    id === null ? null : isMember(region, id, group),
    id === null ? statusOf(region, group) : null,
    restore === undefined ? null : ifAnswered(firstFree(region, restoreNames(restore.replicationGroup))),
    snapshots === undefined ? null : newestExport(asset, region, shell),
  ]);
  return {
    now: shell.now(),
    region,
    datastore: id === null ? null : { id, member },
    standing: { group, status },
    restore: restore === undefined ? null : { name, clusterMode: restore.clusterMode },
    snapshots: snapshots === undefined ? null : { ...snapshots, newest },
    failed,
  };
}

async function isMember(region: string, datastore: string, group: string): Promise<boolean | null> {
  const seen = await ifAnswered(describeGlobalCache(region, datastore).then((found) => found ?? 'none'));
  if (seen === null || seen === 'none') return seen === null ? null : false;
  return seen.members.some((one) => one.region === region && one.group === group);
}

async function statusOf(region: string, group: string): Promise<string | null> {
  const seen = await ifAnswered(describeCache(region, group).then((found) => found?.status ?? 'none'));
  return seen === 'none' ? null : (seen ?? 'unread');
}

/** Never one that exists, in whatever status. @throws Unavailable, CannotProceed. */
async function firstFree(region: string, names: readonly string[]): Promise<string | null> {
  const seen = await Promise.all(names.map((name) => describeCache(region, name)));
  return freeName(
    names,
    names.filter((_, index) => seen[index] !== null),
  );
}

/** The newest whole export in the bucket of a region; null where there is none. */
export async function newestExport(
  asset: Cache,
  region: string,
  { prefix }: Pick<Shell, 'prefix'>,
): Promise<Export | null | 'unread'> {
  const { snapshotBucket: bucket } = placeOf(asset, region);
  if (bucket === undefined) return null;
  const listed = await ifAnswered(listKeys(region, bucket.name, exportsPrefix(prefix, asset.name)));
  return listed === null ? 'unread' : (exportsIn(listed, prefix, asset.name)[0] ?? null);
}
