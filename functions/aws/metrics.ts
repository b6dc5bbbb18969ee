// Reads the replication lag of a database from CloudWatch, and writes what Breakwater measures itself.
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const cloudWatch = oneForEachRegion((region) => new CloudWatchClient({ region, ...limits }));

/** One minute's lag. `at` in milliseconds since 1970; null where the metric says that it does not know. */
export type LagPoint = { readonly at: number; readonly lagSeconds: number | null };

const periodSeconds = 60;

/**
 * The lag of a replica between two times, oldest first; minutes without data have no point. A negative value is
 * CloudWatch's way to say that replication is broken, and no lag of nothing. @throws Unavailable, CannotProceed.
 */
export async function readReplicaLag(
  region: string,
  replica: string,
  fromAt: number,
  untilAt: number,
): Promise<LagPoint[]> {
  const request = new GetMetricDataCommand({
    StartTime: new Date(fromAt),
    EndTime: new Date(untilAt),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: [
      {
        Id: 'lag',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/RDS',
            MetricName: 'ReplicaLag',
            Dimensions: [{ Name: 'DBInstanceIdentifier', Value: replica }],
          },
          Period: periodSeconds,
          Stat: 'Maximum',
        },
      },
    ],
  });
  const answer = await asking(`read the lag of ${replica}`, cloudWatch(region).send(request));
  const { Timestamps: times = [], Values: values = [] } = answer.MetricDataResults?.[0] ?? {};
  return times.flatMap((time, index) => {
    const value = values[index];
    return value === undefined ? [] : [{ at: time.getTime(), lagSeconds: value < 0 ? null : value }];
  });
}

/** One measured value, such as 1 of Probe with Service rds and Region us-east-1. */
export type Measure = {
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
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
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Value: value,
      Timestamp: new Date(at),
    })),
  });
  await asking(`write measures to ${namespace} in ${region}`, cloudWatch(region).send(request));
}
