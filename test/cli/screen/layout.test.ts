import { expect, test } from 'vitest';
import { formatCount, formatOffset, printable, wrap } from '../../../cli/screen/layout.ts';

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
