// Who is asked and how: each approver with a link that nobody else gets, everybody else with the facts alone.
import 'aws-sdk-client-mock-vitest/extend';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import type { ApprovalRequest, RecordedDecision } from '../../../../functions/domain/types.ts';
import { handler as notify } from '../../../../functions/notify.ts';
import { answerRequest } from '../../../../functions/shared/approval/approve.ts';
import { askPeople, askTheMissing } from '../../../../functions/shared/approval/ask.ts';
import { linkFor } from '../../../../functions/shared/approval/links.ts';
import { remind } from '../../../../functions/shared/approval/remind.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { incidentOf, request as sample } from '../../../store/samples.ts';
import { mockLinkKey } from '../../door/visitors.ts';
import { regionIncident, type Setting, setting, start } from '../../setting.ts';

const sns = mocked(SNSClient);
const ssm = mocked(SSMClient);
const request: ApprovalRequest = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
const every = plan.approval.reminderSeconds;
const webhook = 'https://hooks.example/services/T0/B0/very-secret';
let shell: Setting;
let logged: string;
let posted: { url: string; init: RequestInit }[];
let webhookStatus: number | Error;

beforeEach(async () => {
  mockLinkKey();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  ssm.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: webhook } });
  logged = '';
  posted = [];
  webhookStatus = 200;
  await renew(plan);
});

async function renew(changed: Plan): Promise<void> {
  const write = (message: string, details = {}) => {
    logged += `${message} ${JSON.stringify(details)}\n`;
  };
  shell = setting({
    region: 'us-west-2',
    plan: changed,
    log: { info: write, warn: write, error: write },
    fetch: async (url, init) => {
      posted.push({ url: String(url), init: init ?? {} });
      if (webhookStatus instanceof Error) throw webhookStatus;
      return new Response('ok', { status: webhookStatus });
    },
  });
  await shell.store.openRequest(request, 'the-task-token');
  await shell.store.writeIncident(
    incidentOf({ id: request.incident, level: 3, scope: { region: 'us-east-1', zone: null } }),
  );
}

const mails = () =>
  sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({
    role: input.TopicArn?.replace(/.*breakwater-test-/, '') ?? '',
    subject: input.Subject ?? '',
    body: input.Message ?? '',
  }));
const mailTo = (role: string) => mails().findLast((mail) => mail.role === role)?.body ?? '';
const sweepAfter = async (seconds: number) => {
  shell.at = start + seconds * 1000;
  await remind(shell);
};

describe('the mail of an approver', () => {
  test('has this approver’s link, once, and nobody else’s', async () => {
    await askPeople(request, shell);
    for (const role of request.roles) {
      expect(mailTo(role).match(/https:\/\/\S+/g)).toEqual([
        await linkFor(request, role, shell),
        `${plan.service.healthUrl}).`,
        `${plan.notifications.runbookUrl}#request-approval.`,
      ]);
    }
  });

  test('says all that is needed at 3 a.m.', async () => {
    await askPeople(request, shell);
    for (const words of [
      'The first sign that users of us-east-1 failed was at 3 Nov 2026, 03:00 UTC',
      '2 of dr-coordinator, infra-lead, dba must approve',
      'Without enough approvals by 04:00 UTC, nothing is changed',
      'for dba only. Opening the page changes nothing',
      'npm run approve -- request-1 --region us-east-1 --stage test --unfenced "us-east-1 stays unfenced"',
      'npm run reject -- request-1 --region us-east-1 --stage test --reason "why"',
    ])
      expect(mailTo('dba')).toContain(words);
  });

  test('does not hold the task token', async () => {
    await askPeople(request, shell);
    await sweepAfter(every);
    expect(JSON.stringify(mails()) + logged).not.toContain('the-task-token');
  });

  test('is sent once, whatever is repeated', async () => {
    await askPeople(request, shell);
    await askPeople(request, shell);
    expect(mails()).toHaveLength(plan.notifications.level3.length);
  });

  test('reaches an approver who is in no list', async () => {
    await renew({ ...plan, notifications: { ...plan.notifications, level3: ['on-call'] } });
    await askPeople(request, shell);
    expect(mails().map(({ role }) => role)).toEqual(expect.arrayContaining(['on-call', ...request.roles]));
  });

  test('is sent without a link where none can be made, and again with it as soon as one can', async () => {
    const secrets = mocked(SecretsManagerClient);
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { $metadata: { httpStatusCode: 500 } }));
    await askPeople(request, shell);
    expect(secrets).toHaveReceivedCommandTimes(GetSecretValueCommand, 1); // several wait for one answer
    expect(mailTo('dba')).toContain('There is no page for dba now');
    expect(mailTo('dba')).toContain('approve -- request-1');
    await sweepAfter(60);
    expect(mails()).toHaveLength(5);
    mockLinkKey();
    await sweepAfter(120);
    await sweepAfter(180);
    expect(mails()).toHaveLength(8);
    expect(mailTo('dba')).toContain(await linkFor(request, 'dba', shell));
  });
});

