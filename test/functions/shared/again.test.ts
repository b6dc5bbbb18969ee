// After a rejection or an expiry, while the region is lost: people are reminded with a link, and one who types the region's
// name has everybody asked again.
import 'aws-sdk-client-mock-vitest/extend';
import { SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import type { ApprovalRequest, Incident } from '../../../functions/domain/types.ts';
import { askOnceMore } from '../../../functions/shared/again.ts';
import { remind } from '../../../functions/shared/remind.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { incidentOf, request as sample } from '../../store/samples.ts';
import { type Setting, setting, start } from '../setting.ts';
import { mockLinkKey, pathFor, post, tokenIn, visit } from '../visitors.ts';

const sns = mocked(SNSClient);
mocked(SFNClient);
const request: ApprovalRequest = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
const every = plan.approval.reminderSeconds;
const decided = {
  ...(incidentOf({}).decisions[0] as Incident['decisions'][number]),
  action: 'request-approval',
  level: 3,
  scope: { region: request.target, zone: null },
  at: start,
  execution: request.execution,
} as const;
let shell: Setting;

beforeEach(async () => {
  mockLinkKey();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  shell = setting({ region: 'us-west-2' });
  await shell.store.openRequest(request, 'the-task-token');
  await shell.store.writeIncident(
    incidentOf({ id: request.incident, level: 3, scope: { region: request.target, zone: null }, decisions: [decided] }),
  );
  await shell.store.settleRequest(request.id, 'rejected', start + 60_000);
});

const sweepAt = async (seconds: number) => {
  sns.resetHistory();
  shell.at = start + seconds * 1000;
  await remind(shell);
  return sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({
    role: input.TopicArn?.replace(/.*breakwater-test-/, '') ?? '',
    subject: input.Subject ?? '',
    body: input.Message ?? '',
  }));
};
const decisions = async () => (await shell.store.readIncident(request.incident))?.decisions ?? [];

test('people are reminded once in each reminder time, until somebody asks again', async () => {
  expect(await sweepAt(every)).toEqual([]);
  const told = await sweepAt(every + 60);
  expect(told.map(({ role }) => role).toSorted()).toEqual([
    'app-lead',
    'dba',
    'dr-coordinator',
    'infra-lead',
    'on-call',
  ]);
  expect(told[0]?.subject).toBe('[Breakwater] STILL LOST: us-east-1, which nobody gave up. Ask again?');
  expect(told[0]?.body).toContain('Request request-1 was rejected 15 min ago, at 2026-11-23T03:01:00.000Z.');
  for (const { role, body } of told) expect(/https:/.test(body)).toBe(request.roles.includes(role));
  expect(await sweepAt(every + 120)).toEqual([]);
  expect(await sweepAt(2 * every + 60)).toHaveLength(5);
});

test('of two who press at once one asks, and the other one is told so', async () => {
  shell.at = start + (every + 60) * 1000;
  const [one, other] = await Promise.all(['dba', 'infra-lead'].map((who) => askOnceMore(request, who, shell)));
  expect([one, other].filter((why) => why === null)).toHaveLength(1);
  expect(one ?? other).toMatch(/changed at the same moment|asked again already/);
  expect(await decisions()).toHaveLength(2);
});

test('nobody is reminded once the incident is over', async () => {
  const open = (await shell.store.readIncident(request.incident)) as Incident;
  await shell.store.writeIncident({ ...open, closedAt: start + 120_000, version: open.version + 1 });
  expect(await sweepAt(every + 60)).toEqual([]);
});

test('a reminder’s link opens the page two days later, and there the region’s name asks everybody again', async () => {
  const told = await sweepAt(2 * 86_400);
  const body = told.find(({ role }) => role === 'dba')?.body ?? '';
  const path = new URL(/https:\S+/.exec(body)?.[0] ?? '').pathname;
  const page = await visit(path, shell);
  expect(page.body).toContain('us-east-1</span> is still lost');
  const token = tokenIn(page);
  const press = (region: string, change = {}) =>
    visit(path, shell, post({ answer: 'ask-again', region, token, ...change }));

  for (const region of ['', 'us-west-2']) {
    const refused = await press(region);
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('To ask again, type the name of the region that is lost: us-east-1.');
  }
  expect((await press('us-east-1', { token: 'A'.repeat(43) })).statusCode).toBe(403);
  expect(await decisions()).toHaveLength(1);

  expect((await press('us-east-1')).statusCode).toBe(303);
  expect((await decisions()).at(-1)).toMatchObject({
    action: 'request-approval',
    attempt: 2,
    execution: `${request.incident}-request-approval-2`,
    reason: expect.stringContaining('dba asks again'),
  });
  const late = await press('us-east-1');
  expect([late.statusCode, (await decisions()).length]).toEqual([409, 2]);
  expect((await visit(path, shell)).body).toContain('People are asked again already');
  expect(await sweepAt(2 * 86_400 + every)).toEqual([]); // a flow is about to ask
});

test('looking asks nobody, and who is only told has no such form', async () => {
  shell.at = start + (every + 60) * 1000;
  const told = await visit(await pathFor(request, 'on-call', shell), shell);
  expect(told.body).not.toContain('<form');
  const dba = await pathFor(request, 'dba', shell);
  for (const method of ['GET', 'HEAD']) await visit(dba, shell, { method, query: 'answer=ask-again&region=us-east-1' });
  expect(await decisions()).toHaveLength(1);
});

test('of two who press at once, one decision is written', async () => {
  shell.at = start + (every + 60) * 1000;
  const paths = [await pathFor(request, 'dba', shell), await pathFor(request, 'infra-lead', shell)];
  const pressed = await Promise.all(
    paths.map(async (path) => {
      const token = tokenIn(await visit(path, shell));
      return (await visit(path, shell, post({ answer: 'ask-again', region: 'us-east-1', token }))).statusCode;
    }),
  );
  expect(pressed.toSorted()).toEqual([303, 409]);
  expect(await decisions()).toHaveLength(2);
});
