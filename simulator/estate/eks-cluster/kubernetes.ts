// What the API server of a cluster of the twin answers: its nodes, and the application as far as it was brought into it and scaled.
import * as z from 'zod';
import type { ClusterPlace } from '../../../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import type { Call } from '../types.ts';
import type { World } from '../world.ts';
import { type Deployed, noteChanged, type Workloads } from './workloads.ts';

/** A cluster as it stands. `startSeconds`: until a pod that is asked for runs. */
export type Running = {
  readonly place: ClusterPlace;
  readonly nodes: number;
  readonly application: boolean;
  readonly workloads: Workloads;
  startSeconds(of: Deployed, call: Call): number;
  /** What users notice of a pod that ends: its requests fail until the balancer has removed it. */
  losePod(): void;
};

const suspended = z.looseObject({ change: z.looseObject({ spec: z.looseObject({ suspend: z.boolean() }) }) });
const listed = z.looseObject({ namespace: z.string(), service: z.string().optional() });
const named = z.looseObject({ namespace: z.string(), name: z.string() });
const scaled = named.extend({ change: z.looseObject({ spec: z.looseObject({ replicas: z.int().min(0) }) }) });
const ended = named.extend({ change: z.looseObject({ preconditions: z.looseObject({ uid: z.string() }) }) });
/** The numbers of the pods that run. */
const podsOf = ({ running, gone, starting }: Pick<Deployed, 'running' | 'gone' | 'starting'>): number[] =>
  Array.from({ length: running - starting + gone.size }, (_, n) => n).filter((n) => !gone.has(n));
