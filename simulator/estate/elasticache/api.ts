// ElastiCache: looks at replication groups, makes and modifies them, makes and exports snapshots, and fails a global datastore over to
// another region.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { zoneName } from '../faults/faults.ts';
import { cacheEndpoint, clusterEndpoint } from '../ssm-parameters/parameters.ts';
import type { Call } from '../types.ts';
import { type Cache, type CacheGroup, cacheStatuses, type GlobalDatastore, shardsOf } from './cache.ts';
import type { Snapshot } from './snapshots.ts';

const maybeNamed = z.looseObject({ ReplicationGroupId: z.string().optional() });
const events = z.looseObject({
  StartTime: z.date().optional(),
  EndTime: z.date().optional(),
  Duration: z.number().optional(),
});
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

const create = z.looseObject({
  ReplicationGroupId: z.string(),
  ReplicationGroupDescription: z.string(),
  CacheNodeType: z.string(),
  NumNodeGroups: z.int().positive().default(1),
  ReplicasPerNodeGroup: z.int().nonnegative().default(0),
  ClusterMode: z.enum(['enabled', 'disabled', 'compatible']).default('disabled'),
  AutomaticFailoverEnabled: z.boolean().default(false),
  MultiAZEnabled: z.boolean().default(false),
  SnapshotArns: z.array(z.string()).default([]),
  SnapshotName: z.string().optional(),
  AtRestEncryptionEnabled: z.boolean().default(false),
  KmsKeyId: z.string().optional(),
  TransitEncryptionEnabled: z.boolean().default(false),
  TransitEncryptionMode: z.enum(['required', 'preferred']).default('required'),
  AuthToken: z.string().optional(),
  UserGroupIds: z.array(z.string()).default([]),
  SnapshotRetentionLimit: z.int().nonnegative().default(0),
});
const createSnapshot = z
  .looseObject({
    SnapshotName: z.string(),
    ReplicationGroupId: z.string().optional(),
    CacheClusterId: z.string().optional(),
  })
  .refine((one) => (one.ReplicationGroupId === undefined) !== (one.CacheClusterId === undefined), 'of one of the two');
const copy = z.looseObject({
  SourceSnapshotName: z.string(),
  TargetSnapshotName: z.string(),
  TargetBucket: z.string(),
});

const namedSnapshot = z.looseObject({ SnapshotName: z.string() });

