// The twin of clusters: one that is not there, builds that make it again and take their time, and what EKS and CodeBuild refuse.
import { describe, expect, test } from 'vitest';
import { prefix } from '../../../../simulator/stage.ts';
import { without, withRebuild } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { rehearse, standby } from '../rehearsal.ts';

// What else would have to be moved there is not asked about here.
const rebuilt = withRebuild(without(plan, 'custom'));
const project = `${prefix}-recover-cluster`;
const there = { in: standby, region: standby };
const start = (task: string, token = 't') => ({
  projectName: project,
  idempotencyToken: token,
  environmentVariablesOverride: [{ name: 'TASK', value: task }],
});
const missing = async () => {
  const rehearsal = await rehearse(1, 600, rebuilt);
  rehearsal.estate.inject({ id: 'gone', kind: 'cluster-missing' });
  const look = async (id: string) =>
    (await rehearsal.call('codebuild', 'BatchGetBuilds', { ids: [id] }, there)).builds[0];
  /** What the page of the standby says; null where it does not answer. */
  const answers = async () => {
    const url = rebuilt.service.regionalHealthUrls[standby] ?? '';
    const asked = rehearsal.estate.fetch(url, standby).then(
      ({ status }) => status,
      () => null,
    );
    await rehearsal.pass(10);
    return asked;
  };
  return { ...rehearsal, look, answers };
};

test('a cluster that is not there answers nobody, and EKS does not know it', async () => {
  const { call, answers } = await missing();
  const asked = call('eks', 'DescribeCluster', { name: 'chatops-dr' }, there);
  await expect(asked).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  expect(await answers()).toBeNull();
});

test('a build makes it again, phase by phase, and it serves with its nodes', async () => {
  const { call, look, answers, pass, estate } = await missing();
  const { build } = await call('codebuild', 'StartBuild', start('rebuild'), there);
  await pass(600);
  expect(await look(build.id)).toMatchObject({ buildStatus: 'IN_PROGRESS', currentPhase: 'PRE_BUILD' });
  await pass(3600);
  const done = await look(build.id);
  expect(done).toMatchObject({ buildStatus: 'SUCCEEDED', logs: { deepLink: expect.stringMatching(/^https:/) } });
  expect(done.phases.map(({ phaseType }: { phaseType: string }) => phaseType)).toEqual([
    'PROVISIONING',
    'INSTALL',
    'PRE_BUILD',
    'BUILD',
    'POST_BUILD',
    'COMPLETED',
  ]);
  expect(await answers()).toBe(503);
  const group = { clusterName: 'chatops-dr', nodegroupName: 'chatops-dr-general' };
  await call('eks', 'UpdateNodegroupConfig', { ...group, scalingConfig: { desiredSize: 9, maxSize: 9 } }, there);
  const again = call('eks', 'UpdateNodegroupConfig', { ...group, scalingConfig: { desiredSize: 9 } }, there);
  await expect(again).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await pass(400);
  const { nodegroup } = await call('eks', 'DescribeNodegroup', group, there);
  expect(nodegroup).toMatchObject({ status: 'ACTIVE', scalingConfig: { desiredSize: 9, maxSize: 9 } });
  expect(estate.conditions(standby).isDown).toBe(false);
  expect(estate.mutations().map(({ operation }) => operation)).toEqual(['StartBuild', 'UpdateNodegroupConfig']);
});

test('a build that fails says how its command ended, and leaves what it told', async () => {
  const { call, look, pass, estate } = await missing();
  const told = ['terraform would do more than create, and nothing was applied:', 'delete aws_vpc.this'];
  estate.inject({ id: 'more', kind: 'build-fails', phase: 'terraform', exit: 20, told });
  const { build } = await call('codebuild', 'StartBuild', start('rebuild'), there);
  await pass(3600);
  const ended = await look(build.id);
  expect(ended).toMatchObject({ buildStatus: 'FAILED' });
  expect(ended.phases.at(-2)).toMatchObject({
    phaseType: 'PRE_BUILD',
    phaseStatus: 'FAILED',
    contexts: [{ message: expect.stringContaining('exit status 20') }],
  });
  const key = `builds/${build.id.split(':')[1]}.txt`;
  const { Body } = await call('s3', 'GetObject', { Bucket: 'chatops-recovery-us-west-2', Key: key }, there);
  expect(await Body.transformToString()).toBe(`${told.join('\n')}\n`);
});

describe('CodeBuild', () => {
  test('gives the same build for a token that it knows, and another one five minutes later', async () => {
    const { call, pass, estate } = await missing();
    const id = async () => (await call('codebuild', 'StartBuild', start('rebuild'), there)).build.id;
    const first = await id();
    expect(await id()).toBe(first);
    await pass(301);
    expect(await id()).not.toBe(first);
    expect(estate.mutations()).toHaveLength(2);
  });

  test('refuses a project that is not there, and a question about no build', async () => {
    const { call } = await missing();
    const other = call('codebuild', 'StartBuild', { projectName: 'another' }, there);
    await expect(other).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const none = call('codebuild', 'BatchGetBuilds', { ids: [] }, there);
    await expect(none).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test('of a dry run notes no change', async () => {
    const { call, estate } = await missing();
    await call('codebuild', 'StartBuild', { projectName: project }, there);
    expect(estate.mutations()).toEqual([]);
  });
});

test('EKS refuses more nodes than a group may have', async () => {
  const { call } = await rehearse(
    1,
    600,
    withRebuild(plan, (place) => ({ ...place, warm: false })),
  );
  const input = { clusterName: 'chatops-dr', nodegroupName: 'chatops-dr-general', scalingConfig: { desiredSize: 9 } };
  await expect(call('eks', 'UpdateNodegroupConfig', input, there)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: "desired capacity 9 can't be greater than max size 1",
  });
});
