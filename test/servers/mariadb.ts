// A real MariaDB for tests, where Debian's mariadb-server is installed: with TLS, on a port of its own. Nothing of it stays.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type Certificate, selfSigned } from './certificate.ts';
import { endsWithMe, freePort, unprivileged } from './servers.ts';

const [install, daemon] = ['/usr/bin/mariadb-install-db', '/usr/sbin/mariadbd'];
/** What `install` calls; Debian has it in another package. */
const defaults = '/usr/bin/my_print_defaults';

/** Why there is no MariaDB here, in a line; null where there is. */
export const noMariadb = [install, daemon, defaults].every((program) => existsSync(program))
  ? null
  : `SKIPPED: a real MariaDB, as there is no ${daemon} (mariadb-server) or no ${defaults} (mariadb-client-core)`;

export type Mariadb = {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  /** Asks as the superuser. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** From now on the server shows another certificate. */
  show(other: Certificate): Promise<void>;
  remove(): Promise<void>;
};

const longestStartMs = 30_000;

export async function startMariadb(): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-mariadb-'));
  const certificate = selfSigned('localhost');
  const file = (name: string) => join(folder, name);
  const write = ({ certificate: shown, key }: Certificate) => {
    writeFileSync(file('server.crt'), shown);
    writeFileSync(file('server.key'), key, { mode: 0o600 });
  };
  write(certificate);
  mkdirSync(file('data'));
  const { uid, gid } = unprivileged;
  if (uid !== undefined)
    for (const own of ['.', 'data', 'server.crt', 'server.key']) chownSync(file(own), uid, gid ?? uid);
  const as = { ...unprivileged, cwd: folder, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder } };
  const shared = ['--no-defaults', `--datadir=${file('data')}`];
  const password = 'of-the-test';
  execFileSync(
    install,
    [...shared, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
    {
      ...as,
      stdio: 'pipe',
    },
  );
  writeFileSync(
    file('init.sql'),
    `CREATE USER super@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO super@'%' WITH GRANT OPTION;\n`,
  );
  const port = await freePort();
  const options = [
    ...[
      ...shared,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${file('socket')}`,
      `--init-file=${file('init.sql')}`,
    ],
    ...[`--ssl-cert=${file('server.crt')}`, `--ssl-key=${file('server.key')}`, '--require-secure-transport=ON'],
    ...['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M', '--skip-name-resolve', '--pid-file=pid'],
  ];
  const server = spawn(daemon, options, { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (text: Buffer) => {
    said = `${said}${text}`.slice(-1_000);
  });
  const ended = endsWithMe(server);
  const sql: Mariadb['sql'] = async (statement) => {
    const connection = await createConnection({
      ...{ host: 'localhost', port, user: 'super', password, multipleStatements: true },
      ssl: { ca: certificate.certificate, rejectUnauthorized: true },
    });
    try {
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await connection.end();
    }
  };
  for (const until = Date.now() + longestStartMs; ; await new Promise((wait) => setTimeout(wait, 100))) {
    const error = await sql('SELECT 1').then(
      () => null,
      (cause: unknown) => cause,
    );
    if (error === null) break;
    if (server.exitCode !== null || Date.now() > until)
      throw new Error(`MariaDB does not start: ${said || String(error)}`);
  }
  return {
    ...{ host: 'localhost', port, certificate: certificate.certificate, sql },
    async show(other) {
      write(other);
      await sql('FLUSH SSL');
    },
    async remove() {
      server.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
