// Tests of whether users were sent to the other region, by what the record of a flow holds.
import { expect, test } from 'vitest';
import { callMark } from '../../../../functions/domain/record/call-marks.ts';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { areSent, unseenMark } from '../../../../functions/domain/traffic/sent.ts';

const flow = { incident: 'incident-1', execution: 'execution-1' };
const called = (call: string, at: number, step = 'redirect-users'): AuditRecord => ({
  ...{ ...flow, step, call, at, target: `latch-${at}`, region: 'us-west-2', actor: 'ana', drill: false },
});
const closed = called('s3:PutObject', 1);
const opened = called('s3:DeleteObject', 2);
const made = (call: AuditRecord): StepRecord => ({ ...flow, step: callMark('made', call), at: call.at, outcome: {} });
const kept = (step: string, outcome: object): StepRecord => ({ ...flow, step, at: 9, outcome: { ...outcome } });

test.for<[string, readonly AuditRecord[], readonly StepRecord[], away: boolean, home: boolean]>([
  ['nothing was asked for', [], [], false, false],
  ['it was seen', [], [kept('redirect-users', {})], true, true],
  ['a person left it out', [], [kept('redirect-users', { skipped: true })], false, false],
  ['Route 53 has taken the change', [], [kept('redirect-users/change', { change: '/change/C1' })], true, true],
  ['Route 53 was asked, and has not answered', [], [kept('redirect-users/change', {})], false, false],
  ['a latch was asked for, and nobody answered', [closed], [], false, false],
  ['S3 has taken the latch of the region that is left', [closed], [made(closed)], true, true],
  ['nobody without credentials can read its latch', [closed], [made(closed), kept(unseenMark, {})], false, false],
  [
    'its latch could be read at last',
    [closed],
    [made(closed), kept(unseenMark, {}), kept('redirect-users', {})],
    true,
    true,
  ],
  ['its latch is taken, and its own may lie', [closed, opened], [made(closed)], false, false],
  ['its latch is taken, and its own taken away', [closed, opened], [made(closed), made(opened)], true, true],
  ['its own latch alone is taken away', [opened], [made(opened)], false, true],
  [
    'another step has put something there',
    [called('s3:PutObject', 3, 'other')],
    [made(called('s3:PutObject', 3))],
    false,
    false,
  ],
])('where %s, users are sent', ([, calls, own, away, home]) => {
  expect(areSent(calls, own, { comesHome: false })).toBe(away);
  expect(areSent(calls, own, { comesHome: true })).toBe(home);
});
