// After a rejection or an expiry, while the region is lost: people are reminded with a link, and one who types the region's
// name has everybody asked again.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest, Incident } from '../../../../functions/domain/types.ts';
import { askOnceMore } from '../../../../functions/shared/approval/again.ts';
import { remind } from '../../../../functions/shared/approval/remind.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { incidentOf, request as sample } from '../../../store/samples.ts';
import { canary, run as canaryRun } from '../../domain/evidence/sightings.ts';
import { mockLinkKey, pathFor, post, tokenIn, visit } from '../../door/visitors.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sns = mocked(SNSClient);
const sfn = mocked(SFNClient);
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

test('while users are served nobody is asked to leave the region, whatever keeps its incident open', async () => {
  const served = ['eu-west-1', 'ap-southeast-1'].flatMap((observer) => [
    canary(observer, every, 'healthy'),
    canaryRun(observer, every + 50, true),
  ]);
  await shell.store.keepSignals(
    served.map((signal) => ({ ...signal, region: request.target, at: start + (every + 50) * 1000 })),
  );
  expect(await sweepAt(every + 60)).toEqual([]);
});

test('what cannot be read of users keeps nobody from being reminded', async () => {
  const readSignals = () => Promise.reject(new Error('item is corrupt'));
  shell.at = start + (every + 60) * 1000;
  await remind({ ...shell, now: () => shell.at, store: { ...shell.store, readSignals } });
  expect(sns).toHaveReceivedCommand(PublishCommand);
});

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
  expect(told[0]?.subject).toBe('[Breakwater] STILL LOST: us-east-1 was not given up. Ask again?');
  expect(told[0]?.body).toContain('The request was rejected at 03:01 UTC, 15 min ago.');
  for (const { role, body } of told) expect(body.includes(`${shell.pageUrl}`)).toBe(request.roles.includes(role));
  expect(await sweepAt(every + 120)).toEqual([]);
  expect(await sweepAt(2 * every + 60)).toHaveLength(5);
});

