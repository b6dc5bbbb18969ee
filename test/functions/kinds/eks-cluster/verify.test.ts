// Whether what a cluster should run runs: each thing that can be missing, and what people are told of it.
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KubernetesClient, KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';
import { judgeWorkload, type WorkloadSeen } from '../../../../functions/kinds/eks-cluster/seen/workload.ts';
import { handler as verify } from '../../../../functions/kinds/eks-cluster/verify.ts';
import { verbsOf } from '../../../../functions/kinds/verbs.ts';
import { changing, the } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, reached, running, start } from '../../setting.ts';
import { eksKnows } from './clusters.ts';

type Object_ = Record<string, unknown>;
const workload = { nodes: 2, namespaces: ['chatops'], services: [{ namespace: 'chatops', name: 'api' }] };
const ready = [{ type: 'Ready', status: 'True' }];
const meta = (name: string, more: Object_ = {}) => ({
  metadata: { namespace: 'chatops', name, generation: 3, ...more },
});
const node = (spec: Object_ = {}, conditions: readonly Object_[] = ready) => ({ spec, status: { conditions } });
const deployment = (status: Object_ = {}, spec: Object_ = {}) => ({
  ...meta('api'),
  spec: { replicas: 2, ...spec },
  status: { observedGeneration: 3, updatedReplicas: 2, availableReplicas: 2, ...status },
});
const pod = (status: Object_ = {}, more: Object_ = {}) => ({
  ...meta('api-1', more),
  status: { phase: 'Running', conditions: ready, ...status },
});
const seen = (change: Object_ = {}, within: Object_ = {}): WorkloadSeen =>
  ({
    nodes: [node(), node()],
    namespaces: [{ metadata: { name: 'chatops' }, status: { phase: 'Active' } }],
    within: { chatops: { deployments: [deployment()], statefulSets: [], daemonSets: [], pods: [pod()], ...within } },
    endpoints: { 'chatops/api': [{ endpoints: [{ conditions: { ready: true } }] }] },
    ...change,
  }) as unknown as WorkloadSeen;

