// Tests of what people read of a decision: what was found and what holds it back, and its evidence as times and values.
import { expect, test } from 'vitest';
import { decide } from '../../../../functions/domain/decision/decide.ts';
import { advance } from '../../../../functions/domain/decision/incident.ts';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import { factOf } from '../../../../functions/domain/signals/facts.ts';
import { alarmSignal } from '../../../../functions/domain/signals/signals.ts';
import type { Incident, RecordedDecision, Signal, Standing } from '../../../../functions/domain/types.ts';
import {
  decisionMessage,
  evidenceWords,
  reasonWords,
  withRunbook,
  withStage,
} from '../../../../functions/domain/words/words.ts';
import { plan } from '../../../plan.ts';
import * as saw from '../evidence/sightings.ts';
import { after, az1, az2, idle, region } from '../evidence/sightings.ts';

function decided(signals: readonly Signal[], standing: Standing = idle): { incident: Incident; body: string } {
  const found = classify(signals, region, plan, after(900));
  const { incident } = advance(null, found, standing, plan, after(900));
  if (incident === null) throw new Error('nothing was decided');
  const last = incident.decisions.at(-1) as RecordedDecision;
  const { frozen: by, lock } = standing;
  const coolsUntil = last.hold === 'cooling-down' ? after(1_800) : null;
  const known = { now: after(900), users: found.users, frozen: by, lock, coolsUntil };
  return { incident, body: decisionMessage(incident, last, known).body };
}

const frozen: Standing = { ...idle, frozen: { by: 'me', reason: 'work', at: after(0) } };
const measured = (name: string, zone: string, seconds: number, values: number[]) =>
  alarmSignal(
    `chatops-${name}-${zone}`,
    'failing',
    { id: name, at: after(seconds), region, observer: region },
    plan,
    JSON.stringify({ recentDatapoints: values }),
  ) as Signal;

test('a hold says what holds it back, what was found, and its evidence as times and values', () => {
  const zone = [
    measured('database-latency', az1, 0, [0.2, 9.4612]),
    measured('cluster-nodes-notready', az1, 5, [3]),
    saw.alarm('api-5xx', az1, 9),
  ];
  const { body, incident } = decided(zone, frozen);
  expect(incident.decisions.at(-1)).toMatchObject({ action: 'hold', hold: 'frozen', indication: 'zone-lost' });
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      'Zone failure in use1-az1, since 03:00 UTC.',
      'Api, cluster, database fail in use1-az1, the other zones are well.',
      'What to look at: docs/runbook.md#zone-lost.',
      'Held back: frozen. me froze Breakwater at 03:00 UTC: work.',
      'Evidence:',
      '  03:00 UTC database fails: latency in use1-az1 (measured: 9.461)',
      '  03:00 UTC cluster fails: nodes-notready in use1-az1 (measured: 3)',
      '  03:00 UTC api fails: 5xx in use1-az1',
    ]),
  );
});

test('commands that a message names are complete once it leaves, and those that were are left alone', () => {
  const body = 'Type npm run status. Or `npm run failback`, or: npm run status -- --stage eu';
  expect(withStage(body, 'prod')).toBe(
    'Type npm run status -- --stage prod. Or `npm run failback -- --reason "<why>" --stage prod`, or: npm run status -- --stage eu',
  );
});

test('sections of the runbook are addresses where the plan says where it is read, and the file where it does not', () => {
  const runbookUrl = 'https://git.example.com/a/docs/runbook.md';
  const read = (one?: string) => ({
    ...plan,
    notifications: { ...plan.notifications, runbookUrl: one },
  });
  const body = 'See docs/runbook.md#pause, or docs/runbook.md#skip.';
  expect(withRunbook(body, read(runbookUrl))).toBe(`See ${runbookUrl}#pause, or ${runbookUrl}#skip.`);
  expect(withRunbook(body, read())).toBe(body);
});

test('of much evidence the first eight are told, and how much more there is', () => {
  const many = Array.from({ length: 30 }, (_, index) => saw.alarm(`api-${index}`, az2, index));
  const names = ['worker', 'cache', 'cluster', 'ingress'].flatMap((name) => [
    saw.alarm(`${name}-status`, az1, 40),
    saw.alarm(`${name}-errors`, az1, 40),
  ]);
  const users = [saw.canary('eu-west-1', 50), saw.canary('us-west-2', 51), saw.heartbeat(52)];
  const { incident } = decided([...many, ...names, ...users]);
  const last = incident.decisions.at(-1) as RecordedDecision;
  expect(last.facts?.length).toBeLessThanOrEqual(8);
  const words = evidenceWords({ evidence: Array.from({ length: 12 }, String), facts: ['a', 'b'] });
  expect(words).toBe('Evidence:\n  a\n  b\n  and 10 more in the record');
});

test('a record without words is told by how many signals it rests on, and without evidence as none', () => {
  expect(evidenceWords({ evidence: ['e-1', 'e-2'] })).toBe('Evidence: 2 signals, in the record.');
  expect(evidenceWords({ evidence: [] })).toBe('Evidence: none recorded.');
});

test('an observer that fails alone is not told as users who fail', () => {
  const { body } = decided([saw.canary('eu-west-1', 0)]);
  expect(body).toContain('The canary in eu-west-1 fails alone.');
  expect(body).not.toContain('Users fail');
  expect(decided([saw.canary('eu-west-1', 0), saw.canary('us-west-2', 9), saw.probe('ec2', 0)]).body).toContain(
    'Users fail at eu-west-1, us-west-2',
  );
});

test('a reason is told with what holds it back, where something does', () => {
  const found = classify([saw.canary('us-west-2', 0), saw.heartbeat(0)], region, plan, after(900));
  const held = decide(found, idle, plan, after(900));
  expect(held.reason).not.toContain('evidence-incomplete');
  expect(reasonWords(held)).toBe(`${held.reason} (held: evidence-incomplete)`);
  expect(reasonWords({ reason: 'x' })).toBe('x');
});

test.for([
  [saw.alarm('api-5xx', az1, 0, 'unknown'), 'api gives no data: 5xx in use1-az1'],
  [saw.alarm('api-5xx', null, 0, 'healthy'), null],
  [saw.alarm('api-5xx', null, 0, 'gone'), null],
  [saw.canary('eu-west-1', 0), 'users fail, seen from eu-west-1'],
  [saw.canary('eu-west-1', 0, 'unknown'), 'the canary in eu-west-1 gives no data'],
  [saw.probe('ec2', 0), 'AWS service ec2 does not answer'],
  [saw.probe('ec2', 0, 'unknown'), 'the probe of AWS service ec2 gives no data'],
  [saw.probeRun(0, ['ec2', 'rds']), 'AWS services do not answer, asked from us-west-2: ec2, rds'],
  [saw.probeRun(0), null],
  [saw.heartbeat(0), 'the heartbeat is missing'],
  [saw.replica(0, 'unknown'), 'the lag of the replica is not known'],
  [saw.autoshift(az1, 0), 'traffic left use1-az1 (autoshift)'],
  [saw.database('other', 0), null],
  [saw.beat(0), null],
] as const)('of a signal people read: $1', ([signal, words]) => {
  expect(factOf(signal)).toBe(words === null ? null : `2026-11-23T03:00:00.000Z ${words}`);
});
