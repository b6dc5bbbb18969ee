// What came back of a database, judged against what was published of it before: what passes, what is for people, and in which words.
import { expect, test } from 'vitest';
import type { LedgerRecord } from '../../../../functions/domain/data/ledger.ts';
import { acknowledged, tried } from '../../../../functions/domain/data/ledger.ts';
import {
  dataMark,
  lossOf,
  type Returned,
  readChecked,
  readMarks,
  returnedWords,
  taken,
  whatReturned,
} from '../../../../functions/domain/data/returned-data.ts';

const start = Date.UTC(2026, 10, 3);
const minute = 60_000;
const tables = [{ name: 'messages', key: 'id', updatedAt: 'updated_at' }];
const marks = (greatestKey: string | null, newestAt: number | null, count: number | null = null) => ({
  at: start + 10 * minute,
  tables: [{ table: 'messages', count, greatestKey, newestAt }],
});
const beats = (...ids: number[]) => ids.map((id) => ({ id, at: start + id * minute }));
const published: LedgerRecord = {
  asset: 'database',
  region: 'us-east-1',
  instance: 'chatops-prod',
  at: start + 5 * minute,
  attempted: 6,
  since: 1,
  acknowledged: beats(1, 2, 3, 4, 5),
  watermarks: marks('100', start + 5 * minute, 90),
  countedAt: start,
  provenAt: start,
};
const all = marks('100', start + 5 * minute, 90);

test.for([
  ['all of it', beats(1, 2, 3, 4, 5), all, 0, []],
  ['as much less as was approved', beats(1, 2, 3), marks('60', start + 3 * minute, 50), 120, []],
  [
    'a newest record that was deleted within the minute',
    beats(1, 2, 3, 4, 5),
    marks('99', start + 4 * minute, 89),
    0,
    [],
  ],
  ['a minute more: a row comes once a minute', beats(1, 2, 3), marks('60', start + 4 * minute, 50), 60, []],
  [
    'more than was approved',
    beats(1),
    marks('20', start + minute, 10),
    60,
    [
      'the newest row of the ledger that came back is 4 min older than the last one that was written, and a loss of 1 min was approved',
      'the newest record of messages is 240 s older, and 60 s were accepted',
    ],
  ],
  ['much, where people approved what nobody knew', beats(1), marks('20', start + minute, 10), null, []],
  ['an empty table', beats(1, 2, 3, 4, 5), marks(null, null, 0), null, ['messages is empty, and was not']],
  ['no row of ours', [], all, null, ['the ledger has no row of the writer: the loss is not bounded']],
  [
    'rows of another history',
    [...beats(1, 2, 3, 4, 5), { id: 9, at: start }],
    all,
    3600,
    [
      "the writer's clock ran back by 300 s between rows 5 and 9",
      '1 rows of the ledger are not ours: it is another history',
    ],
  ],
] as const)('%s', ([, rows, now, allowed, wrong]) => {
  expect(whatReturned(published, rows, now, tables, allowed).wrong).toEqual(wrong);
});

const hour = 60 * minute;
const listed = Array.from({ length: 240 }, (_, place) => ({ id: 101 + place, at: start + (101 + place) * minute }));

test.for([
  [
    'a backup that is older than the list of rows, and no older than was approved',
    { attempted: 340, since: 101, acknowledged: listed, watermarks: null },
    [{ id: 40, at: start + 40 * minute }],
    6 * 3600,
    [],
  ],
  [
    'a backup that is older than the list, and than was approved',
    { attempted: 340, since: 101, acknowledged: listed, watermarks: null },
    [{ id: 40, at: start + 40 * minute }],
    4 * 3600,
    [
      'the newest row of the ledger that came back is 5 h older than the last one that was written, and a loss of 4 h was approved',
    ],
  ],
  [
    'a clock that ran back before the rows that are listed',
    { since: 4, acknowledged: beats(4, 5) },
    [{ id: 1, at: start + 2 * minute }, { id: 2, at: start }, ...beats(3, 4, 5)],
    0,
    [],
  ],
  ['a database in which no row was ever acknowledged', { acknowledged: [] }, [], 0, []],
  ['a backup of before the ledger began, no older than was approved', {}, [], 600, []],
  [
    'no row of a ledger that is older than what was approved',
    { since: 41, attempted: 46 },
    [],
    600,
    ['the ledger has no row of the writer: the loss is not bounded'],
  ],
] as const)('%s', ([, change, rows, allowed, wrong]) => {
  expect(whatReturned({ ...published, ...change }, rows, all, tables, allowed).wrong).toEqual(wrong);
});