describe('what is judged', () => {
  test('all that should run runs', () => {
    expect(judgeWorkload(workload, seen())).toEqual({ wrong: [], waits: [] });
  });

  test('a deployment of the plan that stands at zero is missing, whatever else runs', () => {
    const within = { deployments: [deployment(), { ...deployment({}, { replicas: 0 }), ...meta('worker') }] };
    const scaled = [{ namespace: 'chatops', name: 'worker', replicas: 9 }];
    expect(judgeWorkload(workload, seen({}, within), scaled).waits).toEqual([
      'deployment chatops/worker is scaled to 0, and the plan wants 9',
    ]);
  });

  const notReady = [{ type: 'Ready', status: 'Unknown' }];
  const set = (status: Object_, spec: Object_ = {}) => ({ ...meta('queue'), spec, status });
  const short = { deployments: [deployment({ availableReplicas: 0 })] };
  const none = 'deployment chatops/api has 0 of 2 ready';
  const one = '1 of 2 nodes are ready, and 2 are needed';
  const tainted = (key: string, effect: string) => node({ taints: [{ key, effect }] });
  test.for<readonly [string, WorkloadSeen, readonly string[]]>([
    ['a node that does not report', seen({ nodes: [node(), node({}, notReady)] }), [one]],
    ['a node that takes no pods', seen({ nodes: [node(), node({ unschedulable: true })] }), [one]],
    [
      'a node whose disk is full',
      seen({ nodes: [node(), tainted('node.kubernetes.io/disk-pressure', 'NoSchedule')] }),
      [one],
    ],
    ['no nodes', seen({ nodes: [] }), ['0 of 0 nodes are ready, and 2 are needed']],
    [
      'a namespace that ends',
      seen({ namespaces: [{ metadata: { name: 'chatops' }, status: { phase: 'Terminating' } }] }),
      ['namespace chatops is Terminating'],
    ],
    [
      'a change that nobody has begun with',
      seen({}, { deployments: [deployment({ observedGeneration: 2 })] }),
      ['deployment chatops/api was changed, and nothing has begun'],
    ],
    [
      'a deployment that says nothing of itself',
      seen({}, { deployments: [{ ...meta('api'), spec: {} }] }),
      ['deployment chatops/api was changed, and nothing has begun'],
    ],
    [
      'pods of the version before',
      seen({}, { deployments: [deployment({ updatedReplicas: 1 })] }),
      ['deployment chatops/api runs 1 of 2 in its newest version'],
    ],
    ['pods that are not ready', seen({}, short), [none]],
    [
      'more than a quarter of the pods',
      seen({}, { deployments: [deployment({ updatedReplicas: 30, availableReplicas: 22 }, { replicas: 30 })] }),
      ['deployment chatops/api has 22 of 30 ready, and 23 are needed'],
    ],
    [
      'a stateful set',
      seen(
        {},
        { statefulSets: [set({ observedGeneration: 3, updatedReplicas: 3, readyReplicas: 2 }, { replicas: 3 })] },
      ),
      ['stateful set chatops/queue has 2 of 3 ready'],
    ],
    [
      'a daemon set',
      seen({}, { daemonSets: [set({ observedGeneration: 3, desiredNumberScheduled: 9, updatedNumberScheduled: 8 })] }),
      ['daemon set chatops/queue runs 8 of 9 in its newest version'],
    ],
    [
      'a pod that crashes',
      seen(
        {},
        {
          ...short,
          pods: [
            pod({
              conditions: notReady,
              containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff', message: 'secret' } } }],
            }),
          ],
        },
      ),
      [none, 'pod chatops/api-1 is CrashLoopBackOff'],
    ],
    [
      'a pod without a node',
      seen(
        {},
        {
          ...short,
          pods: [
            pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }),
          ],
        },
      ),
      [none, 'pod chatops/api-1 is Unschedulable'],
    ],
    [
      'seven pods',
      seen({}, { ...short, pods: Array.from({ length: 7 }, () => pod({ conditions: notReady })) }),
      [none, ...Array.from({ length: 5 }, () => 'pod chatops/api-1 is not ready'), 'and 2 more pods are not ready'],
    ],
    ['a service without addresses', seen({ endpoints: {} }), ['service chatops/api has no address that is ready']],
    [
      'a service whose addresses are not ready',
      seen({ endpoints: { 'chatops/api': [{ endpoints: [{ conditions: { ready: false } }] }, {}] } }),
      ['service chatops/api has no address that is ready'],
    ],
  ])('%s is waited for', ([, found, waits]) => {
    expect(judgeWorkload(workload, found)).toEqual({ wrong: [], waits });
  });

  test.for<readonly [string, WorkloadSeen, string]>([
    ['no such namespace', seen({ namespaces: [] }), 'namespace chatops is not there'],
    ['a namespace with nothing in it', seen({}, { deployments: [] }), 'namespace chatops has nothing that should run'],
    [
      'a namespace in which all is scaled to nothing',
      seen({}, { deployments: [deployment({}, { replicas: 0 })] }),
      'namespace chatops has nothing that should run',
    ],
  ])('%s takes a person', ([, found, wrong]) => {
    expect(judgeWorkload(workload, found).wrong).toEqual([wrong]);
  });

  const nodes = [node(), node(), node({}, notReady)];
  test.for<readonly [string, WorkloadSeen]>([
    [
      'a pod that was evicted, and stands for days',
      seen({}, { pods: [pod(), pod({ phase: 'Failed', conditions: [] })] }),
    ],
    ['a pod of a tool, beside what runs', seen({}, { pods: [pod({ phase: 'Pending', conditions: [] })] })],
    [
      'a quarter of the pods',
      seen({}, { deployments: [deployment({ updatedReplicas: 30, availableReplicas: 23 }, { replicas: 30 })] }),
    ],
    [
      'a deployment that is paused half way',
      seen({}, { deployments: [deployment({ updatedReplicas: 1 }, { paused: true })] }),
    ],
    [
      'a partition that keeps some as they are',
      seen(
        {},
        {
          statefulSets: [
            set(
              { observedGeneration: 3, updatedReplicas: 1, readyReplicas: 3 },
              { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
            ),
          ],
        },
      ),
    ],
    [
      'a stateful set that nobody renews',
      seen(
        {},
        {
          statefulSets: [
            set({ observedGeneration: 3, readyReplicas: 3 }, { replicas: 3, updateStrategy: { type: 'OnDelete' } }),
          ],
        },
      ),
    ],
    [
      'a daemon set on a node that is not needed and down',
      seen(
        { nodes },
        {
          daemonSets: [
            set({ observedGeneration: 3, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }),
          ],
        },
      ),
    ],
    ['a pool with a taint of its own', seen({ nodes: [node(), tainted('example.com/gpu', 'NoSchedule')] })],
    [
      'a deployment of nothing, beside one that runs',
      seen({}, { deployments: [deployment(), deployment({}, { replicas: 0 })] }),
    ],
  ])('%s keeps nobody away', ([, found]) => {
    expect(judgeWorkload(workload, found)).toEqual({ wrong: [], waits: [] });
  });

  test.for<readonly [string, Object_]>([
    ['that has ended well', pod({ phase: 'Succeeded', conditions: [] })],
    ['that is being ended', pod({ conditions: notReady }, { deletionTimestamp: new Date() })],
    ['of a job that tries again', pod({ phase: 'Pending', conditions: [] }, { ownerReferences: [{ kind: 'Job' }] })],
  ])('a pod %s is no word for what is missing', ([, one]) => {
    expect(judgeWorkload(workload, seen({}, { ...short, pods: [one] })).waits).toEqual([none]);
  });
});

