// The objects in the buckets of the plan: latches, exports, and what rebuilds of clusters read and write. Who holds one, what is left
// when a bucket is lost, and what a health check can read.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { latchKey } from '../../../functions/domain/traffic/latch.ts';
import type { World } from '../world.ts';

export type Objects = {
  /** Whether a bucket of the plan, or of the stack's reports, stands in a region and is not lost. */
  exists(region: string, bucket: string): boolean;
  /** Whether it is the bucket that the stack of a region writes reports to: they are no part of the estate. */
  isOfReports(region: string, bucket: string): boolean;
  put(region: string, bucket: string, key: string, body: string): void;
  remove(region: string, bucket: string, key: string): void;
  get(region: string, bucket: string, key: string): string | null;
  /** The keys that begin so, in order. */
  list(region: string, bucket: string, begin: string): string[];
  /** What somebody else than Breakwater wrote; `at` in milliseconds since 1970. */
  keep(region: string, bucket: string, key: string, body: string, at: number): void;
  /** When an object was written; null where it is not there. */
  writtenAt(region: string, bucket: string, key: string): number | null;
  /** The bucket is gone with all that was in it. */
  lose(bucket: string): void;
  /** Whether the latch of a region can be read in any of its buckets; of a bucket in a dark region nothing can. */
  isClosed(region: string): boolean;
};

/** The buckets of the plan, empty. */
export function createObjects(world: World): Objects {
  const { latchBuckets } = world.plan.redirection;
  const forExports = assetsOf('elasticache', world.plan).flatMap(({ regions }) =>
    Object.entries(regions).map(([region, { snapshotBucket }]) => `${region} ${snapshotBucket?.name}`),
  );
  const forRebuilds = assetsOf('eks-cluster', world.plan).flatMap(({ regions }) =>
    Object.values(regions).flatMap(({ rebuild }) =>
      rebuild === undefined
        ? []
        : [rebuild.bucket, rebuild.terraform.state.bucket].map(({ region, name }) => `${region} ${name}`),
    ),
  );
  const objects = new Map<string, { readonly body: string; readonly at: number }>();
  const place = (region: string, bucket: string, key: string): string => `${region} ${bucket} ${key}`;
  const isLost = (bucket: string): boolean => world.faults.of('bucket-lost').some((fault) => fault.bucket === bucket);
  const isOfReports = (region: string, bucket: string): boolean =>
    bucket.endsWith(`-reports-${world.account}-${region}`);
  return {
    isOfReports,
    exists: (region, bucket) =>
      !isLost(bucket) &&
      (isOfReports(region, bucket) ||
        Object.values(latchBuckets).some((buckets) => buckets[region] === bucket) ||
        forExports.includes(`${region} ${bucket}`) ||
        forRebuilds.includes(`${region} ${bucket}`)),
    put: (region, bucket, key, body) => void objects.set(place(region, bucket, key), { body, at: world.now() }),
    keep: (region, bucket, key, body, at) => void objects.set(place(region, bucket, key), { body, at }),
    remove: (region, bucket, key) => void objects.delete(place(region, bucket, key)),
    get: (region, bucket, key) => objects.get(place(region, bucket, key))?.body ?? null,
    writtenAt: (region, bucket, key) => objects.get(place(region, bucket, key))?.at ?? null,
    list: (region, bucket, begin) =>
      [...objects.keys()]
        .filter((one) => one.startsWith(place(region, bucket, begin)))
        .map((one) => one.slice(place(region, bucket, '').length))
        .toSorted(),
    lose(bucket) {
      for (const key of [...objects.keys()]) if (key.split(' ')[1] === bucket) objects.delete(key);
    },
    isClosed: (region) =>
      Object.entries(latchBuckets[region] ?? {}).some(
        ([at, bucket]) => !isLost(bucket) && !world.isDark(at) && objects.has(place(at, bucket, latchKey(region))),
      ),
  };
}
