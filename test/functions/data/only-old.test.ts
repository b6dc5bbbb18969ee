// What only the old database has: each step of the comparison, both sides on a real PostgreSQL, and what people are told where nobody can know.
import {
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  arrivedOf,
  type Comparison,
  countOnlyOld,
  kept,
  mostRows,
  onlyOld,
  onlyOldWords,
  sinceOf,
} from '../../../functions/domain/data/only-old.ts';
import { comparisonMessage, nextOfComparison } from '../../../functions/kinds/rds-instance/rules/rehearsing.ts';
import { comparedName } from '../../../functions/kinds/rds-instance/says/backup-plan.ts';
import { handler } from '../../../functions/rehearse-restores.ts';
import { mocked } from '../../mocked.ts';
import { noPostgres, type Postgres, startPostgres } from '../../servers/postgres.ts';
import { password, secretsOf, trusting } from '../../servers/sql.ts';
import { planWithData } from '../../with-data.ts';
import { regionIncident as incident, type Setting, setting, start } from '../setting.ts';

const rds = mocked(RDSClient);
const sns = mocked(SNSClient);
const minute = 60_000;
const [old, taken] = ['us-east-1', 'us-west-2'];
const name = 'chatops-prod-restored-compared';
const table = { name: 'messages', key: 'id', updatedAt: 'updated_at' };

const opened = (change: Partial<Comparison> = {}): Comparison => ({
  asset: 'database',
  region: old,
  incident: incident.id,
  execution: incident.execution,
  openedAt: start,
  writesEndedAt: start,
  since: [{ table: 'messages', count: null, greatestKey: '400', newestAt: start - minute }],
  begunAt: null,
  readAt: null,
  tables: [],
  comparedAt: null,
  endedAt: null,
  wrong: [],
  ...change,
});
const rows = [{ key: '401', hash: 'a', at: start }];
const read = { begunAt: start, readAt: start + minute, tables: [{ table: 'messages', newer: 1, compared: 1, rows }] };

describe('one step after the other', () => {
  const fenced = { why: null, fencedAt: start, latestAt: start };
  const ours = { status: 'available', works: true, isOurs: true };
  const made = { status: 'creating', works: false, isOurs: true };
  test.for([
    ['the old database is not fenced yet', {}, { ...fenced, fencedAt: null }, null, 1, false, 'wait'],
    ['its backups are not as new as its fence', {}, { ...fenced, latestAt: start - 1 }, null, 59, false, 'wait'],
    ['its backups never get so new', {}, { ...fenced, latestAt: start - 1 }, null, 2881, false, 'give-up'],
    ['it has no backups', {}, { ...fenced, latestAt: null }, null, 2881, false, 'give-up'],
    ['it is never fenced', {}, { ...fenced, fencedAt: null }, null, 8641, false, 'give-up'],
    ['it is there no more', {}, { ...fenced, why: 'it is gone' }, null, 1, false, 'give-up'],
    ['all is there', {}, fenced, null, 1, false, 'begin'],
    ['all is there, and an incident goes first', {}, fenced, null, 1, true, 'wait'],
    ['the name is taken by what is not ours', {}, fenced, { ...ours, isOurs: false }, 1, false, 'give-up'],
    ['a copy that made way still stands', {}, fenced, ours, 1, false, 'discard'],
    ['a copy that made way is deleted', {}, fenced, { ...ours, status: 'deleting' }, 1, false, 'wait'],
    ['the copy was asked for', { begunAt: start }, fenced, null, 1, false, 'wait'],
    ['the copy was never seen', { begunAt: start }, fenced, null, 10, false, 'make-way'],
    ['the copy was never seen, for days', { begunAt: start }, fenced, null, 2881, false, 'give-up'],
    ['the copy is made', { begunAt: start }, fenced, made, 60, false, 'wait'],
    ['the copy is made, and an incident goes first', { begunAt: start }, fenced, made, 60, true, 'make-way'],
    ['the copy works', { begunAt: start }, fenced, ours, 60, false, 'verify'],
    ['the copy failed', { begunAt: start }, fenced, { ...made, status: 'incompatible-restore' }, 60, false, 'make-way'],
    ['the copy was read', read, fenced, ours, 60, true, 'discard'],
    ['it was given up', { endedAt: start }, fenced, ours, 60, false, 'discard'],
    ['the copy is another one', { begunAt: start }, fenced, { ...ours, isOurs: false }, 60, false, 'make-way'],
    ['all is over', read, fenced, null, 60, false, 'nothing'],
  ] as const)('%s: %6$s', ([, change, seen, standing, minutes, busy, next]) => {
    const step = nextOfComparison(opened(change as Partial<Comparison>), seen, standing, {
      ...{ now: start + minutes * minute, busy, instance: name },
    });
    expect(step.next).toBe(next);
  });

  test('its name fits into the 63 letters of RDS, and is not that of a rehearsal', () => {
    expect(comparedName('chatops-prod-restored')).toBe(name);
    expect(comparedName('a'.repeat(63))).toHaveLength(63);
  });
});

