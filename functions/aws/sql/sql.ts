// Asks a database itself, with SQL over TLS: what it is, whether it takes a write, what its tables and the ledger hold. One connection
// for each call, closed whatever happens. What goes wrong is said in words of ours, with nothing of a secret or a row in them.
import { promises as files } from 'node:fs';
import type { Data, DataTable } from '../../domain/data/keys.ts';
import type { Beat } from '../../domain/data/ledger.ts';
import { type Engine, NotAName, quotedColumn, quotedTable } from '../../domain/data/names.ts';
import type { RowHash, Since } from '../../domain/data/only-old.ts';
import type { Looked } from '../../domain/data/usable.ts';
import type { Watermark } from '../../domain/data/watermarks.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { oneForEachRegion } from '../calls/client.ts';
import { readSecret } from '../secrets.ts';
import { askingSql, faultFrom, SqlFault } from './faults.ts';
import type { Dialect, Driver, Row, Session } from './session.ts';

/** A database, and the secret of the role that asks. */
export type Database = {
  readonly region: string;
  readonly engine: Engine;
  readonly host: string;
  readonly port: number;
  readonly data: Pick<Data, 'database' | 'statementTimeoutSeconds'>;
  readonly secret: string;
};

/** What each operation takes, beside the database, and gives. */
export type SqlOperations = {
  Look: { input: { parameters: readonly string[] }; output: Looked };
  /** Writes a row in the schema breakwater and reads it again. `at`: milliseconds since 1970. */
  CheckWrite: { input: { place: string; at: number }; output: { at: number } };
  /** `counts`: whether rows are counted too. */
  Watermark: { input: { table: DataTable; counts: boolean }; output: Watermark };
  /** Reads a table on from a place, until the time is over. `next`: null at its end. */
  Warm: { input: { table: DataTable; from: string | null; milliseconds: number }; output: { next: string | null } };
  /** Keeps a row of the ledger. Its being there already is no fault: a call may be repeated. */
  KeepBeat: { input: Beat; output: Record<string, never> };
  /** The newest rows that are kept. */
  ReadLedger: { input: Record<string, never>; output: { rows: readonly Beat[] } };
  /** Keys and hashes of the rows that are as new as that, the `most` newest of them. `newer`: how many there are; null where counting takes too long. */
  ReadNewer: {
    input: { table: DataTable; since: Since; most: number };
    output: { newer: number | null; rows: readonly RowHash[] };
  };
  /** The same of the rows with these keys. */
  ReadKeys: { input: { table: DataTable; keys: readonly string[] }; output: { rows: readonly RowHash[] } };
};

type Connection = Omit<Database, 'region' | 'secret'> & { readonly user: string; readonly password: string };
type InputOf<Name extends keyof SqlOperations> = SqlOperations[Name]['input'] & { readonly connection: Connection };

export type SqlCommand = {
  [Name in keyof SqlOperations]: { readonly operation: Name; readonly input: InputOf<Name> };
}[keyof SqlOperations];

/** Those that write; the others' sessions are read only. */
const writing: readonly (keyof SqlOperations)[] = ['CheckWrite', 'KeepBeat'];

/** Where Lambda's Node has the certificates of Amazon's authorities, those of RDS in each region too [AWS, Building Lambda functions with Node.js]. */
const lambdaAuthorities = '/var/runtime/ca-cert.pem';

const connectMs = 3_000;
/** The longest that a call may take: two fit into a Lambda's time, after what RDS and Secrets Manager are asked. */
const callMs = 10_000;
const goodbyeMs = 500;
/** As many rows of the ledger are kept as a month of minutes has: no backup that is restored is older. */
const mostRows = 50_000;

type Settings = {
  readonly region: string;
  /** PEM; those of Lambda where left out. */
  readonly authorities?: () => Promise<string>;
};

/** A client of the shape that SDK clients have: `send` takes a command, `config.region` names the region. */
export class SqlClient {
  readonly config: { readonly region: () => Promise<string> };
  private readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    this.config = { region: async () => settings.region };
  }

  /** Connects, asks, and closes. @throws SqlFault */
  async send<Name extends keyof SqlOperations>(command: {
    readonly operation: Name;
    readonly input: InputOf<Name>;
  }): Promise<SqlOperations[Name]['output']> {
    const asking = command as unknown as SqlCommand;
    const { operation, input } = asking;
    const { data, ...to } = input.connection;
    const { authorities: read = () => files.readFile(lambdaAuthorities, 'utf8') } = this.settings;
    const authorities = await read().catch((error: NodeJS.ErrnoException) => {
      throw new SqlFault('no-authorities', error.code);
    });
    const driver = await drivers[to.engine]();
    const session = driver.open({
      ...{ ...to, database: data.database, authorities, connectMs },
      statementMs: data.statementTimeoutSeconds * 1000,
      writes: writing.includes(operation),
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new SqlFault('timeout')), callMs);
    const asked = session.then((open) => answer(asking, { driver, session: open }));
    try {
      return (await Promise.race([asked, late.promise])) as SqlOperations[Name]['output'];
    } catch (error) {
      throw error instanceof NotAName ? error : faultFrom(error);
    } finally {
      clearTimeout(timer);
      await close(session);
    }
  }
}

