// What a drill may do beside what goes on, when it has recovered, and how it came out.
import { expect, test } from 'vitest';
import { manualIncidentId } from '../../../../functions/domain/decision/incident.ts';
import {
  answersMissing,
  askedMore,
  isOwn,
  leverWords,
  longestMs,
  outcomeOf,
  recoveryOf,
  runsWhere,
  whatIsWrong,
  whyGivesWay,
  whyNotCaught,
} from '../../../../functions/domain/drills/judge.ts';
import { nothingAsked } from '../../../../functions/domain/drills/record.ts';
import { drillEndsMessage } from '../../../../functions/domain/drills/words.ts';
import { readinessCause } from '../../../../functions/domain/signals/unready.ts';
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
    'it took longer than anybody looked, and the plan says within 5 min',
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

const request = { required: 2, roles: ['dr-coordinator', 'dba', 'app-lead'] };
test.for([
  ['pending', '1 of 2 have answered, of dr-coordinator, dba, app-lead; not yet: dr-coordinator, app-lead'],
  ['approved', null],
  ['rejected', null],
] as const)('of answers that add up to %s is missing: %s', ([outcome, missing]) => {
  const tally = { outcome, answers: [{ approver: 'dba' }], silent: ['dr-coordinator', 'app-lead'] };
  expect(answersMissing(request, tally as never)).toBe(missing);
});

test('without a peer nothing runs that looks from where users would go', () => {
  expect(runsWhere('approvers', region, null)).toBeNull();
  expect(runsWhere('approvers', region, other)).toBe(other);
  expect(runsWhere('fault', region, null)).toBe(region);
});

test.for<[string, Parameters<typeof incidentOf>[0], Partial<typeof drill>, boolean]>([
  ['opens with the fault', { ...own, openedAt: at + 9_000 }, {}, true],
  ['opens just before the fault', { ...own, openedAt: at + 8_999 }, {}, false],
  ['is of a zone, where none was broken', { ...own, level: 2, scope: { region, zone: null } }, {}, false],
  ['is of a region, after a zone was broken', { ...own, level: 3 }, { zone: 'use1-az1' }, false],
  ['is a degradation, after a zone was broken', own, { zone: 'use1-az1' }, true],
  ['opens beside a switchover', own, { leg: 'away', incident: 'switch' }, false],
  ['is the one of the switchover', { ...own, id: 'by-hand-switch' }, { leg: 'away', incident: 'switch' }, true],
  ['is any, before the switchover has begun', { ...own, id: 'by-hand-null' }, { leg: 'home', incident: null }, false],
])('whose an incident is that %s', ([, change, drilled, is]) => {
  const { id, ...rest } = change;
  const named = id === 'by-hand-switch' ? manualIncidentId('switch') : (id ?? 'incident-1');
  expect(isOwn(incidentOf({ ...rest, id: named }), { ...drill, ...drilled })).toBe(is);
});

const around = { region, open: null, lock: null, frozen: null } as const;
const caused = (...causes: string[]) => {
  const [decision] = incidentOf({}).decisions;
  if (decision === undefined) throw new Error('an incident has a decision');
  return [{ ...decision, causes }];
};
const degradation = (causes: string[]) => incidentOf({ level: 1, decisions: caused(...causes) });
const lastOfDrills = readinessCause('last-drill');

test.for<[string, Parameters<typeof whyGivesWay>[0][number], string[]]>([
  ['nothing goes on', around, []],
  ['an incident is open', { ...around, open: incidentOf({}) }, ['incident incident-1 is open in us-east-1']],
  ['an incident is open about drills alone', { ...around, open: degradation([lastOfDrills, lastOfDrills]) }, []],
  [
    'an incident is open about drills and more',
    { ...around, open: degradation([lastOfDrills, 'api']) },
    ['incident incident-1 is open in us-east-1'],
  ],
  [
    'an incident is open about nothing that is known',
    { ...around, open: degradation([]) },
    ['incident incident-1 is open in us-east-1'],
  ],
  [
    'a zone failed, and drills are overdue',
    { ...around, open: incidentOf({ level: 2, decisions: caused(lastOfDrills) }) },
    ['incident incident-1 is open in us-east-1'],
  ],
  [
    'another execution acts, and a person froze it',
    {
      ...around,
      lock: { target: region, execution: 'flow', incident: 'i', action: 'az-failover', at },
      frozen: { by: 'ana', reason: 'we repair it', at },
    },
    ['flow holds us-east-1', 'ana froze the automation: we repair it'],
  ],
])('a drill that has not begun, where %s', ([, place, why]) => {
  expect(whyGivesWay([place], null)).toEqual(why);
});

test('each region is looked at, and the drill’s own incident and its own lock are not in its way', () => {
  const begun = { ...drill, leg: 'away', incident: 'switch' } as const;
  const mine = incidentOf({ id: manualIncidentId('switch') });
  const lockOf = (execution: string, incident: string) =>
    ({ target: region, execution, incident, action: 'request-approval', at }) as const;
  const here = (lock: ReturnType<typeof lockOf>, open: ReturnType<typeof incidentOf> | null = mine) =>
    whyGivesWay([{ ...around, open, lock }], begun);
  expect(here(lockOf('switch', 'else'))).toEqual([]);
  expect(here(lockOf('flow', mine.id))).toEqual([]);
  expect(here(lockOf('flow', 'switch'))).toEqual(['flow holds us-east-1']);
  expect(here(lockOf('flow', 'switch'), null)).toEqual([]);
  expect(here(lockOf('flow', 'else'), null)).toEqual(['flow holds us-east-1']);
  const there = { ...around, region: other, open: incidentOf({ id: 'i-2' }) };
  expect(whyGivesWay([around, there], begun)).toEqual(['incident i-2 is open in us-west-2']);
});

