// Evidence that somebody contradicts who would have to see it too: people are called to it, and nothing is moved or asked.
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { everywhere, noted, planes, users } from './evidence.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, region } from './sightings.ts';

const { zone, region: disaster } = plan.evidence;
const { traffic, costly } = zone.confirmSeconds;
const outside = ['us-west-2', 'eu-west-1', 'ap-southeast-1'];
const at = (seconds: number, signals: readonly Signal[]) => classify(signals, region, plan, after(seconds));

describe('a zone whose application says that requests fail, while everybody outside sees every visit answered', () => {
  const application = saw.alarms(['api-5xx', 'cluster-nodes-notready', 'worker-pods-unready'], az1, 0);
  const served = (seconds: number, value?: number) => outside.map((one) => saw.run(one, seconds, true, value));

  test('is held when it would have been left', () => {
    const seen = [...application, ...served(20)];
    expect(at(costly - 0.001, seen).level).not.toBe('unknown');
    expect(at(costly, seen)).toMatchObject({
      level: 'unknown',
      indication: 'zone-lost-users-well',
      scope: { region, zone: az1 },
      reason: `api, cluster, worker fail in ${az1}, but all observers see every visit answered`,
    });
  });

  test('is left once a visit fails', () => {
    const seen = [...application, ...served(20), saw.run('eu-west-1', 80, false)];
    expect(at(80, seen)).toMatchObject({ level: 2, indication: 'zone-lost', scope: { zone: az1 } });
  });

  test.for<[string, readonly Signal[]]>([
    ['one observer has not been heard since', [...served(20).slice(1), saw.run('us-west-2', -10, true)]],
    ['one observer is not heard at all', served(20).slice(1)],
    ['one observer has seen some fail since', [...served(40), saw.run('eu-west-1', 20, false)]],
    ['one visit of ten was not answered', [...served(20).slice(1), saw.run('us-west-2', 20, true, 0.9)]],
    ['one observer does not tell its share', served(20).map((one, index) => (index === 0 ? untold(one) : one))],
    ['the runs were of long ago', served(costly - 180)],
  ])('is left where %s', ([, runs]) => {
    expect(at(costly, [...application, ...runs])).toMatchObject({ level: 2, indication: 'zone-lost' });
  });

  test('is left where infrastructure of several causes makes a zone case without the application: a balancer may have left it', () => {
    const infrastructure = [...application, saw.alarm('database-latency', az1, 0)];
    expect(at(costly - 0.001, [...infrastructure, ...served(20)]).level).not.toBe(2);
    expect(at(costly, [...infrastructure, ...served(20)])).toMatchObject({ level: 2, indication: 'zone-lost' });
  });

  test('is held where AWS has moved traffic out of it, and nothing but the application fails there', () => {
    const few = [...saw.alarms(['api-5xx', 'cluster-nodes-notready'], az1, 0), ...noted];
    expect(at(costly, few).level).toBe(2);
    expect(at(costly, [...few, ...served(20)]).indication).toBe('zone-lost-users-well');
  });
});

function untold(run: Signal): Signal {
  return { ...run, value: undefined };
}

describe('users who began to fail after the alarms of a zone rose', () => {
  const zoneDown = saw.alarms(['database-latency', 'cache-connections', 'api-latency'], az1, 0);
  const firstFails = (passed: number, failed: number, value?: number) =>
    outside.flatMap((one) => [saw.run(one, passed, true, value), saw.run(one, failed, false)]);
  /** One observer saw users fail earlier, and served since; the others see them fail now. */
  const earlier = (failed: number) => [
    ...firstFails(-40, 5).filter(({ observer }) => observer !== 'eu-west-1'),
    saw.run('eu-west-1', failed, false),
    saw.run('eu-west-1', -10, true),
  ];
  const soonest = (runs: readonly Signal[]) => at(traffic + 5, [...zoneDown, ...runs]).level === 2;

  test('do not hurry: alarms tell of the minutes before them', () => {
    expect(soonest(firstFails(-40, 5))).toBe(false);
    expect(at(costly, [...zoneDown, ...firstFails(-40, 5)]).level).toBe(2);
  });

  test.for<[string, readonly Signal[]]>([
    ['failed before them', firstFails(-80, -20)],
    ['failed in some visits before them', firstFails(-40, 5, 0.9)],
    ['have failed since a run that was due before them', firstFails(-110, 5)],
    ['failed before them at another observer', earlier(-20)],
    ['failed before them ten minutes ago', earlier(-600)],
  ])('hurry where users %s', ([, runs]) => {
    expect(soonest(runs)).toBe(true);
  });

  test('do not hurry for a failure of long ago', () => {
    expect(soonest(earlier(-601))).toBe(false);
  });
});

