// From EventBridge events to signals, by the rules of the plan. What no rule knows, or is malformed, becomes a stray.
import * as z from 'zod';
import type { Plan } from './plan.ts';
import type { CacheChange, Condition, DatabaseChange, Signal } from './types.ts';

const envelope = z.object({
  id: z.string().min(1),
  source: z.string().min(1),
  'detail-type': z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  region: z.string().min(1),
  detail: z.record(z.string(), z.unknown()),
});

type Envelope = z.infer<typeof envelope>;

/** What an event came to: a signal, or the reason why it gave none. */
export type Reading = { readonly signal: Signal } | { readonly stray: string };

type Common = Pick<Signal, 'id' | 'at' | 'region' | 'observer'>;
type Reader = (detail: Record<string, unknown>, event: Envelope, common: Common, plan: Plan) => Signal | string;

/** Reads one event, already parsed from JSON. Never throws: an event that says nothing is kept as a stray. */
export function readEvent(raw: unknown, plan: Plan): Reading {
  const parsed = envelope.safeParse(raw);
  if (!parsed.success) return { stray: firstIssue('event', parsed.error) };
  const event = parsed.data;
  const common = { id: event.id, at: Date.parse(event.time), region: event.region, observer: event.region };
  const rule = plan.signals.events.find(
    (known) => known.source === event.source && known.detailType === event['detail-type'],
  );
  const reader = rule === undefined ? awsReader(event) : customReaders[rule.kind];
  if (reader === null) return { stray: `no rule knows ${event.source} "${event['detail-type']}"` };
  const signal = reader(event.detail, event, common, plan);
  return typeof signal === 'string' ? { stray: signal } : { signal };
}

function awsReader(event: Envelope): Reader | null {
  if (event.source === 'aws.cloudwatch' && event['detail-type'] === 'CloudWatch Alarm State Change') return readAlarm;
  if (event.source === 'aws.synthetics' && event['detail-type'].startsWith('Synthetics Canary TestRun'))
    return readCanaryRun;
  if (event.source === 'aws.health') return readHealth;
  if (event.source === 'aws.rds') return readDatabase;
  if (event.source === 'aws.arc-zonal-shift') return readShift;
  if (event.source === 'aws.ec2' && event['detail-type'] === 'EC2 Instance State-change Notification')
    return readInstance;
  if (event.source === 'aws.autoscaling') return readScaling;
  return null;
}

