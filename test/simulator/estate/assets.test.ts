// The estate of other applications: two databases and no cache, a cache alone, and what a fault strikes of several assets.
import { expect, test } from 'vitest';
import { parsePlan } from '../../../check/plan.ts';
import { type Asset, type AssetOf, firstOf, type Kind } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { faultSchema } from '../../../simulator/playing/scenario.ts';
import { plan } from '../../plan.ts';
import { alarmsTo, databaseTruth, primary, type Rehearsal, rehearse, standby } from './rehearsal.ts';

const there = { in: standby, region: standby };

function shipped<K extends Kind>(kind: K): AssetOf<K> {
  const asset = firstOf(kind, plan);
  if (asset === null) throw new Error(`the shipped plan has no ${kind}`);
  return asset;
}

/** The shipped plan, with these assets in place of its own. */
function planOf(...assets: Asset[]): Plan {
  return parsePlan({ ...plan, assets });
}

function database(name: string, engine: AssetOf<'rds-instance'>['engine'] = 'mysql'): AssetOf<'rds-instance'> {
  const instances = { [primary]: { instance: `${name}-one` }, [standby]: { instance: `${name}-two` } };
  const { backups: _, ...others } = shipped('rds-instance');
  return { ...others, name, engine, regions: instances };
}

function cache(name: string, globalDatastore: string | null): AssetOf<'elasticache'> {
  const groups = { [primary]: { replicationGroup: `${name}-one` }, [standby]: { replicationGroup: `${name}-two` } };
  return { ...shipped('elasticache'), name, globalDatastore, regions: groups };
}

const balancer = shipped('load-balancer');
const settings: AssetOf<'ssm-parameters'> = {
  ...shipped('ssm-parameters'),
  needs: ['orders'],
  parameters: [{ name: '/shop/orders', endpointOf: 'orders' }],
};
const shop = planOf(database('orders'), database('stock'), balancer, settings);
const sessions = planOf(cache('sessions', 'ldgnf-sessions'), balancer);

async function alarmNames(rehearsal: Rehearsal, region = primary): Promise<string[]> {
  const { MetricAlarms } = await rehearsal.call('cloudwatch', 'DescribeAlarms', { MaxRecords: 100 }, { in: region });
  return MetricAlarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName);
}

/** The last value of a replica's lag. */
async function lagOf(rehearsal: Rehearsal, DBInstanceIdentifier: string): Promise<number> {
  const Dimensions = [{ Name: 'DBInstanceIdentifier', Value: DBInstanceIdentifier }];
  const Metric = { Namespace: 'AWS/RDS', MetricName: 'ReplicaLag', Dimensions };
  const input = {
    MetricDataQueries: [{ Id: 'lag', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }],
    StartTime: new Date(rehearsal.now() - 180_000),
    EndTime: new Date(rehearsal.now()),
  };
  return (await rehearsal.call('cloudwatch', 'GetMetricData', input, there)).MetricDataResults[0].Values[0];
}

async function promote(rehearsal: Rehearsal, ...instances: string[]): Promise<void> {
  for (const DBInstanceIdentifier of instances)
    await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier }, there);
  await rehearsal.pass(620);
}

async function moveUsers(rehearsal: Rehearsal): Promise<void> {
  for (const [region, Bucket] of Object.entries(plan.redirection.latchBuckets[primary] ?? {}))
    await rehearsal.call('s3', 'PutObject', { Bucket, Key: `latch/${primary}`, Body: '' }, { ...there, in: region });
  await rehearsal.pass(300);
}

async function repoint(rehearsal: Rehearsal): Promise<void> {
  const asked = { DBInstanceIdentifier: 'orders-two' };
  const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances', asked, there);
  const Value = DBInstances[0].Endpoint.Address;
  await rehearsal.call('ssm', 'PutParameter', { Name: '/shop/orders', Value, Overwrite: true }, there);
  await rehearsal.pass(40);
}

const zoneOf = ({ estate }: Rehearsal, asset: string) => estate.truth().assets.find(({ name }) => name === asset)?.zone;

test('an application with two databases and no cache is served, and says where each of its assets is', async () => {
  const rehearsal = await rehearse(1, 3600, shop);
  expect(rehearsal.events).toEqual([]);
  expect(rehearsal.estate.truth()).toMatchObject({
    assets: [
      { name: 'orders', kind: 'rds-instance', region: primary, zone: 'use1-az1', serves: true },
      { name: 'stock', kind: 'rds-instance', region: primary, zone: 'use1-az1', serves: true },
      { name: 'ingress', kind: 'load-balancer', region: primary, zone: null, serves: true },
      { name: 'settings', kind: 'ssm-parameters', region: primary, zone: null, serves: true },
    ],
    writerZone: 'use1-az1',
    cachePrimaryZone: null,
    cacheRegion: null,
    served: true,
    writableRegions: [primary],
  });
});

