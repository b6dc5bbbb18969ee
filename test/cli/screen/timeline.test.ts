import pc from 'picocolors';
import { expect, test } from 'vitest';
import { createTimeline } from '../../../cli/screen/timeline.ts';
import { type Moment, progressOf } from '../invented.ts';

function draw(moments: readonly Moment[], columns = 100) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const timeline = createTimeline({ print, colors: pc.createColors(false), columns, home: 'us-east-1' });
  for (const progress of progressOf(moments)) timeline.show(progress);
  const running = timeline.running();
  timeline.end();
  return { lines, running };
}

test('what an operator does before the fault has a time before it', () => {
  const { lines } = draw([[-120, { kind: 'operator', text: 'freeze' }], fault]);
  expect(lines).toEqual(['  -02:00  operator  freeze', '  +00:00  fault     zone-impaired (use1-az1)']);
});

const fault: Moment = [0, { kind: 'fault', text: 'zone-impaired (use1-az1)' }];
const alarm = (name: string, bad = true) =>
  ({ kind: 'signal', region: 'us-east-1', text: `${name} ${bad ? 'in alarm' : 'is well again'}`, bad }) as const;
const started: Moment = [
  120,
  { kind: 'execution', name: 'e-1', stateMachine: 'az-failover', region: 'us-east-1', status: 'RUNNING' },
];
type Phase = 'began' | 'succeeded' | 'failed' | 'retrying';
const step = (state: string, phase: Phase, seconds: number | null = null, detail: string | null = null) =>
  ({ kind: 'step', execution: 'e-1', state, phase, seconds, detail }) as const;

test('an outage reads from the fault to the users served again', () => {
  const { lines } = draw([
    fault,
    [0.2, { kind: 'users', served: false }],
    [45, alarm('chatops-api-5xx-use1-az1')],
    [
      119,
      {
        kind: 'decision',
        action: 'az-failover',
        level: 2,
        place: 'use1-az1',
        reason: 'zone use1-az1 failed: api fails',
      },
    ],
    started,
    [120, step('LeaveZone/database', 'began')],
    [121, { kind: 'message', role: 'on-call', subject: '[Breakwater] moving out of use1-az1' }],
    [121.1, { kind: 'message', role: 'dba', subject: '[Breakwater] moving out of use1-az1' }],
    [205, step('LeaveZone/database', 'succeeded', 85)],
    [210, { kind: 'users', served: true }],
    [240, { kind: 'execution', name: 'e-1', stateMachine: 'az-failover', region: 'us-east-1', status: 'SUCCEEDED' }],
  ]);
  expect(lines).toEqual([
    '  +00:00  fault     zone-impaired (use1-az1)',
    '  +00:00  users     no longer served',
    '  +00:45  signal    chatops-api-5xx-use1-az1 in alarm',
    '  +01:59  decision  zone failure in use1-az1 (level 2): az-failover',
    '                    zone use1-az1 failed: api fails',
    '  +02:00  flow      az-failover started in us-east-1',
    '  +02:01  message   to on-call, dba: moving out of use1-az1',
    '  +03:25  step      ✔ LeaveZone database       1 min 25 s',
    '  +03:30  users     served again after 3 min 30 s',
    '  +04:00  flow      az-failover finished after 2 min',
  ]);
});

test('of a storm of 2,000 alarms the first few are shown and the rest is counted before the decision', () => {
  const storm = Array.from({ length: 2000 }, (_, index): Moment => [index / 100, alarm(`chatops-worker-${index}`)]);
  const decision: Moment = [
    80,
    { kind: 'decision', action: 'notify', level: 1, place: 'us-east-1', reason: 'worker fails' },
  ];
  const { lines } = draw([fault, ...storm, decision]);
  expect(lines.filter((line) => line.includes('  signal  '))).toHaveLength(5);
  expect(lines[6]).toBe('                    … and 1,995 more signals');
  expect(lines[7]).toContain('decision');
  expect(lines).toHaveLength(9);
});

