// Tests of deciding: every reason to hold, in its order, and what is done where none is left.
import { expect, test } from 'vitest';
import { type Classified, coolsUntil, decide, noticeTarget } from '../../../../functions/domain/decision/decide.ts';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { type Action, type Standing, unknownRoles } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { after, az1, az2, idle, region } from '../evidence/sightings.ts';

const now = after(100_000);
const { level1, level2, level3 } = plan.levels;

const well: Classified = { level: 0, scope: { region, zone: null }, reason: 'nothing fails', causes: [] };
const lone: Classified = { ...well, level: 1, reason: 'cache fails', causes: ['cache'] };
const zoneFailure: Classified = {
  level: 2,
  scope: { region, zone: az1 },
  reason: 'much fails',
  causes: ['api', 'cache'],
};
const disaster: Classified = { level: 3, scope: { region, zone: null }, reason: 'all fails', causes: ['region'] };
const doubt: Classified = { ...well, level: 'unknown', reason: 'who knows', causes: ['unknown'] };

const frozen: Partial<Standing> = { frozen: { by: 'me', reason: 'work', at: now - 1 } };
const moved: Partial<Standing> = { primary: 'us-west-2' };
const locked: Partial<Standing> = {
  lock: { target: `${region}/${az2}`, execution: 'x', incident: 'y', action: 'az-failover', at: now - 1 },
};
const lockedRegion: Partial<Standing> = {
  lock: { target: region, execution: 'x', incident: 'y', action: 'request-approval', at: now - 1 },
};

function acted(action: Action, target: string, secondsAgo: number): Partial<Standing> {
  return { lastActions: [{ action, target, at: now - secondsAgo * 1000 }] };
}

function observing(level: 'level1' | 'level2' | 'level3'): Plan {
  return { ...plan, levels: { ...plan.levels, [level]: { ...plan.levels[level], mode: 'observe' } } };
}

test.for([
  ['nothing where all is well', well, 'none', 'nothing fails'],
  ['a message about a degradation', lone, 'notify', 'cache fails'],
  ['a zone failover for a failed zone', zoneFailure, 'az-failover', 'zone use1-az1 failed: much fails'],
  ['an approval for a failed region', disaster, 'request-approval', 'region us-east-1 failed: all fails'],
] as const)('the decision is %s', ([, found, action, reason]) => {
  expect(decide(found, idle, plan, now)).toEqual({ action, reason });
});

const zone = `${region}/${az1}`;

test.for([
  ['a zone while frozen', zoneFailure, frozen, 'frozen'],
  ['a zone while nobody knows who is primary', zoneFailure, unknownRoles, 'roles-unknown'],
  ['a region while nobody knows who is primary', disaster, unknownRoles, 'roles-unknown'],
  ['a zone of a region that serves nobody', zoneFailure, moved, 'not-primary'],
  ['a zone that was moved out of a moment ago', zoneFailure, acted('az-failover', zone, 0), 'cooling-down'],
  [
    'a zone at the end of its cooldown',
    zoneFailure,
    acted('az-failover', zone, level2.cooldownSeconds - 0.001),
    'cooling-down',
  ],
  ['a zone while another execution acts', zoneFailure, locked, 'another-execution-active'],
  ['a region while frozen', disaster, frozen, 'frozen'],
  ['a region that serves nobody', disaster, moved, 'not-primary'],
  [
    'a region that people were asked about a moment ago',
    disaster,
    acted('request-approval', region, 0),
    'cooling-down',
  ],
  [
    'a region at the end of its cooldown',
    disaster,
    acted('request-approval', region, level3.cooldownSeconds - 0.001),
    'cooling-down',
  ],
  ['a region while a flow of that region asks or acts', disaster, lockedRegion, 'another-execution-active'],
  [
    'a region while such a flow goes on, also within a cooldown',
    disaster,
    { ...lockedRegion, ...acted('request-approval', region, 0) },
    'another-execution-active',
  ],
] as const)('acting is held back: %s', ([, found, change, hold]) => {
  expect(decide(found, { ...idle, ...change }, plan, now)).toEqual({ action: 'hold', hold, reason: found.reason });
});

test.for([
  ['a zone after its cooldown', zoneFailure, acted('az-failover', zone, level2.cooldownSeconds), 'az-failover'],
  [
    'a zone after another zone was moved out of',
    zoneFailure,
    acted('az-failover', `${region}/${az2}`, 0),
    'az-failover',
  ],
  ['a zone of a region that was asked about', zoneFailure, acted('request-approval', region, 0), 'az-failover'],
  ['a zone that was told of', zoneFailure, acted('notify', zone, 0), 'az-failover'],
  [
    'a region after its cooldown',
    disaster,
    acted('request-approval', region, level3.cooldownSeconds),
    'request-approval',
  ],
  ['a region after one of its zones was moved out of', disaster, acted('az-failover', zone, 0), 'request-approval'],
  ['a region while an execution acts on a zone', disaster, locked, 'request-approval'],
] as const)('nothing holds back %s', ([, found, change, action]) => {
  expect(decide(found, { ...idle, ...change }, plan, now).action).toBe(action);
});

