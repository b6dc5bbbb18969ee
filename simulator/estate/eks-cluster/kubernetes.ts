// What the API server of a cluster of the twin lists: its nodes, and the application as far as it was brought into it and scaled.
import * as z from 'zod';
import type { ClusterPlace } from '../../../functions/kinds/eks-cluster/rebuild-plan.ts';
import { type Answers, read } from '../apis/answer.ts';
import type { Call } from '../types.ts';

/** A cluster as it stands. */
export type Running = {
  readonly place: ClusterPlace;
  readonly nodes: number;
  readonly application: boolean;
  readonly scaled: boolean;
};

const listed = z.looseObject({ namespace: z.string(), service: z.string().optional() });
/** Of an application that serves nobody. */
const pilotReplicas = 1;
/** Of a deployment of which the plan has no number. */
const usualReplicas = 2;

/** `of`: the cluster that a call asks. */
export function kubernetesOf(of: (call: Call) => Running): Answers {
  const list = (items: readonly object[]) => ({ items });
  const isRun = ({ place, application }: Running, namespace: string): boolean =>
    application && place.workload?.namespaces.includes(namespace) === true;
  const deploymentsIn = (running: Running, namespace: string) => {
    if (!isRun(running, namespace)) return [];
    const planned = (running.place.scale?.deployments ?? []).filter((one) => one.namespace === namespace);
    const all = planned.length > 0 ? planned : [{ namespace, name: 'application', replicas: usualReplicas }];
    return all.map(({ name, replicas }) => ({ name, replicas: running.scaled ? replicas : pilotReplicas }));
  };
  const nothing = { ListStatefulSets: () => list([]), ListDaemonSets: () => list([]) };
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
        deploymentsIn(of(call), namespace).map(({ name, replicas }) => ({
          metadata: { namespace, name, generation: 1 },
          spec: { replicas },
          status: { observedGeneration: 1, replicas, updatedReplicas: replicas, availableReplicas: replicas },
        })),
      );
    },
    ListPods(call) {
      const { namespace } = read(listed, call);
      return list(
        deploymentsIn(of(call), namespace).flatMap(({ name, replicas }) =>
          Array.from({ length: replicas }, (_, n) => ({
            metadata: { namespace, name: `${name}-${n}` },
            status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
          })),
        ),
      );
    },
    ListEndpointSlices(call) {
      const { namespace } = read(listed, call);
      return list(isRun(of(call), namespace) ? [{ endpoints: [{ conditions: { ready: true } }] }] : []);
    },
  };
}
