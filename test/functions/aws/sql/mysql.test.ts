// The edge to databases against a real MariaDB, where one is installed: what differs from PostgreSQL, and faults in the same words.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Database,
  expectWritable,
  keepBeatIn,
  lookAt,
  newerIn,
  readLedgerOf,
  rowsOf,
  warmOn,
  watermarkOf,
} from '../../../../functions/aws/sql/sql.ts';
import type { DataTable } from '../../../../functions/domain/data/keys.ts';
import { onlyOld } from '../../../../functions/domain/data/only-old.ts';
import { selfSigned } from '../../../servers/certificate.ts';
import { type Mariadb, noMariadb, startMariadb } from '../../../servers/mariadb.ts';
import { password, secretsOf, trusting } from '../../../servers/sql.ts';

let server: Mariadb;
const at = Date.parse('2026-11-23T03:00:00Z');
const messages: DataTable = { name: 'messages', key: 'id', updatedAt: 'updated_at' };

function database(change: Partial<Database> = {}): Database {
  const { host, port } = server;
  const data = { database: 'chatops', statementTimeoutSeconds: 1 };
  return { region: 'us-east-1', engine: 'mariadb', host, port, data, secret: 'chatops/reader', ...change };
}
const writer = () => database({ secret: 'chatops/writer' });

async function faultOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => new Error('nothing went wrong'),
    (cause: Error) => cause,
  );
  expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(password);
  return `${error.name}: ${error.message}`;
}

if (noMariadb !== null) process.stderr.write(`${noMariadb}\n`);

