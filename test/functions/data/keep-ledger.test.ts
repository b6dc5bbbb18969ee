// The ledger of a real PostgreSQL: rows that are acknowledged, what is published of them, and what a database that came back is compared with.
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerRecord } from '../../../functions/domain/data/ledger.ts';
import { CannotProceed } from '../../../functions/domain/errors.ts';
import { handler as keepLedger } from '../../../functions/keep-ledger.ts';
import { handler as verify } from '../../../functions/kinds/rds-instance/verify.ts';
import { mocked } from '../../mocked.ts';
import { noPostgres, type Postgres, startPostgres } from '../../servers/postgres.ts';
import { password, secretsOf, trusting } from '../../servers/sql.ts';
import { request } from '../../store/samples.ts';
import { planWithData } from '../../with-data.ts';
import { regionIncident as incident, reached, running, type Setting, start } from '../setting.ts';

const asset = 'database';
const minute = 60_000;
const rds = mocked(RDSClient);
let postgres: Postgres;
let shell: Setting;

const published = async (): Promise<LedgerRecord> =>
  (await shell.store.readLedger(asset)) ?? expect.fail('nothing is published');
const inChatops = (statement: string) => postgres.sql(statement, [], 'chatops');
/** A run of the schedule in the region that serves users, so many minutes after the start. */
const run = (minutes: number) => {
  shell.at = start + minutes * minute;
  return keepLedger.on({ ...shell, region: 'us-east-1' })({});
};
const verified = () =>
  verify
    .on(shell)({ incident, asset })
    .catch((error: Error) => `${error.name}: ${error.message}`);

