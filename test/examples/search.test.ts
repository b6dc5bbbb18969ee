// The Lambdas of examples/search keep the contract of a custom kind, against a server that answers as the domain does.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { handler as takeOver } from '../../examples/search/index-take-over.ts';
import { handler as verify } from '../../examples/search/index-verify.ts';
import { type Server, serve } from '../page/serve.ts';

let server: Server;
let replication = 'SYNCING';
let health = 'green';
let status = 200;
const posted: string[] = [];

beforeAll(async () => {
  server = await serve((method, path) => {
    if (method === 'POST') {
      posted.push(path);
      replication = 'REPLICATION NOT IN PROGRESS';
    }
    const answer = path.startsWith('/_cluster') ? { status: health } : { status: replication };
    return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
  });
  vi.stubEnv('SEARCH_URL', server.url);
});
afterEach(() => {
  replication = 'SYNCING';
  health = 'green';
  status = 200;
  posted.length = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

test('the index follows no more after one call, and the next says that it is done', async () => {
  expect(await takeOver({ dryRun: false })).toEqual({ done: false, why: 'products was told to follow no more' });
  expect(await takeOver({ dryRun: false })).toEqual({ done: true, seen: { index: 'products', writable: true } });
  expect(posted).toEqual(['/_plugins/_replication/products/_stop']);
});

test('a dry run changes nothing', async () => {
  expect(await takeOver({ dryRun: true })).toMatchObject({ done: true, seen: { would: 'take writes' } });
  expect(posted).toEqual([]);
});

test.for([
  ['green', true],
  ['yellow', true],
  ['red', false],
] as const)('an index that is %s serves: %s', async ([color, done]) => {
  health = color;
  expect((await verify()).done).toBe(done);
});

test('a domain that fails is asked again: the error is none that needs a person', async () => {
  status = 503;
  await expect(takeOver({ dryRun: false })).rejects.toThrow('GET /_plugins/_replication/products/_status: status 503');
});
