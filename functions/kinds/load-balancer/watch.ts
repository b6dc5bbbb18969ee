// What of load balancers is watched: whether each zone has a healthy target left.
import type { KindAlarm, Watching } from '../../domain/kind/watched.ts';

type Balancers = { readonly regions: Readonly<Record<string, readonly string[]>> };

const measure = 'targets-unhealthy';

/** A region without users may run nothing, and its pages may fail for want of a writer: its targets say nothing. */
export const measuresOfService = [measure] as const;

/**
 * Each zone in which a load balancer of the plan has no healthy target left. One unhealthy target is a pod or a node, which
 * have alarms of their own. A query, since the plan does not name target groups, which come and go with the ingress.
 */
export function alarmsIn(region: string, assets: readonly Balancers[], { regions }: Watching): KindAlarm[] {
  const balancers = assets.flatMap((asset) => asset.regions[region] ?? []);
  return balancers.flatMap((balancer, index) => {
    const number = balancers.length === 1 ? '' : `-${String(index + 1).padStart(3, '0')}`;
    return Object.entries(regions[region]?.zones ?? {}).map(
      ([id, zone]): KindAlarm => ({
        kind: 'component',
        name: `ingress-${measure}${number}-${id}`,
        description: `Whether ${balancer} has a healthy target in ${zone} (${id}).`,
        metrics: {},
        expression: [
          'SELECT MAX(HealthyHostCount)',
          `FROM SCHEMA("${namespaceOf(balancer)}", AvailabilityZone, LoadBalancer, TargetGroup)`,
          `WHERE LoadBalancer = '${balancer}' AND AvailabilityZone = '${zone}'`,
        ].join(' '),
        comparison: 'LessThanThreshold',
        threshold: 1,
        periodSeconds: 60,
        bad: 2,
        of: 2,
        missing: 'missing',
      }),
    );
  });
}

function namespaceOf(balancer: string): string {
  return balancer.startsWith('net/') ? 'AWS/NetworkELB' : 'AWS/ApplicationELB';
}
