// ElastiCache: looks at replication groups and modifies them, and fails a global datastore over to another region.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';
import { zoneName } from '../faults.ts';
import { cacheEndpoint, clusterEndpoint } from '../ssm-parameters/parameters.ts';
import type { Call } from '../types.ts';
import { type Cache, type CacheGroup, cacheStatuses, type GlobalDatastore, shardsOf } from './cache.ts';

const maybeNamed = z.looseObject({ ReplicationGroupId: z.string().optional() });
const modify = z.looseObject({
  ReplicationGroupId: z.string(),
  ApplyImmediately: z.boolean().optional(),
  AutomaticFailoverEnabled: z.boolean().optional(),
  MultiAZEnabled: z.boolean().optional(),
  PrimaryClusterId: z.string().optional(),
  CacheNodeType: z.string().optional(),
  CacheParameterGroupName: z.string().optional(),
  Engine: z.string().optional(),
  EngineVersion: z.string().optional(),
});
/**
 * What ModifyGlobalReplicationGroup takes is the datastore's, and refused on a member [terraform-provider-aws 47644, 38557,
 * 22528, 27875; cloudformation-coverage-roadmap 1965].
 */
const ofDatastore = [
  'AutomaticFailoverEnabled',
  'CacheNodeType',
  'CacheParameterGroupName',
  'Engine',
  'EngineVersion',
] as const;
const modifyGlobal = z.looseObject({
  GlobalReplicationGroupId: z.string(),
  ApplyImmediately: z.boolean(),
  AutomaticFailoverEnabled: z.boolean().optional(),
});
const test = z.looseObject({ ReplicationGroupId: z.string(), NodeGroupId: z.string() });

const maybeGlobal = z.looseObject({ GlobalReplicationGroupId: z.string().optional() });
const failover = z.looseObject({
  GlobalReplicationGroupId: z.string(),
  PrimaryRegion: z.string(),
  PrimaryReplicationGroupId: z.string(),
});

export const elasticache: Answers = {
  DescribeReplicationGroups(call, parts) {
    const id = read(maybeNamed, call).ReplicationGroupId;
    const all = parts.caches.flatMap((cache) => cache.groups(call.region).map((group) => ({ cache, group })));
    const groups = (id === undefined ? all : [find(id, call, parts)]).map((found) => shown(found, parts));
    return { ReplicationGroups: id === undefined ? [...groups, neighbour(parts)] : groups };
  },
  ModifyReplicationGroup(call, parts) {
    const asked = read(modify, call);
    const found = find(asked.ReplicationGroupId, call, parts);
    const { cache, group } = found;
    const zone = cache.primaryZone(group);
    const { AutomaticFailoverEnabled: automaticFailover, MultiAZEnabled: multiAz, PrimaryClusterId: primary } = asked;
    const isGlobal = ofDatastore.some((name) => asked[name] !== undefined);
    const immediately = asked.ApplyImmediately === true;
    const change = { automaticFailover, multiAz, primary, ofDatastore: isGlobal, immediately };
    cache.modify(group, change, call.caller);
    if (immediately) noteMutation(call, parts, group.id, zone);
    return { ReplicationGroup: shown(found, parts) };
  },
  DescribeGlobalReplicationGroups(call, parts) {
    const id = read(maybeGlobal, call).GlobalReplicationGroupId;
    const all = parts.caches.flatMap(({ datastore }) => datastore ?? []);
    const found = id === undefined ? all : [findGlobal(id, parts).global];
    return { GlobalReplicationGroups: found.map((global) => shownGlobal(global, parts)) };
  },
  ModifyGlobalReplicationGroup(call, parts) {
    const asked = read(modifyGlobal, call);
    const { cache, global } = findGlobal(asked.GlobalReplicationGroupId, parts);
    const { AutomaticFailoverEnabled: automaticFailover } = asked;
    // "Modifications cannot be requested to be applied in PreferredMaintenanceWindow" [AWS, ModifyGlobalReplicationGroup].
    if (!asked.ApplyImmediately)
      throw refusal('InvalidParameterValueException', 'ApplyImmediately must be true for a global datastore');
    if (automaticFailover !== undefined) {
      cache.modifyDatastore(global, automaticFailover, call.caller);
      noteMutation(call, parts, global.id, null);
    }
    return { GlobalReplicationGroup: shownGlobal(global, parts) };
  },
  TestFailover(call, parts) {
    const asked = read(test, call);
    const found = find(asked.ReplicationGroupId, call, parts);
    const { cache, group } = found;
    const zone = cache.primaryZone(group);
    cache.testFailover(group, asked.NodeGroupId, call.caller);
    noteMutation(call, parts, group.id, zone);
    return { ReplicationGroup: shown(found, parts) };
  },
  FailoverGlobalReplicationGroup(call, parts) {
    const asked = read(failover, call);
    const { cache, global } = findGlobal(asked.GlobalReplicationGroupId, parts);
    const member = global.members.find(
      ({ id, region }) => id === asked.PrimaryReplicationGroupId && region === asked.PrimaryRegion,
    );
    if (member === undefined || member.region === global.primaryRegion) {
      const why = `${asked.PrimaryReplicationGroupId} in ${asked.PrimaryRegion} is no secondary of ${global.id}`;
      throw refusal('InvalidParameterValueException', why);
    }
    cache.takeOver(global, member, call.caller);
    noteMutation(call, parts, global.id, null);
    return { GlobalReplicationGroup: shownGlobal(global, parts) };
  },
};

