// What is asked of all kinds at once: the loss of what holds data, and the alarms that are watched.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { assetsOf, kindNames, saidOf } from '../../../functions/domain/plan/assets.ts';
import { checksInBoth, checksOf, lagsWhenLost } from '../../../functions/kinds/looks.ts';
import { withExports, without, withRebuild, withSecondDatabase } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { setting } from '../setting.ts';

const endedAt = Date.UTC(2026, 0, 5, 9);
const cloudWatch = mocked(CloudWatchClient);
const { store } = setting();

test('how far each database was behind is measured, and of a cache or a cluster nothing is', async () => {
  cloudWatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries: [{ MetricStat }] }) => {
    const isSecond = MetricStat.Metric.Dimensions[0].Value === 'orders-dr';
    return {
      MetricDataResults: [
        { Id: 'm0', Timestamps: [new Date(endedAt - 60_000)], Values: [isSecond ? 7 : 2], StatusCode: 'Complete' },
      ],
    };
  });
  const two = withSecondDatabase(plan);
  const unknown = () => undefined;
  const ended = (asset: string) => (asset === 'orders' ? endedAt + 1_000 : endedAt);
  expect(await lagsWhenLost('us-west-2', ended, unknown, { ...two, store })).toEqual([
    { asset: 'database', writesEndedAt: endedAt, lag: { at: endedAt - 60_000, lagSeconds: 2 } },
    { asset: 'orders', writesEndedAt: endedAt + 1_000, lag: { at: endedAt - 60_000, lagSeconds: 7 } },
  ]);
  expect(
    await lagsWhenLost('us-west-2', ended, unknown, { ...without(two, 'rds-instance', 'ssm-parameters'), store }),
  ).toEqual([]);
});

test('of what was restored it is known until when it has data, and nothing is measured', async () => {
  const restored = { at: endedAt - 3_600_000, lagSeconds: 0 };
  cloudWatch.reset();
  expect(
    await lagsWhenLost(
      'us-west-2',
      () => endedAt,
      () => restored,
      { ...plan, store },
    ),
  ).toEqual([{ asset: 'database', writesEndedAt: endedAt, lag: restored }]);
  expect(
    await lagsWhenLost(
      'us-west-2',
      () => endedAt,
      () => null,
      { ...plan, store },
    ),
  ).toEqual([{ asset: 'database', writesEndedAt: endedAt, lag: null }]);
  expect(cloudWatch.calls()).toEqual([]);
});

test('what a takeover by the other region needs is looked at in both: the pair turns round', () => {
  const whole = withExports(withRebuild(plan));
  for (const region of ['us-east-1', 'us-west-2']) {
    const shell = setting({ plan: whole, region });
    const inBoth = checksInBoth(shell).map(({ check }) => check);
    for (const check of ['nodes', 'images', 'export', 'cache-room', 'restore', 'cluster-shift'])
      expect(inBoth, region).toContain(check);
    expect(checksOf(shell).map(({ check }) => check)).toEqual([
      'replica',
      'lag',
      'cache',
      'cluster',
      'functions',
      'settings',
    ]);
  }
});

const alarmsIn = (region: string) =>
  kindNames.flatMap((kind) => saidOf({ kind }).alarmsIn?.(region, assetsOf(kind, plan), plan) ?? []);

test.for([
  ['us-east-1', 'chatops-prod'],
  ['us-west-2', 'chatops-dr-replica'],
] as const)('lag and targets are watched in %s, whichever role it has', ([region, instance]) => {
  const [lag, ...targets] = alarmsIn(region);
  expect(lag).toMatchObject({
    kind: 'replica',
    name: 'database-replica-lag',
    metrics: { dimensions: { DBInstanceIdentifier: instance } },
  });
  expect(new Set(targets.map(({ kind }) => kind))).toEqual(new Set(['component']));
  expect(targets.map(({ name }) => name)).toEqual(
    Object.keys(plan.regions[region]?.zones ?? {}).map((zone) => `ingress-targets-unhealthy-${zone}`),
  );
});
