// What only the old database has: from where it is read, what is left of it, and how people are told.
import { describe, expect, test } from 'vitest';
import {
  arrivedOf,
  type Comparison,
  countOnlyOld,
  hasNothing,
  kept,
  mostRows,
  onlyOld,
  onlyOldMark,
  onlyOldWords,
  sinceOf,
  type TableRows,
} from '../../../../functions/domain/data/only-old.ts';
import type { Watermark } from '../../../../functions/domain/data/watermarks.ts';
import { at, comparison } from '../../../store/samples.ts';

const mark = (change: Partial<Watermark> = {}): Watermark => ({
  ...{ table: 'messages', count: 10, greatestKey: '100', newestAt: at },
  ...change,
});

describe('what certainly had arrived of a table', () => {
  test.for<[string, Partial<Watermark>, Partial<Watermark> | null, number | null, Partial<Watermark>]>([
    ['nothing was published: what came back', {}, null, null, {}],
    ['less was published', {}, { greatestKey: '90', newestAt: at - 5 }, null, { greatestKey: '90', newestAt: at - 5 }],
    ['less came back', {}, { greatestKey: '110', newestAt: at + 5 }, null, {}],
    ['keys are numbers, not letters', { greatestKey: '1000' }, { greatestKey: '99' }, null, { greatestKey: '99' }],
    ['keys are below zero', { greatestKey: '-5' }, { greatestKey: '-7' }, null, { greatestKey: '-7' }],
    [
      'its keys are words: they stay as they came back',
      { greatestKey: 'zebra' },
      { greatestKey: 'ape' },
      null,
      { greatestKey: 'zebra' },
    ],
    [
      'only what came back has words for keys',
      { greatestKey: 'zebra' },
      { greatestKey: '90' },
      null,
      { greatestKey: '90' },
    ],
    ['only what was published has words for keys', {}, { greatestKey: 'ape' }, null, {}],
    ['it came back empty', { greatestKey: null, newestAt: null }, {}, at, { greatestKey: null, newestAt: null }],
    ['it was published empty', {}, { greatestKey: null, newestAt: null }, null, {}],
    ['the newest beat that came back is older', {}, { newestAt: at - 5 }, at - 9, { newestAt: at - 9 }],
    ['the newest beat that came back is newer', {}, { newestAt: at - 5 }, at - 1, { newestAt: at - 5 }],
    ['it has no times', { newestAt: null }, { newestAt: at - 5 }, at - 9, { newestAt: null }],
  ])('where %s', ([, found, published, beat, arrived]) => {
    const before = published === null ? [mark({ table: 'votes', greatestKey: '1' })] : [mark(published)];
    expect(arrivedOf([mark(found)], before, beat)).toEqual([mark({ ...found, ...arrived })]);
  });
});

describe('reading begins', () => {
  const timed = { name: 'messages', key: 'id', updatedAt: 'updated_at' };
  const untimed = { name: 'messages', key: 'id' };
  test.for([
    ['a hundred keys and half a minute before', timed, mark(), { key: '0', at: at - 30_000 }],
    ['below zero too', timed, mark({ greatestKey: '-1' }), { key: '-101', at: at - 30_000 }],
    ['by keys alone where the table has no times', untimed, mark(), { key: '0', at: null }],
    ['by keys alone where no time was known', timed, mark({ newestAt: null }), { key: '0', at: null }],
    ['by time alone where keys are words', timed, mark({ greatestKey: 'a1' }), { key: null, at: at - 30_000 }],
    ['with all rows where it came back empty', timed, mark({ greatestKey: null }), { key: null, at: null }],
    [
      'nowhere where it was not looked at',
      timed,
      mark({ table: 'votes' }),
      'messages was not looked at before users came',
    ],
    [
      'nowhere where keys are words and no time is known',
      untimed,
      mark({ greatestKey: 'a1' }),
      'messages has keys that are no numbers, and no time of its newest record was known',
    ],
  ] as const)('%s', ([, table, since, from]) => {
    expect(sinceOf(table, [mark({ table: 'other' }), since])).toEqual(from);
  });
});

describe('one record holds', () => {
  const row = (key: string) => ({ key, hash: 'h', at });
  test('some rows of each table', () => {
    expect([mostRows([]), mostRows([1]), mostRows([1, 2])]).toEqual([2906, 2906, 1453]);
  });

  test('as many as fit, whatever their keys are; letters count by their bytes', () => {
    const room = (...keys: string[]) => kept(keys.map(row), [1]).length;
    const fills = 'a'.repeat(250_000 - 70);
    expect(room('a', 'b')).toBe(2);
    expect(room(fills)).toBe(1);
    expect(room(`${fills}a`)).toBe(0);
    expect(room(fills, '')).toBe(1);
    expect(kept([row('é'.repeat(124_966))], [1])).toHaveLength(0);
    expect(kept([row('é'.repeat(124_965))], [])).toHaveLength(1);
    expect(kept([row('a'.repeat(125_000))], [1, 2])).toHaveLength(0);
    expect(kept([], [1])).toEqual([]);
  });
});

