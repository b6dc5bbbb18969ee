// The arithmetic behind evidence: how many, together, since when, and in which order it is told.
import { expect, test } from 'vitest';
import { both, distinct, earliest, ids, names, nth } from '../../../../../functions/domain/evidence/indications.ts';

const at = (since: number, name = 'a', id = `${name}${since}`) => ({ since, name, id });

test('so many are true together since the last of as many began', () => {
  const items = [at(30), at(10), at(200)];
  expect([1, 2, 3, 4].map((count) => nth(items, count))).toEqual([10, 30, 200, null]);
  expect(nth([], 1)).toBeNull();
});

test('of one name the earliest counts, and of two at one time the first', () => {
  const items = [at(30, 'a'), at(20, 'b'), at(10, 'a'), at(20, 'b', 'second'), at(40, 'a')];
  expect(distinct(items, ({ name }) => name)).toEqual([at(10, 'a'), at(20, 'b')]);
});

test('both are true since the later, and one of them since the earlier', () => {
  expect([both(1, 2), both(2, 1), both(null, 1), both(1, null), both(0, 0)]).toEqual([2, 2, null, null, 0]);
  expect([earliest(3, null, 2), earliest(null, 5), earliest(null), earliest(), earliest(0, 1)]).toEqual([
    ...[2, 5, null, null, 0],
  ]);
});

test('names are told once each, in order', () => {
  expect(names([at(1, 'rds'), at(2, 'ec2'), at(3, 'rds')])).toBe('ec2, rds');
  expect(names([])).toBe('');
});

test('ids are told once each, oldest first, of one time by their letters, and no more than forty', () => {
  expect(ids([at(2, 'b'), at(1, 'z'), at(2, 'a'), at(1, 'z'), at(2, 'c')])).toEqual(['z1', 'a2', 'b2', 'c2']);
  const many = Array.from({ length: 50 }, (_, index) => at(100 - index, 'x'));
  expect(ids(many)).toEqual(Array.from({ length: 40 }, (_, index) => `x${51 + index}`));
});