describe('the verb', () => {
  const eks = mocked(EKSClient);
  const regions = {
    'us-east-1': { cluster: 'chatops-prod', warm: true },
    'us-west-2': { cluster: 'chatops-dr', warm: true, workload },
  };
  const planned = changing('eks-cluster', plan, { regions });
  const lists = (change: Readonly<Record<string, unknown>> = {}) => {
    const { nodes, namespaces, within, endpoints } = seen();
    const all: Readonly<Record<string, unknown>> = {
      ...{ ListNodes: nodes, ListNamespaces: namespaces, ListEndpointSlices: endpoints['chatops/api'] },
      ...{ ListDeployments: within['chatops']?.deployments, ListStatefulSets: [], ListDaemonSets: [] },
      ...{ ListPods: within['chatops']?.pods, ...change },
    };
    return vi.spyOn(KubernetesClient.prototype, 'send').mockImplementation((async ({
      operation,
    }: {
      operation: string;
    }) => {
      const items = all[operation];
      if (items instanceof Error) throw items;
      return { items };
    }) as never);
  };
  const run = async () => {
    const shell = await running(incident, { region: 'us-west-2', plan: planned });
    await reached('take-over/cluster', incident, shell);
    return verify.on(shell)({ incident, asset: 'cluster' });
  };
  beforeEach(() => {
    eks.reset();
    eksKnows(eks);
  });
  afterEach(() => vi.restoreAllMocks());

  test('is known where the plan says what has to run', () => {
    expect(verbsOf(the('eks-cluster', planned))).toContain('verify');
    expect(
      verbsOf(
        the(
          'eks-cluster',
          changing('eks-cluster', plan, { regions: { 'us-west-2': { cluster: 'chatops-dr', warm: true } } }),
        ),
      ),
    ).not.toContain('verify');
  });

  test('says what was seen, and by which server', async () => {
    const send = lists();
    expect(await run()).toEqual({
      cluster: 'chatops-dr',
      checked: true,
      nodes: 2,
      namespaces: ['chatops'],
      verifiedAt: start,
    });
    const server = { region: 'us-west-2', cluster: 'chatops-dr', endpoint: 'https://eks.example', authority: 'PEM' };
    for (const [{ input }] of send.mock.calls) expect(input).toMatchObject({ server });
    expect(send.mock.calls.map(([{ operation }]) => operation).sort()).toEqual([
      'ListDaemonSets',
      'ListDeployments',
      'ListEndpointSlices',
      'ListNamespaces',
      'ListNodes',
      'ListPods',
      'ListStatefulSets',
    ]);
  });

  test.for<readonly [string, () => void, string, RegExp]>([
    [
      'pods that are missing',
      () =>
        void lists({ ListDeployments: [deployment({ availableReplicas: 0 })], ListPods: [pod({ conditions: [] })] }),
      'InProgress',
      /does not run all that it should yet: deployment chatops\/api has 0 of 2 ready; pod chatops\/api-1 is not ready/,
    ],
    [
      'a namespace that is missing',
      () => void lists({ ListNamespaces: [] }),
      'CannotProceed',
      /does not run what it should: namespace chatops is not there/,
    ],
    [
      'a cluster that refuses the token',
      () => void lists({ ListNodes: new KubernetesFault('Unauthorized', 401, 'Unauthorized') }),
      'Unavailable',
      /refuses our token: has the role of this function an access entry/,
    ],
    [
      'an API server that does not answer',
      () => void lists({ ListNodes: new KubernetesFault('ECONNREFUSED', null, 'no connection') }),
      'Unavailable',
      /no connection/,
    ],
    [
      'no cluster',
      () => {
        lists();
        eks
          .on(DescribeClusterCommand)
          .rejects(
            Object.assign(new Error('none'), { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } }),
          );
      },
      'CannotProceed',
      /cluster chatops-dr is not in us-west-2/,
    ],
    [
      'a cluster that is still made',
      () => {
        lists();
        eks.on(DescribeClusterCommand).resolves({ cluster: { status: 'CREATING' } });
      },
      'InProgress',
      /has no API server yet: it is CREATING/,
    ],
  ])('%s', async ([, arrange, name, message]) => {
    arrange();
    const failure = await failureOf(run());
    expect(failure.name).toBe(name);
    expect(failure.message).toMatch(message);
  });

  test.for<readonly [string, Readonly<Record<string, unknown>>]>([
    ['waits for pods', { ListDeployments: [deployment({ availableReplicas: 0 })] }],
    ['is refused the token', { ListNodes: new KubernetesFault('Unauthorized', 401, 'Unauthorized') }],
  ])('that %s is said to fail once, and no more when all is there; it looks again all the same', async ([, change]) => {
    const shell = await running(incident, { region: 'us-west-2', plan: planned });
    await reached('take-over/cluster', incident, shell);
    const look = () => verify.on(shell)({ state: 'Verify', incident, asset: 'cluster' });
    const marks = async () =>
      (await shell.store.readSteps(incident.id)).map(({ step }) => step).filter((step) => step.includes('verify/'));
    lists(change);
    for (const _ of [1, 2]) await failureOf(look());
    expect(await marks()).toEqual(['failing/verify/cluster']);
    shell.at += 60_000;
    lists();
    await look();
    expect((await marks()).toSorted()).toEqual(['failing/verify/cluster', 'mended/verify/cluster']);
    shell.at += 60_000;
    lists({ ListNamespaces: [] });
    expect((await failureOf(look())).name).toBe('CannotProceed');
  });
});