/** Loaded when the first database of the engine is asked: a bundle has those that the plan uses (infrastructure/bundling.ts). */
const drivers: Readonly<Record<Engine, () => Promise<Driver>>> = {
  postgres: async () => (await import('./postgres.ts')).postgres,
  mysql: async () => (await import('./mysql.ts')).mysql,
  mariadb: async () => (await import('./mysql.ts')).mysql,
};

/** Says goodbye, and does not wait long for an answer: what is cut is closed, too. */
async function close(opening: Promise<Session>): Promise<void> {
  const cut = opening.then(
    async (session) => {
      const waited = Promise.withResolvers<void>();
      const timer = setTimeout(waited.resolve, goodbyeMs);
      await Promise.race([session.end(), waited.promise]).catch(() => undefined);
      clearTimeout(timer);
      session.cut();
    },
    () => undefined, // never opened: the driver has closed it
  );
  // One that still opens is closed when it has.
  await Promise.race([cut, new Promise((resolve) => setTimeout(resolve, goodbyeMs * 2).unref())]);
}

type Open = { readonly driver: Driver; readonly session: Session };

function answer(command: SqlCommand, { driver: { dialect }, session }: Open): Promise<unknown> {
  switch (command.operation) {
    case 'Look':
      return look(session, dialect, command.input.parameters);
    case 'CheckWrite':
      return checkWrite(session, dialect, command.input);
    case 'Watermark':
      return watermark(session, dialect, command.input);
    case 'Warm':
      return warm(session, dialect, command.input);
    case 'KeepBeat':
      return keepBeat(session, dialect, command.input);
    case 'ReadLedger':
      return readLedger(session);
    case 'ReadNewer':
      return readNewer(session, dialect, command.input);
    case 'ReadKeys':
      return readKeys(session, dialect, command.input);
  }
}

async function look(session: Session, dialect: Dialect, names: readonly string[]): Promise<Looked> {
  const readOnly = await value(session, dialect.readOnly);
  const found = names.length === 0 ? [] : await session.rows(dialect.parameters(names), names);
  return {
    version: (await value(session, dialect.version)) ?? '',
    tls: (await value(session, dialect.tls)) || null,
    // What cannot be told is no database that takes writes.
    isReplica: !['0', 'f', 'false', 'off'].includes((readOnly ?? '').toLowerCase()),
    extensions: (await session.rows(dialect.extensions)).flatMap(({ value: name }) => name ?? []),
    parameters: Object.fromEntries(
      found.flatMap(({ name, value: is }) => (name && is !== null ? [[name, is ?? '']] : [])),
    ),
  };
}

async function value(session: Session, statement: string, values: readonly string[] = []): Promise<string | null> {
  return (await session.rows(statement, values))[0]?.['value'] ?? null;
}

/** The tables of the schema breakwater. Times are milliseconds since 1970: no zone, no precision of an engine. */
const ownTables = {
  write_check: 'place varchar(64) PRIMARY KEY, written_at bigint NOT NULL',
  heartbeat: 'id bigint PRIMARY KEY, written_at bigint NOT NULL',
};

async function checkWrite(session: Session, dialect: Dialect, { place, at }: InputOf<'CheckWrite'>) {
  await prepare(session, dialect);
  await session.rows('START TRANSACTION');
  await session.rows(`DELETE FROM breakwater.write_check WHERE place = ${dialect.mark(1)}`, [place]);
  await session.rows(
    `INSERT INTO breakwater.write_check (place, written_at) VALUES (${dialect.mark(1)}, ${dialect.mark(2)})`,
    [place, String(at)],
  );
  await session.rows('COMMIT');
  const [row] = await session.rows(
    `SELECT written_at AS value FROM breakwater.write_check WHERE place = ${dialect.mark(1)}`,
    [place],
  );
  return { at: Number(row?.['value'] ?? Number.NaN) };
}

/** Makes what is missing of the schema breakwater, where the role may. */
async function prepare(session: Session, dialect: Dialect): Promise<void> {
  if ((await session.rows(dialect.schema)).length === 0)
    await session.rows('CREATE SCHEMA IF NOT EXISTS breakwater').catch((error: unknown) => {
      throw faultFrom(error).reason === 'no-right' ? new SqlFault('no-schema') : error;
    });
  const there = (await session.rows(dialect.tables)).map(({ value: name }) => name);
  for (const [name, columns] of Object.entries(ownTables))
    if (!there.includes(name)) await session.rows(`CREATE TABLE IF NOT EXISTS breakwater.${name} (${columns})`);
}