describe('what cannot be read keeps nobody from hearing:', () => {
  test('the incident, of being asked', async () => {
    shell.store.readIncident = () => Promise.reject(new Error('no permission'));
    await askPeople(request, shell);
    expect(mails()).toHaveLength(5);
    expect(mailTo('dba')).toContain(await linkFor(request, 'dba', shell));
  });

  test('the answers, of the end', async () => {
    shell.store.readAnswers = () => Promise.reject(new Error('no permission'));
    const incident = { ...regionIncident, execution: request.execution };
    await notify.on(shell)({ occasion: 'not-approved', incident, facts: { answer: 'expired', round: 1 } });
    expect(mailTo('dba')).toContain('The request expired');
  });
});

describe('who is told and not asked', () => {
  test('gets the facts and no link', async () => {
    await askPeople(request, shell);
    for (const role of ['on-call', 'app-lead']) {
      expect(mailTo(role)).toContain('This flow has changed nothing yet.');
      expect(mailTo(role)).toContain(`You are told as ${role} and are not asked`);
      expect(mailTo(role)).not.toMatch(new RegExp(`${shell.pageUrl}|approve request-1`));
    }
  });
});

describe('when nobody answers', () => {
  test('each reminder has the approver’s own link, and calls one contact more', async () => {
    await askPeople(request, shell);
    const called = async (seconds: number) => {
      sns.resetHistory();
      await sweepAfter(seconds);
      return mails()
        .map(({ role }) => role)
        .toSorted();
    };
    expect(await called(every)).toEqual(['dba', 'dr-coordinator', 'infra-lead', 'on-call']);
    expect(mailTo('dba')).toContain(await linkFor(request, 'dba', shell));
    expect(mailTo('on-call')).toContain('they were asked and have not answered.');
    expect(mailTo('on-call')).not.toContain(`${shell.pageUrl}`);
    expect(await called(2 * every)).toEqual(['app-lead', 'dba', 'dr-coordinator', 'infra-lead']);
    expect(await called(3 * every)).toEqual(['dba', 'dr-coordinator', 'infra-lead']);
  });

  test.for([
    ['another flow alone holds a failover back', null, 'Reject it, and you are asked about a failover.'],
    ['a failover was asked about before', start, 'Breakwater asks about a failover after 07:00 UTC.'],
  ] as const)(
    'of a switchover out of a region that is lost by now, and %s, they read what a rejection leads to',
    async ([, asked, said]) => {
      await shell.store.settleRequest(request.id, 'void', start);
      const place = { region: 'us-east-1', zone: null };
      const lost = incidentOf({ id: request.incident, level: 3, scope: place });
      const found = { ...lost.decisions[0], at: start + 60_000, level: 3, scope: place } as const;
      const decision = {
        ...found,
        action: 'hold',
        hold: 'another-execution-active',
        execution: null,
      } as RecordedDecision;
      await shell.store.writeIncident({ ...lost, decisions: [decision], version: 2 });
      if (asked !== null) await shell.store.recordAction('request-approval', 'us-east-1', asked);
      const planned = { ...request, id: 'request-2', incident: lost.id, mode: 'switchover' } as const;
      await shell.store.openRequest(planned, 'token');
      await sweepAfter(every);
      expect(mailTo('dba')).toContain(said);
    },
  );

  test('a reminder that was missed leaves no contact out', async () => {
    await sweepAfter(3 * every);
    expect(mails().map(({ role }) => role)).toEqual(expect.arrayContaining(['on-call', 'app-lead']));
  });

  test('nobody is called when all have answered, whatever they are still waited for', async () => {
    await shell.store.settleRequest(request.id, 'void', start);
    await shell.store.openRequest({ ...request, id: 'request-2', required: 4 }, 'token');
    for (const approver of request.roles) {
      const given = { request: 'request-2', approver, answer: 'approve', unfenced: [], reason: '', from: '' } as const;
      await shell.store.keepAnswer({ ...given, at: start, valid: true, why: '' });
    }
    await sweepAfter(every);
    expect(mails().map(({ role }) => role)).toEqual(['on-call', 'app-lead']); // who read along, told at last
  });

  test('one topic that does not answer keeps nobody else from hearing', async () => {
    sns.on(PublishCommand, { TopicArn: 'arn:aws:sns:us-west-2:111122223333:breakwater-test-dr-coordinator' }).rejects();
    await expect(sweepAfter(every)).rejects.toThrow('publish to');
    expect(mails().map(({ role }) => role)).toEqual(expect.arrayContaining(['infra-lead', 'dba', 'on-call']));
  });
});

