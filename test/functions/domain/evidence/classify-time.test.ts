// Tests of classification in time: since when evidence counts, what contradicts it, and when all is well.
import { describe, expect, test } from 'vitest';
import { classify, rank } from '../../../../functions/domain/evidence/classify.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { darkZone, everywhere, here, managed, planes, users, withoutDatabase, zoneDown } from './evidence.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, region } from './sightings.ts';

const { degradation, zone, region: disaster, recoverySeconds, retentionSeconds } = plan.evidence;
const late = 900;

function at(seconds: number, signals: readonly Signal[]) {
  return classify(signals, region, plan, after(seconds));
}

test.for([
  ['AWS let traffic back', saw.autoshift(az1, 0, false)],
  ['AWS began to fail the database over', saw.database('failover-started', 0)],
  ['AWS failed the database over', saw.database('failover-completed', 0)],
  ['AWS failed the cache over', saw.cache('failover-completed', 0)],
] as const)('people hear that %s, and it is news for as long as recovery takes', ([, signal]) => {
  expect(at(degradation.confirmSeconds, [signal])).toMatchObject({ level: 1, causes: ['aws-event'] });
  expect(at(recoverySeconds - 0.001, [signal]).level).toBe(1);
  // What ElastiCache tells comes by way of a topic, to which others may publish: it keeps no incident open.
  const wellSince = signal.kind === 'cache' ? 0 : after(0);
  expect(at(recoverySeconds, [signal])).toMatchObject({ level: 0, wellSince });
  expect(at(degradation.confirmSeconds, [signal]).lookAgainAt).toBe(after(recoverySeconds));
});

test('a zone that fails by what needs a database is looked at again when its failover counts for nothing', () => {
  const quick = { ...plan, evidence: { ...plan.evidence, recoverySeconds: 60 } };
  const application = saw.alarms(['api-5xx', 'ingress-5xx', 'worker-errors'], az1, 0);
  const seen = (seconds: number) =>
    classify([...application, saw.database('failover-started', 30)], region, quick, after(seconds));
  expect(seen(320)).toMatchObject({ level: 'unknown', indication: 'zone-lost-or-dependency', lookAgainAt: after(330) });
  const { costly } = zone.confirmSeconds;
  expect(seen(330 + costly - 0.001).level).not.toBe(2);
  expect(seen(330 + costly)).toMatchObject({ level: 2, indication: 'zone-lost', since: after(330) });
});

test.for([
  ['traffic that AWS moved', saw.autoshift(az1, 0), saw.autoshift(az1, 4000, false)],
  ['replication that stopped', saw.database('replication-stopped', 0), saw.database('replication-resumed', 4000)],
  ['replication that ended', saw.database('replication-stopped', 0), saw.database('promoted', 4000)],
  ['replication that stopped, by its alarm', saw.database('replication-stopped', 0), saw.replica(4000, 'healthy')],
] as const)('%s is no degradation that ends before its opposite', ([, begin, end]) => {
  for (const seconds of [degradation.confirmSeconds, recoverySeconds, 3999])
    expect(at(seconds, [begin])).toMatchObject({ level: 1, indication: 'aws-acted', wellSince: null });
  const over = at(4000 + recoverySeconds, [begin, end]);
  expect(over).toMatchObject({ level: 0, wellSince: after(4000) });
});

test('an autoshift whose end was lost lasts for as long as evidence is kept, and replication until it is known to run', () => {
  expect(at(retentionSeconds - 1, [saw.autoshift(az1, 0)]).level).toBe(1);
  expect(at(retentionSeconds, [saw.autoshift(az1, 0)]).level).toBe(0);
  expect(at(retentionSeconds, [saw.database('replication-stopped', 0)]).level).toBe(1);
  const earlier = [saw.database('replication-resumed', -60), saw.replica(-60, 'healthy')];
  expect(at(retentionSeconds, [...earlier, saw.database('replication-stopped', 0)]).level).toBe(1);
});

test.for([
  ['a restart', saw.database('restarted', 0)],
  ['a cache failover that has only begun', saw.cache('failover-started', 0)],
] as const)('%s is no news', ([, signal]) => {
  expect(at(degradation.confirmSeconds, [signal]).level).toBe(0);
});

