// Looks at clusters: whether the application answers in them, and where it does not, how they could be brought to it. Changes nothing.
import { faultStatus } from '../../aws/calls/faults.ts';
import { clusterOf } from '../../aws/looking/lookups.ts';
import { isListed, readObject, seeObject } from '../../aws/objects.ts';
import { apiServer } from '../../aws/workloads/clusters.ts';
import { listMetadata } from '../../aws/workloads/kubernetes.ts';
import { Unavailable } from '../../domain/errors.ts';
import type { Change, Inside } from '../../domain/evidence/changes.ts';
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import { type CheckResult, ready, unread, worst } from '../../domain/recovery/readiness.ts';
import { createAsker, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { visitPage } from '../../shared/traffic/health.ts';
import { isShiftable } from '../../shared/traffic/shiftable.ts';
import { clusterStatus, describeNodeGroup } from './aws.ts';
import type { ClusterStanding } from './moves.ts';
import { seeDeployments, seeRivalsIn } from './replicas.ts';
import { backupReady, clusterReady, clustersSeen, coldReady, rebuildReady, scaledReady } from './rules/assess.ts';
import { broughtBy } from './says/projects.ts';
import { type ClusterPlace, deploymentsIn, type Rebuild } from './says/rebuild-plan.ts';
import { changesIn } from './seen/changes.ts';

/** A cluster with the node groups that the plan has numbers of. @throws Unavailable, CannotProceed. */
export async function seeCluster(region: string, { cluster, scale }: ClusterPlace): Promise<ClusterStanding> {
  const status = await clusterStatus(region, cluster);
  const groups = status === null ? [] : (scale?.nodeGroups ?? []);
  const nodeGroups = groups.map(async ({ name }) => ({ name, seen: await describeNodeGroup(region, cluster, name) }));
  return { status, nodeGroups: await Promise.all(nodeGroups) };
}

export async function seeClusters(leaving: Leaving, shell: Shell): Promise<KindSeen> {
  const { plan } = shell;
  const { standby } = leaving;
  const url = plan.service.regionalHealthUrls[standby];
  const page = url === undefined ? null : await visitPage(url, shell);
  const { ask, unanswered } = createAsker();
  const clusters = assetsOf('eks-cluster', plan).map(async (asset) => {
    const place = placeOf(asset, standby);
    const answers = page !== null;
    const hasWays = place.scale !== undefined || place.rebuild !== undefined;
    // What answers, and what nobody brings to it, is not looked at any further.
    if ((place.warm && answers) || !hasWays) return { place, answers, seen: null };
    const looked = clusterStatus(standby, place.cluster).then((status) => ({ status }));
    return { place, answers, seen: await ask(looked) };
  });
  const seen = clustersSeen(await Promise.all(clusters), leaving);
  return { ...seen, unanswered: unanswered() || (url !== undefined && page === null) };
}

export async function clusterIsReady(asset: AssetOf<'eks-cluster'>, shell: Shell): Promise<CheckResult> {
  const { plan, region } = shell;
  const place = placeOf(asset, region);
  const url = plan.service.regionalHealthUrls[region];
  if (place.warm && url === undefined) return unread(`the plan names no health page of ${region}`);
  const { cluster, warm, rebuild } = place;
  // Signed by hand: the client of EKS would be a tenth of a bundle that has none (docs/decisions/0009-the-sdk-in-every-bundle.md).
  const status = rebuild === undefined && warm ? null : clusterOf(region, cluster).then((seen) => seen?.status ?? null);
  const looks: Promise<CheckResult>[] = [
    warm
      ? visitPage(url ?? '', shell).then((answer) => clusterReady(place, plan, region, answer))
      : Promise.resolve(status).then((seen) => coldReady(place, seen)),
    ...scaledIn(place, region),
    ...(rebuild === undefined
      ? []
      : [...backupOf(place, shell), Promise.resolve(status).then((seen) => whatIsBrought(rebuild, seen !== null))]),
  ];
  return worst(await Promise.all(looks));
}

/**
 * What was changed in the namespaces of a region's cluster between two times; nothing where the plan names none, or there is no cluster. One list
 * after another: whoever asks has little memory. A list that is refused costs itself. @throws Unavailable, CannotProceed, InProgress.
 */
export async function changesInCluster(
  asset: AssetOf<'eks-cluster'>,
  region: string,
  from: number,
  to: number,
): Promise<Inside> {
  const place = asset.regions[region];
  const namespaces = place?.workload?.namespaces ?? [];
  const server = place === undefined || namespaces.length === 0 ? null : await apiServer(region, place.cluster);
  const changes: Change[] = [];
  const unread: { readonly what: string; readonly error: unknown }[] = [];
  if (server === null) return { changes, unread };
  for (const namespace of namespaces)
    for (const [operation, sort] of sorts) {
      try {
        const items = await listMetadata(operation, server, namespace);
        changes.push(...changesIn(sort, items, asset.name, from, to));
      } catch (error) {
        unread.push({ what: `${sort}s of ${namespace} in ${asset.name}`, error });
      }
    }
  return { changes, unread };
}

/** What deploys, configures or scales an application, and what each is called. Secrets are nobody's business here. */
const sorts = [
  ['ListDeployments', 'deployment'],
  ['ListStatefulSets', 'stateful set'],
  ['ListDaemonSets', 'daemon set'],
  ['ListAutoscalers', 'autoscaler'],
  ['ListConfigMaps', 'config map'],
] as const;

/** Whether all that a rebuild reads lies where it reads it. `stands`: whether there is a cluster, of which Terraform has a state then. */
async function whatIsBrought({ bucket, terraform, ...rebuild }: Rebuild, stands: boolean): Promise<CheckResult> {
  const { providers, state } = terraform;
  const inBucket = { region: bucket.region, bucket: bucket.name };
  const brought = broughtBy({ bucket, terraform, ...rebuild }).map(async (key) => ({
    key,
    there: (await seeObject({ ...inBucket, key })) !== null,
  }));
  const mirror = providers === null ? [] : [`${providers}/`];
  const folders = mirror.map(async (key) => ({ key, there: await isListed({ ...inBucket, key }) }));
  const { key } = state;
  const known = stands ? isListed({ region: state.bucket.region, bucket: state.bucket.name, key }) : null;
  const [there, ...objects] = await Promise.all([known, ...brought, ...folders]);
  return rebuildReady(bucket.name, objects, there === null ? null : { bucket: state.bucket.name, key, there });
}

/** Both regions are looked at. One that the standby makes on the day is nowhere until then. */
export async function clusterIsShiftable(asset: AssetOf<'eks-cluster'>, shell: Shell): Promise<CheckResult> {
  const { region, store } = shell;
  const { cluster, warm, rebuild } = placeOf(asset, region);
  const isMade = !warm && rebuild !== undefined && (await store.readStanding(region)).primary !== region;
  return isMade ? ready(`cluster ${cluster} is made on the day`) : isShiftable(asset, shell);
}

/** What was stopped in a cluster that should be warm. An API server that is not reached from here says nothing, and holds nothing. */
function scaledIn(place: ClusterPlace, region: string): Promise<CheckResult>[] {
  if (!place.warm || deploymentsIn(place).length === 0) return [];
  const looked = seeDeployments(region, place)
    .then(async (seen) => (seen === null ? null : { all: seen.all, rivals: await seeRivalsIn(seen.server, place) }))
    .catch((error: unknown) => {
      if (error instanceof Unavailable && faultStatus(error.cause) === null) return error.message;
      throw error;
    });
  return [looked.then((seen) => scaledReady(place.cluster, seen))];
}

/** The resource backup that a rebuild would apply: how old it is, and whether the API server here would take it. */
function backupOf({ rebuild }: ClusterPlace, { now }: Shell): Promise<CheckResult>[] {
  if (rebuild === undefined || rebuild.application.from !== 'resources') return [];
  const { bucket, application } = rebuild;
  const place = { region: bucket.region, bucket: bucket.name, key: application.key };
  const dryRun = { ...place, key: `${application.key}.dry-run` };
  const looked = Promise.all([seeObject(place), seeObject(dryRun), readObject(dryRun)]);
  return [
    looked.then(([backup, tried, told]) =>
      backupReady(application, backup, tried === null ? null : { ...tried, told: told ?? '' }, now()),
    ),
  ];
}
