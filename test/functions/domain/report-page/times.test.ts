// Times, numbers and results as reports write them.
import { expect, test } from 'vitest';
import { outcomeWords } from '../../../../functions/domain/report-page/outcome-words.ts';
import {
  actorWords,
  afterOf,
  clockOf,
  countOf,
  dayOf,
  formatMs,
  inUnits,
  isoOf,
  together,
  toRead,
} from '../../../../functions/domain/report-page/times.ts';

const iso = '2026-11-03T03:04:05.678Z';

test('a time is written for machines, and one that is none is the beginning of 1970', () => {
  expect(isoOf(Date.parse(iso))).toBe(iso);
  expect(isoOf(Number.NaN)).toBe('1970-01-01T00:00:00.000Z');
});

test('a time for people has its day where that is another than the first', () => {
  expect(clockOf(iso, '2026-11-03T00:00:00.000Z')).toBe('03:04:05 UTC');
  expect(clockOf(iso, '2026-11-02T23:59:59.000Z')).toBe('2026-11-03 03:04:05 UTC');
  expect(dayOf(iso)).toBe('2026-11-03 03:04 UTC');
});

test('how long after the beginning has its sign', () => {
  expect(afterOf('2026-11-03T03:06:32.000Z', '2026-11-03T03:04:05.000Z')).toBe('+2 min 27 s');
  expect(afterOf(iso, iso)).toBe('+0 s');
  expect(afterOf('2026-11-03T03:04:00.000Z', '2026-11-03T03:04:05.000Z')).toBe('-5 s');
});

test('an answer below a second is told in milliseconds', () => {
  expect([61.5, 999.4, 1_000, 1_446].map(formatMs)).toEqual(['62 ms', '999 ms', '1 s', '1.4 s']);
});

test('one is one, and many are many', () => {
  expect([0, 1, 2, 12_345].map((count) => countOf(count, 'write'))).toEqual([
    ...['0 writes', '1 write', '2 writes', '12,345 writes'],
  ]);
});

test.for([
  [`${iso} users fail`, '2026-11-03 03:04:05 UTC users fail'],
  ['from 2026-11-03T03:04:05Z to 2026-11-03T03:04:06.1Z', 'from 2026-11-03 03:04:05 UTC to 2026-11-03 03:04:06 UTC'],
  ['errors (34.87)', 'errors, measured: 34.87'],
  ['errors (-3)', 'errors, measured: -3'],
  ['errors (1e-7)', 'errors, measured: 1e-7'],
  ['errors (12)', 'errors, measured: 12'],
  ['errors (x)', 'errors (x)'],
  ['errors(12)', 'errors(12)'],
  ['errors (12) now', 'errors (12) now'],
] as const)('%s is read as: %s', ([text, read]) => {
  expect(toRead(text)).toBe(read);
});

test('no person asks for what Breakwater starts', () => {
  expect(actorWords('classify')).toBe('Breakwater itself');
  expect(actorWords('role/ana')).toBe('role/ana');
});

test('seconds are told in larger units, wherever they stand', () => {
  expect(inUnits('for 3600 s, and 90 s')).toBe('for 1 h, and 1 min 30 s');
  expect(inUnits('us3600 s, 90 sec')).toBe('us3600 s, 90 sec');
});

test('a number and its unit stay in one line', () => {
  expect(together('14 min 40 s of 2 h, 3 d, 5 ms, 7 months')).toBe(
    '14\u00a0min 40\u00a0s of 2\u00a0h, 3\u00a0d, 5\u00a0ms, 7 months',
  );
});

test.for<[Readonly<Record<string, unknown>>, string]>([
  [{}, 'reached'],
  [{ a: null, b: undefined, c: true, d: false }, 'a: not known; b: not known; c: yes; d: no'],
  [{ waitSeconds: 95, count: 95, name: 'x' }, 'waitSeconds: 1 min 35 s; count: 95; name: x'],
  [{ list: ['a', 2, null], none: [] }, 'list: a, 2, not known; none: none'],
  [{ more: { a: 1, b: { c: 'd' } } }, 'more: (a: 1; b: (c: d))'],
  [{ at: Date.parse(iso) }, `at: ${iso}`],
  [{ at: Date.UTC(2001, 0, 1) }, 'at: 978307200000'],
  [{ at: Date.UTC(2001, 0, 1) + 1 }, 'at: 2001-01-01T00:00:00.001Z'],
  [{ at: Date.UTC(2100, 0, 1) }, 'at: 4102444800000'],
  [{ a: 'x'.repeat(597) }, `a: ${'x'.repeat(597)}`],
  [{ a: 'x'.repeat(598) }, `a: ${'x'.repeat(597)}...`],
])('the result %j is told in words', ([outcome, words]) => {
  expect(outcomeWords(outcome)).toBe(words);
});
