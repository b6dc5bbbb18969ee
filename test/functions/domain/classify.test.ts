// Tests of classification: what evidence makes which level, from which count on, and since when.
import { expect, test } from 'vitest';
import { classify, rank } from '../../../functions/domain/classify.ts';
import type { Plan } from '../../../functions/domain/plan.ts';
import type { Level, Signal } from '../../../functions/domain/types.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, az4, plan, region } from './sightings.ts';

const { degradation, zone, region: disaster, recoverySeconds, retentionSeconds } = plan.evidence;
const late = 900;

function at(seconds: number, signals: readonly Signal[], changed: Plan = plan) {
  return classify(signals, region, changed, after(seconds));
}

const here = ['api-5xx', 'database-latency', 'cluster-status'];
const zoneDown = saw.alarms(here, az1, 0);
const withoutDatabase = saw.alarms(['api-5xx', 'cluster-status', 'ingress-5xx'], az1, 0);
const users = [saw.canary('eu-west-1', 0), saw.canary('ap-southeast-1', 0)];
const planes = [saw.probe('ec2', 0), saw.probe('rds', 0)];
const everywhere = [az1, az2, az4].map((place) => saw.alarm('api-5xx', place, 0));
const shared = [az1, az2].flatMap((place) =>
  saw.alarms(['database-status', 'cache-status', 'cluster-status'], place, 0),
);
const darkZone = (place: string, components = ['api', 'worker', 'cache']) =>
  saw.alarms(
    components.map((one) => `${one}-status`),
    place,
    0,
    'unknown',
  );
const noted = [saw.autoshift(az1, 0)];

type Case = readonly [string, readonly Signal[], Level, (string | null)?];