describe('a region of which nothing is heard, and that sends its beats', () => {
  const beat = (seconds: number): Signal => ({ ...saw.beat(seconds), everySeconds: 60 }) as Signal;
  const silence = [...users, ...planes, saw.heartbeat(0)];
  const { confirmSeconds, overwhelmingSeconds, unconfirmedSeconds } = disaster;
  const heldAs = (signals: readonly Signal[], seconds: number) => {
    expect(at(seconds - 0.001, signals).level).not.toBe('unknown');
    expect(at(seconds, signals)).toMatchObject({ level: 'unknown', indication: 'region-lost-or-cut-off' });
  };

  test('is held when people would have been asked', () => {
    heldAs([...silence, beat(-0.1)], confirmSeconds);
    heldAs([...silence, beat(-0.1), saw.canary('us-west-2', 0)], overwhelmingSeconds);
    heldAs([...silence, beat(10)], confirmSeconds);
    expect(at(confirmSeconds, [...silence, beat(10)]).reason).toBe(
      "users fail, as seen from ap-southeast-1, eu-west-1; AWS's control planes of ec2, rds fail, and the heartbeat is missing; but the region itself says that it is alive",
    );
  });

  test('is asked about once two beats have not come', () => {
    const due = -20 + 150;
    expect(at(due - 1, [...silence, beat(-20)]).indication).toBe('region-lost-or-cut-off');
    expect(at(due + confirmSeconds - 0.001, [...silence, beat(-20)]).level).not.toBe(3);
    expect(at(due + confirmSeconds, [...silence, beat(-20)])).toMatchObject({ level: 3, since: after(due) });
  });

  test.for<[string, readonly Signal[]]>([
    ['the alarm missed the beats that should have followed', [beat(-150)]],
    ['a beat of before does not say when the next one follows', [saw.beat(-0.1)]],
    ['several zones fail', [beat(-0.1), ...everywhere]],
    ['zones give no data', [beat(-0.1), ...[az1, az2].flatMap((one) => dark(one))]],
  ])('is asked about where %s', ([, signals]) => {
    expect(at(confirmSeconds, [...silence, ...signals])).toMatchObject({ level: 3, indication: 'region-lost' });
  });

  test('is asked about after a while, for beats may be forged: but not while its own canary sees every visit answered', () => {
    const long = unconfirmedSeconds + confirmSeconds;
    const own = (value?: number) => saw.run(region, long - 30, true, value);
    expect(at(long, [...silence, beat(long - 30)]).indication).toBe('region-lost');
    expect(at(long, [...silence, beat(long - 30), own()]).indication).toBe('region-lost-or-cut-off');
    expect(at(long, [...silence, beat(long - 30), own(0.9)]).indication).toBe('region-lost');
    expect(at(long, [...silence, beat(long - 30), untold(own())]).indication).toBe('region-lost');
    expect(at(long, [...silence, beat(-200), own()]).indication).toBe('region-lost');
  });
});

describe('a region of which nothing is heard, and that answers some visits from outside', () => {
  const { confirmSeconds, unconfirmedSeconds } = disaster;
  const silence = [...users, ...planes, saw.heartbeat(0)];
  const partly = (seconds: number, value: number) => saw.run('us-west-2', seconds, false, value);

  test('is held when people would have been asked', () => {
    const found = at(confirmSeconds, [...silence, partly(40, 0.1)]);
    expect(found).toMatchObject({ level: 'unknown', indication: 'region-lost-or-cut-off' });
    expect(found.reason).toContain('; but visits from us-west-2 are answered in part');
    expect(at(confirmSeconds, [...silence, partly(40, 0)]).indication).toBe('region-lost');
  });

  test('is asked about when it answers no more, or that has lasted: it may be forged', () => {
    expect(at(200, [...silence, partly(40, 0.1)]).indication).toBe('region-lost-or-cut-off');
    expect(at(220, [...silence, partly(40, 0.1)]).indication).toBe('region-lost');
    const long = unconfirmedSeconds + confirmSeconds;
    expect(at(long - 0.001, [...silence, partly(long - 20, 0.1)]).indication).toBe('region-lost-or-cut-off');
    expect(at(long, [...silence, partly(long - 20, 0.1)])).toMatchObject({
      indication: 'region-lost',
      since: after(unconfirmedSeconds),
    });
  });

  test('is asked about at once where it says itself that several zones fail', () => {
    expect(at(confirmSeconds, [...silence, partly(40, 0.1), ...everywhere]).indication).toBe('region-lost');
  });
});

describe('alarms over the region beside one zone that fails', () => {
  const names = ['database-latency', 'cache-latency', 'cluster-status'];
  const regional = saw.alarms(names, null, 0);
  const besides = [...users, ...planes, ...regional];

  test('say the same once more, where nothing else fails than in the zone', () => {
    expect(at(900, [...besides, ...saw.alarms(names, az1, 0)])).toMatchObject({ level: 2, scope: { zone: az1 } });
  });

  test('span the region where what they are about fails in no zone, or in several', () => {
    expect(at(900, besides).indication).toBe('region-lost');
    const others = saw.alarms(['api-5xx', 'worker-errors', 'cluster-status'], az1, 0);
    const two = [
      saw.alarm('database-latency', null, 0),
      saw.alarm('cache-latency', null, 0),
      saw.alarm('ingress-5xx', null, 0),
    ];
    expect(at(900, [...users, ...planes, ...two, ...others]).indication).toBe('region-lost');
  });
});

function dark(place: string): Signal[] {
  return saw.alarms(['api-status', 'worker-status', 'cache-status'], place, 0, 'unknown');
}
