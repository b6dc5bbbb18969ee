// Snapshots of caches, their exports, and what S3 makes of these: copies in the bucket of the other region. It says no as ElastiCache does.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import {
  exportName,
  exportsIn,
  exportsPrefix,
  exportTimeOf,
  objectsOf,
} from '../../../functions/kinds/elasticache/says/backup-plan.ts';
import { prefix } from '../../stage.ts';
import { refusal } from '../calls/aws-error.ts';
import { struckBy } from '../faults/faults.ts';
import type { Objects } from '../services/objects.ts';
import type { World } from '../world.ts';
import { type CacheGroup, shardsOf } from './cache.ts';

export type Snapshot = {
  readonly name: string;
  readonly region: string;
  /** What it is of: a group, or one of its nodes. */
  readonly of: string;
  readonly group: string;
  readonly shards: number;
  readonly at: number;
  status: 'creating' | 'available' | 'restoring' | 'copying' | 'deleting';
};

export type Snapshots = {
  /** @throws SnapshotNotFoundFault */
  find(region: string, name: string): Snapshot;
  create(group: CacheGroup, available: boolean, name: string, node: string | null): Snapshot;
  export(region: string, name: string, target: string, bucket: string): Snapshot;
  delete(region: string, name: string): Snapshot;
  /** The exports of an asset end so long ago; null: there never were any. */
  stop(asset: string, hoursAgo: number | null): void;
};

/** Snapshots of one node in any 24 hours [AWS, Backup constraints]. */
const mostInADay = 20;

/** All that the plan wants has been exported, and has arrived. */
export function createSnapshots(world: World, objects: Objects): Snapshots {
  const { plan } = world;
  const snapshots = new Map<string, Snapshot>();
  const exported = assetsOf('elasticache', plan).filter(({ snapshots: kept }) => kept !== undefined);

  const bucketsOf = ({ regions }: (typeof exported)[number]) =>
    Object.entries(regions).flatMap(([region, { snapshotBucket }]) =>
      snapshotBucket === undefined ? [] : [{ region, bucket: snapshotBucket.name }],
    );
  const lie = (asset: (typeof exported)[number], at: number): void => {
    const keys = objectsOf({ name: exportName(prefix, asset.name, at, 1), shards: 1 });
    for (const { region, bucket } of bucketsOf(asset))
      for (const key of keys) objects.put(region, bucket, key, 'REDIS');
  };
  for (const asset of exported) {
    const { everyHours = 24 } = asset.snapshots ?? {};
    const newest = exportTimeOf(world.now() - 1_800_000, { everyHours });
    for (const back of [2, 1, 0]) lie(asset, newest - back * everyHours * 3_600_000);
  }

  const find = (region: string, name: string): Snapshot => {
    const found = snapshots.get(`${region} ${name}`);
    if (found === undefined) throw refusal('SnapshotNotFoundFault', `Snapshot ${name} not found.`, 404);
    return found;
  };
  const expectAvailable = ({ name, status }: Snapshot): void => {
    if (status === 'available') return;
    throw refusal('InvalidSnapshotStateFault', `Snapshot ${name} is in state ${status}`);
  };

  /** S3 takes it to the bucket of the other region, once both are there. */
  const replicate = (region: string, bucket: string, key: string): void => {
    const asset = exported.find((one) => bucketsOf(one).some((place) => place.bucket === bucket));
    const there = asset === undefined ? undefined : bucketsOf(asset).find((place) => place.region !== region);
    if (there === undefined) return;
    const arrive = (): void => {
      if (world.isDark(region) || world.isDark(there.region)) return void world.after(60, arrive);
      objects.put(there.region, there.bucket, key, 'REDIS');
    };
    world.after(world.draw('s3-replication'), arrive);
  };

  return {
    find,
    create(group, available, name, node) {
      const of = node ?? group.id;
      if (snapshots.has(`${group.region} ${name}`))
        throw refusal('SnapshotAlreadyExistsFault', `Snapshot ${name} already exists.`);
      if (node !== null && group.clusterMode)
        throw refusal('InvalidParameterCombinationException', `${node} is a part of ${group.id}, in cluster mode`);
      if (!available)
        throw refusal('InvalidReplicationGroupStateFault', `Replication group ${group.id} is not in available state.`);
      const recent = [...snapshots.values()].filter((one) => one.of === of && world.now() - one.at < 86_400_000);
      if (recent.length >= mostInADay)
        throw refusal('SnapshotQuotaExceededFault', 'The maximum number of snapshots has been exceeded.');
      const made: Snapshot = {
        name,
        region: group.region,
        of,
        group: group.id,
        shards: shardsOf(group).length,
        at: world.now(),
        status: 'creating',
      };
      snapshots.set(`${group.region} ${name}`, made);
      world.after(world.draw('elasticache-snapshot'), () => {
        made.status = 'available';
      });
      return made;
    },
    export(region, name, target, bucket) {
      const found = find(region, name);
      expectAvailable(found);
      const isElsewhere = exported.some((one) => bucketsOf(one).some((place) => place.bucket === bucket));
      const no = (message: string) => refusal('InvalidParameterValueException', message);
      if (!objects.exists(region, bucket))
        throw no(
          isElsewhere ? `The S3 bucket ${bucket} is outside of the region.` : `The S3 bucket ${bucket} does not exist.`,
        );
      const keys = objectsOf({ name: target, shards: found.shards });
      const there = keys.find((key) => objects.get(region, bucket, key) !== null);
      if (there !== undefined) throw no(`The S3 bucket ${bucket} already contains an object with key ${there}.`);
      if (world.faults.of('cache-exports-stopped').length > 0)
        throw no(`ElastiCache has not been granted WRITE permissions on the S3 Bucket ${bucket}.`);
      found.status = 'copying';
      world.after(world.draw('elasticache-export'), () => {
        found.status = 'available';
        for (const key of keys) {
          objects.put(region, bucket, key, 'REDIS');
          replicate(region, bucket, key);
        }
      });
      return found;
    },
    delete(region, name) {
      const found = find(region, name);
      expectAvailable(found);
      found.status = 'deleting';
      snapshots.delete(`${region} ${name}`);
      return found;
    },
    stop(name, hoursAgo) {
      for (const asset of exported.filter((one) => one.name === name)) {
        for (const { region, bucket } of bucketsOf(asset)) {
          const keys = objects.list(region, bucket, exportsPrefix(prefix, name));
          for (const { name: gone, shards } of exportsIn(keys, prefix, name))
            for (const key of objectsOf({ name: gone, shards })) objects.remove(region, bucket, key);
        }
        if (hoursAgo !== null) lie(asset, world.now() - hoursAgo * 3_600_000);
      }
    },
  };
}

/** The asset whose exports a fault stops. */
export function stopExports(
  fault: {
    readonly kind: 'cache-exports-stopped';
    readonly id: string;
    readonly hoursAgo?: number | undefined;
    readonly asset?: string | undefined;
  },
  snapshots: Snapshots,
  { plan }: Pick<World, 'plan'>,
): void {
  snapshots.stop(struckBy(fault, plan), fault.hoursAgo ?? null);
}
