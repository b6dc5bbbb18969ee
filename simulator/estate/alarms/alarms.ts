// CloudWatch of the estate: collects samples into datapoints of a minute, evaluates every alarm once a minute, and emits
// an event only when a state changes.
import { hash } from '../chance/random.ts';
import type { ZoneReading } from '../service.ts';
import type { EstateOptions } from '../types.ts';
import type { World } from '../world.ts';
import { type AlarmDefinition, alarmCatalogue, resourceAlarm } from './alarm-catalogue.ts';
import {
  type AlarmState,
  type AlarmValue,
  alarmTime,
  breaches,
  type Datapoint,
  evaluate,
  longOk,
  silentPeriods,
} from './alarm-evaluation.ts';

export type Alarm = {
  readonly definition: AlarmDefinition;
  state: AlarmState;
  /** Samples of the minute that is under way. */
  samples: number[];
  /** Datapoints, oldest first, of the last hours. */
  points: Datapoint[];
  /** A state that a fault holds it in; null while its metric decides. */
  forced: AlarmValue | null;
  /** Whether its metric ever had a value. */
  hasHadData: boolean;
  /** Since when nothing evaluates it any more; its metric goes on. */
  isDeleted: boolean;
};

export type Alarms = {
  /** An alarm that has long been well. */
  add(definition: AlarmDefinition): void;
  /** By name. Deleted ones too: their metrics go on. */
  list(region: string): readonly Alarm[];
  /** Records one value of an alarm that an observer measures. */
  record(region: string, name: string, value: number): void;
  /** Takes a sample of all component alarms of a region. */
  sample(region: string, zones: readonly ZoneReading[]): void;
  /** Closes the minute that began at a time: datapoints are made, and states change some seconds later. */
  closeMinute(minute: number): void;
  /** Holds an alarm in a state, and makes it where it does not exist; null gives it back to its metric. */
  force(region: string, name: string, component: string, value: AlarmValue | null): void;
  /** Deletes an alarm: its state does not change. @throws Error where there is none */
  delete(region: string, name: string): void;
  /** Makes an alarm again that was deleted. */
  recreate(region: string, name: string): void;
};

/** Periods of samples that are kept: as many as any alarm looks back. */
const keptPeriods = 10;
/** Alarms have been well for this long when the estate starts. */
const wellSinceMs = 3_600_000;

