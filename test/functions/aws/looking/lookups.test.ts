// What is looked up by requests that are signed here: how each is written, and what its answers mean.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  isCallable,
  parameterType,
  quotaOf,
  roomOf,
  trustOf,
  vcpusOf,
} from '../../../../functions/aws/looking/lookups.ts';

const asked: Request[] = [];
let answer: Response;

beforeEach(() => {
  asked.length = 0;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request);
    return answer;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const refusal = (status: number, name: string) =>
  new Response(JSON.stringify({ Message: 'no', Type: 'User' }), {
    status,
    headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws.lambda/` },
  });

test('a Lambda is looked for by a dry run, which Lambda answers without a word', async () => {
  answer = new Response(null, { status: 204 });
  expect(await isCallable('us-west-2', 'chatops-search-move')).toBe(true);
  const [request] = asked;
  expect([request?.method, request?.url]).toEqual([
    'POST',
    'https://lambda.us-west-2.amazonaws.com/2015-03-31/functions/chatops-search-move/invocations',
  ]);
  expect(request?.headers.get('x-amz-invocation-type')).toBe('DryRun');
  expect(request?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 .*x-amz-invocation-type/);
});

test('one that is not there is none, and a refusal is neither', async () => {
  answer = refusal(404, 'ResourceNotFoundException');
  expect(await isCallable('us-west-2', 'gone')).toBe(false);
  answer = refusal(403, 'AccessDeniedException');
  await expect(isCallable('us-west-2', 'kept')).rejects.toMatchObject({
    name: 'CannotProceed',
    message: 'look for kept in us-west-2: AccessDeniedException: no',
  });
});

test('the type of a parameter is looked at without decrypting it, and one that is not there is none', async () => {
  answer = new Response(JSON.stringify({ Parameter: { Type: 'SecureString', Value: 'AQICAHh0' } }));
  expect(await parameterType('us-west-2', '/chatops/cache/host')).toBe('SecureString');
  expect(asked[0]?.url).toBe('https://ssm.us-west-2.amazonaws.com/');
  expect(asked[0]?.headers.get('x-amz-target')).toBe('AmazonSSM.GetParameter');
  expect(await asked[0]?.json()).toEqual({ Name: '/chatops/cache/host' });
  answer = new Response(JSON.stringify({ __type: 'ParameterNotFound' }), { status: 400 });
  expect(await parameterType('us-west-2', '/chatops/gone')).toBeNull();
});

test('sizes of instances are read from XML, and one wrong name spoils the answer', async () => {
  const item = (name: string, count: number) =>
    `<item><instanceType>${name}</instanceType><vCpuInfo><defaultVCpus>${count}</defaultVCpus></vCpuInfo></item>`;
  answer = new Response(
    `<DescribeInstanceTypesResponse><instanceTypeSet>${item('m6i.xlarge', 4)}${item('c7g.2xlarge', 8)}</instanceTypeSet></DescribeInstanceTypesResponse>`,
  );
  expect([...(await vcpusOf('us-west-2', ['m6i.xlarge', 'c7g.2xlarge']))]).toEqual([
    ['m6i.xlarge', 4],
    ['c7g.2xlarge', 8],
  ]);
  expect(await asked[0]?.text()).toBe(
    'Action=DescribeInstanceTypes&Version=2016-11-15&InstanceType.1=m6i.xlarge&InstanceType.2=c7g.2xlarge',
  );
  answer = new Response('<Response><Errors><Error><Code>InvalidInstanceType</Code></Error></Errors></Response>', {
    status: 400,
  });
  expect((await vcpusOf('us-west-2', ['m6i.huge'])).size).toBe(0);
});

test('a quota is read as it is applied, and one that is not there is none', async () => {
  answer = new Response(JSON.stringify({ Quota: { QuotaCode: 'L-1216C47A', Value: 64 } }));
  expect(await quotaOf('us-west-2', 'ec2', 'L-1216C47A')).toBe(64);
  const [request] = asked;
  expect(request?.url).toBe('https://servicequotas.us-west-2.amazonaws.com/');
  expect(request?.headers.get('x-amz-target')).toBe('ServiceQuotasV20190624.GetServiceQuota');
  answer = new Response(JSON.stringify({ __type: 'NoSuchResourceException', Message: 'no' }), { status: 400 });
  expect(await quotaOf('us-west-2', 'ec2', 'L-0')).toBeNull();
});

test('the trust of a role is read where IAM stands, by its name without its path', async () => {
  answer = new Response(
    '<GetRoleResponse><Role><AssumeRolePolicyDocument>%7B%22a%22%7D</AssumeRolePolicyDocument></Role></GetRoleResponse>',
  );
  expect(await trustOf('jobs/chatops')).toBe('%7B%22a%22%7D');
  expect(asked[0]?.url).toBe('https://iam.amazonaws.com/');
  expect(asked[0]?.headers.get('authorization')).toMatch(/\/us-east-1\/iam\/aws4_request/);
  expect(await asked[0]?.text()).toBe('Action=GetRole&Version=2010-05-08&RoleName=chatops');
  answer = new Response('<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>', { status: 404 });
  expect(await trustOf('chatops')).toBeNull();
});

test('a node group is read with what EKS finds wrong with it', async () => {
  const health = { issues: [{ code: 'AsgInstanceLaunchFailures', message: 'no' }] };
  const scalingConfig = { minSize: 0, desiredSize: 2, maxSize: 9 };
  const nodegroup = { status: 'DEGRADED', scalingConfig, health, instanceTypes: ['m6i.xlarge'], capacityType: 'SPOT' };
  answer = new Response(JSON.stringify({ nodegroup }));
  expect(await roomOf('us-west-2', 'chatops-dr', 'general')).toEqual({
    ...{ status: 'DEGRADED', desired: 2, issues: ['AsgInstanceLaunchFailures'], types: ['m6i.xlarge'], spot: true },
    ...{ most: 9, repaired: false },
  });
  expect([asked[0]?.method, asked[0]?.url]).toEqual([
    'GET',
    'https://eks.us-west-2.amazonaws.com/clusters/chatops-dr/node-groups/general',
  ]);
  answer = refusal(404, 'ResourceNotFoundException');
  expect(await roomOf('us-west-2', 'chatops-dr', 'general')).toBeNull();
});
