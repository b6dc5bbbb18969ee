// What a fault says of a call: that it is certain not to have begun is said only where a service refused it.
import { expect, test } from 'vitest';
import { Unavailable } from '../../../functions/domain/errors.ts';

test('a fault of which nobody said more may have begun what was asked for', () => {
  expect(new Unavailable('no answer').refused).toBe(false);
  expect(new Unavailable('slow down', { refused: true }).refused).toBe(true);
});

test('a fault keeps its cause where it has one, and has none otherwise', () => {
  const cause = new Error('socket hang up');
  expect(new Unavailable('no answer', { cause }).cause).toBe(cause);
  expect(Object.hasOwn(new Unavailable('no answer'), 'cause')).toBe(false);
});