/** Of a deployment of which the plan has no number. */
const usual = {
  ...{ name: 'application', wanted: 2, running: 2, gone: new Set<number>(), starting: 0 },
  changed: new Map() as Deployed['changed'],
};
/** As the API server writes it: to the second, and without a word of who used the tool. */
const managedFields = ({ changed }: Pick<Deployed, 'changed'>) =>
  [...changed.values()].map(({ manager, scaled, at }) => ({
    ...{ manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' },
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    ...(scaled ? { subresource: 'scale' } : {}),
  }));

/** `of`: the cluster that a call asks. */
export function kubernetesOf(world: World, of: (call: Call) => Running): Answers {
  const list = (items: readonly object[]) => ({ items });
  const isRun = ({ place, application }: Running, namespace: string): boolean =>
    application && place.workload?.namespaces.includes(namespace) === true;
  const deploymentsIn = (
    running: Running,
    namespace: string,
  ): readonly Pick<Deployed, 'name' | 'wanted' | 'running' | 'gone' | 'starting' | 'changed'>[] => {
    if (!isRun(running, namespace)) return [];
    const own = running.workloads.deployments.filter((one) => one.namespace === namespace);
    return own.length > 0 ? own : [usual];
  };
  /** @throws NotFound */
  const deploymentOf = (call: Call): Deployed => {
    const { namespace, name } = read(named, call);
    const { application, workloads } = of(call);
    const found = workloads.deployments.find((one) => one.namespace === namespace && one.name === name);
    if (!application || found === undefined) throw refusal('NotFound', `deployments.apps "${name}" not found`, 404);
    return found;
  };
  const scaleOf = ({ wanted, running }: Deployed) => ({
    // Without a number where it is none, as the API server writes it.
    spec: wanted === 0 ? {} : { replicas: wanted },
    status: { replicas: running },
  });
  /** @throws NotFound */
  const cronJobOf = (call: Call): { suspended: boolean } => {
    const { namespace, name } = read(named, call);
    const { application, workloads } = of(call);
    const found = workloads.cronJobs.get(`${namespace}/${name}`);
    if (!application || found === undefined) throw refusal('NotFound', `cronjobs.batch "${name}" not found`, 404);
    return found;
  };
  const none = () => list([]);
  const nothing = {
    ...{ ListStatefulSets: none, ListDaemonSets: none, ListJobs: none },
    ...{ ListAutoscalers: none, ListScaledObjects: none, ListDisruptionBudgets: none, ListConfigMaps: none },
  };
  return {
    ...nothing,
    ListNodes(call) {
      const { nodes } = of(call);
      const conditions = [{ type: 'Ready', status: 'True' }];
      return list(
        Array.from({ length: nodes }, (_, n) => ({
          metadata: { name: `node-${n}` },
          spec: {},
          status: { conditions },
        })),
      );
    },
    ListNamespaces(call) {
      const { place, application } = of(call);
      const names = ['default', ...(application ? (place.workload?.namespaces ?? []) : [])];
      return list(names.map((name) => ({ metadata: { name }, status: { phase: 'Active' } })));
    },
    ListDeployments(call) {
      const { namespace } = read(listed, call);
      return list(
        deploymentsIn(of(call), namespace).map(({ name, wanted, running, starting, changed }) => ({
          metadata: { namespace, name, generation: 1, managedFields: managedFields({ changed }) },
          spec: { replicas: wanted, selector: { matchLabels: { app: name } } },
          status: {
            ...{ observedGeneration: 1, replicas: running, updatedReplicas: running },
            availableReplicas: running - starting,
          },
        })),
      );
    },
    ListPods(call) {
      const { namespace } = read(listed, call);
      return list(
        deploymentsIn(of(call), namespace).flatMap((one) =>
          podsOf(one).map((n) => ({
            metadata: {
              ...{ namespace, name: `${one.name}-${n}`, uid: `uid-${one.name}-${n}`, labels: { app: one.name } },
              ownerReferences: [{ kind: 'ReplicaSet', name: `${one.name}-6c9f` }],
            },
            status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
          })),
        ),
      );
    },
    ListEndpointSlices(call) {
      const { namespace } = read(listed, call);
      return list(isRun(of(call), namespace) ? [{ endpoints: [{ conditions: { ready: true } }] }] : []);
    },
    ReadScale: (call) => scaleOf(deploymentOf(call)),
    PatchScale(call, parts) {
      const found = deploymentOf(call);
      const { namespace, name, change } = read(scaled, call);
      found.wanted = change.spec.replicas;
      noteChanged(found, 'breakwater', true, world.now());
      // Those that are too many end at once; the others start after a while, and fewer may be wanted by then.
      found.running = Math.min(found.running, found.wanted);
      if (found.running < found.wanted)
        world.after(of(call).startSeconds(found, call), () => {
          found.running = found.wanted;
        });
      noteMutation(call, parts, `${of(call).place.cluster}/${namespace}/${name}`, null);
      return scaleOf(found);
    },
    DeletePod(call, parts) {
      const { namespace, name, change } = read(ended, call);
      const { workloads, place, startSeconds, losePod } = of(call);
      const found = workloads.deployments.find(
        (one) => one.namespace === namespace && podsOf(one).some((n) => `${one.name}-${n}` === name),
      );
      if (found === undefined) throw refusal('NotFound', `pods "${name}" not found`, 404);
      if (change.preconditions.uid !== `uid-${name}`)
        throw refusal('Conflict', `Precondition failed: UID in precondition: ${change.preconditions.uid}`, 409);
      found.gone.add(Number(name.slice(found.name.length + 1)));
      found.starting += 1;
      if (found.isAsked) losePod();
      world.after(startSeconds(found, call), () => {
        found.starting -= 1;
      });
      noteMutation(call, parts, `${place.cluster}/${namespace}/${name}`, null);
      return { metadata: { namespace, name } };
    },
    ReadCronJob: (call) => ({ spec: { suspend: cronJobOf(call).suspended } }),
    PatchCronJob(call, parts) {
      const { namespace, name } = read(named, call);
      const found = cronJobOf(call);
      found.suspended = read(suspended, call).change.spec.suspend;
      noteMutation(call, parts, `${of(call).place.cluster}/${namespace}/${name}`, null);
      return { spec: { suspend: found.suspended } };
    },
  };
}
