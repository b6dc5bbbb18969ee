// The standby has no cluster, or a small one: what the step calls, records and says, against mocked EKS, CodeBuild and S3.
import 'aws-sdk-client-mock-vitest/extend';
import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handler as takeOver } from '../../../../functions/kinds/eks-cluster/take-over.ts';
import { withRebuild } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident, running, type Setting } from '../../setting.ts';
import { eksKnows } from './clusters.ts';

const eks = mocked(EKSClient);
const builds = mocked(CodeBuildClient);
const s3 = mocked(S3Client);
beforeEach(() => {
  for (const mock of [eks, builds, s3]) mock.reset();
  eksKnows(eks);
  builds
    .on(StartBuildCommand)
    .callsFake(() => ({ build: { id: `project:${builds.commandCalls(StartBuildCommand).length}` } }));
  s3.on(GetObjectCommand).rejects(
    Object.assign(new Error('none'), { name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } }),
  );
});
afterEach(() => vi.restoreAllMocks());

const project = 'breakwater-test-recover-cluster';
const input = { incident: regionIncident, asset: 'cluster' };
const gone = () =>
  eks
    .on(DescribeClusterCommand)
    .rejects(
      Object.assign(new Error('No cluster'), { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } }),
    );
const there = (desiredSize: number) => {
  eks.on(DescribeClusterCommand).resolves({ cluster: { status: 'ACTIVE' } });
  eks
    .on(DescribeNodegroupCommand)
    .resolves({ nodegroup: { status: 'ACTIVE', scalingConfig: { desiredSize, maxSize: 9 } } });
};
const phase = (phaseType: string, phaseStatus: string, durationInSeconds?: number, message?: string) =>
  ({
    phaseType,
    phaseStatus,
    ...(durationInSeconds && { durationInSeconds }),
    ...(message && { contexts: [{ message }] }),
  }) as never;
const building = (buildStatus: string, ...phases: ReturnType<typeof phase>[]) =>
  builds
    .on(BatchGetBuildsCommand)
    .resolves({ builds: [{ buildStatus: buildStatus as never, phases, logs: { deepLink: 'https://log' } }] });

const dark = () => Promise.reject(new Error('no route'));
const begun = (warm = true) =>
  running(regionIncident, {
    plan: withRebuild(plan, (place) => ({ ...place, warm })),
    region: 'us-west-2',
    fetch: dark,
  });
const run = (shell: Setting) => takeOver.on(shell)(input);
const stepsOf = async ({ store }: Setting) =>
  (await store.readSteps(regionIncident.id)).flatMap(({ step, outcome }) =>
    step.startsWith('build/') ? [[step, outcome]] : [],
  );

test('a warm cluster that answers is asked nothing else where nobody says what has to run in it, or how many', async () => {
  const bare = withRebuild(plan, ({ workload: _, scale: __, ...place }) => ({ ...place, warm: true }));
  const shell = await running(regionIncident, {
    ...{ plan: bare, region: 'us-west-2' },
  });
  expect(await run({ ...shell, fetch: async () => new Response(null, { status: 503 }) })).toEqual({
    cluster: 'chatops-dr',
    answers: 503,
  });
  expect([...eks.calls(), ...builds.calls()]).toEqual([]);
});

test.for([
  ['too few nodes gets them, and the flow goes on', 4, { raised: ['chatops-dr-general'] }],
  ['all its nodes is left as it is', 9, {}],
] as const)('a warm cluster that answers with %s', async ([, desiredSize, raised]) => {
  const shell = await begun();
  there(desiredSize);
  eks.on(UpdateNodegroupConfigCommand).resolves({});
  const answering = { ...shell, fetch: async () => new Response(null, { status: 503 }) };
  expect(await run(answering)).toEqual({ cluster: 'chatops-dr', answers: 503, ...raised });
  expect(eks.commandCalls(UpdateNodegroupConfigCommand)).toHaveLength('raised' in raised ? 1 : 0);
  expect(builds.calls()).toEqual([]);
});

