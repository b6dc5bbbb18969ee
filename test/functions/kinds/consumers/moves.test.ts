// What is done next with a consumer that has to be on or off, from what was seen of it.
import { describe, expect, test } from 'vitest';
import { giveUp, wait } from '../../../../functions/domain/recovery/moves.ts';
import { nextSwitch, standingFor, stateOf } from '../../../../functions/kinds/consumers/moves.ts';
import type { ConsumerSeen } from '../../../../functions/kinds/consumers/rules/listed.ts';

const now = Date.parse('2026-11-23T03:10:00Z');
const ago = (seconds: number) => now - seconds * 1000;
const seen = (what: 'mapping' | 'schedule' | 'rule', state: string): ConsumerSeen => ({ what, state, fixed: null });
const counted = (what: 'service' | 'deployment', desired: number, running: number): ConsumerSeen => ({
  ...{ what, status: 'ACTIVE', fixed: null },
  ...{ desired, running },
});
const tasks = (desired: number, running: number) => counted('service', desired, running);
const turn = { next: 'switch' };
const done = { next: 'done' };
const requested = (state: string) => wait(`the change was requested; now it is ${state}`);

test.for([
  ['off', seen('mapping', 'Enabled'), null, turn],
  ['off', seen('mapping', 'Disabling'), null, wait('it is disabling')],
  ['off', seen('mapping', 'Updating'), null, wait('it is updating')],
  ['off', seen('mapping', 'Creating'), null, wait('it is creating')],
  ['off', seen('mapping', 'Disabled'), null, done],
  ['off', null, null, done],
  ['off', seen('mapping', 'Enabled'), ago(59), requested('enabled')],
  ['off', seen('mapping', 'Enabled'), ago(60), turn],
  ['off', seen('schedule', 'ENDED'), null, done],
  ['off', { ...seen('rule', 'ENABLED'), fixed: 'AWS manages it' }, null, giveUp('AWS manages it')],
  ['off', { ...seen('rule', 'DISABLED'), fixed: 'AWS manages it' }, null, done],
  ['off', seen('rule', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'), null, turn],
  ['off', tasks(3, 3), null, turn],
  ['off', tasks(3, 0), null, turn],
  ['off', tasks(0, 2), null, wait('it is ACTIVE, 2 of 0 tasks')],
  ['off', tasks(0, 0), null, done],
  ['on', null, null, giveUp('it is not there')],
  ['on', seen('mapping', 'Enabling'), null, wait('it is enabling')],
  ['on', seen('schedule', 'DISABLED'), null, turn],
  ['on', seen('schedule', 'ENABLED'), null, done],
  ['on', { ...seen('schedule', 'ENDED'), fixed: 'its end has passed' }, null, giveUp('its end has passed')],
  ['on', tasks(1, 1), null, turn],
  ['on', tasks(2, 9), ago(1), requested('ACTIVE, 9 of 2 tasks')],
  ['on', tasks(3, 0), null, done],
] as const)('to be %s, %o, asked for at %s: %o', ([goal, one, calledAt, next]) => {
  expect(nextSwitch(one, { on: goal === 'on', tasks: 3 }, calledAt, now)).toEqual(next);
});

describe('how a consumer stands', () => {
  test.for([
    ['Enabled', 'on'],
    ['ENABLED', 'on'],
    ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', 'on'],
    ['Disabled', 'off'],
    ['DISABLED', 'off'],
    ['ENDED', 'off'],
    ['SUSPENDED', 'off'],
    ['Deleting', 'changing'],
    ['what AWS may add one day', 'changing'],
  ] as const)('%s: %s', ([state, standing]) => {
    for (const on of [true, false]) expect(standingFor(seen('rule', state), { on, tasks: 0 })).toBe(standing);
  });

  // Fewer than are wanted are off for whoever wants more, and on for whoever wants none.
  test.for([
    [2, 2, 'off', 'on'],
    [3, 0, 'on', 'on'],
    [0, 2, 'off', 'changing'],
    [0, 0, 'off', 'off'],
  ] as const)(
    '%i tasks wanted, %i run: %s where three have to run, %s where none has to',
    ([desired, running, on, off]) => {
      expect(standingFor(tasks(desired, running), { on: true, tasks: 3 })).toBe(on);
      expect(standingFor(tasks(desired, running), { on: false, tasks: 3 })).toBe(off);
    },
  );
});

test.for([
  [null, 'not there'],
  [seen('mapping', 'Enabled'), 'enabled'],
  [tasks(3, 2), 'ACTIVE, 2 of 3 tasks'],
  [counted('deployment', 3, 2), '2 of 3 replicas'],
] as const)('people read of %o: %s', ([one, words]) => {
  expect(stateOf(one)).toBe(words);
});