test.for([
  ['a region disaster', [...users, ...everywhere, ...planes], 3, disaster.confirmSeconds],
  ['a zone failure', zoneDown, 2, zone.confirmSeconds.costly],
  ['a zone failure with neighbours unseen', [...zoneDown, ...darkZone(az2)], 'unknown', zone.confirmSeconds.costly],
  ['users who fail without a reason', users, 'unknown', disaster.unconfirmedSeconds],
  [
    'a half seen zone',
    [saw.alarm('database-latency', az1, 0), ...darkZone(az1, ['api', 'worker'])],
    'unknown',
    disaster.unconfirmedSeconds,
  ],
  ['managed services without users', managed, 'unknown', disaster.unconfirmedSeconds],
  ['a lost sight', [saw.canary('us-west-2', 0), ...planes], 'unknown', disaster.unconfirmedSeconds],
  ['two causes', saw.alarms(['api-5xx', 'cache-status'], null, 0), 1, degradation.confirmSeconds],
  ['a cause alone', [saw.alarm('api-5xx', null, 0)], 1, degradation.aloneSeconds],
  ['two observers', [...users, saw.alarm('api-5xx', null, 0)], 1, degradation.confirmSeconds],
  ['an observer alone', [saw.canary('eu-west-1', 0)], 1, degradation.aloneSeconds],
  ['two control planes', planes, 1, degradation.confirmSeconds],
  ['a control plane alone', [saw.probe('ec2', 0)], 1, degradation.aloneSeconds],
  ['a missing heartbeat', [saw.heartbeat(0)], 1, degradation.confirmSeconds],
  ['a lagging replica', [saw.replica(0)], 1, degradation.confirmSeconds],
  ['a replica of unknown lag', [saw.replica(0, 'unknown')], 1, degradation.aloneSeconds],
  ['lost readiness', [saw.unready('replica', 0)], 1, degradation.readinessSeconds],
  ['lost telemetry', [...darkZone(az1), ...darkZone(az2)], 1, degradation.confirmSeconds],
  ['a silent zone', darkZone(az1), 1, degradation.aloneSeconds],
  ['news from AWS', [saw.autoshift(az1, 0)], 1, degradation.confirmSeconds],
] as const)(
  '%s is believed when it has held for its time, and not a millisecond sooner',
  ([, signals, level, confirm]) => {
    const before = at(confirm - 0.001, signals);
    expect(rank(before.level)).toBeLessThan(rank(level));
    expect(before.rising).toBe(level);
    expect(at(confirm - 0.001, signals).lookAgainAt).toBe(after(confirm));
    expect(at(confirm, signals)).toMatchObject({ level, since: after(0) });
  },
);

test('the next look is due when the first of what forms is confirmed', () => {
  const found = at(0, [...zoneDown, ...users]);
  expect(found).toMatchObject({ level: 0, rising: 2, since: null });
  expect(found.lookAgainAt).toBe(after(degradation.confirmSeconds));
  expect(at(late, [...zoneDown, ...users]).lookAgainAt).toBe(null);
});

test('evidence counts from when all of it was there', () => {
  const signals = [...saw.alarms(here.slice(0, 2), az1, 0), saw.alarm('cluster-status', az1, 500)];
  expect(at(500 + zone.confirmSeconds.costly - 0.001, signals).level).toBe(1);
  expect(at(500 + zone.confirmSeconds.costly, signals)).toMatchObject({ level: 2, since: after(500) });
});

test('a region counts from when users, zones and control planes all failed', () => {
  const parts = (usersAt: number, zonesAt: number, planesAt: number) => [
    saw.canary('eu-west-1', usersAt),
    saw.canary('ap-southeast-1', usersAt),
    ...[az1, az2].map((place) => saw.alarm('api-5xx', place, zonesAt)),
    ...['ec2', 'rds'].map((service) => saw.probe(service, planesAt)),
  ];
  const orders = [parts(500, 0, 0), parts(0, 500, 0), parts(0, 0, 500)];
  expect(orders.map((signals) => at(500 + disaster.confirmSeconds, signals).since)).toEqual(Array(3).fill(after(500)));
});

test('a cause counts from where it failed first, and of several indications of one level all are named', () => {
  const spread = [saw.alarm('api-5xx', az2, 100), saw.alarm('api-5xx', az1, 0)];
  expect(at(degradation.aloneSeconds, spread)).toMatchObject({ level: 1, since: after(0) });
  const several = [saw.canary('eu-west-1', 100), saw.probe('ec2', 0)];
  expect(at(late, several)).toMatchObject({ since: after(0), causes: ['control-plane', 'observer-eu-west-1'] });
});

