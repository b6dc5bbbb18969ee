// What follows a refusal to make a cache: every error that the SDK names of the call has an answer, and no other.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { afterRefusal, afterRefusals } from '../../../../../functions/kinds/elasticache/rules/refusals.ts';

const text = readFileSync(
  join(
    import.meta.dirname,
    '../../../../../node_modules/@aws-sdk/client-elasticache/dist-types/commands/CreateReplicationGroupCommand.d.ts',
  ),
  'utf8',
);

test('every error of the SDK is in the table, and the table has no other', () => {
  const thrown = [...text.matchAll(/@throws \{@link (\w+)\} \(/g)].map(([, name = '']) => name);
  expect(thrown.length).toBeGreaterThan(10);
  const named = thrown.map((name) => name.replace(/(Fault|Exception)$/, ''));
  expect(Object.keys(afterRefusals).toSorted()).toEqual(named.toSorted());
});

test('an error that nobody knows needs a person', () => {
  expect(afterRefusal('SomethingNewFault')).toBe('person');
  expect(afterRefusal('InsufficientCacheClusterCapacityFault')).toBe('again');
  expect(afterRefusal('InvalidParameterValueException')).toBe('next-way');
});
