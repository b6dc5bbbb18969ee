// What a drill may do beside what goes on, when it has recovered, and how it came out.
import { expect, test } from 'vitest';
import {
  isOwn,
  leverWords,
  outcomeOf,
  recoveryOf,
  runsWhere,
  whatIsWrong,
  whyGivesWay,
  whyNotCaught,
} from '../../../../functions/domain/drills/judge.ts';
import { drillEndsMessage } from '../../../../functions/domain/drills/words.ts';
import { at, drill, incidentOf, other, region } from '../../../store/samples.ts';

const own = { level: 1, openedAt: at + 60_000 } as const;

test.for<[string, Parameters<typeof incidentOf>[0], boolean]>([
  ['opens after the fault, as a degradation', own, true],
  ['was open before the fault', { ...own, openedAt: at }, false],
  ['is of a zone', { ...own, level: 2 }, false],
  ['is not understood', { ...own, level: 'unknown' }, false],
  ['is of another region', { ...own, region: other }, false],
])('an incident that %s is the drill’s own: %s', ([, change, is]) => {
  expect(isOwn(incidentOf(change), drill)).toBe(is);
});

test('a zone’s incident is that of a drill that broke that zone', () => {
  const zone = 'use1-az1';
  const ofZone = incidentOf({ ...own, level: 2, scope: { region, zone } });
  expect(isOwn(ofZone, { ...drill, zone })).toBe(true);
  expect(isOwn(ofZone, { ...drill, zone: 'use1-az2' })).toBe(false);
});

test('what answers the drill’s own incident holds the region for it, and nothing else may', () => {
  const zone = 'use1-az1';
  const open = incidentOf({ ...own, level: 2, scope: { region, zone } });
  const lock = { target: region, execution: 'flow', incident: open.id, action: 'az-failover', at } as const;
  expect(whyGivesWay([{ region, open, lock, frozen: null }], { ...drill, zone })).toEqual([]);
  const other = { ...lock, incident: 'another' };
  expect(whyGivesWay([{ region, open, lock: other, frozen: null }], { ...drill, zone })).toEqual([
    'flow holds us-east-1',
  ]);
});

test('before it has begun nothing is its own', () => {
  expect(isOwn(incidentOf(own), { ...drill, faultAt: null })).toBe(false);
});

test('a drill that is overdue does not keep itself from being run', () => {
  const checks = [
    { check: 'last-drill', state: 'not-ready', why: 'it is overdue' },
    { check: 'lag', state: 'unknown', why: 'nobody knows' },
  ] as const;
  expect(whyNotCaught({ region, at, checks }, region, at)).toEqual([
    'us-east-1 could not take over: lag: nobody knows',
  ]);
  expect(whyNotCaught(null, region, at)).toEqual(['the readiness of us-east-1 is not known']);
});

test.for([
  ['fault', region],
  ['tabletop', region],
  ['restore', other],
  ['region', other],
] as const)('a drill of kind %s runs in %s', ([kind, place]) => {
  expect(runsWhere(kind, region, other)).toBe(place);
});

const times = { now: at + 400_000, holdsSeconds: 300, shiftSeconds: 3600 };
test.for<[string, Parameters<typeof recoveryOf>[1], number | null, ReturnType<typeof recoveryOf>]>([
  [
    'is whole, and served for long enough',
    { missing: null, served: true, goesOn: false },
    at + 100_000,
    { recoveredAt: at + 100_000, next: 'is-over' },
  ],
  [
    'is whole, and served for not long enough',
    { missing: null, served: true, goesOn: false },
    at + 200_000,
    { recoveredAt: at + 200_000, next: 'wait' },
  ],
  ['is whole now', { missing: null, served: true, goesOn: false }, null, { recoveredAt: at + 400_000, next: 'wait' }],
  [
    'is whole, and its incident is open',
    { missing: null, served: true, goesOn: true },
    at + 90_000,
    { recoveredAt: at + 90_000, next: 'wait' },
  ],
  [
    'is whole, and users are not served',
    { missing: null, served: false, goesOn: false },
    at + 90_000,
    { recoveredAt: null, next: 'wait' },
  ],
  [
    'is not whole',
    { missing: 'it is away', served: true, goesOn: false },
    at + 90_000,
    { recoveredAt: null, next: 'wait' },
  ],
])('what %s', ([, seen, recoveredAt, recovery]) => {
  expect(recoveryOf({ ...drill, recoveredAt }, seen, times)).toEqual(recovery);
});

test('what has not recovered after twice its time and the time that it has to hold is given up', () => {
  const seen = { missing: 'it is away', served: true, goesOn: false };
  const late = { ...times, now: at + 1_900_000 };
  expect(recoveryOf(drill, seen, late).next).toBe('give-up');
  // The incident of a zone stays open while users stay out of it, although all is well.
  const ofZone = { ...drill, zone: 'use1-az1' };
  expect(recoveryOf(ofZone, seen, late).next).toBe('wait');
  expect(recoveryOf(ofZone, seen, { ...late, now: late.now + 3_600_000 }).next).toBe('give-up');
});

test('a drill passes in its time alone, and where the service is as it was', () => {
  const asked = { ...drill.asked, after: { asked: 3, failed: 0, slowestMs: 900 } };
  const recovered = { ...drill, recoveredAt: at + 100_000, asked };
  expect(whatIsWrong(recovered, { passes: 3, needed: 3, data: ['database: a row is lost'] })).toEqual([
    'the service answers in 900 ms afterwards, and did in 61.5 ms',
    'database: a row is lost',
  ]);
  expect(whatIsWrong({ ...drill, recoveredAt: null }, { passes: 3, needed: 3, data: [] })).toEqual([
    'it took longer than anybody looked, and the plan says within 300 s',
  ]);
  expect(outcomeOf({ why: [], faultAt: 1 }, false, null)).toBe('passed');
  expect(outcomeOf({ why: ['it is slow'], faultAt: 1 }, false, null)).toBe('failed');
  expect(outcomeOf({ why: [], faultAt: 1 }, true, { error: 'InvalidInput', cause: '' })).toBe('refused');
});

test('people are told why, and what to do', () => {
  const { subject, body } = drillEndsMessage(
    { ...drill, why: [leverWords({ by: 'ana', reason: 'users complain', at })] },
    'stopped',
    [],
    { report: null, stage: 'prod' },
  );
  expect(subject).toBe('[Breakwater] [DRILL] database failover was stopped');
  expect(body).toContain('WHY: ana pulled the lever of the drills: users complain.\n');
  expect(body).not.toContain('The report');
  expect(drillEndsMessage(drill, 'passed', [], { report: 'https://example.com/report', stage: 'prod' }).body).toContain(
    'The report is ready in some minutes: https://example.com/report\n',
  );
});
