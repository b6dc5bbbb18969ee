// A region is lost, and the database that took over is asked with SQL before users are sent there, in the twin as on AWS.
import { afterEach, expect, test, vi } from 'vitest';
import { SqlFault } from '../../../functions/aws/sql/faults.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { credentialsOf, sql } from '../../../simulator/estate/rds-instance/data/sql.ts';
import { databaseEndpoint } from '../../../simulator/estate/ssm-parameters/parameters.ts';
import type { Fault } from '../../../simulator/estate/types.ts';
import { plan } from '../../plan.ts';
import { planWithData } from '../../with-data.ts';
import { rehearse } from '../estate/rehearsal.ts';

const { primary, standby } = plan.roles;
const given = { warm: { tables: ['messages'], withinSeconds: 60 }, parameters: { max_connections: '500' } };
const drilled = () => runDrill({ scenario: 'region-outage', seed: 1, plan: planWithData(given) });

afterEach(() => vi.restoreAllMocks());

test.for([
  ['restore-point-in-time', standby],
  ['restore-snapshot', standby],
  ['corruption', primary],
] as const)('what was restored is asked itself before users come: %s', async ([scenario, region]) => {
  const [look, write] = (['Look', 'CheckWrite'] as const).map((operation) => vi.spyOn(sql, operation));
  const { result, misses } = await runDrill({ scenario, seed: 1, plan: planWithData() });
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  const host = databaseEndpoint('chatops-prod-restored', region);
  for (const one of [look, write])
    expect(one?.mock.calls.map(([{ input }]) => input)).toContainEqual(
      expect.objectContaining({ connection: expect.objectContaining({ host }) }),
    );
});

test('a database that can be used is looked at, written to and read, and users are sent there', async () => {
  const asked = (['Look', 'CheckWrite', 'Warm'] as const).map((operation) => vi.spyOn(sql, operation));
  const { result, misses } = await drilled();
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.end).toMatchObject({ served: true, usersRegion: standby });
  for (const one of asked)
    expect(one.mock.calls.map(([call]) => call)).toContainEqual(
      expect.objectContaining({ service: 'sql', region: standby }),
    );
});

test('as many rows are only in the old database as were lost and as have diverged', async () => {
  const { result, misses } = await runDrill({ scenario: 'old-database', seed: 2, plan });
  expect(misses).toEqual([]);
  const { lostWrites, divergedWrites } = result.dataLoss;
  expect(lostWrites).toBeGreaterThan(0);
  expect(result.notifications.map(({ subject }) => subject)).toContain(
    `[Breakwater] Not urgent: the old database "database" has at least ${(lostWrites ?? 0) + (divergedWrites ?? 0)} rows that the new one lacks`,
  );
});

test('a database that takes no writes keeps users where they are', async () => {
  vi.spyOn(sql, 'CheckWrite').mockImplementation(() => {
    throw new SqlFault('no-right', '42501');
  });
  const { result, misses } = await drilled();
  expect(misses.map(({ what }) => what)).toContain('served');
  expect(result.end).toMatchObject({ served: false, usersRegion: primary });
  expect(result.mutations.filter(({ service }) => service === 's3')).toEqual([]);
}, 180_000); // it lasts until people would have given up

const role = (secret: string) => {
  const { username: user, password } = credentialsOf(secret);
  return { user, password };
};
const connection = (region: string, instance: string, secret = 'chatops/reader') => ({
  connection: { host: databaseEndpoint(instance, region), ...role(secret) },
});

test.for([
  ['another password', connection(primary, 'chatops-prod', 'chatops/invented'), 'password'],
  ['a name of nothing', connection(primary, 'invented'), 'unreachable'],
] as const)('with %s nobody is let in', async ([, input, reason]) => {
  const { call } = await rehearse(1, 10, planWithData(given));
  await expect(call('sql', 'Look', { ...input, parameters: [] })).rejects.toMatchObject({ name: 'SqlFault', reason });
});

test('a writer and its replica say what they are, and the replica takes no writes', async () => {
  const { call } = await rehearse(1, 10, planWithData(given));
  const look = (region: string, instance: string) =>
    call(
      'sql',
      'Look',
      { ...connection(region, instance), parameters: ['max_connections', 'invented'] },
      { in: region },
    );
  const parameters = { max_connections: '500' };
  expect(await look(primary, 'chatops-prod')).toMatchObject({ isReplica: false, tls: 'TLSv1.3', parameters });
  expect(await look(standby, 'chatops-dr-replica')).toMatchObject({ isReplica: true, parameters });
  const write = { ...connection(standby, 'chatops-dr-replica', 'chatops/writer'), place: standby, at: 7 };
  await expect(call('sql', 'CheckWrite', write, { in: standby })).rejects.toMatchObject({ reason: 'read-only' });
});

const failing = { kind: 'api-failure', id: 'sql-fails', service: 'sql', operation: '*' } as const;
test.for<readonly [string, Fault, string]>([
  ['where nothing answers', { kind: 'region-dark', id: 'dark', region: primary }, 'timeout'],
  ['whose writer has crashed', { kind: 'database-crash', id: 'crash' }, 'starting'],
  ['that a scenario lets refuse a role', { ...failing, error: 'refuse', name: 'no-right', status: 400 }, 'no-right'],
  ['that fails in itself', { ...failing, error: 'internal' }, 'unreachable'],
])('a database %s gives the fault that the driver would', async ([, fault, reason]) => {
  const { call, estate } = await rehearse(1, 10, planWithData(given));
  estate.inject(fault);
  const look = call('sql', 'Look', { ...connection(primary, 'chatops-prod'), parameters: [] });
  await expect(look).rejects.toMatchObject({ name: 'SqlFault', reason });
});