describe('a channel that fails', () => {
  const topic = (role: string) => ({ TopicArn: `arn:aws:sns:us-west-2:111122223333:breakwater-test-${role}` });
  const breaks = (...roles: string[]) => {
    for (const role of roles) sns.on(PublishCommand, topic(role)).rejects(new Error('AuthorizationError'));
  };

  test.for([['on-call'], ['dba']] as const)('of %s does not stop the asking of enough others', async ([role]) => {
    breaks(role);
    await askPeople(request, shell);
    expect(new Set(mails().map((mail) => mail.role)).size).toBe(5);
  });

  test('is too much where fewer approvers can be told than must approve; the next try tells nobody twice', async () => {
    breaks('dba', 'infra-lead');
    await expect(askPeople(request, shell)).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/^1 approvers were told, expected 2: .*infra-lead: publish to/),
    });
    sns.reset();
    sns.on(PublishCommand).resolves({});
    await askPeople(request, shell);
    expect(mails().map(({ role }) => role)).toEqual(['infra-lead', 'dba']);
  });

  test('is enough in one role of a person who was told in another only once', async () => {
    const { contacts } = plan;
    const one = { ...contacts, dba: { ...contacts['dba'], handle: contacts['infra-lead']?.handle ?? '' } };
    await renew({ ...plan, contacts: one as Plan['contacts'] });
    breaks('dr-coordinator');
    await expect(askPeople(request, shell)).rejects.toThrow('1 approvers were told, expected 2');
  });

  test('is tried again with each sweep, and somebody else is told once that it fails', async () => {
    breaks('dba');
    await askPeople(request, shell);
    sns.resetHistory();
    await sweepAfter(60);
    await sweepAfter(120);
    const told = mails().filter(({ subject }) => subject.includes('NOT TOLD: dba'));
    expect(told.map(({ role }) => role)).toEqual(
      [...new Set([...plan.notifications.failure, ...plan.approval.escalation])].filter((role) => role !== 'dba'),
    );
    for (const words of [
      plan.contacts['dba']?.handle ?? '-',
      'npm run approve -- request-1 --region us-east-1 --stage test',
      'Breakwater tries again every minute',
    ])
      expect(told[0]?.body).toContain(words);
    expect(mails().filter(({ role }) => role === 'dba')).toHaveLength(2); // two more tries
    sns.on(PublishCommand, topic('dba')).resolves({});
    sns.resetHistory();
    await sweepAfter(180);
    expect(mails().map(({ role, subject }) => [role, subject.includes('Approve or reject by')])).toEqual([
      ['dba', true],
    ]);
  });

  test('of who has answered by command is left alone', async () => {
    breaks('dba');
    await askTheMissing(request, ['dr-coordinator', 'infra-lead'], shell);
    expect(mails().map(({ role }) => role)).not.toContain('dba');
  });
});

