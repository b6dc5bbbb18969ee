// SQL in tests: credentials from a mocked Secrets Manager, and a client that trusts the certificate of the test's own server.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SqlClient } from '../../functions/aws/sql/sql.ts';
import { mocked, undoneAtEnd } from '../mocked.ts';

export const password = 'top-secret-of-the-test';

/** Secrets by their names: a user with the password of the test, or a text as it is. */
export function secretsOf(secrets: Readonly<Record<string, { readonly user: string } | string>>) {
  const mock = mocked(SecretsManagerClient);
  mock.on(GetSecretValueCommand).callsFake(({ SecretId }: { SecretId: string }) => {
    const secret = secrets[SecretId];
    if (secret === undefined) throw Object.assign(new Error('not there'), { name: 'ResourceNotFoundException' });
    return {
      SecretString: typeof secret === 'string' ? secret : JSON.stringify({ username: secret.user, password }),
    };
  });
  return mock;
}

const { send } = SqlClient.prototype;

/** From now on, and until the test file ends, clients trust these authorities and no others. */
export function trusting(...authorities: readonly string[]): void {
  const ours = new SqlClient({ region: 'us-east-1', authorities: async () => authorities.join('\n') });
  SqlClient.prototype.send = (command) => send.call(ours, command as never) as never;
  undoneAtEnd(() => {
    SqlClient.prototype.send = send;
  });
}
