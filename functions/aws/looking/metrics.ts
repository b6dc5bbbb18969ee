// Reads how far behind a replica is, how much of a quota is used, and what canaries saw, from CloudWatch, and writes what Breakwater measures itself.
import {
  CloudWatchClient,
  PutMetricDataCommand,
  paginateGetMetricData,
  type StatusCode,
} from '@aws-sdk/client-cloudwatch';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import type { Metric } from '../../domain/kind/watched.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, callingEach } from '../calls/faults.ts';

const cloudWatch = /* @__PURE__ */ oneForEachRegion((region) => new CloudWatchClient({ region, ...limits }));

/** One minute's lag. `at` in milliseconds since 1970; null where the metric says that it does not know. */
export type LagPoint = { readonly at: number; readonly lagSeconds: number | null };

const periodSeconds = 60;

/** What a result without its data is: nothing says that what came is the newest. A status that is not known yet is one of these. */
const incompleteAs = (status: string) => (status === 'Forbidden' ? CannotProceed : Unavailable);

/**
 * The lag that a metric measures between two times, oldest first; minutes without data have no point. A negative value is
 * CloudWatch's way to say that replication is broken, and no lag of nothing. @throws Unavailable, CannotProceed.
 */
export async function readLag(region: string, metric: Metric, fromAt: number, untilAt: number): Promise<LagPoint[]> {
  const what = `read the lag of ${Object.values(metric.dimensions).join(' ')}`;
  const points = await readPoints(what, region, metric, fromAt, untilAt);
  return points.map(({ at, value }) => ({ at, lagSeconds: value < 0 ? null : inMilliseconds(value) }));
}

/** The newest value between two times; null where there is none. @throws Unavailable, CannotProceed. */
export async function readNewest(
  region: string,
  metric: Metric,
  fromAt: number,
  untilAt: number,
): Promise<number | null> {
  const what = `read ${metric.name} of ${Object.values(metric.dimensions).join(' ')}`;
  return (await readPoints(what, region, metric, fromAt, untilAt)).at(-1)?.value ?? null;
}

/** A metric by what is read of it; its middle value is known where each was written. */
type Read = Omit<Metric, 'stat'> & { readonly stat: Metric['stat'] | 'p50' };

type Point = { readonly at: number; readonly value: number };

/** Each value between two times, oldest first; minutes without data have none. @throws Unavailable, CannotProceed. */
export function readValues(region: string, metric: Read, fromAt: number, untilAt: number): Promise<Point[]> {
  return readPoints(`read ${metric.name} of ${region}`, region, metric, fromAt, untilAt);
}

/** What was counted of each metric between two times, and when that was last more than nothing; nothing of one that CloudWatch cannot read now. @throws Unavailable, CannotProceed. */
export async function readCounts(
  region: string,
  metrics: readonly Metric[],
  fromAt: number,
  untilAt: number,
): Promise<{ readonly count: number; readonly lastAt: number | null }[]> {
  if (metrics.length === 0) return [];
  const all = await readAll(`read counts in ${region}`, region, metrics, fromAt, untilAt);
  return all.map(({ points }) => ({
    count: points.reduce((sum, { value }) => sum + value, 0),
    lastAt: points.findLast(({ value }) => value > 0)?.at ?? null,
  }));
}

async function readPoints(
  what: string,
  region: string,
  metric: Read,
  fromAt: number,
  untilAt: number,
): Promise<Point[]> {
  const [read] = await readAll(what, region, [metric], fromAt, untilAt);
  const { points = [], status } = read ?? {};
  if (status !== undefined && status !== 'Complete')
    throw new (incompleteAs(status))(`${what}: CloudWatch says ${status}`);
  return points;
}

/** Of each metric, oldest first, and whether that is all of it. */
async function readAll(
  what: string,
  region: string,
  metrics: readonly Read[],
  fromAt: number,
  untilAt: number,
): Promise<{ readonly points: Point[]; readonly status: StatusCode | undefined }[]> {
  const queries = metrics.map((metric, index) => ({
    Id: `m${index}`,
    MetricStat: {
      Metric: {
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: namesAndValues(metric.dimensions),
      },
      Period: periodSeconds,
      Stat: metric.stat,
    },
  }));
  const pages = paginateGetMetricData(
    { client: cloudWatch(region) },
    {
      StartTime: new Date(fromAt),
      EndTime: new Date(untilAt),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: queries,
    },
  );
  const found = new Map(queries.map(({ Id }) => [Id, [] as Point[]]));
  const statuses = new Map<string, StatusCode | undefined>();
  for await (const { MetricDataResults = [] } of callingEach(what, pages)) {
    for (const { Id = '', Timestamps = [], Values = [], StatusCode } of MetricDataResults) {
      // A page that is not the last says PartialData, and an error in the middle may have passed: the last word counts.
      statuses.set(Id, StatusCode);
      for (const [index, time] of Timestamps.entries()) {
        const value = Values[index];
        if (value !== undefined) found.get(Id)?.push({ at: time.getTime(), value });
      }
    }
  }
  return [...found].map(([id, points]) => ({ points: points.sort((a, b) => a.at - b.at), status: statuses.get(id) }));
}

function namesAndValues(dimensions: Readonly<Record<string, string>>) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** People read the figure: seconds with three decimals at most, rounded up, since a loss is promised by it. */
function inMilliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000) / 1000;
}

/** What was measured, such as 1 of Probe with Service rds and Region us-east-1; up to 150 values of one minute. */
export type Measure = {
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number | readonly number[];
};

/** Writes what was measured at one time; a request takes 1,000 values. @throws Unavailable, CannotProceed. */
export async function writeMeasures(
  region: string,
  namespace: string,
  measures: readonly Measure[],
  at: number,
): Promise<void> {
  if (measures.length === 0) return;
  const request = new PutMetricDataCommand({
    Namespace: namespace,
    MetricData: measures.map(({ metric, dimensions, value }) => ({
      MetricName: metric,
      Dimensions: namesAndValues(dimensions),
      ...(typeof value === 'number' ? { Value: value } : { Values: [...value] }),
      Timestamp: new Date(at),
    })),
  });
  await calling(`write measures to ${namespace} in ${region}`, cloudWatch(region).send(request));
}