/** Of one moment: the table is written to while it is looked at. */
async function watermark(
  session: Session,
  dialect: Dialect,
  { table, counts, connection: { engine } }: InputOf<'Watermark'>,
): Promise<Watermark> {
  const [name, key] = [quotedTable(table.name, engine), quotedColumn(table.key, engine)];
  const newest = table.updatedAt === undefined ? null : dialect.newestAt(name, quotedColumn(table.updatedAt, engine));
  await session.rows(dialect.snapshot);
  const greatestKey = await value(session, dialect.greatestKey(name, key));
  const newestAt = newest === null ? null : await inTime(value(session, newest));
  // Last, as the longest: all rows are read for it. After a statement that took too long nothing more can be asked of the moment.
  const isCounted = counts && newestAt !== tooLong;
  const count = isCounted ? await inTime(value(session, `SELECT count(*) AS value FROM ${name}`)) : null;
  return { table: table.name, greatestKey, newestAt: asNumber(newestAt), count: asNumber(count) };
}

const tooLong = Symbol('too long');

/** Whether it takes too long: then the table is large, which is no fault of it. */
async function inTime(asked: Promise<string | null>): Promise<string | null | typeof tooLong> {
  return asked.catch((error: unknown) => {
    if (faultFrom(error).reason === 'timeout') return tooLong;
    throw error;
  });
}

function asNumber(text: string | null | typeof tooLong): number | null {
  return text === null || text === tooLong ? null : Number(text);
}

async function warm(session: Session, dialect: Dialect, { table, from, milliseconds, connection }: InputOf<'Warm'>) {
  const until = performance.now() + milliseconds;
  const [name, key] = [quotedTable(table.name, connection.engine), quotedColumn(table.key, connection.engine)];
  let next = await dialect.readOn(session, name, key, from);
  while (next !== null && performance.now() < until) next = await dialect.readOn(session, name, key, next);
  return { next };
}

async function keepBeat(session: Session, dialect: Dialect, { id, at }: InputOf<'KeepBeat'>) {
  await prepare(session, dialect);
  const [known] = await session.rows(
    `SELECT written_at AS value FROM breakwater.heartbeat WHERE id = ${dialect.mark(1)}`,
    [String(id)],
  );
  if (known?.['value'] === String(at)) return {};
  await session.rows(
    `INSERT INTO breakwater.heartbeat (id, written_at) VALUES (${dialect.mark(1)}, ${dialect.mark(2)})`,
    [String(id), String(at)],
  );
  await session.rows(`DELETE FROM breakwater.heartbeat WHERE id <= ${dialect.mark(1)}`, [String(id - mostRows)]);
  return {};
}

async function readLedger(session: Session): Promise<{ rows: Beat[] }> {
  const found = await session.rows(
    `SELECT id, written_at FROM breakwater.heartbeat ORDER BY id DESC LIMIT ${mostRows}`,
  );
  return { rows: found.map(({ id, written_at: at }: Row) => ({ id: Number(id), at: Number(at) })).reverse() };
}