test('an alarm that fails beside another of its component does not restart the clock', () => {
  const signals = [...zoneDown, saw.alarm('api-latency', az1, 70)];
  expect(at(zone.confirmSeconds.costly, signals)).toMatchObject({ level: 2, since: after(0) });
});

test('a zone whose neighbours have only just recovered starts its confirmation anew', () => {
  const neighbours = saw.alarms(['worker-errors', 'cache-status'], az2, 200, 'healthy');
  expect(at(200 + zone.confirmSeconds.costly - 0.001, [...withoutDatabase, ...neighbours]).level).toBe(1);
  expect(at(200 + zone.confirmSeconds.costly, [...withoutDatabase, ...neighbours])).toMatchObject({
    level: 2,
    since: after(200),
  });
});

test('one neighbour that recovered is within what may stray', () => {
  const neighbour = saw.alarm('worker-errors', az2, 200, 'healthy');
  expect(at(zone.confirmSeconds.costly + 200, [...withoutDatabase, neighbour]).since).toBe(after(0));
});

test('what healed in a zone is no evidence that it failed there before', () => {
  const signals = [
    ...saw.alarms(here.slice(0, 2), az1, 0),
    saw.alarm('worker-errors', az1, 80, 'healthy'),
    saw.alarm('cluster-status', az1, 60),
  ];
  expect(at(60 + zone.confirmSeconds.costly - 0.001, signals).level).toBe(1);
});

test.for([
  ['a run that passed after the alarm', 1, 0],
  ['a run that passed with the alarm', 0, 1],
  ['a run that passed before the alarm', -1, 1],
] as const)('an observer with %s', ([, passed, level]) => {
  const signals = [saw.canary('eu-west-1', 0), saw.run('eu-west-1', passed, true)];
  expect(at(late, signals).level).toBe(level);
});

test('a run that passed at one observer says nothing about another', () => {
  expect(at(late, [saw.canary('eu-west-1', 0), saw.run('us-west-2', 60, true)]).level).toBe(1);
});

test('an observer counts again when its runs have failed for long enough since the one that passed', () => {
  const again = 110; // the second of two runs a minute apart; the first was due at 120
  const seen = (failed: number) => [...users, saw.run('eu-west-1', 60, true), saw.run('eu-west-1', failed, false)];
  expect(at(late, [...seen(60 + again - 0.001)]).causes).toEqual(['observer-ap-southeast-1']);
  expect(at(late, [...seen(60 + again)])).toMatchObject({ level: 'unknown', since: after(60 + again) });
});

test.for([
  ['a beat after the alarm', 1, 0],
  ['a beat with the alarm', 0, 1],
  ['a beat that was sent before the alarm and arrived late', -1, 1],
] as const)('a missing heartbeat with %s', ([, beat, level]) => {
  expect(at(late, [saw.heartbeat(0), saw.beat(beat)]).level).toBe(level);
});

test('all is well since the newest sign that it is', () => {
  const seen = [saw.alarm('api-5xx', az1, 50, 'healthy'), saw.canary('eu-west-1', 0), saw.run('eu-west-1', 90, true)];
  expect(at(100, seen)).toMatchObject({ level: 0, wellSince: after(90), lookAgainAt: after(90 + recoverySeconds) });
  const beats = [saw.heartbeat(0), saw.beat(70)];
  expect(at(100, beats)).toMatchObject({ level: 0, wellSince: after(70) });
});

test('what has not failed for long is not well', () => {
  expect(at(10, [saw.alarm('api-5xx', az1, 0)])).toMatchObject({ level: 0, wellSince: null });
  expect(at(10, [saw.alarm('api-5xx', az1, 0)]).reason).toBe('something fails, but not for long enough yet');
});

test('what fell silent is not well until nobody expects it back', () => {
  const silent = [saw.alarm('api-5xx', az1, 0, 'unknown')];
  const ends = retentionSeconds;
  expect(at(late, silent)).toMatchObject({ level: 0, wellSince: null, lookAgainAt: after(ends) });
  expect(at(ends - 0.001, silent).wellSince).toBe(null);
  expect(at(ends, silent).wellSince).not.toBe(null);
  expect(at(late, [...silent, saw.alarm('api-latency', az1, 60, 'healthy')]).wellSince).toBe(after(60));
  expect(at(late, [saw.canary('eu-west-1', 0, 'unknown')]).wellSince).toBe(null);
});

