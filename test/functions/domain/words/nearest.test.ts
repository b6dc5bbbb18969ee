import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest, oneOf, slipOf } from '../../../../functions/domain/words/nearest.ts';

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

test.for([
  ['two letters swapped are one slip, not two', 'chekc', ['cheap', 'check'], 'check'],
  ['so are the first two', 'hceck', ['heck-all', 'hcxxk', 'check'], 'check'],
  ['the word itself is nearer than one with two letters swapped', 'chekc', ['check', 'chekc'], 'chekc'],
  ['a letter that moved one place alone is not swapped', 'ab', ['bc', 'axy'], 'axy'],
  ['of two that are equally near the one that begins alike', 'cat', ['bat', 'cap'], 'cap'],
  ['the same in the other order', 'cat', ['cap', 'bat'], 'cap'],
  ['of two that begin alike the first', 'cat', ['car', 'cap'], 'car'],
] as const)('%s', ([, word, known, meant]) => {
  expect(nearest(word, known)).toBe(meant);
});

test.for([
  ['two letters of a short word', 'dri', 'drill', true],
  ['three letters of a short word', 'dr', 'drill', false],
  ['four letters of fourteen', 'ordinator-dr', 'dr-coordinator', false],
  ['three letters of fourteen', 'coordinator', 'dr-coordinator', true],
  ['a third of the letters', 'dr-coordina', 'dr-coordinator', true],
  ['exactly a third, rounded down', 'dr-coordin', 'dr-coordinator', true],
  ['more than a third', 'dr-coordi', 'dr-coordinator', false],
  ['capital letters', 'DRILL', 'Drill', true],
] as const)('%s: %s for %s is a slip: %s', ([, word, one, slip]) => {
  expect(slipOf(word, [one])).toBe(slip ? one : null);
  expect(didYouMean(word, [one])).toBe(slip ? `did you mean ${one}?` : `the nearest is ${one}`);
});

test('where there is nothing to name, nothing is guessed', () => {
  expect(nearest('drill', [])).toBeNull();
  expect(slipOf('drill', [])).toBeNull();
});

test('a list that fits no line is counted, and the nearest named', () => {
  const names = Array.from({ length: 20 }, (_, number) => `asset-${String.fromCodePoint(97 + number)}`);
  expect(oneOf(names, 'asset')).toBe(`one of ${names.join(', ')}: did you mean asset-a?`);
  const more = [...names, 'database'];
  expect(oneOf(more, 'databse')).toBe('one of 21 names: did you mean database?');
  expect(oneOf(more, 'x')).toBe('one of 21 names: the nearest is asset-a');
  expect(oneOf(more, 7)).toBe(`one of ${more.join(', ')}`);
  expect(oneOf(more, 'database')).toBe(`one of ${more.join(', ')}`);
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
