// How soon evidence is believed: what is overwhelming sooner than what is thin, and what can be undone sooner than what costs an outage.
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { planes, users } from './evidence.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, region } from './sightings.ts';

const { zone, region: disaster } = plan.evidence;
const at = (seconds: number, signals: readonly Signal[]) => classify(signals, region, plan, after(seconds));
/** The level is reached after so many seconds, and not before. */
const reaches = (signals: readonly Signal[], level: number, seconds: number) => {
  expect(at(seconds - 0.001, signals).level).not.toBe(level);
  expect(at(seconds, signals).level).toBe(level);
};

const infrastructure = saw.alarms(['database-latency', 'cluster-nodes-notready'], az1, 0);
const zoneDown = [...infrastructure, saw.alarm('api-5xx', az1, 0)];
const justFailed = [saw.run('eu-west-1', -80, true), saw.run('eu-west-1', -20, false)];
const { traffic, costly } = zone.confirmSeconds;

test.for<[string, readonly Signal[], number]>([
  [
    "more causes than needed, one of them no application's, and users who have just failed",
    [...zoneDown, ...justFailed],
    traffic,
  ],
  ['users who have failed by an alarm alone', [...zoneDown, saw.canary('eu-west-1', -20)], costly],
  ['users who have been served since', [...zoneDown, ...justFailed, saw.run('eu-west-1', -10, true)], costly],
  ['users who failed a while ago', [...zoneDown, saw.run('eu-west-1', traffic - 180, false)], costly],
  [
    'an observer that has failed for long',
    [...zoneDown, saw.run('eu-west-1', -700, true), saw.run('eu-west-1', -20, false)],
    costly,
  ],
  [
    'something that fails in another zone too',
    [...zoneDown, ...justFailed, saw.alarm('worker-errors', az2, 0)],
    costly,
  ],
  [
    'what no application can break, everywhere',
    [
      ...saw.alarms(['ingress-5xx', 'api-5xx', 'worker-errors'], az1, 0),
      saw.alarm('cache-latency', az1, 0),
      saw.alarm('cache-latency', az2, 0),
      ...justFailed,
    ],
    costly,
  ],
  ['users who fail within the region', [...zoneDown, saw.run(region, -20, false)], costly],
  [
    'no more causes than needed',
    [...saw.alarms(['cluster-nodes-notready', 'worker-pods-unready', 'api-5xx'], az1, 0), ...justFailed],
    costly,
  ],
  [
    'what an application can break by itself',
    [
      ...saw.alarms(['database-connections', 'cluster-pods-unready', 'api-5xx', 'worker-errors'], az1, 0),
      ...justFailed,
    ],
    costly,
  ],
])('a zone is left after its time: %s', ([, signals, seconds]) => {
  reaches(signals, 2, seconds);
});

test('evidence that becomes overwhelming counts from then on', () => {
  const thin = saw.alarms(['ingress-5xx', 'api-5xx', 'worker-errors'], az1, 0);
  reaches([...thin, saw.alarm('cluster-nodes-notready', az1, 30), ...justFailed], 2, 30 + traffic);
});

test('where the other zones give no data it is not overwhelming', () => {
  const dark = saw.alarms(['api-status', 'worker-status', 'cache-status'], az2, 0, 'unknown');
  expect(at(costly - 1, [...zoneDown, ...justFailed, ...dark])).not.toMatchObject({
    indication: 'zone-lost-others-unseen',
  });
  expect(at(costly, [...zoneDown, ...justFailed, ...dark])).toMatchObject({ indication: 'zone-lost-others-unseen' });
});

const everybody = [...users, saw.canary('us-west-2', 0)];
const { overwhelmingSeconds, confirmSeconds } = disaster;

test.for<[string, readonly Signal[], number]>([
  [
    'every observer, the heartbeat and control planes',
    [...everybody, saw.heartbeat(0), ...planes],
    overwhelmingSeconds,
  ],
  ['not every observer', [...users, saw.heartbeat(0), ...planes], confirmSeconds],
  [
    'zones instead of the heartbeat',
    [...everybody, ...planes, saw.alarm('api-5xx', az1, 0), saw.alarm('api-5xx', az2, 0)],
    confirmSeconds,
  ],
])('people are asked about a region after its time: %s', ([, signals, seconds]) => {
  reaches(signals, 3, seconds);
});

