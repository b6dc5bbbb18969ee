// Plans for tests: a plan with the assets of one kind changed, or left out.
import { type AssetOf, assetsOf, firstOf, type Kind } from '../functions/domain/plan/assets.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import type { ClusterPlace } from '../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import type { Restore } from '../functions/kinds/elasticache/says/backup-plan.ts';
import { placeOf } from '../functions/shared/estate.ts';
import { shipped } from './shipped.ts';

/** The plan with each asset of a kind as `change` makes it. */
export function changing<K extends Kind>(kind: K, plan: Plan, change: Partial<AssetOf<K>>): Plan {
  return { ...plan, assets: plan.assets.map((asset) => (asset.kind === kind ? { ...asset, ...change } : asset)) };
}

/** The plan with the security groups of its database in a region: the one that admits nobody. */
export function closedGroup(region: string, { assets }: Plan): string {
  for (const asset of assets)
    if (asset.kind === 'rds-instance') return asset.regions[region]?.securityGroups?.closed ?? '';
  return '';
}

/** The plan with a second database, `orders`, beside its own. */
export function withSecondDatabase(plan: Plan): Plan {
  const second = plan.assets.flatMap((asset) =>
    asset.kind === 'rds-instance' && asset.name === 'database'
      ? {
          ...withoutBackups(asset),
          name: 'orders',
          regions: {
            'us-east-1': {
              instance: 'orders-prod',
              securityGroups: { open: ['sg-0a1orders'], closed: 'sg-0a1closed' },
            },
            'us-west-2': { instance: 'orders-dr', securityGroups: { open: ['sg-0b2orders'], closed: 'sg-0b2closed' } },
          },
        }
      : [],
  );
  return { ...plan, assets: [...plan.assets, ...second] };
}

/** One of which nothing is kept: its replica takes over, or nothing does. */
function withoutBackups({ backups: _, ...asset }: AssetOf<'rds-instance'>): AssetOf<'rds-instance'> {
  return asset;
}

/** The plan with an ECS service, `web`, beside its own assets: four tasks serve a region. */
export function withService(plan: Plan): Plan {
  const { primary, standby } = plan.roles;
  const web: AssetOf<'ecs-service'> = {
    name: 'web',
    kind: 'ecs-service',
    needs: [],
    regions: {
      [primary]: { cluster: 'chatops-prod', service: 'web', desiredCount: 4 },
      [standby]: { cluster: 'chatops-dr', service: 'web', desiredCount: 4 },
    },
  };
  return { ...plan, assets: [...plan.assets, web] };
}

/** The plan, which says of its clusters what has to run in them. */
export function withWorkload(plan: Plan): Plan {
  const workload = { nodes: 2, namespaces: ['chatops'], services: [] };
  const assets = plan.assets.map((asset) => {
    if (asset.kind !== 'eks-cluster') return asset;
    const regions = Object.entries(asset.regions).map(([region, place]) => [region, { ...place, workload }]);
    return { ...asset, regions: Object.fromEntries(regions) };
  });
  return { ...plan, assets };
}

/** The plan with consumers, `workers`, beside its own assets: one of each sort in each region. */
export function withConsumers(plan: Plan): Plan {
  const { primary, standby } = plan.roles;
  const place = (digit: number, cluster: string) => ({
    mappings: [{ function: 'ingest', uuid: `${'0'.repeat(8)}-0000-4000-8000-${String(digit).padStart(12, '0')}` }],
    schedules: [{ group: 'jobs', name: 'digest', role: 'chatops-schedules' }],
    rules: [{ bus: 'default', name: 'nightly' }],
    services: [{ cluster, service: 'worker', desiredCount: 3 }],
    cronJobs: [],
    deployments: [],
  });
  const workers: AssetOf<'consumers'> = {
    name: 'workers',
    kind: 'consumers',
    needs: ['database'],
    regions: { [primary]: place(1, 'chatops-prod'), [standby]: place(2, 'chatops-dr') },
  };
  return { ...plan, assets: [...plan.assets, workers] };
}

