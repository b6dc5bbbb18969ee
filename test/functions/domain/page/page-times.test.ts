// Times as pages and messages show them: in UTC, and never more time than is left.
import { expect, test } from 'vitest';
import { written } from '../../../../functions/domain/page/html.ts';
import { clock, day, minutes, moment, time, when } from '../../../../functions/domain/page/page-times.ts';

const at = Date.UTC(2026, 10, 3, 3, 4, 59, 900);
const minute = 60_000;

test('a time of today is a clock, and one of another day has its day', () => {
  expect(clock(at, at)).toBe('03:04 UTC');
  expect(clock(at, Date.UTC(2026, 10, 3, 23, 59))).toBe('03:04 UTC');
  expect(clock(at, Date.UTC(2026, 10, 4))).toBe('3 Nov 2026, 03:04 UTC');
  expect(clock(at, Number.NaN)).toBe('3 Nov 2026, 03:04 UTC');
});

test('each month has its name', () => {
  const named = Array.from({ length: 12 }, (_, month) => day(Date.UTC(2026, month, 15)).split(' ')[1]);
  expect(named).toEqual(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']);
});

test('two instants are compared by the second', () => {
  expect(moment(at)).toBe('3 Nov 2026, 03:04:59 UTC');
});

test('a time that is none says so', () => {
  expect([clock, day, moment].map((words) => words(Number.NaN, at))).toEqual(Array(3).fill('a time not known'));
  expect(written(time(Number.NaN, 'then'))).toBe('then');
  expect(written(when(Number.NaN, at))).toBe('a time not known (not known)');
});

test('machines read it in full', () => {
  expect(written(time(at, 'then'))).toBe('<time datetime="2026-11-03T03:04:59.900Z">then</time>');
});

test.for([
  [0, 'just now'],
  [1, 'in less than a minute'],
  [minute - 1, 'in less than a minute'],
  [minute, 'in 1 min'],
  [2 * minute - 1, 'in 1 min'],
  [1 - minute, 'just now'],
  [-minute, '1 min ago'],
  [-119 * minute, '1 h 59 min ago'],
  [60 * 24 * minute, 'in 1 d'],
  [60 * 26 * minute - 1, 'in 1 d 1 h'],
] as const)('what is %d ms off is %s', ([ms, words]) => {
  const [, said] = /\((.*)\)$/.exec(written(when(at + ms, at))) ?? [];
  expect(said).toBe(words);
});

test('what is begun does not count', () => {
  expect([59, 119, 86_399, 86_400, 89_999].map(minutes)).toEqual(['0 s', '1 min', '23 h 59 min', '1 d', '1 d']);
});
