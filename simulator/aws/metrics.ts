// CloudWatch's metrics of all regions: what AWS and the stacks measure, in minutes, and the statistics that alarms and readers ask for.
import type { MetricName } from './deployment.ts';

/** One period of a metric; `value` is null where there was no data. */
export type Period = { readonly at: number; readonly value: number | null; readonly samples: number };

export type Metrics = {
  record(region: string, metric: Omit<MetricName, 'stat'>, value: number, at: number): void;
  /** The statistic over a period that begins at a time. */
  read(region: string, metric: MetricName, at: number, periodSeconds: number): Period;
  /** Over all metrics of a name whose dimensions have these values among others, as a Metrics Insights query reads them. */
  readAll(region: string, metric: MetricName, at: number, periodSeconds: number): Period;
};

type Minute = { sum: number; samples: number; least: number; greatest: number };
type Series = { readonly metric: Omit<MetricName, 'stat'>; readonly minutes: Map<number, Minute> };

const minuteMs = 60_000;
/** CloudWatch keeps minutes for 15 days; nothing here looks back further than this. */
const keptMinutes = 400;

export function createMetrics(): Metrics {
  const series = new Map<string, Series>();

  const over = (some: readonly Series[], stat: string, at: number, periodSeconds: number): Period => {
    const total: Minute = { sum: 0, samples: 0, least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY };
    const from = Math.floor(at / minuteMs);
    for (const { minutes } of some)
      for (let minute = from; minute < from + periodSeconds / 60; minute += 1) {
        const known = minutes.get(minute);
        if (known !== undefined) add(total, known);
      }
    const value = total.samples === 0 ? null : statistic(stat, total);
    return { at, value, samples: total.samples };
  };

  return {
    record(region, metric, value, at) {
      const key = keyOf(region, metric);
      const known = series.get(key) ?? { metric, minutes: new Map<number, Minute>() };
      series.set(key, known);
      const minute = Math.floor(at / minuteMs);
      const one = { sum: value, samples: 1, least: value, greatest: value };
      const before = known.minutes.get(minute);
      if (before === undefined) known.minutes.set(minute, one);
      else add(before, one);
      const [oldest] = known.minutes.keys();
      if (known.minutes.size > keptMinutes && oldest !== undefined) known.minutes.delete(oldest);
    },
    read(region, metric, at, periodSeconds) {
      const found = series.get(keyOf(region, metric));
      return over(found === undefined ? [] : [found], metric.stat, at, periodSeconds);
    },
    readAll(region, { namespace, name, dimensions, stat }, at, periodSeconds) {
      const wanted = Object.entries(dimensions);
      const found: Series[] = [];
      for (const [key, one] of series) {
        const { metric } = one;
        if (metric.name !== name || metric.namespace !== namespace || !key.startsWith(`${region} `)) continue;
        if (wanted.every(([dimension, value]) => metric.dimensions[dimension] === value)) found.push(one);
      }
      return over(found, stat, at, periodSeconds);
    },
  };
}

function keyOf(region: string, { namespace, name, dimensions }: Omit<MetricName, 'stat'>): string {
  let key = `${region} ${namespace} ${name}`;
  for (const dimension of Object.keys(dimensions).sort()) key += ` ${dimension}=${dimensions[dimension]}`;
  return key;
}

function add(to: Minute, from: Minute): void {
  to.sum += from.sum;
  to.samples += from.samples;
  to.least = Math.min(to.least, from.least);
  to.greatest = Math.max(to.greatest, from.greatest);
}

function statistic(stat: string, { sum, samples, least, greatest }: Minute): number {
  switch (stat) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / samples;
    case 'Minimum':
    case 'MIN':
      return least;
    case 'Maximum':
    case 'MAX':
      return greatest;
    case 'SampleCount':
      return samples;
    default:
      throw new Error(`the simulator does not know the statistic ${stat}`);
  }
}
