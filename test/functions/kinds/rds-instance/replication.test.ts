// A real primary, a real standby that streams from it, and a writer at work; the real handlers promote and verify, with RDS's calls mapped to
// PostgreSQL's own. What was acknowledged is compared with what is there, as sets, and with what the ledger reports.
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { Client } from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, keepBeatIn, readLedgerOf, watermarkOf } from '../../../../functions/aws/sql/sql.ts';
import { type Beat, lossOf, type Published } from '../../../../functions/domain/data/ledger.ts';
import { compare, type Watermarks } from '../../../../functions/domain/data/watermarks.ts';
import { handler as takeOver } from '../../../../functions/kinds/rds-instance/take-over.ts';
import { handler as verify } from '../../../../functions/kinds/rds-instance/verify.ts';
import { mocked } from '../../../mocked.ts';
import { noPostgres, type Postgres, startPostgres } from '../../../servers/postgres.ts';
import { password, secretsOf, trusting } from '../../../servers/sql.ts';
import { data, planWithData } from '../../../with-data.ts';
import { regionIncident as incident, running, type Setting } from '../../setting.ts';

const rds = mocked(RDSClient);
const [messages] = data.tables as [{ name: string; key: string; updatedAt: string }];
let primary: Postgres;
let standby: Postgres;

const asked = (of: Postgres, role: 'reader' | 'writer'): Database => ({
  ...{ region: 'us-west-2', engine: 'postgres', host: of.host, port: of.port, secret: `chatops/${role}` },
  data: { database: 'chatops', statementTimeoutSeconds: 5 },
});

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so, for at most 10 s. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await soon(50)) if (await isSo()) return;
  throw new Error(`${what}: not within 10 s`);
}

/** What the test itself knows: every write that was tried, and those that the primary acknowledged. */
/** `answeredAt`: when each was acknowledged, by the clock that says when it was tried. */
type Known = { tried: Set<number>; acknowledged: Map<number, Beat>; answeredAt: Map<number, number> };

/** Writes messages and ledger rows until it is stopped, or nobody takes them any more. */
function write(to: Postgres) {
  const rows: Known = { tried: new Set(), acknowledged: new Map(), answeredAt: new Map() };
  const ledger: Known = { tried: new Set(), acknowledged: new Map(), answeredAt: new Map() };
  let stopped = false;
  const one = async (known: Known, id: number, keep: (beat: Beat) => Promise<unknown>) => {
    const beat = { id, at: Date.now() };
    known.tried.add(id);
    await keep(beat);
    known.acknowledged.set(id, beat);
    known.answeredAt.set(id, Date.now());
  };
  const application = async () => {
    const client = new Client({
      ...{ host: to.host, port: to.port, database: 'chatops', user: 'application', password },
      ssl: { ca: to.certificate },
    });
    client.on('error', () => undefined);
    await client.connect();
    const insert = 'INSERT INTO messages (id, updated_at) VALUES ($1, to_timestamp($2::double precision / 1000))';
    for (let id = 1; !stopped; id += 1) await one(rows, id, ({ at }) => client.query(insert, [id, at]));
    await client.end();
  };
  const beats = async () => {
    for (let id = 1; !stopped; id += 1) await one(ledger, id, (beat) => keepBeatIn(asked(to, 'writer'), beat));
  };
  const running = Promise.allSettled([application(), beats()]);
  return {
    rows,
    ledger,
    async stop() {
      stopped = true;
      await running;
    },
    /** What would be known outside of the region now. */
    published: (): Published => ({
      attempted: Math.max(0, ...ledger.tried),
      since: 1,
      acknowledged: [...ledger.acknowledged.values()],
    }),
  };
}

const without = (all: Iterable<number>, others: Iterable<number>): number[] => {
  const known = new Set(others);
  return [...all].filter((id) => !known.has(id)).toSorted((a, b) => a - b);
};

/** What is really in a table. */
async function idsIn(of: Postgres, table: string): Promise<number[]> {
  return (await of.sql(`SELECT id FROM ${table} ORDER BY id`, [], 'chatops')).map(({ id }) => Number(id));
}

async function watermarks(of: Postgres): Promise<Watermarks> {
  return { at: Date.now(), tables: [await watermarkOf(asked(of, 'reader'), messages)] };
}

/** RDS, as it would describe the standby, and as it would promote it. */
function mapRds(): void {
  rds.reset();
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).callsFake(async () => {
    const [is] = await standby.sql('SELECT pg_is_in_recovery() AS replica');
    const source = 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod';
    return {
      DBInstances: [
        {
          DBInstanceStatus: 'available',
          Endpoint: { Address: standby.host, Port: standby.port },
          ...(is?.['replica'] === 't' ? { ReadReplicaSourceDBInstanceIdentifier: source } : {}),
        },
      ],
    };
  });
  rds.on(PromoteReadReplicaCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).callsFake(async () => {
    await standby.sql('SELECT pg_promote(wait => false)');
    return {};
  });
}

/** Runs a step as its state machine does: again and again until it is done. */
async function reach(step: typeof takeOver | typeof verify, shell: Setting): Promise<object> {
  for (let tries = 0; tries < 200; tries += 1) {
    const ended = await step
      .on(shell)({ incident, asset: 'database' })
      .catch((error: Error) => error);
    if (!(ended instanceof Error)) return ended as object;
    if (ended.name !== 'InProgress' && ended.name !== 'Unavailable') throw ended;
    shell.at += 2_000;
    await soon(50);
  }
  throw new Error('the step does not end');
}

