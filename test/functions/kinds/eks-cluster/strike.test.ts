// What a drill ends in a cluster: which pod, when it is one of the deployment's, and when as many run again.
import { EKSClient } from '@aws-sdk/client-eks';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { KubernetesClient } from '../../../../functions/aws/workloads/kubernetes.ts';
import {
  nodesAreWhole,
  nodeToStrike,
  podIsWhole,
  podToStrike,
} from '../../../../functions/kinds/eks-cluster/strike.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, setting } from '../../setting.ts';
import { eksKnows } from './clusters.ts';

const eks = mocked(EKSClient);
const region = plan.roles.primary;
const target = { fault: 'pod', asset: 'cluster', namespace: 'chatops', deployment: 'api' } as const;
const what = 'deployment chatops/api of cluster chatops-prod';
const shell = setting({ plan, region });

const conditions = (status: string) => [{ type: 'Ready', status }];
const pod = (name: string, change: object = {}, ready = 'True') => ({
  metadata: {
    ...{ namespace: 'chatops', name, uid: `uid-${name}`, labels: { app: 'api' } },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'api-6c9f' }],
    ...change,
  },
  status: { conditions: conditions(ready) },
});
const node = (ready = 'True') => ({ spec: {}, status: { conditions: conditions(ready) } });

let pods: object[];
let nodes: object[];
let deployments: object[];
const sent: { operation: string; input: { name?: string; change?: object } }[] = [];

beforeEach(() => {
  sent.length = 0;
  eksKnows(eks);
  nodes = [node(), node(), node('False')];
  pods = [pod('api-b'), pod('api-a')];
  deployments = [{ metadata: { name: 'api' }, spec: { replicas: 2, selector: { matchLabels: { app: 'api' } } } }];
  vi.spyOn(KubernetesClient.prototype, 'send').mockImplementation(async (command) => {
    sent.push(command as never);
    return {
      items: { ListPods: pods, ListNodes: nodes, ListDeployments: deployments }[command.operation as string],
    } as never;
  });
});

describe('a pod', () => {
  test('is the first that is ready, and is ended by its uid: another of its name is left alone', async () => {
    pods = [pod('api-0', {}, 'False'), pod('api-1', { deletionTimestamp: 'now' }), ...pods];
    const strike = await podToStrike(target, region, shell);
    expect(strike).toMatchObject({
      call: 'kubernetes:DeletePod',
      target: 'chatops-prod/chatops/api-a',
      struck: 'api-a',
    });
    expect(sent.map(({ operation }) => operation)).not.toContain('DeletePod');
    await strike.begin();
    expect(sent.at(-1)).toMatchObject({
      operation: 'DeletePod',
      input: { namespace: 'chatops', name: 'api-a', change: { preconditions: { uid: 'uid-api-a' } } },
    });
  });

  test.for([
    ['of a job', { ownerReferences: [{ kind: 'Job', name: 'api-1' }] }],
    ['of another deployment', { ownerReferences: [{ kind: 'ReplicaSet', name: 'worker-6c9f' }] }],
    ['with other labels', { labels: { app: 'worker' } }],
  ] as const)('%s is none of it', async ([, change]) => {
    pods = [pod('api-a', change)];
    expect(await failureOf(podToStrike(target, region, shell))).toMatchObject({
      name: 'CannotProceed',
      message: `${what} has no pod that is ready`,
    });
  });

  test('of a deployment that is not there is a failure', async () => {
    deployments = [];
    expect(await failureOf(podToStrike(target, region, shell))).toMatchObject({ message: `${what} is not there` });
  });

  test('is made good when it is gone, and as many are ready as are wanted', async () => {
    expect(await podIsWhole(target, region, 'api-a', shell)).toBe('pod api-a still runs');
    pods = [pod('api-b'), pod('api-a', { deletionTimestamp: 'now' }), pod('api-c', {}, 'False')];
    expect(await podIsWhole(target, region, 'api-a', shell)).toBe(`${what} has 1 of 2 pods ready`);
    pods = [pod('api-b'), pod('api-c')];
    expect(await podIsWhole(target, region, 'api-a', shell)).toBeNull();
  });
});

describe('a node', () => {
  test('is made good when as many take pods as before', async () => {
    const { struck } = await nodeToStrike('cluster', region, shell);
    expect(struck).toBe('2 nodes');
    nodes = [node(), node('False'), node('False')];
    expect(await nodesAreWhole('cluster', region, struck, shell)).toBe('cluster chatops-prod has 1 of 2 nodes ready');
    nodes = [node(), node(), node('False')];
    expect(await nodesAreWhole('cluster', region, struck, shell)).toBeNull();
  });

  test('that is the only one is left alone', async () => {
    nodes = [node()];
    expect((await failureOf(nodeToStrike('cluster', region, shell))).message).toContain('expected 2 at least');
  });
});
