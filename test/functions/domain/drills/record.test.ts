// Which drill is due, which is overdue, and what is said of it.
import { expect, test } from 'vitest';
import { plannedDrill, scheduledIn } from '../../../../functions/domain/drills/plan.ts';
import {
  type DrillOutcome,
  drillStanding,
  drillsLacking,
  flowOfDrill,
  homeFrom,
  type Leg,
  recoverySecondsOf,
} from '../../../../functions/domain/drills/record.ts';

const planned = plannedDrill.parse({
  ...{ name: 'database failover', scenario: 'database-failover', every: 'quarter', withinSeconds: 300, kind: 'fault' },
  target: { fault: 'database-failover', asset: 'database' },
  window: { days: ['tue'], from: '10:00', to: '15:00', timeZone: 'America/New_York' },
});
const run = (day: string, outcome: DrillOutcome | null, name = planned.name) => ({
  name,
  outcome,
  startedAt: Date.parse(`${day}T16:00:00Z`),
});

test.for<[string, ReturnType<typeof run>[], string, { due: boolean; overdue: boolean; overdueFrom: string | null }]>([
  ['nobody has tried it', [], '2026-05-01', { due: true, overdue: false, overdueFrom: null }],
  [
    'it passed in this quarter',
    [run('2026-04-07', 'passed')],
    '2026-06-30',
    { due: false, overdue: false, overdueFrom: '2026-10-01' },
  ],
  [
    'it passed in the last quarter',
    [run('2026-01-06', 'passed')],
    '2026-06-30',
    { due: true, overdue: false, overdueFrom: '2026-07-01' },
  ],
  [
    'a whole quarter went by',
    [run('2026-01-06', 'passed')],
    '2026-07-01',
    { due: true, overdue: true, overdueFrom: '2026-07-01' },
  ],
  [
    'it failed in this quarter, two weeks ago',
    [run('2026-04-07', 'failed')],
    '2026-04-21',
    { due: true, overdue: false, overdueFrom: '2026-10-01' },
  ],
  [
    'it failed in this quarter, not two weeks ago',
    [run('2026-04-07', 'failed')],
    '2026-04-20',
    { due: false, overdue: false, overdueFrom: '2026-10-01' },
  ],
  [
    'it was refused since',
    [run('2026-01-06', 'passed'), run('2026-04-07', 'refused')],
    '2026-07-01',
    { due: true, overdue: true, overdueFrom: '2026-07-01' },
  ],
  [
    'it was only ever refused',
    [run('2026-01-06', 'refused'), run('2026-04-07', 'gave-way')],
    '2026-04-08',
    { due: true, overdue: true, overdueFrom: '2026-04-01' },
  ],
  [
    'it failed in this quarter',
    [run('2026-04-07', 'failed')],
    '2026-04-08',
    { due: false, overdue: false, overdueFrom: '2026-10-01' },
  ],
  [
    'another drill passed',
    [run('2026-04-07', 'passed', 'another')],
    '2026-04-08',
    { due: true, overdue: false, overdueFrom: null },
  ],
  ['it runs', [run('2026-04-07', null)], '2026-04-07', { due: true, overdue: false, overdueFrom: '2026-07-01' }],
])('where %s', ([, runs, day, standing]) => {
  expect(drillStanding(planned, runs, Date.parse(`${day}T18:00:00Z`))).toMatchObject(standing);
});

test.for<[string, ReturnType<typeof run>[], string[]]>([
  ['passed in time', [run('2026-04-07', 'passed')], []],
  ['never tried', [], []],
  ['failed', [run('2026-04-07', 'failed')], ['drill "database failover" failed on 2026-04-07']],
  [
    'overdue',
    [run('2025-10-07', 'passed')],
    ['drill "database failover" is overdue since 2026-04-01: its last run was on 2025-10-07'],
  ],
  [
    'refused for long',
    [run('2025-10-07', 'refused')],
    ['drill "database failover" is overdue since 2026-01-01: it has never shown anything'],
  ],
])('a drill that was %s', ([, runs, lines]) => {
  expect(drillsLacking(scheduledIn({ drills: [planned] }), runs, Date.parse('2026-04-08T12:00:00Z'))).toEqual(lines);
});

