// Tests of who acts: the region's own stack on what it can recover by itself, the other one on the loss of the region.
import { expect, test } from 'vitest';
import { dutyOf, isStale, speaksAt, tellsEnd } from '../../../../functions/domain/decision/responsibility.ts';
import type { Incident, RecordedDecision } from '../../../../functions/domain/types.ts';
import { openIncident, start } from '../../setting.ts';

const decision = (action: RecordedDecision['action'], execution: string | null): RecordedDecision => ({
  action,
  execution,
  reason: 'it fails',
  at: start,
  level: 3,
  scope: { region: 'us-east-1', zone: null },
  evidence: [],
  causes: [],
  attempt: 1,
});

test.for([
  ['az-failover', 'x', 'us-east-1', 0, 'start'],
  ['az-failover', 'x', 'us-west-2', 179, 'nothing'],
  ['az-failover', 'x', 'us-west-2', 180, 'tell-not-started'],
  ['request-approval', 'x', 'us-west-2', 0, 'start'],
  ['request-approval', 'x', 'us-east-1', 179, 'nothing'],
  ['request-approval', 'x', 'us-east-1', 180, 'tell-not-started'],
  ['hold', null, 'us-west-2', 0, 'tell'],
  ['hold', null, 'us-east-1', 0, 'nothing'],
  ['hold', null, 'us-east-1', 180, 'tell'],
  ['none', null, 'us-west-2', 999, 'nothing'],
] as const)(
  '%s (%s) about us-east-1, seen by the stack in %s after %s s: %s',
  ([action, execution, region, seconds, duty]) => {
    expect(dutyOf(openIncident, decision(action, execution), region, start + seconds * 1000)).toBe(duty);
  },
);

test('a decision is stale from three minutes on', () => {
  const stale = (ms: number) => isStale(decision('az-failover', 'x'), start + ms);
  expect([stale(179_999), stale(180_000)]).toEqual([false, true]);
});

test.for<[string, readonly [RecordedDecision['action'], string | null][], boolean]>([
  ['people were told of it by messages', [['hold', null]], true],
  [
    'people were told of it, and some of it was not told again',
    [
      ['hold', null],
      ['none', null],
    ],
    true,
  ],
  ['a flow told of it, which tells its end', [['notify', 'x']], false],
  [
    'a flow told of a part of it',
    [
      ['hold', null],
      ['notify', 'x'],
    ],
    false,
  ],
  ['nobody was told of it', [['none', null]], false],
])('the end of an incident is told where %s', ([, made, isTold]) => {
  const end = decision('none', null);
  const closed: Incident = {
    ...openIncident,
    closedAt: start,
    decisions: [...made.map(([action, execution]) => decision(action, execution)), end],
  };
  expect(dutyOf(closed, end, 'us-west-2', start)).toBe(isTold ? 'tell' : 'nothing');
  expect(dutyOf({ ...closed, closedAt: null }, end, 'us-west-2', start)).toBe('nothing');
});

test('the stack outside of the region speaks at once, and the one in it after three minutes', () => {
  const speaks = (region: string, ms: number) => speaksAt(start, openIncident, region, start + ms);
  expect([speaks('us-west-2', 0), speaks('us-east-1', 179_999), speaks('us-east-1', 180_000)]).toEqual([
    ...[true, false, true],
  ]);
});

test('whoever did not hear of an end is told from a minute on, for a week, by the stack outside first', () => {
  const over: Incident = { ...openIncident, closedAt: start, decisions: [decision('none', null)] };
  const tells = (region: string, seconds: number, change: Partial<Incident> = {}) =>
    tellsEnd({ ...over, ...change }, region, start + seconds * 1000);
  expect([tells('us-west-2', 59.999), tells('us-west-2', 60)]).toEqual([false, true]);
  expect([tells('us-east-1', 239.999), tells('us-east-1', 240)]).toEqual([false, true]);
  expect([tells('us-west-2', 7 * 86_400), tells('us-west-2', 7 * 86_400 + 0.001)]).toEqual([true, false]);
  expect(tells('us-west-2', 60, { closedAt: null })).toBe(false);
  expect(tells('us-west-2', 60, { decisions: [decision('hold', null)] })).toBe(false);
  expect(tells('us-west-2', 60, { decisions: [] })).toBe(false);
});
