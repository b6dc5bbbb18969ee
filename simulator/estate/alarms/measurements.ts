// What AWS measures of the application by itself: the lag of replicas, the healthy targets of its balancers, and its DNS health check.
import { balancersIn } from '../../../functions/shared/estate.ts';
import type { Metrics } from '../../aws/metrics/metrics.ts';
import { zoneCondition, zonesOf } from '../faults/faults.ts';
import type { Replicated } from '../rds-instance/databases.ts';
import type { Service } from '../service.ts';
import type { Dns } from '../services/dns.ts';
import { apiPodsInZone, type Fleet } from '../services/fleet.ts';
import type { World } from '../world.ts';
import type { Alarms } from './alarms.ts';

type Parts = {
  service: Service;
  alarms: Alarms;
  dns: Dns;
  databases: readonly Replicated[];
  fleet: Fleet;
  metrics: Metrics;
};

/** Called each tick. */
export function takeMeasurements(world: World, { service, alarms, dns, databases, fleet, metrics }: Parts): void {
  const { plan } = world;
  const { primary, standby } = plan.roles;
  const record = (
    region: string,
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
    value: number,
  ) => {
    metrics.record(region, { namespace, name, dimensions }, value, world.now());
  };
  for (const { database, replication } of databases) {
    const { id, region } = database.replica;
    record(region, 'AWS/RDS', 'ReplicaLag', { DBInstanceIdentifier: id }, replication.lagSeconds() ?? -1);
    for (const { of, lagSeconds } of replication.lagsSince())
      record(of.region, 'AWS/RDS', 'ReplicaLag', { DBInstanceIdentifier: of.id }, lagSeconds ?? -1);
  }
  for (const region of [primary, standby])
    for (const zone of zonesOf(plan, region))
      for (const balancer of balancersIn(region, plan)) {
        // Without power the balancer's node in the zone is gone too, and nothing of it is measured.
        if (zoneCondition(world.faults, zone) === 'dead') continue;
        const dimensions = {
          LoadBalancer: balancer,
          AvailabilityZone: plan.regions[region]?.zones[zone] ?? zone,
          TargetGroup: `targetgroup/${plan.application}-api/73e2d6bc24d8a067`,
        };
        const namespace = balancer.startsWith('net/') ? 'AWS/NetworkELB' : 'AWS/ApplicationELB';
        record(region, namespace, 'HealthyHostCount', dimensions, apiPodsInZone - fleet.podsUnready('api', zone));
      }
  // Once users have left, the health check's page still answers: it looks no deeper than the ingress.
  const left = dns.usersRegion() !== primary;
  const healthy = !world.isDark(primary) && (left || service.successRatio(primary) >= 0.5);
  alarms.record(primary, `${plan.application}-ingress-healthcheck`, healthy ? 1 : 0);
}
