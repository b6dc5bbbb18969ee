// Names what stands in a region, from the plan, and translates zones at the edge.
import type { Plan } from '../domain/plan.ts';
import type { Shell } from './shell.ts';

/** The database instance that stands in a region. */
export function databaseIn(region: string, plan: Plan): string {
  return region === plan.roles.primary ? plan.database.instance : plan.database.replica;
}

/** The replication group of a region; outside the plan's primary region it exists only after a restore. */
export function cacheIn(region: string, plan: Plan): string {
  return region === plan.roles.primary ? plan.cache.replicationGroup : plan.cache.restoredReplicationGroup;
}

/** The ARNs of everything whose traffic leaves a zone with a zonal shift. */
export function shiftedResources({ region, account, plan }: Shell): string[] {
  const { name, loadBalancers } = plan.cluster;
  return [
    `arn:aws:eks:${region}:${account}:cluster/${name}`,
    ...loadBalancers.map((id) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${id}`),
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
