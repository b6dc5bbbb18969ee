// What makes a degradation, whole: its name, its words, since when, on what it rests, and how long it must hold.
import { describe, expect, test } from 'vitest';
import { degraded, isTold } from '../../../../../functions/domain/evidence/degradation.ts';
import { drawPicture } from '../../../../../functions/domain/evidence/picture.ts';
import type { Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { az1, az2, region, after as second } from '../sightings.ts';

const { degradation, recoverySeconds } = plan.evidence;
const { confirmSeconds, aloneSeconds, readinessSeconds } = degradation;

function found(signals: readonly Signal[], seconds = 100) {
  const now = second(seconds);
  return degraded(drawPicture(signals, region, plan, now), plan, now).filter((one) => one !== null);
}

const whole = { level: 1, zone: null };

test('nothing that fails is no degradation', () => {
  expect(found([])).toEqual([]);
});

describe('components', () => {
  test('that fail with several causes are believed soon, and one alone after a while', () => {
    const evidence = [`worker-errors-${az2}-failing@10`, `api-5xx-${az1}-failing@20`];
    const told = { ...whole, name: 'components-fail', reason: 'api, worker fail', evidence, causes: ['api', 'worker'] };
    expect(found([saw.alarm('api-5xx', az1, 20), saw.alarm('worker-errors', az2, 10)])).toEqual([
      { ...told, since: second(20), confirmSeconds },
      { ...told, since: second(10), confirmSeconds: aloneSeconds },
    ]);
  });

  test('alone fail in the singular, and in one zone where all of it is there', () => {
    const one = { ...whole, name: 'components-fail', reason: 'api fails', causes: ['api'] };
    expect(found([saw.alarm('api-5xx', az1, 20)])).toEqual([
      {
        ...one,
        zone: az1,
        since: second(20),
        confirmSeconds: aloneSeconds,
        evidence: [`api-5xx-${az1}-failing@20`],
      },
    ]);
    const over = [saw.alarm('api-5xx', az1, 20), saw.alarm('api-latency', null, 30)];
    expect(found(over)).toMatchObject([{ zone: az1, reason: 'api fails' }]);
    expect(found([...over, saw.alarm('api-5xx', az2, 30)])).toMatchObject([{ zone: null, reason: 'api fails' }]);
  });

  test('that share a cause are one', () => {
    expect(found([saw.alarm('api-pods-unready', az1, 20), saw.alarm('cluster-nodes-notready', az1, 10)])).toEqual([
      {
        level: 1,
        zone: az1,
        name: 'components-fail',
        reason: 'node fails',
        since: second(10),
        confirmSeconds: aloneSeconds,
        evidence: [`cluster-nodes-notready-${az1}-failing@10`, `api-pods-unready-${az1}-failing@20`],
        causes: ['node'],
      },
    ]);
  });
});

describe('observers', () => {
  test('several are users who fail, and one is an observer that fails alone', () => {
    const [one, other] = [saw.canary('eu-west-1', 20), saw.canary('ap-southeast-1', 10)];
    const evidence = ['canary-ap-southeast-1-failing@10', 'canary-eu-west-1-failing@20'];
    const told = {
      ...whole,
      reason: 'users fail, as seen from ap-southeast-1, eu-west-1',
      evidence,
      causes: ['users'],
    };
    expect(found([one, other])).toEqual([
      { ...told, name: 'users-fail', since: second(20), confirmSeconds },
      { ...told, name: 'users-fail', since: second(10), confirmSeconds: aloneSeconds },
    ]);
    expect(found([one])).toEqual([
      {
        ...whole,
        name: 'observer-fails',
        reason: 'the canary in eu-west-1 fails alone',
        since: second(20),
        confirmSeconds: aloneSeconds,
        evidence: ['canary-eu-west-1-failing@20'],
        causes: ['observer-eu-west-1'],
      },
    ]);
  });

  test('that are silent count from when as many are as the plan asks for', () => {
    const silent = [saw.canary('eu-west-1', 20, 'unknown'), saw.canary('ap-southeast-1', 10, 'unknown')];
    expect(found(silent)).toEqual([
      {
        ...whole,
        name: 'observers-silent',
        reason: 'the canaries in ap-southeast-1, eu-west-1 give no data',
        since: second(20),
        confirmSeconds: aloneSeconds,
        evidence: ['canary-ap-southeast-1-unknown@10', 'canary-eu-west-1-unknown@20'],
        causes: ['telemetry'],
      },
    ]);
    expect(found(silent.slice(1))).toEqual([]);
  });

  test('one of several that fail is nothing new to who heard that users do', () => {
    expect(isTold('observer-eu-west-1', new Set(['users']))).toBe(true);
    expect(isTold('observer-eu-west-1', new Set(['observer-eu-west-1']))).toBe(true);
    expect(isTold('observer-eu-west-1', new Set(['observer-us-west-2']))).toBe(false);
    expect(isTold('api', new Set(['users']))).toBe(false);
    expect(isTold('api', new Set(['api']))).toBe(true);
    expect(isTold('users', new Set(['observer-eu-west-1']))).toBe(false);
  });
});

describe('what is asked from outside', () => {
  test('several control planes are believed soon, and one alone after a while', () => {
    const evidence = ['probe-rds-failing@10', 'probe-ec2-failing@20'];
    const reason = "AWS's control planes of ec2, rds fail";
    const told = { ...whole, name: 'control-planes-fail', reason, evidence, causes: ['control-plane'] };
    expect(found([saw.probe('ec2', 20), saw.probe('rds', 10)])).toEqual([
      { ...told, since: second(20), confirmSeconds },
      { ...told, since: second(10), confirmSeconds: aloneSeconds },
    ]);
    expect(found([saw.probe('ec2', 20)])).toMatchObject([
      { name: 'control-planes-fail', reason: "AWS's control planes of ec2 fail", since: second(20) },
    ]);
  });

  test('the heartbeat is missing by its alarm, and by a beat that did not come', () => {
    const told = { ...whole, name: 'heartbeat-missing', reason: 'the heartbeat is missing', causes: ['heartbeat'] };
    expect(found([saw.heartbeat(20)])).toEqual([
      { ...told, since: second(20), confirmSeconds, evidence: ['heartbeat-failing@20'] },
    ]);
    const beat = { ...saw.beat(-60), everySeconds: 60 } as Signal;
    expect(found([beat, saw.run('eu-west-1', 90, true)])).toEqual([
      { ...told, since: second(90), confirmSeconds, evidence: ['beat@-60'] },
    ]);
  });

  test('the replica lags, or its lag is not known, which is believed later', () => {
    expect(found([saw.replica(20)])).toEqual([
      {
        ...whole,
        name: 'replica-lags',
        reason: 'the replica lags behind',
        since: second(20),
        confirmSeconds,
        evidence: ['replica-failing@20'],
        causes: ['replica'],
      },
    ]);
    expect(found([saw.replica(20, 'unknown')])).toEqual([
      {
        ...whole,
        name: 'replica-lag-unknown',
        reason: 'the lag of the replica is not known',
        since: second(20),
        confirmSeconds: aloneSeconds,
        evidence: ['replica-unknown@20'],
        causes: ['replica'],
      },
    ]);
  });
});

test('readiness that is lost names its checks, counts from the first, and tells each as a cause', () => {
  expect(found([saw.unready('latch', 20), saw.unready('backup', 30)])).toEqual([
    {
      ...whole,
      name: 'readiness-lost',
      reason: 'not ready for a recovery: backup, latch',
      since: second(20),
      confirmSeconds: readinessSeconds,
      evidence: ['unready-latch-failing@20', 'unready-backup-failing@30'],
      causes: ['readiness:backup', 'readiness:latch'],
    },
  ]);
  expect(found([saw.unready('latch', 20, 'healthy')])).toEqual([]);
});

describe('alarms without data', () => {
  const dark = (place: string | null, seconds: number, ...names: string[]) =>
    saw.alarms(names, place, seconds, 'unknown');
  const several = 'the alarms of several zones have no data: automation is half blind';

  test('of one zone, of as many components as the plan asks for, are a silent zone', () => {
    const zone = [...dark(az1, 10, 'api-5xx', 'worker-errors'), ...dark(az1, 20, 'cache-status')];
    expect(found(zone)).toEqual([
      {
        ...whole,
        name: 'zone-silent',
        reason: `the alarms of ${az1} have no data`,
        since: second(20),
        confirmSeconds: aloneSeconds,
        evidence: [`api-5xx-${az1}-unknown@10`, `worker-errors-${az1}-unknown@10`, `cache-status-${az1}-unknown@20`],
        causes: ['telemetry'],
      },
    ]);
    expect(found(zone.slice(0, 2))).toEqual([]);
    expect(found(dark(null, 10, 'api-5xx', 'worker-errors', 'cache-status'))).toEqual([]);
  });

  test('of several zones are lost telemetry, whatever each of them lacks', () => {
    const zones = [...dark(az1, 10, 'api-5xx', 'worker-errors'), ...dark(az2, 20, 'cache-status')];
    expect(found([...zones, ...dark(null, 30, 'database-latency')])).toEqual([
      {
        ...whole,
        name: 'telemetry-lost',
        reason: several,
        since: second(20),
        confirmSeconds,
        evidence: [
          `api-5xx-${az1}-unknown@10`,
          `worker-errors-${az1}-unknown@10`,
          `cache-status-${az2}-unknown@20`,
          'database-latency-null-unknown@30',
        ],
        causes: ['telemetry'],
      },
    ]);
    const alike = [...dark(az1, 10, 'api-5xx', 'worker-errors'), ...dark(az2, 20, 'api-5xx')];
    expect(found(alike)).toEqual([]);
    const full = [az1, az2].flatMap((place) => dark(place, 10, 'api-5xx', 'worker-errors', 'cache-status'));
    expect(found(full).map(({ reason }) => reason)).toEqual([
      several,
      `the alarms of ${az1} have no data`,
      `the alarms of ${az2} have no data`,
    ]);
  });
});

describe('what AWS did by itself', () => {
  test('is news for as long as recovery takes, told by the first of it', () => {
    const signals = [saw.database('failover-completed', 20), saw.cache('failover-completed', 10)];
    expect(found(signals)).toEqual([
      {
        ...whole,
        name: 'aws-acted',
        reason: 'AWS failed chatops-redis over',
        since: second(10),
        confirmSeconds,
        evidence: ['cache-failover-completed@10', 'database-failover-completed@20'],
        causes: ['aws-event'],
      },
    ]);
    expect(found(signals, 10 + recoverySeconds)).toMatchObject([
      { reason: 'AWS failed chatops-prod over', evidence: ['database-failover-completed@20'] },
    ]);
    expect(found(signals, 20 + recoverySeconds)).toEqual([]);
  });

  test.for<[string, Signal]>([
    [`AWS moved traffic out of ${az1}`, saw.autoshift(az1, 20)],
    [`AWS let traffic back into ${az1}`, saw.autoshift(az1, 20, false)],
    ['AWS failed chatops-prod over', saw.database('failover-started', 20)],
    ['replication of chatops-prod stopped', saw.database('replication-stopped', 20)],
  ])('is told as: %s', ([reason, signal]) => {
    expect(found([signal])).toMatchObject([{ name: 'aws-acted', reason, since: second(20), evidence: [signal.id] }]);
  });
});
