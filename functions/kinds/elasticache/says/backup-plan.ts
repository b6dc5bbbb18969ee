// What a plan says of the exports of a cache, and of the group that takes over from one or starts empty: everything for which its
// creation would otherwise take a default. Nothing here has a default either. And the names of exports and of restored groups.
import * as z from 'zod';
import { must, type Wrong } from '../../../domain/plan/issues.ts';
import { bucketName, securityGroupName } from '../../../domain/plan/names.ts';

/** ElastiCache stores all names in lower case, and refuses what is longer than 40 characters; `-2` and `-3` have to fit. */
const restoredName = z
  .string()
  .regex(/^(?=.{1,38}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a replication group id in lower case, of at most 38 characters');
/** A name of a parameter, subnet or user group. */
const groupName = z
  .string()
  .regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, 'the name of a group of ElastiCache in lower case');
const nodeType = z
  .string()
  .regex(/^cache\.[a-z]\d[a-z]*\.(micro|small|medium|large|\d{0,2}xlarge)$/, 'a node type such as cache.r7g.large');
const window = (days: string, expected: string) => z.string().regex(new RegExp(`^${days}$`), expected);
const time = '([01]\\d|2[0-3]):[0-5]\\d';
const day = '(mon|tue|wed|thu|fri|sat|sun)';
const secretName = z.string().regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'the name of a secret: letters, digits and /_+=.@-');
const keyArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'the ARN of a key of the same region');

/** The group that is made in a region, from an export or empty. It never takes the name of one that exists. */
export const restore = z.strictObject({
  replicationGroup: restoredName,
  engine: z.enum(['redis', 'valkey']),
  engineVersion: z.string().regex(/^\d+\.\d+$/, "a version in quotes, such as '7.1'"),
  nodeType,
  /** With cluster mode each shard holds a part of the keys: ElastiCache deals them out anew, whatever number was exported. */
  clusterMode: z.boolean(),
  shards: z.int().min(1).max(500),
  /** Of each shard, beside its primary. */
  replicas: z.int().min(0).max(5),
  /** With automatic failover, which it needs; without, there is neither. */
  multiAz: z.boolean(),
  subnetGroup: groupName,
  securityGroups: z.array(securityGroupName).min(1),
  /** The default of the engine where it is named so: default.redis7, default.valkey8.cluster.on. */
  parameterGroup: groupName,
  port: z.int().min(1150).max(65_535),
  transitEncryption: z.enum(['required', 'preferred', 'off']),
  /** The secret of the region whose text is the AUTH token: no export holds one. Null: there is none. */
  authTokenSecret: secretName.nullable(),
  /** Who may do what, by role-based access; null: there is none. */
  userGroup: groupName.nullable(),
  encryptedAtRest: z.boolean(),
  /** Null: the key of ElastiCache itself. */
  kmsKey: keyArn.nullable(),
  /** How long ElastiCache keeps snapshots of its own, in days; 0: it makes none. */
  snapshotRetentionDays: z.int().min(0).max(35),
  snapshotWindow: window(`${time}-${time}`, 'HH:MM-HH:MM in UTC, of at least an hour'),
  maintenanceWindow: window(`${day}:${time}-${day}:${time}`, 'ddd:HH:MM-ddd:HH:MM in UTC, such as sun:05:00-sun:06:00'),
  minorUpgrades: z.boolean(),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)),
});
export type Restore = Readonly<z.infer<typeof restore>>;

/** Nodes in a region, of all caches together. Source: Service Quotas, "Nodes per Region". */
export const nodesQuota = 'L-DFE45DF3';

/** Exports of the cache of the primary region, which S3 replicates to the standby. */
export const snapshots = z.strictObject({
  /** At least 2: ElastiCache takes no more than 20 snapshots of a node in 24 hours, and some belong to people. */
  everyHours: z.int().min(2).max(24),
  /** An older one is not restored: it would log people in again whom somebody has logged out. */
  maxAgeSeconds: z.int().positive(),
  /** What happens then. empty: the cache starts empty; hold: a person decides. */
  whenOlder: z.enum(['empty', 'hold']),
  /** How long an export stays in its buckets. */
  keepDays: z.int().min(1).max(365),
});
export type Snapshots = Readonly<z.infer<typeof snapshots>>;

