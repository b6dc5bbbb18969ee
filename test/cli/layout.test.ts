import { expect, test } from 'vitest';
import { formatCount, formatOffset, formatSeconds, printable, wrap } from '../../cli/layout.ts';

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
  [0, '+00:00'],
  [252.9, '+04:12'],
  [3852, '+1:04:12'],
  [-61, '-01:01'],
] as const)('%s seconds after the fault stand in the timeline as %s', ([seconds, clock]) => {
  expect(formatOffset(seconds)).toBe(clock);
});

test('thousands stand apart', () => {
  expect(formatCount(1994)).toBe('1,994');
});

test('a long text is broken between words, and a word that is longer than a line stays whole', () => {
  expect(wrap('api and cache of arn:aws:rds:us-east-1 fail', 13)).toEqual([
    'api and cache',
    'of',
    'arn:aws:rds:us-east-1',
    'fail',
  ]);
});

test('what comes from an event cannot steer the terminal', () => {
  expect(printable('red \u001b[31m alert\r\nnext')).toBe('red [31m alert next');
});