test.for([
  // The region.
  ['users at two observers, several zones and two control planes', [...users, ...everywhere, ...planes], 3],
  ['users, several zones and the missing heartbeat', [...users, ...everywhere, saw.heartbeat(0)], 3],
  ['users and several managed services in several zones', [...users, ...shared], 3],
  ['users, the missing heartbeat and control planes without any zone', [...users, ...planes, saw.heartbeat(0)], 3],
  [
    'users and control planes, with zones that give no data',
    [...users, ...planes, ...darkZone(az1), ...darkZone(az2)],
    3,
  ],
  ['one observer with all the rest', [users[0] as Signal, ...everywhere, ...planes], 1],
  [
    'the observer inside the region as the second one',
    [users[0] as Signal, saw.canary(region, 0), ...everywhere, ...planes],
    1,
  ],
  ['one control plane with users and zones', [...users, ...everywhere, saw.probe('ec2', 0)], 1],
  ['one zone with users and control planes', [...users, ...planes, saw.alarm('api-5xx', az1, 0)], 'unknown'],
  [
    'control planes of soft and unused dependencies',
    [...users, ...everywhere, saw.probe('lambda', 0), saw.probe('kinesis', 0)],
    1,
  ],
  [
    'two managed services in several zones, with users',
    [...users, ...shared.filter(({ id }) => !id.includes('cache'))],
    1,
  ],
  ['application components in several zones, with users', [...users, ...everywhere], 1],
  [
    'a zone that fails, with strays elsewhere, users and control planes',
    [...zoneDown, saw.alarm('worker-errors', az2, 0), ...users, ...planes],
    2,
    az1,
  ],
  [
    'the same without a heartbeat',
    [...zoneDown, saw.alarm('worker-errors', az2, 0), ...users, ...planes, saw.heartbeat(0)],
    3,
  ],
  // One zone.
  ['three components of one zone', zoneDown, 2, az1],
  ['two components of one zone', zoneDown.slice(0, 2), 1, az1],
  ['three alarms of two components', [...zoneDown.slice(0, 2), saw.alarm('api-latency', az1, 0)], 1, az1],
  [
    'three components whose alarms one lost node moves',
    saw.alarms(['api-pods-unready', 'worker-pods-unready', 'cluster-nodes-notready'], az1, 0),
    1,
    az1,
  ],
  [
    'the same, and one with a cause of its own',
    saw.alarms(['api-pods-unready', 'worker-pods-unready', 'cache-status'], az1, 0),
    2,
    az1,
  ],
  ['two components where AWS moved traffic away', [...zoneDown.slice(0, 2), ...noted], 2, az1],
  ['two components where AWS let traffic back', [...zoneDown.slice(0, 2), saw.autoshift(az1, 0, false)], 1, az1],
  ['two components where a bulletin names the zone', [...zoneDown.slice(0, 2), saw.bulletin([az1], 0)], 2, az1],
  ['two components where a bulletin named the zone', [...zoneDown.slice(0, 2), saw.bulletin([az1], 0, false)], 1, az1],
  [
    'two components where a bulletin of an unused service names the zone',
    [...zoneDown.slice(0, 2), saw.bulletin([az1], 0, true, 'kinesis')],
    1,
    az1,
  ],
  ['two components where AWS speaks of another zone', [...zoneDown.slice(0, 2), saw.autoshift(az2, 0)], 1, az1],
  [
    'two components of one cause where AWS moved traffic away',
    [...saw.alarms(['api-pods-unready', 'worker-pods-unready'], az1, 0), ...noted],
    1,
    az1,
  ],
  [
    'a zone, and one stray component in each other zone',
    [...zoneDown, saw.alarm('worker-errors', az2, 0), saw.alarm('cache-status', az4, 0)],
    2,
    az1,
  ],
  [
    'a zone, and two components in another zone',
    [...withoutDatabase, ...saw.alarms(['worker-errors', 'cache-status'], az2, 0)],
    1,
  ],
  ['a zone, and one of its components elsewhere too', [...zoneDown, saw.alarm('api-5xx', az2, 0)], 1],
  [
    'a zone with its database, and the users of the database elsewhere',
    [
      ...zoneDown,
      saw.alarm('cache-status', az1, 0),
      ...saw.alarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az2, 0),
    ],
    2,
    az1,
  ],
  [
    'a zone, and alarms over the region',
    [...zoneDown, ...saw.alarms(['api-5xx', 'ingress-healthcheck'], null, 0)],
    2,
    az1,
  ],
  ['a zone whose neighbours give no data', [...zoneDown, ...darkZone(az2)], 'unknown', az1],
  ['a zone, and two components without data elsewhere', [...zoneDown, ...darkZone(az2, ['api', 'worker'])], 2, az1],
  [
    'a zone whose neighbours give data by another alarm',
    [...zoneDown, ...darkZone(az2), saw.alarm('worker-errors', az2, 0, 'healthy')],
    2,
    az1,
  ],
  ['two zones that fail alike', [...zoneDown, ...saw.alarms(here, az2, 0)], 1],
  // A zone that is half seen.
  [
    'one component that fails and two without data in a zone',
    [saw.alarm('database-latency', az1, 0), ...darkZone(az1, ['api', 'worker'])],
    'unknown',
    az1,
  ],
  [
    'one component that fails and one without data in a zone',
    [saw.alarm('database-latency', az1, 0), ...darkZone(az1, ['api'])],
    1,
    az1,
  ],
  ['three without data in a zone that AWS left', [...darkZone(az1), ...noted], 'unknown', az1],
  ['three without data in a zone', darkZone(az1), 1],
  [
    'three without data everywhere, and one that fails',
    [...[az1, az2, az4].flatMap((one) => darkZone(one)), saw.alarm('database-latency', az1, 0)],
    1,
    az1,
  ],
  // What contradicts itself.
  ['users fail, and nothing says why', users, 'unknown'],
  ['users fail, and a component too', [...users, saw.alarm('api-5xx', null, 0)], 1],
  ['users fail, and a control plane', [...users, saw.probe('ec2', 0)], 1],
  ['users fail, and a release has just ended', [...users, saw.release('ended', 0)], 1],
  ['users fail, and the heartbeat is missing', [...users, saw.heartbeat(0)], 'unknown'],
  ['users fail, and the control planes', [...users, ...planes], 'unknown'],
  ['users fail, the control planes, and a release', [...users, ...planes, saw.release('ended', 0)], 'unknown'],
  ['managed services in several zones, and users do not fail', shared, 'unknown'],
  ['who reports a dead region cannot reach it, and others can', [saw.canary('us-west-2', 0), ...planes], 'unknown'],
  ['the same by the heartbeat', [saw.canary('us-west-2', 0), saw.heartbeat(0)], 'unknown'],
  ['the same by one control plane', [saw.canary('us-west-2', 0), saw.probe('ec2', 0)], 1],
  [
    'another observer fails than the one that reports a dead region',
    [saw.canary('eu-west-1', 0), ...planes, saw.heartbeat(0)],
    1,
  ],
  // Degradations.
  ['two components', saw.alarms(['api-5xx', 'cache-status'], null, 0), 1],
  ['one component', [saw.alarm('api-5xx', null, 0)], 1],
  ['one observer', [saw.canary('eu-west-1', 0)], 1],
  ['the observer inside the region', [saw.canary(region, 0)], 0],
  ['two control planes', planes, 1],
  ['one control plane', [saw.probe('ec2', 0)], 1],
  ['a control plane of a soft dependency', [saw.probe('s3', 0)], 0],
  ['the missing heartbeat', [saw.heartbeat(0)], 1],
  ['a replica that lags', [saw.replica(0)], 1],
  ['a replica whose lag is not known', [saw.replica(0, 'unknown')], 1],
  ['three components of two zones without data', [...darkZone(az1, ['api', 'worker']), ...darkZone(az2, ['cache'])], 1],
  ['two components of two zones without data', [...darkZone(az1, ['api', 'worker']), ...darkZone(az2, ['api'])], 0],
  [
    'what is explained and fails',
    [saw.release('started', -60), ...saw.alarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az1, 0)],
    1,
    az1,
  ],
  ['an experiment that moves traffic', [{ ...saw.autoshift(az1, 0), cause: 'experiment' } as Signal], 0],
  ['a bulletin alone', [saw.bulletin([az1], 0)], 0],
  [
    'beats, runs that pass and healthy alarms',
    [saw.beat(0), saw.run('eu-west-1', 0, true), ...saw.alarms(here, az1, 0, 'healthy')],
    0,
  ],
  ['runs that fail without an alarm', [saw.run('eu-west-1', 0, false), saw.run('us-west-2', 0, false)], 0],
  ['nothing at all', [], 0],
] as Case[])('$0: level $2', ([, signals, level, place = null]) => {
  const found = at(late, signals);
  expect([found.level, found.scope.zone]).toEqual([level, level === 0 ? null : place]);
  expect(found.reason).not.toBe('');
  expect(level === 0 || found.evidence.length > 0).toBe(true);
});