test('alarms follow the assets: one component for each database, none for a cluster or a cache that is not there', async () => {
  const rehearsal = await rehearse(1, 0, shop);
  const names = await alarmNames(rehearsal);
  for (const name of ['orders', 'stock'])
    for (const measure of ['latency', 'latency-use1-az1', 'connections', 'connections-use1-az4'])
      expect(names).toContain(`chatops-${name}-${measure}`);
  expect(names.filter((name) => /database|cache|cluster|node|pods/.test(name))).toEqual([]);
  const own = await alarmNames(await rehearse(1, 0));
  expect(own).toEqual(expect.arrayContaining(['chatops-database-latency-use1-az1', 'chatops-cache-latency-use1-az1']));
  expect(own).toEqual(expect.arrayContaining(['chatops-cluster-nodes-notready-use1-az1']));
});

test('RDS shows every database of a region, of its own engine and with its own replica', async () => {
  const rehearsal = await rehearse(
    1,
    0,
    planOf(database('orders', 'postgres'), database('stock', 'mariadb'), balancer),
  );
  const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances');
  expect(DBInstances.slice(0, 2)).toMatchObject([
    {
      DBInstanceIdentifier: 'orders-one',
      Engine: 'postgres',
      Endpoint: { Port: 5432 },
      ReadReplicaDBInstanceIdentifiers: [expect.stringMatching(/:db:orders-two$/)],
    },
    {
      DBInstanceIdentifier: 'stock-one',
      Engine: 'mariadb',
      Endpoint: { Port: 3306 },
      ReadReplicaDBInstanceIdentifiers: [expect.stringMatching(/:db:stock-two$/)],
    },
  ]);
  const replica = { DBInstanceIdentifier: 'stock-two' };
  const shown = await rehearsal.call('rds', 'DescribeDBInstances', replica, there);
  expect(shown.DBInstances[0].ReadReplicaSourceDBInstanceIdentifier).toMatch(/:db:stock-one$/);
});

test.for([
  ['no asset', {}, 'use1-az2', 'use1-az1'],
  ['the second database', { asset: 'stock' }, 'use1-az1', 'use1-az2'],
] as const)(
  'a crash that names %s costs users the service, and AWS moves that database alone',
  async ([, asset, orders, stock]) => {
    const rehearsal = await rehearse(1, 600, shop);
    rehearsal.estate.inject({ id: 'crash', kind: 'database-crash', ...asset });
    expect(rehearsal.estate.truth()).toMatchObject({ served: false, writableRegions: [] });
    await rehearsal.pass(240);
    expect(rehearsal.estate.truth().served).toBe(true);
    expect([zoneOf(rehearsal, 'orders'), zoneOf(rehearsal, 'stock')]).toEqual([orders, stock]);
  },
);

test('a slow zone that holds one of two writers is seen in that database’s alarms and not in the other’s', async () => {
  const rehearsal = await rehearse(1, 600, shop);
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: 'stock-one', ForceFailover: true });
  await rehearsal.pass(300);
  const since = rehearsal.now();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(300);
  const alarms = alarmsTo(rehearsal, 'ALARM', since);
  expect(alarms).toContain('chatops-orders-latency-use1-az1');
  expect(alarms.filter((name) => name.includes('stock-latency'))).toEqual([]);
});

test.for([
  ['status', { kind: 'database-status', status: 'storage-full', instance: 'stock-one' }],
  ['status', { kind: 'database-status', status: 'stopped', asset: 'stock' }],
] as const)('a %s is that of the instance or the asset that is named', async ([, fault]) => {
  const rehearsal = await rehearse(1, 0, shop);
  rehearsal.estate.inject({ id: 'status', ...fault });
  expect(databaseTruth(rehearsal, 'orders').writableRegions).toEqual([primary]);
  expect(databaseTruth(rehearsal, 'stock').writableRegions).toEqual([]);
  expect(rehearsal.estate.truth()).toMatchObject({ writableRegions: [], served: false });
});

