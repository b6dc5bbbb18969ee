// What goes wrong with a database in words: which of it may be asked again, and that nothing a driver says gets through.
import { expect, test } from 'vitest';
import { askingSql, faultFrom } from '../../../../functions/aws/sql/faults.ts';
import { SqlClient } from '../../../../functions/aws/sql/sql.ts';
import { Unavailable } from '../../../../functions/domain/errors.ts';

const from = (error: object) => faultFrom(Object.assign(new Error('secret of user chatops'), error));

test.for([
  ['08006', 'unreachable'],
  ['57P03', 'starting'],
  ['53300', 'full'],
  ['55P03', 'locked'],
  ['25006', 'read-only'],
  ['28000', 'password'],
  ['22P02', 'failed'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EAI_AGAIN', 'unreachable'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['PROTOCOL_CONNECTION_LOST', 'unreachable'],
] as const)('code %s is %s', ([code, reason]) => {
  expect(from({ code }).reason).toBe(reason);
});

test.for([
  [1045, 'password'],
  [1226, 'full'],
  [3024, 'timeout'],
  [1064, 'failed'],
] as const)('error %d of MySQL is %s', ([errno, reason]) => {
  expect(from({ code: 'ER_OF_ANY_NAME', errno })).toMatchObject({
    reason,
    message: expect.stringContaining(`(${errno})`),
  });
});

test.for([
  ['is not trusted', {}, 'tls'],
  ['broke in its handshake', { errno: -104 }, 'unreachable'],
  ['was closed in its handshake', { message: 'Client network socket disconnected before secure TLS' }, 'unreachable'],
] as const)('of MySQL, a connection that %s is %s', ([, error, reason]) => {
  expect(from({ code: 'HANDSHAKE_SSL_ERROR', ...error }).reason).toBe(reason);
});

test('where Lambda has no certificates of authorities, nobody is asked', async () => {
  const connection = { engine: 'postgres', host: 'h', port: 1, user: 'u', password: 'p' } as const;
  const data = { database: 'd', statementTimeoutSeconds: 1 };
  const client = new SqlClient({
    region: 'us-east-1',
    authorities: () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
  });
  const look = client.send({ operation: 'Look', input: { parameters: [], connection: { ...connection, data } } });
  await expect(look).rejects.toMatchObject({ reason: 'no-authorities', message: expect.stringContaining('(ENOENT)') });
});

test('no word of a driver is in a fault, nor a code that is none', () => {
  expect(from({ code: 'secret of user chatops', detail: 'Key (id)=(7)' })).toMatchObject({
    message: 'the database says no',
    reason: 'failed',
  });
});

test('a fault keeps its reason on its way, and a refused connection is certain not to have begun anything', async () => {
  const fault = await askingSql('look', Promise.reject(from({ code: 'ECONNREFUSED' }))).catch(
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(Unavailable);
  expect(fault).toMatchObject({ refused: true, cause: { reason: 'refused' } });
});