test('nodes and deployments that cannot be asked for hold nothing: the gate says what is missing', async () => {
  const shell = await begun();
  eks
    .on(DescribeClusterCommand)
    .rejects(Object.assign(new Error('no'), { name: 'ServerException', $metadata: { httpStatusCode: 500 } }));
  const answering = { ...shell, fetch: async () => new Response(null, { status: 503 }) };
  const notRaised = 'describe cluster chatops-dr: ServerException: no';
  expect(await run(answering)).toEqual({ cluster: 'chatops-dr', answers: 503, notRaised });
});

test('a cluster that is not there is rebuilt once, followed, given nodes, and done when it answers', async () => {
  const shell = await begun();
  gone();
  expect(await failureOf(run(shell))).toEqual({
    name: 'Restoring',
    message: 'build project:1 was started: rebuild of cluster chatops-dr',
  });
  expect(builds).toHaveReceivedCommandWith(StartBuildCommand, {
    projectName: project,
    idempotencyToken: expect.stringMatching(/^[0-9a-f]{64}$/),
    environmentVariablesOverride: [
      { name: 'TASK', value: 'rebuild', type: 'PLAINTEXT' },
      { name: 'BREAKWATER_INCIDENT', value: regionIncident.id, type: 'PLAINTEXT' },
    ],
  });
  building(
    'IN_PROGRESS',
    phase('INSTALL', 'SUCCEEDED', 20),
    phase('PRE_BUILD', 'SUCCEEDED', 1500),
    phase('BUILD', 'IN_PROGRESS'),
  );
  shell.at += 1_600_000;
  expect(await failureOf(run(shell))).toEqual({
    name: 'Restoring',
    message: 'cluster chatops-dr has not taken over yet: its rebuild goes on. Log: https://log',
  });
  there(1);
  eks.on(UpdateNodegroupConfigCommand).resolves({});
  building(
    'SUCCEEDED',
    phase('INSTALL', 'SUCCEEDED', 20),
    phase('PRE_BUILD', 'SUCCEEDED', 1500),
    phase('BUILD', 'SUCCEEDED', 90),
    phase('POST_BUILD', 'SUCCEEDED', 10),
  );
  expect(await failureOf(run(shell))).toMatchObject({ name: 'InProgress' });
  expect(eks).toHaveReceivedCommandWith(UpdateNodegroupConfigCommand, {
    clusterName: 'chatops-dr',
    nodegroupName: 'chatops-dr-general',
    scalingConfig: { desiredSize: 9, maxSize: 9 },
  });
  there(9);
  expect(await failureOf(run(shell))).toMatchObject({
    name: 'InProgress',
    message: expect.stringContaining('does not answer'),
  });
  // What it told is in the record also where it ended well, and once.
  const told =
    'release chatops was pending-upgrade: rolled back to revision 4, which was deployed\nvolumes that start EMPTY: a/b\n';
  s3.on(GetObjectCommand).resolves({ Body: { transformToString: async () => told } as never });
  const lines = told.trimEnd().split('\n');
  await failureOf(run(shell));
  expect(await run({ ...shell, fetch: async () => new Response(null, { status: 200 }) })).toEqual({
    cluster: 'chatops-dr',
    answers: 200,
    way: 'rebuild',
    seconds: { tools: 20, terraform: 1500, application: 90, scale: 10 },
    log: 'https://log',
    told: lines,
  });
  expect((await stepsOf(shell)).filter(([step]) => String(step).endsWith('/told'))).toEqual([
    ['build/cluster/1/told', { told: lines }],
  ]);
  expect(builds).toHaveReceivedCommandTimes(StartBuildCommand, 1);
  expect((await stepsOf(shell)).map(([step]) => step)).toEqual([
    'build/cluster/1',
    'build/cluster/1/resources',
    'build/cluster/1/scale',
    'build/cluster/1/terraform',
    'build/cluster/1/told',
    'build/cluster/1/tools',
  ]);
  expect(await shell.store.readAudit(regionIncident.id)).toMatchObject([
    { call: 'codebuild:StartBuild', target: project, region: 'us-west-2', step: 'take-over/cluster' },
    { call: 'eks:UpdateNodegroupConfig', target: 'chatops-dr-general' },
  ]);
});

