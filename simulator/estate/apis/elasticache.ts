// ElastiCache: looks at replication groups and modifies them.
import * as z from 'zod';
import { refusal } from '../aws-error.ts';
import type { CacheGroup } from '../cache.ts';
import { zoneName } from '../faults.ts';
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
};

function find(id: string, call: Call, parts: Parts): CacheGroup {
  const group = parts.cache.group(id, call.region);
  if (group === null) throw refusal('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
  return group;
}

function shown(group: CacheGroup, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const endpoint = (name: string) => ({ Address: `${name}.a1b2c3.cache.amazonaws.com`, Port: 6379 });
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
        PrimaryEndpoint: endpoint(`master.${group.id}`),
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
