// What is so in the estate, whatever its signals say: where each asset is, whether it serves, and what promotions have cost.
import type { Parts } from './apis/answer.ts';
import type { Replicated } from './rds-instance/databases.ts';
import type { Service } from './service.ts';
import { isServed } from './traffic.ts';
import { assetTruth } from './twins.ts';
import type { DatabaseTruth, Glance, Truth } from './types.ts';

export function readTruth(parts: Parts, service: Service, usersRegion: string): Truth {
  const { plan } = parts.world;
  const assets = plan.assets.map((asset) => assetTruth(asset, parts, service, usersRegion));
  const databases = parts.databases.map((one) => databaseTruth(one, service, usersRegion));
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

export function readGlance(
  { databases, standing }: Pick<Parts, 'databases' | 'standing'>,
  service: Service,
  usersRegion: string,
): Glance {
  return {
    consuming: Object.assign({}, ...standing.map((one) => one.consuming?.())),
    usersRegion,
    served: isServed(service.successRatio(usersRegion)),
    writable: Object.fromEntries(databases.map((one) => [one.database.asset.name, writableRegions(one)])),
  };
}

function writableRegions({ database, replication }: Replicated): string[] {
  const writers = database.all().filter(replication.takesWrites);
  return [...new Set(writers.map(({ region }) => region))];
}

function databaseTruth(one: Replicated, service: Service, usersRegion: string): DatabaseTruth {
  const { database, replication } = one;
  const used = service.instanceInUse(database, usersRegion);
  const { writes, seconds, divergedWrites } = replication.loss();
  return {
    name: database.asset.name,
    writableRegions: writableRegions(one),
    replicaLagSeconds: replication.behindSeconds(),
    lagAtOutageSeconds: replication.lagAtOutageSeconds(),
    lostWrites: writes,
    lostSeconds: seconds,
    divergedWrites,
    corrupt: used !== null && database.corruptionOf(used) !== null,
    lastCommittedSequence: replication.lastCommitted(),
    lastReplicatedSequence: replication.lastReplicated(),
  };
}
