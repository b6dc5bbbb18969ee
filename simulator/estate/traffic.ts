// What users experience: from the condition of zones, databases and caches to the share of requests that succeed.
// Pure physics: no clock, no chance.

export type Dependence = 'healthy' | 'slow' | 'down';

/** A database as its application finds it. `writable` is false where it answers and takes no writes. */
export type DatabaseDependence = { readonly condition: Dependence; readonly writable: boolean };

/** Everything that decides about a request that arrives in one zone. Shares are 0 to 1. */
export type ZoneConditions = {
  readonly localFailure: number;
  readonly databases: readonly DatabaseDependence[];
  readonly caches: readonly Dependence[];
  readonly releaseFailure: number;
};

/** Requests that need the database and get no answer in time, by the writer's condition. */
const databaseFailure: Record<Dependence, number> = { healthy: 0, slow: 0.1, down: 0.9 };
/** Without its primary the cache still answers reads; what needs a write fails. */
const cacheFailure: Record<Dependence, number> = { healthy: 0, slow: 0.02, down: 0.5 };
/** Part of the requests that write. */
const writeShare = 0.4;

/** Share of a zone's requests that fail, 0 to 1. */
export function zoneFailure(conditions: ZoneConditions): number {
  const failures = [
    conditions.localFailure,
    ...conditions.databases.map(({ condition, writable }) =>
      Math.max(databaseFailure[condition], writable ? 0 : writeShare),
    ),
    ...conditions.caches.map((condition) => cacheFailure[condition]),
    conditions.releaseFailure,
  ];
  return 1 - failures.reduce((success, failure) => success * (1 - failure), 1);
}

/** Share of all requests that succeed, from the zones' shares of them and the zones' failures. */
export function successRatio(zones: readonly { readonly share: number; readonly failure: number }[]): number {
  return zones.reduce((sum, { share, failure }) => sum + share * (1 - failure), 0);
}

/** Whether users count as served, by the share of requests that succeed. */
export function isServed(ratio: number): boolean {
  return ratio >= 0.95;
}

/** Slowest one in a hundred requests of a zone, in seconds. */
export function slowestSeconds(local: 'well' | 'impaired' | 'dead', databases: readonly Dependence[]): number {
  if (databases.includes('down')) return 10;
  const base = local === 'impaired' ? 6 : 0.3;
  return base + (databases.includes('slow') ? 1.2 : 0);
}