describe('the end without an approval', () => {
  const end = (answer: string) =>
    notify.on(shell)({
      occasion: 'not-approved',
      incident: { ...regionIncident, execution: request.execution },
      facts: { answer, round: 1 },
    });

  test('is told once to everybody who was asked or called, with who answered what', async () => {
    await renew({ ...plan, notifications: { ...plan.notifications, level3: ['on-call'] } });
    const given = { request: request.id, approver: 'dba', answer: 'reject', unfenced: [], who: 'link' } as const;
    await answerRequest({ ...given, reason: 'it is back', at: start, from: '192.0.2.1', how: 'page' }, shell);
    await end('rejected');
    await end('rejected');
    expect(
      mails()
        .map(({ role }) => role)
        .toSorted(),
    ).toEqual(['app-lead', 'dba', 'dr-coordinator', 'infra-lead', 'on-call']);
    expect(mailTo('infra-lead')).toContain(
      'dba rejected the request at 23 Nov 2026, 03:00 UTC, and wrote: "it is back".',
    );
    expect(mailTo('infra-lead')).toContain('Not answered: dr-coordinator, infra-lead.');
  });

  test('says that it expired, and that nothing was changed', async () => {
    await end('expired');
    expect(mailTo('dba')).toContain('The request expired: too few people approved in time, and no answer means no.');
    expect(mailTo('dba')).toContain('Breakwater has changed nothing.');
    expect(mailTo('dba')).toContain('Not answered: dr-coordinator, infra-lead, dba.');
  });
});

describe('a webhook', () => {
  const withWebhook = (channel: 'slack' | 'teams'): Plan => {
    const room = { handle: '#dr', duty: 'reads along', channel, webhook: '/chatops/webhooks/dr', iam: [] };
    const notifications = { ...plan.notifications, level3: ['room', ...plan.notifications.level3] };
    return { ...plan, contacts: { ...plan.contacts, room }, notifications };
  };

  test.for(['slack', 'teams'] as const)('of %s gets the facts as text, within a time, and no link', async (channel) => {
    await renew(withWebhook(channel));
    await askPeople(request, shell);
    const [{ url, init } = { url: '', init: {} }] = posted;
    expect(posted).toHaveLength(1);
    expect(url).toBe(webhook);
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual', signal: expect.any(AbortSignal) });
    const text = JSON.stringify(JSON.parse(String(init.body)));
    expect(text).toContain('For information: approval is asked for:');
    expect(text).toContain('You are told as room and are not asked');
    expect(text).not.toContain('page.example');
    expect(mails().map(({ role }) => role)).not.toContain('room');
    expect(ssm).toHaveReceivedCommandWith(GetParameterCommand, { Name: '/chatops/webhooks/dr', WithDecryption: true });
  });

  test('gets no link even where its role is asked', async () => {
    const changed = withWebhook('slack');
    await renew({ ...changed, approval: { ...changed.approval, roles: ['room', 'dba'] } });
    await askPeople({ ...request, id: 'request-3', roles: ['room', 'dba'] }, shell);
    expect(String(posted[0]?.init.body)).not.toContain('page.example');
  });

  test('shows what came from outside as text: no mention, no link', async () => {
    await renew(withWebhook('slack'));
    const rude = {
      ...request,
      id: 'rude',
      shown: { ...request.shown, reason: '<!channel> <https://evil.example|here>' },
    };
    await askPeople(rude, shell);
    expect(String(posted[0]?.init.body)).toContain('&lt;!channel&gt; &lt;https://evil.example|here&gt;');
  });

  test.for<[string, number | Error]>([
    ['refuses', 404],
    ['redirects', 302],
    ['does not answer', new TypeError(`Failed to parse URL from ${webhook}`)],
  ])('that %s is tried again, keeps nobody else from hearing, and is in no log', async ([, status]) => {
    await renew(withWebhook('slack'));
    webhookStatus = status;
    await askPeople(request, shell);
    expect(logged).toContain('at the address of /chatops/webhooks/dr');
    expect(mails()).toHaveLength(5);
    webhookStatus = 200;
    await askPeople(request, shell);
    expect(posted).toHaveLength(2);
    expect(logged).not.toContain('very-secret');
  });

  test.for([
    ['no address', 'none'],
    ['an address that is not https', 'http://hooks.example/very-secret'],
  ] as const)('whose parameter holds %s is not posted to', async ([, value]) => {
    await renew(withWebhook('slack'));
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: value } });
    await askPeople(request, shell);
    expect(logged).toContain('/chatops/webhooks/dr holds no https address');
    expect(posted).toEqual([]);
    expect(logged).not.toContain('very-secret');
  });
});
