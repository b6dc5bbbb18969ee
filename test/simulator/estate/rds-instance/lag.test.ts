// What ReplicaLag reports by its engine, beside what the replica is behind in truth.
import { expect, test } from 'vitest';
import type { AssetOf } from '../../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { changing, closedGroup, databaseIn } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { alarmsTo, primary, type Rehearsal, rehearse, rehearseStacks, standby } from '../rehearsal.ts';

const here = { in: standby, region: standby };

function planOf(engine: AssetOf<'rds-instance'>['engine']): Plan {
  return changing('rds-instance', plan, { engine });
}

/** The metric's values of the last minutes, oldest first. */
async function reported(rehearsal: Rehearsal, minutes: number): Promise<number[]> {
  const Dimensions = [{ Name: 'DBInstanceIdentifier', Value: databaseIn(plan.roles.standby, plan) }];
  const Metric = { Namespace: 'AWS/RDS', MetricName: 'ReplicaLag', Dimensions };
  const input = {
    MetricDataQueries: [{ Id: 'lag', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }],
    StartTime: new Date(rehearsal.now() - minutes * 60_000),
    EndTime: new Date(rehearsal.now()),
    ScanBy: 'TimestampAscending',
  };
  return (await rehearsal.call('cloudwatch', 'GetMetricData', input, here)).MetricDataResults[0].Values;
}

async function fence(rehearsal: Rehearsal): Promise<void> {
  const DBInstanceIdentifier = databaseIn(plan.roles.primary, plan);
  const VpcSecurityGroupIds = [closedGroup(primary, plan)];
  await rehearsal.call('rds', 'ModifyDBInstance', { DBInstanceIdentifier, VpcSecurityGroupIds });
  await rehearsal.pass(70);
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier });
  await rehearsal.pass(120);
}

test.for(['postgres', 'mysql', 'mariadb'] as const)(
  'the instance is of the engine that the plan names: %s',
  async (engine) => {
    const rehearsal = await rehearse(1, 0, planOf(engine));
    const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances', {}, here);
    expect(DBInstances[0].Engine).toBe(engine);
  },
);

test.for(['postgres', 'mysql'] as const)(
  'under load the lag of %s is the seconds that it is behind',
  async (engine) => {
    const rehearsal = await rehearse(1, 600, planOf(engine));
    const values = await reported(rehearsal, 5);
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThan(10);
  },
);

test('the lag of an idle PostgreSQL writer grows to five minutes and falls when the WAL segment is switched', async () => {
  const rehearsal = await rehearse();
  await fence(rehearsal);
  await rehearsal.pass(1800);
  expect(rehearsal.estate.truth()).toMatchObject({ writableRegions: [], replicaLagSeconds: 0 });
  const values = await reported(rehearsal, 20);
  expect(Math.min(...values)).toBeGreaterThan(0);
  expect(Math.max(...values)).toBeGreaterThan(240);
  expect(Math.max(...values)).toBeLessThanOrEqual(310);
  expect(values.filter((value, index) => value < (values[index - 1] ?? 0)).length).toBeGreaterThanOrEqual(3);
});

test('the lag of an idle MySQL writer is nothing', async () => {
  const rehearsal = await rehearse(1, 600, planOf('mysql'));
  await fence(rehearsal);
  await rehearsal.pass(300);
  const values = await reported(rehearsal, 4);
  expect(values).toEqual(values.map(() => 0));
  expect(values.length).toBeGreaterThanOrEqual(3);
});

test.for([
  ['the source region is dark', { id: 'a', kind: 'region-dark' }],
  ['the way between them is cut', { id: 'a', kind: 'partition', between: [primary, standby] }],
  ['replication is broken', { id: 'a', kind: 'replica-broken' }],
] as const)('the lag of PostgreSQL grows with the clock while %s, and raises its alarm', async ([, fault]) => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject(fault);
  await rehearsal.pass(1800);
  expect(rehearsal.estate.truth().replicaLagSeconds).toBeNull();
  const values = await reported(rehearsal, 10);
  expect(values.map((value, index) => value - (values[index - 1] ?? value - 60))).toEqual(values.map(() => 60));
  expect(values.at(-1)).toBeGreaterThan(1700);
  expect(alarmsTo(rehearsal, 'ALARM')).toContain('chatops-database-replica-lag');
});

test.for(['mysql', 'mariadb'] as const)(
  'the lag of %s reads -1 when replication is broken, which raises its alarm until it runs again',
  async (engine) => {
    const rehearsal = await rehearseStacks(1, 600, (all) => all, planOf(engine));
    rehearsal.estate.inject({ id: 'broken', kind: 'replica-broken', forSeconds: 900 });
    await rehearsal.pass(600);
    expect(await reported(rehearsal, 5)).toEqual([-1, -1, -1, -1, -1]);
    expect(alarmsTo(rehearsal, 'ALARM')).toContain('chatops-database-replica-lag');
    expect(alarmsTo(rehearsal, 'OK')).not.toContain('chatops-database-replica-lag');
    await rehearsal.pass(900);
    expect(alarmsTo(rehearsal, 'OK')).toContain('chatops-database-replica-lag');
  },
);

test('a region that comes back is caught up with, and its lag falls', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', forSeconds: 900 });
  await rehearsal.pass(1800);
  expect((await reported(rehearsal, 2)).at(-1)).toBeLessThan(10);
});
