// Makes a replication group, from an export or empty; makes snapshots of one, exports them to a bucket of their region, and lists the
// exports that are there.
import {
  CopySnapshotCommand,
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { limits, once, oneForEachRegion } from '../../../aws/calls/client.ts';
import { calling, callingEach, faultName } from '../../../aws/calls/faults.ts';

const elastiCache = /* @__PURE__ */ oneForEachRegion((region) => new ElastiCacheClient({ region, ...limits }));
/** For what changes something. */
const elastiCacheOnce = /* @__PURE__ */ oneForEachRegion((region) => new ElastiCacheClient({ region, ...once }));
const s3 = /* @__PURE__ */ oneForEachRegion((region) => new S3Client({ region, ...limits }));

/** What a new group is asked to be, in one call. */
export type NewGroup = {
  readonly name: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly clusterMode: boolean;
  readonly shards: number;
  readonly replicas: number;
  readonly multiAz: boolean;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  readonly port: number;
  readonly transitEncryption: 'required' | 'preferred' | 'off';
  readonly authToken: string | null;
  readonly userGroup: string | null;
  readonly encryptedAtRest: boolean;
  readonly kmsKey: string | null;
  readonly snapshotRetentionDays: number;
  readonly snapshotWindow: string;
  readonly maintenanceWindow: string;
  readonly minorUpgrades: boolean;
  readonly topicArn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The ARNs of the objects of an export; empty: the group starts empty. */
  readonly objects: readonly string[];
};

/** Asks for a new group. What the text of the token is, is in no message. @throws Unavailable, CannotProceed. */
export async function createGroup(region: string, group: NewGroup): Promise<void> {
  const encrypted = group.transitEncryption !== 'off';
  const request = new CreateReplicationGroupCommand({
    ReplicationGroupId: group.name,
    ReplicationGroupDescription: group.objects.length === 0 ? 'Started empty by Breakwater' : 'Restored by Breakwater',
    Engine: group.engine,
    EngineVersion: group.engineVersion,
    CacheNodeType: group.nodeType,
    ClusterMode: group.clusterMode ? 'enabled' : 'disabled',
    NumNodeGroups: group.shards,
    ReplicasPerNodeGroup: group.replicas,
    AutomaticFailoverEnabled: group.multiAz,
    MultiAZEnabled: group.multiAz,
    CacheSubnetGroupName: group.subnetGroup,
    SecurityGroupIds: [...group.securityGroups],
    CacheParameterGroupName: group.parameterGroup,
    Port: group.port,
    TransitEncryptionEnabled: encrypted,
    ...(group.transitEncryption === 'off' ? {} : { TransitEncryptionMode: group.transitEncryption }),
    ...(group.authToken === null ? {} : { AuthToken: group.authToken }),
    ...(group.userGroup === null ? {} : { UserGroupIds: [group.userGroup] }),
    AtRestEncryptionEnabled: group.encryptedAtRest,
    ...(group.kmsKey === null ? {} : { KmsKeyId: group.kmsKey }),
    SnapshotRetentionLimit: group.snapshotRetentionDays,
    SnapshotWindow: group.snapshotWindow,
    PreferredMaintenanceWindow: group.maintenanceWindow,
    AutoMinorVersionUpgrade: group.minorUpgrades,
    NotificationTopicArn: group.topicArn,
    Tags: Object.entries(group.tags).map(([Key, Value]) => ({ Key, Value })),
    ...(group.objects.length === 0 ? {} : { SnapshotArns: [...group.objects] }),
  });
  await calling(`create cache ${group.name}`, elastiCacheOnce(region).send(request));
}

/** The status of a snapshot; null where there is none. @throws Unavailable, CannotProceed. */
export async function snapshotStatus(region: string, name: string): Promise<string | null> {
  const request = elastiCache(region).send(new DescribeSnapshotsCommand({ SnapshotName: name }));
  try {
    return (await calling(`describe snapshot ${name}`, request)).Snapshots?.[0]?.SnapshotStatus ?? null;
  } catch (error) {
    if (/^SnapshotNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

/**
 * Begins a snapshot: of a group in cluster mode as a whole, else of one of its nodes. False where the group is at something else, so that
 * the caller looks again. @throws Unavailable, CannotProceed.
 */
export async function createSnapshot(
  region: string,
  name: string,
  of: { readonly group: string } | { readonly node: string },
): Promise<boolean> {
  const source = 'group' in of ? { ReplicationGroupId: of.group } : { CacheClusterId: of.node };
  const request = new CreateSnapshotCommand({ SnapshotName: name, ...source });
  try {
    await calling(`create snapshot ${name}`, elastiCacheOnce(region).send(request));
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Begins the export of a snapshot to a bucket of its region. False where it is at something else. @throws Unavailable, CannotProceed. */
export async function exportSnapshot(region: string, name: string, bucket: string): Promise<boolean> {
  const request = new CopySnapshotCommand({
    SourceSnapshotName: name,
    TargetSnapshotName: name,
    TargetBucket: bucket,
  });
  try {
    await calling(`export snapshot ${name} to ${bucket}`, elastiCacheOnce(region).send(request));
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Deletes a snapshot; one that is gone is deleted. @throws Unavailable, CannotProceed. */
export async function deleteSnapshot(region: string, name: string): Promise<void> {
  const request = new DeleteSnapshotCommand({ SnapshotName: name });
  try {
    await calling(`delete snapshot ${name}`, elastiCacheOnce(region).send(request));
  } catch (error) {
    if (!isBusy(error) && !/^SnapshotNotFound(Fault)?$/.test(faultName(error))) throw error;
  }
}

function isBusy(error: unknown): boolean {
  return /^(InvalidReplicationGroupState|InvalidCacheClusterState|InvalidSnapshotState|SnapshotAlreadyExists)(Fault)?$/.test(
    faultName(error),
  );
}

/** The keys of all objects of a bucket that begin so. @throws Unavailable, CannotProceed. */
export async function listKeys(region: string, bucket: string, begin: string): Promise<string[]> {
  const pages = paginateListObjectsV2({ client: s3(region) }, { Bucket: bucket, Prefix: begin });
  const keys: string[] = [];
  for await (const { Contents = [] } of callingEach(`list exports in ${bucket}`, pages))
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  return keys;
}
