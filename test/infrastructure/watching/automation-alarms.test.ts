// When each alarm on the automation rings: its template as the twin boots it, and minutes of the metrics that it watches.
import { expect, test } from 'vitest';
import { machines } from '../../../functions/domain/flows.ts';
import { partsOf } from '../../../infrastructure/stack.ts';
import { stackOf } from '../../../infrastructure/values.ts';
import { mainAlarms } from '../../../infrastructure/watching/automation-alarms.ts';
import { readParts } from '../../../simulator/aws/deployment.ts';
import { createMetrics } from '../../../simulator/aws/metrics/metrics.ts';
import { alarmDefinition } from '../../../simulator/aws/stack-alarms.ts';
import { evaluate, longOk } from '../../../simulator/estate/alarms/alarm-evaluation.ts';
import { plan } from '../../plan.ts';

const prefix = 'breakwater-prod';
const { primary } = plan.roles;
const { alarms } = readParts(partsOf(stackOf(plan, primary, prefix)), primary, '111122223333');
const startAt = Date.UTC(2026, 10, 23, 9);

/** What is measured minute after minute; null is no data. */
type Measured = readonly (number | null)[];
type Series = Readonly<Record<string, Measured>>;

const none = null;
const quiet = Array<number>(10).fill(0);
const once: Measured = [...quiet, 1];

test.for<readonly [string, string, Series, 'rings' | 'is quiet']>([
  ['classify-failing', 'one batch fails', { Errors: once, Throttles: quiet }, 'is quiet'],
  ['classify-failing', 'a second one fails', { Errors: [...once, 0, 1], Throttles: [...quiet, 0, 0, 0] }, 'rings'],
  ['classify-failing', 'it is throttled twice', { Errors: [...quiet, 0, 0], Throttles: [...quiet, 1, 1] }, 'rings'],
  ['signals-waiting', 'events are read late', waiting([310, 310], 1), 'is quiet'],
  ['signals-waiting', 'nobody reads them', waiting([301, 361, 421], 1), 'rings'],
  ['signals-waiting', 'they are read within five minutes', waiting([300, 300, 300], 1), 'is quiet'],
  ['signals-waiting', 'a look is planned for later', waiting([900, 960, 1020], 0), 'is quiet'],
  ['signals-dead-letters', 'one event cannot be read', { ApproximateNumberOfMessagesVisible: once }, 'rings'],
  ['dead-letters', 'one message is left', { ApproximateNumberOfMessagesVisible: once }, 'rings'],
  ['canary-missing', 'it misses four runs', { Invocations: [1, none, none, none, none] }, 'is quiet'],
  ['canary-missing', 'it misses five', { Invocations: [1, none, none, none, none, none] }, 'rings'],
  ['sweep-missing', 'it misses two runs', { Invocations: [1, none, none] }, 'is quiet'],
  ['sweep-missing', 'it misses three', { Invocations: [1, none, none, none] }, 'rings'],
  ['sweep-missing', 'CloudWatch says that it ran no times', { Invocations: [1, 0, 0, 0] }, 'rings'],
  ['readiness-missing', 'two looks in a row are missing', { Invocations: looks([1, none, none]) }, 'is quiet'],
  ['readiness-missing', 'three are', { Invocations: looks([1, none, none, none]) }, 'rings'],
  ['store-damaged', 'one item cannot be read', { StoreDamaged: [none, 1] }, 'rings'],
  ...machines.flatMap((flow) =>
    ['ExecutionsFailed', 'ExecutionsTimedOut'].map(
      (metric) => [`${flow}-failed`, `one of ${metric}`, { [metric]: [none, 1] }, 'rings'] as const,
    ),
  ),
])('%s: %s: %3$s', ([name, , series, expected]) => {
  expect(stateOf(name, series)).toBe(expected);
});

test('whoever is told by an alarm of Breakwater itself gets a link to what it means', () => {
  const words = mainAlarms(stackOf(plan, primary, prefix));
  const said = Object.values(words).map(({ Properties }) => String(Properties?.['AlarmDescription']));
  expect(said.filter((one) => !one.includes(`${plan.notifications.runbookUrl}`))).toEqual([]);
  expect(said[0]).toMatch(/docs\/runbook\.md#own-alarms\.$/);
});

test('each alarm on the automation is in this table', () => {
  const own = alarms.flatMap((one) => (one.name.startsWith(`${prefix}-`) ? [one.name.slice(prefix.length + 1)] : []));
  expect(own.toSorted()).toEqual(
    [
      'canary-missing',
      'classify-failing',
      'dead-letters',
      'readiness-missing',
      'signals-dead-letters',
      'signals-waiting',
      'store-damaged',
      'sweep-missing',
      ...machines.map((flow) => `${flow}-failed`),
    ].toSorted(),
  );
});

function waiting(ages: readonly number[], readable: number): Series {
  const age = [...quiet, ...ages];
  return { ApproximateAgeOfOldestMessage: age, ApproximateNumberOfMessagesVisible: age.map(() => readable) };
}

/** Once in five minutes. */
function looks(values: Measured): Measured {
  return values.flatMap((value) => [value, none, none, none, none]);
}

/** After the last minute of the series, and quiet before their first. */
function stateOf(name: string, series: Series): 'rings' | 'is quiet' {
  const alarm = alarms.find((one) => one.name === `${prefix}-${name}`);
  if (alarm === undefined) throw new Error(`there is no alarm ${name}`);
  const watched = Object.values(alarm.metrics);
  const metrics = createMetrics();
  for (const [metric, values] of Object.entries(series)) {
    const one = watched.find((candidate) => candidate.name === metric);
    if (one === undefined) throw new Error(`${name} does not watch ${metric}`);
    values.forEach((value, minute) => {
      if (value !== null) metrics.record(primary, one, value, startAt + minute * 60_000);
    });
  }
  const definition = alarmDefinition(alarm, primary, metrics);
  const periodMs = alarm.periodSeconds * 1000;
  const count = Math.max(...Object.values(series).map(({ length }) => length)) / (alarm.periodSeconds / 60);
  const before = { value: 0, samples: 1 };
  const quietly = Array.from({ length: alarm.of }, (_, at) => ({
    at: startAt - (alarm.of - at) * periodMs,
    ...before,
  }));
  const wellValue = alarm.comparison === 'LessThanThreshold' ? 1 : 0;
  const points = [
    ...quietly.map((point) => ({ ...point, value: wellValue })),
    ...Array.from({ length: count }, (_, period) => definition.measure?.(startAt + period * periodMs)).filter(
      (point) => point !== undefined,
    ),
  ];
  const end = startAt + count * periodMs;
  const state = evaluate(definition, points, longOk(definition, startAt), end)?.value;
  return state === 'ALARM' ? 'rings' : 'is quiet';
}
