// Messages that SNS takes and that do not arrive: who can reach the person hears of it, and the next channel is used too for the rest of the day.
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import type { Incident } from '../../../../functions/domain/types.ts';
import { askTheMissing } from '../../../../functions/shared/approval/ask.ts';
import { tell } from '../../../../functions/shared/messages/tell.ts';
import { tellUndelivered } from '../../../../functions/shared/messages/undelivered.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { incidentOf, request as sample } from '../../../store/samples.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sns = mocked(SNSClient);
const cloudWatch = mocked(CloudWatchClient);
const atWork: readonly Incident[] = [incidentOf({})];
/** What SNS counted, by the topic, in minutes before now. */
let failed: Record<string, number[]>;
let shell: Setting;

const { dba } = plan.contacts;
if (dba === undefined) throw new Error('the plan of the tests has a dba');
const withNext = { ...plan, contacts: { ...plan.contacts, dba: { ...dba, next: ['sms' as const] } } };
const told = () =>
  sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => [input.TopicArn?.split(':').at(-1), input.Subject]);
const look = (incidents = atWork) => tellUndelivered(incidents, shell);
/** Says something to the database's people. */
const say = (id: string) =>
  tell({ id, message: { subject: '[Breakwater] x', body: 'y' }, of: null, swept: true }, ['dba'], shell);

beforeEach(() => {
  for (const client of [sns, cloudWatch]) client.reset();
  sns.on(PublishCommand).resolves({});
  failed = {};
  cloudWatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries = [] }: GetMetricDataCommandInput) => ({
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => {
      const minutes = failed[MetricStat?.Metric?.Dimensions?.[0]?.Value ?? ''] ?? [];
      return {
        Id,
        StatusCode: 'Complete',
        Timestamps: [...minutes, 30].map((minute) => new Date(shell.now() - minute * 60_000)),
        Values: [...minutes.map(() => 1), 0],
      };
    }),
  }));
  shell = setting({ plan: withNext });
});

test('who can reach a person to whom mails do not arrive is told once, and so is the person by the next channel', async () => {
  failed = { 'breakwater-test-dba': [9, 4] };
  await look();
  await look();
  const subject = '[Breakwater] NOT TOLD: dba. Call them: email does not arrive';
  const others = [...plan.approval.escalation, ...plan.notifications.failure].filter((role) => role !== 'dba');
  const topics = ['dba', 'dba-sms', ...new Set(others)].map((of) => [`breakwater-test-${of}`, subject]);
  expect(told().toSorted()).toEqual(topics.toSorted());
  const { Message = '' } =
    sns.commandCalls(PublishCommand).find(({ args }) => !args[0].input.TopicArn?.endsWith('-sms'))?.args[0].input ?? {};
  expect(Message).toContain('2 messages by email to');
  expect(Message).toContain('the last at 02:56 UTC');
});

test('for a day its next channel is used beside it, and says why; later the first alone', async () => {
  failed = { 'breakwater-test-dba': [4] };
  await look();
  sns.resetHistory();
  await say('a');
  expect(
    told()
      .map(([topic]) => topic)
      .toSorted(),
  ).toEqual(['breakwater-test-dba', 'breakwater-test-dba-sms']);
  shell.at += 48 * 3_600_000;
  sns.resetHistory();
  await say('b');
  expect(told().map(([topic]) => topic)).toEqual(['breakwater-test-dba']);
});

test('the one whose messages do not arrive may refuse; where the next one does, the person is not told', async () => {
  failed = { 'breakwater-test-dba': [4] };
  await look();
  const refusing = (of: string) =>
    sns
      .on(PublishCommand, { TopicArn: `arn:aws:sns:us-east-1:111122223333:breakwater-test-${of}` })
      .rejects(new Error('no'));
  refusing('dba');
  expect(await say('a')).toEqual({ told: ['dba'], untold: {} });
  sns.on(PublishCommand).resolves({});
  refusing('dba-sms');
  for (const _try of [1, 2]) {
    sns.resetHistory();
    expect(await say('b')).toMatchObject({ told: [], untold: { dba: expect.stringContaining('no') } });
  }
  // Beside it a message goes once, however often the other is tried.
  expect(told().map(([topic]) => topic)).not.toContain('breakwater-test-dba');
});

test('over midnight it is used beside the next one still', async () => {
  shell.at = Date.parse('2026-11-23T23:50:00Z');
  failed = { 'breakwater-test-dba': [20] };
  await look();
  shell.at += 20 * 60_000;
  sns.resetHistory();
  await say('a');
  expect(
    told()
      .map(([topic]) => topic)
      .toSorted(),
  ).toEqual(['breakwater-test-dba', 'breakwater-test-dba-sms']);
});

test('a next channel that fails takes nothing from the first, which says nothing of it', async () => {
  failed = { 'breakwater-test-dba-sms': [4] };
  await look();
  expect(told().every(([, subject]) => subject === '[Breakwater] Not urgent: sms to dba does not arrive')).toBe(true);
  sns.resetHistory();
  await say('a');
  expect(told().map(([topic]) => topic)).toEqual(['breakwater-test-dba']);
  expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toMatch(/^y\n/);
});

