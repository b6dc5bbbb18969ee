// The application as it runs in a region: what it measures in each zone, and how a single request fares.
import { neededToServe } from '../../functions/domain/plan/assets.ts';
import { between } from './chance/random.ts';
import type { Cache, CacheGroup } from './elasticache/cache.ts';
import { zoneCondition, zonesOf } from './faults/faults.ts';
import type { Releases } from './faults/releases.ts';
import type { Shifts } from './load-balancer/shifts.ts';
import type { Database, Instance } from './rds-instance/database.ts';
import type { Replicated } from './rds-instance/databases.ts';
import type { Fleet } from './services/fleet.ts';
import { cacheEndpoint, clusterEndpoint, databaseEndpoint, type Parameters } from './ssm-parameters/parameters.ts';
import {
  type DatabaseDependence,
  type Dependence,
  type Needs,
  type RegionConditions,
  slowestSeconds,
  successRatio,
  type ZoneState,
  zoneStates,
} from './traffic.ts';
import type { Standing } from './twins.ts';
import type { World } from './world.ts';

/** What the alarms of one zone measure. null is no data: nothing there that could report. */
export type ZoneReading = {
  readonly zone: string;
  readonly share: number;
  readonly failurePercent: number;
  readonly slowestSeconds: number;
  readonly workerErrors: number;
  readonly nodesNotReady: number;
  readonly apiPodsUnready: number;
  readonly workerPodsUnready: number;
  /** How the zone's application finds each database and cache, by the asset's name. */
  readonly stores: ReadonlyMap<string, StoreReading>;
};

type StoreReading = { readonly seconds: number | null; readonly connections: number };

export type Service = {
  /** The database instance that the application of a region uses; null where it uses one that does not stand there. */
  instanceInUse(database: Database, region: string): Instance | null;
  /** The same of a cache. */
  groupInUse(cache: Cache, region: string): CacheGroup | null;
  /** Whether a region, or the application in it, is lost as a whole. */
  isLost(region: string): boolean;
  /** What decides about the requests to a region. */
  conditions(region: string): RegionConditions;
  zones(region: string): ZoneState[];
  /** Share of the requests to a region that succeed, 0 to 1. */
  successRatio(region: string): number;
  /** Measured in a region; one without users idles, and its requests are not measured. */
  readings(region: string, serving: boolean): ZoneReading[];
};

