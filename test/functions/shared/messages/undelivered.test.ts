// Messages that SNS takes and that do not arrive: who can reach the person hears of it, and the next channel is used too for the rest of the day.
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import type { Incident } from '../../../../functions/domain/types.ts';
import { tell } from '../../../../functions/shared/messages/tell.ts';
import { tellUndelivered } from '../../../../functions/shared/messages/undelivered.ts';
import { plan } from '../../../plan.ts';
import { incidentOf } from '../../../store/samples.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sns = mockClient(SNSClient);
const cloudWatch = mockClient(CloudWatchClient);
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

test('for the rest of the day its next channel is used beside it, and says why; on the next day the first alone', async () => {
  failed = { 'breakwater-test-dba': [4] };
  await look();
  sns.resetHistory();
  await say('a');
  expect(told().map(([topic]) => topic)).toEqual(['breakwater-test-dba', 'breakwater-test-dba-sms']);
  shell.at += 24 * 3_600_000;
  sns.resetHistory();
  await say('b');
  expect(told().map(([topic]) => topic)).toEqual(['breakwater-test-dba']);
});

test.for([
  ['the next one', 'dba-sms'],
  ['the one whose messages do not arrive', 'dba'],
] as const)('%s may refuse, as long as the other takes it', async ([, of]) => {
  failed = { 'breakwater-test-dba': [4] };
  await look();
  sns.resetHistory();
  const TopicArn = `arn:aws:sns:us-east-1:111122223333:breakwater-test-${of}`;
  sns.on(PublishCommand, { TopicArn }).rejects(new Error('no'));
  expect(await say('a')).toEqual({ told: ['dba'], untold: {} });
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
