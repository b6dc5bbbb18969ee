// Which alarms exist, on which measures, with which thresholds. Aggregate thresholds are sensitive (5 %), those of one
// zone severe (20 %): what another zone's database costs a healthy zone stays below them.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { zonesOf } from '../faults/faults.ts';
import type { ZoneReading } from '../service.ts';
import type { Datapoint } from './alarm-evaluation.ts';

/** The comparisons that are known; a deployed alarm with another one is not read. */
export const comparisons = ['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'LessThanThreshold'] as const;
export type Comparison = (typeof comparisons)[number];

export type AlarmDefinition = {
  readonly name: string;
  readonly region: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** For a ratio: the expression over the metrics `errors` and `requests`. */
  readonly expression: string | null;
  readonly stat: 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'p99';
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly periodSeconds: number;
  /** `breachingPeriods` of the last `evaluationPeriods`. */
  readonly breachingPeriods: number;
  readonly evaluationPeriods: number;
  readonly missing: 'missing' | 'breaching' | 'notBreaching';
  /** What it measures of a region's zones; null where something else is measured. */
  readonly read: ((zones: readonly ZoneReading[]) => number | null) | null;
  /** Reads the period that began at a time from the metrics; left out where samples are taken instead. */
  readonly measure?: (at: number) => Datapoint;
  /** Topics that are told of a change to a state. */
  readonly actions?: Readonly<Record<'ALARM' | 'OK', readonly string[]>>;
};

/** How most alarms look at their metric: each minute, and two in a row. */
const twoMinutes = { periodSeconds: 60, breachingPeriods: 2, evaluationPeriods: 2 } as const;

type Measure = {
  readonly component: string;
  readonly signal: string;
  /** Null is the application's own. */
  readonly namespace: string | null;
  readonly metric: string;
  readonly stat: AlarmDefinition['stat'];
  readonly comparison: Comparison;
  readonly ratio?: boolean;
  /** Threshold of each zone's alarm; left out where there is none. */
  readonly zone?: number;
  /** Threshold of the region's alarm, and how the zones' values become one. */
  readonly aggregate?: { readonly threshold: number; readonly of: 'total' | 'greatest' | 'mean' };
  readonly read: (zone: ZoneReading) => number | null;
};

const above = 'GreaterThanThreshold';
const from = 'GreaterThanOrEqualToThreshold';
const below = 'LessThanThreshold';
const balancer = {
  namespace: 'AWS/ApplicationELB',
  metric: 'HTTPCode_Target_5XX_Count',
  stat: 'Average',
  comparison: above,
  ratio: true,
  zone: 20,
} as const;
const slowness = {
  namespace: 'AWS/ApplicationELB',
  metric: 'TargetResponseTime',
  stat: 'p99',
  comparison: above,
} as const;
const pods = {
  namespace: 'ContainerInsights',
  metric: 'pod_status_not_ready',
  stat: 'Maximum',
  comparison: from,
  zone: 1,
} as const;
const sessions = {
  namespace: null,
  metric: 'ActiveConnections',
  stat: 'Average',
  comparison: below,
  zone: 40,
} as const;

/** What is measured of the application, whatever it uses. */
const ofApplication: readonly Measure[] = [
  {
    component: 'api',
    signal: '5xx',
    ...balancer,
    aggregate: { threshold: 5, of: 'mean' },
    read: (zone) => zone.failurePercent,
  },
  {
    component: 'ingress',
    signal: '5xx',
    ...balancer,
    aggregate: { threshold: 5, of: 'mean' },
    read: (zone) => zone.failurePercent,
  },
  {
    component: 'api',
    signal: 'latency',
    ...slowness,
    zone: 3,
    aggregate: { threshold: 1, of: 'greatest' },
    read: (zone) => zone.slowestSeconds,
  },
];

const ofPods: readonly Measure[] = [
  { component: 'api', signal: 'pods-unready', ...pods, read: (zone) => zone.apiPodsUnready },
  { component: 'worker', signal: 'pods-unready', ...pods, read: (zone) => zone.workerPodsUnready },
];

const ofWorkers: readonly Measure[] = [
  {
    component: 'worker',
    signal: 'errors',
    namespace: null,
    metric: 'ErrorCount',
    stat: 'Average',
    comparison: above,
    zone: 30,
    aggregate: { threshold: 20, of: 'total' },
    read: (zone) => zone.workerErrors,
  },
];

const ofNodes: readonly Measure[] = [
  {
    component: 'cluster',
    signal: 'nodes-notready',
    namespace: 'ContainerInsights',
    metric: 'cluster_failed_node_count',
    stat: 'Maximum',
    comparison: from,
    zone: 1,
    read: (zone) => zone.nodesNotReady,
  },
];

/** What the application measures of a database or cache, whose name is the component's. */
function ofStore(component: string): Measure[] {
  return [
    {
      component,
      signal: 'latency',
      ...slowness,
      zone: 2,
      aggregate: { threshold: 1, of: 'greatest' },
      read: ({ stores }) => stores.get(component)?.seconds ?? null,
    },
    {
      component,
      signal: 'connections',
      ...sessions,
      aggregate: { threshold: 120, of: 'total' },
      read: ({ stores }) => stores.get(component)?.connections ?? null,
    },
  ];
}

/** What is measured in a region: of the application, and of what the plan's assets are. */
function measuresIn(region: string, plan: Plan): Measure[] {
  const hasCluster = assetsOf('eks-cluster', plan).length > 0;
  const databases = assetsOf('rds-instance', plan);
  // A cache of the standby region follows or is empty: until it takes over, nothing of it is watched.
  const caches = region === plan.roles.primary ? assetsOf('elasticache', plan) : [];
  return [
    ...ofApplication,
    ...(hasCluster ? ofPods : []),
    ...ofWorkers,
    ...(hasCluster ? ofNodes : []),
    ...[...databases, ...caches].flatMap(({ name }) => ofStore(name)),
  ];
}

/** Where an application keeps what it measures itself. */
function namespaceOf({ application }: Plan): string {
  return `${application}/app`;
}

/** Every alarm of the application's own, in a fixed order. Those of the stacks are added as they are deployed. */
export function alarmCatalogue(plan: Plan): AlarmDefinition[] {
  const { primary, standby } = plan.roles;
  return [...componentAlarms(plan, primary), ...componentAlarms(plan, standby), healthCheckAlarm(plan)];
}

function componentAlarms(plan: Plan, region: string): AlarmDefinition[] {
  const zones = zonesOf(plan, region);
  return measuresIn(region, plan).flatMap((measure) => {
    const alarm = (zone: string | null, threshold: number, read: AlarmDefinition['read']): AlarmDefinition => ({
      name: `${plan.application}-${measure.component}-${measure.signal}${zone === null ? '' : `-${zone}`}`,
      region,
      namespace: measure.namespace ?? namespaceOf(plan),
      metric: measure.metric,
      dimensions: {
        Application: plan.application,
        Component: measure.component,
        ...(zone === null ? {} : { AvailabilityZoneId: zone }),
      },
      expression: measure.ratio === true ? 'IF(requests > 0, 100 * errors / requests, 0)' : null,
      stat: measure.stat,
      comparison: measure.comparison,
      threshold,
      ...twoMinutes,
      missing: 'missing',
      read,
    });
    const { aggregate, zone: threshold } = measure;
    const whole =
      aggregate === undefined
        ? []
        : [alarm(null, aggregate.threshold, (all) => combine(all, measure.read, aggregate.of))];
    if (threshold === undefined) return whole;
    const single = (zone: string) => (all: readonly ZoneReading[]) => {
      const reading = all.find((one) => one.zone === zone);
      return reading === undefined ? null : measure.read(reading);
    };
    return [...whole, ...zones.map((zone) => alarm(zone, threshold, single(zone)))];
  });
}

/** Zones' values as one; zones without data are left out, and none at all is no data. */
function combine(
  zones: readonly ZoneReading[],
  read: Measure['read'],
  of: 'total' | 'greatest' | 'mean',
): number | null {
  const values = zones.flatMap((zone) => {
    const value = read(zone);
    return value === null ? [] : [{ value, share: zone.share }];
  });
  if (values.length === 0) return null;
  if (of === 'greatest') return Math.max(...values.map(({ value }) => value));
  return values.reduce((sum, { value, share }) => sum + (of === 'mean' ? value * share : value), 0);
}

/** On the application's own DNS health check, which looks no deeper than the ingress. */
function healthCheckAlarm({ application, roles }: Plan): AlarmDefinition {
  return {
    name: `${application}-ingress-healthcheck`,
    region: roles.primary,
    namespace: 'AWS/Route53',
    metric: 'HealthCheckStatus',
    dimensions: { HealthCheckId: '0f6ee1b7-9d5c-4a58-93cd-5b2f1a7e2c10' },
    expression: null,
    stat: 'Minimum',
    comparison: below,
    threshold: 1,
    ...twoMinutes,
    missing: 'missing',
    read: null,
  };
}

/** An alarm on one resource, such as the storm of them brings. */
export function resourceAlarm(plan: Plan, name: string, region: string, component: string): AlarmDefinition {
  return {
    name,
    region,
    namespace: namespaceOf(plan),
    metric: 'ResourceImpaired',
    dimensions: { Application: plan.application, Component: component, Resource: name },
    expression: null,
    stat: 'Maximum',
    comparison: from,
    threshold: 1,
    ...twoMinutes,
    missing: 'missing',
    read: null,
  };
}