describe('what is read and what is told', () => {
  test.for([
    ['a number', '400', start, { key: '300', at: start - 30_000 }],
    ['a word', 'zoe', start, { key: null, at: start - 30_000 }],
    ['nothing: all of it is read', null, null, { key: null, at: null }],
  ] as const)('a table whose greatest key was %s is read from somewhat before', ([, greatestKey, newestAt, since]) => {
    expect(sinceOf(table, [{ table: 'messages', count: 1, greatestKey, newestAt }])).toEqual(since);
  });

  test('of a table without times the number of its key says where to begin; else nobody knows, and a line says so', () => {
    const of = (key: string) => [{ table: 'messages', count: 1, greatestKey: key, newestAt: null }];
    expect(sinceOf({ name: 'messages', key: 'id' }, of('900'))).toEqual({ key: '800', at: null });
    expect(sinceOf(table, of('5f3c'))).toMatch(/^messages has keys that are no numbers/);
    expect(sinceOf({ name: 'rooms', key: 'id' }, of('9'))).toBe('rooms was not looked at before users came');
  });

  test('no keys are so long that what is kept does not fit into an item', () => {
    const many = (letters: number) =>
      Array.from({ length: 5_000 }, (_, n) => ({
        key: `${n}`.padStart(letters, 'ü'),
        hash: 'f'.repeat(32),
        at: start,
      }));
    for (const letters of [4, 200, 4_000]) {
      const fits = kept(many(letters), [table]);
      expect(fits.length).toBeGreaterThan(0);
      expect(Buffer.byteLength(JSON.stringify(fits.map((row) => ({ ...row, other: true }))))).toBeLessThan(400_000);
    }
    expect(mostRows([table, table])).toBe(Math.floor(mostRows([table]) / 2));
    expect(kept(many(4), [table]).length).toBeGreaterThan(mostRows([table]));
  });

  const found = (change: object) => ({ table: 'messages', newer: 3, compared: 3, rows: [], ...change });
  const row = (key: string, other: boolean, at: number | null = start) => ({ key, hash: 'a', at, other });
  test.for([
    ['nothing', found({}), 'messages: the new database has every row that was compared'],
    [
      'one row',
      found({ rows: [row('1', false)] }),
      'messages: 1 row is only in the old database (1 missing in the new one)',
    ],
    [
      'rows of before and after',
      found({ rows: [row('1', false), row('2', true, start + 1), row('3', true, null)] }),
      'messages: 3 rows are only in the old database (1 missing in the new one, 2 different there, 1 of them written after the failover began, 1 of them written at a time that is not known)',
    ],
    [
      'more than were compared',
      found({ newer: 9, rows: [row('1', false)] }),
      'messages: at least 1 row is only in the old database (1 missing in the new one). Compared: the 3 newest of 9 rows',
    ],
    [
      'more than were counted, and none of them',
      found({ newer: null }),
      'messages: the new database has every row that was compared. Compared: the 3 newest rows',
    ],
  ] as const)('%s, in words', ([, one, words]) => {
    expect(onlyOldWords({ tables: [one], writesEndedAt: start })).toEqual([words]);
  });

  test('the same row is not kept, another one with its key is, and a missing one; one that had arrived was changed since', () => {
    const rows = ['1', '2', '3', '4', '5'].map((key) => ({ key, hash: 'a', at: Number(key) }));
    const there = [
      { key: '1', hash: 'a', at: 1 },
      { key: '2', hash: 'b', at: 99 },
      { key: '4', hash: 'b', at: 99 },
    ];
    const all = [row('2', true, 2), row('3', false, 3), row('4', true, 4), row('5', false, 5)];
    expect(onlyOld(found({ rows }), there, null).rows).toEqual(all);
    // All that was written until 3 had arrived: row 2 was there and users changed it; row 3 was deleted, by whomever.
    expect(onlyOld(found({ rows }), there, 3).rows).toEqual(all.slice(1));
    expect(onlyOld(found({ rows }), [{ key: '2', hash: 'b', at: 1 }], 3).rows[1]).toEqual(row('2', true, 2));
  });

  test.for([
    ['what came back, where nobody wrote since', ['400', 400], ['410', 410], null, ['400', 400]],
    ['what was published, where others wrote to it before users came', ['900', 900], ['410', 410], null, ['410', 410]],
    ['the newest row of the ledger that came back, where that is older', ['900', 900], ['410', 410], 380, ['410', 380]],
    ['what came back, where nothing was published', ['400', 400], null, 380, ['400', 380]],
    ['what came back, where keys are no numbers', ['zoe', 400], ['zzz', 410], null, ['zoe', 400]],
    ['nothing, where it came back empty', [null, null], ['410', 410], 380, [null, null]],
  ] as const)('what had certainly arrived is %s', ([, is, before, beat, arrived]) => {
    const mark = ([greatestKey, newestAt]: readonly [string | null, number | null]) => ({
      table: 'messages',
      count: 1,
      greatestKey,
      newestAt,
    });
    expect(arrivedOf([mark(is)], before === null ? [] : [mark(before)], beat)).toEqual([mark(arrived)]);
  });

  test('people hear first what is left to do, and the commands and names that they need', () => {
    const two = opened({
      ...read,
      comparedAt: start,
      tables: [found({ rows: [row('401', true), row('402', false)] })],
    });
    const { subject, body } = comparisonMessage(two, 'prod');
    expect(subject).toBe(
      '[Breakwater] Not urgent: the old database "database" has at least 2 rows that the new one lacks',
    );
    expect(body.split('\n').slice(0, 6)).toEqual([
      'WHAT IS NEEDED FROM YOU',
      'Keep the old database in us-east-1 until you have decided about it: docs/runbook.md#only-old. It can wait until morning.',
      'All rows that were found:',
      `  npm run report -- ${incident.id} --stage prod --json`,
      '',
      'WHAT HAPPENED',
    ]);
    expect(body).toContain(
      'messages: 2 rows are only in the old database (1 missing in the new one, 1 different there).\n',
    );
    expect(comparisonMessage(opened({ ...read, comparedAt: start, tables: [found({})] }), 'prod').subject).toBe(
      '[Breakwater] For information: the old database "database" has nothing that the new one lacks',
    );
    for (const [change, wrong] of [
      [{ newer: 9 }, []],
      [{}, ['rooms: not compared: there is no such table']],
    ] as const)
      expect(
        comparisonMessage(opened({ ...read, comparedAt: start, tables: [found(change)], wrong }), 'prod').subject,
      ).toBe('[Breakwater] Not urgent: the old database "database" could NOT be compared in full');
    const unknown = comparisonMessage(opened({ endedAt: start, wrong: ['it has no backups'] }), 'prod');
    expect(unknown.subject).toBe(
      '[Breakwater] Not urgent: the old database "database" could NOT be compared with the new one',
    );
    expect(unknown.body).toContain('WRONG: it has no backups.');
  });
});

