// Loss counted from the ledger: sets of ids, a bound in seconds, and clocks that say what cannot be.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Beat, lossOf } from '../../../../functions/domain/data/ledger.ts';

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
