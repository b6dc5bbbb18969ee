// CloudWatch's metrics of all regions: what AWS and the stacks measure, in minutes, and the statistics that alarms and readers ask for.
import { percentilesOf } from '../../../functions/domain/percentiles.ts';
import type { MetricName } from '../deployment.ts';

/** One period of a metric; `value` is null where there was no data. */
export type Period = { readonly at: number; readonly value: number | null; readonly samples: number };

export type Metrics = {
  record(region: string, metric: Omit<MetricName, 'stat'>, value: number, at: number): void;
  /** The statistic over a period that begins at a time. */
  read(region: string, metric: MetricName, at: number, periodSeconds: number): Period;
  /** The same for who reads one metric again and again. */
  reader(region: string, metric: MetricName): (at: number, periodSeconds: number) => Period;
  /** Over all metrics of a name whose dimensions have these values among others, as a Metrics Insights query reads them. */
  readAll(region: string, metric: MetricName, at: number, periodSeconds: number): Period;
};

/** `minutes`: what was measured in each. */
type Series = { readonly metric: Omit<MetricName, 'stat'>; readonly minutes: Map<number, number[]> };

const minuteMs = 60_000;
/** CloudWatch keeps minutes for 15 days; nothing here looks back further than this. */
const keptMinutes = 400;

export function createMetrics(): Metrics {
  const series = new Map<string, Series>();
  /** Those of one region and name, whatever their dimensions. */
  const families = new Map<string, Series[]>();

  const begin = (key: string, region: string, metric: Series['metric']): Series => {
    const one: Series = { metric, minutes: new Map<number, number[]>() };
    const family = familyOf(region, metric);
    families.set(family, [...(families.get(family) ?? []), one]);
    series.set(key, one);
    return one;
  };
  const over = (some: readonly Series[], stat: string, at: number, periodSeconds: number): Period => {
    const values: number[] = [];
    const from = Math.floor(at / minuteMs);
    for (const { minutes } of some)
      for (let minute = from; minute < from + periodSeconds / 60; minute += 1)
        for (const value of minutes.get(minute) ?? []) values.push(value);
    return { at, value: values.length === 0 ? null : statistic(stat, values), samples: values.length };
  };

  const reader: Metrics['reader'] = (region, metric) => {
    const key = keyOf(region, metric);
    return (at, periodSeconds) => {
      const found = series.get(key);
      return over(found === undefined ? [] : [found], metric.stat, at, periodSeconds);
    };
  };

  return {
    record(region, metric, value, at) {
      const key = keyOf(region, metric);
      const known = series.get(key) ?? begin(key, region, metric);
      const minute = Math.floor(at / minuteMs);
      const before = known.minutes.get(minute);
      if (before === undefined) known.minutes.set(minute, [value]);
      else before.push(value);
      if (known.minutes.size <= keptMinutes) return;
      const [oldest] = known.minutes.keys();
      if (oldest !== undefined) known.minutes.delete(oldest);
    },
    read: (region, metric, at, periodSeconds) => reader(region, metric)(at, periodSeconds),
    reader,
    readAll(region, metric, at, periodSeconds) {
      const wanted = Object.entries(metric.dimensions);
      const family = families.get(familyOf(region, metric)) ?? [];
      const found = family.filter(({ metric: { dimensions } }) =>
        wanted.every(([dimension, value]) => dimensions[dimension] === value),
      );
      return over(found, metric.stat, at, periodSeconds);
    },
  };
}

function familyOf(region: string, { namespace, name }: Omit<MetricName, 'stat'>): string {
  return `${region} ${namespace} ${name}`;
}

function keyOf(region: string, metric: Omit<MetricName, 'stat'>): string {
  const { dimensions } = metric;
  let key = familyOf(region, metric);
  for (const dimension of Object.keys(dimensions).sort()) key += ` ${dimension}=${dimensions[dimension]}`;
  return key;
}

function statistic(stat: string, values: readonly number[]): number {
  switch (stat) {
    case 'Sum':
      return sumOf(values);
    case 'Average':
      return sumOf(values) / values.length;
    case 'Minimum':
    case 'MIN':
      return Math.min(...values);
    case 'Maximum':
    case 'MAX':
      return Math.max(...values);
    case 'SampleCount':
      return values.length;
    case 'p50':
      return percentilesOf(values)?.p50 ?? 0;
    default:
      throw new Error(`the simulator does not know the statistic ${stat}`);
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