export function createAlarms(world: World, alarmMessage: EstateOptions['alarmMessage']): Alarms {
  const startedAt = world.now();
  const alarms = new Map<string, Alarm>();
  /** The same of each region, by name. */
  const byRegion = new Map<string, Map<string, Alarm>>();
  const of = (region: string): Map<string, Alarm> => {
    const known = byRegion.get(region) ?? new Map<string, Alarm>();
    byRegion.set(region, known);
    return known;
  };
  /** The alarms of each region in the order of their names: read every minute, and new ones are few. */
  const sorted = new Map<string, readonly Alarm[]>();
  const list = (region: string): readonly Alarm[] => {
    const byName = (a: Alarm, b: Alarm) => (a.definition.name < b.definition.name ? -1 : 1);
    const known = sorted.get(region) ?? [...of(region).values()].sort(byName);
    sorted.set(region, known);
    return known;
  };
  const add = (definition: AlarmDefinition): Alarm => {
    const state = longOk(definition, startedAt - wellSinceMs);
    const alarm: Alarm = {
      definition,
      state,
      samples: [],
      points: [],
      forced: null,
      hasHadData: false,
      isDeleted: false,
    };
    alarms.set(`${definition.region} ${definition.name}`, alarm);
    of(definition.region).set(definition.name, alarm);
    sorted.delete(definition.region);
    return alarm;
  };
  for (const definition of alarmCatalogue(world.plan)) add(definition);

  const enter = (alarm: Alarm, next: AlarmState): void => {
    const { definition, state: previous } = alarm;
    if (alarm.isDeleted || world.isDark(definition.region) || next.value === previous.value) return;
    alarm.state = { ...next, at: world.now() };
    tell(alarm, previous);
    world.emit({
      region: definition.region,
      source: 'aws.cloudwatch',
      type: 'CloudWatch Alarm State Change',
      resources: [alarmArn(definition, world.account)],
      detail: {
        alarmName: definition.name,
        configuration: { metrics: metricsOf(definition) },
        previousState: shownState(previous),
        state: shownState(alarm.state),
      },
    });
  };

  /** Nothing evaluates an alarm while its region is lost: it becomes well after that. */
  const clear = (alarm: Alarm): void => {
    if (alarm.forced !== null) return;
    if (world.isDark(alarm.definition.region)) world.after(60, () => clear(alarm));
    else enter(alarm, forcedState(alarm, 'OK', world.now()));
  };

  /** Alarms tell their topics by themselves, as CloudWatch does: nothing of the automation is needed. */
  const tell = ({ definition, state }: Alarm, previous: AlarmState): void => {
    const topics = state.value === 'INSUFFICIENT_DATA' ? [] : (definition.actions?.[state.value] ?? []);
    const subject = `${state.value}: "${definition.name}" in ${definition.region}`.slice(0, 100);
    const body = JSON.stringify({
      AlarmName: definition.name,
      AWSAccountId: world.account,
      NewStateValue: state.value,
      NewStateReason: state.reason,
      StateChangeTime: alarmTime(state.at),
      Region: definition.region,
      OldStateValue: previous.value,
    });
    for (const topic of topics) alarmMessage(alarmArn(definition, world.account), topic, subject, body);
  };
  const named = (region: string, name: string): Alarm => {
    const alarm = alarms.get(`${region} ${name}`);
    if (alarm === undefined) throw new Error(`there is no alarm ${name} in ${region}`);
    return alarm;
  };

  const tellChange = ({ definition, state }: Alarm, operation: 'create' | 'delete'): void => {
    const { region, name: alarmName } = definition;
    world.emit({
      region,
      source: 'aws.cloudwatch',
      type: 'CloudWatch Alarm Configuration Change',
      resources: [alarmArn(definition, world.account)],
      detail: {
        alarmName,
        operation,
        state: shownState(state),
        configuration: { alarmName, metrics: metricsOf(definition), timestamp: alarmTime(world.now()) },
      },
    });
  };

  const close = (alarm: Alarm, minute: number): void => {
    const { definition, samples } = alarm;
    const { region, stat, measure } = definition;
    const value = samples.length === 0 || world.isBlind(region) ? null : statistic(stat, samples);
    alarm.points.push({ at: minute, value, samples: value === null ? 0 : samples.length });
    alarm.samples = [];
    if (alarm.points.length > keptPeriods) alarm.points.shift();
    if (alarm.forced !== null || world.isDark(region)) return;
    // Each alarm has its own second of the minute in which it is evaluated.
    const afterSeconds = 5 + (hash(definition.name) % 40_000) / 1000;
    const evaluated = (at: number): AlarmState | null => {
      const points = measure === undefined ? alarm.points : periodsUntil(minute, definition).map(measure);
      if (points.some((point) => point.value !== null)) alarm.hasHadData = true;
      return evaluate(definition, points, alarm.state, at);
    };
    // What counts samples has them all by now, and mostly finds nothing new.
    if (measure === undefined && evaluated(world.now() + afterSeconds * 1000) === null) return;
    world.after(afterSeconds, () => {
      if (alarm.forced !== null) return;
      const next = evaluated(world.now());
      // What was never measured, such as the lag of a writer, has been without data since the alarm was made: no change.
      if (next?.value === 'INSUFFICIENT_DATA' && !alarm.hasHadData) alarm.state = { ...next, at: alarm.state.at };
      else if (next !== null) enter(alarm, next);
    });
  };

  /** Where the last periods begin, of which the newest ends with a minute. What a metric gets late, it still counts. */
  const periodsUntil = (minute: number, { periodSeconds, evaluationPeriods }: AlarmDefinition): number[] => {
    const end = minute + 60_000;
    const periods: number[] = [];
    for (let back = Math.max(evaluationPeriods, silentPeriods); back >= 1; back -= 1) {
      const began = end - back * periodSeconds * 1000;
      if (began >= startedAt) periods.push(began);
    }
    return periods;
  };
  const isDue = ({ definition: { periodSeconds } }: Alarm, minute: number): boolean =>
    (minute + 60_000) % (periodSeconds * 1000) === 0;

  return {
    add: (definition) => void add(definition),
    list,
    record: (region, name, value) => void named(region, name).samples.push(value),
    sample(region, zones) {
      for (const alarm of of(region).values()) {
        const value = alarm.definition.read?.(zones) ?? null;
        if (value !== null) alarm.samples.push(value);
      }
    },
    closeMinute(minute) {
      for (const alarm of alarms.values()) if (!isIdle(alarm) && isDue(alarm, minute)) close(alarm, minute);
    },
    force(region, name, component, value) {
      const alarm = alarms.get(`${region} ${name}`) ?? add(resourceAlarm(world.plan, name, region, component));
      alarm.forced = value;
      if (value !== null) enter(alarm, forcedState(alarm, value, world.now()));
      else if (isIdle(alarm)) clear(alarm);
    },
    delete(region, name) {
      const alarm = named(region, name);
      alarm.isDeleted = true;
      tellChange(alarm, 'delete');
    },
    recreate(region, name) {
      const alarm = named(region, name);
      const reason = 'Unchecked: Initial alarm creation';
      alarm.state = { value: 'INSUFFICIENT_DATA', reason, reasonData: '', at: world.now() };
      alarm.isDeleted = false;
      tellChange(alarm, 'create');
    },
  };
}