const plan = (() => {
  const planned = planWithData();
  const assets = planned.assets.map((asset) => {
    const place = asset.kind === 'rds-instance' ? asset.regions[old] : undefined;
    if (asset.kind !== 'rds-instance' || place?.restore === undefined) return asset;
    const rehearsal = { everyDays: 7, securityGroups: ['sg-closed'] };
    return { ...asset, regions: { ...asset.regions, [old]: { ...place, restore: { ...place.restore, rehearsal } } } };
  });
  return { ...planned, assets };
})();
const TagList = [{ Key: 'breakwater:rehearsal', Value: 'breakwater-test/database' }];
const gone = Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault' });
const told = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

if (noPostgres !== null) process.stderr.write(`${noPostgres}\n`);

describe.skipIf(noPostgres !== null)('both sides, on a real PostgreSQL', () => {
  let postgres: Postgres;
  let shell: Setting;
  const inside = (database: string, statement: string) => postgres.sql(statement, [], database);
  const state = async () => (await shell.store.readComparison('database', old)) ?? expect.fail('there is none');
  const run = (region: string, minutes: number) => {
    shell.at = start + minutes * minute;
    return handler.on({ ...shell, region, now: () => shell.at })({});
  };
  /** What stands in the old region beside the old database. */
  const stands = (copy: object | null) => {
    const Endpoint = { Address: postgres.host, Port: postgres.port };
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available', Endpoint }] });
    const described = rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: name });
    if (copy === null) described.rejects(gone);
    else described.resolves({ DBInstances: [{ DBInstanceStatus: 'available', TagList, Endpoint, ...copy }] });
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod-restored-rehearsal' }).rejects(gone);
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    secretsOf({ 'chatops/reader': { user: 'reader' }, 'chatops/writer': { user: 'writer' } });
    await postgres.sql('CREATE DATABASE chatops');
    for (const role of ['reader', 'writer']) await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    await inside('chatops', 'CREATE TABLE messages (id bigint PRIMARY KEY, updated_at timestamptz, text text)');
    await inside('chatops', 'GRANT SELECT ON messages TO reader');
    trusting(postgres.certificate);
  }, 60_000);
  afterAll(() => postgres?.remove());
  const holds = async (statement: string) => {
    await inside('chatops', 'TRUNCATE messages');
    await inside(
      'chatops',
      `INSERT INTO messages SELECT n, to_timestamp(${start / 1000} - 460 + n), 'text ' || n FROM generate_series(1, 400) n`,
    );
    await inside('chatops', statement);
  };

  beforeEach(async () => {
    for (const mock of [rds, sns]) mock.reset();
    sns.on(PublishCommand).resolves({});
    rds.on(RestoreDBInstanceToPointInTimeCommand).resolves({});
    rds.on(DeleteDBInstanceCommand).resolves({});
    rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({
      DBInstanceAutomatedBackups: [
        {
          DBInstanceIdentifier: 'chatops-prod',
          DbiResourceId: 'db-OLD',
          DBInstanceArn: `arn:aws:rds:${old}:111122223333:db:chatops-prod`,
          Status: 'active',
          RestoreWindow: { LatestTime: new Date(start + 5 * minute) },
        },
      ],
    });
    shell = setting({ region: taken, plan });
    await shell.store.moveRole(taken ?? '', 1, incident.execution, start);
    await shell.store.openComparison(opened());
    stands(null);
  });
  const fence = () =>
    shell.store.recordStep({
      ...{ incident: incident.id, execution: incident.execution, step: 'fence/database/fenced' },
      ...{ at: start + minute, outcome: {} },
    });

  test('a copy is made once the old one is fenced, read, compared by the other region, thrown away, and told once', async () => {
    await run(old, 2);
    expect(rds.commandCalls(RestoreDBInstanceToPointInTimeCommand)).toEqual([]);
    await fence();
    await run(old, 7);
    const [made] = rds.commandCalls(RestoreDBInstanceToPointInTimeCommand).map(({ args: [{ input }] }) => input);
    expect(made).toMatchObject({
      TargetDBInstanceIdentifier: name,
      SourceDbiResourceId: 'db-OLD',
      UseLatestRestorableTime: true,
      VpcSecurityGroupIds: ['sg-closed'],
      PubliclyAccessible: false,
      Tags: expect.arrayContaining(TagList),
    });
    stands({});
    await holds(
      `INSERT INTO messages VALUES (401, to_timestamp(${start / 1000} - 1), 'lost'), (402, to_timestamp(${start / 1000} + 9), 'diverged')`,
    );
    await inside('chatops', "UPDATE messages SET text = 'changed' WHERE id = 390");
    await run(taken, 60);
    expect(await state()).toMatchObject({ begunAt: start + 7 * minute, readAt: null });
    await run(old, 61);
    expect(await state()).toMatchObject({
      readAt: start + 61 * minute,
      tables: [{ table: 'messages', compared: 102 }],
    });
    expect(JSON.stringify(await state())).not.toMatch(/lost|diverged|changed|text/);
    await run(old, 66);
    expect(
      rds.commandCalls(DeleteDBInstanceCommand).map(({ args: [{ input }] }) => input.DBInstanceIdentifier),
    ).toEqual([name]);
    stands(null);
    await holds(`INSERT INTO messages VALUES (401, to_timestamp(${start / 1000} + 99), 'of a user of now')`);
    await run(taken, 67);
    const compared = await state();
    expect(countOnlyOld(compared)).toBe(3);
    expect(compared.tables[0]?.rows.map(({ key, other }) => [key, other])).toEqual([
      ['402', false],
      ['401', true],
      ['390', true],
    ]);
    await run(old, 71);
    await run(taken, 72);
    expect([...new Set(told())]).toEqual([
      '[Breakwater] Not urgent: the old database "database" has at least 3 rows that the new one lacks',
    ]);
    const hearing = new Set([...plan.notifications.failure, 'dba']);
    expect(told()).toHaveLength(hearing.size);
    const [step] = (await shell.store.readSteps(incident.id)).filter((one) => one.step === 'only-old/database');
    expect(step?.outcome).toMatchObject({ rows: 3, wrong: [] });
  });

  test.for([
    ['a table that is there no more', 'DROP TABLE messages', 'there is no such table'],
    [
      'a role that may not read it any more',
      'REVOKE SELECT ON messages FROM reader',
      'the role of the secret may not do this',
    ],
  ] as const)('%s in the copy ends it, the copy is thrown away, and people hear why', async ([, statement, why]) => {
    await shell.store.keepComparison(opened({ begunAt: start }));
    stands({});
    await holds(statement);
    await run(old, 60);
    await run(old, 65);
    await run(taken, 66);
    await inside(
      'chatops',
      'CREATE TABLE IF NOT EXISTS messages (id bigint PRIMARY KEY, updated_at timestamptz, text text)',
    );
    await inside('chatops', 'GRANT SELECT ON messages TO reader');
    expect(await state()).toMatchObject({
      readAt: start + 60 * minute,
      tables: [],
      wrong: [expect.stringContaining(why)],
    });
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
    expect([...new Set(told())]).toEqual([
      '[Breakwater] Not urgent: the old database "database" could NOT be compared with the new one',
    ]);
  });

  test('a new database that does not answer is asked again, and given up after hours with a message', async () => {
    await shell.store.keepComparison(opened(read));
    rds.on(DescribeDBInstancesCommand).rejects(Object.assign(new Error('no'), { name: 'InternalFailure' }));
    await expect(run(taken, 60)).rejects.toThrow();
    expect(await state()).toMatchObject({ endedAt: null });
    await run(taken, 10 * 60);
    expect(await state()).toMatchObject({ comparedAt: null, endedAt: start + 600 * minute });
    expect([...new Set(told())]).toEqual([
      '[Breakwater] Not urgent: the old database "database" could NOT be compared with the new one',
    ]);
  });

  test.for<readonly [string, () => Promise<unknown>, string]>([
    [
      'users are back in the old region',
      async () => void (await shell.store.moveRole(old ?? '', 2, 'home', start)),
      'users are back in us-east-1',
    ],
    [
      'nobody looked at what came back',
      async () => shell.store.openComparison(opened({ openedAt: start + 1, since: [] })),
      'was not looked at',
    ],
    [
      'the old database follows the new one again',
      async () =>
        void rds
          .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' })
          .resolves({ DBInstances: [{ ReadReplicaSourceDBInstanceIdentifier: 'chatops-dr' }] }),
      'follows chatops-dr again',
    ],
    [
      'the old database is gone',
      async () => void rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(gone),
      'is not in us-east-1 any more',
    ],
  ])('where %s it ends, and says so', async ([, change, why]) => {
    await fence();
    await change();
    await run(old, 7);
    const ended = await state();
    expect(ended).toMatchObject({ endedAt: start + 7 * minute, readAt: null, wrong: [expect.stringContaining(why)] });
  });

  test('RDS is asked again while it has no room, and given up after days', async () => {
    await fence();
    rds
      .on(RestoreDBInstanceToPointInTimeCommand)
      .rejects(
        Object.assign(new Error('no room'), { name: 'InstanceQuotaExceeded', $metadata: { httpStatusCode: 400 } }),
      );
    await expect(run(old, 7)).rejects.toThrow('no room');
    expect(await state()).toMatchObject({ begunAt: null, endedAt: null });
    // Its restore was rehearsed yesterday.
    const rehearsal = {
      asset: 'database',
      region: old,
      instance: 'chatops-prod-restored-rehearsal',
      source: 'a snapshot',
      dataUntil: null,
    };
    const times = {
      begunAt: start + 1440 * minute,
      availableAt: start + 1500 * minute,
      endedAt: start + 1510 * minute,
    };
    await shell.store.keepRehearsal({ ...rehearsal, ...times, data: null, wrong: [] });
    await run(old, 2 * 24 * 60 + 2);
    expect(await state()).toMatchObject({ readAt: null, wrong: [expect.stringContaining('no room')] });
    await run(taken, 2 * 24 * 60 + 3);
    expect(told()).toContain(
      '[Breakwater] Not urgent: the old database "database" could NOT be compared with the new one',
    );
  });

  test('a table that cannot be read costs itself, and the others are read one after the other', async () => {
    const tables = [
      { name: 'gone', key: 'id' },
      { name: 'messages', key: 'id', updatedAt: 'updated_at' },
    ];
    const assets = plan.assets.map((asset) =>
      asset.kind === 'rds-instance' && asset.data !== undefined ? { ...asset, data: { ...asset.data, tables } } : asset,
    );
    shell = { ...shell, plan: { ...plan, assets } };
    const since = tables.map(({ name: of }) => ({
      table: of,
      count: null,
      greatestKey: '400',
      newestAt: start - minute,
    }));
    await shell.store.openComparison(opened({ openedAt: start + 1, since }));
    await shell.store.keepComparison(opened({ openedAt: start + 1, since, begunAt: start }));
    stands({});
    await holds(`INSERT INTO messages VALUES (401, to_timestamp(${start / 1000}), 'lost')`);
    await run(old, 60);
    expect(await state()).toMatchObject({
      readAt: null,
      wrong: [expect.stringMatching(/^gone: not compared: .*no such table/)],
    });
    await run(old, 65);
    expect(await state()).toMatchObject({ readAt: start + 65 * minute, tables: [{ table: 'messages' }] });
    await holds('SELECT 1');
    await run(taken, 66);
    expect(countOnlyOld(await state())).toBe(1);
    expect([...new Set(told())]).toEqual([
      '[Breakwater] Not urgent: the old database "database" has at least 1 row that the new one lacks',
    ]);
  });

  test('what is not read for hours is given up, and the copy is thrown away', async () => {
    await shell.store.keepComparison(opened({ begunAt: start }));
    stands({});
    await run(old, 9 * 60);
    expect(await state()).toMatchObject({
      readAt: start + 540 * minute,
      wrong: [expect.stringContaining('could not be read within 8 h')],
    });
    await run(old, 9 * 60 + 5);
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toHaveLength(1);
  });

  test('what is never fenced, as a person said, ends it', async () => {
    const { id, execution } = incident;
    const outcome = { why: 'a person left it out' };
    await shell.store.recordStep({ incident: id, execution, step: 'fence-late/database', at: start, outcome });
    await run(old, 7);
    expect(await state()).toMatchObject({
      endedAt: start + 7 * minute,
      wrong: [expect.stringContaining('was not fenced (a person left it out)')],
    });
  });

  test('what bears no tag of this stack is never deleted', async () => {
    await shell.store.keepComparison(opened({ ...read }));
    stands({ TagList: [] });
    await run(old, 60);
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toEqual([]);
  });
});
