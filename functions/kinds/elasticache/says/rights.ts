// What the functions of an `elasticache` may do. A member of a global datastore fails over with it; without one the standby's starts
// from an export, or empty.
import { type About, acts, arnIn, type KindRight, type KindRights } from '../../../domain/kind/rights.ts';
import { type BackedUp, exportsPrefix, nodesQuota, type Restore, restoreNames } from './backup-plan.ts';

type Cache = BackedUp & { readonly name: string };

export function rights({ assets, here, prefix, standing }: About<Cache>): KindRights {
  const group = (name: string) => arnIn('elasticache', here, `replicationgroup:${name}`);
  const groups = standing(here).map(group);
  const groupsOf = (some: readonly Cache[]) => some.flatMap((asset) => namesIn(asset, here)).map(group);
  const restored = assets.filter((asset) => asset.regions[here]?.restore !== undefined);
  const alone = assets.filter((asset) => asset.globalDatastore === null || restored.includes(asset));
  const datastores = assets
    .flatMap(({ globalDatastore }) => globalDatastore ?? [])
    .map((id) => arnIn('elasticache', '', `globalreplicationgroup:${id}`));
  const see = (on: readonly string[]) => ({ sid: 'SeeCache', actions: ['elasticache:DescribeReplicationGroups'], on });
  const seeGlobal = {
    sid: 'SeeGlobalCache',
    actions: ['elasticache:DescribeGlobalReplicationGroups'],
    on: datastores,
  };
  const seeExports = {
    sid: 'SeeExports',
    actions: ['s3:ListBucket'],
    on: assets.flatMap((asset) => bucketOf(asset, here).map(inS3)),
  };
  const moves = {
    state: acts,
    may: [see(groups), { sid: 'MoveCache', actions: ['elasticache:ModifyReplicationGroup'], on: groups }],
  };
  const failOver = {
    sid: 'FailOverCache',
    actions: ['elasticache:FailoverGlobalReplicationGroup'],
    on: datastores,
  };
  return {
    verbs: {
      'leave-zone': moves,
      'tidy-up': moves,
      'take-over': {
        state: acts,
        may: [see(groupsOf(alone)), seeGlobal, failOver, seeExports, ...makes(restored, here, prefix)],
      },
    },
    looks: {
      assess: [see(groupsOf(restored)), seeGlobal, seeExports],
      'check-readiness': [see(groupsOf(alone)), seeGlobal, seeExports, ...seesRoom(restored, here)],
    },
    upkeep: exportsOf(assets, here, prefix, { see, groupsOf, seeExports }),
    find: [see(groups)],
  };
}

/** The plan's own group, and all that may be made there. */
function namesIn({ regions }: Cache, here: string): string[] {
  const { replicationGroup, restore } = regions[here] ?? {};
  const made = restore === undefined ? [] : restoreNames(restore.replicationGroup);
  return [...new Set([...(replicationGroup === undefined ? [] : [replicationGroup]), ...made])];
}

function bucketOf({ regions }: Cache, here: string): string[] {
  const name = regions[here]?.snapshotBucket?.name;
  return name === undefined ? [] : [name];
}

function inS3(path: string): string {
  return `arn:\${AWS::Partition}:s3:::${path}`;
}

/** The objects of the exports of an asset, in the bucket of the region. */
function objectsOf(asset: Cache, here: string, prefix: string): string[] {
  return bucketOf(asset, here).map((bucket) => inS3(`${bucket}/${exportsPrefix(prefix, asset.name)}*`));
}

/** To make the group that takes over, in one call, and what that call reads in the name of its caller. */
function makes(restored: readonly Cache[], here: string, prefix: string): KindRight[] {
  const arn = (resource: string) => arnIn('elasticache', here, resource);
  const all = restored.flatMap(({ regions }) => regions[here]?.restore ?? []);
  const made = all.flatMap((one) => restoreNames(one.replicationGroup)).map((name) => arn(`replicationgroup:${name}`));
  const beside = all.flatMap(({ parameterGroup, subnetGroup, userGroup }: Restore) => [
    arn(`parametergroup:${parameterGroup}`),
    arn(`subnetgroup:${subnetGroup}`),
    ...(userGroup === null ? [] : [arn(`usergroup:${userGroup}`)]),
  ]);
  const tagged = all.some(({ tags }) => Object.keys(tags).length > 0);
  return [
    { sid: 'MakeCache', actions: ['elasticache:CreateReplicationGroup'], on: [...new Set([...made, ...beside])] },
    { sid: 'TagCache', actions: ['elasticache:AddTagsToResource'], on: tagged ? made : [] },
    {
      sid: 'ReadExports',
      actions: ['s3:GetObject'],
      on: restored.flatMap((asset) => objectsOf(asset, here, prefix)),
    },
    {
      sid: 'AuthToken',
      actions: ['secretsmanager:GetSecretValue'],
      on: tokensOf(all, here),
    },
    {
      sid: 'UseCacheKey',
      actions: ['kms:CreateGrant', 'kms:DescribeKey'],
      on: all.flatMap(({ kmsKey }) => kmsKey ?? []),
      onlyIf: ['StringEquals', 'kms:ViaService', [`elasticache.${here}.amazonaws.com`]],
    },
  ];
}

