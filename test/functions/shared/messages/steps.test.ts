// Each step that a flow has ended is a change event in PagerDuty, once; it reaches nobody otherwise, and where it fails nothing does.
import 'aws-sdk-client-mock-vitest/extend';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, expect, test, vi } from 'vitest';
import { tellSteps } from '../../../../functions/shared/messages/steps.ts';
import { incidentsAtWork } from '../../../../functions/shared/recovery/locks.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { incident, openIncident, reached, running, type Setting } from '../../setting.ts';

const sns = mocked(SNSClient);
const ssm = mocked(SSMClient);
const key = 'b2'.repeat(16);
const webhook = '/chatops/webhooks/pagerduty';
const called = {
  handle: '@on-call',
  duty: 'responds',
  channel: 'pagerduty' as const,
  webhook,
  iam: [],
  next: ['sms' as const],
};
const paged: Setting['plan'] = { ...plan, contacts: { ...plan.contacts, 'on-call': called } };
let posted: { url: string; body: { payload: { summary: string; timestamp: string } } }[];
let status: number;

const settingOf = async (region: string, of = paged): Promise<Setting> => {
  const fetch: typeof globalThis.fetch = async (input, init) => {
    posted.push({ url: String(input), body: JSON.parse(String(init?.body)) });
    return new Response('', { status });
  };
  const shell = await running(incident, { region, plan: of, fetch });
  await shell.store.writeIncident(openIncident);
  await reached('leave-zone/database', incident, shell);
  await reached('failing/leave-zone/cache', incident, shell);
  return shell;
};
const summaries = () => posted.map(({ body }) => body.payload.summary);

beforeEach(() => {
  for (const client of [sns, ssm]) client.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: key } });
  posted = [];
  status = 202;
});

test('a step that has ended is told once, with its time; what fails and is tried again has not ended', async () => {
  const shell = await settingOf('us-west-2');
  for (const _look of [1, 2]) await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(posted).toMatchObject([
    {
      url: 'https://events.pagerduty.com/v2/change/enqueue',
      body: { routing_key: key, payload: { source: 'breakwater-test', timestamp: new Date(shell.at).toISOString() } },
    },
  ]);
  expect(summaries()).toEqual(['For information: moving database out of use1-az1: done']);
  const outcome = { moved: false, stays: 'it is in use1-az2' };
  const { id, execution } = incident;
  await shell.store.recordStep({ incident: id, execution, step: 'leave-zone/cache', at: shell.at, outcome });
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(summaries()[1]).toContain('moving cache out of use1-az1: not possible: it is in use1-az2');
});

test('of two stacks one tells, and the other only where that has had its time', async () => {
  const shell = await settingOf('us-east-1');
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(posted).toEqual([]);
  shell.at += 600_000;
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(posted).toHaveLength(1);
});

test('where PagerDuty refuses, nothing fails, no other channel is used, and it is tried again at the next look', async () => {
  const shell = await settingOf('us-west-2');
  const warn = vi.spyOn(shell.log, 'warn').mockImplementation(() => {});
  status = 500;
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(warn).toHaveBeenCalledWith(
    'step not told',
    expect.objectContaining({ role: 'on-call', step: 'LeaveZone database' }),
  );
  expect(sns).not.toHaveReceivedCommand(PublishCommand);
  status = 202;
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(posted).toHaveLength(2);
});

test('a contact whose PagerDuty refuses everything, however many steps there are, takes no other contact’s place', async () => {
  const broken = { ...called, handle: '@broken', webhook: '/chatops/webhooks/broken' };
  const contacts = { a: broken, ...paged.contacts };
  ssm.on(GetParameterCommand, { Name: broken.webhook }).resolves({ Parameter: { Value: 'no key' } });
  const shell = await settingOf('us-west-2', { ...paged, contacts });
  vi.spyOn(shell.log, 'warn').mockImplementation(() => {});
  for (let asset = 0; asset < 10; asset += 1) await reached(`leave-zone/asset-${asset}`, incident, shell);
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(summaries()).toHaveLength(10);
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(new Set(summaries()).size).toBe(11);
});

test('a plan without PagerDuty has nothing read and nothing told', async () => {
  const shell = await settingOf('us-west-2', plan);
  const read = vi.spyOn(shell.store, 'readSteps');
  await tellSteps(await incidentsAtWork('us-east-1', shell), shell);
  expect(read).not.toHaveBeenCalled();
  expect(posted).toEqual([]);
});