test('RDS tells the events of all databases in order of time', async () => {
  const rehearsal = await rehearse(1, 0, shop);
  for (const DBInstanceIdentifier of ['stock-one', 'orders-one', 'stock-one']) {
    await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier });
    await rehearsal.pass(120);
  }
  const { Events } = await rehearsal.call('rds', 'DescribeEvents', {});
  expect(Events.map((event: { SourceIdentifier: string }) => event.SourceIdentifier)).toEqual([
    'stock-one',
    'orders-one',
    'stock-one',
  ]);
});

test('each replica has a lag of its own: that of the broken one reads -1, and says so', async () => {
  const rehearsal = await rehearse(1, 600, shop);
  rehearsal.estate.inject({ id: 'broken', kind: 'replica-broken', asset: 'stock' });
  await rehearsal.pass(300);
  expect(await lagOf(rehearsal, 'orders-two')).toBeGreaterThan(0);
  expect(await lagOf(rehearsal, 'stock-two')).toBe(-1);
  expect(rehearsal.estate.truth().replicaLagSeconds).toBeNull();
  const stopped = rehearsal.events.filter(({ detail }) => detail['EventID'] === 'RDS-EVENT-0045');
  expect(stopped.map(({ detail }) => detail['SourceIdentifier'])).toEqual(['stock-two']);
});

test('what promotions cost is told for each database; together the worst time and all writes count', async () => {
  const rehearsal = await rehearse(1, 600, shop);
  rehearsal.estate.inject({ id: 'broken', kind: 'replica-broken', asset: 'stock' });
  await rehearsal.pass(600);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await promote(rehearsal, 'orders-two', 'stock-two');
  const [orders, stock] = [databaseTruth(rehearsal, 'orders'), databaseTruth(rehearsal, 'stock')];
  expect(orders.lostSeconds).toBeGreaterThan(0);
  expect(orders.lostSeconds).toBeLessThan(30);
  expect(stock.lostSeconds).toBeGreaterThan(590);
  expect(rehearsal.estate.truth()).toMatchObject({
    lostSeconds: stock.lostSeconds,
    lostWrites: orders.lostWrites + stock.lostWrites,
  });
});

test('writes that both old writers take after the promotions are counted together', async () => {
  const rehearsal = await rehearse(1, 600, shop);
  await promote(rehearsal, 'orders-two', 'stock-two');
  const [orders, stock] = [databaseTruth(rehearsal, 'orders'), databaseTruth(rehearsal, 'stock')];
  expect(Math.min(orders.divergedWrites, stock.divergedWrites)).toBeGreaterThan(0);
  const { divergedWrites } = rehearsal.estate.truth();
  expect(divergedWrites).toBe(orders.divergedWrites + stock.divergedWrites);
  for (const one of [orders, stock])
    expect(rehearsal.estate.divergedBetween(one.name, 0, rehearsal.now() + 1)).toBe(one.divergedWrites);
});

test.for([
  ['both databases were promoted and the application was repointed', ['orders-two', 'stock-two'], true, true],
  ['only the first database was promoted', ['orders-two'], true, false],
  ['the application still names the old database', ['orders-two', 'stock-two'], false, false],
] as const)('users who are moved are served where %s', async ([, instances, isRepointed, served]) => {
  const rehearsal = await rehearse(1, 600, shop);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await promote(rehearsal, ...instances);
  if (isRepointed) await repoint(rehearsal);
  await moveUsers(rehearsal);
  expect(rehearsal.estate.truth()).toMatchObject({ usersRegion: standby, served });
  const parameters = rehearsal.estate.truth().assets.find(({ name }) => name === 'settings');
  expect(parameters).toMatchObject({ region: standby, serves: isRepointed });
  const writers = databaseTruth(rehearsal, 'stock').writableRegions;
  expect(writers).toEqual(instances.length === 2 ? [standby] : []);
});

test('a cache alone is served, and its zone fails: ElastiCache moves it, and its alarms say so', async () => {
  const rehearsal = await rehearse(1, 3600, sessions);
  expect(rehearsal.events).toEqual([]);
  expect(rehearsal.estate.truth()).toMatchObject({
    assets: [
      { name: 'sessions', kind: 'elasticache', region: primary, zone: 'use1-az1', serves: true },
      { name: 'ingress', serves: true },
    ],
    databases: [],
    writerZone: null,
    writerRegion: null,
    writableRegions: [],
    replicaLagSeconds: null,
    lostWrites: 0,
    lostSeconds: 0,
    divergedWrites: 0,
    served: true,
  });
  expect((await rehearsal.call('rds', 'DescribeDBInstances')).DBInstances).toHaveLength(1); // another application's
  rehearsal.estate.inject({ id: 'power', kind: 'zone-power', zone: 'use1-az1' });
  expect(rehearsal.estate.truth()).toMatchObject({ served: false, assets: [{ serves: false }, { serves: true }] });
  await rehearsal.pass(400);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, cachePrimaryZone: 'use1-az2' });
  expect(alarmsTo(rehearsal, 'ALARM')).toContain('chatops-sessions-connections-use1-az1');
});

