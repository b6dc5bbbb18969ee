// Looks at who else scales what runs in a cluster, and keeps its pods where they are; and at jobs that go on. Changes nothing.
import {
  type ApiServer,
  list,
  type Named,
  type ScaledObject,
  type V1Job,
  type V1PodDisruptionBudget,
  type V2HorizontalPodAutoscaler,
} from '../aws/workloads/kubernetes.ts';
import { CannotProceed, Unavailable } from '../domain/errors.ts';
import { pausedMark, type Rival, type Rivals } from '../domain/rivals.ts';

/** Of some namespaces. `budgets`: whether disruption budgets are of interest. What may not be looked at says why, and holds nothing. */
export async function seeRivals(
  server: ApiServer,
  namespaces: readonly string[],
  { budgets = false }: { readonly budgets?: boolean } = {},
): Promise<Rivals> {
  const looked = [...new Set(namespaces)].map(async (namespace) => {
    const [autoscalers, scaled, kept] = await Promise.all([
      list('ListAutoscalers', server, namespace),
      list('ListScaledObjects', server, namespace),
      budgets ? list('ListDisruptionBudgets', server, namespace) : [],
    ]);
    return { all: rivalsIn(namespace, autoscalers, scaled), tight: tightIn(namespace, kept) };
  });
  try {
    const seen = await Promise.all(looked);
    return { all: seen.flatMap(({ all }) => all), tight: seen.flatMap(({ tight }) => tight), unseen: null };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    return { all: [], tight: [], unseen: error.message };
  }
}

/** KEDA makes an autoscaler of Kubernetes for each of its own: that one is not named twice. Without a bound it lets a deployment have 100. */
function rivalsIn(
  namespace: string,
  autoscalers: readonly V2HorizontalPodAutoscaler[],
  scaled: readonly ScaledObject[],
): Rival[] {
  const plain = autoscalers.flatMap(({ metadata, spec }): Rival[] => {
    const isOfKeda = (metadata?.ownerReferences ?? []).some(({ kind }) => kind === 'ScaledObject');
    if (isOfKeda || spec === undefined || spec.scaleTargetRef.kind !== 'Deployment') return [];
    const name = metadata?.name ?? '';
    const scales = { namespace, name: spec.scaleTargetRef.name };
    const words = `HorizontalPodAutoscaler ${namespace}/${name}`;
    return [{ name, words, scales, most: spec.maxReplicas, wakes: false, pausedAt: null }];
  });
  const ofKeda = scaled.flatMap(({ metadata = {}, spec = {} }): Rival[] => {
    const { kind = 'Deployment', name: target } = spec.scaleTargetRef ?? {};
    if (kind !== 'Deployment' || target === undefined) return [];
    const { name = '', annotations = {} } = metadata;
    const at = Number.parseInt(annotations[`${pausedMark}-replicas`] ?? '', 10);
    const isHeld = annotations[pausedMark] === 'true' || Number.isFinite(at);
    return [
      {
        ...{ name, words: `ScaledObject ${namespace}/${name} of KEDA`, scales: { namespace, name: target } },
        ...{ most: spec.maxReplicaCount ?? 100, wakes: !isHeld || at > 0, pausedAt: Number.isFinite(at) ? at : null },
      },
    ];
  });
  return [...plain, ...ofKeda];
}

/** Those that let no pod be moved now: a node that is replaced waits for them, and a stop does not. */
function tightIn(namespace: string, budgets: readonly V1PodDisruptionBudget[]): string[] {
  return budgets.flatMap(({ metadata, status }) =>
    status !== undefined && status.disruptionsAllowed === 0 && (status.expectedPods ?? 0) > 0
      ? [`${namespace}/${metadata?.name}`]
      : [],
  );
}

/** Jobs that cron jobs have begun and that still run: a suspended cron job begins none, and ends none. A line each. */
export async function jobsOf(server: ApiServer, cronJobs: readonly Named[]): Promise<string[]> {
  const looked = [...new Set(cronJobs.map(({ namespace }) => namespace))].map(async (namespace) => {
    const names = cronJobs.filter((one) => one.namespace === namespace).map(({ name }) => name);
    return (await list('ListJobs', server, namespace)).flatMap((job) => runningOf(job, names));
  });
  try {
    return (await Promise.all(looked)).flat();
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    return [`it is not known whether jobs still run: ${error.message}`];
  }
}

function runningOf({ metadata, status }: V1Job, names: readonly string[]): string[] {
  const owner = metadata?.ownerReferences?.find(({ kind, name }) => kind === 'CronJob' && names.includes(name));
  const isRunning = owner !== undefined && (status?.active ?? 0) > 0;
  return isRunning
    ? [`job ${metadata?.namespace}/${metadata?.name} of cron job ${owner.name} had begun and still runs`]
    : [];
}
