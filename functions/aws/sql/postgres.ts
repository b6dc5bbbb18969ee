// PostgreSQL: a connection with `pg`, and its statements.
import { Socket } from 'node:net';
import { Client } from 'pg';
import type { Connecting, Dialect, Driver, Row, Session } from './session.ts';

/** Blocks of 8 kB that are read with one statement: 64 MB, less than a second's work of a volume that has them. */
const blocksAtOnce = 8192;

/** Two databases give the same text for the same value, whatever their parameter groups say. */
const sameTexts =
  '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1';

const asText = (column: string) => `${column}::text`;
const millisecondsOf = (column: string) => `floor(extract(epoch FROM ${column}) * 1000)::bigint`;

const dialect: Dialect = {
  mark: (n) => `$${n}`,
  version: "SELECT current_setting('server_version') AS value",
  tls: 'SELECT version AS value FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl',
  readOnly: 'SELECT pg_is_in_recovery() AS value',
  extensions: 'SELECT extname AS value FROM pg_extension',
  parameters: (names) =>
    `SELECT name, current_setting(name) AS value FROM pg_settings WHERE name IN (${names.map((_, at) => `$${at + 1}`)})`,
  schema: "SELECT 1 AS value WHERE to_regnamespace('breakwater') IS NOT NULL",
  tables: "SELECT relname AS value FROM pg_class WHERE relnamespace = to_regnamespace('breakwater') AND relkind = 'r'",
  snapshot: 'START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
  // Not max(), which older servers have for no UUID; and the index of the key is read backwards.
  greatestKey: (table, key) =>
    `SELECT ${asText(key)} AS value FROM ${table} WHERE ${key} IS NOT NULL ORDER BY ${key} DESC LIMIT 1`,
  newestAt: (table, column) => `SELECT ${millisecondsOf(`max(${column})`)} AS value FROM ${table}`,
  // `alias.*`: a column may have the name of the alias. Settings that a text depends on are set when the session is opened.
  hashOf: async (_session, _table, _key, alias) => `encode(sha256(convert_to((${alias}.*)::text, 'UTF8')), 'hex')`,
  atOrAfter: (column, mark) => `${column} >= to_timestamp(${mark}::double precision / 1000)`,
  asText,
  millisecondsOf,
  // A place is a number of blocks, counted through all partitions. Each is read with a scan of its blocks, and no index.
  async readOn(session, table, _, from) {
    const parts = await session.rows(
      `SELECT format('%I.%I', nspname, relname) AS part,
              pg_relation_size(pg_class.oid) / current_setting('block_size')::bigint AS blocks
         FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'm')
          AND (pg_class.oid = $1::regclass OR pg_class.oid IN (SELECT relid FROM pg_partition_tree($1::regclass)))
        ORDER BY part`,
      [table],
    );
    const begin = Number(from ?? 0);
    let before = 0;
    for (const { part, blocks } of parts) {
      const size = Number(blocks);
      const first = begin - before;
      if (first < size) {
        const end = Math.min(size, first + blocksAtOnce);
        await session.rows(
          `SELECT count(*) AS value FROM ${part} WHERE ctid >= '(${first},0)'::tid AND ctid < '(${end},0)'::tid`,
        );
        return String(before + end);
      }
      before += size;
    }
    return null;
  },
};

async function open(to: Connecting): Promise<Session> {
  const { host, port, database, user, password, authorities, connectMs, statementMs, writes } = to;
  const socket = new Socket();
  const client = new Client({
    ...{ host, port, database, user, password, stream: () => socket },
    // `pg` asks for the name of the host in the certificate; an address is compared as an address.
    ssl: { ca: authorities, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    query_timeout: statementMs + 1_000, // of the driver: where the server does not keep its own
    application_name: 'breakwater',
    options: `${sameTexts} -c default_transaction_read_only=${writes ? 'off' : 'on'}`,
    types: { getTypeParser: () => String },
  });
  client.on('error', () => undefined); // a connection that breaks fails what is asked over it, and not the process
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    rows: async (statement, values = []) => (await client.query<Row>(statement, [...values])).rows,
    end: () => client.end(),
    cut: () => socket.destroy(),
  };
}

export const postgres: Driver = { dialect, open };
