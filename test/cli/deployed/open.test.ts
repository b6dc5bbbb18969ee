// `open`: the record as pages on this machine, which only look, and which only this machine sees.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deploymentOf } from '../../../cli/deployed/deployment.ts';
import { serveRecord } from '../../../cli/open.ts';
import type { Terminal } from '../../../cli/screen/terminal.ts';
import { planFile } from '../../plan.ts';
import { ofDrill } from '../../reports.ts';
import { at, call, drill, incidentOf, reached, request } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { deployed, onAws, onStage, primary } from './aws.ts';

const aws = onAws();
const terminal: Terminal = { out: () => {}, err: () => {}, rich: false, columns: 100, debug: false };
let store: Awaited<ReturnType<typeof deployed>>['store'];
let stage: string;
let served: Awaited<ReturnType<typeof serveRecord>>;

beforeEach(async () => {
  aws.reset();
  ({ stage, store } = await deployed());
  const options = { stage, plan: planFile, port: 0 };
  served = await serveRecord(deploymentOf(options, terminal), options);
});
afterEach(() => served.close());

type Answer = { readonly status: number; readonly headers: Headers; readonly body: string };
async function get(path: string, init: RequestInit = {}): Promise<Answer> {
  const { status, headers, ...answer } = await fetch(new URL(path, served.url), init).then(async (one) => ({
    status: one.status,
    headers: one.headers,
    body: await one.text(),
  }));
  return { status, headers, ...answer };
}

async function written(): Promise<void> {
  await store.writeIncident(incidentOf({}));
  await store.audit(call);
  await store.recordStep(reached);
}

test('a record without incidents says so, and that nobody has looked at readiness', async () => {
  const { status, body } = await get('/');
  expect(status).toBe(200);
  expect(body).toContain('has no incident in its record.');
  expect(body).toContain('nobody has looked, so it is not known');
  expect(body).toContain('No request is open.');
});

test('incidents are listed with their reports, open requests and readiness', async () => {
  await written();
  await store.openRequest(request, 'the-task-token');
  await store.keepReadiness({
    region: primary,
    at,
    checks: [{ check: 'contacts', state: 'not-ready', why: '<b>dba</b>' }],
  });
  const { body } = await get('/');
  expect(body).toContain('<a href="/incidents/incident-1">incident-1</a>');
  expect(body).toContain('failover of us-east-1: 2 of dr-coordinator, infra-lead, dba');
  expect(body).toContain(`npm run approve -- request-1 --stage ${stage}`);
  expect(body).toContain('&lt;b&gt;dba&lt;/b&gt;');
  expect(body).not.toContain('the-task-token');
  const report = await get('/incidents/incident-1');
  expect(report.status).toBe(200);
  expect(report.body.replaceAll('<wbr>', '')).toContain('rds:RebootDBInstance');
  expect(report.body).toMatch(/At least \$0\.\d+ at list prices, for the 1 call/);
  const json = await get('/incidents/incident-1.json');
  expect(JSON.parse(json.body)).toMatchObject({ incident: { id: 'incident-1' }, report: { version: 1 } });
  expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test('drills of a folder are listed beside it, and no other file of the folder is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-drills-'));
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ report: ofDrill('az-outage', 1) }));
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ report: ofDrill('az-outage', 2) }));
  writeFileSync(join(folder, 'secret.html'), 'secret');
  const options = { stage, plan: planFile, port: 0, drills: folder };
  const other = await serveRecord(deploymentOf(options, terminal), options);
  try {
    const page = (path: string) => get(new URL(path, other.url).href);
    expect((await page('/')).body).toContain('<a href="/drills/az-outage-1">az-outage-1</a>');
    expect((await page('/drills/az-outage-2')).body).toContain('<a href="/drills/az-outage-1">az-outage-1</a>');
    for (const path of ['/drills/secret.html', '/drills/secret', '/drills/..%2fa', '/drills/none', '/drills/%ff'])
      expect((await page(path)).status).toBe(404);
  } finally {
    await other.close();
    rmSync(folder, { recursive: true });
  }
  expect((await get('/drills/az-outage-1')).status).toBe(404);
  const { status, err } = await run(['open', '--drills', folder, ...onStage(stage)]);
  expect(status).toBe(2);
  expect(err).toBe(`--drills: is ${JSON.stringify(folder)}, expected a folder that drill --report wrote to\n`);
});

