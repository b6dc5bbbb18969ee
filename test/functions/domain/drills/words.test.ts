// What people read of drills, whole: before one begins, how it came out, and the file that is committed.
import { expect, test } from 'vitest';
import { type DrillKind, drillKinds } from '../../../../functions/domain/drills/plan.ts';
import { type DrillOutcome, type DrillRecord, drillOutcomes } from '../../../../functions/domain/drills/record.ts';
import {
  drillBeginsMessage,
  drillEndsMessage,
  drillFacts,
  drillFile,
} from '../../../../functions/domain/drills/words.ts';
import { usersLine } from '../../../../functions/domain/words/users-words.ts';
import { at, drill } from '../../../store/samples.ts';

/** The part of a message under a headline. */
function under(headline: string, body: string): string | undefined {
  return body
    .split('\n\n')
    .find((part) => part.startsWith(`${headline}\n`))
    ?.slice(headline.length + 1)
    .trimEnd();
}
const recovered: DrillRecord = { ...drill, recoveredAt: at + 109_000, endedAt: at + 400_000 };

test.for<[DrillKind, string]>([
  [
    'fault',
    'The drill breaks something on purpose. What follows is part of the drill and is handled as in a real incident.',
  ],
  ['region', 'The drill makes a dry run of the region failover. Nothing is changed.'],
  ['restore', 'The drill restores a backup beside production, checks it and deletes it.'],
  ['approvers', 'The drill asks the approvers as in a real incident. Nothing is changed, whatever they answer.'],
  [
    'tabletop',
    'The drill touches nothing. Talk it through: who would do what, by which section of docs/runbook.md, and what is missing?',
  ],
])('before a drill of kind %s people read what it does', ([kind, does]) => {
  expect(drillKinds).toContain(kind);
  expect(under('WHAT IS BEING DONE', drillBeginsMessage({ ...drill, kind }, 'prod').body)).toBe(does);
});

test.for([
  [
    'away',
    'Users move here by a planned switchover, once people have approved it. They stay for the days of the plan, and come home.',
  ],
  ['home', 'Users come home by a planned switchover, once people have approved it.'],
] as const)('before a switchover %s people read that users move', ([leg, does]) => {
  const { body } = drillBeginsMessage({ ...drill, kind: 'region', leg }, 'prod');
  expect(under('WHAT IS BEING DONE', body)).toBe(does);
});

test('people read whole that a drill begins', () => {
  const { subject, body } = drillBeginsMessage(drill, 'prod');
  expect(subject).toBe('[Breakwater] [DRILL] For information: database failover begins in us-east-1');
  expect(body.split('\n\n').map((part) => part.split('\n')[0])).toEqual([
    ...['WHAT IS NEEDED FROM YOU', 'WHAT HAPPENED', 'WHAT IS BEING DONE', 'WHAT FOLLOWS', 'MORE'],
  ]);
  expect(under('WHAT IS NEEDED FROM YOU', body)?.split('\n')[0]).toBe(
    'Nothing, unless the drill must not run now. This line stops all drills:',
  );
  expect(under('WHAT FOLLOWS', body)).toBe(
    'You hear how the drill ends. It passes if all recovers within 5 min and stays well.',
  );
});

test('a person who started a drill is told as plain text, and the stage stands in the line that stops it', () => {
  const { body } = drillBeginsMessage({ ...drill, by: 'ana\u202e', before: ['one', 'two'] }, 'staging');
  expect(body).toContain('  npm run drill -- --aws stop --stage staging --reason "<why>"');
  expect(body).toContain('begins at 03:00 UTC, started by ana');
  expect(body).not.toContain('\u202e');
  expect(body).toContain('State before the drill:\n  one\n  two\nExecution execution-1.');
});

const ended = { report: null, stage: 'prod' };

test.for<[DrillOutcome, string, string]>([
  ['passed', 'For information: database failover PASSED in 1 min 40 s', 'Nothing.'],
  [
    'failed',
    'Not urgent: database failover FAILED',
    'Find out why, and mend it (docs/runbook.md#drill-failed). Then repeat the drill:\n  npm run drill -- --aws "database failover" --break database --stage prod',
  ],
  [
    'refused',
    'For information: database failover was not begun',
    'Nothing: the drill is tried again on its next open day. It touched nothing.',
  ],
  [
    'stopped',
    'database failover was stopped',
    'Check that what the drill broke has recovered: npm run status. The drill stays due.',
  ],
  [
    'gave-way',
    'database failover gave way to something real',
    'Treat what goes on now as real: it is no drill. The drill stays due.',
  ],
])('of a drill that %s people read so, and what to do', ([outcome, out, next]) => {
  expect(drillOutcomes).toContain(outcome);
  const { subject, body } = drillEndsMessage(recovered, outcome, [], ended);
  expect(subject).toBe(`[Breakwater] [DRILL] ${out}`);
  expect(under('WHAT IS NEEDED FROM YOU', body)).toBe(next);
});

test('one that passed without a fault has no time', () => {
  expect(drillEndsMessage({ ...drill, faultAt: null }, 'passed', [], ended).subject).toBe(
    '[Breakwater] [DRILL] For information: database failover PASSED',
  );
});

