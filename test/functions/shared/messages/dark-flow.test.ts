// Tests of what people hear of a flow that has begun to move a region, and runs in one that does not answer any more.
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import { tellDark } from '../../../../functions/shared/messages/stopped.ts';
import { noteLook } from '../../../../functions/shared/recovery/fresh.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { request } from '../../../store/samples.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const region = 'us-east-1';
const execution = 'by-hand-1';
const incident = `manual-${execution}`;
const of = { incident, execution, actor: 'operator', drill: false };
const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region };
const promote = {
  step: 'take-over/database',
  call: 'rds:PromoteReadReplica',
  target: 'chatops-dr',
  region: 'us-west-2',
};
const patienceMs = plan.notifications.patienceSeconds * 1000;
let shell: Setting;

const answers = (fault: Error | null) =>
  fault === null
    ? sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' })
    : sfn.on(DescribeExecutionCommand).rejects(fault);
const dark = Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
const told = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);

beforeEach(async () => {
  sfn.reset();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  answers(dark);
  shell = setting({ region });
  await shell.store.takeLock({ target: region, execution, incident, action: 'request-approval', at: start });
  await shell.store.audit({ ...of, ...fence, at: start });
  shell.at = start + patienceMs;
});

test('it is told once, with what the flow has called, and the line that ends it', async () => {
  for (const _ of [1, 2]) await tellDark(region, shell);
  expect(told()).toHaveLength(plan.notifications.failure.length);
  expect(told()[0]?.Subject).toBe('[Breakwater] the move of us-east-1 may stand still: us-west-2 does not answer');
  expect(told()[0]?.Message).toContain(`npm run abort -- ${execution} --leave-fenced --stage test`);
  expect(told()[0]?.Message).toContain('rds:ModifyDBInstance of chatops-prod in us-east-1');
});

test('it is not told again where the flow goes on meanwhile, out of sight', async () => {
  await tellDark(region, shell);
  await shell.store.recordStep({ ...of, step: 'take-over/cache', at: shell.at, outcome: {} });
  shell.at += patienceMs;
  await tellDark(region, shell);
  expect(told()).toHaveLength(plan.notifications.failure.length);
});

test('no line that ends it is named once a database was asked to take over', async () => {
  await shell.store.audit({ ...of, ...promote, at: start });
  await tellDark(region, shell);
  expect(told()[0]?.Message).toContain('Do NOT end it: a database of us-west-2 was asked to take over');
  expect(told()[0]?.Message).not.toContain('npm run abort');
});

test.for([
  ['whose region answers', () => answers(null)],
  ['whose region is throttled', () => answers(throttled)],
  ['that kept something a moment ago', () => shell.store.recordStep({ ...of, step: 'a', at: start + 1, outcome: {} })],
  ['that has ended', () => shell.store.releaseLock(region, execution)],
  ['that runs in the stack that asks', () => Object.assign(shell, { region: 'us-west-2' })],
] as const satisfies readonly (readonly [string, () => unknown])[])('nobody hears of one %s', async ([, arrange]) => {
  await arrange();
  await tellDark(region, shell);
  expect(told()).toEqual([]);
});

test('nobody hears of one that has called nothing, nor of what is restored where it stands', async () => {
  const other = {
    target: 'us-west-2',
    execution: 'idle',
    incident: 'idle',
    action: 'request-approval',
    at: start,
  } as const;
  await shell.store.takeLock(other);
  await tellDark('us-west-2', shell);
  const asked = { ...request, id: 'r', incident, execution, mode: 'restore', target: region } as const;
  await shell.store.openRequest({ ...asked, askedAt: start, expiresAt: start + 1 }, 'token');
  await noteLook({ id: incident, execution }, { at: start, request: 'r' }, shell);
  await tellDark(region, shell);
  expect(told()).toEqual([]);
});
