// Each channel on its own: a flow goes on when somebody heard, and who did not is named to others, kept, and told later.
import 'aws-sdk-client-mock-vitest/extend';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RecordedDecision } from '../../../../functions/domain/types.ts';
import { handler as notify } from '../../../../functions/notify.ts';
import { handler as pause } from '../../../../functions/pause.ts';
import { tellFailing } from '../../../../functions/shared/messages/failing.ts';
import { incidentsAtWork } from '../../../../functions/shared/recovery/locks.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { changesAnswer } from '../../changes.ts';
import * as saw from '../../domain/evidence/sightings.ts';
import { failureOf, openIncident, regionIncident, running, type Setting } from '../../setting.ts';

const sns = mocked(SNSClient);
let shell: Setting;

beforeEach(() => void changesAnswer());
afterEach(() => vi.restoreAllMocks());

const topic = (role: string) => ({ TopicArn: `arn:aws:sns:us-west-2:111122223333:breakwater-test-${role}` });
const denies = (...roles: string[]) => {
  const denied = Object.assign(new Error('not authorized'), {
    name: 'AuthorizationErrorException',
    $metadata: { httpStatusCode: 403 },
  });
  for (const role of roles) sns.on(PublishCommand, topic(role)).rejects(denied);
};
const breaks = (...roles: string[]) => {
  for (const role of roles) sns.on(PublishCommand, topic(role)).rejects(new Error('no answer'));
};
const mails = () =>
  sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({
    role: input.TopicArn?.replace(/.*breakwater-test-/, '') ?? '',
    subject: input.Subject ?? '',
    body: input.Message ?? '',
  }));
const held = (retries: number, answer = 'rejected') =>
  notify.on(shell)({
    occasion: 'not-approved',
    incident: regionIncident,
    facts: { answer, round: 1, begun: false },
    retries,
  });
const everybody = ['on-call', 'dr-coordinator', 'infra-lead', 'dba', 'app-lead'];
const notTold = async () =>
  (await shell.store.readSteps(regionIncident.id)).filter(({ step }) => step.startsWith('not-told/'));

beforeEach(async () => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  shell = await running(regionIncident, { region: 'us-west-2' });
  await shell.store.writeIncident({ ...openIncident, level: 3, scope: { region: 'us-east-1', zone: null } });
});

describe('one topic is denied', () => {
  beforeEach(() => denies('dba'));

  test('and a rejection is told to everybody else: the flow goes on', async () => {
    expect(await held(0)).toMatchObject({
      told: everybody.filter((role) => role !== 'dba'),
      untold: { dba: expect.stringContaining('AuthorizationErrorException') },
      occasion: 'not-approved',
    });
  });

  test('others, who can reach that person, hear once who was not told, and of what', async () => {
    for (const retries of [0, 1]) await held(retries);
    const said = mails().filter(({ subject }) => subject.startsWith('[Breakwater] NOT TOLD: dba'));
    expect(said.map(({ role }) => role).toSorted()).toEqual(['app-lead', 'infra-lead', 'on-call']);
    const { handle = '-' } = plan.contacts['dba'] ?? {};
    for (const words of [
      handle,
      'HELD: us-east-1 is not given up',
      regionIncident.id,
      `${plan.notifications.runbookUrl}#not-told`,
    ])
      expect(said[0]?.body).toContain(words);
  });

  test('it is kept once in the record, and told late by the sweep, as soon as the channel works', async () => {
    for (const retries of [0, 1, 2]) await held(retries);
    expect(await notTold()).toMatchObject([{ execution: regionIncident.execution, outcome: { roles: ['dba'] } }]);
    shell.at += 60_000;
    await tellFailing(await incidentsAtWork('us-east-1', shell), shell);
    sns.reset();
    sns.on(PublishCommand).resolves({});
    shell.at += 60_000;
    await tellFailing(await incidentsAtWork('us-east-1', shell), shell);
    await tellFailing(await incidentsAtWork('us-east-1', shell), shell);
    expect(mails().map(({ role, subject }) => [role, subject])).toEqual([
      ['dba', '[Breakwater] LATE, written at 03:00 UTC: HELD: us-east-1 is not given up'],
    ]);
    expect(mails()[0]?.body).toContain(
      'LATE: this was written at 23 Nov 2026, 03:00 UTC, and could not reach you then.',
    );
  });
});

