import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, didYouMeanOf, oneOf, slipOf } from '../../../../functions/domain/words/nearest.ts';

const verbs = ['drill', 'freeze', 'unfreeze', 'status', 'check', 'approve', 'report', 'resume', 'reject', 'size'];

test.for([
  ['a letter that is missing', 'dril', 'drill'],
  ['a letter too many', 'statuss', 'status'],
  ['two letters swapped', 'chekc', 'check'],
  ['capital letters', 'APPROVE', 'approve'],
  ['a beginning alone', 'fre', 'freeze'],
  ['two letters of eight', 'unfrese', 'unfreeze'],
] as const)('%s is taken for a slip of the hand', ([, word, meant]) => {
  expect(slipOf(word, verbs)).toBe(meant);
  expect(didYouMean(word, verbs)).toBe(`did you mean ${meant}?`);
  expect(didYouMeanOf('--help', word, verbs)).toBe(`did you mean ${meant}? (--help lists all)`);
});

// What people have typed that want something else: a guess would lead them to a verb that acts.
test.for(['remove', 'rename', 'revert', 'start', 'promote', 'list', 'x', '', 're', 'rep-ort-all', 'foo'])(
  '%j is a slip of none, and nothing is guessed',
  (word) => {
    expect(slipOf(word, verbs)).toBeNull();
    expect(didYouMean(word, verbs)).toBe(`one of ${verbs.join(', ')}`);
    expect(didYouMeanOf('--help', word, verbs)).toBe('expected one that --help lists');
  },
);

test.for([
  ['two letters swapped are one slip, not two', 'chekc', ['cheap', 'check'], 'check'],
  ['so are the first two', 'hceck', ['heck-all', 'hcxxk', 'check'], 'check'],
  ['the word itself is nearer than one with two letters swapped', 'chekc', ['check', 'chekc'], 'chekc'],
  ['a letter that moved one place alone is not swapped', 'release-ab', ['release-bc', 'release-axy'], 'release-axy'],
  ['of two that are equally near the one that begins alike', 'cat', ['bat', 'cap'], 'cap'],
  ['the same in the other order', 'cat', ['cap', 'bat'], 'cap'],
  ['of two that begin alike the first', 'cat', ['car', 'cap'], 'car'],
  ['a slip is nearer than a beginning', 'stat', ['status-of-all', 'state'], 'state'],
] as const)('%s', ([, word, known, meant]) => {
  expect(slipOf(word, known)).toBe(meant);
});

test.for([
  ['three letters that begin it', 'dri', 'drill', true],
  ['two letters that begin it', 'dr', 'drill', false],
  ['one letter of three', 'dbx', 'dba', true],
  ['one letter of two', 'tp', 'to', true],
  ['two letters of three', 'foo', 'toy', false],
  ['a letter for another', 'x', 'y', false],
  ['two letters of seven', 'freezing', 'freezer', false],
  ['two letters of eight', 'drillers', 'drilling', false],
  ['two letters of nine', 'az-outa', 'az-outrag', true],
  ['three letters of fourteen', 'coordinator', 'dr-coordinator', true],
  ['four letters of fourteen', 'ordinator-dr', 'dr-coordinator', false],
  ['a letter of an option', '--sed', '--seed', true],
  ['two letters of an option', '--foo', '--to', false],
  ['capital letters', 'DRILL', 'Drill', true],
] as const)('%s: %s for %s is a slip: %s', ([, word, one, slip]) => {
  expect(slipOf(word, [one])).toBe(slip ? one : null);
});

test('a beginning of several is none', () => {
  expect(slipOf('fail', ['failback-x', 'failover-x'])).toBeNull();
});

test('where there is nothing to name, nothing is guessed', () => {
  expect(slipOf('drill', [])).toBeNull();
});

test('a list that fits no line is counted where one of it was meant', () => {
  const names = Array.from({ length: 20 }, (_, number) => `asset-${String.fromCodePoint(97 + number)}`);
  expect(oneOf(names, 'asst-b')).toBe(`one of ${names.join(', ')}: did you mean asset-b?`);
  const more = [...names, 'database'];
  expect(oneOf(more, 'databse')).toBe('one of 21 names: did you mean database?');
  for (const word of ['x', 7, 'database']) expect(oneOf(more, word)).toBe(`one of ${more.join(', ')}`);
});

test('a list of all that there is guesses at slips alone', () => {
  expect(oneOf(['dba', 'on-call'], 'oncall')).toBe('one of dba, on-call: did you mean on-call?');
  expect(oneOf(['dba', 'on-call'], 'magician')).toBe('one of dba, on-call');
  expect(oneOf(['dba', 'on-call'], 7)).toBe('one of dba, on-call');
});

test('a word that there is, is its own nearest, and what is meant is always one that there is', () => {
  void fc.assert(
    fc.property(fc.string(), (word) => {
      expect(slipOf(word, [...verbs, word])?.toLowerCase()).toBe(word.toLowerCase());
      expect([...verbs, null]).toContain(slipOf(word, verbs));
    }),
  );
});