test.for<[string, Partial<DrillRecord>, string]>([
  [
    'that recovered',
    { recoveredAt: at + 109_000 },
    'Drill database failover PASSED. The drill acted at 03:00 UTC. All was well again at 03:01 UTC, after 1 min 40 s. The limit was 5 min.',
  ],
  ['that did not recover', {}, 'Drill database failover PASSED. The drill acted at 03:00 UTC.'],
  ['that never acted', { faultAt: null }, 'Drill database failover PASSED.'],
  ['that is well and never acted', { faultAt: null, recoveredAt: at }, 'Drill database failover PASSED.'],
])('how a drill came out, by the clock: one %s', ([, change, sentence]) => {
  expect(under('WHAT HAPPENED', drillEndsMessage({ ...drill, ...change }, 'passed', [], ended).body)).toBe(
    `${usersLine}\n${sentence}`,
  );
});

test('what was noticed of one that passed is no reason, and what kept another from passing is', () => {
  const why = ['one canary was late', 'a pod restarted'];
  const happened = (outcome: DrillOutcome) =>
    under('WHAT HAPPENED', drillEndsMessage({ ...drill, why }, outcome, [], ended).body)
      ?.split('\n')
      .slice(2);
  expect(happened('passed')).toEqual(['Noticed: one canary was late.', 'Noticed: a pod restarted.']);
  expect(happened('failed')).toEqual(['WHY: one canary was late.', 'WHY: a pod restarted.']);
});

test.for([
  ['passed', 'away', true],
  ['passed', 'home', false],
  ['passed', null, false],
  ['failed', 'away', false],
] as const)('after a drill that %s (leg %s) users stay: %s', ([outcome, leg, stay]) => {
  expect(under('WHAT IS BEING DONE', drillEndsMessage({ ...drill, leg }, outcome, [], ended).body)).toBe(
    stay
      ? 'Users stay here for the days of the plan. Then this drill moves them home, after people are asked again. Breakwater makes the region that users left a standby again.'
      : 'Nothing: the drill is over.',
  );
});

test('nothing follows a drill that has ended', () => {
  const { body } = drillEndsMessage(drill, 'passed', [], ended);
  expect(under('WHAT IS BEING DONE', body)).toBe('Nothing: the drill is over.');
  expect(under('WHAT FOLLOWS', body)).toBeUndefined();
});

test('the facts of a run are told, a line each', () => {
  expect(drillFacts(drill)).toEqual([
    'Drill kind: fault, in us-east-1, database; started by schedule at 3 Nov 2026, 03:00 UTC.',
    'Acted: 3 Nov 2026, 03:00 UTC (use1-az1). Recovered: no. Limit: 5 min.',
    'dba approved after 11 s.',
    'Execution execution-1.',
    'Visits to the service before: 3 of 3 passed, the slowest in 62 ms; during: 0 of 1 passed; after: none.',
  ]);
  const full: DrillRecord = {
    ...recovered,
    ...{ zone: 'use1-az1', asset: null, struck: null, experiment: 'EXP1', incident: 'incident-7', by: 'ana' },
    answers: [
      { approver: 'dba', answer: 'approve', at: at + 20_000 },
      { approver: 'infra-lead', answer: 'reject', at: at + 129_000 },
    ],
    asked: { ...drill.asked, after: { asked: 4, failed: 1, slowestMs: 99.4 } },
  };
  expect(drillFacts(full)).toEqual([
    'Drill kind: fault, in us-east-1, use1-az1; started by ana at 3 Nov 2026, 03:00 UTC.',
    'Acted: 3 Nov 2026, 03:00 UTC. Recovered: 3 Nov 2026, 03:01 UTC, after 1 min 40 s. Limit: 5 min.',
    'dba approved after 11 s.',
    'infra-lead rejected after 2 min.',
    'The incident, execution or request of the drill: incident-7.',
    'Execution execution-1, experiment EXP1.',
    'Visits to the service before: 3 of 3 passed, the slowest in 62 ms; during: 0 of 1 passed; after: 3 of 4 passed, the slowest in 99 ms.',
  ]);
});

test('what was not begun acted never, and an answer to it took no time', () => {
  expect(drillFacts({ ...drill, faultAt: null, struck: null }).slice(1, 3)).toEqual([
    'Acted: not. Recovered: no. Limit: 5 min.',
    'dba approved after 0 s.',
  ]);
});

test('a run is a file for docs/drills, whole', () => {
  const file = (findings: Parameters<typeof drillFile>[2]) =>
    drillFile({ ...drill, before: ['one', 'two'], answers: [] }, 'failed', findings);
  const begin = [
    '# database failover: FAILED, 2026-11-03',
    '',
    '- Drill kind: fault, in us-east-1, database; started by schedule at 3 Nov 2026, 03:00 UTC.',
    '- Acted: 3 Nov 2026, 03:00 UTC (use1-az1). Recovered: no. Limit: 5 min.',
    '- Execution execution-1.',
    '- Visits to the service before: 3 of 3 passed, the slowest in 62 ms; during: 0 of 1 passed; after: none.',
    '',
    '## Before',
    '- one',
    '- two',
    '',
    '## Findings',
    '| finding | owner | due | repeated from |',
    '|---|---|---|---|',
  ];
  expect(file([]).split('\n')).toEqual([...begin, '| none | | | |', '']);
  expect(file([{ what: 'it | is | late', owner: 'dba', due: '2026-11-17' }]).split('\n')).toEqual([
    ...begin,
    '| it / is / late | dba | 2026-11-17 | 2026-11-17 |',
    '',
  ]);
});
