// An API server for tests of clusters: deployments by namespace/name, each with the replicas that it was asked for and those that run.
import { DescribeClusterCommand, DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { type MockInstance, vi } from 'vitest';
import { LookupClient, type LookupCommand } from '../../../../functions/aws/looking/lookups.ts';
import { KubernetesClient, KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';

export type Pods = { wanted: number; running: number };

/** Answers as EKS does of a cluster that is there, to whoever asks with a client of EKS or with a request that is signed here. */
export function eksKnows(eks: {
  on(command: typeof DescribeClusterCommand): { resolves(answer: object): unknown };
}): void {
  vi.spyOn(LookupClient.prototype, 'send').mockImplementation(async ({ operation, input }: LookupCommand) => {
    const client = new EKSClient({});
    if (operation === 'DescribeCluster') return client.send(new DescribeClusterCommand(input));
    if (operation === 'DescribeNodegroup') return client.send(new DescribeNodegroupCommand(input));
    throw new Error(`${operation} was not expected`);
  });
  eks.on(DescribeClusterCommand).resolves({
    cluster: {
      status: 'ACTIVE',
      endpoint: 'https://eks.example',
      certificateAuthority: { data: Buffer.from('PEM').toString('base64') },
    },
  });
}

type Asked = {
  readonly operation: string;
  readonly input: {
    readonly namespace: string;
    readonly name: string;
    readonly change?: { spec: { replicas: number } };
  };
};

/** By the operation that lists them, such as ListAutoscalers; a fault is thrown. */
export type Listed = Readonly<Record<string, readonly object[] | KubernetesFault>>;

/** What each deployment answers; a fault in the place of a number is thrown. Pods end and start at once. */
export function deployed(all: Record<string, Pods | KubernetesFault>, listed: Listed = {}): MockInstance {
  return vi.spyOn(KubernetesClient.prototype, 'send').mockImplementation((async ({ operation, input }: Asked) => {
    if (operation.startsWith('List')) {
      const items = listed[operation] ?? [];
      if (items instanceof KubernetesFault) throw items;
      return { items };
    }
    const found = all[`${input.namespace}/${input.name}`];
    if (found === undefined) throw new KubernetesFault('NotFound', 404, `deployments.apps "${input.name}" not found`);
    if (found instanceof KubernetesFault) throw found;
    if (operation === 'PatchScale') found.wanted = found.running = input.change?.spec.replicas ?? 0;
    return { spec: found.wanted === 0 ? {} : { replicas: found.wanted }, status: { replicas: found.running } };
  }) as never);
}

/** An autoscaler of Kubernetes, and one of KEDA, of a deployment. */
export const autoscaler = (name: string, maxReplicas: number, owner?: string) => ({
  metadata: { name: `${name}-hpa`, ...(owner !== undefined && { ownerReferences: [{ kind: owner, name }] }) },
  spec: { scaleTargetRef: { kind: 'Deployment', name }, maxReplicas },
});
export const scaledObject = (name: string, annotations: Readonly<Record<string, string>> = {}, most?: number) => ({
  metadata: { name: `${name}-keda`, annotations },
  spec: { scaleTargetRef: { name }, ...(most !== undefined && { maxReplicaCount: most }) },
});

/** The changes that were asked for: namespace/name and replicas. */
export function changesOf(send: MockInstance): [string, number][] {
  return (send.mock.calls as [Asked][]).flatMap(([{ operation, input }]) =>
    operation === 'PatchScale' ? [[`${input.namespace}/${input.name}`, input.change?.spec.replicas ?? 0]] : [],
  );
}
