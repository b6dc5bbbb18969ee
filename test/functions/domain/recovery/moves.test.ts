// How traffic leaves a zone, and the words in which every step says what it does next.
import { expect, test } from 'vitest';
import { isRecent, nextShift, wait } from '../../../../functions/domain/recovery/moves.ts';

const zone = 'use1-az1';
const shift = (cause: 'customer' | 'autoshift' | 'practice' | 'experiment', awayFrom = zone) => ({ cause, awayFrom });

const start = { next: 'start' };
const done = { next: 'done' };
const kept = { next: 'give-up', why: 'its traffic is kept away from use1-az2 already' };

test.for([
  ['nothing is shifted', [], start],
  ['a person shifted it away from the zone', [shift('customer')], done],
  ['AWS shifted it away from the zone', [shift('autoshift')], done],
  ['an experiment shifted it away from the zone and will end', [shift('experiment')], start],
  ['an experiment shifted it away from another zone', [shift('experiment', 'use1-az2')], start],
  ['a practice run shifted it away from the zone and will end', [shift('practice')], start],
  ['a practice run shifted it away from another zone', [shift('practice', 'use1-az2')], start],
  ['a person shifted it away from another zone', [shift('customer', 'use1-az2')], kept],
  ['AWS shifted it away from another zone', [shift('autoshift', 'use1-az2')], kept],
  ['a person shifted it here, AWS there', [shift('autoshift', 'use1-az2'), shift('customer')], done],
] as const)('traffic: %s', ([, shifts, next]) => {
  expect(nextShift(shifts, zone)).toEqual(next);
});

test('a step that waits says why', () => {
  expect(wait('it restarts')).toEqual({ next: 'wait', why: 'it restarts' });
});

test.for([
  ['was asked for now', 0, true],
  ['was asked for 59 s ago', -59_000, true],
  ['was asked for a minute ago', -60_000, false],
  ['was never asked for', null, false],
] as const)('what %s may still come within a minute: %3$s', ([, at, recent]) => {
  expect(isRecent(at, 60, 0)).toBe(recent);
});