const beat = (seconds: number): Signal => ({ ...saw.beat(seconds), everySeconds: 60 }) as Signal;
/** Events reach us: a run of a canary that has just come. */
const heard = (seconds: number) => saw.run('eu-west-1', seconds - 30, true);

test('a heartbeat is missing when two beats have not come, by what the last one said of the next', () => {
  reaches([...everybody, ...planes, beat(0), saw.run('eu-west-1', 150, false)], 3, 150 + overwhelmingSeconds);
  expect(at(150 + overwhelmingSeconds, [...everybody, ...planes, beat(0)]).level).not.toBe(3);
  expect(at(3_000, [...everybody, ...planes, beat(2_900)]).indication).not.toBe('region-lost');
  // Who says nothing of the next beat may send it when it likes.
  expect(at(3_000, [...everybody, ...planes, saw.beat(0)]).indication).not.toBe('region-lost');
  const late = 150 + plan.evidence.degradation.confirmSeconds;
  expect(at(late, [beat(0), heard(late)])).toMatchObject({ level: 1, indication: 'heartbeat-missing' });
  expect(at(late, [beat(0)]).level).toBe(0);
});

const passedAt = (observer: string, passed: number, ...failed: number[]) => [
  saw.run(observer, passed, true),
  ...failed.map((seconds) => saw.run(observer, seconds, false)),
];

test('an observer speaks by two runs in a row that failed, before its alarm rises', () => {
  const first = [...passedAt('eu-west-1', -60, 0), ...passedAt('us-west-2', -60, 0)];
  const second = [...passedAt('eu-west-1', -60, 60), ...passedAt('us-west-2', -60, 60)];
  const { confirmSeconds: wait } = plan.evidence.degradation;
  const broken = [saw.alarm('api-5xx', null, 0)];
  expect(at(60 + wait, [...broken, ...first]).causes).not.toContain('users');
  expect(at(60 + wait - 0.001, [...broken, ...second]).causes).not.toContain('users');
  expect(at(60 + wait, [...broken, ...second])).toMatchObject({ indication: 'users-fail' });
});

test('an observer whose runs stopped a while ago says nothing by them', () => {
  const runs = [...passedAt('eu-west-1', -60, 60), ...passedAt('us-west-2', -60, 60)];
  expect(at(60 + 179, runs).users).toBe('fail');
  expect(at(60 + 180, runs)).toMatchObject({ level: 0, users: 'unknown' });
});

test('a canary that does not tell its share may run less often: what failed once after a while is one run', () => {
  const untold = (signal: Signal): Signal => ({ ...signal, value: undefined });
  const runs = [...passedAt('eu-west-1', -300, 60), ...passedAt('us-west-2', -300, 60)];
  expect(at(120, runs).indication).toBe('users-fail-unexplained');
  expect(at(120, runs.map(untold)).level).toBe(0);
});

test('where somebody outside sees users well, that nothing is heard of a region is no proof of its loss', () => {
  const silence = [...users, saw.heartbeat(0), ...planes];
  const well = [saw.canary('us-west-2', -60, 'healthy'), saw.run('us-west-2', 170, true)];
  const { unconfirmedSeconds } = disaster;
  expect(at(unconfirmedSeconds, silence).indication).toBe('region-lost');
  expect(at(unconfirmedSeconds, [...silence, ...well])).toMatchObject({
    level: 'unknown',
    indication: 'users-fail-platform-fails',
  });
  // An alarm alone may be of long ago, and so may a run.
  expect(at(unconfirmedSeconds, [...silence, ...well.slice(0, 1)]).indication).toBe('region-lost');
  expect(at(170 + 180, [...silence, ...well]).indication).toBe('region-lost');
  // What the region says of itself needs no silence.
  const itself = [saw.alarm('api-5xx', az1, 0), saw.alarm('api-5xx', az2, 0)];
  expect(at(unconfirmedSeconds, [...silence, ...well, ...itself]).indication).toBe('region-lost');
});

