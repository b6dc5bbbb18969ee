// Looks at an ElastiCache replication group, switches its automatic failover, and promotes one of its nodes; looks at a global
// datastore, and makes the member of another region its primary.
import {
  DescribeGlobalReplicationGroupsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupMessage,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { limits, once, oneForEachRegion } from '../../../aws/calls/client.ts';
import { calling, faultName } from '../../../aws/calls/faults.ts';

const elastiCache = /* @__PURE__ */ oneForEachRegion((region) => new ElastiCacheClient({ region, ...limits }));
/** For what changes something. */
const elastiCacheOnce = /* @__PURE__ */ oneForEachRegion((region) => new ElastiCacheClient({ region, ...once }));

/** A node. `zoneName` is a name of this account (us-east-1a); null where ElastiCache says nothing. */
export type CacheNodeSeen = { readonly id: string; readonly zoneName: string | null; readonly primary: boolean };

/** A replication group as ElastiCache describes it. */
export type CacheSeen = {
  readonly status: string;
  /** With cluster mode no node has a role, and none can be promoted. */
  readonly clusterMode: boolean;
  /** The global datastore that the group is a member of: automatic failover is a setting of that one. Null for none. */
  readonly globalDatastore: string | null;
  readonly automaticFailover: 'enabled' | 'disabled' | 'enabling' | 'disabling' | 'unknown';
  readonly multiAz: boolean;
  /** Where applications write to it; null while it has no address. */
  readonly endpoint: string | null;
  /** When it was made, in milliseconds since 1970; null where ElastiCache says nothing. */
  readonly createdAt: number | null;
  readonly shards: number;
  /** What ElastiCache says of how it was made; null where it says nothing. */
  readonly nodeType: string | null;
  readonly encryptedAtRest: boolean | null;
  readonly kmsKey: string | null;
  readonly transitEncryption: 'required' | 'preferred' | 'off' | null;
  readonly snapshotRetentionDays: number | null;
  readonly nodes: readonly CacheNodeSeen[];
};

/** Describes a replication group; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeCache(region: string, group: string): Promise<CacheSeen | null> {
  const request = elastiCache(region).send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: group }));
  try {
    const found = (await calling(`describe cache ${group}`, request)).ReplicationGroups?.[0];
    if (found === undefined) return null;
    const members = (found.NodeGroups ?? []).flatMap((nodeGroup) => nodeGroup.NodeGroupMembers ?? []);
    return {
      status: found.Status ?? 'unknown',
      clusterMode: found.ClusterEnabled === true,
      globalDatastore: found.GlobalReplicationGroupInfo?.GlobalReplicationGroupId ?? null,
      automaticFailover: found.AutomaticFailover ?? 'unknown',
      multiAz: found.MultiAZ === 'enabled',
      endpoint: found.ConfigurationEndpoint?.Address ?? found.NodeGroups?.[0]?.PrimaryEndpoint?.Address ?? null,
      createdAt: found.ReplicationGroupCreateTime?.getTime() ?? null,
      shards: found.NodeGroups?.length ?? 0,
      nodeType: found.CacheNodeType ?? null,
      encryptedAtRest: found.AtRestEncryptionEnabled ?? null,
      kmsKey: found.KmsKeyId ?? null,
      transitEncryption: transitOf(found),
      snapshotRetentionDays: found.SnapshotRetentionLimit ?? null,
      nodes: members.map((node) => ({
        id: node.CacheClusterId ?? '',
        zoneName: node.PreferredAvailabilityZone ?? null,
        primary: node.CurrentRole === 'primary',
      })),
    };
  } catch (error) {
    if (/^ReplicationGroupNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

function transitOf({ TransitEncryptionEnabled: on, TransitEncryptionMode: mode }: ReplicationGroup) {
  if (on === undefined) return null;
  return on ? (mode ?? 'required') : 'off';
}

/** Switches automatic failover off, and Multi-AZ with it: neither allows choosing a primary. */
export function switchFailoverOff(region: string, group: string): Promise<boolean> {
  return modify(region, { ReplicationGroupId: group, AutomaticFailoverEnabled: false, MultiAZEnabled: false });
}

/** Switches automatic failover on again, and Multi-AZ where it was on before. */
export function switchFailoverOn(region: string, group: string, multiAz: boolean): Promise<boolean> {
  return modify(region, { ReplicationGroupId: group, AutomaticFailoverEnabled: true, MultiAZEnabled: multiAz });
}

/** Makes a node the primary; the other nodes become its replicas. */
export function promoteNode(region: string, group: string, node: string): Promise<boolean> {
  return modify(region, { ReplicationGroupId: group, PrimaryClusterId: node });
}

/** False where the group is changing already, so that the caller looks again. @throws Unavailable, CannotProceed. */
async function modify(region: string, change: ModifyReplicationGroupMessage): Promise<boolean> {
  const request = new ModifyReplicationGroupCommand({ ...change, ApplyImmediately: true });
  try {
    await calling(`modify cache ${change.ReplicationGroupId}`, elastiCacheOnce(region).send(request));
    return true;
  } catch (error) {
    if (/^(InvalidReplicationGroupState|InvalidCacheClusterState)(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}

/** A global datastore as the API of one region describes it. */
export type GlobalCacheSeen = {
  readonly status: string;
  readonly members: readonly {
    readonly group: string;
    readonly region: string;
    readonly primary: boolean;
    readonly status: string;
  }[];
};

/** Describes a global datastore; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeGlobalCache(region: string, datastore: string): Promise<GlobalCacheSeen | null> {
  const request = new DescribeGlobalReplicationGroupsCommand({
    GlobalReplicationGroupId: datastore,
    ShowMemberInfo: true,
  });
  try {
    const answer = await calling(`describe global datastore ${datastore}`, elastiCache(region).send(request));
    const found = answer.GlobalReplicationGroups?.[0];
    if (found === undefined) return null;
    return {
      status: found.Status ?? 'unknown',
      members: (found.Members ?? []).map((member) => ({
        group: member.ReplicationGroupId ?? '',
        region: member.ReplicationGroupRegion ?? '',
        primary: member.Role?.toUpperCase() === 'PRIMARY',
        status: member.Status ?? 'unknown',
      })),
    };
  } catch (error) {
    if (/^GlobalReplicationGroupNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

/**
 * Makes a region's member the primary, asked of the API of that region, because the other one may be dark. What was not
 * replicated to it is lost. False where the datastore is changing already. @throws Unavailable, CannotProceed.
 */
export async function failOverGlobalCache(region: string, datastore: string, group: string): Promise<boolean> {
  const request = new FailoverGlobalReplicationGroupCommand({
    GlobalReplicationGroupId: datastore,
    PrimaryRegion: region,
    PrimaryReplicationGroupId: group,
  });
  try {
    await calling(`fail global datastore ${datastore} over to ${region}`, elastiCacheOnce(region).send(request));
    return true;
  } catch (error) {
    if (/^InvalidGlobalReplicationGroupState(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}