/**
 * Where exports of a region lie, and those of the other arrive: ElastiCache exports to a bucket of its own region alone. stack: it and its
 * replication are made at deployment; user: they are there.
 */
export const snapshotBucket = z.strictObject({ name: bucketName, madeBy: z.enum(['stack', 'user']) });

type Place = {
  readonly replicationGroup: string;
  readonly restore?: Restore | undefined;
  readonly snapshotBucket?: Readonly<z.infer<typeof snapshotBucket>> | undefined;
};

/** What of an asset this file is about. */
export type BackedUp = {
  readonly globalDatastore: string | null;
  readonly snapshots?: Snapshots | undefined;
  readonly regions: Readonly<Record<string, Place>>;
};

/** What is wrong with exports and restores beyond their shape. */
export function wrongWithBackups(asset: BackedUp, path: string): Wrong[] {
  const places = Object.entries(asset.regions);
  const buckets = places.map(([, place]) => place.snapshotBucket?.name);
  const { snapshots: kept } = asset;
  return [
    ...(kept === undefined ? [] : wrongWithSnapshots(kept, `${path}.snapshots`)),
    ...places.flatMap(([region, place], index) => {
      const at = `${path}.regions.${region}`;
      const { restore: made, snapshotBucket: bucket } = place;
      return [
        ...(kept === undefined
          ? must(
              bucket === undefined,
              `${at}.snapshotBucket`,
              bucket,
              'snapshots beside regions, or no bucket for them',
            )
          : [
              ...must(bucket !== undefined, `${at}.snapshotBucket`, bucket, 'the bucket of this region for exports'),
              ...must(made !== undefined, `${at}.restore`, made, 'what is made of an export in this region'),
            ]),
        ...must(
          bucket === undefined || buckets.indexOf(bucket.name) === index,
          `${at}.snapshotBucket.name`,
          bucket?.name,
          'a bucket that stands in this region alone: ElastiCache refuses a bucket outside of the region',
        ),
        ...(made === undefined ? [] : wrongWithRestore(made, asset, place, region, `${at}.restore`)),
      ];
    }),
  ];
}

function wrongWithSnapshots({ everyHours, maxAgeSeconds, keepDays }: Snapshots, path: string): Wrong[] {
  const least = (everyHours + 1) * 3600;
  return [
    ...must(
      maxAgeSeconds >= least,
      `${path}.maxAgeSeconds`,
      maxAgeSeconds,
      `at least ${least}: the newest export is ${everyHours} h old before the next one, which takes its time`,
    ),
    ...must(
      keepDays * 86_400 >= maxAgeSeconds,
      `${path}.keepDays`,
      keepDays,
      `at least ${Math.ceil(maxAgeSeconds / 86_400)}: an export is used until maxAgeSeconds`,
    ),
  ];
}