export const elasticache: Answers = {
  DescribeReplicationGroups(call, parts) {
    const id = read(maybeNamed, call).ReplicationGroupId;
    const all = parts.caches.flatMap((cache) => cache.groups(call.region).map((group) => ({ cache, group })));
    const groups = (id === undefined ? all : [find(id, call, parts)]).map((found) => shown(found, parts));
    return { ReplicationGroups: id === undefined ? [...groups, neighbour(parts)] : groups };
  },
  DescribeEvents(call, parts) {
    const { StartTime, EndTime, Duration = 60 } = read(events, call);
    const now = parts.world.now();
    const from = StartTime?.getTime() ?? now - Duration * 60_000;
    const until = EndTime?.getTime() ?? now;
    if (from > until) throw refusal('InvalidParameterCombination', 'StartTime must be before EndTime');
    const told = parts.caches
      .flatMap((cache) => cache.events())
      .filter(({ region, at }) => region === call.region && at >= from && at <= until)
      .toSorted((a, b) => a.at - b.at);
    return {
      Events: told.map(({ at, source, type, message }) => ({
        ...{ SourceIdentifier: source, SourceType: type, Message: message, Date: new Date(at) },
      })),
    };
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
  CreateReplicationGroup(call, parts) {
    const asked = read(create, call);
    const made = createAsked(asked, call, parts);
    noteMutation(call, parts, asked.ReplicationGroupId, null);
    return { ReplicationGroup: shown(made, parts) };
  },
  // What a group is made with: the names of the plan stand, and each type is offered.
  DescribeReservedCacheNodesOfferings: () => ({
    ReservedCacheNodesOfferings: [{ ReservedCacheNodesOfferingId: 'offering', ProductDescription: 'redis' }],
  }),
  DescribeCacheClusters: () => ({ CacheClusters: [] }),
  DescribeCacheSubnetGroups: () => ({ CacheSubnetGroups: [{}] }),
  DescribeCacheParameterGroups: () => ({ CacheParameterGroups: [{}] }),
  DescribeUserGroups: () => ({ UserGroups: [{ Status: 'active' }] }),
  // A snapshot and its export change nothing of the cache, nor of anything else that users see: no mutation is noted.
  DescribeSnapshots(call, parts) {
    const { SnapshotName } = read(namedSnapshot, call);
    return { Snapshots: [shownSnapshot(parts.snapshots.find(call.region, SnapshotName), parts)] };
  },
  CreateSnapshot(call, parts) {
    const { SnapshotName, ReplicationGroupId: id, CacheClusterId: node } = read(createSnapshot, call);
    const { cache, group } = id === undefined ? findNode(node ?? '', call, parts) : find(id, call, parts);
    const available = cache.status(group) === 'available';
    const made = parts.snapshots.create(group, available, SnapshotName.toLowerCase(), node ?? null);
    return { Snapshot: shownSnapshot(made, parts) };
  },
  CopySnapshot(call, parts) {
    const { SourceSnapshotName: source, TargetSnapshotName: target, TargetBucket: bucket } = read(copy, call);
    return {
      Snapshot: shownSnapshot(parts.snapshots.export(call.region, source, target.toLowerCase(), bucket), parts),
    };
  },
  DeleteSnapshot(call, parts) {
    const { SnapshotName } = read(namedSnapshot, call);
    return { Snapshot: shownSnapshot(parts.snapshots.delete(call.region, SnapshotName), parts) };
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

function findNode(id: string, call: Call, { caches }: Parts): Found {
  for (const cache of caches)
    for (const group of cache.groups(call.region))
      if (group.nodes.some((node) => node.id === id)) return { cache, group };
  throw refusal('CacheClusterNotFoundFault', `CacheCluster not found: ${id}`, 404);
}

/** Nodes that an account may have in a region [AWS, ElastiCache quotas: nodes per Region]. */
const mostNodes = 300;

/** @throws what ElastiCache says no with. */
function createAsked(asked: z.infer<typeof create>, call: Call, parts: Parts): Found {
  const { caches } = parts;
  const { region } = call;
  const id = asked.ReplicationGroupId.toLowerCase();
  const { NumNodeGroups: shards, ReplicasPerNodeGroup: replicas, ClusterMode: mode } = asked;
  const value = (message: string) => refusal('InvalidParameterValueException', message);
  const combination = (message: string) => refusal('InvalidParameterCombinationException', message);
  if (!/^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw value(`${id} is not a valid ReplicationGroupId`);
  if (caches.some((cache) => cache.group(id, region) !== null))
    throw refusal('ReplicationGroupAlreadyExistsFault', `Replication group ${id} already exists.`);
  const nodes = caches.flatMap((cache) => cache.groups(region)).flatMap((group) => group.nodes).length;
  if (nodes + shards * (replicas + 1) > mostNodes)
    throw refusal(
      'NodeQuotaForCustomerExceededFault',
      'The request cannot be processed: it would exceed the quota of nodes.',
    );
  if (mode === 'disabled' && shards > 1) throw combination('Cluster mode is disabled: there is one node group.');
  if (mode === 'enabled' && !asked.AutomaticFailoverEnabled)
    throw combination('Automatic failover must be enabled where cluster mode is.');
  if (asked.AutomaticFailoverEnabled && replicas === 0)
    throw combination('Automatic failover needs at least one replica.');
  if (asked.MultiAZEnabled && !asked.AutomaticFailoverEnabled) throw combination('Multi-AZ needs automatic failover.');
  if (!asked.TransitEncryptionEnabled && (asked.AuthToken !== undefined || asked.UserGroupIds.length > 0))
    throw combination('Access control needs encryption in transit.');
  if (asked.AuthToken !== undefined && asked.UserGroupIds.length > 0)
    throw combination('An AUTH token and user groups exclude each other.');
  expectSeed(asked, call, parts);
  const cache = caches.find((one) => one.makes(id, region));
  if (cache === undefined) throw new Error(`the estate has no cache of the plan that makes ${id} in ${region}`);
  const group = cache.create(
    {
      id,
      region,
      made: {
        nodeType: asked.CacheNodeType,
        encryptedAtRest: asked.AtRestEncryptionEnabled,
        kmsKey: asked.KmsKeyId,
        transitEncryption: asked.TransitEncryptionEnabled ? asked.TransitEncryptionMode : 'off',
        snapshotRetentionDays: asked.SnapshotRetentionLimit,
      },
      clusterMode: mode === 'enabled',
      shards,
      replicas,
      automaticFailover: asked.AutomaticFailoverEnabled,
      multiAz: asked.MultiAZEnabled,
      seeded: asked.SnapshotArns.length > 0 || asked.SnapshotName !== undefined,
    },
    call.caller,
  );
  return { cache, group };
}

/** What a group is made from must be there, in its region, and fit. */
function expectSeed(asked: z.infer<typeof create>, { region }: Call, { objects, snapshots }: Parts): void {
  const value = (message: string) => refusal('InvalidParameterValueException', message);
  const { SnapshotArns: arns, SnapshotName: name, NumNodeGroups: shards, ClusterMode: mode } = asked;
  for (const arn of arns) {
    const [, bucket = '', key = ''] = /^arn:aws[a-z-]*:s3:::([^/]+)\/(.+)$/.exec(arn) ?? [];
    if (key === '' || key.includes(',')) throw value(`${arn} is not a valid S3 ARN of a snapshot`);
    if (!objects.exists(region, bucket)) throw value(`The S3 bucket ${bucket} is outside of the region.`);
    if (objects.get(region, bucket, key) === null) throw value(`The S3 object ${key} does not exist in ${bucket}.`);
  }
  if (mode === 'disabled' && arns.length > 1)
    throw refusal('InvalidParameterCombinationException', 'Cluster mode is disabled: there is one snapshot to read.');
  if (name === undefined) return;
  const found = snapshots.find(region, name);
  if (found.shards !== shards)
    throw value(`Snapshot ${name} has ${found.shards} node groups, NumNodeGroups is ${shards}`);
}

function shownSnapshot(snapshot: Snapshot, { world }: Parts): Record<string, unknown> {
  const { name, region, of, group, shards, status, at } = snapshot;
  return {
    SnapshotName: name,
    ARN: `arn:aws:elasticache:${region}:${world.account}:snapshot:${name}`,
    ReplicationGroupId: group,
    CacheClusterId: of === group ? undefined : of,
    SnapshotStatus: status,
    SnapshotSource: 'manual',
    NumNodeGroups: shards,
    NodeSnapshots: Array.from({ length: shards }, (_, index) => ({
      NodeGroupId: String(index + 1).padStart(4, '0'),
      SnapshotCreateTime: new Date(at),
    })),
  };
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
    ...madeAs(group),
    ConfigurationEndpoint: clusterMode ? { Address: clusterEndpoint(id), Port: 6379 } : undefined,
    MemberClusters: group.nodes.map((node) => node.id),
    PendingModifiedValues: {},
    NodeGroups: shardsOf(group).map((shard, index, all) => nodeGroup(found, shard, slots(index, all.length), parts)),
  };
}

function madeAs({ made }: CacheGroup): Record<string, unknown> {
  const { at, nodeType, encryptedAtRest, kmsKey, transitEncryption, snapshotRetentionDays } = made;
  return {
    ReplicationGroupCreateTime: new Date(at),
    CacheNodeType: nodeType,
    AtRestEncryptionEnabled: encryptedAtRest,
    KmsKeyId: kmsKey,
    TransitEncryptionEnabled: transitEncryption !== 'off',
    TransitEncryptionMode: transitEncryption === 'off' ? undefined : transitEncryption,
    SnapshotRetentionLimit: snapshotRetentionDays,
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