test.for([
  ['level2', zoneFailure],
  ['level3', disaster],
] as const)('a %s that is only observed is held', ([level, found]) => {
  expect(decide(found, idle, observing(level), now).hold).toBe('observe-only');
  expect(decide(found, idle, observing(level === 'level2' ? 'level3' : 'level2'), now).action).not.toBe('hold');
});

test('of several reasons to hold the first is named: frozen, observe-only, not-primary, cooling-down, another execution', () => {
  const cooling = acted('az-failover', zone, 0);
  const reasonOf = (change: Partial<Standing>, changed: Plan = plan) =>
    decide(zoneFailure, { ...idle, ...change }, changed, now).hold;
  const all = { ...frozen, ...moved, ...cooling, ...locked };
  const observed = observing('level2');
  expect(reasonOf(all, observed)).toBe('frozen');
  expect(reasonOf({ ...all, frozen: null }, observed)).toBe('observe-only');
  expect(reasonOf({ ...all, frozen: null })).toBe('not-primary');
  expect(reasonOf({ ...all, frozen: null, primary: region })).toBe('cooling-down');
  expect(reasonOf({ ...all, frozen: null, primary: region, lastActions: [] })).toBe('another-execution-active');
});

test('freezing, observing and locks hold back no message', () => {
  const standing = { ...idle, ...frozen, ...locked, ...moved };
  expect(decide(lone, standing, observing('level1'), now).action).toBe('notify');
  const held = { action: 'hold', hold: 'evidence-incomplete', reason: 'who knows' };
  expect(decide(doubt, standing, plan, now)).toEqual(held);
  expect(decide(doubt, idle, plan, now)).toEqual(held);
});

test.for([
  ['within the cooldown', lone, 'us-east-1/cache', level1.cooldownSeconds - 0.001, 'none'],
  ['after the cooldown', lone, 'us-east-1/cache', level1.cooldownSeconds, 'notify'],
  ['when it is another cause', lone, 'us-east-1/api', 0, 'notify'],
  ['when several causes fail together', { ...lone, causes: ['api', 'cache'] }, 'us-east-1/api+cache', 0, 'notify'],
] as const)('a lone cause that comes again %s', ([, found, target, secondsAgo, action]) => {
  expect(decide(found, { ...idle, ...acted('notify', target, secondsAgo) }, plan, now).action).toBe(action);
});

test('what is not told again says so', () => {
  const standing = { ...idle, ...acted('notify', noticeTarget(lone), 0) };
  expect(decide(lone, standing, plan, now).reason).toBe('cache fails; people were told of the same a short while ago');
});

test('a message is about a region and its causes, and the same of other causes is another one', () => {
  expect(noticeTarget({ ...lone, causes: ['api', 'cache'] })).toBe('us-east-1/api+cache');
});

test('of several actions on a target the last one counts', () => {
  const twice = [100, level2.cooldownSeconds].flatMap((ago) => acted('az-failover', zone, ago).lastActions ?? []);
  expect(decide(zoneFailure, { ...idle, lastActions: twice }, plan, now).hold).toBe('cooling-down');
  expect(decide(zoneFailure, { ...idle, lastActions: twice.toReversed() }, plan, now).hold).toBe('cooling-down');
});

test('a region in which users were sent back to a zone is decided about as any other', () => {
  const returned = { returned: { zone: az1, at: now - 1 } };
  const cooling = { ...idle, ...acted('request-approval', region, 0) };
  expect(decide(disaster, cooling, plan, now, returned).hold).toBe('cooling-down');
});

const cooling = { level: 2, scope: zoneFailure.scope, hold: 'cooling-down' } as const;
const ended = (seconds: number) => now - 10_000 + seconds * 1000;

test.for([
  ['of a zone', cooling, acted('az-failover', zone, 10), ended(level2.cooldownSeconds)],
  [
    'of a region',
    { ...cooling, level: 3, scope: disaster.scope },
    acted('request-approval', region, 10),
    ended(level3.cooldownSeconds),
  ],
  [
    'of a region that waits for another flow',
    { ...cooling, hold: 'another-execution-active', level: 3, scope: disaster.scope },
    acted('request-approval', region, 10),
    ended(level3.cooldownSeconds),
  ],
  ['of a zone after another action on it', cooling, acted('request-approval', zone, 10), null],
  ['of a zone on which nothing was done', cooling, {}, null],
  ['of what is held for another reason', { ...cooling, hold: 'frozen' }, acted('az-failover', zone, 10), null],
  ['of a degradation', { ...cooling, level: 1 }, acted('az-failover', zone, 10), null],
  ['of what is not known', { ...cooling, level: 'unknown' }, acted('az-failover', zone, 10), null],
] as const)('a cooldown is known to end: %s', ([, decision, change, until]) => {
  expect(coolsUntil(decision, { ...idle, ...change }, plan)).toBe(until);
});
