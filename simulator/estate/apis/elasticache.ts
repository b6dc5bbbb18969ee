// ElastiCache: looks at replication groups and modifies them, and fails a global datastore over to another region.
import * as z from 'zod';
import { refusal } from '../aws-error.ts';
import type { CacheGroup, GlobalDatastore } from '../cache.ts';
import { zoneName } from '../faults.ts';
import { cacheEndpoint } from '../parameters.ts';
import type { Call } from '../types.ts';
import { type Answers, noteMutation, type Parts, read } from './answer.ts';

const maybeNamed = z.looseObject({ ReplicationGroupId: z.string().optional() });
const modify = z.looseObject({
  ReplicationGroupId: z.string(),
  ApplyImmediately: z.boolean().optional(),
  AutomaticFailoverEnabled: z.boolean().optional(),
  MultiAZEnabled: z.boolean().optional(),
  PrimaryClusterId: z.string().optional(),
});

const maybeGlobal = z.looseObject({ GlobalReplicationGroupId: z.string().optional() });
const failover = z.looseObject({
  GlobalReplicationGroupId: z.string(),
  PrimaryRegion: z.string(),
  PrimaryReplicationGroupId: z.string(),
});

export const elasticache: Answers = {
  DescribeReplicationGroups(call, parts) {
    const id = read(maybeNamed, call).ReplicationGroupId;
    const found = id === undefined ? parts.cache.groups(call.region) : [find(id, call, parts)];
    return { ReplicationGroups: found.map((group) => shown(group, parts)) };
  },
  ModifyReplicationGroup(call, parts) {
    const asked = read(modify, call);
    const group = find(asked.ReplicationGroupId, call, parts);
    // Without ApplyImmediately a change waits for the maintenance window, which never comes here.
    if (asked.ApplyImmediately === true) {
      const zone = parts.cache.primaryZone(group);
      const { AutomaticFailoverEnabled: automaticFailover, MultiAZEnabled: multiAz, PrimaryClusterId: primary } = asked;
      parts.cache.modify(group, { automaticFailover, multiAz, primary }, call.caller);
      noteMutation(call, parts, group.id, zone);
    }
    return { ReplicationGroup: shown(group, parts) };
  },
  DescribeGlobalReplicationGroups(call, parts) {
    const id = read(maybeGlobal, call).GlobalReplicationGroupId;
    const { datastore } = parts.cache;
    const found = id === undefined ? (datastore === null ? [] : [datastore]) : [findGlobal(id, parts)];
    return { GlobalReplicationGroups: found.map((global) => shownGlobal(global, parts)) };
  },
  FailoverGlobalReplicationGroup(call, parts) {
    const asked = read(failover, call);
    const global = findGlobal(asked.GlobalReplicationGroupId, parts);
    const member = global.members.find(
      ({ id, region }) => id === asked.PrimaryReplicationGroupId && region === asked.PrimaryRegion,
    );
    if (member === undefined || member.region === global.primaryRegion) {
      const why = `${asked.PrimaryReplicationGroupId} in ${asked.PrimaryRegion} is no secondary of ${global.id}`;
      throw refusal('InvalidParameterValueException', why);
    }
    parts.cache.takeOver(global, member, call.caller);
    noteMutation(call, parts, global.id, null);
    return { GlobalReplicationGroup: shownGlobal(global, parts) };
  },
};

function findGlobal(id: string, { cache: { datastore } }: Parts): GlobalDatastore {
  if (datastore?.id === id) return datastore;
  throw refusal('GlobalReplicationGroupNotFoundFault', `GlobalReplicationGroup ${id} not found.`, 404);
}

function shownGlobal(global: GlobalDatastore, { world }: Parts): Record<string, unknown> {
  return {
    GlobalReplicationGroupId: global.id,
    ARN: `arn:aws:elasticache::${world.account}:globalreplicationgroup:${global.id}`,
    Status: global.status,
    Members: global.members.map(({ id, region, automaticFailover }) => ({
      ReplicationGroupId: id,
      ReplicationGroupRegion: region,
      Role: region === global.primaryRegion ? 'PRIMARY' : 'SECONDARY',
      AutomaticFailover: automaticFailover,
      Status: 'associated',
    })),
  };
}

function find(id: string, call: Call, parts: Parts): CacheGroup {
  const group = parts.cache.group(id, call.region);
  if (group === null) throw refusal('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
  return group;
}

function shown(group: CacheGroup, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const endpoint = (name: string) => ({ Address: `${name}.a1b2c3.cache.amazonaws.com`, Port: 6379 });
  const primary = { Address: cacheEndpoint(group.id), Port: 6379 };
  return {
    ReplicationGroupId: group.id,
    ARN: `arn:aws:elasticache:${group.region}:${account}:replicationgroup:${group.id}`,
    Description: `${plan.application} sessions`,
    Status: group.promoting ? 'modifying' : group.status,
    AutomaticFailover: group.automaticFailover,
    MultiAZ: group.multiAz,
    ClusterEnabled: false,
    MemberClusters: group.nodes.map((node) => node.id),
    PendingModifiedValues: {},
    NodeGroups: [
      {
        NodeGroupId: '0001',
        Status: group.promoting ? 'modifying' : 'available',
        PrimaryEndpoint: primary,
        ReaderEndpoint: endpoint(`replica.${group.id}`),
        NodeGroupMembers: group.nodes.map((node) => ({
          CacheClusterId: node.id,
          CacheNodeId: '0001',
          PreferredAvailabilityZone: zoneName(plan, node.zone),
          CurrentRole: node.primary ? 'primary' : 'replica',
          ReadEndpoint: endpoint(node.id),
        })),
      },
    ],
  };
}