test('readiness is known for a quarter of an hour', () => {
  const seen = { region: other, at, checks: [{ check: 'lag', state: 'ready', why: '' }] } as const;
  expect(whyNotCaught(seen, other, at + 900_000)).toEqual([]);
  expect(whyNotCaught(seen, other, at + 900_001)).toEqual(['the readiness of us-west-2 is not known']);
});

test('the slowest answer counts, and one that failed has no time', () => {
  const one = askedMore(nothingAsked, 80);
  expect(one).toEqual({ asked: 1, failed: 0, slowestMs: 80 });
  const two = askedMore(one, null);
  expect(two).toEqual({ asked: 2, failed: 1, slowestMs: 80 });
  expect(askedMore(two, 70)).toEqual({ asked: 3, failed: 1, slowestMs: 80 });
  expect(askedMore(two, 90)).toEqual({ asked: 3, failed: 1, slowestMs: 90 });
  expect(askedMore(nothingAsked, null)).toEqual({ asked: 1, failed: 1, slowestMs: null });
});

const whole = { missing: null, served: true, goesOn: false };
test('what broke nothing is over as soon as it is whole', () => {
  expect(recoveryOf({ ...drill, kind: 'region' }, whole, times)).toEqual({
    recoveredAt: at + 400_000,
    next: 'is-over',
  });
});

test('a recovery is over once it has held, to the millisecond', () => {
  const recoveredAt = at + 100_000;
  const next = (now: number) => recoveryOf({ ...drill, recoveredAt }, whole, { ...times, now }).next;
  expect(next(recoveredAt + 299_999)).toBe('wait');
  expect(next(recoveredAt + 300_000)).toBe('is-over');
});

test.for([
  ['twice the limit and four times what has to hold', {}, 1_800_000],
  ['in a zone, the shift beside it', { zone: 'use1-az1' }, 5_400_000],
  ['at most six tenths of the longest drill', { withinSeconds: 40_000 }, longestMs * 0.6],
] as const)('it is given up after %s', ([, change, ms]) => {
  const next = (now: number) =>
    recoveryOf({ ...drill, ...change }, { ...whole, missing: 'it is away' }, { ...times, now: at + 9_000 + now }).next;
  expect([next(ms), next(ms + 1)]).toEqual(['wait', 'give-up']);
});

test('what has not begun is waited for', () => {
  const late = { ...times, now: at + 90_000_000 };
  expect(recoveryOf({ ...drill, faultAt: null }, { ...whole, served: false }, late)).toEqual({
    recoveredAt: null,
    next: 'wait',
  });
});

test.for<[string, Partial<typeof drill>, string[]]>([
  ['just in its time', { recoveredAt: at + 309_000 }, []],
  ['a moment late', { recoveredAt: at + 309_100 }, ['it took 300.1 s, and the plan says within 300 s']],
])('a drill that ends %s', ([, change, why]) => {
  expect(whatIsWrong({ ...drill, ...change }, { passes: 3, needed: 3, data: [] })).toEqual(why);
});

test('the service has to pass as often in a row as is asked', () => {
  const well = { ...drill, recoveredAt: at + 100_000 };
  expect(whatIsWrong(well, { passes: 2, needed: 3, data: [] })).toEqual([
    'the service passed 2 of 3 times in a row afterwards',
  ]);
  expect(whatIsWrong(well, { passes: 4, needed: 3, data: [] })).toEqual([]);
});

test.for([
  ['twice as slow', 400, 800, false],
  ['slower than twice', 400, 801, true],
  ['much slower, and nobody notices', 10, 500, false],
  ['much slower, and just noticed', 10, 501, true],
  ['slow, and nobody knows how it was', null, 5_000, false],
  ['not known', 400, null, false],
] as const)('an answer afterwards that is %s', ([, before, after, isSlow]) => {
  const asked = (slowestMs: number | null) => ({ asked: 1, failed: 0, slowestMs });
  const run = {
    ...drill,
    recoveredAt: at + 100_000,
    asked: { ...drill.asked, before: asked(before), after: asked(after) },
  };
  expect(whatIsWrong(run, { passes: 3, needed: 3, data: [] })).toHaveLength(isSlow ? 1 : 0);
});

test.for([
  ['Aborted', 'stopped'],
  ['GivesWay', 'gave-way'],
  ['CannotProceed', 'failed'],
] as const)('a run that %s ended before its end is %s', ([error, outcome]) => {
  expect(outcomeOf({ why: [], faultAt: at }, false, { error, cause: '' })).toBe(outcome);
});

test('a run that has begun nothing has shown nothing', () => {
  expect(outcomeOf({ why: [], faultAt: null }, false, null)).toBe('failed');
});
