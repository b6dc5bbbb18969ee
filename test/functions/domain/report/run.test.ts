// What a report says of a drill that the deployment ran.
import { expect, test } from 'vitest';
import { barsOfRun, noticedIn, notTestedByRun, seenOfRun } from '../../../../functions/domain/report/run.ts';
import { plan } from '../../../plan.ts';
import { at, drill } from '../../../store/samples.ts';

test.for([
  ['tabletop', null, ['Every system', 'people discussed it, and nothing was touched']],
  ['region', null, ['What a region failover changes', 'it was a dry run: it changed nothing']],
  ['region', 'out', ['The loss of a region', 'it was a switchover: both regions were healthy']],
  ['approvers', null, ['What an approval starts', 'people were asked, but their answers started nothing']],
  ['restore', null, ['Serving users from the backup', 'it was restored beside production, and deleted after that']],
] as const)('a drill of kind %s (leg %s) says what it cannot show', ([kind, leg, [what, why]]) => {
  expect(notTestedByRun({ ...drill, kind, leg: leg as typeof drill.leg })).toEqual([{ what, why }]);
});

test('a fault that was struck shows what the plan is for', () => {
  expect(notTestedByRun(drill)).toEqual([]);
});

const of = (change: Partial<typeof drill>) => seenOfRun({ ...drill, ...change }, plan);

test('who ordered it, why, what it struck and from when its times count', () => {
  expect(of({})).toMatchObject({
    id: 'execution-1',
    title: 'database failover, a drill (fault) in us-east-1, database',
    orderedBy: 'the schedule of the plan',
    faults: ['use1-az1'],
    faultAt: at + 9_000,
    zeroAt: at + 9_000,
    missed: null,
  });
  expect(of({ by: 'ana', faultAt: null, struck: null })).toMatchObject({
    orderedBy: 'ana',
    faults: [],
    faultAt: null,
    zeroAt: at,
  });
  // Only a fault strikes: what another kind notes of its place is none.
  expect(of({ kind: 'region' })).toMatchObject({ faults: [], faultAt: null, zeroAt: at });
});

test('what was missed is what a failed drill found', () => {
  expect(of({ outcome: 'failed', why: ['it took 400 s'] }).missed).toEqual(['it took 400 s']);
  expect(of({ outcome: 'passed', why: [] }).missed).toBeNull();
});

test('a drill that the plan does not have any more, or that does not run by itself there, is said to be so', () => {
  const [planned] = plan.drills.filter(({ name }) => name === drill.name);
  if (planned === undefined) throw new Error('the plan has the drill');
  const window = { days: ['tue' as const], from: '10:00', to: '16:00', timeZone: 'UTC' };
  const scheduled = { ...plan, drills: [{ ...planned, kind: 'fault' as const, window }] };
  expect(seenOfRun(drill, scheduled).why).toBe('The plan asks for it once a quarter.');
  expect(seenOfRun({ ...drill, name: 'another' }, scheduled).why).toBe('The present plan has no drill of this name.');
  expect(of({}).why).toBe('The present plan has no drill of this name.');
});

test('requests before, while and after it failed are told apart, and nothing is said of a time without requests', () => {
  const asked = {
    before: { asked: 3, failed: 0, slowestMs: 61.5 },
    during: { asked: 3, failed: 1, slowestMs: null },
    after: { asked: 0, failed: 0, slowestMs: null },
  };
  const ended = { recoveredAt: at + 60_000, endedAt: at + 90_000 };
  expect(of({ ...ended, asked }).users).toMatchObject({
    phases: [
      { phase: 'before', from: '2026-11-03T03:00:00.000Z', requestsPercent: 100, took: { slowestMs: 62 } },
      { phase: 'during', from: '2026-11-03T03:00:09.000Z', requestsPercent: 66.67, took: null },
    ],
    latency: 'Latency: the slowest answer that succeeded. Answers that failed have no time.',
  });
  const silent = { asked: 2, failed: 2, slowestMs: null };
  expect(of({ ...ended, asked: { before: silent, during: silent, after: silent } }).users).toMatchObject({
    phases: [{ phase: 'before' }, { phase: 'during' }, { phase: 'after', requestsPercent: 0 }],
    latency: 'Latency was not measured: no answer succeeded.',
  });
});

