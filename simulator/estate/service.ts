// The application as it runs in a region: what it measures in each zone, and how a single request fares.
import { the } from '../../functions/shared/estate.ts';
import type { Cache } from './elasticache/cache.ts';
import { zoneCondition, zonesOf } from './faults.ts';
import type { Fleet } from './fleet.ts';
import type { Shifts } from './load-balancer/shifts.ts';
import { between } from './random.ts';
import type { Database } from './rds-instance/database.ts';
import type { Releases } from './releases.ts';
import { cacheEndpoint, clusterEndpoint, databaseEndpoint, type Parameters } from './ssm-parameters/parameters.ts';
import { type Dependence, slowestSeconds, successRatio, zoneFailure } from './traffic.ts';
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
  readonly databaseSeconds: number | null;
  readonly databaseConnections: number;
  readonly cacheSeconds: number | null;
  readonly cacheConnections: number;
};

export type ZoneState = { readonly zone: string; readonly share: number; readonly failure: number };

export type Service = {
  zones(region: string): ZoneState[];
  /** Share of the requests to a region that succeed, 0 to 1. */
  successRatio(region: string): number;
  /** Measured in a region; one without users idles, and its requests are not measured. */
  readings(region: string, serving: boolean): ZoneReading[];
};

export function createService(
  world: World,
  parts: {
    database: Database;
    cache: Cache;
    fleet: Fleet;
    shifts: Shifts;
    releases: Releases;
    parameters: Parameters;
  },
): Service {
  const { database, cache, fleet, shifts, releases, parameters } = parts;
  const { plan, chances } = world;

  const dependencies = (region: string): { database: Dependence; writable: boolean; cache: Dependence } => {
    // The application uses what its parameters name, and only what stands in its own region is near enough to serve.
    const databaseHost = parameters.inUse(region, the('rds-instance', plan).name);
    const cacheHost = parameters.inUse(region, the('elasticache', plan).name);
    const instance = database.instances(region).find(({ id }) => databaseEndpoint(id, region) === databaseHost) ?? null;
    const group =
      cache.groups(region).find(({ id }) => [cacheEndpoint(id), clusterEndpoint(id)].includes(cacheHost ?? '')) ?? null;
    return {
      database: instance === null ? 'down' : database.condition(instance),
      writable: instance !== null && database.writable(instance),
      cache: group === null ? 'down' : cache.condition(group),
    };
  };

  const isLost = (region: string): boolean =>
    world.isDark(region) || (region === plan.roles.standby && world.faults.of('standby-bad').length > 0);

  const zones: Service['zones'] = (region) => {
    const needs = dependencies(region);
    const shares = shifts.shares(region);
    const releaseFailure = releases.failure(region);
    return zonesOf(plan, region).map((zone) => {
      const conditions = { ...needs, localFailure: fleet.localFailure(zone), releaseFailure };
      const failure = isLost(region) ? 1 : zoneFailure(conditions);
      return { zone, share: shares.get(zone) ?? 0, failure };
    });
  };

  const noisy = (value: number): number => value * between(chances.physics, 0.97, 1.03);

  const reading = (state: ZoneState, region: string, serving: boolean): ZoneReading => {
    const { zone, failure } = state;
    const condition = zoneCondition(world.faults, zone);
    const instance = database.inRegion(region);
    const group = cache.inRegion(region);
    const share = serving ? state.share : 0;
    const alive = condition !== 'dead';
    const needed = dependencies(region);
    const slow = condition === 'impaired';
    const writerHere = instance?.writerZone === zone;
    const sessions = alive ? 150 * (1 - fleet.nodesNotReady(zone) / 6) : 0;
    const workerFailure = serving ? failure : 0;
    return {
      zone,
      share,
      failurePercent: share === 0 ? 0 : Math.min(100, noisy(failure * 100)),
      slowestSeconds: noisy(share > 0 ? slowestSeconds(condition, needed.database) : 0.2),
      workerErrors: noisy(alive ? 1 + workerFailure * 120 : 0),
      nodesNotReady: fleet.nodesNotReady(zone),
      apiPodsUnready: fleet.podsUnready('api', zone),
      workerPodsUnready: fleet.podsUnready('worker', zone),
      databaseSeconds: alive ? noisy(writerHere && slow ? 9 : 0.02) : null,
      databaseConnections: noisy(serving && needed.database === 'down' ? 4 : sessions),
      cacheSeconds: alive && group !== null ? noisy(slow ? 3 : 0.002) : null,
      cacheConnections: noisy(serving && needed.cache === 'down' ? 4 : sessions),
    };
  };

  return {
    zones,
    successRatio: (region) => successRatio(zones(region)),
    readings: (region, serving) => zones(region).map((state) => reading(state, region, serving)),
  };
}