test('an alarm that flaps for an hour is shown twice each way, and the rest is counted', () => {
  const flaps = Array.from(
    { length: 40 },
    (_, index): Moment => [index * 180, alarm('chatops-cache', index % 2 === 0)],
  );
  const { lines } = draw([fault, ...flaps]);
  expect(lines.slice(1)).toEqual([
    '  +00:00  signal    chatops-cache in alarm',
    '  +03:00  signal    chatops-cache is well again',
    '  +06:00  signal    chatops-cache in alarm',
    '  +09:00  signal    chatops-cache is well again',
    '                    … and 36 more signals',
  ]);
});

test('alarms that settle before the fault are not shown, and a signal from elsewhere names its region', () => {
  const { lines } = draw([
    [-300, alarm('chatops-api-5xx', false)],
    fault,
    [30, { kind: 'signal', region: 'eu-west-1', text: 'chatops-canary in alarm', bad: true }],
  ]);
  expect(lines.slice(1)).toEqual(['  +00:30  signal    chatops-canary in alarm (eu-west-1)']);
});

test('failed tries of a step are told once for each reason and counted at its end', () => {
  const throttled = (at: number): Moment => [at, step('LeaveZone/database', 'retrying', at - 120, 'Throttling')];
  const { lines, running } = draw([
    fault,
    started,
    [120, step('LeaveZone/database', 'began')],
    throttled(121),
    throttled(123),
    throttled(127),
    [150, step('LeaveZone/database', 'failed', 30, 'chatops-prod is still in use1-az1')],
  ]);
  expect(lines.slice(2)).toEqual([
    '  +02:01  step      ↻ LeaveZone database       a try failed after 1 s',
    '                      Throttling',
    '  +02:30  step      ✖ LeaveZone database       gave up after 30 s, 3 tries failed',
    '                      chatops-prod is still in use1-az1',
  ]);
  expect(running).toBe('');
});

test('a flow that failed and is redriven goes on, and what answers after its end is no news', () => {
  const flow = (at: number, status: string): Moment => [
    at,
    { kind: 'execution', name: 'e-1', stateMachine: 'az-failover', region: 'us-east-1', status },
  ];
  const { lines, running } = draw([
    fault,
    flow(120, 'RUNNING'),
    [120, step('LeaveZone/cache', 'began')],
    flow(180, 'FAILED'),
    [181, step('LeaveZone/cache', 'retrying', 61, 'too late')],
    [300, { kind: 'operator', text: 'redrive' }],
    flow(301, 'RUNNING'),
  ]);
  expect(lines.slice(1)).toEqual([
    '  +02:00  flow      az-failover started in us-east-1',
    '  +03:00  flow      az-failover FAILED after 1 min',
    '  +05:00  operator  redrive',
    '  +05:01  flow      az-failover goes on in us-east-1',
  ]);
  expect(running).toBe('');
});

test('the steps that run side by side are named together', () => {
  const { running } = draw([
    fault,
    started,
    [120, step('LeaveZone/database', 'began')],
    [121, step('LeaveZone/cache', 'began')],
  ]);
  expect(running).toBe('+02:01  LeaveZone database, LeaveZone cache');
});

test('no line is longer than the screen, and nothing of an event steers it', () => {
  const { lines } = draw(
    [
      fault,
      [
        10,
        {
          kind: 'decision',
          action: 'hold',
          level: 'unknown',
          place: 'us-east-1',
          reason: `evidence-incomplete: ${'the alarms of the database have no data and '.repeat(9)}\u001b[2Jthe canaries pass`,
        },
      ],
    ],
    80,
  );
  expect(lines.length).toBeGreaterThan(6);
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).not.toContain('\u001b');
  }
});

test('what people are shown before they decide stands below what was found', () => {
  const { lines } = draw([
    fault,
    [300, { kind: 'assessment', sentences: ['Evidence: the replica is 1 s behind.', 'NOT FENCED: us-east-1.'] }],
    [301, { kind: 'request', sentences: ['Asked are dba, infra-lead; 2 of them must approve.'] }],
  ]);
  expect(lines.slice(1)).toEqual([
    '  +05:00  assessed  Evidence: the replica is 1 s behind.',
    '                    NOT FENCED: us-east-1.',
    '  +05:01  request   Asked are dba, infra-lead; 2 of them must approve.',
  ]);
});
