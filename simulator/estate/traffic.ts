// What users experience: from the condition of zones, databases and caches to the share of requests that succeed.
// Pure physics: no clock, no chance.
import type { ZoneCondition } from './faults/faults.ts';

export type Dependence = 'healthy' | 'slow' | 'down';

export type ZoneState = { readonly zone: string; readonly share: number; readonly failure: number };

/**
 * A database as its application finds it. `writable` is false where it answers and takes no writes; `failing`: the share of requests
 * that fail by what is wrong in its data.
 */
export type DatabaseDependence = {
  readonly condition: Dependence;
  readonly writable: boolean;
  readonly failing?: number;
};

/** Everything that decides about a request that arrives in one zone. Shares are 0 to 1. */
export type ZoneConditions = {
  readonly localFailure: number;
  readonly databases: readonly DatabaseDependence[];
  readonly caches: readonly Dependence[];
  readonly releaseFailure: number;
};

/** Where something stands that all zones of a region need; null is in no single zone. */
export type Placed = {
  readonly name: string;
  readonly zone: string | null;
  /** Whether something is ready to take its place in another zone. */
  readonly replaceable: boolean;
};

/** Everything that decides about the requests to a region. */
export type RegionConditions = Pick<ZoneConditions, 'releaseFailure'> & {
  /** Whether the region, or the application in it, is lost as a whole. */
  readonly isDown: boolean;
  readonly zones: readonly {
    readonly zone: string;
    /** Of the region's requests. */
    readonly share: number;
    readonly localFailure: number;
    /** Whether any node of it is ready. */
    readonly runs: boolean;
    readonly condition: ZoneCondition;
  }[];
  readonly databases: readonly (DatabaseDependence & Placed)[];
  readonly caches: readonly (Placed & { readonly condition: Dependence })[];
};

/** Whether two say the same. */
export function areAlike(one: RegionConditions, other: RegionConditions): boolean {
  return (
    one.isDown === other.isDown &&
    one.releaseFailure === other.releaseFailure &&
    haveSame(fields.zones, one.zones, other.zones) &&
    haveSame(fields.databases, one.databases, other.databases) &&
    haveSame(fields.caches, one.caches, other.caches)
  );
}

type Part<Of extends 'zones' | 'databases' | 'caches'> = RegionConditions[Of][number];

const placed = { name: true, zone: true, replaceable: true, condition: true } as const;
/** What decides about requests in a zone, a database and a cache: the compiler says what is missing here. */
const fields = {
  zones: fieldsOf<Part<'zones'>>({ zone: true, share: true, localFailure: true, runs: true, condition: true }),
  databases: fieldsOf<Part<'databases'>>({ ...placed, writable: true, failing: true }),
  caches: fieldsOf<Part<'caches'>>(placed),
};

function fieldsOf<One extends object>(all: Readonly<Record<keyof One, true>>): readonly (keyof One)[] {
  return Object.keys(all) as (keyof One)[];
}

function haveSame<One extends object>(
  names: readonly (keyof One)[],
  some: readonly One[],
  others: readonly One[],
): boolean {
  return (
    some.length === others.length &&
    some.every((one, index) => {
      const other = others[index];
      return other !== undefined && names.every((name) => one[name] === other[name]);
    })
  );
}

/** Requests that need the database and get no answer in time, by the writer's condition. */
const databaseFailure: Record<Dependence, number> = { healthy: 0, slow: 0.1, down: 0.9 };
/** Without its primary the cache still answers reads; what needs a write fails. */
const cacheFailure: Record<Dependence, number> = { healthy: 0, slow: 0.02, down: 0.5 };
/** Part of the requests that write. */
const writeShare = 0.4;

/** Share of a zone's requests that fail, 0 to 1. Asked some ten times in each second of a drill: it makes no lists. */
export function zoneFailure({ localFailure, databases, caches, releaseFailure }: ZoneConditions): number {
  let success = 1 - localFailure;
  for (const { condition, writable, failing = 0 } of databases)
    success *= 1 - Math.max(databaseFailure[condition], writable ? 0 : writeShare, failing);
  for (const condition of caches) success *= 1 - cacheFailure[condition];
  return 1 - success * (1 - releaseFailure);
}

/** What decides how requests fare, wherever it stands. */
export type Needs = Pick<RegionConditions, 'isDown' | 'releaseFailure'> & {
  readonly zones: readonly Pick<RegionConditions['zones'][number], 'zone' | 'share' | 'localFailure'>[];
  readonly databases: readonly DatabaseDependence[];
  readonly caches: readonly { readonly condition: Dependence }[];
};

/** How the requests to each zone of a region fare. */
export function zoneStates({ isDown, zones, databases, caches, releaseFailure }: Needs): ZoneState[] {
  const needs = { databases, caches: caches.map(({ condition }) => condition), releaseFailure };
  return zones.map(({ zone, share, localFailure }) => ({
    zone,
    share,
    failure: isDown ? 1 : zoneFailure({ ...needs, localFailure }),
  }));
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