test('a zone that is slow alarms by the cache, and not by a cluster that there is not', async () => {
  const rehearsal = await rehearse(1, 600, sessions);
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(600);
  const alarms = alarmsTo(rehearsal, 'ALARM').filter((name) => name.endsWith('use1-az1'));
  expect(alarms).toEqual(expect.arrayContaining(['chatops-sessions-latency-use1-az1', 'chatops-api-5xx-use1-az1']));
  expect(alarms.filter((name) => /cluster|pods/.test(name))).toEqual([]);
  expect(rehearsal.estate.truth().served).toBe(false);
});

test('the member of a global datastore takes no writes before it has taken over', async () => {
  const rehearsal = await rehearse(1, 600, sessions);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await moveUsers(rehearsal);
  expect(rehearsal.estate.truth()).toMatchObject({ usersRegion: standby, served: false });
  const input = {
    GlobalReplicationGroupId: 'ldgnf-sessions',
    PrimaryRegion: standby,
    PrimaryReplicationGroupId: 'sessions-two',
  };
  await rehearsal.call('elasticache', 'FailoverGlobalReplicationGroup', input, there);
  await rehearsal.pass(70);
  expect(rehearsal.estate.truth()).toMatchObject({ cacheRegion: standby, served: true });
});

test('without a global datastore the standby’s cache stands there and starts empty', async () => {
  const rehearsal = await rehearse(1, 600, planOf(cache('sessions', null), balancer));
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(rehearsal.estate.truth()).toMatchObject({ cacheRegion: primary, served: false });
  await moveUsers(rehearsal);
  expect(rehearsal.estate.truth()).toMatchObject({
    assets: [{ name: 'sessions', region: standby, zone: 'usw2-az1', serves: true }, {}],
    served: true,
  });
});

test('of two caches the one that is named loses its node, each has its own datastore, and both are needed', async () => {
  const rehearsal = await rehearse(1, 600, planOf(cache('sessions', 'ldgnf-sessions'), cache('pages', null), balancer));
  const { GlobalReplicationGroups } = await rehearsal.call('elasticache', 'DescribeGlobalReplicationGroups');
  expect(GlobalReplicationGroups).toMatchObject([{ GlobalReplicationGroupId: 'ldgnf-sessions' }]);
  const { ReplicationGroups } = await rehearsal.call('elasticache', 'DescribeReplicationGroups');
  expect(ReplicationGroups.slice(0, 2)).toMatchObject([
    { ReplicationGroupId: 'sessions-one', GlobalReplicationGroupInfo: { GlobalReplicationGroupMemberRole: 'PRIMARY' } },
    { ReplicationGroupId: 'pages-one' },
  ]);
  expect(ReplicationGroups[1]).not.toHaveProperty('GlobalReplicationGroupInfo');
  rehearsal.estate.inject({ id: 'node', kind: 'cache-node-loss', asset: 'pages' });
  expect(rehearsal.estate.truth().served).toBe(false);
  await rehearsal.pass(60);
  expect(rehearsal.estate.truth().served).toBe(true);
  expect([zoneOf(rehearsal, 'sessions'), zoneOf(rehearsal, 'pages')]).toEqual(['use1-az1', 'use1-az2']);
});

test('ElastiCache tests 15 failovers in any 24 hours, of whichever caches', async () => {
  const rehearsal = await rehearse(1, 600, planOf(cache('sessions', null), cache('pages', null), balancer));
  const outcomes: string[] = [];
  for (let round = 0; round < 16; round += 1) {
    const input = { ReplicationGroupId: round % 2 === 0 ? 'sessions-one' : 'pages-one', NodeGroupId: '0001' };
    const outcome = await rehearsal.call('elasticache', 'TestFailover', input).then(
      () => 'tested',
      ({ name }: Error) => name,
    );
    outcomes.push(outcome);
    await rehearsal.pass(900);
  }
  expect(outcomes).toEqual([...Array(15).fill('tested'), 'APICallRateForCustomerExceededFault']);
});