const what = 'It is done within 5 min, and the result lasts';
test.for<[string, Partial<typeof drill>, string, string]>([
  ['runs', {}, 'not-tested', 'it is not over'],
  ['runs, and noticed something', { why: ['a', 'b'] }, 'not-tested', 'a; b'],
  ['was stopped', { outcome: 'stopped' }, 'not-tested', 'stopped'],
  ['was refused for a reason', { outcome: 'refused', why: ['a'] }, 'not-tested', 'a'],
  ['passed', { outcome: 'passed', recoveredAt: at + 109_000, why: ['a'] }, 'held', 'it took 1 min 40 s'],
  ['failed', { outcome: 'failed', why: ['a', 'b'] }, 'broken', 'a; b'],
])('whether it was in time is said of a drill that %s', ([, change, state, why]) => {
  expect(of(change).expectations).toEqual([{ what, state, why }]);
});

test('a title names the kind and the place, and times of a fault that never struck count from the beginning', () => {
  expect(of({ zone: 'use1-az1', asset: null, kind: 'tabletop' }).title).toBe(
    'database failover, a drill (tabletop) in us-east-1, use1-az1',
  );
  expect(of({ faultAt: null })).toMatchObject({ zeroAt: at, faultAt: null });
});

const part = (name: string, from: number, to: number | null, failed: boolean) => ({
  ...{ name, from: at + from * 1_000, to: to === null ? null : at + to * 1_000, failed },
});
test.for<[string, Partial<typeof drill>, ReturnType<typeof part>[]]>([
  ['runs', {}, [part('before', 0, 9, false), part('fault to recovered', 9, null, false)]],
  ['has not begun', { faultAt: null }, [part('before', 0, null, false)]],
  ['failed before it began', { faultAt: null, endedAt: at + 5_000, outcome: 'failed' }, [part('before', 0, 5, true)]],
  [
    'did not recover',
    { endedAt: at + 90_000, outcome: 'failed' },
    [part('before', 0, 9, false), part('fault to recovered', 9, 90, true)],
  ],
  [
    'recovered, and failed since',
    { recoveredAt: at + 60_000, endedAt: at + 90_000, outcome: 'failed' },
    [part('before', 0, 9, false), part('fault to recovered', 9, 60, false), part('watched after', 60, 90, true)],
  ],
  [
    'broke nothing',
    { kind: 'region', recoveredAt: at + 60_000, endedAt: at + 90_000, outcome: 'passed' },
    [part('before', 0, 9, false), part('under way', 9, 60, false), part('watched after', 60, 90, false)],
  ],
])('the parts of a drill that %s', ([, change, parts]) => {
  expect(barsOfRun({ ...drill, ...change })).toEqual(parts);
});

test('only of a drill that passed something is noticed', () => {
  expect(noticedIn({ ...drill, outcome: 'passed', why: ['a'] })).toEqual([{ severity: 'low', what: 'Noticed: a.' }]);
  expect(noticedIn({ ...drill, outcome: 'failed', why: ['a'] })).toEqual([]);
});

test('each stretch of requests ends where the next begins, and is there only where it began and somebody asked', () => {
  const asked = (count: number, failed = 0) => ({ asked: count, failed, slowestMs: null });
  const phases = (change: Partial<typeof drill>) =>
    of({ asked: { before: asked(3), during: asked(4, 1), after: asked(5, 5) }, ...change }).users.phases.map(
      ({ phase, from, to, requestsPercent }) => [
        phase,
        (Date.parse(from) - at) / 1_000,
        (Date.parse(to) - at) / 1_000,
        requestsPercent,
      ],
    );
  expect(phases({ recoveredAt: at + 60_000, endedAt: at + 90_000 })).toEqual([
    ['before', 0, 9, 100],
    ['during', 9, 60, 75],
    ['after', 60, 90, 0],
  ]);
  expect(phases({ endedAt: at + 90_000 })).toEqual([
    ['before', 0, 9, 100],
    ['during', 9, 90, 75],
  ]);
  expect(phases({ faultAt: null, endedAt: at + 90_000 })).toEqual([['before', 0, 90, 100]]);
  expect(phases({ faultAt: null })).toEqual([]);
  expect(of({}).users).toMatchObject({
    how: 'The drill itself sent requests, as users do. It did not measure for how long users were served. CloudWatch has the runs of the canaries.',
    phases: [{ runs: null, servedPercent: null, took: { medianMs: null, slowestMs: 62 } }],
  });
});
