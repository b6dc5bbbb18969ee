// The alarms that the plan's signals rest on, where the stack can make them: the plan's rules know them by their names. They
// tell nobody: EventBridge takes every change of their state to the signals queue, and the sweep reads them each minute.
import { assetsOf, kindNames, saidOf } from '../../functions/domain/plan/assets.ts';
import { InvalidPlan } from '../../functions/domain/plan/plan.ts';
import { alarmSignal } from '../../functions/domain/signals/signals.ts';
import type { Signal } from '../../functions/domain/types.ts';
import { pascal, type Resources } from '../template.ts';
import type { Stack } from '../values.ts';
import { type Alarm, alarmResource } from './alarm.ts';

/** What an alarm is about, and the kind of signal that the plan's rules must make of it. */
type SignalAlarm = Omit<Alarm, 'tells'> & { readonly kind: Signal['kind'] };

/** Of a main stack: what it can see of the other region, and the parts of its own that no other alarm watches. */
export function signalAlarms(stack: Stack): Resources {
  const alarms = [...heartbeat(stack), ...probes(stack), ...ofKinds(stack)];
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

/** What the kinds say of their assets. */
function ofKinds({ plan, region }: Stack): SignalAlarm[] {
  const alarms = kindNames.flatMap((kind) => saidOf({ kind }).alarmsIn?.(region, assetsOf(kind, plan), plan) ?? []);
  return alarms.map((alarm) => ({ ...alarm, name: `${plan.application}-${alarm.name}` }));
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