test('signals of other regions and of the future are not read', () => {
  const elsewhere = zoneDown.map((signal) => ({ ...signal, region: 'us-west-2' }));
  expect(at(late, elsewhere)).toMatchObject({ level: 0, evidence: [] });
  expect(at(-1, zoneDown)).toMatchObject({ level: 0, lookAgainAt: null });
});

test('a region without zones in the plan is classified too', () => {
  const elsewhere = [...zoneDown, ...users].map((signal) => ({ ...signal, region: 'eu-west-1' }));
  expect(classify(elsewhere, 'eu-west-1', plan, after(late)).level).toBe(1);
});

test('the lost sight is named by the region of who lost it', () => {
  const found = at(late, [saw.canary('us-west-2', 0), ...planes, saw.heartbeat(0)]);
  expect(found.scope).toEqual({ region: 'us-west-2', zone: null });
});

test('a failure counts from its own time, but from its arrival where that is late', () => {
  const { lateSeconds } = plan.evidence;
  const arriving = (delay: number) => zoneDown.map((signal) => ({ ...signal, seenAt: signal.at + delay * 1000 }));
  const last = Math.max(...zoneDown.map((signal) => signal.at - after(0))) / 1000;
  expect(at(last + lateSeconds, arriving(lateSeconds)).level).toBe(2);
  const late = lateSeconds + 0.001;
  expect(at(last + late, arriving(late)).level).not.toBe(2);
  expect(at(last + late + zone.confirmSeconds.costly, arriving(late)).level).toBe(2);
});

describe('runs that pass while several observers’ alarms stand, in a region that says itself that it fails', () => {
  const observers = ['eu-west-1', 'ap-southeast-1'];
  const lost = [...users, ...everywhere, ...planes, saw.heartbeat(0)];
  const lastFailedAt = 1_200;
  const runs = (passed: number, failed: number, value: number) =>
    observers.flatMap((one) => [saw.run(one, failed, false), saw.run(one, passed, true, value)]);
  const levelAt = (seconds: number, passed: number, failed = lastFailedAt, value = 1) =>
    at(seconds, [...lost, ...runs(passed, failed, value)]).level;
  const untilLate = lastFailedAt + disaster.unconfirmedSeconds;

  test('count as a recovery from the second one on, until the alarms should have cleared: it is not asked to give up a region that serves', () => {
    expect(levelAt(lastFailedAt + 61, lastFailedAt + 60)).toBe(3);
    expect(levelAt(lastFailedAt + 110, lastFailedAt + 60)).not.toBe(3);
    expect(levelAt(lastFailedAt + 121, lastFailedAt + 120)).not.toBe(3);
    expect(levelAt(untilLate - 1, untilLate - 2)).not.toBe(3);
  });

  test('are overruled after that: forged ones gain so much and no more', () => {
    expect(levelAt(untilLate, untilLate - 1)).not.toBe(3);
    expect(levelAt(untilLate + disaster.confirmSeconds, untilLate + disaster.confirmSeconds - 1)).toBe(3);
    expect(levelAt(5_000, 4_999)).toBe(3);
  });

  test('are no recovery between runs that fail, however often they come', () => {
    for (const seconds of [1_230, 2_430, 3_630]) expect(levelAt(seconds, seconds - 1, seconds - 30)).toBe(3);
  });

  test('are none where some visits are not answered', () => {
    expect(levelAt(lastFailedAt + 121, lastFailedAt + 120, lastFailedAt, 0.9)).toBe(3);
  });
});

describe('beats that come while the heartbeat’s alarm stands', () => {
  const found = (probed: readonly Signal[], seconds: number) =>
    at(seconds, [...users, ...planes, saw.heartbeat(0), saw.beat(seconds - 1), ...probed]);
  const heard = (probed: readonly Signal[], seconds: number) =>
    found(probed, seconds).evidence.includes(saw.heartbeat(0).id);

  test('are overruled while control planes fail, and not once those answer again', () => {
    expect(heard([], 1_200)).toBe(true);
    const failed = saw.probeRun(1_000, ['ec2', 'rds']);
    expect(heard([failed, saw.probeRun(1_060)], 1_061)).toBe(true);
    expect(heard([failed, saw.probeRun(1_120)], 1_121)).toBe(false);
    expect(heard([failed, saw.probeRun(1_180)], 1_000 + disaster.unconfirmedSeconds)).toBe(true);
  });
});
