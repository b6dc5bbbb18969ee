// Which drill is due, which is overdue, and what is said of it.
import { expect, test } from 'vitest';
import { plannedDrill, scheduledIn } from '../../../../functions/domain/drills/plan.ts';
import {
  type DrillOutcome,
  drillStanding,
  drillsLacking,
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