test('an application that needs neither database nor cache is served where its users are', async () => {
  const rehearsal = await rehearse(1, 600, planOf(balancer));
  expect(rehearsal.estate.truth().served).toBe(true);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(rehearsal.estate.truth()).toMatchObject({ served: false, assets: [{ name: 'ingress', serves: false }] });
  await moveUsers(rehearsal);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, assets: [{ region: standby, serves: true }] });
});

test('two clusters of a region stand, are shifted, and serve while a node of theirs is ready', async () => {
  const second = {
    ...shipped('eks-cluster'),
    name: 'batch',
    regions: { [primary]: { cluster: 'batch-one', warm: true }, [standby]: { cluster: 'batch-two', warm: true } },
  };
  const rehearsal = await rehearse(1, 0, planOf(shipped('eks-cluster'), second));
  const named = await rehearsal.call('eks', 'DescribeCluster', { name: 'batch-one' });
  expect(named.cluster.name).toBe('batch-one');
  const resourceIdentifier = `arn:aws:eks:${primary}:111122223333:cluster/batch-one`;
  const shift = { resourceIdentifier, awayFrom: 'use1-az1', expiresIn: '60m', comment: 'test' };
  expect(await rehearsal.call('arc-zonal-shift', 'StartZonalShift', shift)).toMatchObject({ resourceIdentifier });
  const serves = () => rehearsal.estate.truth().assets.map((asset) => asset.serves);
  expect(serves()).toEqual([true, true]);
  for (const zone of ['use1-az1', 'use1-az2']) rehearsal.estate.inject({ id: zone, kind: 'zone-power', zone });
  expect(serves()).toEqual([true, true]);
  rehearsal.estate.inject({ id: 'last', kind: 'zone-power', zone: 'use1-az4' });
  expect(serves()).toEqual([false, false]);
});

test('where the standby is bad no replica of any database lives', async () => {
  const rehearsal = await rehearse(1, 0, shop);
  rehearsal.estate.inject({ id: 'bad', kind: 'standby-bad', forSeconds: 60 });
  const statuses = async () =>
    (await rehearsal.call('rds', 'DescribeDBInstances', {}, there)).DBInstances.slice(0, 2).map(
      ({ DBInstanceStatus }: { DBInstanceStatus: string }) => DBInstanceStatus,
    );
  expect(await statuses()).toEqual(['failed', 'failed']);
  await rehearsal.pass(60);
  expect(await statuses()).toEqual(['available', 'available']);
});

test.for([
  [
    'a database that is not there',
    shop,
    { kind: 'replica-broken', asset: 'x' },
    'x of kind rds-instance, expected one of orders, stock',
  ],
  ['an instance that is not there', shop, { kind: 'database-stuck', instance: 'x' }, 'expected one of orders, stock'],
  [
    'an instance of another database',
    shop,
    { kind: 'database-stuck', asset: 'orders', instance: 'stock-one' },
    'orders stock-one',
  ],
  [
    'a cache where there is none',
    shop,
    { kind: 'cache-node-loss' },
    'the first of kind elasticache, expected one of none',
  ],
  [
    'a group that is not there',
    sessions,
    { kind: 'cache-status', status: 'creating', group: 'x' },
    'expected one of sessions',
  ],
  ['a database where there is none', sessions, { kind: 'database-crash' }, 'the plan has no such asset'],
] as const)('a fault that strikes %s is refused in a line', async ([, of, fault, words]) => {
  const { estate } = await rehearse(1, 0, of);
  expect(() => estate.inject({ id: 'a', ...fault })).toThrow(words);
  expect(() => estate.inject({ id: 'a', kind: 'standby-bad' })).not.toThrow();
});

test.for(['database-crash', 'replica-broken', 'database-stuck', 'cache-node-loss'])(
  'a scenario may name the asset that %s strikes',
  (kind) => {
    expect(faultSchema.safeParse({ id: 'a', kind, asset: 'stock' }).success).toBe(true);
    expect(faultSchema.safeParse({ id: 'a', kind, assets: 'stock' }).success).toBe(false);
  },
);

test('one seed gives one history to the byte, whatever the assets', async () => {
  const history = async (seed: number) => {
    const rehearsal = await rehearse(seed, 60, shop);
    rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1', forSeconds: 600 });
    rehearsal.estate.inject({ id: 'crash', kind: 'database-crash', asset: 'stock' });
    await rehearsal.pass(900);
    return JSON.stringify([rehearsal.events, rehearsal.estate.truth()]);
  };
  const first = await history(7);
  expect(await history(7)).toBe(first);
  expect(await history(8)).not.toBe(first);
});
