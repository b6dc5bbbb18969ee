// The alarms that the plan's signals rest on, where the stack can make them: the plan's rules know them by their names. They
// tell nobody: EventBridge takes every change of their state to the signals queue, and the sweep reads them each minute.
import { assetsOf } from '../functions/domain/assets.ts';
import { InvalidPlan } from '../functions/domain/plan.ts';
import { alarmSignal } from '../functions/domain/signals.ts';
import type { Signal } from '../functions/domain/types.ts';
import { balancersIn, placeOf } from '../functions/shared/estate.ts';
import { type Alarm, alarmResource, type Metric } from './alarm.ts';
import { pascal, type Resources } from './template.ts';
import type { Stack } from './values.ts';

/** What an alarm is about, and the kind of signal that the plan's rules must make of it. */
type SignalAlarm = Omit<Alarm, 'tells'> & { readonly kind: Signal['kind'] };

/** Of a main stack: what it can see of the other region, and the parts of its own that no other alarm watches. */
export function signalAlarms(stack: Stack): Resources {
  const alarms = [...heartbeat(stack), ...probes(stack), ...replicaLag(stack), ...unhealthyTargets(stack)];
  return asResources(alarms, stack);
}

/** Of every stack with a canary. Two bad minutes in a row: one visit that fails is no outage. */
export function canaryAlarm(stack: Stack): Resources {
  const { plan, region, prefix } = stack;
  const alarm: SignalAlarm = {
    kind: 'canary',
    name: `${plan.application}-canary-${region}`,
    description: `${plan.service.healthUrl} as users of ${region} see it.`,
    metrics: { namespace: prefix, name: 'Canary', dimensions: { Observer: region }, stat: 'Average' },
    comparison: 'LessThanThreshold',
    threshold: 0.9, // the share of its visits with which a run passes
    periodSeconds: 60,
    bad: 2,
    of: 2,
    missing: 'missing', // no visit says nothing about the service
  };
  return asResources([alarm], stack);
}

/** The peer's heartbeat, as it arrives here. That it does not arrive is what is looked for. */
function heartbeat({ plan, prefix, tells }: Stack): SignalAlarm[] {
  return tells.map((peer) => ({
    kind: 'heartbeat',
    name: `${plan.application}-heartbeat-${peer}`,
    description: `Heartbeats of the stack in ${peer}, as they arrive here.`,
    metrics: { namespace: prefix, name: 'Heartbeat', dimensions: { Region: peer }, stat: 'Sum' },
    comparison: 'LessThanThreshold',
    threshold: 1,
    periodSeconds: 60,
    bad: 3,
    of: 3,
    missing: 'breaching',
  }));
}

/** The control planes of the peer region that the application cannot live without. */
function probes({ plan, prefix, tells }: Stack): SignalAlarm[] {
  return tells.flatMap((peer) =>
    plan.dependencies.hard.map((service) => ({
      kind: 'probe',
      name: `${plan.application}-probe-${service}-${peer}`,
      description: `Whether the control plane of ${service} in ${peer} answers this region.`,
      metrics: { namespace: prefix, name: 'Probe', dimensions: { Service: service, Region: peer }, stat: 'Average' },
      comparison: 'LessThanThreshold',
      threshold: 0.5,
      periodSeconds: 60,
      bad: 2,
      of: 2,
      missing: 'missing',
    })),
  );
}

/** A twelfth of the data loss that is allowed: early enough to act, and far above what a busy minute brings. */
const partOfObjective = 12;

/**
 * In the region of the replica. MySQL and MariaDB report -1 where replication does not run, which lies below every threshold:
 * it counts as the whole objective behind, and the alarm ends when replication runs again. PostgreSQL's lag grows instead.
 */
function replicaLag({ plan, region }: Stack): SignalAlarm[] {
  if (region !== plan.roles.standby) return [];
  const { rpoSeconds } = plan.objectives;
  return assetsOf('rds-instance', plan).map((asset) => {
    const { instance } = placeOf(asset, region);
    const lag: Metric = {
      namespace: 'AWS/RDS',
      name: 'ReplicaLag',
      dimensions: { DBInstanceIdentifier: instance },
      stat: 'Maximum',
    };
    return {
      kind: 'replica',
      name: `${plan.application}-${asset.name}-replica-lag`,
      description: `Seconds by which ${instance} is behind.`,
      ...(asset.engine === 'postgres'
        ? { metrics: lag }
        : { metrics: { lag }, expression: `IF(lag < 0, ${rpoSeconds}, lag)` }),
      comparison: 'GreaterThanThreshold',
      threshold: Math.round(rpoSeconds / partOfObjective),
      periodSeconds: 60,
      bad: 2,
      of: 3,
      missing: 'missing', // no data is not no lag
    };
  });
}

/**
 * Each zone in which a load balancer of the plan has no healthy target left. One unhealthy target is a pod or a node, which
 * have alarms of their own. A query, since the plan does not name target groups, which come and go with the ingress.
 */
function unhealthyTargets({ plan, region }: Stack): SignalAlarm[] {
  if (region !== plan.roles.primary) return [];
  const loadBalancers = balancersIn(region, plan);
  return loadBalancers.flatMap((balancer, index) => {
    const number = loadBalancers.length === 1 ? '' : `-${String(index + 1).padStart(3, '0')}`;
    return Object.entries(plan.regions[region]?.zones ?? {}).map(
      ([id, zone]): SignalAlarm => ({
        kind: 'component',
        name: `${plan.application}-ingress-targets-unhealthy${number}-${id}`,
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

/** @throws InvalidPlan with each alarm that the plan's rules would take for something else, or for nothing. */
function asResources(alarms: readonly SignalAlarm[], { plan, region }: Stack): Resources {
  const misread = alarms.flatMap(({ kind, name }) => {
    const signal = alarmSignal(name, 'failing', { id: name, at: 0, region, observer: region }, plan);
    const found = typeof signal === 'string' ? signal : signal.kind;
    const line = `signals.alarms: ${name}: ${found}, expected a rule of kind ${kind}`;
    return found === kind ? [] : [{ path: ['signals', 'alarms'], line }];
  });
  if (misread.length > 0) throw new InvalidPlan(misread);
  return Object.fromEntries(
    alarms.map(({ kind, ...alarm }) => [`${pascal(alarm.name)}Alarm`, alarmResource({ ...alarm, tells: [] })] as const),
  );
}
