// What the canaries saw of users, by minutes: which share was answered, and how long an answer took.
import { expect, test } from 'vitest';
import { readUsersSeen, tookWords, usersSeen, type Visits } from '../../../../functions/domain/record/users-seen.ts';

const minute = 60_000;
/** A value each minute from the beginning on. */
const each = (...values: readonly (number | null)[]) =>
  values.flatMap((value, index) => (value === null ? [] : [{ at: index * minute, value }]));
const region = (shares: number[], medians: (number | null)[] | null, slowest = medians): Visits[string] => ({
  shares: each(...shares),
  times: {
    medians: medians === null ? null : each(...medians),
    slowest: slowest === null ? null : each(...slowest),
  },
});
const times = { from: 2 * minute, servedAt: 3.5 * minute, closedAt: 6 * minute };
const seen = (visits: Visits) => usersSeen(visits, times, 0.9);
const took = (visits: Visits) => seen(visits).phases.map((one) => one.took);

test('an answer takes the median of all minutes and regions, and the slowest is of all', () => {
  const near = region([1, 1, 0.5, 0.5, 1, 1], [0.1, 0.2, 3, 3, 0.2, 0.2], [0.4, 0.9, 4, 4, 0.5, 0.6]);
  const far = region([1, 1, 0.5, 0.5, 1, 1], [0.3, 0.5, 2, 2, 0.3, 0.4], [0.8, 0.7, 2.5, 2, 0.9, 0.7]);
  expect(took({ near, far })).toEqual([
    { medianMs: 200, slowestMs: 900 },
    { medianMs: 2000, slowestMs: 4000 },
    { medianMs: 200, slowestMs: 900 },
  ]);
  expect(tookWords(seen({ near, far }))).toContain('A visit that failed has no time.');
});

test('a minute in which users came back has times of neither stretch: nobody knows when in it a visit was made', () => {
  const one = region([1, 1, 0, 0.7, 1, 1], [0.1, 0.1, null, 0.6, 0.1, 0.1]);
  expect(took({ one })).toEqual([{ medianMs: 100, slowestMs: 100 }, null, { medianMs: 100, slowestMs: 100 }]);
  expect(seen({ one }).phases[1]).toMatchObject({ requestsPercent: 35 });
});

test.for([
  ['a canary of an older release', null],
  ['a canary of which CloudWatch has no times', []],
] as const)('%s gives no time, and is named', ([, medians]) => {
  const old = region([1, 1, 0, 0, 1, 1], medians === null ? null : [...medians]);
  const own = region([1, 1, 0, 0, 1, 1], [0.1, 0.1, null, null, 0.1, 0.1]);
  expect(took({ old })).toEqual([null, null, null]);
  expect(tookWords(seen({ old }))).toMatch(/^Latency was not measured: the canaries of old reported no times/);
  expect(took({ old, own })[0]).toEqual({ medianMs: 100, slowestMs: 100 });
  expect(tookWords(seen({ old, own }))).toContain('Some times are missing: the canaries of old reported no times');
});

test('a region that says nothing at all is silent, and not without times', () => {
  const own = region([1], [0.1]);
  expect(seen({ own, dark: { shares: null, times: { medians: null, slowest: null } } })).toMatchObject({
    ...{ regions: ['own'], silent: ['dark'], untimed: [] },
  });
});

test('a canary of a main region measures no times, and lacks none', () => {
  const main = { ...region([1, 1, 0, 0, 1, 1], null), times: null };
  expect(seen({ main }).untimed).toEqual([]);
  expect(took({ main, own: region([1, 1, 0, 0, 1, 1], [0.1, 0.1, null, null, 0.1, 0.1]) })[0]?.medianMs).toBe(100);
  expect(tookWords(seen({ main }))).toBe(
    "Latency was not measured: no visit of an observer's canary succeeded in a whole minute.",
  );
});

test('what an older release kept is read, and its times are said to be not measured', () => {
  const { untimed: _, ...kept } = seen({ own: region([1, 1, 1, 1, 1, 1], [0.1]) });
  const phases = kept.phases.map(({ took: __, ...phase }) => phase);
  const old = readUsersSeen({ ...kept, phases });
  expect(old?.phases.map((one) => one.took)).toEqual([null, null, null]);
  expect(tookWords(old)).toMatch(/^Latency was not measured: an older release/);
  expect(readUsersSeen({ ...kept, phases: 'rubbish' })).toBeNull();
  expect(tookWords(null)).toContain('was not measured');
});
