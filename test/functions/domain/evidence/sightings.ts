// A small language for tests of the domain: what was seen of us-east-1, when, and from where.
import type { CacheChange, Condition, DatabaseChange, Signal, Standing } from '../../../../functions/domain/types.ts';

export const region = 'us-east-1';
export const [az1, az2, az4] = ['use1-az1', 'use1-az2', 'use1-az4'] as const;
/** The time that seconds are counted from. */
export const start = Date.parse('2026-11-23T03:00:00Z');

export function after(seconds: number): number {
  return start + seconds * 1000;
}

/** Nothing holds an action back. */
export const idle: Standing = {
  frozen: null,
  primary: region,
  epoch: 1,
  movedAt: null,
  lock: null,
  degradation: null,
  lastActions: [],
};

type Seen = { readonly id: string; readonly at: number; readonly region: string };

function seen(seconds: number, name: string): Seen {
  return { id: `${name}@${seconds}`, at: after(seconds), region };
}

/** An alarm such as `api-latency` in a zone, or over the region. */
export function alarm(name: string, zone: string | null, seconds: number, condition: Condition = 'failing'): Signal {
  const [component = '', ...measure] = name.split('-');
  const key = `alarm:${region}:chatops-${name}-${zone}`;
  const sign = { ...seen(seconds, `${name}-${zone}-${condition}`), key, observer: region };
  return { ...sign, kind: 'component', component, measure: measure.join('-') || '5xx', zone, condition };
}

export function alarms(
  names: readonly string[],
  zone: string | null,
  seconds: number,
  condition?: Condition,
): Signal[] {
  return names.map((name) => alarm(name, zone, seconds, condition));
}

export function canary(observer: string, seconds: number, condition: Condition = 'failing'): Signal {
  const sign = seen(seconds, `canary-${observer}-${condition}`);
  return { ...sign, key: `alarm:${observer}:chatops-canary-${observer}`, observer, kind: 'canary', condition };
}

/** `value`: the share of its visits that were answered; undefined as of a canary that does not tell. */
export function run(
  observer: string,
  seconds: number,
  passed: boolean,
  value: number | undefined = Number(passed),
): Signal {
  const sign = seen(seconds, `run-${observer}-${passed}`);
  return { ...sign, key: `run:${observer}:${passed}`, observer, kind: 'canary-run', passed, value };
}

export function probe(service: string, seconds: number, condition: Condition = 'failing'): Signal {
  const sign = seen(seconds, `probe-${service}-${condition}`);
  return { ...sign, key: `alarm:us-west-2:probe-${service}`, observer: 'us-west-2', kind: 'probe', service, condition };
}

/** One look at the control planes of us-east-1: the services that did not answer. */
export function probeRun(seconds: number, services: readonly string[] = []): Signal {
  const failing = services.join('+') || 'none';
  const sign = { ...seen(seconds, `probe-run-${failing}`), key: `probe-run:us-west-2:${region}:${failing}` };
  return { ...sign, observer: 'us-west-2', kind: 'probe-run', services };
}

export function heartbeat(seconds: number, condition: Condition = 'failing'): Signal {
  const sign = seen(seconds, `heartbeat-${condition}`);
  return { ...sign, key: 'alarm:us-west-2:heartbeat', observer: 'us-west-2', kind: 'heartbeat', condition };
}

export function beat(seconds: number): Signal {
  return { ...seen(seconds, 'beat'), key: `beat:${region}`, observer: region, kind: 'beat' };
}

export function replica(seconds: number, condition: Condition = 'failing'): Signal {
  const sign = seen(seconds, `replica-${condition}`);
  return { ...sign, key: 'alarm:us-west-2:replica-lag', observer: 'us-west-2', kind: 'replica', condition };
}

export function unready(check: string, seconds: number, condition: Condition = 'failing'): Signal {
  const sign = { ...seen(seconds, `unready-${check}-${condition}`), key: `readiness:${region}:${check}` };
  return { ...sign, observer: region, kind: 'readiness', check, why: `${check} is not there`, condition };
}

export function autoshift(zone: string, seconds: number, active = true): Signal {
  const sign = { ...seen(seconds, `autoshift-${zone}-${active}`), key: `shift:autoshift:${zone}` };
  return { ...sign, observer: 'aws-zonal-shift', kind: 'shift', zone, cause: 'autoshift', active };
}

export function bulletin(zones: readonly string[], seconds: number, open = true, service = 'ec2'): Signal {
  const sign = { ...seen(seconds, `bulletin-${open}`), key: `health:${service}:1`, observer: 'aws-health' };
  return { ...sign, kind: 'health', service, open, category: 'issue', zones };
}

export function database(change: DatabaseChange, seconds: number): Signal {
  const sign = { ...seen(seconds, `database-${change}`), key: `database:${change}`, observer: 'rds:us-east-1' };
  return { ...sign, kind: 'database', instance: 'chatops-prod', change };
}

export function cache(change: CacheChange, seconds: number): Signal {
  const sign = { ...seen(seconds, `cache-${change}`), key: `cache:${change}`, observer: 'elasticache:us-east-1' };
  return { ...sign, kind: 'cache', group: 'chatops-redis', change };
}

export function release(phase: 'started' | 'ended', seconds: number, name = 'd-1'): Signal {
  const sign = { ...seen(seconds, `release-${name}-${phase}`), key: `release:${name}:${phase}`, observer: region };
  return { ...sign, kind: 'release', release: name, phase };
}

export function maintenance(
  phase: 'started' | 'ended',
  targets: readonly string[],
  seconds: number,
  plannedSeconds: number | null = null,
): Signal {
  const sign = { ...seen(seconds, `maintenance-${phase}`), key: `maintenance:mw-1:${phase}`, observer: region };
  return { ...sign, kind: 'maintenance', window: 'mw-1', phase, targets, plannedSeconds };
}
