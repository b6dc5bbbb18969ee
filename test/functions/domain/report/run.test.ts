// What a report says of a drill that the deployment ran.
import { expect, test } from 'vitest';
import { notTestedByRun, seenOfRun } from '../../../../functions/domain/report/run.ts';
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