function findGlobal(id: string, { caches }: Parts): { readonly cache: Cache; readonly global: GlobalDatastore } {
  for (const cache of caches) if (cache.datastore?.id === id) return { cache, global: cache.datastore };
  throw refusal('GlobalReplicationGroupNotFoundFault', `GlobalReplicationGroup ${id} not found.`, 404);
}

function shownGlobal(global: GlobalDatastore, { world }: Parts): Record<string, unknown> {
  return {
    GlobalReplicationGroupId: global.id,
    ARN: `arn:aws:elasticache::${world.account}:globalreplicationgroup:${global.id}`,
    Status: global.status,
    Members: global.members.map((member) => ({
      ReplicationGroupId: member.id,
      ReplicationGroupRegion: member.region,
      Role: roleIn(global, member),
      AutomaticFailover: member.automaticFailover,
      Status: 'associated',
    })),
  };
}

/** A group, and the cache that it is of. */
type Found = { readonly cache: Cache; readonly group: CacheGroup };

function find(id: string, call: Call, { caches }: Parts): Found {
  for (const cache of caches) {
    const group = cache.group(id, call.region);
    if (group !== null) return { cache, group };
  }
  throw refusal('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
}

function shown(found: Found, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const { cache, group } = found;
  const { id, region, clusterMode } = group;
  const global = cache.datastoreOf(group);
  return {
    ReplicationGroupId: id,
    ARN: `arn:aws:elasticache:${region}:${account}:replicationgroup:${id}`,
    Description: `${plan.application} sessions`,
    GlobalReplicationGroupInfo:
      global === null
        ? undefined
        : { GlobalReplicationGroupId: global.id, GlobalReplicationGroupMemberRole: roleIn(global, group) },
    Status: cache.status(group),
    AutomaticFailover: group.automaticFailover,
    MultiAZ: group.multiAz,
    ClusterEnabled: clusterMode,
    ClusterMode: clusterMode ? 'enabled' : 'disabled',
    ConfigurationEndpoint: clusterMode ? { Address: clusterEndpoint(id), Port: 6379 } : undefined,
    MemberClusters: group.nodes.map((node) => node.id),
    PendingModifiedValues: {},
    NodeGroups: shardsOf(group).map((shard, index, all) => nodeGroup(found, shard, slots(index, all.length), parts)),
  };
}

/** A group of another application in the same account, in any status. */
function neighbour({ world }: Parts): Record<string, unknown> {
  const Status = cacheStatuses[Math.floor(world.chances.calls() * cacheStatuses.length)];
  return { ReplicationGroupId: 'another-application', Status };
}

/** In cluster mode a node has no role and no address of its own that ElastiCache would tell [AWS, NodeGroupMember]. */
function nodeGroup({ cache, group }: Found, shard: string, Slots: string, parts: Parts): Record<string, unknown> {
  const { id, clusterMode } = group;
  const endpoint = (name: string) => ({ Address: `${name}.a1b2c3.cache.amazonaws.com`, Port: 6379 });
  return {
    NodeGroupId: shard,
    Status: cache.status(group) === 'available' ? 'available' : 'modifying',
    PrimaryEndpoint: clusterMode ? undefined : { Address: cacheEndpoint(id), Port: 6379 },
    ReaderEndpoint: clusterMode ? undefined : endpoint(`replica.${id}`),
    Slots: clusterMode ? Slots : undefined,
    NodeGroupMembers: group.nodes
      .filter((node) => node.shard === shard)
      .map((node) => ({
        CacheClusterId: node.id,
        CacheNodeId: '0001',
        PreferredAvailabilityZone: zoneName(parts.world.plan, node.zone),
        CurrentRole: clusterMode ? undefined : node.primary ? 'primary' : 'replica',
        ReadEndpoint: clusterMode ? undefined : endpoint(node.id),
      })),
  };
}

/** Redis has 16,384 slots. */
function slots(index: number, shards: number): string {
  const from = (part: number) => Math.floor((16_384 * part) / shards);
  return `${from(index)}-${from(index + 1) - 1}`;
}

function roleIn(global: GlobalDatastore, { region }: CacheGroup): 'PRIMARY' | 'SECONDARY' {
  return region === global.primaryRegion ? 'PRIMARY' : 'SECONDARY';
}