test('a channel that may pass is waited for at two tries, and then it is enough that somebody heard', async () => {
  breaks('dba');
  for (const retries of [0, 1]) expect((await failureOf(held(retries))).name).toBe('Unavailable');
  expect(mails().filter(({ subject }) => subject.includes('NOT TOLD'))).toEqual([]);
  expect(await held(2)).toMatchObject({ untold: { dba: expect.any(String) } });
  // Nobody else heard it twice.
  expect(mails().filter(({ role, subject }) => role === 'on-call' && subject.includes('HELD'))).toHaveLength(2);
});

test('who is in no list of the occasion hears it where all of those fail', async () => {
  denies('on-call');
  const incident = { ...regionIncident, flow: 'service-degradation' as const };
  expect(await notify.on(shell)({ occasion: 'degraded', incident })).toMatchObject({ told: [] });
  expect(mails().filter(({ role }) => role !== 'on-call')).not.toEqual([]);
});

test.for([
  ['refuses', denies, 'CannotProceed'],
  ['does not answer', breaks, 'Unavailable'],
] as const)('it fails where every topic %s, and is kept to be told', async ([, fails, name]) => {
  fails(...everybody);
  expect((await failureOf(held(2))).name).toBe(name);
  expect(await notTold()).toHaveLength(1);
});

test('what hangs keeps nobody waiting: all are tried at once', async () => {
  let asked = 0;
  let answer: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    answer = resolve;
  });
  sns.on(PublishCommand).callsFake(async () => {
    asked += 1;
    if (asked === everybody.length) answer();
    await all;
    return {};
  });
  expect(await held(0)).toMatchObject({ told: everybody });
});

test('who was told was told, also where nobody could keep that', async () => {
  shell.store.markSent = () => Promise.reject(new Error('no answer'));
  expect(await held(0)).toMatchObject({ told: everybody, untold: {} });
});

test('a pause is a pause where one of those that it calls cannot be told', async () => {
  denies('on-call');
  const found = { TakeOver: { database: { failed: 'CannotProceed', why: 'no' } } };
  const input = { incident: regionIncident, redrives: 0, redriven: 0, ofAssets: found, ofFlow: {} };
  expect((await failureOf(pause.on(shell)(input))).name).toBe('Paused');
  expect(mails().map(({ role, subject }) => [role, subject.includes('NOT TOLD')])).toEqual(
    expect.arrayContaining([
      ['infra-lead', false],
      ['infra-lead', true],
    ]),
  );
});

describe('a channel that fails is replaced by the next', () => {
  const key = 'b2'.repeat(16);
  const posted: { url: string; body: Record<string, unknown> }[] = [];
  let status: number;

  beforeEach(async () => {
    posted.length = 0;
    status = 202;
    const ssm = mocked(SSMClient);
    ssm.reset();
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: key } });
    const webhook = '/chatops/webhooks/pagerduty';
    const called = { handle: '@on-call', duty: 'responds', channel: 'pagerduty' as const, webhook, iam: [] };
    const contacts = { ...plan.contacts, 'on-call': { ...called, next: ['sms' as const, 'email' as const] } };
    const fetch: typeof globalThis.fetch = async (input, init) => {
      posted.push({ url: String(input), body: JSON.parse(String(init?.body)) });
      return new Response('', { status });
    };
    shell = { ...(await running(regionIncident, { region: 'us-west-2', plan: { ...plan, contacts } })), fetch };
    await shell.store.writeIncident({ ...openIncident, level: 3, scope: { region: 'us-east-1', zone: null } });
  });

  test('and while it works, no other is used', async () => {
    expect(await held(0)).toMatchObject({ untold: {} });
    expect(posted.map(({ url }) => url)).toEqual(['https://events.pagerduty.com/v2/enqueue']);
    expect(posted[0]?.body).toMatchObject({
      ...{ routing_key: key, event_action: 'trigger', dedup_key: regionIncident.id },
      payload: { severity: 'critical', source: 'breakwater-test' },
    });
    expect(mails().filter(({ role }) => role.startsWith('on-call'))).toEqual([]);
  });

  test('with a line that says which one failed, and without its secret', async () => {
    status = 429;
    breaks('on-call-sms');
    expect(await held(0)).toMatchObject({ untold: {} });
    const { body = '' } = mails().findLast(({ role }) => role === 'on-call-email') ?? {};
    const why = 'the channel pagerduty fails: pagerduty answers 429 at the address of /chatops/webhooks/pagerduty';
    expect(body).toContain(`You hear of it here because ${why}`);
    expect(body).toContain('because the channel sms fails');
    expect(JSON.stringify(mails())).not.toContain(key);
  });

  test('where it answers that it has moved: nobody follows it, for it may lead anywhere', async () => {
    const asked: (RequestInit | undefined)[] = [];
    const fetch: typeof globalThis.fetch = async (_, init) => {
      asked.push(init);
      return new Response(null, { status: 302, headers: { location: 'https://evil.example/' } });
    };
    shell = { ...shell, fetch };
    expect(await held(0)).toMatchObject({ untold: {} });
    expect(asked.map((init) => init?.redirect)).toEqual(['manual']);
    const { body = '' } = mails().findLast(({ role }) => role === 'on-call-sms') ?? {};
    expect(body).not.toBe('');
  });

  test('where its address is of a kind that is retired: nothing is posted there', async () => {
    const address = 'https://acme.webhook.office.com/webhookb2/secret';
    mocked(SSMClient)
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: address } });
    const webhook = '/chatops/webhooks/teams';
    const called = { handle: '@on-call', duty: 'responds', channel: 'teams' as const, webhook, iam: [] };
    const contacts = { ...plan.contacts, 'on-call': { ...called, next: ['email' as const] } };
    shell = { ...shell, plan: { ...plan, contacts } };
    expect(await held(0)).toMatchObject({ untold: {} });
    expect(posted).toEqual([]);
    const { body = '' } = mails().findLast(({ role }) => role === 'on-call-email') ?? {};
    expect(body).toContain('the channel teams fails: /chatops/webhooks/teams holds the address of an Office 365');
    expect(JSON.stringify(mails())).not.toContain(address);
  });

  test('and where none takes it, the person was not told', async () => {
    status = 500;
    breaks('on-call-sms', 'on-call-email');
    expect(await held(9)).toMatchObject({ untold: { 'on-call': expect.stringContaining('pagerduty answers 500') } });
  });
});

