// What a plan may say of a drill, what is refused with which words, and which drills run by themselves.
import { expect, test } from 'vitest';
import {
  brokenBy,
  experimentsIn,
  isByFis,
  plannedDrill,
  scheduledIn,
} from '../../../../functions/domain/drills/plan.ts';

const window = { days: ['tue', 'thu'], from: '10:00', to: '15:00', timeZone: 'America/New_York' };
const played = { name: 'by day', scenario: 'az-outage', every: 'month', withinSeconds: 300 };
const fault = { ...played, kind: 'fault', window, target: { fault: 'database-failover', asset: 'database' } };
const restore = { ...played, kind: 'restore', window, asset: 'database' };
const region = { ...played, kind: 'region', window };

/** What is wrong, a line each: where, and what was expected. */
const wrong = (drill: object) =>
  (plannedDrill.safeParse(drill).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

test.for([
  ['of the simulator alone', played],
  ['that breaks a database', fault],
  ['that restores a database', restore],
  ['that makes a dry run of the move of a region', region],
  ['that moves users for a day', { ...region, staysDays: 1 }],
  ['that moves users for two months', { ...region, staysDays: 60 }],
  ['of people at a table', { ...played, kind: 'tabletop', window }],
  ['of approvers', { ...played, kind: 'approvers', window }],
  [
    'that is blocked on days of each year, over its end, and on days of one year',
    {
      ...region,
      blocked: ['12-24', '12-18/01-06', '2026-11-27', '2026-11-27/2026-11-30'],
    },
  ],
  ['in a window of a minute', { ...region, window: { ...window, from: '00:00', to: '00:01' } }],
  ['in a window to the end of a day', { ...region, window: { ...window, from: '19:59', to: '23:59' } }],
  ['that breaks a pod', { ...fault, target: { fault: 'pod', asset: 'cluster', namespace: 'chat', deployment: 'api' } }],
  ['that breaks a node', { ...fault, target: { fault: 'node', asset: 'cluster', stopAlarms: ['a', 'b'] } }],
  ['that breaks a zone for a minute', { ...fault, target: { fault: 'zone', zone: 'use1-az1', seconds: 60 } }],
  ['with a name of one letter', { ...played, name: 'a' }],
  ['with a name of 60 letters', { ...played, name: 'a'.repeat(60) }],
] as const)('a drill %s is taken', ([, drill]) => {
  expect(wrong(drill)).toEqual([]);
});

const time = 'a time of day such as 09:30';
const day = '12-24, 12-18/01-06, or with the year: 2026-11-27/2026-11-30';
const named = 'at most 60 letters, digits and signs of ASCII, with none of white space at its ends';
const lever = 'another name: drill --aws stop and allow pull and release the lever';
const when = 'when it may run: { days, from, to, timeZone }';

test.for([
  ['without its window', { ...region, window: undefined }, [`window: ${when}`]],
  ['with a window and no kind', { ...played, window }, ['window: none with a drill without a kind']],
  ['of a fault that breaks nothing', { ...fault, target: undefined }, ['target: what is broken: { fault, … }']],
  ['of a region that breaks something', { ...region, target: fault.target }, ['target: none with kind region']],
  [
    'without a kind that breaks something',
    { ...played, target: fault.target },
    ['target: none with a drill without a kind'],
  ],
  ['of a restore of nothing', { ...restore, asset: undefined }, ['asset: the database that is restored']],
  ['of a region with a database to restore', { ...region, asset: 'database' }, ['asset: none with kind region']],
  ['without a kind, with a database', { ...played, asset: 'database' }, ['asset: none with a drill without a kind']],
  ['of a fault with days to stay', { ...fault, staysDays: 3 }, ['staysDays: none with kind fault']],
  ['without a kind, with days to stay', { ...played, staysDays: 3 }, ['staysDays: none with a drill without a kind']],
  ['without a kind that is blocked', { ...played, blocked: ['12-24'] }, ['blocked: none with a drill without a kind']],
  [
    'that begins at an hour that there is not',
    { ...region, window: { ...window, from: '24:00', to: '25:00' } },
    [`window.from: ${time}`, `window.to: ${time}`],
  ],
  ['with seconds in its window', { ...region, window: { ...window, to: '15:00:00' } }, [`window.to: ${time}`]],
  ['with a sign before its time', { ...region, window: { ...window, from: '-10:00' } }, [`window.from: ${time}`]],
  ['at a minute that there is not', { ...region, window: { ...window, to: '15:60' } }, [`window.to: ${time}`]],
  [
    'that ends when it begins',
    { ...region, window: { ...window, to: '10:00' } },
    ['window.to: a later time of the same day than `from`'],
  ],
  [
    'in a time zone that there is not',
    { ...region, window: { ...window, timeZone: 'Europe/Berlim' } },
    ['window.timeZone: a time zone such as Europe/Berlin'],
  ],
  ['blocked on no day', { ...region, blocked: ['christmas'] }, [`blocked.0: ${day}`]],
  ['blocked until no day', { ...region, blocked: ['12-24/christmas'] }, [`blocked.0: ${day}`]],
  ['blocked from a day to one with its year', { ...region, blocked: ['12-24/2026-12-26'] }, [`blocked.0: ${day}`]],
  ['blocked backwards in a year', { ...region, blocked: ['2026-11-30/2026-11-27'] }, [`blocked.0: ${day}`]],
  ['with a name of 61 letters', { ...played, name: 'a'.repeat(61) }, [`name: ${named}`]],
  ['without a name', { ...played, name: '' }, [`name: ${named}`]],
  ['with a blank before its name', { ...played, name: ' drill' }, [`name: ${named}`]],
  ['with a blank behind its name', { ...played, name: 'drill ' }, [`name: ${named}`]],
  ['with a letter that is not of ASCII', { ...played, name: 'Übung' }, [`name: ${named}`]],
  ['that is called as the lever is pulled', { ...played, name: 'stop' }, [`name: ${lever}`]],
  ['that is called as the lever is released', { ...played, name: 'allow' }, [`name: ${lever}`]],
  [
    'with more alarms than AWS takes beside the stack’s',
    { ...fault, target: { fault: 'node', asset: 'cluster', stopAlarms: ['a', 'b', 'c'] } },
    ['target.stopAlarms: at most 2: AWS takes 5, and the stack has its own'],
  ],
] as const)('a drill %s is refused, with what was expected', ([, drill, lines]) => {
  expect(wrong(drill)).toEqual(lines);
});

test.for([
  ['a window without days', { ...region, window: { ...window, days: [] } }],
  ['no scenario', { ...played, scenario: '' }],
  ['users who stay for no day', { ...region, staysDays: 0 }],
  ['users who stay for 61 days', { ...region, staysDays: 61 }],
  ['a zone broken for less than a minute', { ...fault, target: { fault: 'zone', zone: 'use1-az1', seconds: 59 } }],
  ['an alarm without a name', { ...fault, target: { fault: 'node', asset: 'cluster', stopAlarms: [''] } }],
  ['a limit of no time', { ...played, withinSeconds: 0 }],
  ['a key that there is not', { ...played, often: true }],
  ['a key of the window that there is not', { ...region, window: { ...window, often: true } }],
  ['a key of the target that there is not', { ...fault, target: { ...fault.target, often: true } }],
] as const)('a drill with %s is refused', ([, drill]) => {
  expect(wrong(drill)).toHaveLength(1);
});

test('what a drill does not say is nothing', () => {
  expect(plannedDrill.parse(played)).toEqual({ ...played, blocked: [] });
  expect(plannedDrill.parse({ ...fault, target: { fault: 'node', asset: 'cluster' } }).target).toEqual({
    ...{ fault: 'node', asset: 'cluster', stopAlarms: [] },
  });
});

test('those with a kind run by themselves; of these AWS FIS breaks nodes and zones, in the order of the plan', () => {
  const zone = { ...fault, name: 'zone', target: { fault: 'zone', zone: 'use1-az1', seconds: 60 } };
  const node = { ...fault, name: 'node', target: { fault: 'node', asset: 'cluster' } };
  const drills = [{ ...played, name: 'played' }, zone, { ...region, name: 'region' }, node, fault].map((drill) =>
    plannedDrill.parse(drill),
  );
  expect(scheduledIn({ drills }).map(({ name }) => name)).toEqual(['zone', 'region', 'node', 'by day']);
  expect(experimentsIn({ drills }).map(({ name }) => name)).toEqual(['zone', 'node']);
});

test.for([
  [{ fault: 'database-failover', asset: 'database' }, 'database', false],
  [{ fault: 'pod', asset: 'cluster', namespace: 'chat', deployment: 'api' }, 'cluster', false],
  [{ fault: 'node', asset: 'cluster', stopAlarms: [] }, 'cluster', true],
  [{ fault: 'zone', zone: 'use1-az1', seconds: 60, stopAlarms: [] }, 'use1-az1', true],
] as const)('%o breaks %s; by AWS FIS: %s', ([target, broken, byFis]) => {
  const read = { ...target, ...('stopAlarms' in target && { stopAlarms: [...target.stopAlarms] }) } as never;
  expect(brokenBy(read)).toBe(broken);
  expect(isByFis(read)).toBe(byFis);
});

test('of a drill without a target FIS breaks nothing', () => {
  expect(isByFis(undefined)).toBe(false);
});
