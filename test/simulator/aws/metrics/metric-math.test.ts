// Metric math and queries of alarms mean what CloudWatch's documentation says.
import { expect, test } from 'vitest';
import { calculation, queryIn } from '../../../../simulator/aws/metrics/metric-math.ts';
import { createMetrics } from '../../../../simulator/aws/metrics/metrics.ts';

const values: Readonly<Record<string, number | null>> = { a: 2, b: 3, none: null, zero: 0 };

test.for<[string, number | null]>([
  ['a', 2],
  ['a + b', 5],
  ['a - b + 10', 9],
  ['a + none', null],
  ['FILL(none, 0) + a', 2],
  ['FILL(a, 0) + FILL(none, 7)', 9],
  ['IF(a > 0, b, 0)', 3],
  ['IF(zero > 0, b, 0)', 0],
  ['IF(none > 0, b, 0)', null],
  ['IF((a + b) >= 5, 1, 0)', 1],
  ['a == 2', 1],
])('%s', ([expression, expected]) => {
  expect(calculation(expression)((id) => values[id] ?? null)).toBe(expected);
});

test.for(['a +', 'RATE(a)', 'a b', '(a'])('%s is refused', (expression) => {
  expect(() => calculation(expression)((id) => values[id] ?? null)).toThrow();
});

test('a query reads all metrics of a name with these dimensions', () => {
  const query = queryIn(
    `SELECT MAX(HealthyHostCount) FROM SCHEMA("AWS/ApplicationELB", AvailabilityZone, LoadBalancer) WHERE LoadBalancer = 'app/x/1' AND AvailabilityZone = 'us-east-1a'`,
  );
  if (query === null) throw new Error('no query');
  const metrics = createMetrics();
  const record = (LoadBalancer: string, AvailabilityZone: string, TargetGroup: string, value: number) =>
    metrics.record(
      'us-east-1',
      {
        namespace: 'AWS/ApplicationELB',
        name: 'HealthyHostCount',
        dimensions: { LoadBalancer, AvailabilityZone, TargetGroup },
      },
      value,
      60_000,
    );
  record('app/x/1', 'us-east-1a', 'one', 1);
  record('app/x/1', 'us-east-1a', 'two', 4);
  record('app/x/1', 'us-east-1b', 'one', 9);
  record('app/y/1', 'us-east-1a', 'one', 9);
  expect(metrics.readAll('us-east-1', query, 60_000, 60)).toEqual({ at: 60_000, value: 4, samples: 2 });
  expect(metrics.readAll('us-west-2', query, 60_000, 60).value).toBeNull();
  expect(queryIn('a + b')).toBeNull();
});

test.for<[string, number]>([
  ['Sum', 6],
  ['Average', 2],
  ['Minimum', 1],
  ['Maximum', 3],
  ['SampleCount', 3],
  ['p50', 2],
])('%s of a period of minutes', ([stat, expected]) => {
  const metrics = createMetrics();
  const metric = { namespace: 'N', name: 'M', dimensions: {} };
  for (const [minute, value] of [1, 2, 3].entries()) metrics.record('r', metric, value, minute * 60_000);
  metrics.record('r', metric, 100, 5 * 60_000);
  expect(metrics.read('r', { ...metric, stat }, 0, 300).value).toBe(expected);
  expect(metrics.read('r', { ...metric, stat }, 10 * 60_000, 60)).toMatchObject({ value: null, samples: 0 });
});