function wrongWithRestore(made: Restore, { globalDatastore }: BackedUp, place: Place, region: string, path: string) {
  const encrypted = made.transitEncryption !== 'off';
  const [, keyRegion] = /^arn:[^:]+:kms:([^:]+):/.exec(made.kmsKey ?? '') ?? [];
  return [
    ...must(
      globalDatastore === null || !restoreNames(made.replicationGroup).includes(place.replicationGroup),
      `${path}.replicationGroup`,
      made.replicationGroup,
      `another name than ${place.replicationGroup}, which is the member of ${globalDatastore}`,
    ),
    ...must(
      !/^cache\.[a-z]\d+gd\./.test(made.nodeType),
      `${path}.nodeType`,
      made.nodeType,
      'a type without data tiering, which can neither be exported nor seeded from an export',
    ),
    ...must(
      made.clusterMode || made.shards === 1,
      `${path}.shards`,
      made.shards,
      '1: without cluster mode there is one shard',
    ),
    ...must(!made.multiAz || made.replicas > 0, `${path}.replicas`, made.replicas, 'at least 1: multiAz is true'),
    ...must(
      made.multiAz || !made.clusterMode,
      `${path}.multiAz`,
      made.multiAz,
      'true: cluster mode has automatic failover always',
    ),
    ...must(
      encrypted || made.authTokenSecret === null,
      `${path}.authTokenSecret`,
      made.authTokenSecret,
      'null: an AUTH token needs transitEncryption',
    ),
    ...must(
      encrypted || made.userGroup === null,
      `${path}.userGroup`,
      made.userGroup,
      'null: a user group needs transitEncryption',
    ),
    ...must(
      made.authTokenSecret === null || made.userGroup === null,
      `${path}.userGroup`,
      made.userGroup,
      'null: there is an AUTH token, and ElastiCache takes one of the two',
    ),
    ...must(
      made.kmsKey === null || made.encryptedAtRest,
      `${path}.kmsKey`,
      made.kmsKey,
      'null: encryptedAtRest is false',
    ),
    ...must(
      made.kmsKey === null || keyRegion === region,
      `${path}.kmsKey`,
      made.kmsKey,
      `a key of ${region}: the other region is lost when it is needed`,
    ),
  ];
}

/** What a restore failed with stays for people to look at, and its name with it. */
const mostNames = 3;

/** The names of what is made in a region, in order: the first that is free is taken, and never one that exists. */
export function restoreNames(replicationGroup: string): string[] {
  return Array.from({ length: mostNames }, (_, index) =>
    index === 0 ? replicationGroup : `${replicationGroup}-${index + 1}`,
  );
}

/** An export: a snapshot of all shards, as objects in a bucket. `at`: when its time began; its content is as old, or younger. */
export type Export = { readonly name: string; readonly at: number; readonly shards: number };

/** How the names of all exports of an asset begin. No two stages and no two applications share it. */
export function exportsPrefix(prefix: string, asset: string): string {
  return `${prefix}-${asset}-`;
}

/**
 * The name of a snapshot and of its export. It holds the time, so that the age of a copy is that of its source, and the number of shards,
 * so that a part of it is not taken for the whole. It holds no comma, which ElastiCache would refuse in the name of an object.
 */
export function exportName(prefix: string, asset: string, at: number, shards: number): string {
  const stamp = new Date(at).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').toLowerCase();
  return `${exportsPrefix(prefix, asset)}${stamp}-of${shards}`;
}

/** The beginning of the time that an export is made for: until the next one begins, it is the same. */
export function exportTimeOf(now: number, { everyHours }: Pick<Snapshots, 'everyHours'>): number {
  const period = everyHours * 3_600_000;
  return Math.floor(now / period) * period;
}

/** ElastiCache adds the number of the shard to the name: one object for each [AWS, Exporting a backup]. */
export function objectsOf({ name, shards }: Pick<Export, 'name' | 'shards'>): string[] {
  return Array.from({ length: shards }, (_, index) => `${name}-${String(index + 1).padStart(4, '0')}.rdb`);
}

/** The exports of an asset whose objects are all there, the newest first. What else is in the bucket is passed over. */
export function exportsIn(keys: readonly string[], prefix: string, asset: string): Export[] {
  const there = new Set(keys);
  const begin = exportsPrefix(prefix, asset);
  const found = new Map<string, Export>();
  for (const key of keys.filter((one) => one.startsWith(begin))) {
    const parts = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)-of(\d{1,3})-\d{4}\.rdb$/.exec(key.slice(begin.length));
    if (parts === null) continue;
    const [, year, month, dayOf, hour, minute, shards] = parts;
    const at = Date.parse(`${year}-${month}-${dayOf}T${hour}:${minute}:00Z`);
    const name = key.slice(0, -'-0001.rdb'.length);
    if (!Number.isNaN(at)) found.set(name, { name, at, shards: Number(shards) });
  }
  return [...found.values()]
    .filter((one) => objectsOf(one).every((key) => there.has(key)))
    .toSorted((a, b) => b.at - a.at);
}
