// ElastiCache of the estate: what it takes of whom, and refuses in its own words.
import { expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { faultSchema } from '../../../../simulator/playing/scenario.ts';
import { cacheIn, changing, the } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { alarmsTo, type Rehearsal, rehearse, standby } from '../rehearsal.ts';

const group = cacheIn(plan.roles.primary, plan);
const member = cacheIn(plan.roles.standby, plan);
const datastore = the('elasticache', plan).globalDatastore ?? '';
/** An application whose cache is no member of a global datastore. */
const alone: Plan = changing('elasticache', plan, { globalDatastore: null });
const there = { in: standby, region: standby };

async function cacheOf(rehearsal: Rehearsal) {
  const answer = await rehearsal.call('elasticache', 'DescribeReplicationGroups', { ReplicationGroupId: group });
  return answer.ReplicationGroups[0];
}

async function modify(rehearsal: Rehearsal, change: Record<string, unknown>) {
  return rehearsal.call('elasticache', 'ModifyReplicationGroup', {
    ReplicationGroupId: group,
    ApplyImmediately: true,
    ...change,
  });
}

const off = { AutomaticFailoverEnabled: false, MultiAZEnabled: false };
const on = { AutomaticFailoverEnabled: true, MultiAZEnabled: true };

test('a cache primary is chosen in three modifications: off, promote, on', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  expect(await cacheOf(rehearsal)).toMatchObject({
    Status: 'available',
    AutomaticFailover: 'enabled',
    MultiAZ: 'enabled',
  });
  await modify(rehearsal, off);
  expect(await cacheOf(rehearsal)).toMatchObject({ Status: 'modifying', AutomaticFailover: 'disabling' });
  await rehearsal.pass(80);
  expect(await cacheOf(rehearsal)).toMatchObject({
    Status: 'available',
    AutomaticFailover: 'disabled',
    MultiAZ: 'disabled',
  });
  await modify(rehearsal, { PrimaryClusterId: 'chatops-redis-003' });
  expect(rehearsal.estate.truth().cachePrimaryZone).toBe('use1-az1');
  await rehearsal.pass(60);
  const [nodes] = (await cacheOf(rehearsal)).NodeGroups;
  const roles = nodes.NodeGroupMembers.map((node: Record<string, string>) => [
    node['PreferredAvailabilityZone'],
    node['CurrentRole'],
  ]);
  expect(roles).toEqual([
    ['us-east-1a', 'replica'],
    ['us-east-1b', 'replica'],
    ['us-east-1c', 'primary'],
  ]);
  await modify(rehearsal, on);
  await rehearsal.pass(80);
  expect(await cacheOf(rehearsal)).toMatchObject({
    Status: 'available',
    AutomaticFailover: 'enabled',
    MultiAZ: 'enabled',
  });
  expect(rehearsal.estate.mutations().map(({ scope }) => scope.zone)).toEqual(['use1-az1', 'use1-az1', 'use1-az4']);
});

test('what is not to be applied immediately waits for the maintenance window', async () => {
  const rehearsal = await rehearse(1, 60, alone);
  await modify(rehearsal, { ...off, ApplyImmediately: false });
  await rehearsal.pass(3600);
  expect(await cacheOf(rehearsal)).toMatchObject({ Status: 'available', AutomaticFailover: 'enabled' });
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test.for([
  [
    'a primary is chosen while automatic failover is on',
    [],
    { PrimaryClusterId: 'chatops-redis-002' },
    'InvalidParameterCombinationException',
  ],
  [
    'a primary is chosen in the call that switches failover on',
    [off],
    { PrimaryClusterId: 'chatops-redis-002', ...on },
    'InvalidParameterCombinationException',
  ],
  [
    'automatic failover is switched off and Multi-AZ stays on',
    [],
    { AutomaticFailoverEnabled: false },
    'InvalidParameterCombinationException',
  ],
  [
    'the primary is to be a node that is not there',
    [off],
    { PrimaryClusterId: 'chatops-redis-009' },
    'InvalidParameterValueException',
  ],
] as const)('ElastiCache refuses when %s', async ([, before, change, name]) => {
  const rehearsal = await rehearse(1, 600, alone);
  for (const earlier of before) {
    await modify(rehearsal, earlier);
    await rehearsal.pass(80);
  }
  await expect(modify(rehearsal, change)).rejects.toMatchObject({ name, $fault: 'client' });
  expect(rehearsal.estate.mutations()).toHaveLength(before.length);
});

test('ElastiCache refuses a modification while another is under way', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  await modify(rehearsal, off);
  await expect(modify(rehearsal, off)).rejects.toMatchObject({ name: 'InvalidReplicationGroupStateFault' });
});

test('a dead primary stays dead while automatic failover is off', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  await modify(rehearsal, off);
  await rehearsal.pass(80);
  rehearsal.estate.inject({ id: 'power', kind: 'zone-power', zone: 'use1-az1' });
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().cachePrimaryZone).toBe('use1-az1');
});

