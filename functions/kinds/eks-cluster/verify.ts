// Desired state: what the plan wants a cluster to run runs, by what its API server says. Part of the gate before users are sent there.
import { apiServer } from '../../aws/workloads/clusters.ts';
import { type ApiServer, list } from '../../aws/workloads/kubernetes.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { noteFailing } from '../../shared/recovery/failing.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { deploymentsIn, type Workload } from './says/rebuild-plan.ts';
import { judgeWorkload, type Within, type WorkloadSeen } from './seen/workload.ts';

/** Called again until all runs. A person may sign that it is left out. @throws CannotProceed where waiting does not mend it. */
export const handler = reach('verify', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const place = placeOf(assetNamed(asset, 'eks-cluster', shell.plan), region);
  const { cluster, workload } = place;
  if (workload === undefined) return { cluster, checked: false, verifiedAt: shell.now() };
  const server = await apiServer(region, cluster);
  if (server === null) throw new CannotProceed(`cluster ${cluster} is not in ${region}`);
  const { wrong, waits } = judgeWorkload(workload, await see(server, workload), deploymentsIn(place));
  if (wrong.length > 0) throw new CannotProceed(`cluster ${cluster} does not run what it should: ${wrong.join('; ')}`);
  if (waits.length > 0) {
    const why = `cluster ${cluster} does not run all that it should yet: ${waits.join('; ')}`;
    // The sweep tells people, as soon as their patience has ended: they may leave it out while it waits.
    await noteFailing(incident, `verify/${asset}`, why, shell);
    throw new InProgress(why);
  }
  return { cluster, checked: true, nodes: workload.nodes, namespaces: workload.namespaces, verifiedAt: shell.now() };
});

/** All at once: of a namespace that is not there the lists are empty. */
async function see(server: ApiServer, { namespaces, services }: Workload): Promise<WorkloadSeen> {
  const [nodes, known, within, endpoints] = await Promise.all([
    list('ListNodes', server),
    list('ListNamespaces', server),
    Promise.all(namespaces.map(async (name) => [name, await seeWithin(server, name)] as const)),
    Promise.all(
      services.map(async ({ namespace, name }) => {
        return [`${namespace}/${name}`, await list('ListEndpointSlices', server, namespace, name)] as const;
      }),
    ),
  ]);
  return { nodes, namespaces: known, within: Object.fromEntries(within), endpoints: Object.fromEntries(endpoints) };
}

async function seeWithin(server: ApiServer, namespace: string): Promise<Within> {
  const [deployments, statefulSets, daemonSets, pods] = await Promise.all([
    list('ListDeployments', server, namespace),
    list('ListStatefulSets', server, namespace),
    list('ListDaemonSets', server, namespace),
    list('ListPods', server, namespace),
  ]);
  return { deployments, statefulSets, daemonSets, pods };
}
