// The edge to databases against a real PostgreSQL: what is asked over TLS, and what goes wrong in words.
import { connect, createServer, type Server, type Socket } from 'node:net';
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
import { noPostgres, type Postgres, startPostgres } from '../../../servers/postgres.ts';
import { password, secretsOf, trusting } from '../../../servers/sql.ts';

let server: Postgres;
const data = { database: 'chatops', statementTimeoutSeconds: 1 };
const at = Date.parse('2026-11-23T03:00:00Z');

function database(change: Partial<Database> = {}): Database {
  const { host, port } = server;
  return { region: 'us-east-1', engine: 'postgres', host, port, data, secret: 'chatops/reader', ...change };
}
const writer = () => database({ secret: 'chatops/writer' });
const messages: DataTable = { name: 'messages', key: 'id', updatedAt: 'updated_at' };

/** A fault as a state machine sees it, and all that is in it. */
async function faultOf(asked: Promise<unknown>): Promise<{ name: string; said: string }> {
  const error = await asked.then(
    () => new Error('nothing went wrong'),
    (cause: Error) => cause,
  );
  const { name, message, cause } = error;
  expect(`${message} ${String(cause)} ${JSON.stringify({ ...error, cause })}`).not.toContain(password);
  return { name, said: message };
}

if (noPostgres !== null) process.stderr.write(`${noPostgres}\n`);

