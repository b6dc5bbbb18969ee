// Where a region flow is, by its record: what was done, left out and begun, and whether it waits.
import { expect, test } from 'vitest';
import { endedSteps, progressOf } from '../../../../functions/domain/record/progress.ts';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';

const of = { incident: 'incident-1', execution: 'flow-1' };
const call = (step: string, at: number): AuditRecord => ({
  ...of,
  ...{ step, at, actor: 'classify', call: 'rds:ModifyDBInstance', region: 'us-east-1', target: 'x', drill: false },
});
const step = (name: string, at: number, outcome: StepRecord['outcome'] = {}): StepRecord => ({
  ...of,
  ...{ step: name, at, outcome },
});
test('a flow that has changed nothing says so, and how it stands', () => {
  expect(progressOf([], [step('reassess', 1), step('paused/0', 2)], 'runs')).toEqual({
    standing: 'runs',
    servedAt: null,
    said: 'The flow runs.',
    failed: [],
    steps: [],
  });
});

test('what was done, left out and only begun are told apart, in their order', () => {
  const calls = [call('fence/database', 10), call('fence/database', 20), call('take-over/database', 40)];
  const own = [
    step('fence/database', 15),
    step('fence/database/fenced', 30),
    step('failing/take-over/database', 45),
    step('take-over/cache', 50, { skipped: true, by: 'ana', reason: 'empty', at: 49 }),
  ];
  expect(progressOf(calls, own, 'paused')).toEqual({
    standing: 'paused',
    servedAt: null,
    said: 'The flow is PAUSED: it does nothing until a person acts.',
    failed: [],
    steps: [
      { at: 30, step: { state: 'Fence', asset: 'database' }, state: 'done', words: 'done' },
      {
        at: 40,
        step: { state: 'TakeOver', asset: 'database' },
        state: 'begun',
        words: 'begun, and not seen to be done',
      },
      { at: 50, step: { state: 'TakeOver', asset: 'cache' }, state: 'skipped', words: 'left out, signed by ana' },
    ],
  });
});

test('users who were sent are done, and a flow that has ended does nothing more', () => {
  const told = progressOf([call('redirect-users', 10)], [step('redirect-users', 20)], 'ended');
  expect(told).toEqual({
    standing: 'ended',
    servedAt: null,
    said: 'The flow has ended: it does nothing more.',
    failed: [],
    steps: [{ at: 20, step: { state: 'RedirectUsers', asset: null }, state: 'done', words: 'done' }],
  });
});

test.for([
  ['a database that stood elsewhere', { moved: false, zone: 'use1-az2' }, 'not-needed', 'not needed: it was so before'],
  [
    'a cache that cannot move',
    { moved: false, stays: 'it has one node' },
    'not-possible',
    'not possible: it has one node',
  ],
  ['a region that does not answer', { fenced: false, why: 'it is dark' }, 'not-possible', 'not possible: it is dark'],
  ['what needs something else', { held: 'needs database' }, 'held', 'held: needs database'],
  [
    'a dry run',
    { dryRun: true, wouldDo: 'reboot chatops-prod' },
    'dry-run',
    'not done: a dry run: reboot chatops-prod',
  ],
  ['a cache that began empty', { moved: false, empty: true }, 'done', 'done'],
  ['traffic that had left', { shifted: [] }, 'not-needed', 'not needed: it was so before'],
] as const)('the tick of %s says done only of what was done', ([, outcome, state, words]) => {
  const [told] = progressOf([], [step('take-over/database', 1, outcome)], 'runs').steps;
  expect(told).toMatchObject({ state, words });
});

test('users count as served when the flow has measured it at its end, and not when what they will use is verified', () => {
  const servedAt = (name: string, verifiedAt: number | null) =>
    progressOf([], [step(name, 1, { verifiedAt })], 'runs').servedAt;
  expect(servedAt('record-failover', 7)).toBe(7);
  expect(servedAt('record-failover', null)).toBeNull();
  expect(servedAt('verify/database', 7)).toBeNull();
});