type Outcome = { name: string; message: string; status: number | undefined };

/** The refusal of a call; null where it was taken. */
function refusalOf(
  rehearsal: Rehearsal,
  operation: string,
  input: Record<string, unknown>,
  from = {},
): Promise<Outcome | null> {
  return rehearsal.call('elasticache', operation, input, from).then(
    () => null,
    ({ name, message, $metadata }) => ({ name, message, status: $metadata?.httpStatusCode }),
  );
}

const partOf = (id: string) => `Cluster [${id}] is part of a global cluster [${datastore}]. Request rejected.`;

test.for([
  ['automatic failover off', { AutomaticFailoverEnabled: false }],
  ['automatic failover off with Multi-AZ', off],
  ['automatic failover on', { AutomaticFailoverEnabled: true }],
  ['another node type', { CacheNodeType: 'cache.r7g.large' }],
  ['another engine version', { EngineVersion: '7.1' }],
  ['another parameter group', { CacheParameterGroupName: 'default.redis7' }],
  [
    'automatic failover off in the next maintenance window',
    { AutomaticFailoverEnabled: false, ApplyImmediately: false },
  ],
] as const)('a member of a global datastore refuses %s: it is the datastore’s', async ([, change]) => {
  const rehearsal = await rehearse(1, 0);
  for (const [ReplicationGroupId, from] of [
    [group, {}],
    [member, there],
  ] as const) {
    const input = { ReplicationGroupId, ApplyImmediately: true, ...change };
    expect(await refusalOf(rehearsal, 'ModifyReplicationGroup', input, from)).toEqual({
      name: 'InvalidParameterValueException',
      message: partOf(ReplicationGroupId),
      status: 400,
    });
  }
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('a member says which datastore it belongs to, and which role it has there', async () => {
  const rehearsal = await rehearse(1, 0);
  const info = async (id: string, from: object) => {
    const answer = await rehearsal.call('elasticache', 'DescribeReplicationGroups', { ReplicationGroupId: id }, from);
    return answer.ReplicationGroups[0].GlobalReplicationGroupInfo;
  };
  const role = (GlobalReplicationGroupMemberRole: string) => ({
    GlobalReplicationGroupId: datastore,
    GlobalReplicationGroupMemberRole,
  });
  expect([await info(group, {}), await info(member, there)]).toEqual([role('PRIMARY'), role('SECONDARY')]);
  const other = await rehearse(1, 0, alone);
  expect(await cacheOf(other)).not.toHaveProperty('GlobalReplicationGroupInfo');
});

const modifyGlobal = (rehearsal: Rehearsal, change: Record<string, unknown>) =>
  refusalOf(rehearsal, 'ModifyGlobalReplicationGroup', {
    GlobalReplicationGroupId: datastore,
    ApplyImmediately: true,
    ...change,
  });

async function endMultiAz(rehearsal: Rehearsal): Promise<void> {
  const change = { MultiAZEnabled: false, ApplyImmediately: true };
  await rehearsal.call('elasticache', 'ModifyReplicationGroup', { ReplicationGroupId: group, ...change });
  await rehearsal.call('elasticache', 'ModifyReplicationGroup', { ReplicationGroupId: member, ...change }, there);
  await rehearsal.pass(80);
}

test('automatic failover of a datastore is switched for every member, and then a primary can be chosen', async () => {
  const rehearsal = await rehearse();
  await endMultiAz(rehearsal);
  expect(await modifyGlobal(rehearsal, { AutomaticFailoverEnabled: false })).toBeNull();
  expect(await cacheOf(rehearsal)).toMatchObject({ Status: 'modifying', AutomaticFailover: 'disabling' });
  await rehearsal.pass(80);
  const { GlobalReplicationGroups } = await rehearsal.call('elasticache', 'DescribeGlobalReplicationGroups', {});
  expect(GlobalReplicationGroups[0]).toMatchObject({
    Status: 'available',
    Members: [{ AutomaticFailover: 'disabled' }, { AutomaticFailover: 'disabled' }],
  });
  await modify(rehearsal, { PrimaryClusterId: 'chatops-redis-003' });
  await rehearsal.pass(60);
  expect(rehearsal.estate.truth().cachePrimaryZone).toBe('use1-az4');
});

test.for([
  [
    'a member has Multi-AZ, which needs automatic failover',
    { AutomaticFailoverEnabled: false },
    'InvalidParameterValueException',
  ],
  [
    'it is to wait for a maintenance window',
    { AutomaticFailoverEnabled: true, ApplyImmediately: false },
    'InvalidParameterValueException',
  ],
  ['it is another datastore', { GlobalReplicationGroupId: 'another' }, 'GlobalReplicationGroupNotFoundFault'],
] as const)('a datastore is not modified where %s', async ([, change, name]) => {
  const rehearsal = await rehearse(1, 0);
  expect(await modifyGlobal(rehearsal, change)).toMatchObject({ name });
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('one modification of a datastore at a time, and a promotion of another region at any time', async () => {
  const rehearsal = await rehearse();
  expect(await modifyGlobal(rehearsal, { AutomaticFailoverEnabled: true })).toBeNull();
  expect(await modifyGlobal(rehearsal, { AutomaticFailoverEnabled: true })).toMatchObject({
    name: 'InvalidGlobalReplicationGroupStateFault',
  });
  const takeOver = {
    GlobalReplicationGroupId: datastore,
    PrimaryRegion: standby,
    PrimaryReplicationGroupId: member,
  };
  expect(await refusalOf(rehearsal, 'FailoverGlobalReplicationGroup', takeOver, there)).toBeNull();
  expect(await refusalOf(rehearsal, 'FailoverGlobalReplicationGroup', takeOver, there)).toMatchObject({
    name: 'InvalidGlobalReplicationGroupStateFault',
  });
  await rehearsal.pass(90);
  expect(rehearsal.estate.truth().cacheRegion).toBe(standby);
});

const clusterMode = { id: 'mode', kind: 'cache-cluster-mode', shards: 3 } as const;
const cannotEnd = 'Turning off automatic failover for replication group with cluster mode enabled is not supported.';

test('in cluster mode each shard has a primary in a zone of its own, and ElastiCache tells nobody which', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  rehearsal.estate.inject(clusterMode);
  const seen = await cacheOf(rehearsal);
  expect(seen).toMatchObject({ ClusterEnabled: true, ConfigurationEndpoint: { Port: 6379 } });
  expect(seen.NodeGroups.map(({ NodeGroupId, Slots }: Record<string, string>) => [NodeGroupId, Slots])).toEqual([
    ['0001', '0-5460'],
    ['0002', '5461-10921'],
    ['0003', '10922-16383'],
  ]);
  const nodes = seen.NodeGroups.flatMap((shard: { NodeGroupMembers: object[] }) => shard.NodeGroupMembers);
  expect(nodes).toHaveLength(9);
  for (const node of nodes) expect(node).not.toHaveProperty('CurrentRole');
  expect(seen.NodeGroups[0]).not.toHaveProperty('PrimaryEndpoint');
  expect(rehearsal.estate.truth().served).toBe(true);
});

test('in cluster mode ElastiCache moves the primary of the dead zone’s shard alone', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  rehearsal.estate.inject(clusterMode);
  rehearsal.estate.inject({ id: 'power', kind: 'zone-power', zone: 'use1-az1' });
  await rehearsal.pass(300);
  const told = rehearsal.messages.map(({ body }) => JSON.parse(body) as Record<string, string>);
  const moved = told.filter((message) => 'ElastiCache:FailoverComplete' in message);
  expect(moved.map((message) => message['Cache Cluster ID'])).toEqual(['chatops-redis-0001-002']);
});

test.for([
  ['automatic failover off', { AutomaticFailoverEnabled: false }, cannotEnd],
  ['both off', off, cannotEnd],
  ['Multi-AZ off', { MultiAZEnabled: false }, 'cluster mode is enabled'],
  ['another primary', { PrimaryClusterId: 'chatops-redis-0001-002' }, 'cluster mode is enabled'],
] as const)('a group in cluster mode refuses %s', async ([, change, message]) => {
  const rehearsal = await rehearse(1, 0, alone);
  rehearsal.estate.inject(clusterMode);
  const input = { ReplicationGroupId: group, ApplyImmediately: true, ...change };
  expect(await refusalOf(rehearsal, 'ModifyReplicationGroup', input)).toEqual({
    name: 'InvalidParameterCombinationException',
    message: expect.stringContaining(message),
    status: 400,
  });
});

test.for(['creating', 'modifying', 'deleting', 'create-failed', 'snapshotting'] as const)(
  'a group that is %s refuses a modification until it is available again',
  async (status) => {
    const rehearsal = await rehearse(1, 0, alone);
    rehearsal.estate.inject({ id: 'status', kind: 'cache-status', status, forSeconds: 600 });
    expect((await cacheOf(rehearsal)).Status).toBe(status);
    const input = { ReplicationGroupId: group, ApplyImmediately: true, ...off };
    expect(await refusalOf(rehearsal, 'ModifyReplicationGroup', input)).toEqual({
      name: 'InvalidReplicationGroupStateFault',
      message: 'Replication group must be in available state to modify.',
      status: 400,
    });
    expect(rehearsal.estate.truth().served).toBe(['modifying', 'snapshotting'].includes(status));
    await rehearsal.pass(600);
    expect(await refusalOf(rehearsal, 'ModifyReplicationGroup', input)).toBeNull();
  },
);

const testOf = (NodeGroupId = '0001') => ({ ReplicationGroupId: group, NodeGroupId });

test('a tested failover promotes a replica while the group is shown as available, and replaces the node', async () => {
  const rehearsal = await rehearse();
  expect(await refusalOf(rehearsal, 'TestFailover', testOf())).toBeNull();
  expect((await cacheOf(rehearsal)).Status).toBe('available');
  await rehearsal.pass(40);
  expect(rehearsal.estate.truth().cachePrimaryZone).toBe('use1-az2');
  expect(rehearsal.estate.mutations()).toMatchObject([{ operation: 'TestFailover', scope: { zone: 'use1-az1' } }]);
});

test.for([
  [
    'in a large event',
    [{ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' }],
    '0001',
    'TestFailoverNotAvailableFault',
  ],
  ['of a shard that is not there', [], '0002', 'NodeGroupNotFoundFault'],
  [
    'while the group is changing',
    [{ id: 's', kind: 'cache-status', status: 'snapshotting' }],
    '0001',
    'InvalidReplicationGroupStateFault',
  ],
  [
    'while a node is being replaced',
    [{ id: 'n', kind: 'cache-node-loss', zone: 'use1-az2' }],
    '0001',
    'InvalidReplicationGroupStateFault',
  ],
] as const)('ElastiCache tests no failover %s', async ([, faults, shard, name]) => {
  const rehearsal = await rehearse();
  for (const fault of faults) rehearsal.estate.inject(fault);
  expect(await refusalOf(rehearsal, 'TestFailover', testOf(shard))).toMatchObject({ name });
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('ElastiCache tests 15 failovers in any 24 hours, and no more', async () => {
  const rehearsal = await rehearse();
  const outcomes: (string | null)[] = [];
  for (let round = 0; round < 16; round += 1) {
    outcomes.push((await refusalOf(rehearsal, 'TestFailover', testOf()))?.name ?? null);
    await rehearsal.pass(900);
  }
  expect(outcomes).toEqual([...Array(15).fill(null), 'APICallRateForCustomerExceededFault']);
  await rehearsal.pass(86_400 - 15 * 900);
  expect(await refusalOf(rehearsal, 'TestFailover', testOf())).toBeNull();
});

test('a group without Multi-AZ has no failover to test', async () => {
  const rehearsal = await rehearse(1, 600, alone);
  await modify(rehearsal, off);
  await rehearsal.pass(80);
  expect(await refusalOf(rehearsal, 'TestFailover', testOf())).toMatchObject({
    name: 'InvalidReplicationGroupStateFault',
  });
});

test.for([
  ['a status that ElastiCache does not have', { kind: 'cache-status', status: 'rebooting' }, false],
  ['one that it has', { kind: 'cache-status', status: 'snapshotting', forSeconds: 600 }, true],
  ['a status that RDS does not have', { kind: 'database-status', status: 'snapshotting' }, false],
  ['no shards', { kind: 'cache-cluster-mode', shards: 0 }, false],
] as const)('a scenario with %s is read: %s', ([, fault, valid]) => {
  expect(faultSchema.safeParse({ id: 'a', ...fault }).success).toBe(valid);
});

test('a cache that is slow by itself says so where its primary stands, and users are served', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'swap', kind: 'cache-slow', forSeconds: 600 });
  await rehearsal.pass(300);
  const zones = alarmsTo(rehearsal, 'ALARM').filter((name) => name.startsWith('chatops-cache-latency-use1'));
  expect(zones).toEqual(['chatops-cache-latency-use1-az1']);
  expect(rehearsal.estate.truth().served).toBe(true);
});
