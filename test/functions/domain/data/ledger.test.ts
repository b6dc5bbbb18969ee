// Loss counted from the ledger: sets of ids, a bound in seconds, and clocks that say what cannot be.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acknowledged,
  type Beat,
  isYounger,
  type LedgerRecord,
  lossOf,
  noRow,
  ranBackwards,
  shrunk,
  tried,
} from '../../../../functions/domain/data/ledger.ts';
import { ledger } from '../../../store/samples.ts';

const start = 1_000_000;
const beat = (id: number, seconds = id * 10): Beat => ({ id, at: start + seconds * 1000 });
const beats = (...ids: number[]): Beat[] => ids.map((id) => beat(id));
const ended = (seconds: number) => start + seconds * 1000;
const published = { attempted: 6, since: 1, acknowledged: beats(1, 2, 3, 4, 5) };

test.for([
  ['all of it arrived', beats(1, 2, 3, 4, 5), { lost: [], invented: [], recovered: [], boundSeconds: 10, wrong: [] }],
  [
    'the last rows are missing',
    beats(1, 2, 3),
    { lost: [4, 5], invented: [], recovered: [], boundSeconds: 30, wrong: [] },
  ],
  [
    'a row in the middle is missing',
    beats(1, 2, 4, 5),
    { lost: [3], invented: [], recovered: [], boundSeconds: 10, wrong: [] },
  ],
  [
    'a row arrived that nobody heard of',
    beats(1, 2, 3, 4, 5, 6),
    { lost: [], invented: [], recovered: [6], boundSeconds: 0, wrong: [] },
  ],
  [
    'a row is there that nobody tried',
    beats(1, 2, 3, 4, 5, 9),
    { lost: [], invented: [9], recovered: [], boundSeconds: 10, wrong: [] },
  ],
] as const)('%s', ([, rows, expected]) => {
  expect(lossOf(published, rows, ended(60))).toEqual(expected);
});

test('a row with another time than was tried is of another history, and the one that was tried is lost', () => {
  const { lost, invented } = lossOf(published, [...beats(1, 2, 3, 4), beat(5, 51)], ended(60));
  expect({ lost, invented }).toEqual({ lost: [5], invented: [5] });
});

test('rows that were acknowledged before the list begins are neither recovered nor invented', () => {
  const late = { ...published, since: 4, acknowledged: beats(4, 5) };
  expect(lossOf(late, beats(1, 2, 3, 4, 5), ended(60))).toMatchObject({ lost: [], invented: [], recovered: [] });
});

test.for([
  [
    'nobody knows when writes ended',
    beats(1, 2),
    null,
    'nobody knows when the last write was taken: the loss is not bounded',
  ],
  ['the ledger is empty', [], ended(60), 'the ledger has no row of the writer: the loss is not bounded'],
  [
    'rows are newer than the last write',
    beats(1, 2, 3, 4, 5),
    ended(45),
    'row 5 was written after writes had ended: a clock is wrong, and the loss is not bounded',
  ],
] as const)('no bound is given where %s', ([, rows, at, why]) => {
  expect(lossOf(published, rows, at)).toMatchObject({ boundSeconds: null, wrong: [why] });
});

test('a clock that ran backwards is said, and the bound counts from the last row and not from the latest time', () => {
  const rows = [beat(1), beat(2, 40), beat(3, 30)];
  const of = { attempted: 3, since: 1, acknowledged: rows };
  const { boundSeconds, wrong } = lossOf(of, rows, ended(50));
  expect({ boundSeconds, wrong }).toEqual({
    boundSeconds: 20,
    wrong: ["the writer's clock ran back by 10 s between rows 2 and 3"],
  });
});

test('whatever of a history arrives, acknowledged rows are there or lost, and the bound covers the first that is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      (gaps, cut) => {
        let at = start;
        const all = gaps.map((gap, place): Beat => {
          at += gap;
          return { id: place + 1, at };
        });
        const arrived = all.slice(0, cut % (all.length + 1));
        const writesEndedAt = at + 1;
        const { lost, invented, recovered, boundSeconds } = lossOf(
          { attempted: all.length, since: 1, acknowledged: all },
          arrived,
          writesEndedAt,
        );
        expect([...arrived.map(({ id }) => id), ...lost]).toEqual(all.map(({ id }) => id));
        expect([invented, recovered]).toEqual([[], []]);
        const first = all.find(({ id }) => id === lost[0]);
        if (boundSeconds !== null && first !== undefined)
          expect(boundSeconds * 1000).toBeGreaterThanOrEqual(writesEndedAt - first.at);
        expect(boundSeconds === null).toBe(arrived.length === 0);
      },
    ),
  );
});

test('rows in any order are told by their ids', () => {
  expect(lossOf({ ...published, acknowledged: beats(5, 4, 3, 2, 1) }, beats(3, 1), ended(60))).toEqual({
    ...{ lost: [2, 4, 5], invented: [], recovered: [], boundSeconds: 30, wrong: [] },
  });
  expect(lossOf(published, beats(9, 8, 5, 4, 3, 2, 1), ended(60))).toMatchObject({
    invented: [8, 9],
    boundSeconds: 10,
  });
});