test('a fence that was called and not seen is begun, one that was skipped is done with, and an unfence is begun only', () => {
  const steps = (own: StepRecord[], calls: AuditRecord[] = []) => progressOf(calls, own, 'aborted').steps;
  expect(steps([step('fence/database', 5)])).toEqual([]);
  expect(steps([step('unfence/database', 5, { opened: false })])).toEqual([
    { at: 5, step: { state: 'Unfence', asset: 'database' }, state: 'begun', words: 'begun' },
  ]);
  expect(steps([step('leave-zone/database', 9), step('leave-zone/database', 7)])).toEqual([
    { at: 7, step: { state: 'LeaveZone', asset: 'database' }, state: 'done', words: 'done' },
  ]);
  expect(steps([step('take-over/database', 9)], [call('leave-zone/cache', 3), call('note/cache', 1)])).toEqual([
    { at: 3, step: { state: 'LeaveZone', asset: 'cache' }, state: 'begun', words: 'begun, and not seen to be done' },
    { at: 9, step: { state: 'TakeOver', asset: 'database' }, state: 'done', words: 'done' },
  ]);
  expect(progressOf([], [], 'aborted').said).toBe('The flow was ABORTED: nothing of it goes on.');
});

test('what all flows of an incident have ended stands in one order, each with its flow', () => {
  const other = { ...step('take-over/cache', 2), execution: 'flow-2' };
  const own = [step('take-over/database', 3), other, step('unfence/database', 1), step('leave-zone/cluster', 1)];
  expect(endedSteps(own).map(({ at, step: { state, asset }, execution }) => [at, state, asset, execution])).toEqual([
    [1, 'LeaveZone', 'cluster', 'flow-1'],
    [2, 'TakeOver', 'cache', 'flow-2'],
    [3, 'TakeOver', 'database', 'flow-1'],
  ]);
});

test('what only looks like a step, or like a fence that was seen, is none', () => {
  const names = [
    'take-over/database/x',
    'x/fence/database/fenced',
    'fence/database/fenced/again',
    'take-over',
    'redirect-users/x',
  ];
  for (const name of names) expect(progressOf([call(name, 1)], [step(name, 2)], 'runs').steps).toEqual([]);
});

test('the first flow that measured when users were served says so, and what is no time does not', () => {
  const own = [
    step('record-failover', 1, { verifiedAt: 'soon' }),
    step('record-failover', 2, { verifiedAt: 7 }),
    step('record-failover', 3, { verifiedAt: 9 }),
  ];
  expect(progressOf([], own, 'runs').servedAt).toBe(7);
});

test('what could not be fenced is said, until it is fenced after all', () => {
  const open = step('fence/database', 15, { fenced: false, unfenced: true, why: 'it does not answer' });
  const states = (...own: StepRecord[]) => progressOf([], own, 'ended').steps.map(({ state, words }) => [state, words]);
  expect(states(step('fence/database', 10), open)).toEqual([['not-possible', 'not possible: it does not answer']]);
  expect(states(open, step('fence/database/fenced', 30))).toEqual([['done', 'done']]);
  expect(states(step('fence/database/fenced', 10), open)).toEqual([['done', 'done']]);
});

test('why it is paused is said by what its steps do, and of no other standing', () => {
  const stopped = [
    { step: 'TakeOver database', why: 'it is not there' },
    { step: 'VerifyRegion', why: 'no answer' },
    { step: 'Elsewhere', why: 'nobody knows' },
  ];
  expect(progressOf([], [], 'paused', stopped).failed).toEqual([
    'taking over database: it is not there',
    'checking the other region: no answer',
    'at Elsewhere: nobody knows',
  ]);
  expect(progressOf([], [], 'runs', stopped).failed).toEqual([]);
});