/** The ARN of an alarm. */
export function alarmArn(definition: Pick<AlarmDefinition, 'name' | 'region'>, account: string): string {
  return `arn:aws:cloudwatch:${definition.region}:${account}:alarm:${definition.name}`;
}

/** An alarm on a resource that no physics measures: it changes only by force. */
function isIdle(alarm: Alarm): boolean {
  return alarm.definition.metric === 'ResourceImpaired';
}

function forcedState(alarm: Alarm, value: AlarmValue, now: number): AlarmState {
  const { definition, state } = alarm;
  const wanted = value === 'ALARM';
  const step = definition.comparison === 'LessThanThreshold' ? -1 : 1;
  const candidates = [definition.threshold + step, definition.threshold - step];
  const reading = candidates.find((candidate) => breaches(definition, candidate) === wanted) ?? definition.threshold;
  const minute = Math.floor(now / 60_000) * 60_000;
  const points = [2, 1].map((back) => ({ at: minute - back * 60_000, value: reading, samples: 6 }));
  const other = { ...state, value: wanted ? 'OK' : 'ALARM' } as const;
  return evaluate(definition, points, other, now) ?? state;
}

/** An alarm that was never evaluated has no data for its state. */
function shownState({ value, reason, reasonData, at }: AlarmState): Record<string, string> {
  return { reason, ...(reasonData === '' ? {} : { reasonData }), timestamp: alarmTime(at), value };
}

/** The metrics of an alarm as its event shows them: one metric, or an expression over two. */
function metricsOf({
  name,
  dimensions,
  metric,
  namespace,
  stat,
  expression,
  periodSeconds,
}: AlarmDefinition): Record<string, unknown>[] {
  const metricStat = (metricName: string, how: string) => ({
    metric: { dimensions, name: metricName, namespace },
    period: periodSeconds,
    stat: how,
  });
  if (expression === null) return [{ id: 'm1', metricStat: metricStat(metric, stat), returnData: true }];
  return [
    { expression, id: 'e1', label: name, returnData: true },
    { id: 'errors', metricStat: metricStat(metric, 'Sum'), returnData: false },
    { id: 'requests', metricStat: metricStat('RequestCount', 'Sum'), returnData: false },
  ];
}

function statistic(stat: AlarmDefinition['stat'], samples: readonly number[]): number {
  const sum = samples.reduce((total, sample) => total + sample, 0);
  const value = {
    Average: sum / samples.length,
    Sum: sum,
    Minimum: Math.min(...samples),
    Maximum: Math.max(...samples),
    p99: Math.max(...samples),
  }[stat];
  return Math.round(value * 1000) / 1000;
}
