// The twin of ECS services: how it answers and refuses, how tasks start, and when a region serves.
import { expect, test } from 'vitest';
import { withService } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { primary, rehearse, standby } from '../rehearsal.ts';

const of = withService(plan);
const there = { in: standby };
const web = { cluster: 'chatops-dr', service: 'web' };
const begin = () => rehearse(1, 0, of);
const seen = async (rehearsal: Awaited<ReturnType<typeof begin>>) => {
  const answer = await rehearsal.call('ecs', 'DescribeServices', { cluster: 'chatops-dr', services: ['web'] }, there);
  return answer.services[0];
};

test('the standby runs a pilot light until more tasks are asked for, which start one after the other', async () => {
  const rehearsal = await begin();
  expect(await seen(rehearsal)).toMatchObject({ status: 'ACTIVE', desiredCount: 1, runningCount: 1, pendingCount: 0 });
  await rehearsal.call('ecs', 'UpdateService', { ...web, desiredCount: 4 }, there);
  expect(await seen(rehearsal)).toMatchObject({ desiredCount: 4, runningCount: 1, pendingCount: 3 });
  await rehearsal.pass(25);
  expect(await seen(rehearsal)).toMatchObject({ runningCount: 1 });
  await rehearsal.pass(180);
  expect(await seen(rehearsal)).toMatchObject({ desiredCount: 4, runningCount: 4, pendingCount: 0 });
  await rehearsal.call('ecs', 'UpdateService', { ...web, desiredCount: 2 }, there);
  expect(await seen(rehearsal)).toMatchObject({ desiredCount: 2, runningCount: 2 });
});

test('a region whose service runs too few tasks serves nobody', async () => {
  const rehearsal = await begin();
  expect(rehearsal.estate.truth().served).toBe(true);
  const home = { cluster: 'chatops-prod', service: 'web' };
  await rehearsal.call('ecs', 'UpdateService', { ...home, desiredCount: 3 });
  const { served, assets } = rehearsal.estate.truth();
  expect(served).toBe(false);
  expect(assets.find(({ name }) => name === 'web')).toEqual({
    name: 'web',
    kind: 'ecs-service',
    region: primary,
    zone: null,
    serves: false,
  });
});

test('a service that is not there is a failure with a reason, and no error', async () => {
  const rehearsal = await begin();
  const input = { cluster: 'chatops-dr', services: ['other'] };
  expect(await rehearsal.call('ecs', 'DescribeServices', input, there)).toMatchObject({
    services: [],
    failures: [{ reason: 'MISSING', arn: expect.stringMatching(/service\/chatops-dr\/other$/) }],
  });
});

test.for([
  ['DescribeServices', { cluster: 'other', services: ['web'] }, 'ClusterNotFoundException'],
  ['DescribeServices', { cluster: 'chatops-dr', services: [] }, 'InvalidParameterException'],
  ['DescribeServices', { cluster: 'chatops-dr', services: Array(11).fill('web') }, 'InvalidParameterException'],
  ['UpdateService', { cluster: 'other', service: 'web', desiredCount: 2 }, 'ClusterNotFoundException'],
  ['UpdateService', { cluster: 'chatops-dr', service: 'other', desiredCount: 2 }, 'ServiceNotFoundException'],
  ['UpdateService', { ...web, desiredCount: -1 }, 'InvalidParameterException'],
] as const)('%s of %o is refused: %s', async ([operation, input, name]) => {
  const rehearsal = await begin();
  await expect(rehearsal.call('ecs', operation, input, there)).rejects.toMatchObject({ name });
});