test('a plan that does more than create goes to a person with its addresses; after them another build is started', async () => {
  const shell = await begun();
  gone();
  await failureOf(run(shell));
  building('FAILED', phase('PRE_BUILD', 'FAILED', 30, 'Error while executing command. Reason: exit status 20'));
  const told = 'terraform would do more than create, and nothing was applied:\ndelete aws_db_instance.main\n';
  s3.on(GetObjectCommand).resolves({ Body: { transformToString: async () => told } as never });
  const why = `the rebuild ended: failed: terraform would do more than create, and nothing was applied:; delete aws_db_instance.main; terraform: Error while executing command. Reason: exit status 20. Log: https://log`;
  expect(await failureOf(run(shell))).toEqual({ name: 'CannotProceed', message: why });
  expect(s3).toHaveReceivedCommandWith(GetObjectCommand, { Bucket: 'chatops-recovery-us-west-2', Key: 'builds/1.txt' });
  expect(await stepsOf(shell)).toContainEqual(['build/cluster/1/failed', { why }]);
  // People have looked, and have resumed the flow.
  shell.at += 3_600_000;
  expect(await failureOf(run(shell))).toMatchObject({
    name: 'Restoring',
    message: expect.stringContaining('project:2'),
  });
  expect(builds).toHaveReceivedCommandTimes(StartBuildCommand, 2);
});

test('a build that told nothing is known by what CodeBuild says of its phase', async () => {
  const shell = await begun();
  gone();
  await failureOf(run(shell));
  building('FAILED', phase('BUILD', 'FAILED', 3, 'exit status 1'));
  expect((await failureOf(run(shell))).message).toBe(
    'the rebuild ended: failed: application: exit status 1. Log: https://log',
  );
});

test('a start whose answer was lost is repeated while its token holds, and is for a person after that', async () => {
  const shell = await begun();
  gone();
  builds.on(StartBuildCommand).rejects(Object.assign(new Error('none'), { name: 'TimeoutError' }));
  expect(await failureOf(run(shell))).toMatchObject({ name: 'Unavailable' });
  const [first] = builds.commandCalls(StartBuildCommand);
  shell.at += 200_000;
  await failureOf(run(shell));
  expect(builds.commandCalls(StartBuildCommand)[1]?.args[0].input).toEqual(first?.args[0].input);
  shell.at += 241_000;
  expect(await failureOf(run(shell))).toMatchObject({
    name: 'CannotProceed',
    message: expect.stringContaining('whether it runs is not known'),
  });
  builds.on(StartBuildCommand).resolves({ build: { id: 'project:9' } });
  expect(await failureOf(run(shell))).toMatchObject({ name: 'Restoring' });
  expect(builds.commandCalls(StartBuildCommand).at(-1)?.args[0].input.idempotencyToken).not.toBe(
    first?.args[0].input.idempotencyToken,
  );
});

test('a cluster that is not warm is given nodes first, and then its deployments are scaled', async () => {
  const shell = await begun(false);
  there(1);
  eks.on(UpdateNodegroupConfigCommand).resolves({});
  expect(await failureOf(run(shell))).toEqual({
    name: 'InProgress',
    message: 'node group chatops-dr-general was asked to run 9 nodes',
  });
  there(9);
  expect(await failureOf(run(shell))).toMatchObject({
    name: 'InProgress',
    message: expect.stringContaining('scale of cluster'),
  });
  building('SUCCEEDED', phase('POST_BUILD', 'SUCCEEDED', 12));
  const answering = { ...shell, fetch: async () => new Response(null, { status: 503 }) };
  expect(await run(answering)).toMatchObject({ way: 'scale', seconds: { scale: 12 } });
  expect(builds).toHaveReceivedCommandTimes(StartBuildCommand, 1);
});
