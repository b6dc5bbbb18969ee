// Names what stands in a region, from the plan, and translates zones at the edge.
import type { Plan } from '../domain/plan.ts';
import type { Shell } from './shell.ts';

/** The database instance that stands in a region. */
export function databaseIn(region: string, plan: Plan): string {
  return region === plan.roles.primary ? plan.database.instance : plan.database.replica;
}

/** The replication group of a region; without a global datastore the standby has one only after a restore. */
export function cacheIn(region: string, plan: Plan): string {
  const { replicationGroup, globalDatastore, standbyReplicationGroup, restoredReplicationGroup } = plan.cache;
  if (region === plan.roles.primary) return replicationGroup;
  return globalDatastore === null ? restoredReplicationGroup : standbyReplicationGroup;
}

/** The cluster that stands in a region. */
export function clusterIn(region: string, { roles, cluster }: Plan): string {
  return region === roles.primary ? cluster.name : cluster.standby.name;
}

/** The region that takes over from another: the plan's other one that has zones. Null where there is none. */
export function peerOf(region: string, plan: Plan): string | null {
  const { primary, standby } = plan.roles;
  if (region !== primary && region !== standby) return null;
  return region === primary ? standby : primary;
}

/** The ARNs of everything whose traffic leaves a zone with a zonal shift. */
export function shiftedResources({ region, account, plan }: Pick<Shell, 'region' | 'account' | 'plan'>): string[] {
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
