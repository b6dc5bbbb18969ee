// What is asked of all kinds at once: the loss of what holds data, and the alarms that are watched.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { assetsOf, kindNames, saidOf } from '../../../functions/domain/assets.ts';
import { lagsWhenLost } from '../../../functions/kinds/looks.ts';
import { without, withSecondDatabase } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';

const endedAt = Date.UTC(2026, 0, 5, 9);
const cloudWatch = mocked(CloudWatchClient);

test('how far each database was behind is measured, and of a cache or a cluster nothing is', async () => {
  cloudWatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries: [{ MetricStat }] }) => {
    const isSecond = MetricStat.Metric.Dimensions[0].Value === 'orders-dr';
    return {
      MetricDataResults: [
        { Timestamps: [new Date(endedAt - 60_000)], Values: [isSecond ? 7 : 2], StatusCode: 'Complete' },
      ],
    };
  });
  const two = withSecondDatabase(plan);
  const ended = (asset: string) => (asset === 'orders' ? endedAt + 1_000 : endedAt);
  expect(await lagsWhenLost('us-west-2', ended, two)).toEqual([
    { writesEndedAt: endedAt, lag: { at: endedAt - 60_000, lagSeconds: 2 } },
    { writesEndedAt: endedAt + 1_000, lag: { at: endedAt - 60_000, lagSeconds: 7 } },
  ]);
  expect(await lagsWhenLost('us-west-2', ended, without(two, 'rds-instance', 'ssm-parameters'))).toEqual([]);
});

const alarmsIn = (region: string) =>
  kindNames.flatMap((kind) => saidOf({ kind }).alarmsIn?.(region, assetsOf(kind, plan), plan) ?? []);

test('the lag is watched where the replica stands, and targets where users are', () => {
  expect(alarmsIn('us-west-2').map(({ kind, name }) => [kind, name])).toEqual([['replica', 'database-replica-lag']]);
  const targets = alarmsIn('us-east-1');
  expect(new Set(targets.map(({ kind }) => kind))).toEqual(new Set(['component']));
  expect(targets.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^ingress-targets-unhealthy.*-use1-az1$/)]),
  );
});
