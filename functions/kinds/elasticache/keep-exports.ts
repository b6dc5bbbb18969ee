// Keeps exports of a cache up: of each time that the plan wants, one in the bucket of the region that serves, from which S3 takes it to the
// other. Looks first and makes one call at a time, as a step does; the schedule asks again.
import type { AssetOf } from '../../domain/plan/assets.ts';
import { placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { createSnapshot, deleteSnapshot, exportSnapshot, listKeys, snapshotStatus } from './aws/backups.ts';
import { nextExport } from './rules/exporting.ts';
import { exportName, exportsIn, exportsPrefix, exportTimeOf, type Snapshots } from './says/backup-plan.ts';
import { servingIn } from './seen/serving.ts';

type Cache = AssetOf<'elasticache'>;

/** What was done, in words, for the log; null where nothing had to be. @throws Unavailable, CannotProceed */
export async function keepExports(asset: Cache, snapshots: Snapshots, shell: Shell): Promise<string | null> {
  const { region, prefix, now } = shell;
  const bucket = placeOf(asset, region).snapshotBucket?.name;
  if (bucket === undefined) return null;
  const at = exportTimeOf(now(), snapshots);
  const known = exportsIn(await listKeys(region, bucket, exportsPrefix(prefix, asset.name)), prefix, asset.name);
  const [newest] = known;
  const tidied = newest === undefined ? null : await tidy(newest.name, region);
  if (newest?.at === at || tidied !== null) return tidied;
  const { group, seen } = await servingIn(asset, region);
  if (seen === null) return `nothing is exported: ${group} does not stand`;
  const name = exportName(prefix, asset.name, at, seen.shards);
  const next = nextExport(await snapshotStatus(region, name), seen);
  if (next.next === 'wait') return `${name}: ${next.why}`;
  if (next.next === 'export') {
    await exportSnapshot(region, name, bucket);
    return `${name} is exported to ${bucket}`;
  }
  // What could not be exported in its time is of no use any more, and ElastiCache would keep it, and have its price, for ever.
  const left = exportName(prefix, asset.name, at - snapshots.everyHours * 3_600_000, seen.shards);
  if (!known.some((one) => one.name === left) && (await tidy(left, region)) !== null)
    return `${left} could not be exported in its time; the snapshot is deleted`;
  await createSnapshot(region, name, next.node === null ? { group } : { node: next.node });
  return `${name} is made of ${next.node ?? group}`;
}

/** The snapshot that an export was made of has done its work: ElastiCache keeps it until somebody deletes it, and has its price. */
async function tidy(name: string, region: string): Promise<string | null> {
  if ((await snapshotStatus(region, name)) !== 'available') return null;
  await deleteSnapshot(region, name);
  return `${name} is in its bucket; the snapshot is deleted`;
}
