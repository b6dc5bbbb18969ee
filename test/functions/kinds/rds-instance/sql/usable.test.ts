// The gate before users are sent to a region, where the plan has the database asked: a real PostgreSQL at the address that a mocked RDS gives.
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InProgress } from '../../../../../functions/domain/errors.ts';
import { handler as verify } from '../../../../../functions/kinds/rds-instance/verify.ts';
import { mocked } from '../../../../mocked.ts';
import { noPostgres, type Postgres, startPostgres } from '../../../../servers/postgres.ts';
import { password, secretsOf, trusting } from '../../../../servers/sql.ts';
import { planWithData } from '../../../../with-data.ts';
import { regionIncident as incident, reached, running, type Setting, start } from '../../../setting.ts';

const asset = 'database';
const rds = mocked(RDSClient);
let primary: Postgres;
let standby: Postgres;
let shell: Setting;

async function given(change: Parameters<typeof planWithData>[0] = {}, at: Postgres | null = primary): Promise<void> {
  const Endpoint = at === null ? undefined : { Address: at.host, Port: at.port };
  rds.reset();
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available', Endpoint }] });
  shell = await running(incident, { region: 'us-west-2', plan: planWithData(change) });
  await reached('take-over/database', incident, shell);
}

const asked = () =>
  verify
    .on(shell)({ incident, asset })
    .catch((error: Error) => `${error.name}: ${error.message}`);
const proven = {
  version: expect.stringMatching(/^\d/),
  tls: 'TLSv1.3',
  data: { unknown: 'nothing was published of database before', unpublished: true },
  notWarmed: [],
};
const done = (used: object = proven) => ({
  database: 'chatops-dr-replica',
  writable: true,
  verifiedAt: shell.now(),
  used,
});

describe.skipIf(noPostgres !== null)('a database that the plan has asked', () => {
  beforeAll(async () => {
    primary = await startPostgres();
    secretsOf({ 'chatops/reader': { user: 'reader' }, 'chatops/writer': { user: 'writer' } });
    await primary.sql('CREATE DATABASE chatops');
    for (const role of ['reader', 'writer']) await primary.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    const inChatops = (statement: string) => primary.sql(statement, [], 'chatops');
    await inChatops('CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamptz)');
    await inChatops('CREATE TABLE rooms (id bigint PRIMARY KEY)');
    await inChatops('INSERT INTO messages SELECT n, now() FROM generate_series(1, 100) n');
    await inChatops('GRANT SELECT ON messages, rooms TO reader');
    standby = await primary.standby();
    trusting(primary.certificate);
  }, 60_000);
  beforeEach(() => given());
  afterAll(async () => {
    await standby?.remove();
    await primary?.remove();
  });

  test('a writer without a schema to write in is a line for people, and users stay where they are', async () => {
    expect(await asked()).toBe(
      'CannotProceed: write into the schema breakwater on localhost, as chatops/writer: there is no schema breakwater, ' +
        'and the role of the secret may not make it: make it, and let the role write there',
    );
    await primary.sql('CREATE SCHEMA breakwater AUTHORIZATION writer', [], 'chatops');
    expect(await asked()).toEqual(done());
  });

  test('a database without an address is asked for again', async () => {
    await given({}, null);
    expect(await asked()).toBe('InProgress: database database has no address in us-west-2 yet');
  });

  test('a replica is of no use, whatever RDS says', async () => {
    await given({}, standby);
    expect(await asked()).toBe(
      'CannotProceed: database database on localhost cannot be used: it is a replica, or read only, and takes no writes',
    );
  });

  test('extensions and parameters that are not as recorded are said together', async () => {
    await given({ extensions: ['plpgsql', 'pg_trgm'], parameters: { max_connections: '500', 'rds.force_ssl': '1' } });
    expect(await asked()).toBe(
      'CannotProceed: database database on localhost cannot be used: extension pg_trgm is not there; ' +
        'parameter max_connections is 40, expected 500; parameter rds.force_ssl is not there, expected 1',
    );
  });

  const tables = [
    { name: 'messages', key: 'id' },
    { name: 'rooms', key: 'id' },
  ];

  test('the tables that the plan names are read one after the other, and then it is verified', async () => {
    await given({ tables, warm: { tables: ['messages', 'rooms'], withinSeconds: 60 } });
    expect(await asked()).toBe(
      `${InProgress.name}: database database works, and its tables are read for the first time: messages, rooms`,
    );
    expect(await asked()).toEqual(done());
    expect(await asked()).toEqual(done());
  });

  test('when their time is over, users are not kept waiting for tables: those that were not read are said', async () => {
    await given({ tables, warm: { tables: ['messages', 'rooms'], withinSeconds: 60 } });
    await asked();
    shell.at = start + 61_000;
    expect(await asked()).toEqual(done({ ...proven, notWarmed: ['rooms'] }));
  });

  test('a table that does not exist is a line for people', async () => {
    await given({ tables: [{ name: 'invented', key: 'id' }], warm: { tables: ['invented'], withinSeconds: 60 } });
    expect(await asked()).toBe(
      'CannotProceed: read the table invented on localhost, as chatops/reader: there is no such table (42P01)',
    );
  });
});