describe.skipIf(noPostgres !== null)('the ledger of a database', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
    secretsOf({ 'chatops/reader': { user: 'reader' }, 'chatops/writer': { user: 'writer' } });
    await postgres.sql('CREATE DATABASE chatops');
    for (const role of ['reader', 'writer']) await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    await inChatops('CREATE SCHEMA breakwater AUTHORIZATION writer');
    await inChatops('CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamptz)');
    await inChatops('GRANT SELECT ON messages TO reader');
    trusting(postgres.certificate);
  }, 60_000);
  beforeEach(async () => {
    await inChatops('DROP TABLE IF EXISTS breakwater.heartbeat');
    await inChatops('TRUNCATE messages');
    await inChatops(`INSERT INTO messages SELECT n, to_timestamp(${start / 1000} - n) FROM generate_series(1, 100) n`);
    rds.reset();
    const Endpoint = { Address: postgres.host, Port: postgres.port };
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available', Endpoint }] });
    shell = await running(incident, { region: 'us-west-2', plan: planWithData() });
    await reached('take-over/database', incident, shell);
  });
  afterAll(() => postgres?.remove());

  /** What people approved. */
  const approve = async (lossCeilingSeconds: number | null) => {
    await shell.store.openRequest({ ...request, lossCeilingSeconds }, 'token');
    const { id, execution } = incident;
    const outcome = { request: request.id };
    await shell.store.recordStep({ incident: id, execution, step: 'request-approval', at: start, outcome });
  };

  const recordPromotion = () =>
    shell.store.audit({
      incident: incident.id,
      at: start + minute,
      actor: 'rds-instance-take-over',
      execution: incident.execution,
      drill: false,
      step: 'take-over/database',
      call: 'rds:PromoteReadReplica',
      target: 'chatops-dr-replica',
      region: 'us-west-2',
    });

  test('each minute a row is tried, acknowledged and published, with how far the tables have come', async () => {
    await run(0);
    await run(1);
    expect(await published()).toEqual({
      asset,
      region: 'us-east-1',
      instance: 'chatops-prod',
      at: start + minute,
      attempted: 2,
      since: 1,
      acknowledged: [
        { id: 1, at: start },
        { id: 2, at: start + minute },
      ],
      watermarks: {
        at: start + minute,
        tables: [{ table: 'messages', count: 100, greatestKey: '100', newestAt: start - 1000 }],
      },
      countedAt: start,
      provenAt: start + minute,
    });
    expect(await inChatops('SELECT id FROM breakwater.heartbeat ORDER BY id')).toEqual([{ id: '1' }, { id: '2' }]);
  });

  test('rows are counted once an hour, and the count stays until then', async () => {
    await run(0);
    await inChatops(`INSERT INTO messages VALUES (101, to_timestamp(${start / 1000}))`);
    await run(59);
    expect((await published()).watermarks?.tables).toMatchObject([{ count: 100, greatestKey: '101' }]);
    await run(60);
    expect((await published()).watermarks?.tables).toMatchObject([{ count: 101 }]);
  });

  test('a moment in which a table is empty that was not is no clean one', async () => {
    await run(0);
    await inChatops('TRUNCATE messages');
    await run(1);
    expect(await published()).toMatchObject({ attempted: 2, provenAt: start });
  });

  test('when a table shrank stays known, although the next looks find it as it was a minute before', async () => {
    await run(0);
    await inChatops('TRUNCATE messages');
    for (const minutes of [1, 2, 3]) await run(minutes);
    expect(await published()).toMatchObject({
      provenAt: start + 3 * minute,
      shrank: [{ at: start + minute, why: ['messages is empty, and was not'] }],
    });
  });

  test('what the reader may not see is heard of when it begins, and keeps the row from nothing', async () => {
    await inChatops('REVOKE SELECT ON messages FROM reader');
    await expect(run(0)).rejects.toThrow('may not do this');
    await inChatops('GRANT SELECT ON messages TO reader');
    expect(await published()).toMatchObject({ attempted: 1, acknowledged: [{ id: 1 }], provenAt: null });
  });

  test('a row that cannot be written was tried, and the numbers go on', async () => {
    await run(0);
    await inChatops('ALTER TABLE breakwater.heartbeat ADD CONSTRAINT no_more CHECK (id < 2)');
    await expect(run(1)).rejects.toThrow('write into the ledger');
    expect(await published()).toMatchObject({ attempted: 2, acknowledged: [{ id: 1 }] });
    await inChatops('ALTER TABLE breakwater.heartbeat DROP CONSTRAINT no_more');
    await run(2);
    expect(await published()).toMatchObject({ attempted: 3, acknowledged: [{ id: 1 }, { id: 3 }] });
  });

  test('of a region that serves nobody nothing is kept', async () => {
    await keepLedger.on(shell)({});
    expect(await shell.store.readLedger(asset)).toBeNull();
  });

  test('once a flow gives the region up nothing is kept: what it takes since has diverged, or is fenced', async () => {
    await run(0);
    const { id, execution } = incident;
    const region = 'us-east-1';
    await shell.store.takeLock({ target: region, execution, incident: id, action: 'request-approval', at: start });
    await run(1);
    expect(await published()).toMatchObject({ attempted: 2 });
    await recordPromotion();
    for (const minutes of [2, 3, 9]) await run(minutes);
    expect(await published()).toMatchObject({ attempted: 2 });
    await shell.store.releaseLock(region, execution);
    await run(10);
    expect(await published()).toMatchObject({ attempted: 3 });
  });

  test('what was restored in its place has a ledger of its own, although the flow still holds the region', async () => {
    await run(0);
    await recordPromotion();
    const place = { asset, region: 'us-east-1', instance: 'chatops-prod-restored', instead: 'chatops-prod' };
    await shell.store.keepHolder({ ...place, execution: incident.execution, at: start });
    for (const minutes of [1, 2]) await run(minutes);
    expect(await published()).toMatchObject({ instance: 'chatops-prod-restored', attempted: 3, since: 2 });
  });

  test('a backup that is older than the four hours of rows that are listed passes where that was approved', async () => {
    await run(0);
    const acknowledged = Array.from({ length: 240 }, (_, place) => ({
      id: 6 + place,
      at: start + (5 + place) * minute,
    }));
    await shell.store.keepLedger({ ...(await published()), attempted: 245, since: 6, acknowledged });
    await approve(5 * 3600);
    expect(await verified()).toMatchObject({ used: { data: { lost: 240, newestBeatAt: start, wrong: [] } } });
  });

  test.for([
    ['a table is gone', () => inChatops('ALTER TABLE messages RENAME TO old_messages')],
    [
      'the record is damaged',
      async () => {
        shell.store.readLedger = async () => {
          throw new CannotProceed('ledger / database is corrupt');
        };
      },
    ],
  ] as const)('where %s nothing can be compared, and a person may take it as it is', async ([, breaks]) => {
    await run(0);
    await approve(60);
    await breaks();
    try {
      expect(await verified()).toMatch(/^CannotProceed: .*(no such table|corrupt)/);
      await shell.store.keepWaiver(incident.execution, 'CheckData/database', 'ana', 'it was dropped', start);
      expect(await verified()).toMatchObject({
        used: { data: { unknown: expect.stringMatching(/no such table|corrupt/), waived: { by: 'ana' } } },
      });
    } finally {
      await inChatops('ALTER TABLE IF EXISTS old_messages RENAME TO messages');
    }
  });

  test('of a ledger in which nothing was ever acknowledged nothing keeps users away', async () => {
    await inChatops('CREATE TABLE breakwater.heartbeat (id bigint PRIMARY KEY, written_at bigint, CHECK (id < 0))');
    await inChatops('ALTER TABLE breakwater.heartbeat OWNER TO writer');
    await expect(run(0)).rejects.toThrow('write into the ledger');
    expect(await published()).toMatchObject({ attempted: 1, acknowledged: [] });
    await approve(60);
    expect(await verified()).toMatchObject({ used: { data: { lost: 0, newestBeatAt: null, wrong: [] } } });
  });

  test('what was as approved is not compared again: rows are counted once, and what users write since is theirs', async () => {
    await run(0);
    await approve(60);
    expect(await verified()).toMatchObject({ used: { data: { wrong: [] } } });
    await inChatops('TRUNCATE messages');
    expect(await verified()).toMatchObject({ used: { data: { wrong: [] } } });
    const steps = await shell.store.readSteps(incident.id);
    expect(steps.filter(({ step }) => step === 'data/database')).toHaveLength(1);
  });

  test('what came back as it was passes, with what is known of it', async () => {
    await run(0);
    await run(1);
    await approve(60);
    expect(await verified()).toMatchObject({
      used: { data: { lost: 0, invented: 0, recovered: 0, newestBeatAt: start + minute, wrong: [] } },
    });
    const steps = await shell.store.readSteps(incident.id);
    expect(steps.find(({ step }) => step === 'data/database')?.outcome).toMatchObject({ lost: 0, wrong: [] });
  });

  test('more loss than was approved is for people, who may take it as it is', async () => {
    for (const minutes of [0, 1, 2, 3]) await run(minutes);
    await inChatops('DELETE FROM breakwater.heartbeat WHERE id > 1');
    await inChatops('TRUNCATE messages');
    await approve(60);
    expect(await verified()).toBe(
      'CannotProceed: the data of database is not what was approved: the newest row of the ledger that came back is 3 min older than ' +
        'the last one that was written, and a loss of 1 min was approved; messages is empty, and was not. Repair it, or take it as it is ' +
        '(skip CheckData database): docs/runbook.md#check-data',
    );
    await shell.store.keepWaiver(incident.execution, 'CheckData/database', 'ana', 'the table is a cache', start);
    expect(await verified()).toMatchObject({ used: { data: { lost: 3, waived: { by: 'ana' } } } });
  });

  test('a loss that nobody knew when it was approved passes, and is counted; an empty table does not', async () => {
    for (const minutes of [0, 1, 2, 3]) await run(minutes);
    await inChatops('DELETE FROM breakwater.heartbeat WHERE id > 1');
    await approve(null);
    await inChatops('ALTER TABLE messages RENAME TO kept');
    await inChatops('CREATE TABLE messages (LIKE kept)');
    await inChatops('GRANT SELECT ON messages TO reader');
    expect(await verified()).toContain('messages is empty, and was not');
    await inChatops('DROP TABLE messages');
    await inChatops('ALTER TABLE kept RENAME TO messages');
    expect(await verified()).toMatchObject({ used: { data: { lost: 3 } } });
  });

  test('a waiver is for what was found and told: another database, or one that nobody has seen yet, is looked at', async () => {
    await run(0);
    await inChatops('TRUNCATE messages');
    await approve(60);
    await shell.store.keepWaiver(incident.execution, 'CheckData/database', 'ana', 'to be quick', start);
    expect(await verified()).toContain('messages is empty, and was not');
    expect(await verified()).toMatchObject({ used: { data: { waived: { by: 'ana' } } } });
  });

  test('rows of another history never pass', async () => {
    await run(0);
    await inChatops(`INSERT INTO breakwater.heartbeat VALUES (900, ${start})`);
    await approve(3600);
    expect(await verified()).toContain('1 rows of the ledger are not ours: it is another history');
  });
});