test.for([
  ['rows that were counted within what may be lost are said, and keep nobody away', hour, 2 * 3600, []],
  [
    'rows that were counted before that are for people',
    hour,
    60,
    ['messages has 40 rows less, and no time of its records'],
  ],
] as const)('of a table without a time, %s', ([, ago, allowed, wrong]) => {
  const timeless = [{ name: 'messages', key: 'id' }];
  const counted = { ...published, watermarks: marks('100', null, 90), countedAt: start + 5 * minute - ago };
  const returned = whatReturned(counted, beats(1, 2, 3, 4, 5), marks('60', null, 50), timeless, allowed);
  expect(returned.wrong).toEqual(wrong);
  expect(returnedWords(returned)).toContain('messages has 40 rows less, and no time of its records');
});

test.for([
  [true, []],
  [false, ['the newest record of messages is 120 s older, and 0 s were accepted']],
] as const)(
  'a newest record that the application deleted keeps nobody away where all has arrived: %s',
  ([caughtUp, wrong]) => {
    const deleted = marks('99', start + 3 * minute, 89);
    expect(whatReturned(published, beats(1, 2, 3, 4, 5), deleted, tables, 0, caughtUp).wrong).toEqual(wrong);
    expect(whatReturned(published, beats(1, 2, 3, 4, 5), marks(null, null), tables, 0, caughtUp).wrong).toContain(
      'messages is empty, and was not',
    );
  },
);

test('a table that was not looked at before, and a statement that took too long, keep nobody away, and are said', () => {
  const more = [...tables, { name: 'votes', key: 'id' }];
  const slow = marks('100', null, null);
  const returned = whatReturned(published, beats(1, 2, 3, 4, 5), slow, more, 0);
  expect(returned.wrong).toEqual([]);
  expect(returnedWords(returned)).toContain('messages does not say when its newest record was written');
  expect(returnedWords(returned)).toContain('votes was not looked at');
});

test.for([
  [beats(1, 2, 3, 4, 5), all, 'all acknowledged rows of the ledger are there'],
  [
    beats(1, 2, 3, 6),
    marks('60', start + 3 * minute, 50),
    '2 acknowledged rows of the ledger are MISSING, 1 rows are there that nobody had acknowledged; messages: at least 40 rows fewer than before, ' +
      'its greatest key is lower than before by 40, its newest record is 2 min older than before',
  ],
] as const)('%# in words', ([rows, now, words]) => {
  expect(returnedWords(whatReturned(published, rows, now, tables, null))).toBe(words);
});

test('what a person took as it is stands in the words; before that, that it is not what was approved', () => {
  const returned = whatReturned(published, beats(1, 2, 3, 4, 5), marks(null, null), tables, 0);
  expect(returnedWords(returned, taken)).toContain('taken as it is by a person: messages is empty, and was not');
  expect(returnedWords(returned)).toContain('not what was approved: messages is empty, and was not');
  const nothing = readChecked({ unknown: 'there is no such table', host: 'db' });
  expect(returnedWords(nothing, taken)).toBe('not compared, taken as it is by a person: there is no such table');
});

test('a row is tried before it is written, and listed once it is acknowledged; four hours are listed', () => {
  const place = { asset: 'database', region: 'us-east-1', instance: 'chatops-prod' };
  let record = tried({ ...place, at: start }, null, 40);
  expect(record).toMatchObject({ attempted: 41, since: 41, acknowledged: [] });
  for (let minutes = 0; minutes < 300; minutes += 1) {
    record = acknowledged(record, start + minutes * minute);
    record = tried({ ...place, at: start + (minutes + 1) * minute }, record, 0);
  }
  expect(record.acknowledged).toHaveLength(240);
  expect(record).toMatchObject({ attempted: 341, since: 101, acknowledged: { 0: { id: 101 }, 239: { id: 340 } } });
});