describe('of the old rows are left', () => {
  const old: TableRows = { table: 'messages', newer: 5, compared: 1, rows: [{ key: '7', hash: 'old', at }] };
  const left = (there: Parameters<typeof onlyOld>[1], arrivedAt: number | null, rowAt: number | null = at) =>
    onlyOld({ ...old, rows: [{ key: '7', hash: 'old', at: rowAt }] }, there, arrivedAt).rows.map(({ other }) => other);

  test.for<[string, Parameters<typeof onlyOld>[1], number | null, boolean[]]>([
    ['those that the new one lacks', [], null, [false]],
    ['those of another key alone', [{ key: '8', hash: 'old', at }], null, [false]],
    ['none that the new one has alike', [{ key: '7', hash: 'old', at }], null, []],
    ['those that the new one has otherwise', [{ key: '7', hash: 'new', at: at + 1 }], null, [true]],
    ['none that had arrived, and users have changed since', [{ key: '7', hash: 'new', at: at + 1 }], at, []],
    ['those that had not arrived', [{ key: '7', hash: 'new', at: at + 1 }], at - 1, [true]],
    ['those that the new one has otherwise, and not newer', [{ key: '7', hash: 'new', at }], at, [true]],
    ['those whose time the new one does not say', [{ key: '7', hash: 'new', at: null }], at, [true]],
    ['those that are missing, though all had arrived', [], at, [false]],
  ])('%s', ([, there, arrivedAt, others]) => {
    expect(left(there, arrivedAt)).toEqual(others);
  });

  test('those whose own time is not known, whatever has arrived', () => {
    expect(left([{ key: '7', hash: 'new', at: at + 1 }], at, null)).toEqual([true]);
  });

  test('with their table as it was', () => {
    expect(onlyOld(old, [], null)).toEqual({ ...old, rows: [{ key: '7', hash: 'old', at, other: false }] });
  });
});

const rows = (...all: Partial<TableRows['rows'][number]>[]) =>
  all.map((one, index) => ({ key: `${index}`, hash: 'h', at: at - 70_000, other: false, ...one }));
const table = (change: Partial<TableRows>): TableRows => ({
  ...{ table: 'messages', newer: 0, compared: 0, rows: [] },
  ...change,
});
const compared = (change: Partial<Comparison> = {}): Comparison => ({ ...comparison, comparedAt: at, ...change });

test('rows are counted over all tables', () => {
  expect(countOnlyOld({ tables: [] })).toBe(0);
  expect(countOnlyOld({ tables: [table({ rows: rows({}, {}) }), table({ rows: rows({}) })] })).toBe(3);
});

test.for<[string, Comparison, boolean]>([
  ['all was compared, and nothing is left', compared({ tables: [table({ newer: 3, compared: 3 })] }), true],
  ['it is not compared yet', compared({ comparedAt: null }), false],
  ['a row is left', compared({ tables: [table({ rows: rows({}) })] }), false],
  ['something was wrong', compared({ wrong: ['no table'] }), false],
  ['more rows are as new than were compared', compared({ tables: [table({ newer: 4, compared: 3 })] }), false],
  ['nobody knows how many are as new', compared({ tables: [table({}), table({ newer: null })] }), false],
])('the old database has nothing of its own where %s: %2$s', ([, one, has]) => {
  expect(hasNothing(one)).toBe(has);
});

const words = (change: Partial<TableRows>) => onlyOldWords({ tables: [table(change)], writesEndedAt: at - 60_000 });
test.for<[string, Partial<TableRows>, string]>([
  ['nothing', { newer: 2, compared: 2 }, 'the new database has every row that was compared'],
  [
    'nothing of what was compared',
    { newer: 5, compared: 2 },
    'the new database has every row that was compared. Compared: the 2 newest of 5 rows',
  ],
  [
    'nothing, and counting took too long',
    { newer: null, compared: 2 },
    'the new database has every row that was compared. Compared: the 2 newest rows',
  ],
  [
    'one row',
    { newer: 1, compared: 1, rows: rows({}) },
    '1 row is only in the old database (1 missing in the new one)',
  ],
  [
    'rows that are missing and rows that differ',
    { newer: 3, compared: 3, rows: rows({}, { other: true }, { other: true }) },
    '3 rows are only in the old database (1 missing in the new one, 2 different there)',
  ],
  [
    'rows that differ alone',
    { newer: 1, compared: 1, rows: rows({ other: true }) },
    '1 row is only in the old database (1 different there)',
  ],
  [
    'rows of after the failover, and of a time that is not known',
    { newer: 9, compared: 3, rows: rows({ at: at - 59_999 }, { at: at - 60_000 }, { at: null }) },
    'at least 3 rows are only in the old database (3 missing in the new one, 1 of them written after the failover began, 1 of them written at a time that is not known). Compared: the 3 newest of 9 rows',
  ],
])('people read what was found: %s', ([, change, sentence]) => {
  expect(words(change)).toEqual([`messages: ${sentence}`]);
});

test('what was found stands in the record under the asset', () => {
  expect(onlyOldMark('database')).toBe('only-old/database');
});
