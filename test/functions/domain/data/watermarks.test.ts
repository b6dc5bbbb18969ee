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
