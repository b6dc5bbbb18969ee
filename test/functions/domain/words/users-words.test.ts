// The first line of messages: whether users are served, by whom, and when that was seen.
import { expect, test } from 'vitest';
import {
  areServed,
  besideFailing,
  readVisited,
  theService,
  usersLine,
  usersSentence,
  visitedSentence,
  withFailing,
  withUsers,
} from '../../../../functions/domain/words/users-words.ts';
import { plan } from '../../../plan.ts';

const now = Date.parse('2026-11-23T03:00:00Z');
const at = now - 60_000;
const seenFrom = ['eu-west-1', 'us-west-2'];
const unknown = `Whether users are served now is NOT KNOWN: too few places outside can tell. Open ${theService}.`;

test.for([
  [
    { users: 'fail', seenFrom, at, servedAt: at - 120_000, isAlarmed: true, hasFailed: false },
    'Users FAIL now, seen from eu-west-1, us-west-2 at 02:59 UTC. The last successful user request was at 02:57 UTC.',
  ],
  [
    { users: 'fail', seenFrom, at: null, servedAt: null, isAlarmed: false, hasFailed: false },
    'Users FAIL now, seen from eu-west-1, us-west-2.',
  ],
  [
    { users: 'served', seenFrom, at, servedAt: at, isAlarmed: false, hasFailed: false },
    'Users are served now, seen from eu-west-1, us-west-2 at 02:59 UTC.',
  ],
  [
    { users: 'served', seenFrom, at, servedAt: at, isAlarmed: true, hasFailed: false },
    'Most users are served now, seen from eu-west-1, us-west-2 at 02:59 UTC. Some may fail: alarms of the service say that something does.',
  ],
  [
    { users: 'served', seenFrom, at, servedAt: at, isAlarmed: false, hasFailed: true },
    'Most users are served now, seen from eu-west-1, us-west-2 at 02:59 UTC. Some may fail: visits failed a few minutes ago.',
  ],
  [{ users: 'unknown', seenFrom: [], at: null, servedAt: at, isAlarmed: true, hasFailed: false }, unknown],
  [null, unknown],
] as const)('what observers see: %j', ([seen, said]) => {
  expect(usersSentence(seen, now)).toBe(said);
});

test.for([
  [{ answered: 60, made: 60 }, 'Users are served now: 60 of 60 test visits were answered just before this message.'],
  [
    { answered: 59, made: 60 },
    'Some users are NOT served now: 59 of 60 test visits were answered just before this message.',
  ],
  [{ answered: 0, made: 60 }, 'Users are NOT served now: 0 of 60 test visits were answered just before this message.'],
] as const)('what a flow has just seen: %j', ([visited, said]) => {
  expect(visitedSentence(visited)).toBe(said);
  expect(areServed(visited)).toBe(said.startsWith('Users are served'));
});

test('visits that nobody made, or that cannot be read, say nothing', () => {
  for (const rubbish of [undefined, null, 'all', {}, { answered: '60', made: 60 }]) {
    expect(readVisited(rubbish)).toBeUndefined();
    expect(areServed(rubbish)).toBe(false);
  }
});

test('a text that leaves has what was seen in place of its line, and the address of the service', () => {
  expect(withUsers(`a\n${usersLine}\nLook at ${theService}.`, 'Users FAIL now.', plan)).toBe(
    'a\nUsers FAIL now.\nLook at the service (https://api.chatops.example.com/health).',
  );
});

test('an address of the service is said as it is, whatever signs it has', () => {
  const healthUrl = 'https://api.example/health?q=$&$$';
  const service = { ...plan.service, healthUrl };
  expect(withUsers(`Open ${theService}.`, '', { service })).toBe(`Open the service (${healthUrl}).`);
});

test.for([
  ['[Breakwater] FENCED: database', '[Breakwater] users FAIL: FENCED: database'],
  ['[Breakwater] Approve or reject by 04:00 UTC: x', '[Breakwater] users FAIL: Approve or reject by 04:00 UTC: x'],
  ['[Breakwater] [DRILL] Not urgent: x FAILED', '[Breakwater] [DRILL] users FAIL: x FAILED'],
  ['[Breakwater] LeaveZone users-db failed', '[Breakwater] users FAIL: LeaveZone users-db failed'],
  [
    '[Breakwater] LATE, written at 03:00 UTC: For information: users are served',
    '[Breakwater] LATE, written at 03:00 UTC: For information: users FAIL: users are served',
  ],
  [
    '[Breakwater] LATE, written at 03:00 UTC: [DRILL] For information: moving',
    '[Breakwater] LATE, written at 03:00 UTC: [DRILL] For information: users FAIL: moving',
  ],
] as const)('a subject says that users fail behind its marks, whatever an asset is called: %s', ([before, after]) => {
  expect(withFailing(before, 'all')).toBe(after);
});

test.for([
  '[Breakwater] users still fail in us-east-1, 31 min after the first sign',
  '[Breakwater] users fail AGAIN in us-east-1, since 03:14 UTC',
  '[Breakwater] users are NOT seen to be served without use1-az1',
  '[Breakwater] some users FAIL: LeaveZone database failed',
])('a subject that says so stays as it is: %s', (said) => {
  expect(withFailing(said, 'all')).toBe(said);
});

test('what can wait says that it is not about users who fail when it leaves; nothing else does', () => {
  const waits = '[Breakwater] Not urgent: sms to dba does not arrive';
  const said = 'Users FAIL now, seen from eu-west-1.';
  expect(besideFailing(waits, { users: 'fail', said })).toBe(
    `${said} This message is not about that. If no other message says what is done about it: npm run status.`,
  );
  expect(besideFailing(waits, { users: 'served', said: 'Users are served now.' })).toBe('Users are served now.');
  expect(besideFailing('[Breakwater] PAUSED', { users: 'fail', said })).toBe(said);
});
