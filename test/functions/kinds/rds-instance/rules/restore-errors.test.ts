// What follows each error of a restore: the table knows what the SDK names, and nothing else.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { afterRefusal, afterRefusals } from '../../../../../functions/kinds/rds-instance/rules/restore-errors.ts';

/** What the SDK says that a call throws, as it names it. */
function thrownBy(command: string): string[] {
  const file = `node_modules/@aws-sdk/client-rds/dist-types/commands/${command}Command.d.ts`;
  const named = [...readFileSync(file, 'utf8').matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name);
  return named.filter((name) => name !== 'RDSServiceException');
}
const thrown = [
  ...new Set([...thrownBy('RestoreDBInstanceToPointInTime'), ...thrownBy('RestoreDBInstanceFromDBSnapshot')]),
];

test('every error that the SDK names of the two calls is in the table, and no other', () => {
  expect(thrown.length).toBeGreaterThan(30);
  const short = thrown.map((name) => name.replace(/(Fault|Exception)$/, '')).toSorted();
  expect(Object.keys(afterRefusals).toSorted()).toEqual(short);
});

test.for([
  ['InsufficientDBInstanceCapacityFault', 'again'],
  ['DBInstanceAlreadyExists', 'again'],
  ['KMSKeyNotAccessibleFault', 'next-way'],
  ['DBSnapshotNotFound', 'next-way'],
  ['DBSubnetGroupDoesNotCoverEnoughAZs', 'person'],
  ['VpcEncryptionControlViolationException', 'person'],
  ['AccessDenied', 'person'],
  ['toString', 'person'],
  ['', 'person'],
] as const)('%s, as the SDK or the API names it: %s', ([name, next]) => {
  expect(afterRefusal(name)).toBe(next);
});
