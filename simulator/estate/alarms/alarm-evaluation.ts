// Evaluates one alarm as CloudWatch does, and says why in CloudWatch's words. Pure: datapoints in, state out.
import type { AlarmDefinition, Comparison } from './alarm-catalogue.ts';

export type AlarmValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One period of a metric; null is a period without data. */
export type Datapoint = { readonly at: number; readonly value: number | null; readonly samples: number };

export type AlarmState = {
  readonly value: AlarmValue;
  readonly reason: string;
  readonly reasonData: string;
  readonly at: number;
};

/** Periods without data until an alarm has insufficient data. */
export const silentPeriods = 3;

const phrases: Record<Comparison, string> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
};

/** The state after the newest datapoint (oldest first); null where it stays as it is. */
export function evaluate(
  alarm: AlarmDefinition,
  points: readonly Datapoint[],
  state: AlarmState,
  now: number,
): AlarmState | null {
  const { evaluationPeriods: periods, breachingPeriods: needed } = alarm;
  const recent = points.slice(-periods);
  if (recent.length < periods) return null;
  // Words are for a change: nearly every look finds none.
  const next = (value: AlarmValue, reason: () => string, looked: readonly Datapoint[]): AlarmState | null =>
    value === state.value ? null : { value, reason: reason(), reasonData: reasonData(alarm, looked, now), at: now };

  const silent = points.slice(-silentPeriods);
  if (alarm.missing === 'missing') {
    if (silent.length === silentPeriods && silent.every((point) => point.value === null)) {
      return next('INSUFFICIENT_DATA', () => `Insufficient Data: ${silent.length} datapoints were unknown.`, silent);
    }
  }
  const breaching = recent.filter((point) =>
    point.value === null ? alarm.missing === 'breaching' : breaches(alarm, point.value),
  );
  const crossing = breaching.length === periods ? recent : breaching;
  if (breaching.length >= needed) return next('ALARM', () => crossed(alarm, crossing, true, state.value), recent);
  // A gap could have been a breach.
  if (alarm.missing === 'missing' && recent.some((point) => point.value === null)) return null;
  const well = recent.filter((point) => point.value !== null && !breaching.includes(point));
  return next('OK', () => crossed(alarm, well, false, state.value), recent);
}

/** The state of an alarm that has long been well. */
export function longOk(alarm: AlarmDefinition, at: number): AlarmState {
  const value = alarm.comparison === 'LessThanThreshold' ? Math.max(alarm.threshold, 1) : 0;
  const minute = Math.floor(at / 60_000) * 60_000 - 60_000;
  const point = { at: minute, value, samples: 6 };
  const reason = `Threshold Crossed: 1 datapoint ${shown([point])} was not ${phrases[alarm.comparison]} the threshold (${decimal(alarm.threshold)}).`;
  return { value: 'OK', reason, reasonData: reasonData(alarm, [point], at), at };
}

/** A time as CloudWatch writes it in an event: milliseconds, and the offset without a colon. */
export function alarmTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

export function breaches(alarm: Pick<AlarmDefinition, 'comparison' | 'threshold'>, value: number): boolean {
  if (alarm.comparison === 'LessThanThreshold') return value < alarm.threshold;
  return alarm.comparison === 'GreaterThanThreshold' ? value > alarm.threshold : value >= alarm.threshold;
}

function crossed(
  alarm: AlarmDefinition,
  points: readonly Datapoint[],
  breaching: boolean,
  previous: AlarmValue,
): string {
  const periods = alarm.evaluationPeriods;
  if (points.every((point) => point.value === null)) {
    const treated = breaching ? 'Breaching' : 'NonBreaching';
    const gaps = `${periods} ${periods === 1 ? 'period' : 'periods'} and ${periods} missing datapoint${periods === 1 ? '' : 's'}`;
    return `Threshold Crossed: no datapoints were received for ${gaps} ${periods === 1 ? 'was' : 'were'} treated as [${treated}].`;
  }
  const count = points.length;
  const verb = `${count === 1 ? 'was' : 'were'}${breaching ? '' : ' not'}`;
  const needed = breaching ? alarm.breachingPeriods : periods - alarm.breachingPeriods + 1;
  const change = `${previous} -> ${breaching ? 'ALARM' : 'OK'}`;
  const rule = `(minimum ${needed} datapoint${needed === 1 ? '' : 's'} for ${change} transition)`;
  const phrase = `${phrases[alarm.comparison]} the threshold (${decimal(alarm.threshold)})`;
  return `Threshold Crossed: ${count} out of the last ${periods} datapoints ${shown(points)} ${verb} ${phrase} ${rule}.`;
}

function reasonData(alarm: AlarmDefinition, points: readonly Datapoint[], now: number): string {
  const known = points.filter((point) => point.value !== null);
  const first = known[0];
  return JSON.stringify({
    version: '1.0',
    queryDate: alarmTime(now),
    ...(first === undefined ? {} : { startDate: alarmTime(first.at) }),
    ...(alarm.expression === null ? { statistic: alarm.stat } : {}),
    period: alarm.periodSeconds,
    recentDatapoints: known.map((point) => point.value),
    threshold: alarm.threshold,
    evaluatedDatapoints: points.toReversed().map(({ at, value, samples }) => ({
      timestamp: alarmTime(at),
      ...(value === null ? {} : { sampleCount: samples, value }),
    })),
  });
}

/** Datapoints newest first, each with its period: [0.0 (14/05/26 02:06:00), …]. */
function shown(points: readonly Datapoint[]): string {
  const texts = points.toReversed().map(({ at, value }) => {
    const iso = new Date(at).toISOString();
    const day = `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)}`;
    return `${decimal(value ?? 0)} (${day} ${iso.slice(11, 19)})`;
  });
  return `[${texts.join(', ')}]`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