test.for([
  ['AWS moved traffic', saw.autoshift(az1, 0)],
  ['AWS let traffic back', saw.autoshift(az1, 0, false)],
  ['AWS began to fail the database over', saw.database('failover-started', 0)],
  ['AWS failed the database over', saw.database('failover-completed', 0)],
  ['replication stopped', saw.database('replication-stopped', 0)],
  ['AWS failed the cache over', saw.cache('failover-completed', 0)],
] as const)('people hear that %s, and it is news for as long as recovery takes', ([, signal]) => {
  expect(at(degradation.confirmSeconds, [signal])).toMatchObject({ level: 1, causes: ['aws-event'] });
  expect(at(recoverySeconds - 0.001, [signal]).level).toBe(1);
  expect(at(recoverySeconds, [signal])).toMatchObject({ level: 0, wellSince: after(0) });
  expect(at(degradation.confirmSeconds, [signal]).lookAgainAt).toBe(after(recoverySeconds));
});

test.for([
  ['a restart', saw.database('restarted', 0)],
  ['a cache failover that has only begun', saw.cache('failover-started', 0)],
] as const)('%s is no news', ([, signal]) => {
  expect(at(degradation.confirmSeconds, [signal]).level).toBe(0);
});

test.for([
  ['a region disaster', [...users, ...everywhere, ...planes], 3, disaster.confirmSeconds],
  ['a zone failure', zoneDown, 2, zone.confirmSeconds],
  ['a zone failure with neighbours unseen', [...zoneDown, ...darkZone(az2)], 'unknown', zone.confirmSeconds],
  ['users who fail without a reason', users, 'unknown', disaster.unconfirmedSeconds],
  [
    'a half seen zone',
    [saw.alarm('database-latency', az1, 0), ...darkZone(az1, ['api', 'worker'])],
    'unknown',
    disaster.unconfirmedSeconds,
  ],
  ['managed services without users', shared, 'unknown', disaster.unconfirmedSeconds],
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
  expect(at(500 + zone.confirmSeconds - 0.001, signals).level).toBe(1);
  expect(at(500 + zone.confirmSeconds, signals)).toMatchObject({ level: 2, since: after(500) });
});

test('an alarm that fails beside another of its component does not restart the clock', () => {
  const signals = [...zoneDown, saw.alarm('api-latency', az1, 70)];
  expect(at(zone.confirmSeconds, signals)).toMatchObject({ level: 2, since: after(0) });
});

test('a zone whose neighbours have only just recovered starts its confirmation anew', () => {
  const neighbours = saw.alarms(['worker-errors', 'cache-status'], az2, 200, 'healthy');
  expect(at(200 + zone.confirmSeconds - 0.001, [...withoutDatabase, ...neighbours]).level).toBe(1);
  expect(at(200 + zone.confirmSeconds, [...withoutDatabase, ...neighbours])).toMatchObject({
    level: 2,
    since: after(200),
  });
});

test('one neighbour that recovered is within what may stray', () => {
  const neighbour = saw.alarm('worker-errors', az2, 200, 'healthy');
  expect(at(zone.confirmSeconds + 200, [...withoutDatabase, neighbour]).since).toBe(after(0));
});

test('what healed in a zone is no evidence that it failed there before', () => {
  const signals = [
    ...saw.alarms(here.slice(0, 2), az1, 0),
    saw.alarm('worker-errors', az1, 80, 'healthy'),
    saw.alarm('cluster-status', az1, 60),
  ];
  expect(at(60 + zone.confirmSeconds - 0.001, signals).level).toBe(1);
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
  const again = disaster.unconfirmedSeconds;
  const seen = (failed: number) => [...users, saw.run('eu-west-1', 60, true), saw.run('eu-west-1', failed, false)];
  expect(at(late, [...seen(60 + again - 0.001)]).causes).toEqual(['users']);
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
  expect(at(10, [saw.alarm('api-5xx', az1, 0)]).reason).toBe('what fails has not held long enough');
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

test('levels are ordered by what they call for', () => {
  const levels: Level[] = [3, 'unknown', 0, 2, 1];
  expect(levels.sort((a, b) => rank(a) - rank(b))).toEqual([0, 1, 'unknown', 2, 3]);
});