test('that its flow had asked a database to take over is said, and what it has left; nothing that cannot be read keeps people from hearing', async () => {
  const { incident, execution, target } = request;
  const call = { incident, execution, region: 'us-west-2', target: 'chatops-dr-replica', drill: false };
  await shell.store.audit({
    ...{ ...call, at: start + 61_000, actor: 'classify', step: 'take-over/database', call: 'rds:PromoteReadReplica' },
  });
  const told = await sweepAt(every + 60);
  expect(told[0]?.subject).toBe(`[Breakwater] STILL LOST: ${target} was not given up. Read this before you ask again`);
  expect(told[0]?.body).toContain('Earlier flows have left this');
  for (const read of ['readAudit', 'listIncidents'] as const) {
    const { store } = shell;
    shell = setting({ region: 'us-west-2', store: { ...store, [read]: () => Promise.reject(new Error('damaged')) } });
    expect(await sweepAt((read === 'readAudit' ? 2 : 3) * every + 60)).toHaveLength(5);
    shell = setting({ region: 'us-west-2', store });
  }
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
  expect(page.body).toContain('us-east-1</span> is NOT given up');
  expect(page.body).toContain('(2 d ago): Level 3, region disaster. What came after that, this page does not know.');
  const token = tokenIn(page);
  const press = (region: string, change = {}) =>
    visit(path, shell, post({ answer: 'ask-again', region, token, ...change }));

  for (const region of ['', 'us-west-2']) {
    const refused = await press(region);
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('To ask again, type the name of the region that may be given up: ');
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
  expect(await sweepAt(2 * 86_400 + every - 60)).toEqual([]); // a flow is about to ask
});

describe('a flow that was started to ask again ends without an answer:', () => {
  const second = `${request.incident}-request-approval-2`;
  const again: ApprovalRequest = { ...request, id: 'request-2', execution: second };
  const asked = start + (every + 60) * 1000;
  const reminded = (told: Awaited<ReturnType<typeof sweepAt>>) =>
    told.filter(({ subject }) => subject.includes('STILL LOST')).map(({ body }) => body);

  beforeEach(async () => {
    shell.at = asked;
    expect(await askOnceMore(request, 'dba', shell)).toBeNull();
  });

  test('it never asked, and people are reminded with a link that asks once more', async () => {
    expect(reminded(await sweepAt(2 * every))).toEqual([]);
    const told = reminded(await sweepAt(2 * every + 120));
    expect(told).toHaveLength(5);
    expect(told[0]).toContain('The request was rejected');
    expect(await askOnceMore(request, 'dba', shell)).toBeNull();
    expect((await decisions()).at(-1)).toMatchObject({ action: 'request-approval', attempt: 3 });
  });

  test('its request is void, and its own link asks once more', async () => {
    await shell.store.openRequest({ ...again, askedAt: asked, expiresAt: asked + 3_600_000 }, 'token');
    await shell.store.settleRequest(again.id, 'void', asked + 60_000);
    const told = reminded(await sweepAt(2 * every + 180));
    expect(told).toHaveLength(5);
    expect(told[0]).toContain('The request ended without an answer, as its flow ended, ');
    const path = new URL(/https:\S+/.exec(told.find((body) => body.includes('for dba')) ?? '')?.[0] ?? '').pathname;
    const token = tokenIn(await visit(path, shell));
    const pressed = await visit(path, shell, post({ answer: 'ask-again', region: 'us-east-1', token }));
    expect([pressed.statusCode, (await decisions()).length]).toEqual([303, 3]);
  });

  test('while it holds the region nobody is reminded', async () => {
    const lock = { target: request.target, execution: second, incident: request.incident, at: asked } as const;
    await shell.store.takeLock({ ...lock, action: 'request-approval' });
    expect(reminded(await sweepAt(4 * every))).toEqual([]);
  });

  test('a newer request of another incident does not hide that this region is lost', async () => {
    const other = { ...again, incident: 'us-west-2-other', target: 'us-west-2', askedAt: asked, expiresAt: asked + 1 };
    await shell.store.openRequest(other, 'token');
    await shell.store.settleRequest(other.id, 'rejected', asked + 60_000);
    expect(reminded(await sweepAt(2 * every + 120))).toHaveLength(5);
  });
});

test.for([
  ['before its time is over is void', 1_800, 'void'],
  ['and that nobody answered in time has expired, also where nobody had looked', 3_600, 'expired'],
] as const)('a request whose flow has ended %s', async ([, seconds, outcome]) => {
  sfn.on(DescribeExecutionCommand).resolves({
    executionArn: `arn:aws:states:us-west-2:111122223333:execution:breakwater-test-region-failover:${request.execution}`,
    stateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover',
    name: request.execution,
    status: 'FAILED',
    startDate: new Date(start),
    stopDate: new Date(start + 60_000),
  });
  const late = { ...request, id: 'request-late' };
  await shell.store.openRequest(late, 'token');
  await sweepAt(seconds);
  expect((await shell.store.readOutcome(late.id))?.outcome).toBe(outcome);
  sfn.reset();
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

test('of an incident that nobody was asked about, the stack where its flow runs looks again; of one that has a request it does not', async () => {
  const unasked = { ...decided, execution: 'other-request-approval-1' };
  const other = incidentOf({
    id: 'other',
    level: 3,
    scope: { region: request.target, zone: null },
    decisions: [unasked],
  });
  await sweepAt(every + 60);
  expect(await decisions()).toHaveLength(1);
  for (const [region, status, attempts] of [
    ['us-east-1', 'SUCCEEDED', [1]],
    ['us-west-2', 'SUCCEEDED', [1, 2]],
    ['us-west-2', 'RUNNING', [1]],
    ['us-west-2', 'FAILED', [1]], // waits for a person, who may resume it
    ['us-west-2', 'ABORTED', [1]], // a person ended it
  ] as const) {
    sfn.on(DescribeExecutionCommand).resolves({ name: unasked.execution, status, startDate: new Date(start) });
    const fresh = setting({ region });
    await fresh.store.writeIncident(other);
    fresh.at = start + (every + 60) * 1000;
    await remind(fresh);
    expect((await fresh.store.readIncident('other'))?.decisions.map(({ attempt }) => attempt)).toEqual(attempts);
  }
});
