// What the canaries saw of users, by minutes: which share was answered, and how long an answer took.
import { expect, test } from 'vitest';
import {
  measuresTimes,
  readUsersSeen,
  tookWords,
  type UsersSeen,
  usersSeen,
  usualMs,
  type Visits,
} from '../../../../functions/domain/record/users-seen.ts';

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

test('times are measured where the plan looks at users from', () => {
  expect(measuresTimes('eu-west-1', { observers: ['eu-west-1', 'ap-southeast-1'] })).toBe(true);
  expect(measuresTimes('us-east-1', { observers: ['eu-west-1'] })).toBe(false);
});

test('a phase has the minutes that began in it, half an hour of before, and a run passes at the share that is enough', () => {
  const times = { from: 100 * minute, servedAt: 110 * minute, closedAt: 120 * minute };
  const point = (at: number, value: number) => ({ at, value });
  const shares = [
    point(times.from - usualMs - 1, 0),
    point(times.from - usualMs, 1),
    point(times.from - 1, 0.9),
    point(times.from, 0.89),
    point(times.servedAt - 1, 0.25),
    point(times.servedAt, 0.5),
    point(times.closedAt - 1, 1),
    point(times.closedAt, 0),
  ];
  const { phases } = usersSeen({ own: { shares, times: null } }, times, 0.9);
  expect(phases).toEqual([
    {
      ...{ phase: 'before', from: times.from - usualMs, to: times.from, requestsPercent: 95, took: null },
      runs: { passed: 2, failed: 0 },
    },
    {
      ...{ phase: 'during', from: times.from, to: times.servedAt, requestsPercent: 57, took: null },
      runs: { passed: 0, failed: 2 },
    },
    {
      ...{ phase: 'after', from: times.servedAt, to: times.closedAt, requestsPercent: 75, took: null },
      runs: { passed: 1, failed: 1 },
    },
  ]);
  expect(usersSeen({ own: { shares: null, times: null } }, times, 0.9)).toEqual({
    ...{ phases: [], regions: [], silent: ['own'], untimed: [] },
  });
});

test('only whole minutes of a phase have times, and a time needs its median and its slowest', () => {
  const times = { from: 100 * minute, servedAt: 110 * minute, closedAt: 110 * minute };
  const of = (at: number, medians = [{ at, value: 0.1234 }], slowest = [{ at, value: 0.9876 }]) =>
    usersSeen({ own: { shares: [{ at: times.from, value: 1 }], times: { medians, slowest } } }, times, 0.9);
  const took = (...all: Parameters<typeof of>) => of(...all).phases[0]?.took;
  const measured = { medianMs: 123, slowestMs: 988 };
  expect(took(times.from)).toEqual(measured);
  expect(took(times.servedAt - minute)).toEqual(measured);
  expect(took(times.servedAt - minute + 1)).toBeNull();
  expect(took(times.from - 1)).toBeNull();
  const one = [{ at: times.from, value: 0.1 }];
  expect(took(times.from, [], one)).toBeNull();
  expect(took(times.from, one, [])).toBeNull();
  expect([of(times.from, [], one), of(times.from, one, []), of(times.from)].map(({ untimed }) => untimed)).toEqual([
    ...[['own'], ['own'], []],
  ]);
});

const seenPhase = { phase: 'during', from: 0, to: 1, requestsPercent: 100, runs: { passed: 1, failed: 0 } } as const;
const whole: UsersSeen = { phases: [{ ...seenPhase, took: null }], regions: ['eu'], silent: [], untimed: [] };
test.for([
  ['more than all', { phases: [{ ...seenPhase, requestsPercent: 101 }] }],
  ['less than none', { phases: [{ ...seenPhase, requestsPercent: -1 }] }],
  ['half a run', { phases: [{ ...seenPhase, runs: { passed: 0.5, failed: 0 } }] }],
  ['a negative time', { phases: [{ ...seenPhase, took: { medianMs: -1, slowestMs: 1 } }] }],
  ['a phase that there is not', { phases: [{ ...seenPhase, phase: 'later' }] }],
] as const)('what was kept is damaged where it has %s', ([, change]) => {
  expect(readUsersSeen(whole)).toEqual(whole);
  expect(readUsersSeen({ ...whole, ...change })).toBeNull();
});

const are =
  "Latency: the visits of the observers' canaries that succeeded, in whole minutes. It shows the median of the minutes' medians, and the slowest visit. A visit that failed has no time.";
const missing =
  'the canaries of eu, us reported no times: none of their visits succeeded, or they run an older release';
const timed = [{ ...seenPhase, took: { medianMs: 1, slowestMs: 2 } }, ...whole.phases];
test.for<[string, Pick<UsersSeen, 'phases' | 'untimed'> | null, string]>([
  ['nothing was kept', null, 'Latency was not measured: the record has no visits of canaries.'],
  [
    'an older release kept it',
    { ...whole, untimed: null },
    'Latency was not measured: an older release wrote this part of the record.',
  ],
  ['all are there', { phases: timed, untimed: [] }, are],
  ['some are missing', { phases: timed, untimed: ['eu', 'us'] }, `${are} Some times are missing: ${missing}.`],
  ['all are missing', { ...whole, untimed: ['eu', 'us'] }, `Latency was not measured: ${missing}.`],
  ['none succeeded', whole, "Latency was not measured: no visit of an observer's canary succeeded in a whole minute."],
])('what times mean is said, where %s', ([, seen, words]) => {
  expect(tookWords(seen)).toBe(words);
});