async function recover(): Promise<object> {
  const plan = planWithData({ warm: { tables: ['messages'], withinSeconds: 60 }, extensions: ['plpgsql'] });
  const shell = await running(incident, { region: 'us-west-2', plan });
  expect(await reach(takeOver, shell)).toMatchObject({ database: 'chatops-dr-replica', promoted: true });
  return reach(verify, shell);
}

describe.skipIf(noPostgres !== null)('a primary and its standby', () => {
  beforeAll(async () => {
    secretsOf({ 'chatops/reader': { user: 'reader' }, 'chatops/writer': { user: 'writer' } });
  });

  beforeEach(async () => {
    primary = await startPostgres();
    trusting(primary.certificate);
    await primary.sql('CREATE DATABASE chatops');
    for (const role of ['reader', 'writer', 'application'])
      await primary.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    const inChatops = (statement: string) => primary.sql(statement, [], 'chatops');
    await inChatops('CREATE SCHEMA breakwater AUTHORIZATION writer');
    await inChatops('CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL)');
    await inChatops('GRANT SELECT ON messages TO reader');
    await inChatops('GRANT SELECT, INSERT ON messages TO application');
    standby = await primary.standby();
    mapRds();
    return async () => {
      await standby.remove();
      await primary.remove();
    };
  }, 60_000);

  test('killed without a warning: what is lost is counted, and the bound covers it', async () => {
    const writer = write(primary);
    await until('the standby follows', async () => (await idsIn(standby, 'messages')).length > 20);
    await until('the ledger has rows', async () => writer.ledger.acknowledged.size > 5);
    // The way between the regions breaks first: from now on the primary acknowledges what the standby never gets.
    await standby.sql("ALTER SYSTEM SET primary_conninfo = ''");
    await standby.sql('SELECT pg_reload_conf()');
    const receivers = async () => (await standby.sql('SELECT pid FROM pg_stat_wal_receiver')).length;
    await until('nothing arrives any more', async () => (await receivers()) === 0);
    const cutOffAt = writer.ledger.acknowledged.size;
    await until('more is written', async () => writer.ledger.acknowledged.size > cutOffAt + 5);
    const last = await watermarks(primary);
    await primary.kill();
    const writesEndedAt = Date.now();
    await writer.stop();

    expect(await recover()).toMatchObject({
      database: 'chatops-dr-replica',
      writable: true,
      used: { tls: 'TLSv1.3', notWarmed: [] },
    });

    const there = await idsIn(standby, 'breakwater.heartbeat');
    const loss = lossOf(writer.published(), await readLedgerOf(asked(standby, 'writer')), writesEndedAt);
    const { tried, acknowledged } = writer.ledger;
    const truth = {
      lost: without(acknowledged.keys(), there),
      invented: without(there, tried),
      recovered: without(there, acknowledged.keys()),
    };
    expect(loss).toMatchObject(truth);
    expect(loss.wrong).toEqual([]);
    expect(truth.lost.length).toBeGreaterThan(4);
    expect(truth.invented).toEqual([]);

    // The true loss, in seconds: from when the first message that is gone was acknowledged until writes ended. One that was tried before
    // the newest row of the ledger, and committed after it, is gone too.
    const lostRows = without(writer.rows.acknowledged.keys(), await idsIn(standby, 'messages'));
    const firstLostAt = writer.rows.answeredAt.get(lostRows[0] ?? 0) ?? Number.NaN;
    const trueSeconds = (writesEndedAt - firstLostAt) / 1000;
    expect(lostRows.length).toBeGreaterThan(0);
    expect(loss.boundSeconds).toBeGreaterThanOrEqual(trueSeconds);
    expect(without(await idsIn(standby, 'messages'), writer.rows.tried)).toEqual([]);

    // The watermarks say the same of the application's own table: fewer rows, and an older newest one.
    const [compared] = compare([messages], await watermarks(standby), last, 0);
    expect(compared?.fewerRows).toBeGreaterThan(0);
    expect(Number(compared?.keysBehind)).toBe(compared?.fewerRows);
    expect(compared?.newestBehindSeconds).toBeGreaterThan(0);
    expect(compared?.newestBehindSeconds).toBeLessThanOrEqual(loss.boundSeconds ?? 0);
    expect(compared?.wrong).toHaveLength(1);

    // Another writer with a history of its own is seen.
    await standby.sql('INSERT INTO breakwater.heartbeat VALUES (1000000, 1)', [], 'chatops');
    const rows = await readLedgerOf(asked(standby, 'writer'));
    expect(lossOf(writer.published(), rows, writesEndedAt).invented).toEqual([1_000_000]);
  }, 60_000);

  test('a switchover in which the writer ends first loses nothing', async () => {
    const writer = write(primary);
    await until('the standby follows', async () => (await idsIn(standby, 'messages')).length > 20);
    await writer.stop();
    const writesEndedAt = Date.now();
    const last = await watermarks(primary);
    await primary.stop(); // it sends all that it has before it ends

    await recover();

    const loss = lossOf(writer.published(), await readLedgerOf(asked(standby, 'writer')), writesEndedAt);
    expect(loss).toMatchObject({ lost: [], invented: [], recovered: [], wrong: [] });
    expect(without(writer.rows.acknowledged.keys(), await idsIn(standby, 'messages'))).toEqual([]);
    expect(compare([messages], await watermarks(standby), last, 0)).toEqual([
      { table: 'messages', fewerRows: 0, keysBehind: '0', newestBehindSeconds: 0, wrong: [], unclear: [] },
    ]);
  }, 60_000);
});
