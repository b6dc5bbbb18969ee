// A cache leaves a zone, and gets its own failover back, against a mocked ElastiCache that does what it is told.
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { beforeEach, expect, test } from 'vitest';
import { handler as leaveZone } from '../../../../functions/kinds/elasticache/leave-zone.ts';
import { handler as tidyUp } from '../../../../functions/kinds/elasticache/tidy-up.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf, incident, openIncident, running, type Setting, setting } from '../../setting.ts';

const asset = 'cache';
const elastiCache = mocked(ElastiCacheClient);
let group: { primary: string; failover: 'enabled' | 'disabled'; multiAz: 'enabled' | 'disabled'; status: string };

const zones: Record<string, string> = { 'redis-1': 'us-east-1a', 'redis-2': 'us-east-1b', 'redis-3': 'us-east-1c' };

function shown(): ReplicationGroup {
  const NodeGroupMembers = Object.entries(zones).map(([id, zone]) => ({
    CacheClusterId: id,
    PreferredAvailabilityZone: zone,
    CurrentRole: id === group.primary ? 'primary' : 'replica',
  }));
  const { status: Status, failover: AutomaticFailover, multiAz: MultiAZ } = group;
  return { Status, AutomaticFailover, MultiAZ, ClusterEnabled: false, NodeGroups: [{ NodeGroupMembers }] };
}

beforeEach(() => {
  elastiCache.reset();
  group = { primary: 'redis-1', failover: 'enabled', multiAz: 'enabled', status: 'available' };
  elastiCache.on(DescribeReplicationGroupsCommand).callsFake(() => ({ ReplicationGroups: [shown()] }));
  elastiCache.on(ModifyReplicationGroupCommand).callsFake((change) => {
    if (change.AutomaticFailoverEnabled !== undefined)
      group.failover = change.AutomaticFailoverEnabled ? 'enabled' : 'disabled';
    if (change.MultiAZEnabled !== undefined) group.multiAz = change.MultiAZEnabled ? 'enabled' : 'disabled';
    group.primary = change.PrimaryClusterId ?? group.primary;
    return {};
  });
});

const changes = () => elastiCache.commandCalls(ModifyReplicationGroupCommand).map((call) => call.args[0].input);

/** One call later: of what leaves the zone, and once it has, of what tidies up after it. */
async function turn(shell: Setting, seconds: number, change: Partial<typeof incident> = {}): Promise<string> {
  shell.at += seconds * 1000;
  const given = { incident: { ...incident, ...change }, asset };
  const leftAndTidied = leaveZone
    .on(shell)(given)
    .then(() => tidyUp.on(shell)(given));
  return (await failureOf(leftAndTidied)).name;
}

test('ElastiCache has its time first; then the primary moves in three modifications, one in each call', async () => {
  const shell = await running(incident);
  expect(await turn(shell, 55)).toBe('InProgress');
  expect(changes()).toEqual([]);
  for (const made of [1, 2, 3]) {
    expect(await turn(shell, 5)).toBe('InProgress');
    expect(changes()).toHaveLength(made);
  }
  expect(changes()).toEqual([
    {
      ReplicationGroupId: 'chatops-redis',
      AutomaticFailoverEnabled: false,
      MultiAZEnabled: false,
      ApplyImmediately: true,
    },
    { ReplicationGroupId: 'chatops-redis', PrimaryClusterId: 'redis-2', ApplyImmediately: true },
    {
      ReplicationGroupId: 'chatops-redis',
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      ApplyImmediately: true,
    },
  ]);
  const reached = await tidyUp.on(shell)({ incident, asset });
  expect(reached).toEqual({ cache: 'chatops-redis', moved: true, zone: 'use1-az2' });
  const audited = (await shell.store.readAudit(incident.id)).map(({ step }) => step);
  expect(audited).toEqual(Array(3).fill('leave-zone/cache'));
});

test.for([
  [
    'a member of a global datastore',
    { GlobalReplicationGroupInfo: { GlobalReplicationGroupId: 'ldgnf-chatops' } },
    'use1-az1',
    /ldgnf-chatops/,
  ],
  ['in cluster mode', { ClusterEnabled: true, NodeGroups: [] }, null, /cluster mode/],
] as const)('a cache %s stays where ElastiCache leaves it, and says why', async ([, change, zone, why]) => {
  elastiCache
    .on(DescribeReplicationGroupsCommand)
    .callsFake(() => ({ ReplicationGroups: [{ ...shown(), ...change }] }));
  const shell = await running(incident);
  expect(await turn(shell, 55)).toBe('InProgress');
  shell.at += 5_000;
  const stays = { cache: 'chatops-redis', moved: false, zone };
  const reached = await leaveZone.on(shell)({ incident, asset });
  expect(reached).toEqual({ ...stays, stays: expect.stringMatching(why) });
  expect(await tidyUp.on(shell)({ incident, asset })).toMatchObject(stays);
  const dryRun = await leaveZone.on(shell)({ incident: { ...incident, dryRun: true }, asset });
  expect(dryRun).toMatchObject({ wouldDo: expect.stringMatching(/^wait for ElastiCache/) });
  expect(changes()).toEqual([]);
});

