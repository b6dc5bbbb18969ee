// What is so in the estate, whatever its signals say: where each asset is, whether it serves, and what promotions have cost.
import type { Asset } from '../../functions/domain/assets.ts';
import type { Parts } from './apis/answer.ts';
import { zoneCondition, zonesOf } from './faults.ts';
import type { Database, Instance } from './rds-instance/database.ts';
import type { Replicated } from './rds-instance/databases.ts';
import type { Service } from './service.ts';
import { isServed } from './traffic.ts';
import type { AssetTruth, DatabaseTruth, Truth } from './types.ts';

export function readTruth(parts: Parts, service: Service, usersRegion: string): Truth {
  const { plan } = parts.world;
  const assets = plan.assets.map((asset) => assetTruth(asset, parts, service, usersRegion));
  const databases = parts.databases.map(databaseTruth);
  const lags = databases.map(({ replicaLagSeconds }) => replicaLagSeconds ?? Number.POSITIVE_INFINITY);
  const lag = Math.max(...lags);
  const ratio = service.successRatio(usersRegion);
  const sum = (of: (one: DatabaseTruth) => number) => databases.reduce((total, one) => total + of(one), 0);
  const writer = assets.find(({ kind }) => kind === 'rds-instance');
  const cache = assets.find(({ kind }) => kind === 'elasticache');
  return {
    assets,
    databases,
    writerZone: writer?.zone ?? null,
    writerRegion: writer?.region ?? null,
    cachePrimaryZone: cache?.zone ?? null,
    cacheRegion: cache?.region ?? null,
    usersRegion,
    served: isServed(ratio),
    successRatio: ratio,
    writableRegions: (databases[0]?.writableRegions ?? []).filter((region) =>
      databases.every(({ writableRegions }) => writableRegions.includes(region)),
    ),
    replicaLagSeconds: Number.isFinite(lag) ? lag : null,
    lostWrites: sum(({ lostWrites }) => lostWrites),
    lostSeconds: Math.max(0, ...databases.map(({ lostSeconds }) => lostSeconds)),
    divergedWrites: sum(({ divergedWrites }) => divergedWrites),
    shiftedZones: parts.shifts.shiftedZones(usersRegion),
  };
}

function databaseTruth({ database, replication }: Replicated): DatabaseTruth {
  const { writes, seconds, divergedWrites } = replication.loss();
  return {
    name: database.asset.name,
    writableRegions: [database.primary, database.replica].filter(database.writable).map(({ region }) => region),
    replicaLagSeconds: replication.behindSeconds(),
    lagAtOutageSeconds: replication.lagAtOutageSeconds(),
    lostWrites: writes,
    lostSeconds: seconds,
    divergedWrites,
    lastCommittedSequence: replication.lastCommitted(),
    lastReplicatedSequence: replication.lastReplicated(),
  };
}

function assetTruth(asset: Asset, parts: Parts, service: Service, usersRegion: string): AssetTruth {
  const { name, kind } = asset;
  const there = { name, kind, region: usersRegion, zone: null };
  switch (kind) {
    case 'rds-instance': {
      const { database } = named(parts.databases, (one) => one.database.asset === asset);
      const writer = writerOf(database, usersRegion);
      return { name, kind, region: writer.region, zone: writer.writerZone, serves: database.writable(writer) };
    }
    case 'elasticache': {
      const cache = named(parts.caches, (one) => one.asset === asset);
      const group = cache.writer(usersRegion);
      const serves = cache.condition(group) !== 'down';
      return { name, kind, region: group.region, zone: cache.primaryZone(group), serves };
    }
    case 'eks-cluster':
      return { ...there, serves: !service.isLost(usersRegion) && parts.fleet.runs(usersRegion) };
    case 'load-balancer':
      return { ...there, serves: hasPower(usersRegion, parts) };
    case 'custom': {
      const { region } = named(parts.customs, (one) => one.asset === asset);
      return { ...there, region: region(), serves: region() === usersRegion };
    }
    case 'ssm-parameters':
      return {
        ...there,
        serves: asset.parameters.every(({ endpointOf }) => leads(endpointOf, parts, service, usersRegion)),
      };
  }
}

/** What takes the writes of users in a region; a replica is no writer before it is promoted. */
function writerOf({ primary, replica }: Database, usersRegion: string): Instance {
  return replica.sourceId === null && replica.region === usersRegion ? replica : primary;
}

function hasPower(region: string, { world }: Parts): boolean {
  return (
    !world.isDark(region) && zonesOf(world.plan, region).some((zone) => zoneCondition(world.faults, zone) !== 'dead')
  );
}

/** Whether the address of an asset that the application of a region uses leads to what stands in that region. */
function leads(asset: string, { databases, caches }: Parts, service: Service, region: string): boolean {
  const database = databases.find((one) => one.database.asset.name === asset)?.database;
  const cache = caches.find((one) => one.asset.name === asset);
  if (database !== undefined) return service.instanceInUse(database, region) !== null;
  return cache !== undefined && service.groupInUse(cache, region) !== null;
}

function named<Part>(all: readonly Part[], isIt: (one: Part) => boolean): Part {
  const found = all.find(isIt);
  if (found === undefined) throw new Error('an asset of the plan has no part in the estate');
  return found;
}