export function createService(
  world: World,
  parts: {
    databases: readonly Replicated[];
    caches: readonly Cache[];
    fleet: Fleet;
    shifts: Shifts;
    releases: Releases;
    parameters: Parameters;
    standing: readonly Standing[];
  },
): Service {
  const { databases, caches, fleet, shifts, releases, parameters, standing } = parts;
  const { plan, chances } = world;
  // Users miss nothing of what the plan says that they do not need.
  const needed = neededToServe(plan).map(({ name }) => name);
  const neededCaches = caches.filter(({ asset }) => needed.includes(asset.name));

  // Only what stands in its own region is near enough to serve: what its parameters name or, where none does, what is there.
  const instanceInUse: Service['instanceInUse'] = ({ asset, all }, region) => {
    const host = parameters.inUse(region, asset.name);
    const isNamed = (id: string) => host === null || host === databaseEndpoint(id, region);
    return all().find((one) => one.region === region && isNamed(one.id)) ?? null;
  };
  const groupInUse: Service['groupInUse'] = ({ asset, groups }, region) => {
    const host = parameters.inUse(region, asset.name);
    const isNamed = (id: string) => host === null || host === cacheEndpoint(id) || host === clusterEndpoint(id);
    return groups(region).find(({ id }) => isNamed(id)) ?? null;
  };
  const databaseNeed = (database: Database, region: string): DatabaseDependence => {
    const instance = instanceInUse(database, region);
    if (instance === null) return { condition: 'down', writable: false };
    const { failing = 0 } = database.corruptionOf(instance) ?? {};
    const need = { condition: database.condition(instance), writable: database.writable(instance) };
    return failing === 0 ? need : { ...need, failing };
  };
  const cacheNeed = (cache: Cache, region: string): Dependence => {
    const group = groupInUse(cache, region);
    return group === null ? 'down' : cache.condition(group);
  };

  const isLost = (region: string): boolean =>
    world.isDark(region) || (region === plan.roles.standby && world.faults.of('standby-bad').length > 0);

  const isDead = (zone: string | null): boolean => zone !== null && zoneCondition(world.faults, zone) === 'dead';

  /** Asked with each visit and in each second of a drill: it finds out no more than decides about a request. */
  const needs = (region: string): Needs => {
    const shares = shifts.shares(region);
    return {
      isDown: isLost(region) || standing.some((one) => needed.some((name) => !one.serves(region, name))),
      releaseFailure: releases.failure(region),
      zones: zonesOf(plan, region).map((zone) => ({
        zone,
        share: shares.get(zone) ?? 0,
        localFailure: fleet.localFailure(zone),
      })),
      databases: databases.map(({ database }) => databaseNeed(database, region)),
      caches: neededCaches.map((cache) => ({ condition: cacheNeed(cache, region) })),
    };
  };

  const conditions: Service['conditions'] = (region) => {
    const known = needs(region);
    return {
      ...known,
      zones: known.zones.map((zone) => ({
        ...zone,
        runs: fleet.runsIn(zone.zone),
        condition: zoneCondition(world.faults, zone.zone),
      })),
      databases: databases.map(({ database }, index) => {
        const instance = instanceInUse(database, region);
        const standby = instance?.standbyZone ?? null;
        return {
          ...(known.databases[index] ?? databaseNeed(database, region)),
          name: database.asset.name,
          zone: instance?.writerZone ?? null,
          replaceable: standby !== null && !isDead(standby),
        };
      }),
      caches: neededCaches.map((cache, index) => {
        const group = groupInUse(cache, region);
        const zone = group === null ? null : cache.primaryZone(group);
        return {
          condition: known.caches[index]?.condition ?? cacheNeed(cache, region),
          name: cache.asset.name,
          zone,
          replaceable: group?.nodes.some((node) => node.zone !== zone && !node.lost && !isDead(node.zone)) ?? false,
        };
      }),
    };
  };

  const zones: Service['zones'] = (region) => zoneStates(needs(region));

  const noisy = (value: number): number => value * between(chances.physics, 0.97, 1.03);

  const reading = (state: ZoneState, region: string, serving: boolean): ZoneReading => {
    const { zone, failure } = state;
    const condition = zoneCondition(world.faults, zone);
    const share = serving ? state.share : 0;
    const alive = condition !== 'dead';
    const slow = condition === 'impaired';
    const sessions = alive ? 150 * (1 - fleet.nodesNotReady(zone) / 6) : 0;
    const workerFailure = serving ? failure : 0;
    const store = (need: Dependence, seconds: number): StoreReading => ({
      seconds: alive ? noisy(seconds) : null,
      connections: noisy(serving && need === 'down' ? 4 : sessions),
    });
    const isHere = (database: Database): boolean =>
      database
        .instances(region)
        // What was restored counts once it is used.
        .filter(
          (one) => one === database.primary || one === database.replica || one === instanceInUse(database, region),
        )
        .some(({ writerZone }) => writerZone === zone);
    return {
      zone,
      share,
      failurePercent: share === 0 ? 0 : Math.min(100, noisy(failure * 100)),
      slowestSeconds: noisy(
        share > 0
          ? slowestSeconds(
              condition,
              databases.map(({ database }) => databaseNeed(database, region).condition),
            )
          : 0.2,
      ),
      workerErrors: noisy(alive ? 1 + workerFailure * 120 : 0),
      nodesNotReady: fleet.nodesNotReady(zone),
      apiPodsUnready: fleet.podsUnready('api', zone),
      workerPodsUnready: fleet.podsUnready('worker', zone),
      stores: new Map([
        ...databases.map(({ database }) => {
          const { condition: need } = databaseNeed(database, region);
          return [
            database.asset.name,
            store(need, (slow || database.isSlow()) && isHere(database) ? 9 : 0.02),
          ] as const;
        }),
        ...caches.map((cache) => {
          const isSlowHere = cache.isSlow() && cache.groups(region).some((group) => cache.primaryZone(group) === zone);
          return [cache.asset.name, store(cacheNeed(cache, region), slow || isSlowHere ? 3 : 0.002)] as const;
        }),
      ]),
    };
  };

  return {
    instanceInUse,
    groupInUse,
    isLost,
    conditions,
    zones,
    successRatio: (region) => successRatio(zones(region)),
    readings: (region, serving) => zones(region).map((state) => reading(state, region, serving)),
  };
}
