// Where calls to AWS go: to the region's own endpoint, and where AWS_ENDPOINT_URL is set, all of them to where it says.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test, vi } from 'vitest';
import { endpointOf, regionalHost } from '../../../../functions/aws/calls/endpoint.ts';
import { sign } from '../../../../functions/aws/calls/signing.ts';

afterEach(() => vi.unstubAllEnvs());

const shift = { service: 'arc-zonal-shift', variable: 'ARC_ZONAL_SHIFT' };

test.for([
  'us-east-1',
  'us-gov-west-1',
  'cn-north-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
])('in %s a host ends as the SDK says', (region) => {
  const { url } = new S3Client({ region }).config.endpointProvider({ Region: region }, {});
  expect(`https://${regionalHost('s3', region)}/`).toBe(url.href);
});

test.for([
  ['nothing is set', {}, 'https://arc-zonal-shift.us-east-1.amazonaws.com'],
  ['one is set for all', { AWS_ENDPOINT_URL: 'http://all:1' }, 'http://all:1'],
  [
    'one is set for it',
    { AWS_ENDPOINT_URL: 'http://all:1', AWS_ENDPOINT_URL_ARC_ZONAL_SHIFT: 'http://it:2' },
    'http://it:2',
  ],
  [
    'one is set for another',
    { AWS_ENDPOINT_URL_STS: 'http://sts:3' },
    'https://arc-zonal-shift.us-east-1.amazonaws.com',
  ],
  [
    'all are to be ignored',
    { AWS_ENDPOINT_URL: 'http://all:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
    'https://arc-zonal-shift.us-east-1.amazonaws.com',
  ],
] as const)('where %s, a service is at %s', ([, environment, expected]) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  expect(endpointOf(shift, 'us-east-1').origin).toBe(expected);
});

test.for([
  ['http://127.0.0.1:4566', 'http://127.0.0.1:4566/zonalshifts/z%2F1'],
  ['http://127.0.0.1:4566/', 'http://127.0.0.1:4566/zonalshifts/z%2F1'],
  ['https://proxy.example/aws', 'https://proxy.example/aws/zonalshifts/z%2F1'],
  ['https://proxy.example/aws/', 'https://proxy.example/aws/zonalshifts/z%2F1'],
] as const)('a request to %s goes to %s', async ([endpoint, expected]) => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const request = { method: 'DELETE', endpoint: new URL(endpoint), segments: ['zonalshifts', 'z/1'] } as const;
  const { url } = await sign(request, { service: 'arc-zonal-shift', region: 'us-east-1', credentials });
  expect(url).toBe(expected);
});

const services = [
  'arc-zonal-shift',
  'autoscaling',
  'cloudformation',
  'cloudtrail',
  'codebuild',
  'dynamodb',
  'ec2',
  'ecr',
  'ecs',
  'eks',
  'elasticache',
  'elasticloadbalancing',
  'events',
  'execute-api',
  'fis',
  'iam',
  'kms',
  'lambda',
  'monitoring',
  'rds',
  'route53',
  's3',
  'scheduler',
  'secretsmanager',
  'servicequotas',
  'sns',
  'sqs',
  'ssm',
  'states',
  'sts',
];

test('with AWS_ENDPOINT_URL every call of a process goes there, and none anywhere else', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '');
    asked.push(scope?.[1] ?? `not signed: ${request.url}`);
    response.writeHead(403, { 'content-type': 'text/plain' }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../every-call.ts')], {
    env,
  });
  server.closeAllConnections();
  server.close();
  expect(JSON.parse(stdout)).toEqual({ elsewhere: [], missing: [], made: asked.length });
  expect([...new Set(asked)].sort()).toEqual(services);
});
