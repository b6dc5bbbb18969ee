// The objects in the buckets of the plan: latches, exports, and what rebuilds of clusters read and write. Who holds one, what is left
// when a bucket is lost, and what a health check can read.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { latchKey, readableMark } from '../../../functions/domain/traffic/latch.ts';
import type { World } from '../world.ts';

export type ObjectPlace = { readonly region: string; readonly bucket: string; readonly key: string };

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
  /** The status that whoever signs nothing is answered: of what lies beside the latches anybody may read, where no block of public access says otherwise. */
  publicStatus(place: ObjectPlace): number;
  /** Whether the latch of a region can be read in any of its buckets; of a bucket in a dark region nothing can. */
  isClosed(region: string): boolean;
};

/** The object that a URL names; null where it names none. */
export function objectAt(url: string): ObjectPlace | null {
  const [, bucket, region, key] = /^https?:\/\/([^/]+)\.s3\.([a-z0-9-]+)\.amazonaws\.com\/(.+)$/.exec(url) ?? [];
  return bucket === undefined || region === undefined || key === undefined ? null : { region, bucket, key };
}

/** The buckets of the plan, empty but for what readiness has laid beside the latches since they were made. */
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
  const isOfLatches = (region: string, bucket: string): boolean =>
    Object.values(latchBuckets).some((buckets) => buckets[region] === bucket);
  const isPrivate = (bucket: string): boolean =>
    world.faults.of('bucket-private').some((fault) => (fault.bucket ?? bucket) === bucket);
  const exists = (region: string, bucket: string): boolean =>
    !isLost(bucket) &&
    (isOfReports(region, bucket) ||
      isOfLatches(region, bucket) ||
      forExports.includes(`${region} ${bucket}`) ||
      forRebuilds.includes(`${region} ${bucket}`));
  // S3 does not tell who may not list a bucket that an object is not there [S3, GetObject: 403 without s3:ListBucket].
  const publicStatus = ({ region, bucket, key }: ObjectPlace): number => {
    if (!exists(region, bucket)) return 404;
    const isPublic = isOfLatches(region, bucket) && !isPrivate(bucket) && key.startsWith(latchKey(''));
    return isPublic && objects.has(place(region, bucket, key)) ? 200 : 403;
  };
  for (const [region, bucket] of Object.values(latchBuckets).flatMap(Object.entries<string>))
    objects.set(place(region, bucket, latchKey(readableMark)), { body: '', at: world.now() });
  return {
    isOfReports,
    exists,
    publicStatus,
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
        ([at, bucket]) => !world.isDark(at) && publicStatus({ region: at, bucket, key: latchKey(region) }) === 200,
      ),
  };
}
