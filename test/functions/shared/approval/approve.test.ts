// Answers of people: each is kept with whether it counts; the first outcome stands, and reaches the flow that waits.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { tallyOf } from '../../../../functions/domain/approval/approval.ts';
import { CannotProceed } from '../../../../functions/domain/errors.ts';
import type { Answer, ApprovalRequest } from '../../../../functions/domain/types.ts';
import { type Answered, answerRequest } from '../../../../functions/shared/approval/approve.ts';
import { askPeople } from '../../../../functions/shared/approval/ask.ts';
import { remind } from '../../../../functions/shared/approval/remind.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { incidentOf, request as sample } from '../../../store/samples.ts';
import { mockLinkKey } from '../../door/visitors.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const request: ApprovalRequest = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
let shell: Setting;

const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode } });

beforeEach(async () => {
  sfn.reset();
  sns.reset();
  sfn.on(SendTaskSuccessCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  shell = setting({ region: 'us-west-2' });
  await shell.store.openRequest(request, 'token-1');
  shell.at = start + 60_000;
});

const give = (approver: string, change: Partial<Answer> = {}) =>
  answerRequest(
    {
      request: request.id,
      approver,
      answer: 'approve',
      unfenced: ['us-east-1'],
      reason: 'it is dark',
      at: shell.at,
      from: '192.0.2.1',
      who: 'link-1',
      how: 'page',
      ...change,
    },
    shell,
  );
const told = () =>
  sfn
    .commandCalls(SendTaskSuccessCommand)
    .map(({ args: [{ input }] }) => [input.taskToken, JSON.parse(input.output ?? '')]);
const kept = async (id = request.id) =>
  (await shell.store.readAnswers(id)).map(({ approver, valid }) => `${approver} ${valid ? 'counts' : 'does not'}`);

describe('an answer', () => {
  test('that is not the last one needed changes nothing yet', async () => {
    expect(await give('dba')).toEqual({ valid: true, why: '', outcome: 'pending' });
    expect(await kept()).toEqual(['dba counts']);
    expect(told()).toEqual([]);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
  });

  test('that is the last one needed settles the request and tells the flow, in the region that takes over', async () => {
    await give('dba');
    expect(await give('infra-lead')).toEqual({ valid: true, why: '', outcome: 'approved' });
    expect(told()).toEqual([['token-1', { outcome: 'approved', request: request.id }]]);
    expect(await shell.store.readOutcome(request.id)).toEqual({ outcome: 'approved', at: shell.at });
    const [client] = sfn.commandCalls(SendTaskSuccessCommand).map(({ thisValue }) => thisValue as SFNClient);
    expect(await client?.config.region()).toBe('us-west-2');
  });

  test('that rejects settles it at once, whoever approved', async () => {
    await give('dba');
    expect(await give('infra-lead', { answer: 'reject' })).toMatchObject({ outcome: 'rejected' });
    expect(told()).toEqual([['token-1', { outcome: 'rejected', request: request.id }]]);
  });

  test('given on the other stack tells the flow where it waits', async () => {
    shell = setting({ region: 'us-east-1', store: shell.store, now: () => start + 60_000 });
    await give('dba', { answer: 'reject' });
    const [client] = sfn.commandCalls(SendTaskSuccessCommand).map(({ thisValue }) => thisValue as SFNClient);
    expect(await client?.config.region()).toBe('us-west-2');
  });
});

describe('an answer that does not count is kept with one line, and changes nothing:', () => {
  test.for<[string, () => Promise<unknown>, string]>([
    [
      'for a request that there is not',
      () => give('infra-lead', { request: 'no-such' }),
      'there is no request no-such',
    ],
    ['given twice', () => give('dba'), 'dba has answered request request-1 before'],
    [
      'that contradicts the first',
      () => give('dba', { answer: 'reject' }),
      'dba has answered request request-1 before',
    ],
    ['of nobody known', () => give('mallory'), 'mallory is no approver'],
    ['of the one who asked', () => give('classify'), 'who asks does not approve'],
    ['without the second phrase', () => give('infra-lead', { unfenced: [] }), 'does not name what stays unfenced'],
  ])('%s', async ([, answering, why]) => {
    await give('dba');
    expect(await answering()).toEqual({ valid: false, why: expect.stringContaining(why), outcome: 'pending' });
    expect(told()).toEqual([]);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
    expect((await kept()).filter((one) => one.endsWith('counts'))).toEqual(['dba counts']);
    const all = [...(await shell.store.readAnswers(request.id)), ...(await shell.store.readAnswers('no-such'))];
    expect(all.filter(({ valid }) => !valid)).toEqual([expect.objectContaining({ why: expect.stringContaining(why) })]);
  });

  test('that is late', async () => {
    shell.at = request.expiresAt;
    expect(await give('dba')).toMatchObject({ valid: false, why: expect.stringContaining('late') });
    expect(await kept()).toEqual(['dba does not']);
  });

  test('to a request that is settled, which stays as it is', async () => {
    await shell.store.settleRequest(request.id, 'void', shell.at);
    expect(await give('dba', { answer: 'reject' })).toEqual({
      valid: false,
      why: 'it is late: request request-1 is void already',
      outcome: 'void',
    });
    expect(told()).toEqual([]);
  });

  test('that rejects what was approved, which stays approved', async () => {
    await give('dba');
    await give('infra-lead');
    expect(await give('dr-coordinator', { answer: 'reject' })).toMatchObject({ valid: false, outcome: 'approved' });
    expect(told()).toHaveLength(1);
  });

  test('the same person twice at the same moment', async () => {
    const [one, two] = await Promise.all([give('dba'), give('dba', { from: '192.0.2.2' })]);
    expect([one?.valid, two?.valid].sort()).toEqual([false, true]);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
    expect(await kept()).toEqual(['dba counts', 'dba does not']);
  });
});

describe('a hundred answers at the same moment', () => {
  const people = Array.from({ length: 100 }, (_, index) => `person-${index}`);
  const contacts = Object.fromEntries(
    people.map((role) => [role, { handle: role, duty: 'answers', channel: 'email' as const, iam: [] }]),
  );
  const crowd = async (required: number) => {
    shell = setting({ region: 'us-west-2', plan: { ...plan, contacts } });
    shell.at = start + 60_000;
    await shell.store.openRequest({ ...request, required, roles: people }, 'token-1');
  };
  const all = (give: (role: string, index: number) => Promise<Answered>) => Promise.all(people.map(give));

  test('of a hundred people all count, settle the request once, and are told once', async () => {
    await crowd(100);
    const answered = await all((role) => give(role));
    expect(answered.every(({ valid }) => valid)).toBe(true);
    expect(answered.filter(({ outcome }) => outcome === 'approved').length).toBeGreaterThan(0);
    expect((await shell.store.readOutcome(request.id))?.outcome).toBe('approved');
    expect(new Set(told().map(([, said]) => JSON.stringify(said))).size).toBe(1);
  });

  test('of one less than are needed settle nothing', async () => {
    await crowd(100);
    await Promise.all(people.slice(1).map((role) => give(role)));
    expect(await shell.store.readOutcome(request.id)).toBeNull();
    expect(told()).toEqual([]);
  });

  test('of one person count once', async () => {
    await crowd(2);
    const answered = await all((_, index) => give('person-0', { from: `192.0.2.${index}` }));
    expect(answered.filter(({ valid }) => valid)).toHaveLength(1);
    expect(await shell.store.readAnswers(request.id)).toHaveLength(100);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
  });

  test('of one person in a hundred roles count once', async () => {
    const asOne = Object.entries(contacts).map(([role, contact], index) => {
      return [role, { ...contact, handle: index % 2 === 0 ? '@Ana' : 'ana' }] as const;
    });
    shell = setting({ region: 'us-west-2', plan: { ...plan, contacts: Object.fromEntries(asOne) } });
    shell.at = start + 60_000;
    await shell.store.openRequest({ ...request, required: 2, roles: people }, 'token-1');
    const answered = await all((role) => give(role));
    expect(answered.filter(({ valid }) => valid)).toHaveLength(1);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
  });

  test('with one rejection among them are never an approval that would be acted on', async () => {
    await crowd(99);
    await all((role, index) => give(role, { answer: index === 50 ? 'reject' : 'approve' }));
    const answers = await shell.store.readAnswers(request.id);
    const asked = { ...request, required: 99, roles: people };
    expect(tallyOf(asked, answers, shell.plan).outcome).toBe('rejected');
  });
});

describe('a callback', () => {
  test.for([
    ['TaskTimedOut', 400],
    ['TaskDoesNotExist', 400],
  ] as const)('that nobody waits for (%s) is not repeated, and the answer stands', async ([name, status]) => {
    sfn.on(SendTaskSuccessCommand).rejects(fault(name, status));
    await give('dba');
    expect(await give('infra-lead')).toMatchObject({ valid: true, outcome: 'approved' });
    await remind(shell);
    expect(sfn).toHaveReceivedCommandTimes(SendTaskSuccessCommand, 1);
  });

  test('that was lost is delivered again by the sweep, once', async () => {
    sfn.on(SendTaskSuccessCommand).rejectsOnce(fault('ServiceUnavailable', 503)).resolves({});
    await give('dba');
    expect(await give('infra-lead')).toMatchObject({ valid: true, outcome: 'approved' });
    await remind(shell);
    await remind(shell);
    expect(sfn).toHaveReceivedCommandTimes(SendTaskSuccessCommand, 2);
    expect(told()[1]).toEqual(['token-1', { outcome: 'approved', request: request.id }]);
  });

  test('of answers that were kept before a crash is made by the sweep', async () => {
    for (const approver of ['dba', 'infra-lead']) {
      await shell.store.keepAnswer({ ...plainAnswer(approver), valid: true, why: '' });
    }
    await remind(shell);
    expect(told()).toEqual([['token-1', { outcome: 'approved', request: request.id }]]);
    expect((await shell.store.readOutcome(request.id))?.outcome).toBe('approved');
  });

  test('that cannot be made keeps no other from being made', async () => {
    const other = { ...request, id: 'request-2', execution: 'execution-2', askedAt: request.askedAt + 1 };
    await shell.store.openRequest(other, 'token-2');
    for (const { id } of [request, other]) await shell.store.settleRequest(id, 'approved', shell.at);
    const readTaskToken = (id: string) =>
      id === request.id ? Promise.reject(new CannotProceed('item is corrupt')) : shell.store.readTaskToken(id);
    const failing = remind({ ...shell, now: () => shell.at, store: { ...shell.store, readTaskToken } });
    await expect(failing).rejects.toThrow('item is corrupt');
    expect(told()).toEqual([['token-2', { outcome: 'approved', request: 'request-2' }]]);
  });

  test('is not made for a request that expired or is void', async () => {
    await shell.store.settleRequest(request.id, 'void', shell.at);
    await remind(shell);
    expect(told()).toEqual([]);
  });

  test('is made by the stack that runs the flow, and not by the other one', async () => {
    await shell.store.settleRequest(request.id, 'rejected', shell.at);
    await remind(setting({ region: 'us-east-1', store: shell.store, now: () => shell.at }));
    expect(told()).toEqual([]);
    await remind(shell);
    expect(told()).toHaveLength(1);
  });
});

describe('a flow whose state is tried again', () => {
  test('hears of the answer by its newest try, where the one before had ended', async () => {
    sfn.on(SendTaskSuccessCommand, { taskToken: 'token-1' }).rejects(fault('TaskTimedOut', 400));
    await give('dba');
    await give('infra-lead');
    expect(await shell.store.wasSent(`heard:${request.id}`)).toBe(false);
    await shell.store.renewTaskToken(request.id, 'token-2');
    await remind(shell);
    await remind(shell);
    expect(told().map(([token]) => token)).toEqual(['token-1', 'token-2']);
    expect(await shell.store.wasSent(`heard:${request.id}`)).toBe(true);
  });
});

describe('a request whose execution has ended', () => {
  const ended = (status: string) => sfn.on(DescribeExecutionCommand).resolves({ status: status as 'FAILED' });
  const execution = `arn:aws:states:us-west-2:111122223333:execution:breakwater-test-region-failover:${request.execution}`;

  test.for(['FAILED', 'ABORTED', 'TIMED_OUT', 'SUCCEEDED'])('as %s is void, and no answer counts', async (status) => {
    await give('dba');
    ended(status);
    expect(await give('infra-lead')).toEqual({
      valid: false,
      why: `the flow that asked has ended, and request ${request.id} is void`,
      outcome: 'void',
    });
    expect(sfn).toHaveReceivedCommandWith(DescribeExecutionCommand, { executionArn: execution });
    expect(told()).toEqual([]);
  });

  test('is void with the next sweep, even where enough have answered, and nobody is reminded', async () => {
    for (const approver of ['dba', 'infra-lead'])
      await shell.store.keepAnswer({ ...plainAnswer(approver), valid: true, why: '' });
    ended('FAILED');
    shell.at = start + plan.approval.reminderSeconds * 1000;
    await remind(shell);
    expect((await shell.store.readOutcome(request.id))?.outcome).toBe('void');
    expect(sns).not.toHaveReceivedCommand(PublishCommand);
  });

  test.for<[string, () => unknown]>([
    ['runs', () => ended('RUNNING')],
    ['is about to go on', () => ended('PENDING_REDRIVE')],
    ['cannot be looked at', () => sfn.on(DescribeExecutionCommand).rejects(fault('AccessDeniedException', 400))],
    ['is of a region that is silent', () => sfn.on(DescribeExecutionCommand).rejects(fault('InternalFailure', 500))],
  ])('is not one whose execution %s', async ([, arrange]) => {
    arrange();
    expect(await give('dba')).toMatchObject({ valid: true });
  });
});

describe('a request whose incident is over', () => {
  const asked = async (change: Partial<ApprovalRequest>, closedAt: number | null = start + 600_000) => {
    const one = { ...request, id: 'request-2', requestedBy: 'classify', ...change };
    await shell.store.openRequest(one, 'token-2');
    await shell.store.writeIncident(incidentOf({ id: one.incident, level: 3, closedAt }));
    shell.at = start + plan.approval.reminderSeconds * 1000;
    await remind(shell);
    return (await shell.store.readOutcome(one.id))?.outcome ?? null;
  };

  test('ends with it: its flow hears that, once, and nobody is reminded', async () => {
    await shell.store.settleRequest(request.id, 'rejected', shell.at);
    await remind(shell);
    expect(await asked({})).toBe('void');
    await remind(shell);
    expect(told().slice(1)).toEqual([['token-2', { outcome: 'void', request: 'request-2' }]]);
    expect(sns).not.toHaveReceivedCommand(PublishCommand);
  });

  test('whose last answer came a moment before is told by that', async () => {
    const one = { ...request, id: 'request-2', requestedBy: 'classify' };
    const settleRequest: typeof shell.store.settleRequest = async (id, outcome, at) =>
      shell.store.settleRequest(id, id === one.id ? 'approved' : outcome, at);
    await shell.store.openRequest(one, 'token-2');
    await shell.store.writeIncident(incidentOf({ id: one.incident, level: 3, closedAt: start }));
    await remind({ ...shell, now: () => shell.at, store: { ...shell.store, settleRequest } });
    expect(told().find(([token]) => token === 'token-2')).toEqual([
      'token-2',
      { outcome: 'approved', request: one.id },
    ]);
  });

  test('which cannot be read is not over: people are reminded', async () => {
    const one = { ...request, id: 'request-2', requestedBy: 'classify' };
    await shell.store.openRequest(one, 'token-2');
    shell.at = start + plan.approval.reminderSeconds * 1000;
    mockLinkKey();
    const readIncident = () => Promise.reject(new CannotProceed('item is corrupt'));
    await remind({ ...shell, now: () => shell.at, store: { ...shell.store, readIncident } });
    expect(sns).toHaveReceivedCommand(PublishCommand);
    expect((await shell.store.readOutcome(one.id))?.outcome).toBeUndefined();
  });

  test('that its flow could not hear at once is told with the next sweep', async () => {
    sfn.on(SendTaskSuccessCommand, { taskToken: 'token-2' }).rejectsOnce(fault('InternalFailure', 500)).resolves({});
    await asked({}).catch(() => null);
    await remind(shell);
    expect(told().filter(([token]) => token === 'token-2')).not.toEqual([]);
    expect(await shell.store.wasSent('heard:request-2')).toBe(true);
  });

  test.for<[string, Partial<ApprovalRequest>, number | null]>([
    ['that lasts', {}, null],
    ['where a person had started it', { requestedBy: 'anna' }, start],
    ['where the move was planned', { mode: 'switchover' }, start],
    [
      'where something was promoted already',
      { shown: { ...request.shown, goingOn: { since: start, atMostSeconds: 60 } } },
      start,
    ],
  ])('stays open: of an incident %s', async ([, change, closedAt]) => {
    expect(await asked(change, closedAt)).toBeNull();
    expect(told().filter(([token]) => token === 'token-2')).toEqual([]);
  });
});

describe('a reminder', () => {
  beforeEach(async () => {
    mockLinkKey();
    await askPeople(request, shell);
    sns.resetHistory();
  });

  const reminded = () =>
    sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.TopicArn?.replace(/.*breakwater-test-/, ''));
  const sweepAfter = async (seconds: number) => {
    shell.at = start + seconds * 1000;
    await remind(shell);
  };
  const every = plan.approval.reminderSeconds;

  test('is not sent before its time', async () => {
    await sweepAfter(every - 1);
    expect(reminded()).toEqual([]);
  });

  test('reaches everybody who has not answered, once for each period', async () => {
    await sweepAfter(every);
    expect(reminded()).toEqual(expect.arrayContaining(['dr-coordinator', 'infra-lead', 'dba', 'on-call']));
    await sweepAfter(every + 60);
    expect(reminded()).toHaveLength(4);
    await give('dba');
    await give('mallory');
    await sweepAfter(2 * every);
    expect(reminded().slice(4).toSorted()).toEqual(['app-lead', 'dr-coordinator', 'infra-lead']);
  });

  test('is not sent by the other stack', async () => {
    shell = setting({ region: 'us-east-1', store: shell.store });
    await sweepAfter(every);
    expect(reminded()).toEqual([]);
  });

  test('ends when the request has expired, which is settled then', async () => {
    await sweepAfter(3_600 - 1);
    expect(await shell.store.readOutcome(request.id)).toBeNull();
    sns.resetHistory();
    await sweepAfter(3_600);
    expect(reminded()).toEqual([]);
    expect((await shell.store.readOutcome(request.id))?.outcome).toBe('expired');
    expect(told()).toEqual([]);
  });
});

function plainAnswer(approver: string): Answer {
  const common = { request: request.id, answer: 'approve', unfenced: ['us-east-1'], reason: 'yes' } as const;
  return { ...common, approver, at: shell.at, from: '192.0.2.1' };
}
