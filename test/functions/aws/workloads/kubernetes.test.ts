// The edge to an API server, against a server of the test's own over TLS: the token, the lists, and what goes wrong in words.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { presign } from '../../../../functions/aws/calls/signing.ts';
import {
  type ApiServer,
  isSuspended,
  list,
  listMetadata,
  readScale,
  setReplicas,
  suspendCronJob,
} from '../../../../functions/aws/workloads/kubernetes.ts';
import { selfSigned } from '../../../servers/certificate.ts';

const { certificate, key } = selfSigned('localhost');
type Answer = { readonly status: number; readonly body: unknown };
let server: Server;
let answers: (url: URL, token: string) => Answer | null;
const asked: string[] = [];
const written: string[] = [];
const accepted: (string | undefined)[] = [];
const status = (code: number, reason: string, message: string) => ({
  status: code,
  body: { kind: 'Status', reason, message },
});

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'top-secret-of-the-test');
  server = createServer({ cert: certificate, key }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    accepted.push(request.headers.accept);
    const answer = answers(url, request.headers.authorization ?? '');
    if (answer === null) return; // silent
    request.on('data', (chunk: Buffer) => written.push(`${request.headers['content-type']} ${chunk}`));
    request.on('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
    request.resume();
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
});
beforeEach(() => {
  asked.length = 0;
  written.length = 0;
  accepted.length = 0;
  answers = () => ({ status: 200, body: { items: [] } });
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});
const at = (change: Partial<ApiServer> = {}): ApiServer => ({
  region: 'us-west-2',
  cluster: 'chatops-dr',
  endpoint: `https://localhost:${(server.address() as AddressInfo).port}`,
  authority: certificate,
  ...change,
});

test('the token is a URL that asks STS who we are, for a minute, and for this cluster alone', async () => {
  let token = '';
  answers = (_, given) => {
    token = given;
    return { status: 200, body: { items: [] } };
  };
  expect(await list('ListNodes', at())).toEqual([]);
  expect(token).toMatch(/^Bearer k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  const url = new URL(Buffer.from(token.slice('Bearer k8s-aws-v1.'.length), 'base64url').toString());
  expect(url.origin + url.pathname).toBe('https://sts.us-west-2.amazonaws.com/');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    'X-Amz-Credential': expect.stringMatching(/^[^/]+\/\d{8}\/us-west-2\/sts\/aws4_request$/),
  });
  expect(token).not.toContain('top-secret');
});

test('the signature is the one that AWS computes for the same request', async () => {
  // Computed by botocore 1.43 (SigV4QueryAuth) for the same request, time and keys.
  const url = await presign(
    {
      endpoint: new URL('https://sts.us-west-2.amazonaws.com/'),
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { 'x-k8s-aws-id': 'chatops-dr' },
    },
    {
      ...{ service: 'sts', region: 'us-west-2', seconds: 60, at: Date.parse('2026-11-23T03:00:00Z') },
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    },
  );
  expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
    '58a405dfbc89e61d3f55c63c0c9b7f5d0a0226bbda3e53e11bab6589ffb0352c',
  );
});

test('lists are read page by page, of a namespace, and of one service', async () => {
  answers = (url) => {
    const next = url.searchParams.get('continue');
    return {
      status: 200,
      body: { items: [{ metadata: { name: next ?? 'first' } }], metadata: next === null ? { continue: 'more' } : {} },
    };
  };
  expect(await list('ListPods', at(), 'chatops')).toMatchObject([
    { metadata: { name: 'first' } },
    { metadata: { name: 'more' } },
  ]);
  answers = () => ({ status: 200, body: { items: [{ endpoints: [] }] } });
  expect(await list('ListEndpointSlices', at(), 'chatops', 'api')).toEqual([{ endpoints: [] }]);
  expect(asked).toEqual([
    'GET /api/v1/namespaces/chatops/pods?limit=250',
    'GET /api/v1/namespaces/chatops/pods?limit=250&continue=more',
    'GET /apis/discovery.k8s.io/v1/namespaces/chatops/endpointslices?limit=250&labelSelector=kubernetes.io%2Fservice-name%3Dapi',
  ]);
});

test('of metadata nothing else is asked for, and not as much is taken', async () => {
  expect(await listMetadata('ListConfigMaps', at(), 'chatops')).toEqual([]);
  expect(asked).toEqual(['GET /api/v1/namespaces/chatops/configmaps?limit=250']);
  expect(accepted).toEqual(['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1']);
  answers = () => ({ status: 200, body: { items: [{ metadata: { name: 'x'.repeat(4_000_000) } }] } });
  await expect(listMetadata('ListConfigMaps', at(), 'chatops')).rejects.toThrow('the answer is too long');
  expect(await list('ListPods', at(), 'chatops')).toHaveLength(1);
  expect(accepted.at(-1)).toBe('application/json');
});

