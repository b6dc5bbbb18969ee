// The cluster of the standby answers, or a person is needed.
import { DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';
import { clusterIsReady } from '../../../../functions/kinds/eks-cluster/look.ts';
import { handler as takeOver } from '../../../../functions/kinds/eks-cluster/take-over.ts';
import { changing, the, withRebuild } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, start } from '../../setting.ts';
import { autoscaler, changesOf, deployed, eksKnows, scaledObject } from './clusters.ts';

const eks = mocked(EKSClient);
beforeEach(() => {
  eks.reset();
  eksKnows(eks);
  eks.on(DescribeNodegroupCommand).resolves({
    nodegroup: { status: 'ACTIVE', scalingConfig: { desiredSize: 9, maxSize: 9 }, nodeRepairConfig: { enabled: true } },
  });
});
afterEach(() => vi.restoreAllMocks());

const answering = (status: number) => async () => new Response(null, { status });

test.for([
  ['answers that it has no writer yet', answering(503), true, 'done'],
  ['does not answer', () => Promise.reject(new Error('no route')), true, 'InProgress'],
  ['is not warm', answering(200), false, 'CannotProceed'],
] as const)('a cluster that %s', async ([, fetch, warm, expected]) => {
  const regions = { 'us-west-2': { cluster: 'chatops-dr', warm } };
  const shell = await running(incident, { region: 'us-west-2' });
  const at = { ...shell, fetch, plan: changing('eks-cluster', plan, { regions }) };
  const run = takeOver.on(at)({ incident, asset: 'cluster' });
  if (expected === 'done') expect(await run).toEqual({ cluster: 'chatops-dr', answers: 503 });
  else expect((await failureOf(run)).name).toBe(expected);
});

test('a cluster is left out by a waiver, and nothing is asked of it', async () => {
  const shell = await running(incident, { region: 'us-west-2' });
  await shell.store.keepWaiver(incident.execution, 'TakeOver/cluster', 'dba', 'I have looked', start);
  expect(await takeOver.on(shell)({ incident, asset: 'cluster' })).toMatchObject({ skipped: true, by: 'dba' });
});

const [api, worker] = ['chatops/chatops-api', 'chatops/chatops-worker'];
const scaled = withRebuild(plan, ({ workload: _, ...place }) => ({ ...place, warm: true }));
const taking = async () => {
  const shell = { ...(await running(incident, { region: 'us-west-2', plan: scaled })), fetch: answering(503) };
  return { shell, run: () => takeOver.on(shell)({ incident, asset: 'cluster' }) };
};

test('what stands at zero is raised to the plan’s numbers in a warm cluster that answers, and the rest is left', async () => {
  const send = deployed({ [api]: { wanted: 0, running: 0 }, [worker]: { wanted: 1, running: 1 } });
  const { run, shell } = await taking();
  expect(await run()).toMatchObject({ cluster: 'chatops-dr', answers: 503, deployments: [api] });
  expect(changesOf(send)).toEqual([[api, 18]]);
  expect(await shell.store.readAudit(incident.id)).toMatchObject([
    { step: 'take-over/cluster', call: 'kubernetes:PatchScale', target: `chatops-dr/${api}`, region: 'us-west-2' },
  ]);
});

test('what cannot be raised holds nothing, and the outcome says so', async () => {
  const send = deployed({ [api]: new KubernetesFault('Forbidden', 403, 'no'), [worker]: { wanted: 0, running: 0 } });
  const { run } = await taking();
  expect(await run()).toMatchObject({
    answers: 503,
    notRaised: expect.stringContaining('give its group the right'),
  });
  expect(changesOf(send)).toEqual([]);
});

/** Of a warm cluster whose page answers. */
async function readiness() {
  const { shell } = await taking();
  const cluster = the(
    'eks-cluster',
    withRebuild(plan, ({ rebuild: _, ...place }) => ({ ...place, warm: true })),
  );
  const headers = { 'x-served-by': 'us-west-2' };
  return clusterIsReady(cluster, { ...shell, fetch: async () => new Response(null, { status: 503, headers }) });
}

