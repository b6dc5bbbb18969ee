// Tests of classification: what evidence, once it has held, makes which level.
import { expect, test } from 'vitest';
import { classify, rank } from '../../../../functions/domain/evidence/classify.ts';
import type { Level, Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { darkZone, everywhere, here, managed, noted, planes, users, withoutDatabase, zoneDown } from './evidence.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, az4, region } from './sightings.ts';

/** Long after everything was confirmed. */
const late = 900;

function at(seconds: number, signals: readonly Signal[]) {
  return classify(signals, region, plan, after(seconds));
}

type Case = readonly [string, readonly Signal[], Level, (string | null)?];

test.for([
  // The region.
  ['users at two observers, several zones and two control planes', [...users, ...everywhere, ...planes], 3],
  ['users, several zones and the missing heartbeat', [...users, ...everywhere, saw.heartbeat(0)], 3],
  ['users and several managed services in several zones', [...users, ...managed], 3],
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
    [...users, ...managed.filter(({ id }) => !id.includes('cache'))],
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
  [
    'a zone that fails, with strays elsewhere, users and no heartbeat',
    [...zoneDown, saw.alarm('worker-errors', az2, 0), ...users, saw.heartbeat(0)],
    2,
    az1,
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
  ['two components where a bulletin names the zone', [...zoneDown.slice(0, 2), saw.bulletin([az1], 0)], 1, az1],
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
  ['two zones that fail alike', [...zoneDown, ...saw.alarms(here, az2, 0)], 'unknown'],
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
  ['users fail, and two zones give no data', [...users, ...darkZone(az1), ...darkZone(az2)], 'unknown'],
  ['users fail, and a component too', [...users, saw.alarm('api-5xx', null, 0)], 1],
  ['users fail, and a control plane', [...users, saw.probe('ec2', 0)], 1],
  ['users fail, and a release has just ended', [...users, saw.release('ended', 0)], 1],
  ['users fail, and the heartbeat is missing', [...users, saw.heartbeat(0)], 'unknown'],
  ['users fail, and the control planes', [...users, ...planes], 'unknown'],
  ['users fail, the control planes, and a release', [...users, ...planes, saw.release('ended', 0)], 'unknown'],
  ['managed services in several zones, and users do not fail', managed, 'unknown'],
  ['managed services in several zones, in planned work', [saw.maintenance('started', ['all'], 0), ...managed], 1],
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

test('levels are ordered by what they call for', () => {
  const levels: Level[] = [3, 'unknown', 0, 2, 1];
  expect(levels.sort((a, b) => rank(a) - rank(b))).toEqual([0, 1, 'unknown', 2, 3]);
});