test('a list that never ends is given up', async () => {
  answers = () => ({ status: 200, body: { items: [], metadata: { continue: 'again' } } });
  await expect(list('ListNodes', at())).rejects.toThrow('it does not end after 40 pages');
});

const api = { namespace: 'chatops', name: 'chatops-api' };

test('a deployment is scaled by its subresource, and a number that is not written is 0', async () => {
  answers = () => ({ status: 200, body: { kind: 'Scale', spec: {}, status: { replicas: 3 } } });
  expect(await readScale(at(), api)).toEqual({ wanted: 0, running: 3 });
  expect(await setReplicas(at(), api, 0)).toBe(true);
  const path = '/apis/apps/v1/namespaces/chatops/deployments/chatops-api/scale';
  expect(asked).toEqual([`GET ${path}`, `PATCH ${path}`]);
  expect(written).toEqual(['application/merge-patch+json {"spec":{"replicas":0}}']);
});

test('a cron job is suspended and resumed, and nothing else of it is written', async () => {
  answers = () => ({ status: 200, body: { kind: 'CronJob', spec: { schedule: '@daily' } } });
  expect(await isSuspended(at(), { namespace: 'chatops', name: 'digest' })).toBe(false);
  expect(await suspendCronJob(at(), { namespace: 'chatops', name: 'digest' }, true)).toBe(true);
  const path = '/apis/batch/v1/namespaces/chatops/cronjobs/digest';
  expect(asked).toEqual([`GET ${path}`, `PATCH ${path}`]);
  expect(written).toEqual(['application/merge-patch+json {"spec":{"suspend":true}}']);
});

test('what is not there is null, and nothing is changed of it', async () => {
  answers = () => status(404, 'NotFound', 'deployments.apps "chatops-api" not found');
  expect(await readScale(at(), api)).toBeNull();
  expect(await setReplicas(at(), api, 18)).toBe(false);
  expect(await isSuspended(at(), api)).toBeNull();
});

test('who may not scale reads what to do about it', async () => {
  answers = () => status(403, 'Forbidden', 'User "x" cannot patch resource "deployments/scale"');
  await expect(setReplicas(at(), api, 0)).rejects.toMatchObject({
    name: 'CannotProceed',
    message:
      'ask for 0 replicas of deployment chatops/chatops-api of cluster chatops-dr: our role may not do this: give its group the right (docs/deploy.md). User "x" cannot patch resource "deployments/scale" (403)',
  });
});

const what = 'list nodes of cluster chatops-dr: ';
test.for<readonly [string, Answer | null, Partial<ApiServer> | null, string, string]>([
  [
    'refuses the token',
    status(401, 'Unauthorized', 'Unauthorized'),
    null,
    'Unavailable',
    'the cluster refuses our token: has the role of this function an access entry? (docs/deploy.md) (401)',
  ],
  [
    'gives no right',
    status(403, 'Forbidden', 'nodes is forbidden: User "x" cannot list resource "nodes"'),
    null,
    'CannotProceed',
    'our role may not do this: give its group the right (docs/deploy.md). nodes is forbidden: User "x" cannot list resource "nodes" (403)',
  ],
  ['has too much to do', status(429, 'TooManyRequests', 'try again'), null, 'Unavailable', 'try again (429)'],
  [
    'forgot the page',
    status(410, 'Expired', 'The provided continue parameter is too old'),
    null,
    'Unavailable',
    'The provided continue parameter is too old (410)',
  ],
  ['fails', { status: 503, body: '<html>' }, null, 'Unavailable', 'no answer of an API server (503)'],
  ['is none', { status: 200, body: '<html>welcome' }, null, 'CannotProceed', 'no answer of an API server (200)'],
  [
    'has another certificate',
    { status: 200, body: { items: [] } },
    { authority: selfSigned('localhost').certificate },
    'CannotProceed',
    'the connection cannot be trusted: the certificate is not the cluster’s (DEPTH_ZERO_SELF_SIGNED_CERT)',
  ],
  [
    'is not there',
    { status: 200, body: {} },
    { endpoint: 'https://localhost:1' },
    'Unavailable',
    'no connection (ECONNREFUSED)',
  ],
  ['is silent', null, null, 'Unavailable', 'no answer within 5 s (TimeoutError)'],
])('an API server that %s is a line with what to do', async ([, answer, change, name, said]) => {
  answers = () => answer;
  await expect(list('ListNodes', at(change ?? {}))).rejects.toMatchObject({ name, message: `${what}${said}` });
});