/** Of one moment. Rows are hashed by the database: nothing of them but their keys leaves it. */
async function readNewer(session: Session, dialect: Dialect, input: InputOf<'ReadNewer'>) {
  const { table, since, most, connection } = input;
  const [name, key] = [quotedTable(table.name, connection.engine), quotedColumn(table.key, connection.engine)];
  const values: string[] = [];
  const conditions: string[] = [];
  const order = [`kept.${key} DESC`];
  const given = (value: string) => dialect.mark(values.push(value));
  if (since.key !== null) conditions.push(`${key} > ${given(since.key)}`);
  if (since.at !== null && table.updatedAt !== undefined) {
    const updatedAt = quotedColumn(table.updatedAt, connection.engine);
    conditions.push(dialect.atOrAfter(updatedAt, given(String(since.at))));
    order.unshift(`kept.${updatedAt} DESC`);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' OR ')}`;
  await session.rows(dialect.snapshot);
  const found = await session.rows(
    `${await selectHashes(session, dialect, input)} ${where} ORDER BY ${order.join(', ')} LIMIT ${most}`,
    values,
  );
  const rows = found.map(asRowHash);
  if (rows.length < most) return { newer: rows.length, rows };
  return {
    newer: asNumber(await inTime(value(session, `SELECT count(*) AS value FROM ${name} ${where}`, values))),
    rows,
  };
}

async function readKeys(session: Session, dialect: Dialect, input: InputOf<'ReadKeys'>) {
  const { table, keys, connection } = input;
  const column = quotedColumn(table.key, connection.engine);
  const marks = keys.map((_, at) => dialect.mark(at + 1));
  const select = await selectHashes(session, dialect, input);
  const found = keys.length === 0 ? [] : await session.rows(`${select} WHERE ${column} IN (${marks.join(', ')})`, keys);
  return { rows: found.map(asRowHash) };
}

async function selectHashes(
  session: Session,
  dialect: Dialect,
  { table, connection: { engine } }: Pick<InputOf<'ReadKeys'>, 'table' | 'connection'>,
): Promise<string> {
  const name = quotedTable(table.name, engine);
  const at = table.updatedAt === undefined ? 'NULL' : dialect.millisecondsOf(quotedColumn(table.updatedAt, engine));
  const key = dialect.asText(quotedColumn(table.key, engine));
  const hash = await dialect.hashOf(session, table.name, table.key, 'kept');
  return `SELECT ${key} AS value, ${hash} AS hash, ${at} AS written FROM ${name} AS kept`;
}

/** Half of a hash tells rows apart as well, and twice as many fit into a record. */
function asRowHash({ value: key, hash, written }: Row): RowHash {
  return { key: key ?? '', hash: (hash ?? '').slice(0, 32), at: asNumber(written ?? null) };
}

const client = /* @__PURE__ */ oneForEachRegion((region) => new SqlClient({ region }));

/** One call with the credentials of its role. @throws Unavailable, CannotProceed, with `what` and the host. */
async function ask<Name extends keyof SqlOperations>(
  what: string,
  database: Database,
  operation: Name,
  input: SqlOperations[Name]['input'],
): Promise<SqlOperations[Name]['output']> {
  const { region, secret, ...to } = database;
  const { username: user, password } = await credentials(region, secret);
  const request = client(region).send({ operation, input: { ...input, connection: { ...to, user, password } } });
  return askingSql(`${what} on ${to.host}, as ${secret}`, request);
}

/** Names are those of the secrets that RDS makes itself. */
async function credentials(region: string, secret: string): Promise<{ username: string; password: string }> {
  const text = await readSecret(region, secret);
  if (text === null) throw new CannotProceed(`secret ${secret} is not in ${region}`);
  const { username, password } = jsonIn(text);
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new CannotProceed(`secret ${secret} in ${region} has no username and password in JSON`);
}

function jsonIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What a database says of itself. @throws Unavailable, CannotProceed; so do all that follow. */
export function lookAt(database: Database, parameters: readonly string[]): Promise<Looked> {
  return ask('look at the database', database, 'Look', { parameters });
}

/** Whether a write works: it is read again. `place` names the region that writes. */
export async function expectWritable(database: Database, place: string, at: number): Promise<void> {
  const written = await ask('write into the schema breakwater', database, 'CheckWrite', { place, at });
  if (written.at !== at)
    throw new CannotProceed(
      `write into the schema breakwater on ${database.host}: what was written cannot be read again`,
    );
}

/** `counts`: whether all rows are read, to count them. */
export function watermarkOf(database: Database, table: DataTable, counts = true): Promise<Watermark> {
  return ask(`look at the table ${table.name}`, database, 'Watermark', { table, counts });
}

/** Reads a table on from a place, for so long. Null at its end. */
export async function warmOn(
  database: Database,
  table: DataTable,
  from: string | null,
  milliseconds: number,
): Promise<string | null> {
  return (await ask(`read the table ${table.name}`, database, 'Warm', { table, from, milliseconds })).next;
}

/** Writes a row of the ledger: when it returns, the database has acknowledged it. */
export async function keepBeatIn(database: Database, { id, at }: Beat): Promise<void> {
  await ask('write into the ledger', database, 'KeepBeat', { id, at });
}

export async function readLedgerOf(database: Database): Promise<readonly Beat[]> {
  return (await ask('read the ledger', database, 'ReadLedger', {})).rows;
}

/** Rows that are as new as that, the `most` newest of them. */
export function newerIn(
  database: Database,
  table: DataTable,
  since: Since,
  most: number,
): Promise<{ readonly newer: number | null; readonly rows: readonly RowHash[] }> {
  return ask(`read what is new in the table ${table.name}`, database, 'ReadNewer', { table, since, most });
}

/** So many keys stand in one statement. */
const keysAtOnce = 500;

/** The rows with these keys, as far as there are any. */
export async function rowsOf(database: Database, table: DataTable, keys: readonly string[]): Promise<RowHash[]> {
  const rows: RowHash[] = [];
  for (let from = 0; from < keys.length; from += keysAtOnce) {
    const part = { table, keys: keys.slice(from, from + keysAtOnce) };
    rows.push(...(await ask(`read rows of the table ${table.name}`, database, 'ReadKeys', part)).rows);
  }
  return rows;
}
