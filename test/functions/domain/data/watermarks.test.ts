// What came back, compared with the last watermarks.
import { expect, test } from 'vitest';
import {
  compare,
  countedBefore,
  type Watermark,
  type Watermarks,
} from '../../../../functions/domain/data/watermarks.ts';

const at = Date.parse('2026-11-23T03:00:00Z');
const tables = [{ name: 'public.messages', key: 'id', updatedAt: 'updated_at' }];
const was: Watermark = { table: 'public.messages', count: 1_000, greatestKey: '1000', newestAt: at - 10_000 };
const marks = (change: Partial<Watermark> = {}, from = at): Watermarks => ({
  at: from,
  tables: [{ ...was, ...change }],
});
const compared = (is: Partial<Watermark>, before: Partial<Watermark> = {}) =>
  compare(tables, marks(is, at + 600_000), marks(before), 60)[0];

test.for([
  ['nothing is less', {}, { fewerRows: 0, keysBehind: '0', newestBehindSeconds: 0, wrong: [] }],
  [
    'there is more',
    { count: 1_010, greatestKey: '1010', newestAt: at },
    { fewerRows: 0, keysBehind: '0', newestBehindSeconds: 0, wrong: [] },
  ],
  [
    'a loss that was accepted',
    { count: 990, greatestKey: '990', newestAt: at - 60_000 },
    { fewerRows: 10, keysBehind: '10', newestBehindSeconds: 50, wrong: [] },
  ],
  ['keys are words', { greatestKey: 'zebra' }, { keysBehind: 'differs', wrong: [] }],
  ['nothing was counted in time', { count: null }, { fewerRows: null, wrong: [] }],
] as const)('%s', ([, is, expected]) => {
  expect(compared(is)).toMatchObject(expected);
});

test.for([
  [
    'older than was accepted',
    { newestAt: at - 130_000 },
    'the newest record of public.messages is 120 s older, and 60 s were accepted',
  ],
  ['empty', { count: 0, greatestKey: null, newestAt: null }, 'public.messages is empty, and was not'],
] as const)('a table that is %s is for people', ([, is, why]) => {
  expect(compared(is)).toMatchObject({ wrong: [why], unclear: [] });
});

test.for([
  ['without a time', { newestAt: null }, 'public.messages does not say when its newest record was written'],
  [
    'from the future',
    { newestAt: at + 700_000 },
    'public.messages has a record from 100 s in the future: a clock is wrong or ran backwards',
  ],
] as const)('a table that is %s says nothing of a loss', ([, is, why]) => {
  expect(compared(is)).toMatchObject({ wrong: [], unclear: [why] });
});

test('a last watermark from the future is no measure', () => {
  expect(compared({ newestAt: at + 30_000 }, { newestAt: at + 30_000 })).toMatchObject({
    wrong: [],
    unclear: [
      'the last watermark of public.messages has a record from 30 s in the future: a clock is wrong or ran backwards',
    ],
  });
});

test('a table without a time is judged by its rows, where they were counted before what may be lost', () => {
  const plain = [{ name: 'public.messages', key: 'id' }];
  const less = (countsHold = true) =>
    compare(plain, marks({ count: 999, newestAt: null }), marks({ newestAt: null }), 60, { countsHold })[0];
  const why = 'public.messages has 1 rows less, and no time of its records';
  expect(less()).toMatchObject({ wrong: [why], unclear: [] });
  expect(less(false)).toMatchObject({ wrong: [], unclear: [why] });
});

test.for([
  ['was not looked at', { at, tables: [] }, marks(), 'public.messages was not looked at'],
  ['has no watermark', marks(), { at, tables: [] }, 'public.messages has no watermark from before'],
] as const)('a table that %s is compared with nothing, which is said', ([, now, last, why]) => {
  expect(compare(tables, now, last, 60)[0]).toMatchObject({ wrong: [], unclear: [why] });
});

test.for([
  ['counted later, and slow to say its newest record, keeps what was known', { count: null, newestAt: null }, {}],
  ['has become empty says so', { count: 0, greatestKey: null, newestAt: null }, null],
] as const)('a table that %s', ([, is, expected]) => {
  const now = { ...was, ...is };
  expect(countedBefore([now], marks(), tables)).toEqual([expected === null ? now : { ...was, ...expected }]);
});