test('a cache that did not leave gets back what moving it took, and is not moved any more', async () => {
  const shell = await running(incident);
  expect(await turn(shell, 60)).toBe('InProgress');
  expect(group).toMatchObject({ primary: 'redis-1', failover: 'disabled', multiAz: 'disabled' });
  shell.at += 60_000;
  expect((await failureOf(tidyUp.on(shell)({ incident, asset }))).name).toBe('InProgress');
  expect(group).toMatchObject({ primary: 'redis-1', failover: 'enabled', multiAz: 'enabled' });
  expect(await tidyUp.on(shell)({ incident, asset })).toMatchObject({ moved: false, zone: 'use1-az1' });
});

test('a cache is not taken out of a zone that is well again, whatever was begun', async () => {
  const shell = await running(incident);
  expect(await turn(shell, 60)).toBe('InProgress');
  await shell.store.writeIncident({ ...openIncident, closedAt: shell.at });
  shell.at += 60_000;
  const reached = await leaveZone.on(shell)({ incident, asset });
  expect(reached).toEqual({ moved: false, stays: 'use1-az1 is well again' });
  expect(changes()).toHaveLength(1);
});

test('a primary that ElastiCache moved is left alone', async () => {
  group.primary = 'redis-3';
  const reached = await tidyUp.on(await running(incident))({ incident, asset });
  expect(reached).toEqual({ cache: 'chatops-redis', moved: false, zone: 'use1-az4' });
  expect(changes()).toEqual([]);
});

test('what a crashed execution switched off, the next one of the incident switches on again', async () => {
  const shell = await running(incident);
  group.multiAz = 'disabled'; // automatic failover without Multi-AZ: it must come back as it was
  await turn(shell, 60);
  await shell.store.releaseLock('us-east-1', incident.execution);
  const lock = { target: 'us-east-1', incident: incident.id, action: 'az-failover', at: shell.at } as const;
  await shell.store.takeLock({ ...lock, execution: 'the-second-one' });
  group.primary = 'redis-3'; // a person promoted a replica by hand and forgot the rest
  expect(await turn(shell, 600, { execution: 'the-second-one' })).toBe('InProgress');
  expect(changes().at(-1)).toMatchObject({ AutomaticFailoverEnabled: true, MultiAZEnabled: false });
  const reached = await tidyUp.on(shell)({ incident: { ...incident, execution: 'the-second-one' }, asset });
  expect(reached).toMatchObject({ zone: 'use1-az4' });
});

test('a crash between remembering and calling is repaired by calling again', async () => {
  const shell = await running(incident);
  elastiCache
    .on(ModifyReplicationGroupCommand)
    .rejects(Object.assign(new Error('gone'), { name: 'TimeoutError', $metadata: {} }));
  expect(await turn(shell, 60)).toBe('Unavailable');
  expect(await turn(shell, 5)).toBe('InProgress');
  expect(changes()).toHaveLength(1);
  expect(await turn(shell, 60)).toBe('Unavailable');
  expect(changes()).toHaveLength(2);
});

test('a group that is changing refuses a modification, and that is no failure', async () => {
  elastiCache.on(ModifyReplicationGroupCommand).rejects(
    Object.assign(new Error('busy'), {
      name: 'InvalidReplicationGroupStateFault',
      $metadata: { httpStatusCode: 400 },
    }),
  );
  expect(await turn(await running(incident), 60)).toBe('InProgress');
});

test('the region that serves users must have its cache, the other one may stand without', async () => {
  elastiCache
    .on(DescribeReplicationGroupsCommand)
    .rejects(
      Object.assign(new Error('none'), { name: 'ReplicationGroupNotFoundFault', $metadata: { httpStatusCode: 404 } }),
    );
  expect(await turn(await running(incident), 0)).toBe('CannotProceed');
  const standby = { ...incident, region: 'us-west-2', zone: 'usw2-az1' };
  const reached = await leaveZone.on(setting({ region: 'us-west-2' }))({ incident: standby, asset });
  expect(reached).toEqual({ cache: 'chatops-redis-dr', moved: false, zone: null });
});

test.for([
  ['redis-1', 'promote redis-2 of chatops-redis, unless ElastiCache does first'],
  ['redis-3', 'nothing: the primary of chatops-redis is not in use1-az1'],
] as const)('a dry run with the primary %s says: %s', async ([primary, wouldDo]) => {
  group.primary = primary;
  const shell = await running(incident);
  shell.at += 600_000;
  expect(await tidyUp.on(shell)({ incident: { ...incident, dryRun: true }, asset })).toMatchObject({
    dryRun: true,
    wouldDo,
  });
  expect(changes()).toEqual([]);
});

test('for users the move is over when the primary stands elsewhere; automatic failover comes back afterwards', async () => {
  const shell = setting();
  shell.at += 60_000;
  group = { ...group, primary: 'redis-2', failover: 'disabled', multiAz: 'disabled' };
  expect(await leaveZone.on(shell)({ incident, asset })).toMatchObject({ zone: 'use1-az2' });
  expect(changes()).toEqual([]);
});
