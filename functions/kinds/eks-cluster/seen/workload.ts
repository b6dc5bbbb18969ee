// Whether what a cluster should run runs: judged by what its API server says, and by no number of its own. Pure.
import type {
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Namespace,
  V1Node,
  V1Pod,
  V1StatefulSet,
} from '../../../aws/workloads/kubernetes.ts';
import { type Deployment, nameOf, type Workload } from '../says/rebuild-plan.ts';

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

/** `scaled`: what the plan has numbers of. One that stands at none is rolled out for Kubernetes, and is missing here. */
export function judgeWorkload(
  { nodes, namespaces, services }: Workload,
  seen: WorkloadSeen,
  scaled: readonly Deployment[] = [],
): Judged {
  const known = new Map(seen.namespaces.map((one) => [one.metadata?.name, one.status?.phase]));
  const missing = namespaces.filter((name) => !known.has(name));
  const rollouts = new Map(namespaces.map((name) => [name, rolloutsIn(seen.within[name])]));
  const empty = namespaces.filter((name) => known.has(name) && rollouts.get(name)?.every(({ wanted }) => wanted === 0));
  const ready = seen.nodes.filter(takesPods).length;
  // A pod of a daemon set waits on each node that is down: of those that are not needed nobody waits for it.
  const spare = Math.max(0, seen.nodes.length - Math.max(ready, nodes));
  return {
    wrong: [
      ...missing.map((name) => `namespace ${name} is not there`),
      ...empty.map((name) => `namespace ${name} has nothing that should run`),
    ],
    waits: [
      ...(ready < nodes ? [`${ready} of ${seen.nodes.length} nodes are ready, and ${nodes} are needed`] : []),
      ...namespaces.flatMap((name) => {
        const phase = known.get(name);
        return phase === undefined || phase === 'Active' ? [] : [`namespace ${name} is ${phase}`];
      }),
      ...namespaces.flatMap((name) => {
        const late = (rollouts.get(name) ?? []).flatMap((one) => whyLate(one, spare));
        return late.length === 0 ? [] : [...late, ...notReady(seen.within[name]?.pods ?? [])];
      }),
      ...scaled.flatMap((one) => {
        const of = seen.within[one.namespace]?.deployments.find(({ metadata }) => metadata?.name === one.name);
        const isStopped = of !== undefined && (of.spec?.replicas ?? 1) === 0;
        return isStopped ? [`deployment ${nameOf(one)} is scaled to 0, and the plan wants ${one.replicas}`] : [];
      }),
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

/** What Kubernetes and AWS put on a node that must not take pods; a pool's own taints are its business. */
const unfit = /^node\.(kubernetes\.io|cloudprovider\.kubernetes\.io)\//;

export function takesPods({ spec, status }: V1Node): boolean {
  const isTainted = (spec?.taints ?? []).some(({ key, effect }) => unfit.test(key) && effect !== 'PreferNoSchedule');
  return spec?.unschedulable !== true && !isTainted && isTrue(status?.conditions, 'Ready');
}

export function isTrue(
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
  /** How many of them have to be of the newest version, and how many are. */
  readonly renewed: number;
  readonly updated: number;
  /** How many have to be ready, and how many are. */
  readonly needed: number;
  readonly available: number;
  /** One on each node: as many may be missing as there are nodes to spare. */
  readonly onEachNode: boolean;
};

/** Conditions may be true of the revision before: generations and numbers tell, as `kubectl rollout status` counts them. */
function rolloutsIn(within: Within | undefined): Rollout[] {
  return [
    ...(within?.deployments ?? []).map(({ metadata, spec, status }): Rollout => {
      const wanted = spec?.replicas ?? 1;
      const isPaused = spec?.paused === true;
      return {
        ...begunBy('deployment', metadata, status?.observedGeneration),
        ...{ wanted, renewed: isPaused ? 0 : wanted, updated: status?.updatedReplicas ?? 0 },
        // What the deployment itself takes for available while it is scaled or rolled out.
        needed: Math.max(
          Math.min(wanted, 1),
          wanted - shareOf(spec?.strategy?.rollingUpdate?.maxUnavailable ?? '25%', wanted),
        ),
        ...{ available: status?.availableReplicas ?? 0, onEachNode: false },
      };
    }),
    ...(within?.statefulSets ?? []).map(({ metadata, spec, status }): Rollout => {
      const wanted = spec?.replicas ?? 1;
      const kept = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
      return {
        ...begunBy('stateful set', metadata, status?.observedGeneration),
        // With OnDelete nobody renews them, and below the partition nobody does.
        ...{
          wanted,
          renewed: isOnDelete(spec) ? 0 : Math.max(0, wanted - kept),
          updated: status?.updatedReplicas ?? 0,
        },
        ...{ needed: wanted, available: status?.readyReplicas ?? 0, onEachNode: false },
      };
    }),
    ...(within?.daemonSets ?? []).map(({ metadata, spec, status }): Rollout => {
      const wanted = status?.desiredNumberScheduled ?? 0;
      return {
        ...begunBy('daemon set', metadata, status?.observedGeneration),
        ...{ wanted, renewed: isOnDelete(spec) ? 0 : wanted, updated: status?.updatedNumberScheduled ?? 0 },
        ...{ needed: wanted, available: status?.numberAvailable ?? 0, onEachNode: true },
      };
    }),
  ];
}

function begunBy(kind: string, metadata: V1Deployment['metadata'], observed: number | undefined) {
  const what = `${kind} ${metadata?.namespace}/${metadata?.name}`;
  return { what, generation: metadata?.generation ?? 0, observed: observed ?? 0 };
}

function isOnDelete(spec: { readonly updateStrategy?: { readonly type?: string } } | undefined): boolean {
  return spec?.updateStrategy?.type === 'OnDelete';
}

/** A number, or a share of a whole in percent, rounded down. */
function shareOf(part: number | string, whole: number): number {
  const text = String(part);
  const share = text.endsWith('%') ? Math.floor((whole * Number.parseFloat(text)) / 100) : Number.parseInt(text, 10);
  return Number.isFinite(share) ? share : 0;
}

function whyLate(
  { what, generation, observed, wanted, renewed, updated, needed, available, onEachNode }: Rollout,
  spare: number,
): string[] {
  const missing = onEachNode ? spare : 0;
  if (observed < generation) return [`${what} was changed, and nothing has begun`];
  if (updated < renewed - missing) return [`${what} runs ${updated} of ${renewed} in its newest version`];
  const least = needed - missing;
  if (available >= least) return [];
  return [`${what} has ${available} of ${wanted} ready${least < wanted ? `, and ${least} are needed` : ''}`];
}

/** So many of them are named; the rest is counted. */
const mostNamed = 5;

/** Words for a set that lacks some. What has ended, well or not, is being ended, or is a try of a job, is none that it waits for. */
function notReady(pods: readonly V1Pod[]): string[] {
  const waiting = pods.filter(
    ({ metadata, status }) =>
      metadata?.deletionTimestamp === undefined &&
      !['Succeeded', 'Failed'].includes(status?.phase ?? '') &&
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
