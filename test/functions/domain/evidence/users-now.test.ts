// Where users stand, by the observers outside, for whoever reads a message.
import { describe, expect, test } from 'vitest';
import { servedAsSeen, servingRegion, usersNow } from '../../../../functions/domain/evidence/users-now.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { after, alarm, canary, idle, region, run, start } from './sightings.ts';

const now = start;
const at = (signals: readonly Signal[], standing = idle) => usersNow(signals, standing, plan, now);
const failing = (observer: string) => [
  canary(observer, -40),
  run(observer, -130, true),
  run(observer, observer === 'eu-west-1' ? -30 : -10, false),
];
const passing = (observer: string) => [canary(observer, -600, 'healthy'), run(observer, -20, true)];

test('users fail where two observers see it: by whom, when last, and when users were last served', () => {
  expect(at([...failing('us-west-2'), ...failing('eu-west-1')])).toEqual({
    users: 'fail',
    seenFrom: ['eu-west-1', 'us-west-2'],
    at: after(-10),
    servedAt: after(-130),
    isAlarmed: false,
    hasFailed: true,
  });
});

test('users fail by alarms alone, of which no run is known', () => {
  expect(at([canary('us-west-2', -40), canary('eu-west-1', -40)])).toEqual({
    users: 'fail',
    seenFrom: ['eu-west-1', 'us-west-2'],
    at: null,
    servedAt: null,
    isAlarmed: false,
    hasFailed: false,
  });
});

test('that users failed before the region became the primary says nothing of now; that they fail since does', () => {
  const all = [...failing('us-west-2'), ...failing('eu-west-1')];
  expect(at(all, { ...idle, movedAt: after(-5) })).toMatchObject({ users: 'unknown', hasFailed: false });
  expect(at(all, { ...idle, movedAt: after(-40) })).toMatchObject({ users: 'fail', at: after(-10) });
  const served = [...passing('us-west-2'), ...passing('eu-west-1')];
  expect(at(served, { ...idle, movedAt: after(-5) })).toMatchObject({ users: 'served' });
});

test('users are served where two observers see it', () => {
  expect(at([...passing('us-west-2'), ...passing('eu-west-1')])).toEqual({
    users: 'served',
    seenFrom: ['eu-west-1', 'us-west-2'],
    at: after(-20),
    servedAt: after(-20),
    isAlarmed: false,
    hasFailed: false,
  });
  // What fails for few users a run of ten visits may miss.
  const alarmed = [...passing('us-west-2'), ...passing('eu-west-1'), alarm('api-5xx', null, -60)];
  expect(at(alarmed)).toMatchObject({ users: 'served', isAlarmed: true });
  // Nor does a run that passed say that nobody failed.
  const both = [...passing('us-west-2'), ...passing('eu-west-1')];
  expect(at([...both, run('ap-southeast-1', -179, true, 0.9)])).toMatchObject({ users: 'served', hasFailed: true });
  expect(at([...both, run('ap-southeast-1', -180, true, 0.9)])).toMatchObject({ users: 'served', hasFailed: false });
  const failedAt = (seconds: number) => [run('us-west-2', seconds, false), run('ap-southeast-1', -10, true)];
  expect(at([...both, ...failedAt(-179)])).toMatchObject({ users: 'served', hasFailed: true });
  expect(at([...both, ...failedAt(-180)])).toMatchObject({ users: 'served', hasFailed: false });
});

test.for([
  ['nobody sees them', []],
  ['one observer alone sees them fail', failing('eu-west-1')],
  ['one observer alone sees them served', passing('eu-west-1')],
  ['two observers disagree', [...passing('eu-west-1'), ...failing('us-west-2')]],
] as const)('it is not known where %s', ([, signals]) => {
  const { users, seenFrom } = at(signals);
  expect({ users, seenFrom }).toEqual({ users: 'unknown', seenFrom: [] });
});

test('the region that serves users now is looked at, whatever the plan began with', () => {
  expect(servingRegion(plan, idle)).toBe(region);
  const moved = { ...idle, primary: 'us-west-2', movedAt: after(-3600) };
  expect(servingRegion(plan, moved)).toBe('us-west-2');
  const there = ['eu-west-1', 'us-east-1'].flatMap(passing).map((one) => ({ ...one, region: 'us-west-2' }));
  expect(at(there, moved)).toMatchObject({ users: 'served', seenFrom: ['eu-west-1', 'us-east-1'] });
  // What canaries said of the region that was left is about that region.
  expect(at([...failing('us-west-2'), ...failing('eu-west-1')], moved).users).toBe('unknown');
});

describe('users are seen to be served by newest runs, before an alarm has cleared,', () => {
  const seen = (...signals: readonly Signal[]) => servedAsSeen(signals, idle, plan, now);
  const back = (observer: string, value?: number) => [
    canary(observer, -300),
    run(observer, -90, false),
    { ...run(observer, -30, true), ...(value !== undefined && { value }) },
  ];

  test('where two observers outside see it, in the order of their names', () => {
    expect(seen(...back('us-west-2'), ...back('eu-west-1'))).toEqual(['eu-west-1', 'us-west-2']);
    expect(at([...back('us-west-2'), ...back('eu-west-1')]).users).toBe('unknown');
  });

  test.for([
    ['one sees it alone', back('eu-west-1')],
    ['one still fails', [...back('eu-west-1'), ...back('us-west-2'), ...failing('ap-southeast-1')]],
    ['some visits of a run failed', [...back('eu-west-1'), ...back('us-west-2', 0.9)]],
    ['the second one is in the region', [...back('eu-west-1'), ...back(region)]],
    ['the runs are old', [run('eu-west-1', -180, true), run('us-west-2', -20, true)]],
  ] as const)('and not where %s', ([, signals]) => {
    expect(seen(...signals)).toEqual([]);
  });

  test('whatever an observer said that says nothing any more', () => {
    expect(seen(...back('us-west-2'), ...back('eu-west-1'), run('ap-southeast-1', -180, false))).toHaveLength(2);
    expect(seen(...back('us-west-2'), ...back('eu-west-1'), run('ap-southeast-1', -179, false))).toEqual([]);
  });
});
