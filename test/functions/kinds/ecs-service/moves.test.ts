// What is done next with a service of ECS, from what was seen of it.
import { describe, expect, test } from 'vitest';
import { giveUp, wait } from '../../../../functions/domain/recovery/moves.ts';
import { nextNone, nextTasks, tasksChange } from '../../../../functions/kinds/ecs-service/moves.ts';

const now = Date.parse('2026-11-23T03:10:00Z');
const ago = (seconds: number) => now - seconds * 1000;
const service = { status: 'ACTIVE', scheduling: 'REPLICA', desired: 1, running: 1 };
const daemon = giveUp('it runs one task on each instance: their number cannot be set');

describe('a service that has to run four tasks', () => {
  const raise = { next: 'raise' };
  const done = { next: 'done' };
  test.for([
    ['runs too few', {}, null, raise],
    ['was asked 59 s ago, and ECS may not show it yet', {}, ago(59), wait('more tasks were asked for')],
    ['was asked a minute ago, and the call was lost', {}, ago(60), raise],
    ['lacks one task', { desired: 3, running: 3 }, null, raise],
    ['starts its tasks', { desired: 4, running: 3 }, ago(61), wait('3 of 4 tasks run')],
    ['runs enough', { desired: 4, running: 4 }, null, done],
    ['runs more, which nobody lowers', { desired: 9, running: 9 }, null, done],
    ['runs enough, and is to run fewer soon', { desired: 1, running: 4 }, null, raise],
    [
      'is being deleted, with all its tasks',
      { desired: 4, running: 4, status: 'DRAINING' },
      null,
      giveUp('it is DRAINING'),
    ],
    ['is a daemon on enough instances', { desired: 4, running: 4, scheduling: 'DAEMON' }, null, done],
    ['is a daemon on too few instances', { scheduling: 'DAEMON' }, null, daemon],
  ] as const)('%s', ([, change, calledAt, next]) => {
    expect(nextTasks({ ...service, ...change }, 4, calledAt, now)).toEqual(next);
  });
});

describe('a service of the region that was given up', () => {
  const lower = { next: 'lower' };
  const done = { next: 'done' };
  test.for([
    ['is not there', null, null, done],
    ['runs none, and is to run none', { desired: 0, running: 0 }, null, done],
    ['runs none yet, and is to run four', { desired: 4, running: 0 }, null, lower],
    ['stops its tasks', { desired: 0, running: 2 }, null, wait('2 tasks stop')],
    ['runs', { desired: 4, running: 4 }, null, lower],
    [
      'was asked 59 s ago, and ECS may not show it yet',
      { desired: 4, running: 4 },
      ago(59),
      wait('none were asked for'),
    ],
    ['was asked a minute ago, and the call was lost', { desired: 4, running: 4 }, ago(60), lower],
    ['is a daemon', { desired: 4, running: 4, scheduling: 'DAEMON' }, null, daemon],
    ['is being deleted', { desired: 4, running: 4, status: 'DRAINING' }, null, giveUp('it is DRAINING')],
  ] as const)('%s', ([, change, calledAt, next]) => {
    expect(nextNone(change === null ? null : { ...service, ...change }, calledAt, now)).toEqual(next);
  });
});

test('the record says how many tasks ran before a call, and how many it asks for', () => {
  expect(tasksChange({ ...service, desired: 4, running: 3 }, 0)).toEqual({
    before: '3 of 4 tasks run',
    wanted: '0 tasks run',
  });
  expect(tasksChange(null, 4)).toEqual({ before: 'is not there', wanted: '4 tasks run' });
});