test('another instance begins a list of its own, and the numbers go on', () => {
  const before = { ...published, attempted: 6 };
  const moved = tried({ asset: 'database', region: 'us-west-2', instance: 'chatops-dr-replica', at: start }, before, 4);
  expect(moved).toMatchObject({ attempted: 7, since: 7, acknowledged: [], watermarks: null, provenAt: null });
});

const ended = start + 6 * minute;
const back = (rows: readonly { id: number; at: number }[], now = all) =>
  whatReturned(published, rows, now, tables, null);

test.for([
  ['nothing was compared', 12, null, 12],
  ['all rows came back: the smaller bound holds', 12, back(beats(1, 2, 3, 4, 5)), 12],
  ['all rows came back: the smaller bound holds, also where it is of the ledger', 90, back(beats(1, 2, 3, 4, 5)), 60],
  ['lag is not known', null, back(beats(1, 2, 3, 4, 5)), 60],
  ['a row is missing that cannot be, by the lag', 12, back(beats(1, 2, 3)), 180],
  ['rows are of another history', 12, back([...beats(1, 2, 3, 4), { id: 5, at: ended }]), 12],
  ['a table is empty', 12, back(beats(1, 2, 3, 4, 5), marks(null, null)), null],
  ['no row is there, and all should be', 12, back([]), null],
] as const)('the loss where %s', ([, lag, returned, loss]) => {
  expect(lossOf(lag, returned, ended)).toBe(loss);
});

test("that there is nothing to compare with is said, and is nobody's verdict", () => {
  const outcome = { unknown: 'nothing was published of database before', unpublished: true, host: 'a' };
  expect(returnedWords(readChecked(outcome), 'taken')).toBe('not compared: nothing was published of database before');
  expect(returnedWords(readChecked({ unknown: 'the table is gone' }), 'taken')).toBe(
    'not compared, taken: the table is gone',
  );
});

test.for([
  ['all of them', beats(1, 2, 3, 4, 5), [0, 0, 5, null]],
  ['the first three', beats(1, 2, 3), [2, 0, 3, 4]],
  ['all but the third', beats(1, 2, 4, 5), [1, 0, 5, 3]],
  ['none', [], [5, 0, null, 1]],
  // Of another history, or of a clock that ran back, no time is a bound.
  ['one that is not ours', beats(1, 2, 3, 9), [2, 1, null, null]],
] as const)(
  'of the ledger came back %s: how many rows are lost, and the times that bound the loss',
  ([, rows, [lost, invented, newest, firstLost]]) => {
    const minuteOf = (at: number | null) => (at === null ? null : (at - start) / minute);
    const returned = whatReturned(published, rows, all, tables, null);
    expect([returned.lost, returned.invented]).toEqual([lost, invented]);
    expect([minuteOf(returned.newestBeatAt), minuteOf(returned.firstLostAt)]).toEqual([newest, firstLost]);
  },
);

const noRowSaid = 'the ledger has no row of the writer: the loss is not bounded';
test.for([
  ['the first row came within what may be lost', {}, 60, []],
  ['the first row came before that', {}, 59, [noRowSaid]],
  ['the first of many rows came within what may be lost', { acknowledged: beats(1, 2, 3) }, 120, []],
  ['the first of many rows came before that', { acknowledged: beats(1, 2, 3) }, 119, [noRowSaid]],
  ['one row came, and nothing may be lost', { acknowledged: beats(1) }, 0, []],
  ['rows were forgotten since', { since: 2 }, 60, [noRowSaid]],
  ['nobody knows what may be lost', {}, null, [noRowSaid]],
  ['one row came, and nobody knows what may be lost', { acknowledged: beats(1) }, null, [noRowSaid]],
  ['no row was ever acknowledged', { acknowledged: [] }, 60, []],
] as const)('a database without a row of ours, where %s', ([, change, allowed, wrong]) => {
  const young = { ...published, acknowledged: beats(1, 2), watermarks: null, ...change };
  expect(whatReturned(young, [], all, tables, allowed).wrong).toEqual(wrong);
});