describe('probes', () => {
  const { confirmSeconds: wait } = plan.evidence.degradation;
  const two = ['ec2', 'rds'];
  const planesFail = (seconds: number, signals: readonly Signal[]) => at(seconds + wait, signals);

  test('speak by two runs in a row that failed, before their alarms rise', () => {
    const first = [saw.probeRun(-60), saw.probeRun(0, two)];
    const second = [saw.probeRun(-60), saw.probeRun(60, two)];
    expect(planesFail(60, first)).toMatchObject({ level: 0, rising: null });
    reaches(second, 1, 60 + wait);
    expect(planesFail(60, second)).toMatchObject({
      indication: 'control-planes-fail',
      evidence: ['probe-run-ec2+rds@60'],
      facts: ['2026-11-23T03:01:00.000Z AWS services do not answer, asked from us-west-2: ec2, rds'],
    });
    // A third run begins no new trouble.
    reaches([saw.probeRun(-60), saw.probeRun(120, two)], 1, 60 + wait);
  });

  test('are part of what overwhelms', () => {
    const planesByRuns = [saw.probeRun(-120), saw.probeRun(0, two)];
    reaches([...everybody, saw.heartbeat(0), ...planesByRuns], 3, overwhelmingSeconds);
  });

  test.for<[string, readonly Signal[]]>([
    ['with runs that stopped a while ago', [saw.probeRun(-200), saw.probeRun(-180 + 60 + wait, two)]],
    ['with no run that was well before', [saw.probeRun(60, two)]],
    ['with a run that was well since', [saw.probeRun(-60), saw.probeRun(60, two), saw.probeRun(70)]],
    ['of what the plan does not depend on', [saw.probeRun(-60), saw.probeRun(60, ['kinesis', 'lambda'])]],
  ])('say nothing %s', ([, signals]) => {
    expect(planesFail(60, signals)).toMatchObject({ level: 0, rising: null });
  });

  test('speak of each service by itself: that one fails for long makes no second of another that has just failed once', () => {
    const runs = [saw.probeRun(-500), saw.probeRun(0, ['rds']), saw.probeRun(60, two)];
    expect(planesFail(60, runs)).toMatchObject({ level: 1, reason: "AWS's control planes of rds fail" });
    const alone = [saw.probeRun(-500), saw.probeRun(60, ['rds'])];
    expect(at(60, alone)).toMatchObject({ level: 1, since: after(-500 + 120) });
  });

  test('contradict no alarm, and an alarm that rose before counts from its own time', () => {
    expect(planesFail(0, [...planes, saw.probeRun(10)])).toMatchObject({ indication: 'control-planes-fail' });
    reaches([saw.probeRun(-60), saw.probeRun(60, two), ...planes], 1, wait);
  });
});

test('an answer of long ago is not the run before: what happened between was lost', () => {
  const runs = (passed: number) => [...passedAt('eu-west-1', passed, 60), ...passedAt('us-west-2', passed, 60)];
  expect(at(61, runs(60 - 600)).indication).toBe('users-fail-unexplained');
  expect(at(61, runs(60 - 601)).level).toBe(0);
});

test('what comes late counts from when it comes', () => {
  const late = (signal: Signal): Signal => ({ ...signal, seenAt: after(200) });
  const runs = ['eu-west-1', 'us-west-2', 'ap-southeast-1'].flatMap((one) => [
    saw.run(one, -60, true),
    late(saw.run(one, 60, false)),
  ]);
  const planesLate = [saw.probeRun(-60), late(saw.probeRun(60, ['ec2', 'rds']))];
  const missing = saw.heartbeat(0);
  expect(at(201, [...runs, ...planesLate, missing])).toMatchObject({ indication: 'heartbeat-missing', rising: 3 });
});

test('a beat that does not come is news for as long as its alarm needs to say the same', () => {
  const wait = plan.evidence.degradation.confirmSeconds;
  expect(at(150 + wait, [beat(0), heard(150 + wait)])).toMatchObject({ indication: 'heartbeat-missing' });
  expect(at(300, [beat(0), heard(300)]).level).toBe(0);
});