/** To look whether all that a group is made with is there. Offers and quotas are of the account. */
function seesRoom(restored: readonly Cache[], here: string): KindRight[] {
  const all = restored.flatMap(({ regions }) => regions[here]?.restore ?? []);
  if (all.length === 0) return [];
  /** By the service, and what is described; names of ElastiCache are parts of it. */
  const see = (sid: string, action: string, on: readonly string[] | '*'): KindRight => ({
    ...{ sid, actions: [action] },
    on: on === '*' ? on : [...new Set(on)],
  });
  const named = (type: string, names: readonly (string | null)[]) =>
    names.flatMap((name) => (name === null ? [] : [arnIn('elasticache', here, `${type}:${name}`)]));
  const describe = (sid: string, what: string, on: readonly string[] | '*') =>
    see(sid, `elasticache:Describe${what}`, on);
  return [
    describe('SeeCacheOffers', 'ReservedCacheNodesOfferings', '*'),
    see('SeeSecurityGroups', 'ec2:DescribeSecurityGroups', '*'),
    describe('CountCacheNodes', 'CacheClusters', named('cluster', ['*'])),
    describe(
      'SeeCacheSubnets',
      'CacheSubnetGroups',
      named(
        'subnetgroup',
        all.map((one) => one.subnetGroup),
      ),
    ),
    describe(
      'SeeCacheParameters',
      'CacheParameterGroups',
      named(
        'parametergroup',
        all.map((one) => one.parameterGroup),
      ),
    ),
    describe(
      'SeeCacheUsers',
      'UserGroups',
      named(
        'usergroup',
        all.map((one) => one.userGroup),
      ),
    ),
    see('SeeAuthTokens', 'secretsmanager:DescribeSecret', tokensOf(all, here)),
    see(
      'SeeCacheKeys',
      'kms:DescribeKey',
      all.flatMap(({ kmsKey }) => kmsKey ?? []),
    ),
    see('SeeCacheQuota', 'servicequotas:GetServiceQuota', [arnIn('servicequotas', here, `elasticache/${nodesQuota}`)]),
  ];
}

/** The secrets that hold AUTH tokens: Secrets Manager adds six characters to a name. */
function tokensOf(all: readonly Restore[], here: string): string[] {
  return all.flatMap(({ authTokenSecret: secret }) =>
    secret === null ? [] : [arnIn('secretsmanager', here, `secret:${secret}-??????`)],
  );
}

type Looking = {
  readonly see: (on: readonly string[]) => KindRight;
  readonly groupsOf: (some: readonly Cache[]) => string[];
  readonly seeExports: KindRight;
};

/** To make snapshots and export them: of those of Breakwater alone, by how their names begin. */
function exportsOf(assets: readonly Cache[], here: string, prefix: string, looking: Looking): KindRight[] {
  const exported = assets.filter(({ snapshots }) => snapshots !== undefined);
  const groups = looking.groupsOf(exported);
  const snapshots = exported.map(({ name }) => arnIn('elasticache', here, `snapshot:${exportsPrefix(prefix, name)}*`));
  const nodes = exported
    .flatMap((asset) => namesIn(asset, here))
    .map((name) => arnIn('elasticache', here, `cluster:${name}-*`));
  return [
    looking.see(groups),
    looking.seeExports,
    {
      sid: 'MakeSnapshots',
      actions: ['elasticache:CreateSnapshot'],
      on: exported.length === 0 ? [] : [...snapshots, ...groups, ...nodes],
    },
    {
      sid: 'KeepSnapshots',
      actions: ['elasticache:DescribeSnapshots', 'elasticache:CopySnapshot', 'elasticache:DeleteSnapshot'],
      on: snapshots,
    },
    // ElastiCache asks S3 in the name of its caller, whom IAM lets list buckets by no name.
    {
      sid: 'WriteExports',
      actions: ['s3:PutObject', 's3:DeleteObject'],
      on: exported.flatMap((asset) => objectsOf(asset, here, prefix)),
    },
    { sid: 'SeeBucket', actions: ['s3:GetBucketAcl'], on: looking.seeExports.on },
    { sid: 'ListBuckets', actions: ['s3:ListAllMyBuckets'], on: exported.length === 0 ? [] : '*' },
  ];
}