/** The plan, whose cluster can be scaled, with consumers that run in it, `jobs`: a cron job and a deployment. */
export function withClusterConsumers(plan: Plan): Plan {
  const { primary, standby } = plan.roles;
  const place = (cluster: string) => ({
    ...{ mappings: [], schedules: [], rules: [], services: [] },
    cronJobs: [{ cluster, namespace: 'chatops', name: 'digest' }],
    deployments: [{ cluster, namespace: 'chatops', name: 'mailer', replicas: 4 }],
  });
  const jobs: AssetOf<'consumers'> = {
    name: 'jobs',
    kind: 'consumers',
    needs: ['database'],
    regions: { [primary]: place('chatops-prod'), [standby]: place('chatops-dr') },
  };
  return { ...withRebuild(plan), assets: [...withRebuild(plan).assets, jobs] };
}

/** The plan with exports of its cache, and a group that is made of one in each region: all that such a plan can say. */
export function withExports(plan: Plan): Plan {
  const asset = the('elasticache', plan);
  const regions = Object.entries(asset.regions).map(([region, place]) => {
    const kmsKey = `arn:aws:kms:${region}:123456789012:key/cache`;
    const restore = { ...restoredCache, authTokenSecret: 'chatops/cache', kmsKey };
    return [region, { ...place, restore, snapshotBucket: { name: `chatops-exports-${region}`, madeBy: 'stack' } }];
  });
  const snapshots = { everyHours: 6, maxAgeSeconds: 28_800, whenOlder: 'empty', keepDays: 7 } as const;
  return changing('elasticache', plan, { snapshots, regions: Object.fromEntries(regions) });
}

/** The group that a restore makes, in one shard and with a replica in each other zone. */
export const restoredCache = {
  replicationGroup: 'chatops-redis-restored',
  engine: 'redis',
  engineVersion: '7.1',
  nodeType: 'cache.r7g.large',
  clusterMode: false,
  shards: 1,
  replicas: 2,
  multiAz: true,
  subnetGroup: 'chatops-cache',
  securityGroups: ['sg-0b2chatopscache'],
  parameterGroup: 'default.redis7',
  port: 6379,
  transitEncryption: 'required',
  authTokenSecret: null,
  userGroup: null,
  encryptedAtRest: true,
  kmsKey: null,
  snapshotRetentionDays: 7,
  snapshotWindow: '03:00-04:00',
  maintenanceWindow: 'sun:05:00-sun:06:00',
  minorUpgrades: true,
  tags: { application: 'chatops' },
} as const satisfies Restore;

/** The plan with what it takes to scale and rebuild its cluster in each main region, as the shipped plan says it. */
export function withRebuild(plan: Plan, change: (place: ClusterPlace) => ClusterPlace = (place) => place): Plan {
  const said = assetsOf('eks-cluster', shipped)[0]?.regions ?? {};
  return changing('eks-cluster', plan, {
    regions: Object.fromEntries(Object.entries(said).map(([region, place]) => [region, change(place)])) as never,
  });
}

/** The plan with the drills of the shipped one, which the deployment runs itself. */
export function withDrills(plan: Plan): Plan {
  return { ...plan, drills: shipped.drills };
}

/** The plan without the assets of some kinds, and without what needs them. */
export function without(plan: Plan, ...kinds: readonly Kind[]): Plan {
  const left = plan.assets.filter(({ kind }) => !kinds.includes(kind));
  const names = left.map(({ name }) => name);
  return { ...plan, assets: left.filter(({ needs }) => needs.every((need) => names.includes(need))) };
}

/** The database instance that stands in a region. */
export function databaseIn(region: string, plan: Plan): string {
  return placeOf(the('rds-instance', plan), region).instance;
}

/** The replication group that stands in a region. */
export function cacheIn(region: string, plan: Plan): string {
  return placeOf(the('elasticache', plan), region).replicationGroup;
}

/** The cluster that stands in a region. */
export function clusterIn(region: string, plan: Plan): string {
  return placeOf(the('eks-cluster', plan), region).cluster;
}

/** The first asset of a kind. */
export function the<K extends Kind>(kind: K, plan: Plan): AssetOf<K> {
  const asset = firstOf(kind, plan);
  if (asset === null) throw new Error(`the plan has no ${kind}`);
  return asset;
}