describe.skipIf(noPostgres !== null)('a real PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres();
    secretsOf({
      'chatops/reader': { user: 'reader' },
      'chatops/writer': { user: 'writer' },
      'chatops/stranger': { user: 'stranger' },
      'chatops/humble': { user: 'humble' },
      'chatops/no-json': 'top-secret-of-the-test',
      'chatops/no-name': JSON.stringify({ password }),
    });
    trusting(server.certificate);
    await server.sql('CREATE DATABASE chatops');
    for (const role of ['reader', 'writer', 'humble'])
      await server.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    await server.sql('GRANT CREATE ON DATABASE chatops TO writer');
    const inChatops = async (statement: string) => server.sql(statement, [], 'chatops');
    await inChatops('CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamptz)');
    await inChatops(
      "INSERT INTO messages SELECT n, timestamptz '2026-11-23 03:00:00Z' - (1000 - n) * interval '1 s' FROM generate_series(1, 1000) n",
    );
    await inChatops('CREATE TABLE rooms (id uuid PRIMARY KEY)');
    await inChatops(
      "INSERT INTO rooms VALUES ('00000000-0000-0000-0000-000000000001'), ('ffffffff-0000-0000-0000-000000000001')",
    );
    await inChatops('CREATE TABLE nothing (id bigint PRIMARY KEY, updated_at timestamptz)');
    await inChatops('CREATE TABLE hidden (id bigint PRIMARY KEY)');
    await inChatops('CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(10)');
    // The key is read from the index at once; what reads all rows takes long.
    await inChatops('CREATE TABLE large (id bigint PRIMARY KEY, updated_at timestamptz)');
    await inChatops('INSERT INTO large VALUES (7, now())');
    await inChatops(
      'CREATE FUNCTION slowly(n bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_sleep(10); RETURN now(); END $$',
    );
    await inChatops('CREATE VIEW late AS SELECT id, slowly(id) AS updated_at FROM large');
    await inChatops('CREATE TABLE days (id bigint, filler text) PARTITION BY RANGE (id)');
    await inChatops('CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (100)');
    await inChatops('CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM (100) TO (200)');
    await inChatops("INSERT INTO days SELECT n, repeat('x', 2000) FROM generate_series(0, 199) n");
    await inChatops('GRANT SELECT ON messages, rooms, nothing, slow, late, days, days_1, days_2 TO reader');
  }, 60_000);

  afterAll(() => server?.remove());

  test('a database says what it is, over TLS', async () => {
    expect(await lookAt(database(), ['max_connections', 'ssl', 'invented.setting'])).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      tls: 'TLSv1.3',
      isReplica: false,
      extensions: ['plpgsql'],
      parameters: { max_connections: '40', ssl: 'on' },
    });
  });

  test('a write is made in the schema breakwater, which is made where it is missing, and once more', async () => {
    await expectWritable(writer(), 'us-west-2', at);
    await expectWritable(writer(), 'us-west-2', at + 1);
    const rows = await server.sql('SELECT place, written_at FROM breakwater.write_check', [], 'chatops');
    expect(rows).toEqual([{ place: 'us-west-2', written_at: String(at + 1) }]);
  });

  test('the ledger takes each row once, however often it is written, and gives them in order', async () => {
    for (const id of [1, 2, 2, 3]) await keepBeatIn(writer(), { id, at: at + id });
    expect(await readLedgerOf(writer())).toEqual([
      { id: 1, at: at + 1 },
      { id: 2, at: at + 2 },
      { id: 3, at: at + 3 },
    ]);
    await keepBeatIn(writer(), { id: 50_002, at });
    expect((await readLedgerOf(writer())).map(({ id }) => id)).toEqual([3, 50_002]);
    expect(await faultOf(keepBeatIn(writer(), { id: 3, at }))).toEqual({
      name: 'CannotProceed',
      said: 'write into the ledger on localhost, as chatops/writer: the database says no (23505)',
    });
  });

  test.for([
    ['rows and a time', messages, { count: 1_000, greatestKey: '1000', newestAt: at }],
    ['no rows', { ...messages, name: 'nothing' }, { count: 0, greatestKey: null, newestAt: null }],
    [
      'keys that are UUIDs',
      { name: 'public.rooms', key: 'id' },
      { count: 2, greatestKey: 'ffffffff-0000-0000-0000-000000000001', newestAt: null },
    ],
    ['times that take too long', { ...messages, name: 'late' }, { count: null, greatestKey: '7', newestAt: null }],
  ] as const)('a table with %s has a watermark', async ([, table, expected]) => {
    expect(await watermarkOf(database(), table)).toEqual({ table: table.name, ...expected });
  });

  test('a table is read as a whole, part by part, with its partitions', async () => {
    expect(await warmOn(database(), messages, null, 5_000)).toBeNull();
    const places: (string | null)[] = [];
    let from: string | null = null;
    do {
      from = await warmOn(database(), { name: 'days', key: 'id' }, from, 0);
      places.push(from);
    } while (from !== null);
    const [blocks] = await server.sql(
      "SELECT (pg_relation_size('days_1') / 8192)::text AS one, ((pg_relation_size('days_1') + pg_relation_size('days_2')) / 8192)::text AS both",
      [],
      'chatops',
    );
    expect(places).toEqual([blocks?.['one'], blocks?.['both'], null]);
  });

  describe('rows of an old database beside those of the one that took over', () => {
    const orders: DataTable = { name: 'orders', key: 'id', updatedAt: 'updated_at' };
    const old = () => database({ data: { ...data, database: 'old' } });
    const taken = () => database({ data: { ...data, database: 'taken' } });
    beforeAll(async () => {
      for (const name of ['old', 'taken']) {
        await server.sql(`CREATE DATABASE ${name}`);
        const inIt = async (statement: string) => server.sql(statement, [], name);
        // `kept` is what the statement calls its rows; a column may be called so too.
        await inIt(
          'CREATE TABLE orders (id bigint PRIMARY KEY, updated_at timestamptz, kept text, ratio float8, paid numeric, body jsonb, bytes bytea, lasts interval, tags text[])',
        );
        await inIt(
          `INSERT INTO orders SELECT n, timestamptz '2026-11-23 03:00:00Z' - (400 - n) * interval '1 s', nullif('row ' || n, 'row 7'), n / 3.0::float8, n / 3.0,
             jsonb_build_object('n', n), decode('00ff5c27', 'hex'), n * interval '1 min', ARRAY['a', NULL, 'b'] FROM generate_series(1, 400) n`,
        );
        await inIt('GRANT SELECT ON orders TO reader');
      }
      // Databases of the same data whose parameter groups differ.
      for (const setting of [
        "datestyle = 'German'",
        "bytea_output = 'escape'",
        'extra_float_digits = 0',
        "intervalstyle = 'iso_8601'",
        "timezone = 'Asia/Tokyo'",
      ])
        await server.sql(`ALTER DATABASE taken SET ${setting}`);
      await server.sql(
        "INSERT INTO orders (id, updated_at, kept) SELECT n, timestamptz '2026-11-23 03:00:00Z', 'lost' FROM generate_series(401, 403) n",
        [],
        'old',
      );
      await server.sql(
        "UPDATE orders SET kept = NULL, updated_at = timestamptz '2026-11-23 03:01:00Z' WHERE id = 5",
        [],
        'old',
      );
      await server.sql(
        "INSERT INTO orders (id, updated_at, kept) VALUES (401, timestamptz '2026-11-23 03:00:00Z', 'another one')",
        [],
        'taken',
      );
    });

    test('what is only in the old one is told by key and hash, and nothing of what is the same', async () => {
      const { newer, rows } = await newerIn(old(), orders, { key: '300', at: at - 60_000 }, 1_000);
      expect({ newer, rows: rows.length }).toEqual({ newer: 104, rows: 104 }); // 301 to 403, and row 5
      expect(rows.every(({ hash }) => /^[0-9a-f]{32}$/.test(hash))).toBe(true);
      const there = await rowsOf(
        taken(),
        orders,
        rows.map(({ key }) => key),
      );
      expect(onlyOld({ table: 'orders', newer, compared: rows.length, rows }, there, null).rows).toEqual([
        { key: '5', hash: expect.any(String), at: at + 60_000, other: true },
        { key: '403', hash: expect.any(String), at, other: false },
        { key: '402', hash: expect.any(String), at, other: false },
        { key: '401', hash: expect.any(String), at, other: true },
      ]);
    });

    test('a row that differs in one value alone, or in what is null, has another hash', async () => {
      const before = await rowsOf(taken(), orders, ['6', '7']);
      await server.sql("UPDATE orders SET kept = '' WHERE id = 7", [], 'taken');
      await server.sql('UPDATE orders SET paid = paid + 0.0000000001 WHERE id = 6', [], 'taken');
      const after = await rowsOf(taken(), orders, ['6', '7']);
      expect(after.map(({ key }) => key).sort()).toEqual(['6', '7']);
      for (const { key, hash } of after) expect(before.find((one) => one.key === key)?.hash).not.toBe(hash);
    });

    test.for([
      [
        'no more than asked for, the newest first, and all are counted',
        { key: '300', at: null },
        3,
        { newer: 103, keys: ['403', '402', '401'] },
      ],
      ['all rows, where nothing tells', { key: null, at: null }, 2, { newer: 403, keys: ['403', '402'] }],
      ['by time alone', { key: null, at: at + 1 }, 2, { newer: 1, keys: ['5'] }],
    ] as const)('read are %s', async ([, since, most, expected]) => {
      const { newer, rows } = await newerIn(old(), orders, since, most);
      expect({ newer, keys: rows.map(({ key }) => key) }).toEqual(expected);
    });

    test('what takes too long to count is not counted, and keys of many statements are all asked for', async () => {
      // The first rows come along the key at once; who counts them all meets one that takes long.
      const inOld = async (statement: string) => server.sql(statement, [], 'old');
      await inOld('CREATE TABLE crowd (id bigint PRIMARY KEY)');
      await inOld('INSERT INTO crowd SELECT generate_series(1, 9)');
      await inOld(
        'CREATE FUNCTION slowly(n bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_sleep(10); RETURN true; END $$',
      );
      await inOld('CREATE POLICY slow ON crowd USING (id > 7 OR slowly(id))');
      await inOld('ALTER TABLE crowd ENABLE ROW LEVEL SECURITY');
      await inOld('GRANT SELECT ON crowd TO reader');
      await inOld('ALTER DATABASE old SET enable_sort = off');
      const crowd: DataTable = { name: 'crowd', key: 'id' };
      expect(await newerIn(old(), crowd, { key: null, at: null }, 2)).toMatchObject({
        newer: null,
        rows: [{ key: '9' }, { key: '8' }],
      });
      const keys = Array.from({ length: 1_001 }, (_, n) => String(n));
      expect(await rowsOf(database(), messages, keys)).toHaveLength(1_000);
      expect(await rowsOf(database(), messages, [])).toEqual([]);
    });
  });

  const onLocalhost = (what: string, secret = 'chatops/reader') => `${what} on localhost, as ${secret}: `;
  test.for<readonly [string, () => Promise<unknown>, { name: string; said: string }]>([
    [
      'a table that does not exist',
      () => watermarkOf(database(), { name: 'invented', key: 'id' }),
      { name: 'CannotProceed', said: `${onLocalhost('look at the table invented')}there is no such table (42P01)` },
    ],
    [
      'a table of which rows are to be compared, and that does not exist',
      () => newerIn(database(), { name: 'invented', key: 'id' }, { key: '1', at: null }, 1),
      {
        name: 'CannotProceed',
        said: `${onLocalhost('read what is new in the table invented')}there is no such table (42P01)`,
      },
    ],
    [
      'a column that does not exist',
      () => watermarkOf(database(), { ...messages, updatedAt: 'invented' }),
      { name: 'CannotProceed', said: `${onLocalhost('look at the table messages')}there is no such column (42703)` },
    ],
    [
      'a table that the role may not read',
      () => watermarkOf(database(), { name: 'hidden', key: 'id' }),
      {
        name: 'CannotProceed',
        said: `${onLocalhost('look at the table hidden')}the role of the secret may not do this (42501)`,
      },
    ],
    [
      'a role that may not make the schema breakwater',
      async () => {
        await server.sql('DROP SCHEMA IF EXISTS breakwater CASCADE', [], 'chatops');
        await expectWritable(database({ secret: 'chatops/humble' }), 'us-west-2', at);
      },
      {
        name: 'CannotProceed',
        said: `${onLocalhost('write into the schema breakwater', 'chatops/humble')}there is no schema breakwater, and the role of the secret may not make it: make it, and let the role write there`,
      },
    ],
    [
      'a statement that takes too long',
      () => watermarkOf(database(), { name: 'slow', key: 'id' }),
      {
        name: 'Unavailable',
        said: `${onLocalhost('look at the table slow')}the database did not answer in time (57014)`,
      },
    ],
    [
      'a name that the database does not know',
      () => lookAt(database({ secret: 'chatops/stranger' }), []),
      {
        name: 'CannotProceed',
        said: `${onLocalhost('look at the database', 'chatops/stranger')}the database does not take the name and password of the secret (28P01)`,
      },
    ],
    [
      'a database that does not exist',
      () => lookAt(database({ data: { ...data, database: 'invented' } }), []),
      { name: 'CannotProceed', said: `${onLocalhost('look at the database')}there is no such database (3D000)` },
    ],
    [
      'a certificate for another host',
      () => lookAt(database({ host: '127.0.0.1' }), []),
      {
        name: 'CannotProceed',
        said: 'look at the database on 127.0.0.1, as chatops/reader: the connection cannot be trusted: the certificate is not of this host, or not of an authority that is known here (ERR_TLS_CERT_ALTNAME_INVALID)',
      },
    ],
    [
      'a port where nobody listens',
      () => lookAt(database({ port: 1 }), []),
      {
        name: 'Unavailable',
        said: `${onLocalhost('look at the database')}the database refuses connections (ECONNREFUSED)`,
      },
    ],
    [
      'a name of no host',
      () => lookAt(database({ host: 'nowhere.invalid' }), []),
      {
        name: 'Unavailable',
        said: expect.stringContaining('the database cannot be reached, or ended the connection (E'),
      },
    ],
    [
      'a secret that is not there',
      () => lookAt(database({ secret: 'chatops/invented' }), []),
      { name: 'CannotProceed', said: 'secret chatops/invented is not in us-east-1' },
    ],
    [
      'a secret that is no JSON',
      () => lookAt(database({ secret: 'chatops/no-json' }), []),
      { name: 'CannotProceed', said: 'secret chatops/no-json in us-east-1 has no username and password in JSON' },
    ],
    [
      'a secret without a name',
      () => lookAt(database({ secret: 'chatops/no-name' }), []),
      { name: 'CannotProceed', said: 'secret chatops/no-name in us-east-1 has no username and password in JSON' },
    ],
  ])('%s is a line without a secret in it', async ([, ask, expected]) => {
    expect(await faultOf(ask())).toEqual(expected);
  });

  test.for<readonly [string, (socket: Socket) => void, { name: string; said: string }]>([
    ['accepts and is silent', () => undefined, { name: 'Unavailable', said: 'the database did not answer in time' }],
    [
      'does not speak TLS',
      (socket) => socket.once('data', () => socket.end('N')),
      { name: 'CannotProceed', said: 'the database does not speak TLS' },
    ],
    [
      'hangs up',
      (socket) => socket.destroy(),
      { name: 'Unavailable', said: 'the database cannot be reached, or ended the connection' },
    ],
  ])('a server that %s is no database that was asked', async ([, answer, { name, said }]) => {
    const other: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
      socket.resume();
    });
    await new Promise<void>((listening) => other.listen(0, 'localhost', listening));
    const { port } = other.address() as { port: number };
    const fault = await faultOf(lookAt(database({ port }), []));
    await new Promise((closed) => other.close(closed));
    expect(fault).toEqual({ name, said: expect.stringContaining(`${onLocalhost('look at the database')}${said}`) });
  });

  test('a server that freezes while it is asked is given up in time, and the connection is cut', async () => {
    let frozen = false;
    const closed = Promise.withResolvers<void>();
    const between = createServer((socket) => {
      const behind = connect(server.port, 'localhost');
      for (const one of [socket, behind]) one.on('error', () => undefined);
      socket.on('data', (bytes) => frozen || behind.write(bytes));
      behind.on('data', (bytes) => frozen || socket.write(bytes));
      socket.on('close', () => {
        behind.destroy();
        closed.resolve();
      });
    });
    await new Promise<void>((listening) => between.listen(0, 'localhost', listening));
    const { port } = between.address() as { port: number };
    const began = performance.now();
    const fault = faultOf(watermarkOf(database({ port }), { name: 'slow', key: 'id' }));
    const working = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'breakwater' AND query LIKE '%slow%'";
    while ((await server.sql(working)).length === 0) expect(performance.now() - began).toBeLessThan(10_000);
    frozen = true;
    expect(await fault).toEqual({
      name: 'Unavailable',
      said: `${onLocalhost('look at the table slow')}the database did not answer in time`,
    });
    await closed.promise;
    between.close();
  });

  test('whatever was asked, no connection is left', async () => {
    const [left] = await server.sql(
      "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'breakwater'",
    );
    expect(left).toEqual({ count: '0' });
  });

  test('a certificate of another authority is not taken', async () => {
    trusting(selfSigned('localhost').certificate);
    expect(await faultOf(lookAt(database(), []))).toEqual({
      name: 'CannotProceed',
      said: expect.stringMatching(/: the connection cannot be trusted: .* \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/),
    });
  });
});