test.for([
  ['were counted before what may be lost', 300, false, 1],
  ['were counted within what may be lost', 301, false, 0],
  ['were counted before it, and all had arrived: they were deleted', 300, true, 0],
] as const)('rows that are fewer than before, and %s', ([, allowed, caughtUp, faults]) => {
  // Of a table without a time of its records.
  const untimed = [{ name: 'messages', key: 'id' }];
  const fewer = marks('100', null, 50);
  expect(whatReturned(published, published.acknowledged, fewer, untimed, allowed, caughtUp).wrong).toHaveLength(faults);
  const uncounted = { ...published, countedAt: null };
  expect(whatReturned(uncounted, published.acknowledged, fewer, untimed, allowed, caughtUp).wrong).toEqual([]);
});

const well: Returned = {
  ...{ lost: 0, invented: 0, recovered: 0, newestBeatAt: start, firstLostAt: null, tables: [], wrong: [] },
};
const less = (change: object) => ({
  ...{ table: 'messages', fewerRows: 0, keysBehind: '0', newestBehindSeconds: 0, wrong: [], unclear: [], ...change },
});
test.for<[string, Partial<Returned>, string]>([
  ['all', {}, 'all acknowledged rows of the ledger are there'],
  ['less', { lost: 1 }, '1 acknowledged rows of the ledger are MISSING'],
  [
    'more',
    { recovered: 1, invented: 1 },
    'all acknowledged rows of the ledger are there, 1 rows are there that nobody had acknowledged, 1 rows are not ours',
  ],
  ['tables as they were', { tables: [less({})] }, 'all acknowledged rows of the ledger are there'],
  [
    'tables of which nothing is known',
    { tables: [less({ fewerRows: null, keysBehind: null, newestBehindSeconds: null })] },
    'all acknowledged rows of the ledger are there',
  ],
  [
    'tables with less',
    { tables: [less({ fewerRows: 2 }), less({ table: 'votes', keysBehind: 'differs', newestBehindSeconds: 90.4 })] },
    'all acknowledged rows of the ledger are there; messages: at least 2 rows fewer than before; votes: its greatest key differs, its newest record is 1 min 30 s older than before',
  ],
  [
    'what is unclear, and what is wrong',
    { tables: [less({ unclear: ['a', 'b'] })], wrong: ['c', 'd'] },
    'all acknowledged rows of the ledger are there; a; b; not what was approved: c; d',
  ],
])('what came back is told in one sentence: %s', ([, change, words]) => {
  expect(returnedWords({ ...well, ...change })).toBe(words);
});

test('what the record holds of a check is read back, and its marks', () => {
  expect(readChecked({ unknown: 'x', unpublished: true, host: 'a' })).toEqual({ unknown: 'x', unpublished: true });
  expect(readChecked({ unknown: 'x', unpublished: 'yes' })).toEqual({ unknown: 'x' });
  expect(readChecked({ ...well, unknown: 7 })).toEqual({ ...well, unknown: 7 });
  expect(readMarks({ marks: [1] })).toEqual([1]);
  expect(readMarks({ marks: 'x' })).toEqual([]);
  expect(dataMark('database')).toBe('data/database');
});

test('the loss is the smaller bound that no missing row refutes, to the second', () => {
  const lossIs = (otherwise: number | null, change: Partial<Returned>) =>
    lossOf(otherwise, { ...well, ...change }, start + 100_000);
  expect(lossIs(100, {})).toBe(100);
  expect(lossIs(101, {})).toBe(100);
  expect(lossIs(null, { newestBeatAt: null })).toBeNull();
  expect(lossIs(30, { newestBeatAt: null, firstLostAt: start + 70_000 })).toBe(30);
  expect(lossIs(29, { newestBeatAt: null, firstLostAt: start + 70_000 })).toBeNull();
  expect(lossIs(30, { newestBeatAt: start + 100_000 })).toBe(0);
  expect(lossIs(30, { newestBeatAt: start + 100_001 })).toBe(30);
  expect(lossIs(30, { newestBeatAt: null, firstLostAt: start + 200_000 })).toBe(30);
  expect(lossIs(30, { tables: [less({}), less({ wrong: ['it is empty'] })] })).toBeNull();
});