test('drills that the deployment ran are listed newest first, each with its page and its facts', async () => {
  expect((await get('/')).body).toContain('No drill has run.');
  const ended = { recoveredAt: at + 70_000, endedAt: at + 130_000, outcome: 'passed' as const };
  await store.keepDrill({ ...drill, execution: 'drill-1', ...ended });
  await store.keepDrill({ ...drill, execution: 'drill-2', startedAt: at + 1, ...ended });
  await store.keepDrill({ ...drill, execution: 'drill-3', startedAt: at + 2 });
  const { body } = await get('/');
  const links = [...body.matchAll(/<a href="\/runs\/([^"]+)">/g)].map(([, run]) => run);
  expect(links).toEqual(['drill-3', 'drill-2', 'drill-1']);
  expect(body).toContain('Times of 2 of them, oldest first.');
  const page = await get('/runs/drill-2');
  expect(page.status).toBe(200);
  expect(page.body).toContain('<a href="/runs/drill-1">');
  expect(JSON.parse((await get('/runs/drill-2.json')).body)).toMatchObject({
    drill: { execution: 'drill-2' },
    report: { occasion: 'drill', verdict: { state: 'passed' } },
  });
  for (const path of ['/runs/none', '/runs/%ff', '/runs/a/b']) expect((await get(path)).status).toBe(404);
});

test('nothing can be changed, and a page may load nothing and stand in no frame', async () => {
  await written();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers } = await get('/', { method });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
  aws.asked.length = 0;
  const { headers } = await get('/incidents/incident-1');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
  expect(new Set(aws.asked.map(({ what }) => what))).not.toContain('PutItem');
  expect((await get('/', { method: 'HEAD' })).body).toBe('');
});

test.for(['/incidents/none', '/incidents/%ff', '/incidents/a/b', '/x', '/..%2f..%2fetc%2fpasswd'])(
  '%s is no page',
  async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body).toContain('There is no such page');
  },
);

test('another name for this machine opens nothing: a page elsewhere could have given it one', async () => {
  await written();
  const { port } = new URL(served.url);
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1']) {
    const status = await new Promise<number | undefined>((answered) => {
      ask({ host: '127.0.0.1', port, path: '/', headers: { host } }, (one) => answered(one.resume().statusCode)).end();
    });
    expect([400, 403]).toContain(status);
  }
  expect((await get(`http://localhost:${port}/`)).status).toBe(200);
});

test('while no region answers a page says so, and the next one tries again', async () => {
  await written();
  aws.dark.set(primary, 'hangs-up').set('us-west-2', 'hangs-up');
  const { status, body } = await get('/');
  expect(status).toBe(502);
  expect(body).toContain('The record cannot be read');
  aws.dark.clear();
  expect((await get('/')).status).toBe(200);
});

test('a region that is dark is named as a gap', async () => {
  await written();
  aws.dark.set(primary, 'hangs-up');
  expect((await get('/')).body).toContain('us-east-1 did not answer');
  expect((await get('/incidents/incident-1')).body).toContain('us-east-1 did not answer');
});

test.for([
  ['a port that is none', ['--port', 'x'], '--port: is "x", expected a whole number from 0 to 65535'],
  ['a port that is too high', ['--port', '70000'], '--port: is "70000", expected a whole number from 0 to 65535'],
] as const)('%s is refused in one line', async ([, args, line]) => {
  expect(await run(['open', ...args, ...onStage(stage)])).toEqual({ status: 2, out: '', err: `${line}\n` });
});

test('a port that is taken is one line', async () => {
  const { port } = new URL(served.url);
  const { status, err } = await run(['open', '--port', port, ...onStage(stage)]);
  expect(status).toBe(1);
  expect(err).toMatch(new RegExp(`^--port: ${port} cannot be used: .*EADDRINUSE.*\\n$`));
});
