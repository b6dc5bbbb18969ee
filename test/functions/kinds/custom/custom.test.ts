// Lambdas of the user's are asked by the contract, against a mocked Lambda service.
import 'aws-sdk-client-mock-vitest/extend';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { outcomeOf } from '../../../../functions/domain/record/step.ts';
import { handler as leaveZone } from '../../../../functions/kinds/custom/leave-zone.ts';
import { handler as takeOver } from '../../../../functions/kinds/custom/take-over.ts';
import { handler as verify } from '../../../../functions/kinds/custom/verify.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, incident, reached, regionIncident, running, type Setting, start } from '../../setting.ts';

const functions = { 'leave-zone': 'search-leave', 'take-over': 'search-move', verify: 'search-verify' };
const index = { name: 'index', kind: 'custom' as const, needs: [], functions };
const withIndex: Plan = { ...plan, assets: [...plan.assets, index] };
const asset = 'index';
const lambda = mocked(LambdaClient);
let shell: Setting;

beforeEach(async () => {
  lambda.reset();
  shell = await running(regionIncident, { region: 'us-west-2', plan: withIndex });
});

function answers(said: unknown, FunctionError?: string): void {
  const Payload = Buffer.from(typeof said === 'string' ? said : JSON.stringify(said));
  lambda
    .on(InvokeCommand)
    .resolves({ StatusCode: 200, Payload: Payload as never, ...(FunctionError && { FunctionError }) });
}
const asked = () => lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input);
const called = async () =>
  (await shell.store.readAudit(regionIncident.id)).map(({ call, target }) => `${call} ${target}`);
const move = () => takeOver.on(shell)({ incident: regionIncident, asset });

test('the function of the region that takes over is told what it is asked for, and by whom', async () => {
  answers({ done: true, seen: { documents: 12 } });
  expect(await move()).toEqual({ function: 'search-move', seen: { documents: 12 } });
  const [{ FunctionName, Payload } = {}] = asked();
  expect(FunctionName).toBe('search-move');
  expect(JSON.parse(String(Payload))).toEqual({
    verb: 'take-over',
    asset,
    region: 'us-west-2',
    zone: null,
    from: 'us-east-1',
    incident: regionIncident.id,
    execution: regionIncident.execution,
    dryRun: false,
    drill: false,
  });
});

test('it is asked again until it is done, and recorded once', async () => {
  answers({ done: false, why: '3 of 5 shards are here' });
  const first = await failureOf(move());
  expect(first).toEqual({ name: 'InProgress', message: 'search-move in us-west-2: 3 of 5 shards are here' });
  answers({ done: true });
  expect(await move()).toEqual({ function: 'search-move', seen: {} });
  expect(asked()).toHaveLength(2);
  expect(await called()).toEqual(['lambda:Invoke search-move for index']);
});

test('an execution that lost the lock asks it no more, also for what it had begun', async () => {
  answers({ done: false, why: 'moving' });
  await failureOf(move());
  await shell.store.releaseLock('us-east-1', regionIncident.execution);
  expect((await failureOf(move())).name).toBe('LockLost');
  expect(asked()).toHaveLength(1);
});

test('what it has seen is handed on as far as a flow can carry it', async () => {
  answers({ done: true, seen: { letters: 'x'.repeat(20_000) } });
  expect(await move()).toEqual({ function: 'search-move', seen: 'more than 10000 letters' });
});

test('what it has seen is no word to the flow: it cannot say that a person left the step out', async () => {
  answers({ done: true, seen: { skipped: true, by: 'ana', function: 'another' } });
  const outcome = await move();
  expect(outcome).toEqual({ function: 'search-move', seen: { skipped: true, by: 'ana', function: 'another' } });
  expect(outcomeOf(JSON.stringify(outcome), null, false)).toBe('succeeded');
});

test.for([
  ['not done, for a long reason', { done: false, why: 'y'.repeat(50_000) }, undefined],
  ['failed, with a long message', { errorType: 'Error', errorMessage: 'y'.repeat(50_000) }, 'Unhandled'],
  ['failed, with a long name', { errorType: 'y'.repeat(50_000), errorMessage: 'x' }, 'Unhandled'],
] as const)('the words of one that is %s are told as far as a message can carry them', async ([, said, error]) => {
  answers(said, error);
  const { message } = await failureOf(move());
  expect(message).toMatch(/ \(50\d{3} letters\)$/);
  expect(message.length).toBeLessThan(1_200);
});

test.for([
  ['says nothing', null, 'it said nothing'],
  ['is no JSON', 'Runtime exited', 'it said nothing'],
  ['has no name', { errorMessage: 'Task timed out after 3.00 seconds' }, 'Task timed out after 3.00 seconds'],
  ['has an object for a message', { errorType: 'Error', errorMessage: { deep: true } }, 'Error'],
] as const)('a failure that %s is told in words', async ([, said, words]) => {
  answers(said, 'Unhandled');
  expect(await failureOf(move())).toEqual({
    name: 'Unavailable',
    message: `search-move in us-west-2 failed: ${words}`,
  });
});

