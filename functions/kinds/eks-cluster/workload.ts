// Whether what a cluster should run runs: judged by what its API server says, and by no number of its own. Pure.
import type {
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Namespace,
  V1Node,
  V1Pod,
  V1StatefulSet,
} from '../../aws/kubernetes.ts';
import type { Workload } from './rebuild-plan.ts';

/** What the API server lists. */
export type WorkloadSeen = {
  readonly nodes: readonly V1Node[];
  readonly namespaces: readonly V1Namespace[];
  /** By namespace. */
  readonly within: Readonly<Record<string, Within>>;
  /** The endpoint slices of each service, by namespace/name. */
  readonly endpoints: Readonly<Record<string, readonly V1EndpointSlice[]>>;
};
export type Within = {
  readonly deployments: readonly V1Deployment[];
  readonly statefulSets: readonly V1StatefulSet[];
  readonly daemonSets: readonly V1DaemonSet[];
  readonly pods: readonly V1Pod[];
};

/** `wrong`: what waiting does not mend; `waits`: what is not there yet. A line each; both empty where all runs. */
export type Judged = { readonly wrong: readonly string[]; readonly waits: readonly string[] };

export function judgeWorkload({ nodes, namespaces, services }: Workload, seen: WorkloadSeen): Judged {
  const known = new Map(seen.namespaces.map((one) => [one.metadata?.name, one.status?.phase]));
  const missing = namespaces.filter((name) => !known.has(name));
  const empty = namespaces.filter((name) => known.has(name) && isEmpty(seen.within[name]));
  const ready = seen.nodes.filter(isReady).length;
  return {
    wrong: [
      ...missing.map((name) => `namespace ${name} is not there`),
      ...empty.map((name) => `namespace ${name} has nothing that could run`),
    ],
    waits: [
      ...(ready < nodes ? [`${ready} of ${seen.nodes.length} nodes are ready, and ${nodes} are needed`] : []),
      ...namespaces.flatMap((name) => {
        const phase = known.get(name);
        return phase === undefined || phase === 'Active' ? [] : [`namespace ${name} is ${phase}`];
      }),
      ...namespaces.flatMap((name) => notRolledOut(seen.within[name])),
      ...namespaces.flatMap((name) => notReady(seen.within[name]?.pods ?? [])),
      ...services.flatMap(({ namespace, name }) => {
        const slices = seen.endpoints[`${namespace}/${name}`] ?? [];
        const addresses = slices.flatMap(({ endpoints = [] }) =>
          endpoints.filter((one) => one.conditions?.ready !== false),
        );
        return addresses.length > 0 ? [] : [`service ${namespace}/${name} has no address that is ready`];
      }),
    ],
  };
}

function isEmpty(within: Within | undefined): boolean {
  return [within?.deployments, within?.statefulSets, within?.daemonSets].every((some) => (some ?? []).length === 0);
}

function isReady({ spec, status }: V1Node): boolean {
  return spec?.unschedulable !== true && isTrue(status?.conditions, 'Ready');
}

function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return conditions?.some((one) => one.type === type && one.status === 'True') === true;
}

/** A set of pods as it is wanted and as it stands. Numbers that are not written are 0. */
type Rollout = {
  readonly what: string;
  readonly generation: number;
  readonly observed: number;
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
};

/** Conditions may be true of the revision before: generations and numbers tell [kubectl rollout status]. */
function notRolledOut(within: Within | undefined): string[] {
  const sets: Rollout[] = [
    ...(within?.deployments ?? []).map(({ metadata, spec, status }) => ({
      ...{ what: `deployment ${metadata?.namespace}/${metadata?.name}`, generation: metadata?.generation ?? 0 },
      ...{ observed: status?.observedGeneration ?? 0, wanted: spec?.replicas ?? 1 },
      ...{ updated: status?.updatedReplicas ?? 0, available: status?.availableReplicas ?? 0 },
    })),
    ...(within?.statefulSets ?? []).map(({ metadata, spec, status }) => ({
      ...{ what: `stateful set ${metadata?.namespace}/${metadata?.name}`, generation: metadata?.generation ?? 0 },
      ...{ observed: status?.observedGeneration ?? 0, wanted: spec?.replicas ?? 1 },
      // With the strategy OnDelete nobody updates them: what is ready counts.
      updated: spec?.updateStrategy?.type === 'OnDelete' ? (spec.replicas ?? 1) : (status?.updatedReplicas ?? 0),
      available: status?.readyReplicas ?? 0,
    })),
    ...(within?.daemonSets ?? []).map(({ metadata, spec, status }) => ({
      ...{ what: `daemon set ${metadata?.namespace}/${metadata?.name}`, generation: metadata?.generation ?? 0 },
      ...{ observed: status?.observedGeneration ?? 0, wanted: status?.desiredNumberScheduled ?? 0 },
      updated:
        spec?.updateStrategy?.type === 'OnDelete'
          ? (status?.desiredNumberScheduled ?? 0)
          : (status?.updatedNumberScheduled ?? 0),
      available: status?.numberAvailable ?? 0,
    })),
  ];
  return sets.flatMap(({ what, generation, observed, wanted, updated, available }) => {
    if (observed < generation) return [`${what} was changed, and nothing has begun`];
    if (updated < wanted) return [`${what} runs ${updated} of ${wanted} in its newest version`];
    return available < wanted ? [`${what} has ${available} of ${wanted} ready`] : [];
  });
}

/** So many of them are named; the rest is counted. */
const mostNamed = 5;

/** What ended well, is being ended, or is a try of a job, is none that has to be ready. */
function notReady(pods: readonly V1Pod[]): string[] {
  const waiting = pods.filter(
    ({ metadata, status }) =>
      metadata?.deletionTimestamp === undefined &&
      status?.phase !== 'Succeeded' &&
      !(metadata?.ownerReferences ?? []).some(({ kind }) => kind === 'Job') &&
      !isTrue(status?.conditions, 'Ready'),
  );
  const named = waiting
    .slice(0, mostNamed)
    .map((pod) => `pod ${pod.metadata?.namespace}/${pod.metadata?.name} is ${stateOf(pod)}`);
  return waiting.length > mostNamed ? [...named, `and ${waiting.length - mostNamed} more pods are not ready`] : named;
}

/** As Kubernetes says it in one word; words alone, whatever else is written there. */
function stateOf({ status }: V1Pod): string {
  const waiting = status?.containerStatuses?.find((one) => one.state?.waiting?.reason !== undefined)?.state?.waiting
    ?.reason;
  const unscheduled = status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False')?.reason;
  const said = waiting ?? unscheduled ?? (status?.phase === 'Running' ? 'not ready' : status?.phase) ?? 'not known';
  return said.replace(/[^A-Za-z ]/g, '').slice(0, 60);
}
