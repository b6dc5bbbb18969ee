// Whether a database can be used, by what it says of itself.
import { expect, test } from 'vitest';
import { whyNotUsable } from '../../../../functions/domain/data/usable.ts';

const looked = {
  version: '16.4',
  tls: 'TLSv1.3',
  isReplica: false,
  extensions: ['plpgsql', 'pg_trgm'],
  parameters: { max_connections: '500' },
};
const expected = { extensions: ['pg_trgm'], parameters: { max_connections: '500' } };

test('a database that is as recorded can be used', () => {
  expect(whyNotUsable(looked, expected)).toEqual([]);
});

test.for([
  ['without encryption', { tls: null }, 'the connection is not encrypted'],
  ['that is a replica', { isReplica: true }, 'it is a replica, or read only, and takes no writes'],
  ['without an extension', { extensions: ['plpgsql'] }, 'extension pg_trgm is not there'],
  [
    'with another parameter',
    { parameters: { max_connections: '100' } },
    'parameter max_connections is 100, expected 500',
  ],
  ['without a parameter', { parameters: {} }, 'parameter max_connections is not there, expected 500'],
] as const)('a database %s cannot be used, and says why', ([, change, why]) => {
  expect(whyNotUsable({ ...looked, ...change }, expected)).toEqual([why]);
});