test('what was said by day is said again in an incident, as loud as it is then', async () => {
  failed = { 'breakwater-test-dba': [4] };
  shell.at = start + 60 * 60_000;
  await look([]);
  sns.resetHistory();
  await look();
  expect(told()[0]?.[1]).toBe('[Breakwater] NOT TOLD: dba. Call them: email does not arrive');
  sns.resetHistory();
  await look();
  expect(told()).toEqual([]);
});

test('all that fails at once is one message to each', async () => {
  failed = Object.fromEntries(Object.keys(plan.contacts).map((role) => [`breakwater-test-${role}`, [4]]));
  await look();
  const topics = told().map(([topic]) => topic);
  expect(topics.toSorted()).toEqual(['breakwater-test-dba', 'breakwater-test-dba-sms']);
});

test('where nobody else is left, those hear it whose topic may have another address', async () => {
  shell = setting();
  failed = Object.fromEntries(Object.keys(plan.contacts).map((role) => [`breakwater-test-${role}`, [4]]));
  await look();
  expect(told().map(([topic]) => topic)).toContain('breakwater-test-dba');
});

test('a request that did not arrive is asked by the next channel, once', async () => {
  const request = { ...sample, roles: ['dba'], required: 1 };
  await askTheMissing(request, ['dba'], shell);
  failed = { 'breakwater-test-dba': [1] };
  await look();
  sns.resetHistory();
  for (const _sweep of [1, 2]) await askTheMissing(request, ['dba'], shell);
  const bySms = sns.commandCalls(PublishCommand).filter(({ args }) => args[0].input.TopicArn?.endsWith('dba-sms'));
  expect(bySms.map(({ args }) => args[0].input.Subject)).toEqual([
    expect.stringMatching(/Approve or reject by|approval is asked for/),
  ]);
});

test('who is asked when it is known already is asked by it once', async () => {
  const request = { ...sample, roles: ['dba'], required: 1 };
  failed = { 'breakwater-test-dba': [1] };
  await look();
  sns.resetHistory();
  for (const _sweep of [1, 2]) await askTheMissing(request, ['dba'], shell);
  const bySms = sns.commandCalls(PublishCommand).filter(({ args }) => args[0].input.TopicArn?.endsWith('dba-sms'));
  expect(bySms).toHaveLength(1);
});

test('where every channel refuses, others hear whom nobody could tell', async () => {
  failed = { 'breakwater-test-dba': [4] };
  await look();
  sns.resetHistory();
  for (const topic of ['dba', 'dba-sms'])
    sns
      .on(PublishCommand, { TopicArn: `arn:aws:sns:us-east-1:111122223333:breakwater-test-${topic}` })
      .rejects(new Error('no'));
  expect(await say('a')).toMatchObject({ told: [], untold: { dba: expect.stringContaining('no') } });
});

test('who has no other channel is not told by the one that fails; others are, and each message goes on by it', async () => {
  shell = setting();
  failed = { 'breakwater-test-dba': [4] };
  await look();
  expect(told().map(([topic]) => topic)).not.toContain('breakwater-test-dba');
  expect(told().length).toBeGreaterThan(0);
  await say('a');
  expect(told().at(-1)?.[0]).toBe('breakwater-test-dba');
});

test('without an incident it is looked at once an hour, and can wait until morning', async () => {
  failed = { 'breakwater-test-dba': [4] };
  shell.at = start + 17 * 60_000;
  await look([]);
  expect(cloudWatch.commandCalls(GetMetricDataCommand)).toEqual([]);
  shell.at = start + 60 * 60_000;
  await look([]);
  expect(told()[0]?.[1]).toBe('[Breakwater] Not urgent: email to dba does not arrive');
});

test('where nothing failed nobody hears anything, and one question is asked of all topics', async () => {
  await look();
  expect(told()).toEqual([]);
  const [call, ...more] = cloudWatch.commandCalls(GetMetricDataCommand);
  expect(more).toEqual([]);
  const asked = call?.args[0].input.MetricDataQueries?.map(
    ({ MetricStat }) => MetricStat?.Metric?.Dimensions?.[0]?.Value,
  );
  expect(asked).toContain('breakwater-test-dba-sms');
  expect(asked).toContain('breakwater-test-on-call');
});

test('what CloudWatch does not answer stops nothing', async () => {
  cloudWatch.on(GetMetricDataCommand).rejects(new Error('no'));
  await expect(look()).resolves.toBeUndefined();
});

test('somebody who cannot be told costs nobody else, and is tried again at the next look', async () => {
  failed = { 'breakwater-test-dba': [4] };
  sns.on(PublishCommand).rejects(new Error('no'));
  await expect(look()).rejects.toThrow();
  sns.on(PublishCommand).resolves({});
  sns.resetHistory();
  await look();
  expect(told().length).toBeGreaterThan(1);
});
