// Names what stands in a region, from the plan, and translates zones at the edge.
import { type AssetOf, assetsOf, firstOf, type Kind } from '../domain/assets.ts';
import { CannotProceed } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import type { Shell } from './shell.ts';

/** The database instance that stands in a region. */
export function databaseIn(region: string, plan: Plan): string {
  return placeOf(the('rds-instance', plan), region).instance;
}

/** The replication group of a region; without a global datastore the standby has one only after a restore. */
export function cacheIn(region: string, plan: Plan): string {
  return placeOf(the('elasticache', plan), region).replicationGroup;
}

/** The cluster that stands in a region. */
export function clusterIn(region: string, plan: Plan): string {
  return placeOf(the('eks-cluster', plan), region).cluster;
}

/** The asset of a kind. @throws CannotProceed where the plan has none. */
export function the<K extends Kind>(kind: K, plan: Plan): AssetOf<K> {
  const asset = firstOf(kind, plan);
  if (asset === null) throw new CannotProceed(`the plan has no ${kind}`);
  return asset;
}

/** What the plan says of an asset in a region. @throws CannotProceed where it says nothing. */
export function placeOf<Place>(
  asset: { name: string; regions: Readonly<Record<string, Place>> },
  region: string,
): Place {
  const place = asset.regions[region];
  if (place === undefined) throw new CannotProceed(`the plan names nothing of ${asset.name} in ${region}`);
  return place;
}

/** The region that takes over from another: the plan's other one that has zones. Null where there is none. */
export function peerOf(region: string, plan: Plan): string | null {
  const { primary, standby } = plan.roles;
  if (region !== primary && region !== standby) return null;
  return region === primary ? standby : primary;
}

/** The ARNs of everything whose traffic leaves a zone with a zonal shift. */
export function shiftedResources({ region, account, plan }: Pick<Shell, 'region' | 'account' | 'plan'>): string[] {
  const clusters = assetsOf('eks-cluster', plan).map((asset) => placeOf(asset, region).cluster);
  const balancers = balancersIn(region, plan);
  return [
    ...clusters.map((name) => `arn:aws:eks:${region}:${account}:cluster/${name}`),
    ...balancers.map((id) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${id}`),
  ];
}

/**
 * The id of a zone that AWS named for this account. A zone the plan does not know keeps its name: it is certainly not
 * the one that failed. Null stays null.
 */
export function zoneIdOf(zoneName: string | null, region: string, plan: Plan): string | null {
  const zones = Object.entries(plan.regions[region]?.zones ?? {});
  return zones.find(([, name]) => name === zoneName)?.[0] ?? zoneName;
}

/** The load balancers that stand in a region, by the end of their ARNs. */
export function balancersIn(region: string, plan: Plan): string[] {
  return assetsOf('load-balancer', plan).flatMap((asset) => placeOf(asset, region));
}
