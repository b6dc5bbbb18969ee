// The command line at the real door: what it sends is what the approval page's function takes, and the record says who, how
// and from where.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../../check/plan.ts';
import { dynamoStore } from '../../../functions/aws/store/store.ts';
import { visit } from '../../functions/door/visitors.ts';
import { setting } from '../../functions/setting.ts';
import { planText } from '../../plan.ts';
import { incidentOf, request as sample } from '../../store/samples.ts';
import { run } from '../invented.ts';
import { account, caller, deployed, onAws } from './aws.ts';

const aws = onAws();
const folder = mkdtempSync(join(tmpdir(), 'breakwater-door-'));
const file = join(folder, 'plan.yml');
let server: Server;

beforeAll(() => {
  // The caller of the local AWS is the dba of this plan.
  writeFileSync(file, planText.replace('iam: [role/chatops-dba]', 'iam: [role/sre]'));
});
afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an answer from the command line counts once, by the same rules as on the page', async () => {
  const { stage, prefix, store } = await deployed();
  const plan = parsePlan(parse(readFileSync(file, 'utf8')));
  const shell = { ...setting({ plan, region: 'us-west-2', account, prefix }), now: Date.now };
  const door = { ...shell, store: dynamoStore('us-west-2', prefix, plan, () => undefined) };
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const shown = await visit(request.url ?? '/', door, {
      method: request.method ?? 'GET',
      body: Buffer.concat(parts).toString('utf8'),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      address: '192.0.2.7',
      callerArn: caller,
    });
    response.writeHead(shown.statusCode, shown.headers).end(shown.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  aws.pageUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await store.writeIncident(incidentOf({}));
  await store.openRequest({ ...sample, askedAt: Date.now(), expiresAt: Date.now() + 3_000_000 }, 'the-task-token');
  const answer = async (...args: string[]) => {
    const { status, out, err } = await run([...args, '--stage', stage, '--plan', file]);
    return { status, said: `${out}${err}` };
  };
  const approve = ['approve', sample.id, '--region', 'us-east-1'];
  const whole = [...approve, '--unfenced', 'us-east-1 stays unfenced'];

  expect((await answer(...approve)).status).toBe(2);
  expect((await answer(...whole)).status).toBe(0);
  expect((await answer(...whole)).status).toBe(1);
  expect((await answer('reject', sample.id, '--region', 'us-east-1', '--reason', 'changed my mind')).status).toBe(1);

  const valid = (await store.readAnswers(sample.id)).filter((one) => one.valid);
  expect(valid).toMatchObject([{ approver: 'dba', answer: 'approve', how: 'command-line', from: '192.0.2.7' }]);
  const report = await answer('report', sample.incident);
  expect(report.status).toBe(0);
  for (const words of ['dba', 'command-line', '192.0.2.7']) expect(report.said).toContain(words);
  expect(report.said).not.toContain('the-task-token');
});
