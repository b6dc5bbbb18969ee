// The application's parameters in each region: what names its database and its cache, read again every half minute.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { placeOf } from '../../../functions/shared/estate.ts';
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';

/** As SSM knows them [AWS, PutParameter]. */
export const parameterTypes = ['String', 'StringList', 'SecureString'] as const;

export type Parameter = {
  readonly value: string;
  readonly type: (typeof parameterTypes)[number];
  readonly version: number;
};

export type Parameters = {
  get(region: string, name: string): Parameter | null;
  put(region: string, written: Omit<Parameter, 'version'> & { readonly name: string }, caller: Caller): Parameter;
  /** The address of an asset that the application of a region uses now; null where no parameter names it. */
  inUse(region: string, asset: string): string | null;
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
  const { plan } = world;
  const { roles } = plan;
  const parameters = assetsOf('ssm-parameters', plan).flatMap((asset) => asset.parameters);
  const known = new Map<string, Parameter>();
  /** By region and asset: asked many times in each second of a drill. */
  const used = new Map([roles.primary, roles.standby].map((region) => [region, new Map<string, string>()]));
  const firstOf = (name: string): string => {
    const asset = plan.assets.find((one) => one.name === name);
    if (asset?.kind === 'rds-instance') return databaseEndpoint(placeOf(asset, roles.primary).instance, roles.primary);
    if (asset?.kind === 'elasticache') return cacheEndpoint(placeOf(asset, roles.primary).replicationGroup);
    throw new Error(`${name} is no asset that has an address`);
  };
  for (const region of [roles.primary, roles.standby])
    for (const { name, endpointOf } of parameters) {
      known.set(`${region} ${name}`, { value: firstOf(endpointOf), type: 'String', version: 1 });
      used.get(region)?.set(endpointOf, firstOf(endpointOf));
    }
  return {
    get(region, name) {
      const found = known.get(`${region} ${name}`);
      if (found === undefined) return null;
      const isSealed = world.faults.of('parameter-sealed').some((fault) => (fault.region ?? roles.primary) === region);
      return isSealed ? { ...found, type: 'SecureString' } : found;
    },
    put(region, { name, value, type }, caller) {
      const written = { value, type, version: (known.get(`${region} ${name}`)?.version ?? 0) + 1 };
      known.set(`${region} ${name}`, written);
      const what = parameters.find((one) => one.name === name)?.endpointOf;
      if (what !== undefined && used.get(region)?.get(what) !== value) {
        const seconds = world.draw('application-repoint');
        world.recordWork('application-repoint', name, seconds, caller);
        world.after(seconds, () => {
          const newest = known.get(`${region} ${name}`)?.value;
          if (newest !== undefined) used.get(region)?.set(what, newest);
        });
      }
      return written;
    },
    inUse: (region, asset) => used.get(region)?.get(asset) ?? null,
  };
}