describe('a plan beside which something has failed', () => {
  const planned = { ...regionIncident, mode: 'switchover', requestedBy: 'ana' } as const;
  const lost: RecordedDecision = {
    ...({ action: 'hold', hold: 'another-execution-active', level: 3 } as const),
    ...{ reason: 'it fails', at: openIncident.openedAt, scope: { region: 'us-east-1', zone: null } },
    ...{ evidence: [], causes: [], attempt: 1, execution: null },
  };
  const kept = { ...openIncident, level: 3, scope: lost.scope, planned: 'switchover', decisions: [lost] } as const;
  const says = (occasion: 'not-approved' | 'no-way', facts: object) =>
    notify.on(shell)({ occasion, incident: planned, facts: { ...facts }, retries: 0 });
  beforeEach(async () => {
    await shell.store.writeIncident({ ...kept, version: 2 });
  });

  test('gives way to it, and people hear that', async () => {
    await says('not-approved', { answer: 'void', round: 1 });
    expect(mails()[0]?.subject).toMatch(/the switchover of us-east-1 gives way: something has failed there$/);
  });

  test('cannot be carried out, and people hear what follows', async () => {
    const names = ['api-5xx', 'database-latency', 'cluster-nodes-notready', 'worker-errors'];
    await shell.store.keepSignals(saw.alarms(names, saw.az1, 0));
    shell.at = saw.after(600);
    await says('no-way', { why: 'it does not answer', offered: false });
    expect(mails()[0]?.subject).toMatch(/cannot go on: something failed there$/);
    expect(mails()[0]?.body).not.toContain('npm run switchover');
  });

  test('cannot be carried out for another reason, where what failed works again', async () => {
    await says('no-way', { why: 'it does not answer', offered: false });
    expect(mails()[0]?.subject).toContain('HELD: there is no safe way');
  });

  test.for(['void', 'expired'])(
    'has given way before, and its flow heard that as %s: what failed is dealt with already',
    async (answer) => {
      await shell.store.writeIncident({ ...kept, closedAt: shell.at, version: 3 });
      await says('not-approved', { answer, round: 1 });
      expect(mails()[0]?.subject).toMatch(/the switchover of us-east-1 gave way to what failed there$/);
      expect(mails()[0]?.body).toContain('If the plan is still needed, a person starts it again: ');
    },
  );

  test('has given way before it asked: that it finds no way calls nobody', async () => {
    await shell.store.writeIncident({ ...kept, closedAt: shell.at, version: 3 });
    await says('no-way', { why: 'it does not answer', offered: false });
    expect(mails()[0]?.subject).toMatch(
      /For information: .*the switchover of us-east-1 gave way to what failed there$/,
    );
  });

  test('that was rejected is told as that', async () => {
    await says('not-approved', { answer: 'rejected', round: 1 });
    expect(mails()[0]?.subject).toContain('HELD: ');
  });
});
