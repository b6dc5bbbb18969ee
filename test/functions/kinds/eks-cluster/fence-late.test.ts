// The application of a cluster that was given up runs no replica once users have left it, whatever became of the flow.
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';
import { handler } from '../../../../functions/kinds/eks-cluster/fence-late.ts';
import { verbsOf } from '../../../../functions/kinds/verbs.ts';
import { the, withRebuild } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';
import { autoscaler, changesOf, deployed, eksKnows, scaledObject } from './clusters.ts';

const eks = mocked(EKSClient);
const [api, worker] = ['chatops/chatops-api', 'chatops/chatops-worker'];
const planned = withRebuild(plan);
const keda = 'autoscaling.keda.sh/paused';
let shell: Setting;
const kept = (step: string, outcome = {}) =>
  shell.store.recordStep({ incident: incident.id, execution: incident.execution, step, at: start, outcome });
const run = (mode: 'failover' | 'switchover' = 'failover') =>
  handler.on(shell)({ incident: { ...incident, mode }, asset: 'cluster' });
const steps = async () => (await shell.store.readSteps(incident.id)).map(({ step }) => step);

beforeEach(async () => {
  eks.reset();
  eksKnows(eks);
  shell = await running(incident, { region: 'us-west-2', plan: planned });
  await kept('take-over/cluster');
  await kept('redirect-users');
});
afterEach(() => vi.restoreAllMocks());

test('is known where the plan has numbers of deployments', () => {
  expect(verbsOf(the('eks-cluster', planned))).toContain('fence-late');
  expect(verbsOf(the('eks-cluster', plan))).not.toContain('fence-late');
});

test('once users have left each deployment of the plan is asked to run none, in the old region, and that is done when none runs', async () => {
  const send = deployed({ [api]: { wanted: 18, running: 18 }, [worker]: { wanted: 9, running: 9 } });
  expect((await failureOf(run())).message).toContain(`deployment ${api} was asked to run none`);
  expect(changesOf(send)).toEqual([
    [api, 0],
    [worker, 0],
  ]);
  expect(send.mock.calls[0]?.[0].input.server).toMatchObject({ region: 'us-east-1', cluster: 'chatops-prod' });
  expect(await run()).toMatchObject({ fenced: true, divergedWrites: 0 });
  expect(await steps()).toContain('fence-late/cluster');
  expect(await shell.store.readAudit(incident.id)).toMatchObject([
    { step: 'fence/cluster', call: 'kubernetes:PatchScale', target: `chatops-prod/${api}`, region: 'us-east-1' },
    { step: 'fence/cluster', call: 'kubernetes:PatchScale', target: `chatops-prod/${worker}`, region: 'us-east-1' },
  ]);
});

test.for([
  ['KEDA', { ListScaledObjects: [scaledObject('chatops-api')] }, true],
  [
    'KEDA, which is paused at one replica,',
    { ListScaledObjects: [scaledObject('chatops-api', { [`${keda}-replicas`]: '1' })] },
    true,
  ],
  [
    'KEDA, which is paused at none,',
    { ListScaledObjects: [scaledObject('chatops-api', { [`${keda}-replicas`]: '0' })] },
    false,
  ],
  ['KEDA, which is paused,', { ListScaledObjects: [scaledObject('chatops-api', { [keda]: 'true' })] }, false],
  ['KEDA of another deployment', { ListScaledObjects: [scaledObject('another')] }, false],
  [
    'an autoscaler of Kubernetes, which leaves one at none alone,',
    { ListAutoscalers: [autoscaler('chatops-api', 30)] },
    false,
  ],
] as const)('a deployment that is scaled by %s is stopped; told to people: %3$s', async ([, listed, isTold]) => {
  const send = deployed({ [api]: { wanted: 18, running: 18 }, [worker]: { wanted: 0, running: 0 } }, listed);
  await failureOf(run());
  expect(changesOf(send)).toEqual([[api, 0]]);
  if (!isTold) return expect(await run()).toMatchObject({ fenced: true });
  const line =
    'ScaledObject chatops/chatops-api-keda of KEDA starts deployment chatops/chatops-api again: pause it (kubectl annotate scaledobject chatops-api-keda --namespace chatops --overwrite autoscaling.keda.sh/paused-replicas=0)';
  expect((await failureOf(run())).message).toContain(line);
  const told = (await shell.store.readSteps(incident.id)).find(({ step }) => step === 'failing/fence-late/cluster');
  expect(String(told?.outcome['why'])).toContain(line);
});

test('who may not look at autoscalers stops them, and says what was not seen', async () => {
  const listed = { ListAutoscalers: new KubernetesFault('Forbidden', 403, 'no') };
  deployed({ [api]: { wanted: 0, running: 0 }, [worker]: { wanted: 0, running: 0 } }, listed);
  expect(await run()).toMatchObject({
    fenced: true,
    why: expect.stringContaining(
      'it is not known whether something starts them again: list autoscalers in namespace chatops',
    ),
  });
});

test('a cluster without KEDA has nothing of it', async () => {
  const listed = { ListScaledObjects: new KubernetesFault('Unknown', 404, 'no answer of an API server') };
  deployed({ [api]: { wanted: 0, running: 0 }, [worker]: { wanted: 0, running: 0 } }, listed);
  expect(await run()).toMatchObject({ fenced: true, why: 'none of its deployments runs a replica' });
});

test('a planned switchover leaves them: their region may take over again', async () => {
  const send = deployed({});
  expect(await run('switchover')).toMatchObject({
    fenced: false,
    why: 'a planned switchover leaves its deployments as they are',
  });
  expect(send).not.toHaveBeenCalled();
});

test.for<readonly [string, KubernetesFault | null, string]>([
  ['is not there', null, `deployment ${api}: it is not there: does it have another name?`],
  ['may not be scaled', new KubernetesFault('Forbidden', 403, 'no'), 'give its group the right (docs/deploy.md)'],
  [
    'is in a cluster that refuses the token',
    new KubernetesFault('Unauthorized', 401, 'no'),
    'has the role of this function an access entry?',
  ],
  ['is in a cluster that is not reached', new KubernetesFault('ETIMEDOUT', null, 'no connection'), 'no connection'],
])('a deployment that %s is told to people, and the others are stopped', async ([, fault, said]) => {
  const send = deployed({ ...(fault !== null && { [api]: fault }), [worker]: { wanted: 9, running: 9 } });
  const failure = await failureOf(run());
  expect(failure.name).toBe('InProgress');
  expect(failure.message).toMatch(/^deployments of cluster in us-east-1 still run: /);
  expect(failure.message).toContain(said);
  expect(changesOf(send)).toEqual([[worker, 0]]);
  const told = (await shell.store.readSteps(incident.id)).find(({ step }) => step === 'failing/fence-late/cluster');
  expect(String(told?.outcome['why'])).toContain(said);
});

test('while EKS does not answer there it is asked again, and nobody is told', async () => {
  eks.on(DescribeClusterCommand).rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));
  expect((await failureOf(run())).message).toContain('us-east-1 does not answer');
  expect(await steps()).not.toContain('failing/fence-late/cluster');
});

test('a cluster that is not there runs nothing', async () => {
  eks
    .on(DescribeClusterCommand)
    .rejects(
      Object.assign(new Error('none'), { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } }),
    );
  expect(await run()).toMatchObject({ fenced: true, why: 'cluster chatops-prod is not there' });
});