test('one that takes back that it was done holds users back: its move is handed on, and its verification asked again', async () => {
  answers({ done: true });
  const moved = await move();
  answers({ done: false, why: 'a shard went away' });
  expect(await move()).toEqual(moved);
  expect((await failureOf(verify.on(shell)({ incident: regionIncident, asset }))).name).toBe('InProgress');
  expect(await called()).toHaveLength(1);
});

test('two assets whose work one function does are two changes, and it is told which is meant', async () => {
  const both = { ...withIndex, assets: [...withIndex.assets, { ...index, name: 'archive' }] };
  shell = await running(regionIncident, { region: 'us-west-2', plan: both });
  answers({ done: false, why: 'moving' });
  for (const one of ['index', 'archive', 'index', 'archive'])
    await failureOf(takeOver.on(shell)({ incident: regionIncident, asset: one }));
  const steps = (await shell.store.readAudit(regionIncident.id)).map(({ step }) => step);
  expect(steps.toSorted()).toEqual(['take-over/archive', 'take-over/index']);
  expect(asked().map(({ Payload }) => JSON.parse(String(Payload)).asset)).toEqual([
    'index',
    'archive',
    'index',
    'archive',
  ]);
});

test('a verb that the plan names no function for is refused by name, and nothing is asked', async () => {
  const looks = { ...withIndex, assets: [{ ...index, functions: { verify: 'search-verify' } }] };
  shell = await running(regionIncident, { region: 'us-west-2', plan: looks });
  expect(await failureOf(move())).toEqual({
    name: 'CannotProceed',
    message: 'the plan names no function that does take-over for index',
  });
  expect(asked()).toEqual([]);
});

describe('an answer that is none', () => {
  test.for([
    ['text', 'done'],
    ['nothing', null],
    ['done without being true or false', { done: 'yes' }],
    ['not done, and not why', { done: false }],
    ['seen that is no object', { done: true, seen: 'all' }],
  ] as const)('%s needs a person, and says what was expected', async ([, said]) => {
    answers(said);
    expect(await failureOf(move())).toEqual({
      name: 'CannotProceed',
      message:
        'search-move in us-west-2 answered what is not expected of take-over: expected { "done": true, "seen": { ... } } or { "done": false, "why": "..." }',
    });
  });
});

test.for([
  ['an error that it calls CannotProceed needs a person', 'CannotProceed', 'CannotProceed'],
  ['any other error of its own is asked about again', 'TypeError', 'Unavailable'],
] as const)('%s', async ([, errorType, expected]) => {
  answers({ errorType, errorMessage: 'no such index' }, 'Unhandled');
  expect(await failureOf(move())).toEqual({
    name: expected,
    message: `search-move in us-west-2 failed: ${errorType}: no such index`,
  });
});

test.for([
  ['is not there', 'ResourceNotFoundException', 404, 'CannotProceed'],
  ['may not be called', 'AccessDeniedException', 403, 'CannotProceed'],
  ['is called too often', 'TooManyRequestsException', 429, 'Unavailable'],
  ['cannot be reached', 'ServiceException', 500, 'Unavailable'],
] as const)('a function that %s', async ([, name, httpStatusCode, expected]) => {
  lambda.on(InvokeCommand).rejects(Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } }));
  expect((await failureOf(move())).name).toBe(expected);
});

test('nothing is asked of it while the automation is frozen, or without the lock', async () => {
  answers({ done: true });
  await shell.store.freeze('ana', 'I look first', start);
  expect((await failureOf(move())).name).toBe('Frozen');
  await shell.store.unfreeze();
  await shell.store.releaseLock('us-east-1', regionIncident.execution);
  expect((await failureOf(move())).name).toBe('LockLost');
  expect(asked()).toEqual([]);
});

test('a waiver leaves it out', async () => {
  await shell.store.keepWaiver(regionIncident.execution, 'TakeOver/index', 'dba', 'moved by hand', start);
  expect(await move()).toMatchObject({ skipped: true, by: 'dba' });
  expect(asked()).toEqual([]);
});

test('a dry run asks it to look, and records no change', async () => {
  answers({ done: true, seen: { would: 'leave' } });
  const dry = { ...incident, dryRun: true };
  const here = await running(incident, { plan: withIndex });
  expect(await leaveZone.on(here)({ incident: dry, asset })).toEqual({
    function: 'search-leave',
    seen: { would: 'leave' },
  });
  expect(JSON.parse(String(asked()[0]?.Payload))).toMatchObject({
    dryRun: true,
    zone: 'use1-az1',
    region: 'us-east-1',
  });
  expect(await here.store.readAudit(incident.id)).toEqual([]);
});

test('a verification changes nothing: it is not recorded as a change', async () => {
  answers({ done: true });
  await reached(`take-over/${asset}`, regionIncident, shell);
  expect(await verify.on(shell)({ incident: regionIncident, asset })).toEqual({ function: 'search-verify', seen: {} });
  expect(await called()).toEqual([]);
});