const whole = (is: Partial<Watermark>, before: Partial<Watermark> = {}, options = {}, allowed = 60) =>
  compare(tables, marks(is, at + 600_000), marks(before), allowed, options)[0];

test('each number is told, and nothing more came back than is there', () => {
  expect(whole({ count: 990, greatestKey: '958', newestAt: at - 40_000 })).toEqual({
    ...{ table: 'public.messages', fewerRows: 10, keysBehind: '42', newestBehindSeconds: 30, wrong: [], unclear: [] },
  });
  expect(whole({ count: null, greatestKey: null, newestAt: null }, { greatestKey: null })).toEqual({
    ...{
      table: 'public.messages',
      fewerRows: null,
      keysBehind: null,
      newestBehindSeconds: null,
      wrong: [],
      unclear: [],
    },
  });
  expect(whole({}, { count: null, newestAt: null, greatestKey: null })).toMatchObject({
    ...{ fewerRows: null, keysBehind: null, newestBehindSeconds: null },
  });
});

test.for([
  ['1000', '1000', '0'],
  ['zebra', 'zebra', '0'],
  ['1001', '1000', '0'],
  ['999', '1000', '1'],
  ['-5', '-3', '2'],
  ['9999999999999999999', '10000000000000000001', '2'],
  ['1.5', '2', 'differs'],
  ['2', 'x2', 'differs'],
  ['2x', '3', 'differs'],
] as const)('a greatest key of %s where it was %s is behind by %s', ([is, was, behind]) => {
  expect(whole({ greatestKey: is }, { greatestKey: was })?.keysBehind).toBe(behind);
});

test('a record may be older by what was accepted, and by the slack of what is not read at one moment', () => {
  const wrong = (seconds: number, slackSeconds: number) =>
    whole({ newestAt: at - 10_000 - seconds * 1000 }, {}, { slackSeconds })?.wrong;
  expect(wrong(60, 0)).toEqual([]);
  expect(wrong(60.4, 0)).toEqual(['the newest record of public.messages is 60 s older, and 60 s were accepted']);
  expect(wrong(90, 30)).toEqual([]);
  expect(wrong(91, 30)).toEqual(['the newest record of public.messages is 91 s older, and 60 s were accepted']);
});

test('clocks may differ by five seconds', () => {
  const unclear = (ms: number) => whole({ newestAt: at + 600_000 + ms })?.unclear;
  expect(unclear(5_000)).toEqual([]);
  expect(unclear(5_001)).toEqual([
    'public.messages has a record from 5 s in the future: a clock is wrong or ran backwards',
  ]);
});

test('a table with a time is not judged by its rows, and one without rows that are fewer is as it was', () => {
  expect(whole({ count: 1 })).toMatchObject({ fewerRows: 999, wrong: [], unclear: [] });
  const plain = [{ name: 'public.messages', key: 'id' }];
  const [same] = compare(plain, marks({ newestAt: null }), marks({ newestAt: null }), 60);
  expect(same).toMatchObject({ fewerRows: 0, wrong: [], unclear: [] });
  const [uncounted] = compare(plain, marks({ count: null, newestAt: null }), marks({ newestAt: null }), 60);
  expect(uncounted).toMatchObject({ fewerRows: null, wrong: [], unclear: [] });
});

test('what was not compared has no number', () => {
  expect(compare(tables, { at, tables: [] }, marks(), 60)).toEqual([
    {
      ...{ table: 'public.messages', fewerRows: null, keysBehind: null, newestBehindSeconds: null, wrong: [] },
      unclear: ['public.messages was not looked at'],
    },
  ]);
});

test('of tables the newest watermark stays, in the order of the plan', () => {
  const named = ['public.messages', 'votes', 'gone'].map((name) => ({ name }));
  const votes: Watermark = { ...was, table: 'votes', count: null };
  const before: Watermarks = { at, tables: [was, { ...votes, count: 7 }] };
  expect(countedBefore([votes], before, named)).toEqual([was, { ...votes, count: 7 }]);
  expect(countedBefore([votes], null, named)).toEqual([votes]);
  expect(countedBefore([{ ...was, count: 0 }], before, named)[0]?.count).toBe(0);
  expect(countedBefore([{ ...was, newestAt: null }], null, named)).toEqual([{ ...was, newestAt: null }]);
});
