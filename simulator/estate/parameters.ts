// The application's parameters in each region: what names its database and its cache, read again every half minute.
import type { Caller } from './types.ts';
import type { World } from './world.ts';

export type Parameter = { readonly value: string; readonly version: number };

export type Parameters = {
  get(region: string, name: string): Parameter | null;
  put(region: string, name: string, value: string, caller: Caller): Parameter;
  /** What the application of a region uses now; null where no parameter names it. */
  inUse(region: string, what: 'database-endpoint' | 'cache-endpoint'): string | null;
};

/** Where a database instance is found. */
export function databaseEndpoint(id: string, region: string): string {
  return `${id}.c1a2b3.${region}.rds.amazonaws.com`;
}

/** Where the primary of a replication group is found. */
export function cacheEndpoint(group: string): string {
  return `master.${group}.a1b2c3.cache.amazonaws.com`;
}

/** Where a replication group in cluster mode is found. */
export function clusterEndpoint(group: string): string {
  return `clustercfg.${group}.a1b2c3.cache.amazonaws.com`;
}

/** In both regions the application names what stands in the primary: until it is repointed, the standby serves nobody. */
export function createParameters(world: World): Parameters {
  const { parameters, roles, database, cache } = world.plan;
  const known = new Map<string, Parameter>();
  const used = new Map<string, string>();
  const first = {
    'database-endpoint': databaseEndpoint(database.instance, roles.primary),
    'cache-endpoint': cacheEndpoint(cache.replicationGroup),
  };
  for (const region of [roles.primary, roles.standby])
    for (const { name, value } of parameters) {
      known.set(`${region} ${name}`, { value: first[value], version: 1 });
      used.set(`${region} ${value}`, first[value]);
    }
  return {
    get: (region, name) => known.get(`${region} ${name}`) ?? null,
    put(region, name, value, caller) {
      const written = { value, version: (known.get(`${region} ${name}`)?.version ?? 0) + 1 };
      known.set(`${region} ${name}`, written);
      const what = parameters.find((one) => one.name === name)?.value;
      if (what !== undefined && used.get(`${region} ${what}`) !== value) {
        const seconds = world.draw('application-repoint');
        world.recordWork('application-repoint', name, seconds, caller);
        world.after(seconds, () => {
          const newest = known.get(`${region} ${name}`)?.value;
          if (newest !== undefined) used.set(`${region} ${what}`, newest);
        });
      }
      return written;
    },
    inUse: (region, what) => used.get(`${region} ${what}`) ?? null,
  };
}