test('the last row that was tried may be there, and none behind it', () => {
  expect(lossOf(published, beats(1, 2, 3, 4, 5, 6), ended(60)).recovered).toEqual([6]);
  expect(lossOf(published, beats(1, 2, 3, 4, 5, 7), ended(70))).toMatchObject({ recovered: [], invented: [7] });
});

test('a row of the very moment at which writes ended bounds the loss by nothing', () => {
  expect(lossOf(published, beats(1, 2, 3, 4, 5), ended(50))).toMatchObject({ boundSeconds: 0, wrong: [] });
});

test('all that is wrong is said', () => {
  expect(lossOf(published, [], null).wrong).toEqual([
    noRow,
    'nobody knows when the last write was taken: the loss is not bounded',
  ]);
});

test('what a clock did before the list of rows is not said', () => {
  const late = { ...published, since: 4, acknowledged: beats(4, 5) };
  expect(lossOf(late, [beat(1, 30), beat(2, 20), ...beats(4, 5)], ended(60)).wrong).toEqual([]);
  expect(lossOf({ ...late, since: 2 }, [beat(2, 30), beat(3, 20), ...beats(4, 5)], ended(60)).wrong).toHaveLength(1);
});

test('where a clock ran back is said once, by the tenth of a second; a row of the same time did not', () => {
  expect(ranBackwards([beat(2, 40), beat(1, 10), beat(3, 39.9), beat(3, 39.9)])).toEqual([
    "the writer's clock ran back by 0.1 s between rows 2 and 3",
  ]);
  expect(ranBackwards([beat(1, 10), beat(2, 9.75)])).toEqual([
    "the writer's clock ran back by 0.3 s between rows 1 and 2",
  ]);
  expect(ranBackwards([beat(1, 10), beat(2, 10)])).toEqual([]);
  expect(ranBackwards([])).toEqual([]);
});

const place = { asset: 'database', region: 'us-east-1', instance: 'chatops-prod', at: start };

test('a row that is tried has the next number of all that there were, and goes on with the list of its instance', () => {
  expect(tried(place, null, 0)).toEqual({
    ...{ ...place, attempted: 1, since: 1, acknowledged: [], watermarks: null, countedAt: null, provenAt: null },
  });
  expect(tried(place, ledger, 0)).toEqual({ ...ledger, at: start, attempted: 13 });
  expect(tried(place, ledger, 20)).toEqual({ ...ledger, at: start, attempted: 21 });
  const shrank = [{ at: start, why: ['x'] }];
  expect(tried(place, { ...ledger, shrank }, 0)).toEqual({ ...ledger, at: start, attempted: 13, shrank });
});

test.for([
  ['another instance', { instance: 'restored' }],
  ['another region', { region: 'us-west-2' }],
] as const)('%s begins a list of its own', ([, change]) => {
  const before = { ...ledger, shrank: [{ at: start, why: ['x'] }] };
  expect(tried({ ...place, ...change }, before, 0)).toEqual({
    ...{ ...place, ...change, attempted: 13, since: 13, acknowledged: [] },
    ...{ watermarks: null, countedAt: null, provenAt: null },
  });
});

test('a list that is full forgets its oldest row, and one that is not keeps where it begins', () => {
  const of = (count: number): LedgerRecord => ({
    ...ledger,
    ...{ since: 5, attempted: 999, acknowledged: Array.from({ length: count }, (_, place) => beat(place + 100)) },
  });
  expect(acknowledged(of(238), start)).toMatchObject({ since: 5, acknowledged: { length: 239 } });
  expect(acknowledged(of(239), start)).toMatchObject({ since: 100, acknowledged: { length: 240 } });
  const full = acknowledged(of(240), start);
  expect(full.since).toBe(101);
  expect(full.acknowledged).toHaveLength(240);
  expect(full.acknowledged.at(-1)).toEqual({ id: 999, at: start });
});

test('what is less in a table is kept, the newest five of it', () => {
  const less = (at: number) => ({ at, why: [`${at}`] });
  expect(shrunk(ledger, { at: start, why: [] })).toBe(ledger);
  expect(shrunk(ledger, less(1)).shrank).toEqual([less(1)]);
  const six = [1, 2, 3, 4, 5, 6].reduce((record, at) => shrunk(record, less(at)), ledger);
  expect(six.shrank).toEqual([2, 3, 4, 5, 6].map(less));
});

test.for([
  ['has no row', [], true],
  ['began after it', [beat(1, 11)], true],
  ['began with it', [beat(1, 10)], false],
  ['began before it', [beat(1, 9)], false],
  ['is full: nobody knows when it began', Array.from({ length: 240 }, (_, n) => beat(n, 11 + n)), false],
  ['is nearly full', Array.from({ length: 239 }, (_, n) => beat(n, 11 + n)), true],
] as const)('a ledger that %s is younger than a time: %2$s', ([, rows, is]) => {
  expect(isYounger({ ...published, acknowledged: rows }, start + 10_000)).toBe(is);
});