describe.skipIf(noMariadb !== null)('a real MariaDB', () => {
  beforeAll(async () => {
    server = await startMariadb();
    secretsOf({
      'chatops/reader': { user: 'reader' },
      'chatops/writer': { user: 'writer' },
      'chatops/humble': { user: 'humble' },
      'chatops/stranger': { user: 'stranger' },
    });
    trusting(server.certificate);
    const users = ['reader', 'writer', 'humble'].map((user) => `CREATE USER ${user}@'%' IDENTIFIED BY '${password}';`);
    await server.sql(`CREATE DATABASE chatops; USE chatops; ${users.join(' ')}
      CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamp(3) NOT NULL, filler char(200));
      INSERT INTO messages SELECT seq, '2026-11-23 02:59:59.5' - INTERVAL (50000 - seq) SECOND, 'x' FROM seq_1_to_50000;
      CREATE TABLE nothing (id bigint PRIMARY KEY, updated_at timestamp(3) NOT NULL);
      CREATE TABLE hidden (id bigint PRIMARY KEY);
      CREATE VIEW slow AS SELECT 1 AS id, SLEEP(10) AS slept;
      GRANT ALL ON breakwater.* TO writer@'%';
      GRANT SELECT ON chatops.* TO writer@'%', humble@'%';
      GRANT SELECT ON chatops.messages TO reader@'%';
      GRANT SELECT ON chatops.nothing TO reader@'%';
      GRANT SELECT ON chatops.slow TO reader@'%';`);
    await server.sql("SET GLOBAL time_zone = '+05:00'"); // sessions say theirs
  }, 90_000);

  afterAll(() => server?.remove());

  test('a database says what it is, over TLS, and takes writes', async () => {
    expect(await lookAt(database(), ['max_connections', 'invented'])).toEqual({
      version: expect.stringMatching(/MariaDB/),
      tls: expect.stringMatching(/^TLSv1\.[23]$/),
      isReplica: false,
      extensions: expect.arrayContaining(['InnoDB']),
      parameters: { max_connections: '151' },
    });
  });

  test('a database that is read only is a replica', async () => {
    await server.sql('SET GLOBAL read_only = 1');
    const { isReplica } = await lookAt(database(), []);
    const written = await faultOf(expectWritable(writer(), 'us-west-2', at));
    await server.sql('SET GLOBAL read_only = 0');
    expect(isReplica).toBe(true);
    expect(written).toMatch(/^CannotProceed: .*: the database takes no writes \(1290\)$/);
  });

  test('a write is made in the schema breakwater, which is made where it is missing; the ledger takes a row once', async () => {
    await expectWritable(writer(), 'us-west-2', at);
    await expectWritable(writer(), 'us-west-2', at + 1);
    for (const id of [1, 2, 2]) await keepBeatIn(writer(), { id, at: at + id });
    expect(await readLedgerOf(writer())).toEqual([
      { id: 1, at: at + 1 },
      { id: 2, at: at + 2 },
    ]);
  });

  test.for([
    ['rows and a time', messages, { count: 50_000, greatestKey: '50000' }],
    ['no rows', { ...messages, name: 'nothing' }, { count: 0, greatestKey: null, newestAt: null }],
  ] as const)('a table with %s has a watermark', async ([, table, expected]) => {
    expect(await watermarkOf(database(), table)).toMatchObject({ table: table.name, ...expected });
  });

  test('a table is read as a whole, part by part', async () => {
    const places: (string | null)[] = [];
    let from: string | null = null;
    do {
      from = await warmOn(database(), messages, from, 0);
      places.push(from);
    } while (from !== null);
    expect(places).toEqual(['20000', '40000', '50000', null]);
    expect(await warmOn(database(), messages, null, 5_000)).toBeNull();
  });

  test('what is only in the old database is told by key and hash, and nothing of what is the same', async () => {
    const orders: DataTable = { name: 'orders', key: 'id', updatedAt: 'updated_at' };
    // The columns of one stand in another order: what has their names is compared.
    const columns = [
      'id bigint PRIMARY KEY, updated_at datetime(3), `odd ``name` varchar(40) CHARACTER SET latin1, ratio double, paid decimal(30,15), body json, raw varbinary(8), flags bit(4)',
      'flags bit(4), raw varbinary(8), body json, paid decimal(30,15), ratio double, `odd ``name` varchar(40) CHARACTER SET latin1, updated_at datetime(3), id bigint PRIMARY KEY',
    ];
    for (const [place, name] of ['old', 'taken'].entries())
      await server.sql(`CREATE DATABASE ${name}; USE ${name}; CREATE TABLE orders (${columns[place]});
        INSERT INTO orders (id, updated_at, \`odd \`\`name\`, ratio, paid, body, raw, flags)
          SELECT seq, '2026-11-23 03:00:00' - INTERVAL (400 - seq) SECOND, IF(seq = 307, NULL, CONCAT('Zoë ', seq)), seq / 3, seq / 3, JSON_OBJECT('n', seq), X'00FF5C27', 5
            FROM seq_1_to_400;
        GRANT SELECT ON ${name}.orders TO reader@'%';`);
    await server.sql(`USE old; INSERT INTO orders (id, updated_at) SELECT seq, '2026-11-23 03:00:00' FROM seq_401_to_403;
      INSERT INTO orders (id, updated_at) VALUES (9007199254740993, '2026-11-23 03:00:00');
      UPDATE orders SET raw = X'00FF5C28', updated_at = '2026-11-23 03:01:00' WHERE id = 5;
      UPDATE orders SET \`odd \`\`name\` = '' WHERE id = 307;
      USE taken; INSERT INTO orders (id, updated_at, ratio) VALUES (401, '2026-11-23 03:00:00', 1), (9007199254740992, '2026-11-23 03:00:00', 1);`);
    const of = (name: string) => database({ data: { database: name, statementTimeoutSeconds: 1 } });
    const { newer, rows } = await newerIn(of('old'), orders, { key: '300', at: at - 60_000 }, 1_000);
    expect({ newer, rows: rows.length }).toEqual({ newer: 105, rows: 105 });
    const there = await rowsOf(
      of('taken'),
      orders,
      rows.map(({ key }) => key),
    );
    const [hash, written] = [expect.stringMatching(/^[0-9a-f]{32}$/), at];
    expect(onlyOld({ table: 'orders', newer, compared: rows.length, rows }, there, null).rows).toEqual([
      { key: '5', hash, at: at + 60_000, other: true },
      { key: '9007199254740993', hash, at: written, other: false },
      { key: '403', hash, at: written, other: false },
      { key: '402', hash, at: written, other: false },
      { key: '401', hash, at: written, other: true },
      { key: '307', hash, at: at - 93_000, other: true },
    ]);
    expect(await newerIn(of('old'), orders, { key: null, at: at + 1 }, 2)).toMatchObject({
      newer: 1,
      rows: [{ key: '5' }],
    });
    expect(await newerIn(of('old'), orders, { key: '300', at: null }, 2)).toMatchObject({
      newer: 104,
      rows: [{ key: '9007199254740993' }, { key: '403' }],
    });
    await server.sql(
      `USE old; CREATE TABLE tokens (id binary(16) PRIMARY KEY); GRANT SELECT ON old.tokens TO reader@'%';`,
    );
    expect(await faultOf(newerIn(of('old'), { name: 'tokens', key: 'id' }, { key: null, at: null }, 1))).toMatch(
      /^CannotProceed: .*its key is binary: rows cannot be told by it$/,
    );
    expect(await faultOf(newerIn(of('old'), { name: 'invented', key: 'id' }, { key: '1', at: null }, 1))).toMatch(
      /^CannotProceed: .*\((1146|1142)\)$/,
    );
  });

  test.for<readonly [string, () => Promise<unknown>, RegExp]>([
    [
      'a table that does not exist',
      () => watermarkOf(writer(), { name: 'invented', key: 'id' }),
      /^CannotProceed: .*there is no such table \(1146\)$/,
    ],
    [
      'a column that does not exist',
      () => watermarkOf(database(), { ...messages, key: 'invented' }),
      /^CannotProceed: .*there is no such column \(1054\)$/,
    ],
    [
      'a table that the role may not read',
      () => watermarkOf(database(), { name: 'hidden', key: 'id' }),
      /^CannotProceed: .*the role of the secret may not do this \(1142\)$/,
    ],
    [
      'a role that may not make the schema',
      () => expectWritable(database({ secret: 'chatops/humble' }), 'p', at),
      /^CannotProceed: .*(there is no schema breakwater|may not do this)/,
    ],
    [
      'a statement that takes too long',
      () => watermarkOf(database(), { name: 'slow', key: 'slept' }),
      /^Unavailable: .*the database did not answer in time \(1969\)$/,
    ],
    [
      'a name that the database does not know',
      () => lookAt(database({ secret: 'chatops/stranger' }), []),
      /^CannotProceed: .*does not take the name and password of the secret \(1045\)$/,
    ],
    [
      'a database that does not exist',
      () =>
        lookAt(database({ secret: 'chatops/reader', data: { database: 'invented', statementTimeoutSeconds: 1 } }), []),
      /^CannotProceed: .*(there is no such database \(1049\)|may not do this \(1044\))$/,
    ],
    [
      'an address, which no certificate is for',
      () => lookAt(database({ host: '127.0.0.1' }), []),
      /^CannotProceed: .*the connection cannot be trusted: .*\(address\)$/,
    ],
    [
      'a port where nobody listens',
      () => lookAt(database({ port: 1 }), []),
      /^Unavailable: .*the database refuses connections \(ECONNREFUSED\)$/,
    ],
  ])('%s is a line without a secret in it', async ([, ask, expected]) => {
    expect(await faultOf(ask())).toMatch(expected);
  });

  test('no connection is left, and a certificate of another authority is not taken', async () => {
    const left = await server.sql(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER IN ('reader', 'writer')",
    );
    expect(Number(left[0]?.['n'])).toBe(0);
    trusting(selfSigned('localhost').certificate);
    expect(await faultOf(lookAt(database(), []))).toMatch(/^CannotProceed: .*the connection cannot be trusted/);
  });

  test('a certificate of a known authority for another host is not taken', async () => {
    const elsewhere = selfSigned('elsewhere.example');
    trusting(server.certificate, elsewhere.certificate);
    await server.show(elsewhere);
    expect(await faultOf(lookAt(database(), []))).toMatch(
      /^CannotProceed: .*the connection cannot be trusted: .*\(HANDSHAKE_SSL_ERROR\)$/,
    );
  });
});