test('what an autoscaler holds at none is raised all the same, and said', async () => {
  const listed = { ListScaledObjects: [scaledObject('chatops-api', { 'autoscaling.keda.sh/paused-replicas': '0' })] };
  const send = deployed({ [api]: { wanted: 0, running: 0 }, [worker]: { wanted: 9, running: 9 } }, listed);
  const { run } = await taking();
  expect(await run()).toMatchObject({
    notRaised:
      'ScaledObject chatops/chatops-api-keda of KEDA is paused and holds deployment chatops/chatops-api at 0, and the plan wants 18',
  });
  expect(changesOf(send)).toEqual([[api, 18]]);
});

test.for<readonly [string, Parameters<typeof deployed>[1], string, RegExp]>([
  [
    'an autoscaler lets run too few',
    { ListAutoscalers: [autoscaler('chatops-api', 6)] },
    'not-ready',
    /HorizontalPodAutoscaler chatops\/chatops-api-hpa lets deployment chatops\/chatops-api have 6 replicas at most, and the plan wants 18/,
  ],
  [
    'KEDA lets run too few, whose own autoscaler is not named beside it',
    {
      ListScaledObjects: [scaledObject('chatops-api', {}, 6)],
      ListAutoscalers: [autoscaler('chatops-api', 6, 'ScaledObject')],
    },
    'not-ready',
    /^ScaledObject chatops\/chatops-api-keda of KEDA lets deployment chatops\/chatops-api have 6 replicas at most, and the plan wants 18$/,
  ],
  ['an autoscaler lets run enough', { ListAutoscalers: [autoscaler('chatops-api', 40)] }, 'ready', /all 2 deployments/],
  [
    'no pod may be moved',
    { ListDisruptionBudgets: [{ metadata: { name: 'api' }, status: { disruptionsAllowed: 0, expectedPods: 18 } }] },
    'ready',
    /PodDisruptionBudgets let no pod be moved, so that a node cannot be replaced: chatops\/api/,
  ],
  [
    'autoscalers may not be looked at',
    { ListAutoscalers: new KubernetesFault('Forbidden', 403, 'no') },
    'ready',
    /it is not known whether something else scales them: list autoscalers in namespace chatops/,
  ],
])('readiness says of deployments of which %s', async ([, listed, state, why]) => {
  deployed({ [api]: { wanted: 18, running: 18 }, [worker]: { wanted: 9, running: 9 } }, listed);
  const verdict = await readiness();
  expect(verdict.why).toMatch(why);
  expect(verdict.state).toBe(state);
});

test.for<readonly [string, Parameters<typeof deployed>[0], string, RegExp]>([
  [
    'they stand at zero',
    { [api]: { wanted: 0, running: 0 }, [worker]: { wanted: 9, running: 9 } },
    'ready',
    /its deployments chatops\/chatops-api STAND AT ZERO: a takeover raises them/,
  ],
  [
    'all run',
    { [api]: { wanted: 18, running: 18 }, [worker]: { wanted: 9, running: 9 } },
    'ready',
    /all 2 deployments of the plan run in it/,
  ],
  [
    'one is not there',
    { [api]: { wanted: 18, running: 18 } },
    'not-ready',
    /has no deployment chatops\/chatops-worker/,
  ],
  [
    'it is not reached',
    { [api]: new KubernetesFault('ETIMEDOUT', null, 'no connection'), [worker]: { wanted: 9, running: 9 } },
    'ready',
    /it is not known how many replicas its deployments have: .*no connection/,
  ],
])('readiness says of deployments that %s', async ([, all, state, why]) => {
  deployed(all);
  const verdict = await readiness();
  expect(verdict.why).toMatch(why);
  expect(verdict.state).toBe(state);
});

test('readiness asks for the right where the cluster refuses the token', async () => {
  const refused = new KubernetesFault('Unauthorized', 401, 'Unauthorized');
  deployed({ [api]: refused, [worker]: refused });
  const { shell } = await taking();
  await expect(clusterIsReady(the('eks-cluster', scaled), shell)).rejects.toThrow(
    'has the role of this function an access entry?',
  );
});
