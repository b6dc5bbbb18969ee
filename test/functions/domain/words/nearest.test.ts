import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest, oneOf } from '../../../../functions/domain/words/nearest.ts';

const verbs = ['drill', 'freeze', 'unfreeze', 'status', 'check', 'approve'];

test.for([
  ['a letter that is missing', 'dril', 'drill'],
  ['a letter too many', 'statuss', 'status'],
  ['two letters swapped', 'chekc', 'check'],
  ['capital letters', 'APPROVE', 'approve'],
  ['a beginning alone', 'fre', 'freeze'],
] as const)('%s is taken for a slip of the hand', ([, word, meant]) => {
  expect(nearest(word, verbs)).toBe(meant);
});

test('what is like nothing gets the nearest, without the guess that it was meant', () => {
  expect(didYouMean('dril', verbs)).toBe('did you mean drill?');
  expect(didYouMean('promote', verbs)).toBe('the nearest is freeze');
  expect(didYouMean('drill', [])).toBe('');
});

test('a list of all that there is guesses at slips alone', () => {
  expect(oneOf(['dba', 'on-call'], 'oncall')).toBe('one of dba, on-call: did you mean on-call?');
  expect(oneOf(['dba', 'on-call'], 'magician')).toBe('one of dba, on-call');
  expect(oneOf(['dba', 'on-call'], 7)).toBe('one of dba, on-call');
});

test('a word that there is, is its own nearest, and the nearest is always one that there is', () => {
  void fc.assert(
    fc.property(fc.string(), (word) => {
      expect(nearest(word, [...verbs, word])?.toLowerCase()).toBe(word.toLowerCase());
      expect(verbs).toContain(nearest(word, verbs));
    }),
  );
});