test('the clock of a drill starts at the fault', () => {
  expect(recoverySecondsOf({ faultAt: 1_000, recoveredAt: 96_000 })).toBe(95);
  expect(recoverySecondsOf({ faultAt: null, recoveredAt: 96_000 })).toBeNull();
  expect(recoverySecondsOf({ faultAt: 1_000, recoveredAt: null })).toBeNull();
});

test('a recovery of before the fault took no time', () => {
  expect(recoverySecondsOf({ faultAt: 96_000, recoveredAt: 1_000 })).toBe(0);
});

test.for<[string, [string, Leg | null, DrillOutcome | null, string?][], string | null]>([
  ['nobody has moved', [], null],
  ['users moved away', [['2026-04-07', 'away', 'passed']], '2026-04-17'],
  [
    'users moved away, and came home',
    [
      ['2026-04-07', 'away', 'passed'],
      ['2026-04-17', 'home', 'passed'],
    ],
    null,
  ],
  [
    'users came home and moved away again, as the list has it the other way round',
    [
      ['2026-05-07', 'away', 'passed'],
      ['2026-04-17', 'home', 'passed'],
    ],
    '2026-05-17',
  ],
  [
    'the way home failed',
    [
      ['2026-04-07', 'away', 'passed'],
      ['2026-04-17', 'home', 'failed'],
    ],
    '2026-04-17',
  ],
  ['the way away failed', [['2026-04-07', 'away', 'failed']], null],
  [
    'users moved away, and something else was tried since',
    [
      ['2026-04-07', 'away', 'passed'],
      ['2026-04-08', null, 'passed'],
    ],
    '2026-04-17',
  ],
  ['it was a dry run', [['2026-04-07', null, 'passed']], null],
  ['another drill moved users', [['2026-04-07', 'away', 'passed', 'another']], null],
])('a switchover goes home once %s: %2$s', ([, runs, day]) => {
  const all = runs.map(([on, leg, outcome, name]) => ({ ...run(on, outcome, name), leg }));
  const from = homeFrom({ name: planned.name, staysDays: 10 }, all);
  expect(from).toBe(day === null ? null : Date.parse(`${day}T16:00:00Z`));
});

test('without days to stay users go home at once', () => {
  expect(homeFrom({ name: planned.name }, [{ ...run('2026-04-07', 'passed'), leg: 'away' }])).toBe(
    Date.parse('2026-04-07T16:00:00Z'),
  );
});

test('the execution that a drill starts is named after it, in the letters that Step Functions takes', () => {
  expect(flowOfDrill({ execution: 'drill-1', leg: null })).toBe('drill-1-dry-run');
  expect(flowOfDrill({ execution: `x${'a'.repeat(60)}`, leg: 'away' })).toBe(`${'a'.repeat(60)}-away`);
});

test('of runs in any order the last that has shown something counts, and is named', () => {
  const runs = [run('2026-04-14', 'failed'), run('2026-01-06', 'passed'), run('2026-04-21', 'refused')];
  expect(drillStanding(planned, runs, Date.parse('2026-04-22T18:00:00Z')).last).toEqual({
    at: Date.parse('2026-04-14T16:00:00Z'),
    outcome: 'failed',
  });
  expect(drillStanding(planned, [], 0).last).toBeNull();
});

test('the days of a drill are those of its place, and of UTC where it has none', () => {
  const late = { ...run('2026-03-31', 'passed'), startedAt: Date.parse('2026-04-01T03:00:00Z') };
  const now = Date.parse('2026-04-10T12:00:00Z');
  // In New York it is still March.
  expect(drillStanding(planned, [late], now)).toMatchObject({ due: true, overdueFrom: '2026-07-01' });
  const { window: _, kind: __, target: ___, ...played } = planned;
  expect(drillStanding(played, [late], now)).toMatchObject({ due: false, overdueFrom: '2026-10-01' });
  expect(drillsLacking(scheduledIn({ drills: [planned] }), [{ ...late, outcome: 'failed' }], now)).toEqual([
    'drill "database failover" failed on 2026-03-31',
  ]);
});

test('what failed is due again after two weeks, to the millisecond', () => {
  const failed = run('2026-04-07', 'failed');
  const due = (now: number) => drillStanding(planned, [failed], now).due;
  const later = failed.startedAt + 14 * 86_400_000;
  expect([due(later - 1), due(later)]).toEqual([false, true]);
});
