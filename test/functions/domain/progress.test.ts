// Where a region flow is, by its record: what was done, left out and begun, and whether it waits.
import { expect, test } from 'vitest';
import { progressSentences } from '../../../functions/domain/progress.ts';
import type { AuditRecord, StepRecord } from '../../../functions/domain/store.ts';

const of = { incident: 'incident-1', execution: 'flow-1' };
const call = (step: string, at: number): AuditRecord => ({
  ...of,
  ...{ step, at, actor: 'classify', call: 'rds:ModifyDBInstance', region: 'us-east-1', target: 'x', drill: false },
});
const step = (name: string, at: number, outcome: StepRecord['outcome'] = {}): StepRecord => ({
  ...of,
  ...{ step: name, at, outcome },
});
const time = (at: number) => new Date(at).toISOString();

test('a flow that has changed nothing says so, and how it stands', () => {
  expect(progressSentences([], [step('reassess', 1), step('paused/0', 2)], 'runs')).toEqual([
    'The flow runs.',
    'Nothing was changed by it so far.',
  ]);
});

test('what was done, left out and only begun are told apart, in their order', () => {
  const calls = [call('fence/database', 10), call('fence/database', 20), call('take-over/database', 40)];
  const own = [
    step('fence/database', 15),
    step('fence/database/fenced', 30),
    step('failing/take-over/database', 45),
    step('take-over/cache', 50, { skipped: true, by: 'ana', reason: 'empty', at: 49 }),
  ];
  expect(progressSentences(calls, own, 'paused')).toEqual([
    'The flow is PAUSED: it does nothing until a person acts.',
    `Fence database: done at ${time(30)}.`,
    `TakeOver database: begun at ${time(40)}, and not seen to be done.`,
    'TakeOver cache: left out, signed by ana.',
  ]);
});

test('users who were sent are done, and a flow that has ended does nothing more', () => {
  const told = progressSentences([call('redirect-users', 10)], [step('redirect-users', 20)], 'ended');
  expect(told).toEqual(['The flow has ended: it does nothing more.', `RedirectUsers: done at ${time(20)}.`]);
});
