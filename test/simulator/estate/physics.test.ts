// The estate's pure parts: what a request meets, how an alarm is evaluated, how long things take.
import { expect, test } from 'vitest';
import type { AlarmDefinition } from '../../../simulator/estate/alarms/alarm-catalogue.ts';
import { type AlarmState, type Datapoint, evaluate } from '../../../simulator/estate/alarms/alarm-evaluation.ts';
import { drawSeconds, loadLatencies, parseLatencies } from '../../../simulator/estate/chance/latencies.ts';
import { createRandom } from '../../../simulator/estate/chance/random.ts';
import { successRatio, type ZoneConditions, zoneFailure } from '../../../simulator/estate/traffic.ts';

const healthy = { condition: 'healthy', writable: true } as const;
const slow = { condition: 'slow', writable: true } as const;
const down = { condition: 'down', writable: false } as const;
const well: ZoneConditions = { localFailure: 0, databases: [healthy], caches: ['healthy'], releaseFailure: 0 };

test.for([
  ['all is well', {}, 0],
  ['the database is slow', { databases: [slow] }, 0.1],
  ['database and cache are slow', { databases: [slow], caches: ['slow'] }, 0.118],
  ['the zone is impaired, too', { databases: [slow], caches: ['slow'], localFailure: 0.35 }, 0.4267],
  ['the database is down', { databases: [down] }, 0.9],
  ['the database takes no writes', { databases: [{ ...healthy, writable: false }] }, 0.4],
  ['one of two databases is down', { databases: [healthy, down] }, 0.9],
  ['two databases are slow', { databases: [slow, slow] }, 0.19],
  ['the cache is down', { caches: ['down'] }, 0.5],
  ['one of two caches is down', { caches: ['healthy', 'down'] }, 0.5],
  ['it needs neither database nor cache', { databases: [], caches: [] }, 0],
  ['the zone is dead', { localFailure: 1 }, 1],
] as const satisfies readonly (readonly [string, Partial<ZoneConditions>, number])[])(
  'a share of requests fails when %s',
  ([, change, failure]) => {
    expect(zoneFailure({ ...well, ...change })).toBeCloseTo(failure, 6);
  },
);

test('a zone without traffic costs no user a request', () => {
  expect(
    successRatio([
      { share: 0, failure: 1 },
      { share: 1, failure: 0.02 },
    ]),
  ).toBeCloseTo(0.98);
});

const alarm: AlarmDefinition = {
  name: 'errors',
  region: 'us-east-1',
  namespace: 'Test',
  metric: 'Errors',
  dimensions: {},
  expression: null,
  stat: 'Sum',
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  periodSeconds: 60,
  breachingPeriods: 2,
  evaluationPeriods: 2,
  missing: 'missing',
  read: null,
};
const minute = (index: number) => Date.UTC(2026, 10, 23, 9, index);
const points = (values: readonly (number | null)[]): Datapoint[] =>
  values.map((value, index) => ({ at: minute(index), value, samples: 6 }));
const state = (value: AlarmState['value']): AlarmState => ({ value, reason: '', reasonData: '{}', at: 0 });
const after = (values: readonly (number | null)[], value: AlarmState['value'], change: Partial<AlarmDefinition> = {}) =>
  evaluate({ ...alarm, ...change }, points(values), state(value), minute(values.length))?.value ?? null;

test.for([
  ['one breaching period changes nothing', [0, 9], 'OK', null],
  ['two breaching periods raise it', [0, 9, 9], 'OK', 'ALARM'],
  ['the threshold itself does not breach', [5, 5], 'OK', null],
  ['it does not rise twice', [9, 9, 9], 'ALARM', null],
  ['one period that is well clears it', [9, 9, 0], 'ALARM', 'OK'],
  ['one missing period changes nothing', [9, null], 'ALARM', null],
  ['three missing periods leave it without data', [0, null, null, null], 'OK', 'INSUFFICIENT_DATA'],
  ['it needs two periods to be evaluated', [9], 'OK', null],
  ['it rises from having no data', [null, 9, 9], 'INSUFFICIENT_DATA', 'ALARM'],
] as const)('of an alarm of two periods: %s', ([, values, before, expected]) => {
  expect(after(values, before)).toBe(expected);
});

test.for([
  ['two missing beats change nothing', [1, null, null], 'OK', null],
  ['three missing beats raise it', [1, null, null, null], 'OK', 'ALARM'],
  ['a single beat clears it', [null, null, null, 1], 'ALARM', 'OK'],
] as const)('of an alarm whose missing data breaches: %s', ([, values, before, expected]) => {
  const three = { breachingPeriods: 3, evaluationPeriods: 3 } as const;
  const beat = { comparison: 'LessThanThreshold', threshold: 1, ...three, missing: 'breaching' } as const;
  expect(after(values, before, beat)).toBe(expected);
});

test.for([
  ['one bad period of five is not enough', [1, 9, 1, 1, 1], 'OK', null],
  ['two bad periods of five are', [1, 9, 1, 1, 9], 'OK', 'ALARM'],
  ['it clears when one of them is too old', [9, 1, 1, 1, 9, 1], 'ALARM', 'OK'],
  ['a gap that is taken for well counts as well', [1, 9, null, null, null], 'OK', null],
] as const)('of an alarm of two periods in five: %s', ([, values, before, expected]) => {
  expect(after(values, before, { breachingPeriods: 2, evaluationPeriods: 5, missing: 'notBreaching' })).toBe(expected);
});

test('every latency is drawn between its least and its most, and around its typical value', () => {
  const random = createRandom(1);
  for (const [name, distribution] of Object.entries(loadLatencies())) {
    const drawn = Array.from({ length: 500 }, () => drawSeconds(distribution, random));
    expect(Math.min(...drawn), name).toBeGreaterThanOrEqual(distribution.minSeconds);
    expect(Math.max(...drawn), name).toBeLessThanOrEqual(distribution.maxSeconds);
    const { minSeconds, typicalSeconds = (minSeconds + distribution.maxSeconds) / 2, maxSeconds } = distribution;
    const mean = drawn.reduce((sum, seconds) => sum + seconds, 0) / drawn.length;
    expect(Math.abs(mean - (minSeconds + typicalSeconds + maxSeconds) / 3), name).toBeLessThan(
      (maxSeconds - minSeconds) / 10 + 1e-9,
    );
  }
});

test('the published figures are kept: a Multi-AZ failover takes 60 to 120 seconds, and says where that is from', () => {
  expect(loadLatencies()['rds-failover']).toMatchObject({ minSeconds: 60, maxSeconds: 120, grade: 'D' });
});

test('latencies without a source, with another name or in the wrong order are refused', () => {
  const known = loadLatencies();
  const fine = known['rds-failover'];
  expect(() => parseLatencies({ ...known, 'rds-failover': { ...fine, source: '' } })).toThrow();
  expect(() => parseLatencies({ ...known, 'rds-failover': { ...fine, minSeconds: 500 } })).toThrow();
  expect(() => parseLatencies({ ...known, surprise: fine })).toThrow();
  const { 'rds-failover': _left, ...rest } = known;
  expect(() => parseLatencies(rest)).toThrow();
});
