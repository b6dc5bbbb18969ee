// Says whether a cluster has the nodes that the plan wants, or could have them: that its node groups are well and may grow, that the account may run
// so many vCPUs, and that nodes that are ill are replaced. Pure.
import { type CheckResult, notReady, ready } from '../../../domain/recovery/readiness.ts';
import { ofSpot, onDemand, type Quota, type Scale } from '../says/rebuild-plan.ts';

/** A node group as EKS describes it; null where there is none. `issues`: the codes of what it lacks, as EKS finds by itself. */
export type GroupRoom = {
  readonly name: string;
  /** What the plan wants. */
  readonly wanted: number;
  readonly seen: {
    readonly status: string;
    readonly desired: number;
    /** Its own limit. */
    readonly most: number;
    /** Whether EKS replaces nodes that are ill. */
    readonly repaired: boolean;
    readonly issues: readonly string[];
    /** Best first; empty where a launch template says it. */
    readonly types: readonly string[];
    readonly spot: boolean;
  } | null;
};

/** Families that share a quota. Others have quotas of their own, and are not counted. */
const standard = /^(a|c|d|h|i|m|r|t|z)\d/;

/** Nodes that are missing, all of one type. `quota`: null of a type that is not counted. */
export type Missing = { readonly type: string; readonly nodes: number; readonly quota: Quota | null };

/** What a raise would have to start. A group starts its first type, as long as EC2 has it. */
export function missingNodes(groups: readonly GroupRoom[]): Missing[] {
  return groups.flatMap(({ wanted, seen }) => {
    const [type] = seen?.types ?? [];
    const nodes = wanted - (seen?.desired ?? 0);
    if (seen === null || type === undefined || nodes <= 0) return [];
    return [{ type, nodes, quota: !standard.test(type) ? null : seen.spot ? ofSpot : onDemand }];
  });
}

/** How much of a quota is used. `used`: null where CloudWatch says nothing; `needed`: what the missing nodes would take. */
export type QuotaRoom = {
  readonly quota: Quota;
  readonly most: number;
  readonly used: number | null;
  readonly needed: number;
};

export function nodesReady(
  cluster: string,
  region: string,
  groups: readonly GroupRoom[],
  quotas: readonly QuotaRoom[],
): CheckResult {
  const wrong = [
    ...groups.flatMap((one) => wrongWith(one, cluster) ?? []),
    ...quotas.flatMap(({ quota, most, used, needed }) =>
      (used ?? 0) + needed > most
        ? [
            `the nodes that are missing need ${needed} vCPUs, and quota ${quota.code} in ${region} has ${used ?? 'an unknown number'} of ${most} in use`,
          ]
        : [],
    ),
  ];
  if (wrong.length > 0) return notReady(wrong.join('; '));
  const missing = groups.reduce((sum, { wanted, seen }) => sum + Math.max(0, wanted - (seen?.desired ?? 0)), 0);
  return ready(
    missing === 0
      ? `the node groups of ${cluster} have as many nodes as the plan wants`
      : `the node groups of ${cluster} are well, and ${missing} more nodes can be started`,
  );
}

function wrongWith({ name, seen }: GroupRoom, cluster: string): string | null {
  if (seen === null) return `node group ${name} is not in cluster ${cluster}`;
  const issues = seen.issues.length === 0 ? '' : `: ${seen.issues.join(', ')}`;
  const isWell = ['ACTIVE', 'UPDATING', 'CREATING'].includes(seen.status);
  return isWell && issues === '' ? null : `node group ${name} of ${cluster} is ${seen.status}${issues}`;
}

/**
 * Whether nodes that are ill are replaced, and more can come while the region serves. `autoMode`: whether EKS Auto Mode is on; null where the plan
 * does not rest on it, or there is no cluster.
 */
export function growthReady(
  { autoscaler, repair }: Pick<Scale, 'autoscaler' | 'repair'>,
  groups: readonly GroupRoom[],
  autoMode: boolean | null,
): CheckResult {
  const wrong = groups.flatMap(({ name, wanted, seen }) => {
    if (seen === null) return [];
    return [
      ...(repair === 'eks' && !seen.repaired ? [`node group ${name} has no node auto repair`] : []),
      ...(autoscaler === 'node-groups' && seen.most < wanted
        ? [`node group ${name} cannot grow to ${wanted} nodes: it takes ${seen.most} at most`]
        : []),
    ];
  });
  if (autoscaler === 'auto-mode' && autoMode === false) wrong.push('EKS Auto Mode is off, which the plan rests on');
  if (wrong.length > 0) return notReady(wrong.join('; '));
  const grown = {
    'node-groups': 'its node groups can grow to the plan’s numbers',
    karpenter: 'Karpenter brings nodes, which is not looked at',
    'auto-mode': 'EKS Auto Mode brings nodes',
  }[autoscaler];
  return ready(
    `${grown}, and nodes that are ill are replaced${repair === 'own' ? ' by something of your own, which is not looked at' : ''}`,
  );
}
