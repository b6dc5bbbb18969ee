// MySQL and MariaDB: a connection with `mysql2`, and their statements.
import { isIP } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { SqlFault } from './faults.ts';
import type { Connecting, Dialect, Driver, Row, Session } from './session.ts';

/** Rows that are read with one statement. */
const rowsAtOnce = 20_000;

const textOf = (column: string) => `CAST(${column} AS CHAR)`;
const millisecondsOf = (column: string) => `CAST(FLOOR(UNIX_TIMESTAMP(${column}) * 1000) AS SIGNED)`;

const dialect: Dialect = {
  mark: () => '?',
  version: 'SELECT VERSION() AS value',
  tls: "SHOW SESSION STATUS LIKE 'Ssl_version'",
  readOnly: 'SELECT CAST(@@GLOBAL.read_only AS CHAR) AS value', // of RDS: on, for a replica
  extensions: "SELECT PLUGIN_NAME AS value FROM information_schema.PLUGINS WHERE PLUGIN_STATUS = 'ACTIVE'",
  parameters: (names) => `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map(() => '?')})`,
  schema: "SELECT SCHEMA_NAME AS value FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'breakwater'",
  tables: "SELECT TABLE_NAME AS value FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'breakwater'",
  snapshot: 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  greatestKey: (table, key) =>
    `SELECT ${textOf(key)} AS value FROM ${table} WHERE ${key} IS NOT NULL ORDER BY ${key} DESC LIMIT 1`,
  newestAt: (table, column) => `SELECT ${millisecondsOf(`MAX(${column})`)} AS value FROM ${table}`,
  // Columns one by one, as bytes: of a text in another character set, a number or a document nothing is lost.
  async hashOf(session, table, key, alias) {
    const [name = '', schema = null] = table.split('.').reverse();
    const columns = await session.rows(
      `SELECT COLUMN_NAME AS value, DATA_TYPE AS type FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = ${schema === null ? 'DATABASE()' : '?'} AND TABLE_NAME = ? ORDER BY COLUMN_NAME`,
      schema === null ? [name] : [schema, name],
    );
    const known = columns.find(({ value }) => value?.toLowerCase() === key.toLowerCase());
    if (/binary|blob|bit/.test(known?.['type'] ?? '')) throw new SqlFault('binary-key');
    const hashes = columns.map(({ value }) => {
      const column = `${alias}.\`${(value ?? '').replaceAll('`', '``')}\``;
      return `IFNULL(SHA2(CAST(${column} AS BINARY), 256), 'NULL')`;
    });
    // Of a table that is not there nothing is listed: the statement that follows says so.
    return hashes.length === 0 ? "''" : `SHA2(CONCAT_WS(',', ${hashes.join(', ')}), 256)`;
  },
  atOrAfter: (column, mark) => `${column} >= FROM_UNIXTIME(${mark} / 1000)`,
  asText: textOf,
  millisecondsOf,
  // A place is a key. Rows stand in the pages of the primary key, which is why it has to be that index.
  async readOn(session, table, key, from) {
    const [row] = await session.rows(
      `SELECT CAST(MAX(place) AS CHAR) AS value FROM (
         SELECT ${key} AS place FROM ${table} FORCE INDEX (PRIMARY)
         ${from === null ? '' : `WHERE ${key} > ?`} ORDER BY ${key} LIMIT ${rowsAtOnce}) AS part`,
      from === null ? [] : [from],
    );
    const to = row?.['value'] ?? null;
    return to === from ? null : to;
  },
};

async function open(to: Connecting): Promise<Session> {
  const { engine, host, port, database, user, password, authorities, connectMs, statementMs, writes } = to;
  // The driver compares an address with no certificate.
  if (isIP(host) !== 0) throw new SqlFault('tls', 'address');
  const connection = await createConnection({
    ...{ host, port, database, user, password },
    // Without verifyIdentity any certificate of the authorities would do, whoever shows it.
    ssl: { ca: authorities, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    connectTimeout: connectMs,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    disableEval: true,
  });
  connection.on('error', () => undefined); // a connection that breaks fails what is asked over it, and not the process
  const rows: Session['rows'] = async (statement, values = []) => {
    const options = { sql: statement, timeout: statementMs + 1_000 }; // of the driver: where the server does not keep its own
    const [found] =
      values.length === 0 ? await connection.query(options) : await connection.execute(options, [...values]);
    return Array.isArray(found) ? found.map(asText) : [];
  };
  const session = { rows, end: () => connection.end(), cut: () => connection.destroy() };
  try {
    const seconds = Math.ceil(statementMs / 1000);
    // The server's own limit: of MySQL for reading, of MariaDB for whatever it is.
    await rows(
      `SET SESSION ${engine === 'mariadb' ? `max_statement_time = ${seconds}` : `max_execution_time = ${statementMs}`}`,
    );
    await rows(`SET SESSION innodb_lock_wait_timeout = ${seconds}, time_zone = '+00:00'`);
    await rows(`SET SESSION TRANSACTION READ ${writes ? 'WRITE' : 'ONLY'}`);
  } catch (error) {
    connection.destroy();
    throw error;
  }
  return session;
}

/** Engines write the names of columns as they like: Variable_name, VALUE. */
function asText(row: object): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const known = name.toLowerCase() === 'variable_name' ? 'name' : name.toLowerCase();
      return [known, value === null ? null : String(value)];
    }),
  );
}

export const mysql: Driver = { dialect, open };