const conditions: Record<string, Condition> = { ALARM: 'failing', OK: 'healthy', INSUFFICIENT_DATA: 'unknown' };
const alarmDetail = z.object({
  alarmName: z.string(),
  state: z.object({ value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']) }),
});

const readAlarm: Reader = (detail, _event, common, plan) => {
  const parsed = alarmDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { alarmName, state } = parsed.data;
  return alarmSignal(alarmName, conditions[state.value] ?? 'unknown', common, plan);
};

/** The signal of an alarm's state, from an event or from reading the alarm itself; a string says why there is none. */
export function alarmSignal(alarmName: string, condition: Condition, common: Common, plan: Plan): Signal | string {
  for (const rule of plan.signals.alarms) {
    const groups = compiled(rule.match).exec(alarmName)?.groups;
    if (groups === undefined && !compiled(rule.match).test(alarmName)) continue;
    const {
      component = '',
      measure = '',
      zone,
      service = '',
      region = common.region,
      observer = common.region,
    } = groups ?? {};
    const key = `alarm:${common.region}:${alarmName}`;
    const seen = { ...common, key };
    switch (rule.kind) {
      case 'component':
        if (zone !== undefined && !(zone in (plan.regions[common.region]?.zones ?? {})))
          return `alarm ${alarmName} names zone ${zone}, which ${common.region} does not have in the plan`;
        return { ...seen, kind: 'component', component, measure, zone: zone ?? null, condition };
      case 'canary':
        return { ...seen, kind: 'canary', region: plan.roles.primary, observer, condition };
      case 'probe':
        return { ...seen, kind: 'probe', region, service, condition };
      case 'heartbeat':
        return { ...seen, kind: 'heartbeat', region, condition };
      case 'replica':
        return { ...seen, kind: 'replica', region: plan.roles.primary, condition };
    }
  }
  return `no rule knows alarm ${alarmName}`;
}

const readCanaryRun: Reader = (detail, _event, common, plan) => {
  const parsed = z.object({ 'canary-name': z.string(), 'test-run-status': z.string() }).safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const canary = parsed.data['canary-name'];
  for (const rule of plan.signals.canaries) {
    const observer = compiled(rule.match).exec(canary)?.groups?.['observer'];
    if (observer === undefined) continue;
    const passed = parsed.data['test-run-status'] === 'PASSED';
    return {
      ...common,
      kind: 'canary-run',
      region: plan.roles.primary,
      observer,
      key: `run:${observer}:${passed}`,
      passed,
    };
  }
  return `no rule knows canary ${canary}`;
};

const healthDetail = z.object({
  eventArn: z.string(),
  service: z.string(),
  eventTypeCategory: z.string(),
  statusCode: z.string().optional(),
  eventRegion: z.string().optional(),
  endTime: z.string().optional(),
  page: z.coerce.string().optional(),
  eventDescription: z.array(z.object({ latestDescription: z.string() })).optional(),
});

const readHealth: Reader = (detail, event, common, plan) => {
  const parsed = healthDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { eventArn, service, eventTypeCategory, statusCode, eventRegion, endTime, page = '1' } = parsed.data;
  // The copy in the backup region speaks of the region in the ARN; same ARN, same page: it counts once.
  const region = eventRegion ?? (eventArn.split(':')[3] || event.region);
  const text = parsed.data.eventDescription?.map((one) => one.latestDescription).join(' ') ?? '';
  const zones = Object.keys(plan.regions[region]?.zones ?? {}).filter((zone) => text.includes(zone));
  const open = statusCode === 'open' && endTime === undefined;
  return {
    ...common,
    kind: 'health',
    region,
    observer: 'aws-health',
    key: `health:${eventArn}:${page}`,
    service: service.toLowerCase(),
    open,
    category: eventTypeCategory,
    zones,
  };
};

const databaseChanges: Record<string, DatabaseChange> = {
  'RDS-EVENT-0004': 'shutdown',
  'RDS-EVENT-0006': 'restarted',
  'RDS-EVENT-0013': 'failover-started',
  'RDS-EVENT-0015': 'failover-completed',
  'RDS-EVENT-0049': 'failover-completed',
  'RDS-EVENT-0050': 'failover-started',
  'RDS-EVENT-0051': 'failover-completed',
  'RDS-EVENT-0065': 'failover-completed',
  'RDS-EVENT-0045': 'replication-stopped',
  'RDS-EVENT-0057': 'replication-stopped',
  'RDS-EVENT-0046': 'replication-resumed',
  'RDS-EVENT-0071': 'failover-completed',
  'RDS-EVENT-0072': 'failover-started',
  'RDS-EVENT-0073': 'failover-started',
};
const patching: Record<string, 'started' | 'ended'> = {
  'RDS-EVENT-0026': 'started',
  'RDS-EVENT-0027': 'ended',
  'RDS-EVENT-0047': 'ended',
};

const readDatabase: Reader = (detail, _event, common, plan) => {
  const parsed = z.object({ EventID: z.string(), SourceIdentifier: z.string() }).safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { EventID, SourceIdentifier: instance } = parsed.data;
  if (instance !== plan.database.instance && instance !== plan.database.replica)
    return `no rule knows database ${instance}`;
  const seen = {
    ...common,
    observer: `rds:${common.region}`,
    region: instance === plan.database.replica ? plan.roles.primary : common.region,
  };
  const phase = patching[EventID];
  if (phase !== undefined) {
    return {
      ...seen,
      kind: 'maintenance',
      key: `maintenance:${instance}:${phase}`,
      window: instance,
      phase,
      targets: ['database'],
      plannedSeconds: null,
    };
  }
  return {
    ...seen,
    kind: 'database',
    key: `database:${instance}:${EventID}`,
    instance,
    change: databaseChanges[EventID] ?? 'other',
  };
};

const readShift: Reader = (detail, event, common, plan) => {
  const parsed = z.object({ metadata: z.object({ awayFrom: z.string() }) }).safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const zone = zoneId(parsed.data.metadata.awayFrom, common.region, plan);
  if (zone === null)
    return `zonal shift away from ${parsed.data.metadata.awayFrom}, which is no zone of ${common.region} in the plan`;
  const type = event['detail-type'];
  const cause = /practice/i.test(type)
    ? 'practice'
    : /fis/i.test(type)
      ? 'experiment'
      : /autoshift/i.test(type)
        ? 'autoshift'
        : 'manual';
  const active = /in progress|started/i.test(type);
  return { ...common, kind: 'shift', observer: 'aws-zonal-shift', key: `shift:${cause}:${zone}`, zone, cause, active };
};

const readInstance: Reader = (detail, _event, common) => {
  const parsed = z.object({ 'instance-id': z.string(), state: z.string() }).safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const instance = parsed.data['instance-id'];
  return { ...common, kind: 'instance', key: `instance:${instance}`, instance, state: parsed.data.state };
};

const readScaling: Reader = (detail, event, common, plan) => {
  const parsed = z
    .object({
      AutoScalingGroupName: z.string(),
      Details: z.object({ 'Availability Zone': z.string() }).partial().optional(),
    })
    .safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const type = event['detail-type'];
  const change = type.includes('Launch Unsuccessful')
    ? 'launch-failed'
    : type.includes('Launch')
      ? 'launched'
      : 'terminated';
  const zone = zoneId(parsed.data.Details?.['Availability Zone'] ?? '', common.region, plan);
  return {
    ...common,
    kind: 'scaling',
    key: `scaling:${parsed.data.AutoScalingGroupName}:${zone}:${change}`,
    zone,
    change,
  };
};

/** Events of the application itself, named by the plan. */
const customReaders: Record<'beat' | 'release' | 'maintenance' | 'cache', Reader> = {
  beat: (detail, _event, common) => {
    const region = typeof detail['sourceRegion'] === 'string' ? detail['sourceRegion'] : common.region;
    return { ...common, kind: 'beat', region, key: `beat:${region}` };
  },
  release: (detail, _event, common) => {
    const parsed = z
      .object({ phase: z.string(), deploymentId: z.string(), targetRegion: z.string().optional() })
      .safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const phase = phaseOf(parsed.data.phase);
    const { deploymentId: release, targetRegion: region = common.region } = parsed.data;
    return { ...common, kind: 'release', region, key: `release:${release}:${phase}`, release, phase };
  },
  maintenance: (detail, _event, common) => {
    const parsed = z
      .object({
        phase: z.string(),
        windowId: z.string(),
        targets: z.array(z.string()),
        plannedMinutes: z.number().positive().optional(),
      })
      .safeParse(detail);
    if (!parsed.success) return firstIssue('detail', parsed.error);
    const { windowId: window, targets, plannedMinutes } = parsed.data;
    const phase = phaseOf(parsed.data.phase);
    return {
      ...common,
      kind: 'maintenance',
      key: `maintenance:${window}:${phase}`,
      window,
      phase,
      targets,
      plannedSeconds: plannedMinutes === undefined ? null : plannedMinutes * 60,
    };
  },
  cache: (detail, _event, common) => {
    const [message, group] = Object.entries(detail).find(([name]) => name.startsWith('ElastiCache:')) ?? [];
    if (message === undefined || typeof group !== 'string')
      return 'detail: is no ElastiCache message, expected a key such as ElastiCache:FailoverComplete';
    const change: CacheChange = /failover.*complete/i.test(message)
      ? 'failover-completed'
      : /failover/i.test(message)
        ? 'failover-started'
        : /replace/i.test(message)
          ? 'node-replaced'
          : 'other';
    return {
      ...common,
      kind: 'cache',
      observer: `elasticache:${common.region}`,
      key: `cache:${group}:${message}`,
      group,
      change,
    };
  },
};

/** Anything but a start ends a release or a window: failed, cancelled and completed all stop changing things. */
function phaseOf(phase: string): 'started' | 'ended' {
  return /^(start|begin|in.?progress)/i.test(phase) ? 'started' : 'ended';
}

/** The id of a zone given by id or by this account's name; null where the plan knows neither. */
function zoneId(idOrName: string, region: string, plan: Plan): string | null {
  const zones = Object.entries(plan.regions[region]?.zones ?? {});
  return zones.find(([id, name]) => id === idOrName || name === idOrName)?.[0] ?? null;
}

function firstIssue(where: string, error: z.ZodError): string {
  const issue = error.issues[0];
  return `${[where, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'is not what was expected'}`;
}

const patterns = new Map<string, RegExp>();

/** Compiled once: a storm asks thousands of times. */
function compiled(match: string): RegExp {
  const pattern = patterns.get(match) ?? new RegExp(match);
  patterns.set(match, pattern);
  return pattern;
}
