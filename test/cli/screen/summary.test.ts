import pc from 'picocolors';
import { expect, test } from 'vitest';
import { summarise } from '../../../cli/screen/summary.ts';
import type { DrillRun } from '../../../simulator/drill/result.ts';
import { passed } from '../invented.ts';

const lines = (run: DrillRun) => summarise(run, pc.createColors(false), 100);
const text = (run: DrillRun) => lines(run).join('\n');

test('a passed drill is told on half a screen', () => {
  expect(lines({ result: passed, misses: [] })).toEqual([
    'Summary',
    '  Incident      level 2, zone failure in use1-az1',
    '  Flow          az-failover in us-east-1: SUCCEEDED after 48 min 9 s',
    '  Recovery      4 min 12 s    RTO 4 h       met',
    '  Data loss     none          RPO 1 h       met',
    '                reported as 0 s',
    '  Clocks        detected in 45 s, decided in 1 min 15 s, moved in 2 min 11 s',
    '  Overhead      Breakwater added 11 s; AWS itself took 2 min (1.09 times)',
    '  Changed       arc-zonal-shift:StartZonalShift (2 times)',
    '  Messages to   on-call (2 times), dba',
    '  At the end    users are served from us-east-1, database in use1-az2, cache in',
    '                use1-az4',
    '',
    'Invariants  9 of 9 held',
    '  ✔ one-writer            ✔ approved              ✔ in-scope',
    '  ✔ served-then-redirect  ✔ one-execution         ✔ bounded',
    '  ✔ honest-loss           ✔ audited               ✔ repeatable',
    '',
    'PASSED  az-outage, seed 7',
  ]);
});

test('what was missed is listed: expectations, invariants with their detail, and objectives', () => {
  const run: DrillRun = {
    result: {
      ...passed,
      invariants: passed.invariants.map((one) =>
        one.id === 'audited' ? { ...one, held: false, detail: 'rds:RebootDBInstance at 09:14 has no record' } : one,
      ),
      clocks: { ...passed.clocks, recoverySeconds: 18_000 },
      dataLoss: { reportedSeconds: 10, actualSeconds: 5400, lostWrites: 1200, divergedWrites: 1 },
      objectives: { ...passed.objectives, rtoMet: false, rpoMet: false },
    },
    misses: [{ what: 'zone', expected: 'use1-az1', was: 'use1-az2' }],
  };
  expect(text(run)).toContain(
    'Data loss     1 h 30 min    RPO 1 h       missed\n                reported as 10 s, 1,200 writes lost, 1 write diverged',
  );
  expect(text(run)).toContain('Invariants  8 of 9 held');
  expect(lines(run).slice(-7)).toEqual([
    'Missed',
    '  ✖ zone: expected use1-az1, was use1-az2',
    '  ✖ invariant audited did not hold: rds:RebootDBInstance at 09:14 has no record',
    '  ✖ recovery: expected within 4 h, was 5 h',
    '  ✖ data loss: expected at most 1 h, was 1 h 30 min',
    '',
    'MISSED  az-outage, seed 7: 4 misses',
  ]);
});

test('what is not known is not told as zero or as met', () => {
  const run: DrillRun = {
    result: {
      ...passed,
      clocks: { ...passed.clocks, recoverySeconds: null },
      dataLoss: { reportedSeconds: null, actualSeconds: null, lostWrites: null, divergedWrites: null },
      objectives: { ...passed.objectives, rtoMet: null, rpoMet: null },
    },
    misses: [],
  };
  expect(text(run)).toMatch(/Recovery {6}not known {5}RTO 4 h {7}not known/);
  expect(text(run)).toMatch(/Data loss {5}not known {5}RPO 1 h {7}not known\n/);
});

test('answers are told, those that count and those that do not', () => {
  const answer = (approver: string, valid: boolean) => ({
    at: '2026-01-05T09:14:00.000Z',
    approver,
    answer: 'approve',
    valid,
    reason: '',
  });
  const answered = (...approvals: ReturnType<typeof answer>[]) =>
    text({ result: { ...passed, approvals }, misses: [] });
  expect(answered(answer('dba', true), answer('infra-lead', true))).toContain(
    '  Answers       dba: approve, infra-lead: approve\n',
  );
  expect(answered(answer('dba', false), answer('dba', false))).toContain('  Answers       2 do not count\n');
  expect(answered()).not.toContain('Answers');
});

test('no line is longer than 80 columns, however wide the screen is and however much there is to tell', () => {
  const [execution] = passed.executions;
  if (execution === undefined) throw new Error('a passed drill has a flow');
  const run: DrillRun = {
    result: {
      ...passed,
      executions: [
        { ...execution, stateMachine: 'service-degradation', region: 'ap-southeast-2', status: 'TIMED_OUT' },
      ],
      dataLoss: { reportedSeconds: 86_399, actualSeconds: 86_399, lostWrites: 1_234_567, divergedWrites: 7_654_321 },
      predicted: { recoverySeconds: 86_399, dataLossSeconds: 86_399, countsFrom: 'last-served' },
      notifications: passed.notifications.flatMap((one) => [one, { ...one, role: 'a-role-with-quite-a-long-name' }]),
    },
    misses: [{ what: 'a long expectation', expected: 'word '.repeat(30).trim(), was: 'word '.repeat(30).trim() }],
  };
  for (const columns of [80, 100, 200])
    for (const line of summarise(run, pc.createColors(false), columns))
      expect(line.length, line).toBeLessThanOrEqual(80);
});
