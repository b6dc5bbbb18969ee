// Durations in words, from tenths of a second to days; on the page nobody is told of more time than is left.
import { expect, test } from 'vitest';
import { minutes } from '../../../../functions/domain/page/page-times.ts';
import { formatBoth, formatSeconds } from '../../../../functions/domain/words/durations.ts';

test.for([
  [null, 'not known'],
  [0, '0 s'],
  [0.04, '0 s'],
  [8.44, '8.4 s'],
  [9.97, '10 s'],
  [42.4, '42 s'],
  [59.6, '1 min'],
  [252, '4 min 12 s'],
  [3599.7, '1 h'],
  [3661, '1 h 1 min'],
  [14_400, '4 h'],
  [86_399, '1 d'],
  [100_800, '1 d 4 h'],
  [-75, '-1 min 15 s'],
] as const)('%s seconds are told as "%s"', ([seconds, words]) => {
  expect(formatSeconds(seconds)).toBe(words);
});

test.for([
  [240, 92, ['4 min', '1 min 32 s']],
  [300.1, 300, ['300.1 s', '300 s']],
  [4000, 3991, ['4000 s', '3991 s']],
  [300, 300, ['5 min', '5 min']],
] as const)('%s and %s seconds are told so that people see which is more', ([one, other, words]) => {
  expect(formatBoth(one, other)).toEqual(words);
});

test.for([
  [119, '1 min'],
  [3599, '59 min'],
  [86_399, '23 h 59 min'],
  [100_799, '1 d 3 h'],
] as const)('of %s seconds that are left the page tells %s', ([seconds, words]) => {
  expect(minutes(seconds)).toBe(words);
});
