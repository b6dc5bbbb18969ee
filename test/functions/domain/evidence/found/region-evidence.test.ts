// What is found about a region, whole: its name, its words, since when, on what it rests, and how long it must hold.
import { describe, expect, test } from 'vitest';
import { drawPicture } from '../../../../../functions/domain/evidence/picture.ts';
import { notKnown, platformFails, regionFailed } from '../../../../../functions/domain/evidence/region-evidence.ts';
import { zoneEvidence, zonesLost } from '../../../../../functions/domain/evidence/zone-evidence.ts';
import type { Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { az1, az2, az4, region, after as second } from '../sightings.ts';

const { confirmSeconds, overwhelmingSeconds, unconfirmedSeconds } = plan.evidence.region;

function look(seconds: number, signals: readonly Signal[]) {
  const now = second(seconds);
  const picture = drawPicture(signals, region, plan, now);
  const zonesFailed = zoneEvidence(picture, region, plan, now);
  const failed = { zonesFailed, zonesLost: zonesFailed.length === 0 ? zonesLost(picture, region, plan) : [] };
  return {
    picture,
    lost: regionFailed(picture, failed, plan, now),
    unknown: notKnown(picture, failed, plan, now).filter((one) => one !== null),
  };
}

const users = [saw.canary('eu-west-1', 10), saw.canary('ap-southeast-1', 20)];
const usersSeen = ['canary-eu-west-1-failing@10', 'canary-ap-southeast-1-failing@20'];
const planes = [saw.probe('rds', 30), saw.probe('ec2', 40)];
const planesSeen = ['probe-rds-failing@30', 'probe-ec2-failing@40'];
const usersWords = 'users fail, as seen from ap-southeast-1, eu-west-1';
const planesWords = "AWS's control planes of ec2, rds fail";
const dark = (place: string | null, seconds: number, components = ['api', 'worker']) =>
  saw.alarms(
    components.map((one) => `${one}-status`),
    place,
    seconds,
    'unknown',
  );

describe('a region that is lost', () => {
  const whole = { name: 'region-lost', level: 3, zone: null, confirmSeconds, causes: ['region'] };

  test('is so since users, zones and control planes all fail, and rests on all of it', () => {
    const zones = [saw.alarm('api-5xx', az1, 50), saw.alarm('worker-errors', az2, 60)];
    expect(look(100, [...users, ...planes, ...zones]).lost).toEqual({
      ...whole,
      reason: `${usersWords}; ${planesWords}; several zones fail`,
      since: second(60),
      overwhelming: null,
      evidence: [...usersSeen, ...planesSeen, `api-5xx-${az1}-failing@50`, `worker-errors-${az2}-failing@60`],
    });
  });

  test('is so without control planes where the heartbeat is missing', () => {
    const zones = [saw.alarm('api-5xx', az1, 50), saw.alarm('worker-errors', az2, 60)];
    expect(look(100, [...users, saw.heartbeat(70), ...zones]).lost).toEqual({
      ...whole,
      reason: `${usersWords}; the heartbeat is missing; several zones fail`,
      since: second(70),
      overwhelming: null,
      evidence: [...usersSeen, `api-5xx-${az1}-failing@50`, `worker-errors-${az2}-failing@60`, 'heartbeat-failing@70'],
    });
  });

  test('is so by the managed services of several zones, each of them in each', () => {
    const names = ['database-status', 'cache-status', 'cluster-status'];
    const managed = [...saw.alarms(names, az1, 30), ...saw.alarms(names, az2, 45)];
    const found = look(100, [...users, ...managed]).lost;
    expect(found).toMatchObject({ ...whole, since: second(45), overwhelming: null });
    expect(found?.reason).toBe(
      `${usersWords}; cache, cluster, database fail in ${az1}; cache, cluster, database fail in ${az2}`,
    );
    expect(found?.evidence).toHaveLength(8);
  });

  test('is so by alarms over the region on managed services, where control planes say the same', () => {
    const regional = [
      saw.alarm('database-latency', null, 50),
      saw.alarm('cache-latency', null, 55),
      saw.alarm('cluster-status', null, 60),
    ];
    expect(look(100, [...users, ...planes, ...regional]).lost).toEqual({
      ...whole,
      reason: `${usersWords}; ${planesWords}; the whole region fails`,
      since: second(60),
      overwhelming: null,
      evidence: [
        ...usersSeen,
        ...planesSeen,
        'database-latency-null-failing@50',
        'cache-latency-null-failing@55',
        'cluster-status-null-failing@60',
      ],
    });
    expect(look(100, [...users, ...planes, ...regional.slice(1)]).lost).toBeNull();
    expect(look(100, [...users, ...regional]).lost).toBeNull();
    const ofApplication = saw.alarms(['api-5xx', 'worker-errors', 'cluster-status'], null, 50);
    expect(look(100, [...users, ...planes, ...ofApplication]).lost).toBeNull();
  });

  test('is so by silence: neither its heartbeat nor its control planes are heard of', () => {
    expect(look(100, [...users, ...planes, saw.heartbeat(5)]).lost).toEqual({
      ...whole,
      reason: `${usersWords}; ${planesWords}; the whole region fails`,
      since: second(40),
      overwhelming: null,
      evidence: ['heartbeat-failing@5', ...usersSeen, ...planesSeen],
    });
    expect(look(100, [...users, planes[0] as Signal, saw.heartbeat(5)]).lost).toBeNull();
    expect(look(100, [users[0] as Signal, ...planes, saw.heartbeat(5)]).lost).toBeNull();
  });

  test('is overwhelming since every observer outside, the heartbeat and control planes say so', () => {
    const all = [...users, saw.canary('us-west-2', 60), ...planes, saw.heartbeat(50)];
    expect(look(100, all).lost?.overwhelming).toEqual({ since: second(60), confirmSeconds: overwhelmingSeconds });
    const later = [...users, saw.canary('us-west-2', 25), ...planes, saw.heartbeat(70)];
    expect(look(100, later).lost?.overwhelming).toEqual({ since: second(70), confirmSeconds: overwhelmingSeconds });
  });

  test('is so by zones that give no data, of two components at least', () => {
    const zones = (components: string[]) => [...dark(az1, 50), ...dark(az2, 60, components)];
    expect(look(100, [...users, ...planes, ...zones(['api', 'worker'])]).lost).toMatchObject({
      reason: `${usersWords}; ${planesWords}; several zones fail`,
      since: second(60),
      evidence: [...usersSeen, ...planesSeen],
    });
    expect(look(100, [...users, ...planes, ...zones(['api'])]).lost).toBeNull();
    expect(look(100, [...users, ...planes, ...dark(null, 50), ...dark(az1, 50)]).lost).toBeNull();
  });

  test('rests on nothing that a release explains', () => {
    const names = ['database-status', 'cache-status', 'cluster-status'];
    const managed = [az1, az2].flatMap((zone) => saw.alarms(names, zone, 30));
    const released = [saw.release('started', 0), saw.alarm('api-5xx', az1, 25)];
    const { lost } = look(100, [...users, ...managed, ...released]);
    expect(lost?.evidence).not.toContain(`api-5xx-${az1}-failing@25`);
    expect(lost?.evidence).toContain(`cache-status-${az1}-failing@30`);
  });
});

describe('a region is not lost', () => {
  const lostBy = (signals: readonly Signal[], seconds = 100) => look(seconds, [...users, ...signals]).lost;
  const one = saw.alarm('api-5xx', az1, 0);

  test('where control planes fail and the region answers some visits, unless that has lasted', () => {
    const partly = (seconds: number) => saw.run('us-west-2', seconds, false, 0.4);
    expect(lostBy([...planes, partly(60)])).toBeNull();
    const silence = [...planes, saw.heartbeat(50)];
    const until = 50 + unconfirmedSeconds;
    expect(lostBy([...silence, partly(200)], until - 0.001)).toBeNull();
    expect(lostBy([...silence, partly(200)], until)?.since).toBe(second(until));
  });

  test('by one zone and an alarm over the region', () => {
    expect(lostBy([...planes, one, saw.alarm('api-5xx', null, 0)])).toBeNull();
    expect(lostBy([...planes, one, saw.alarm('api-5xx', az2, 0)])).not.toBeNull();
  });

  test('by managed services of one zone, whose alarms one node moves', () => {
    const node = ['database-pods-unready', 'cache-pods-unready', 'cluster-nodes-notready'];
    expect(lostBy([...planes, ...saw.alarms(node, az1, 0)])).toBeNull();
  });

  test('by alarms over the region that a release explains', () => {
    const regional = saw.alarms(['database-pods-unready', 'cache-connections', 'cluster-pods-unready'], null, 5);
    expect(lostBy([...planes, ...regional])).not.toBeNull();
    expect(lostBy([saw.release('started', 0), ...planes, ...regional])).toBeNull();
  });

  test('by what a release can break, in however many zones', () => {
    const names = ['database-connections', 'cache-connections', 'ingress-5xx'];
    expect(lostBy([az1, az2].flatMap((place) => saw.alarms(names, place, 0)))).toBeNull();
  });
});

test('a region is lost by managed services that each fail in two zones, although no zone is lost by itself', () => {
  const managed = [
    ...saw.alarms(['database-connections', 'cluster-pods-unready'], az1, 0),
    ...saw.alarms(['database-connections', 'cache-connections'], az2, 0),
    ...saw.alarms(['cache-connections', 'cluster-pods-unready'], az4, 60),
  ];
  expect(look(100, [...users, ...managed]).lost).toMatchObject({
    reason: `${usersWords}; managed services fail in several zones; several zones fail`,
    since: second(60),
  });
});

describe('beside a zone that fails by its own evidence', () => {
  const zoneDown = saw.alarms(['database-latency', 'cluster-status', 'cache-status'], az1, 0);
  const besides = [...users, ...planes, ...zoneDown];

  test('one stray component of another zone spans no region, and another zone that gives no data does', () => {
    expect(look(100, [...besides, saw.alarm('worker-errors', az2, 30)]).lost).toBeNull();
    expect(look(100, [...besides, ...dark(az2, 50)]).lost).toMatchObject({
      reason: `${usersWords}; ${planesWords}; several zones fail`,
      since: second(50),
    });
  });

  test('alarms over the region on its own components say nothing more', () => {
    const regional = saw.alarms(['database-latency', 'cluster-status', 'cache-status'], null, 50);
    expect(look(100, [...besides, ...regional]).lost).toBeNull();
  });
});

describe('several zones, each lost by its own evidence', () => {
  const zone = (place: string, names: readonly string[], seconds: number) => saw.alarms(names, place, seconds);
  const oneZone = zone(az1, ['api-5xx', 'database-status', 'cluster-status'], 30);
  const another = zone(az2, ['api-5xx', 'cache-status', 'database-status'], 50);

  test('are a lost region where users fail: no application takes away infrastructure of several components', () => {
    expect(look(100, [...users, ...oneZone, ...another]).lost).toEqual({
      name: 'region-lost',
      level: 3,
      zone: null,
      reason: `${usersWords}; api, cluster, database fail in ${az1}; api, cache, database fail in ${az2}`,
      since: second(50),
      confirmSeconds,
      overwhelming: null,
      evidence: [
        ...usersSeen,
        ...['api-5xx', 'cluster-status', 'database-status'].map((one) => `${one}-${az1}-failing@30`),
        ...['api-5xx', 'cache-status', 'database-status'].map((one) => `${one}-${az2}-failing@50`),
      ],
      causes: ['region'],
    });
  });

  test('say what control planes say as well', () => {
    expect(look(100, [...users, ...planes, ...oneZone, ...another]).lost?.reason).toBe(
      `${usersWords}; ${planesWords}; api, cluster, database fail in ${az1}; api, cache, database fail in ${az2}`,
    );
  });

  test('call people where users do not fail', () => {
    expect(look(100, [...oneZone, ...another]).unknown[0]).toEqual({
      name: 'zones-lost',
      level: 'unknown',
      zone: null,
      reason: `api, cluster, database fail in ${az1}; api, cache, database fail in ${az2}; Breakwater cannot tell whether users fail, and why`,
      since: second(50),
      confirmSeconds: unconfirmedSeconds,
      evidence: [
        ...['api-5xx', 'cluster-status', 'database-status'].map((one) => `${one}-${az1}-failing@30`),
        ...['api-5xx', 'cache-status', 'database-status'].map((one) => `${one}-${az2}-failing@50`),
      ],
      causes: ['unknown'],
    });
  });

  test('are no lost region where one zone has nothing but what an application can break', () => {
    const soft = zone(az2, ['api-5xx', 'worker-errors', 'cache-connections'], 50);
    const { lost, unknown } = look(100, [...users, ...oneZone, ...soft]);
    expect(lost).toBeNull();
    expect(unknown.map(({ name, reason }) => [name, reason])).toEqual([
      [
        'zones-lost',
        `api, cluster, database fail in ${az1}; api, cache, worker fail in ${az2}; ${usersWords}, and Breakwater cannot tell why`,
      ],
    ]);
  });

  test('are none where one component alone is behind all of it', () => {
    const database = [az1, az2].flatMap((place) => zone(place, ['api-5xx', 'worker-errors', 'database-status'], 30));
    const { lost, unknown } = look(100, [...users, ...database]);
    expect(lost).toBeNull();
    expect(unknown.map(({ name }) => name)).toEqual(['zones-lost']);
  });

  test('of all zones that there are, what fails alike in each may be one thing: without it as many must be left', () => {
    const alike = [az1, az2, az4].flatMap((place) => zone(place, ['api-5xx', 'worker-errors', 'database-status'], 30));
    const one = [...alike, saw.alarm('cluster-status', az1, 40)];
    expect(look(100, [...users, ...one]).lost).toBeNull();
    const two = [...one, saw.alarm('cluster-status', az2, 50)];
    expect(look(100, [...users, ...two]).lost).toMatchObject({ name: 'region-lost', level: 3 });
    // What fails in some of them is no trouble of all, whatever is left without it.
    const mixed = [
      ...zone(az1, ['api-5xx', 'worker-errors', 'cluster-status'], 30),
      ...zone(az2, ['api-5xx', 'worker-errors', 'cluster-status'], 30),
      ...zone(az4, ['api-5xx', 'worker-errors', 'database-status'], 30),
    ];
    expect(look(100, [...users, ...mixed]).lost).toMatchObject({ name: 'region-lost', level: 3 });
    // While one zone is well, that which fails in the others is no trouble of all.
    const some = one.filter((signal) => !('zone' in signal) || signal.zone !== az4);
    expect(look(100, [...users, ...some]).lost).toMatchObject({ name: 'region-lost', level: 3 });
  });
});

describe('what points to a disaster and lacks something', () => {
  const unknown = { level: 'unknown', zone: null, confirmSeconds: unconfirmedSeconds, causes: ['unknown'] };

  test('users fail and control planes do, and no more is seen', () => {
    expect(look(100, [...users, ...planes]).unknown).toEqual([
      {
        ...unknown,
        name: 'users-fail-platform-fails',
        reason: `${usersWords}; ${planesWords}; Breakwater sees too little to say why`,
        since: second(40),
        evidence: [...usersSeen, ...planesSeen],
      },
    ]);
  });

  test('of a region that is lost no more than that is told beside it', () => {
    expect(look(100, [...users, ...planes, saw.heartbeat(50)]).unknown.map(({ name }) => name)).toEqual([
      'users-fail-platform-fails',
    ]);
  });

  test('users fail and the heartbeat is missing, and no more is seen', () => {
    expect(look(100, [...users, saw.heartbeat(15)]).unknown).toEqual([
      {
        ...unknown,
        name: 'users-fail-platform-fails',
        reason: `${usersWords}; the heartbeat is missing; Breakwater sees too little to say why`,
        since: second(20),
        evidence: ['canary-eu-west-1-failing@10', 'heartbeat-failing@15', 'canary-ap-southeast-1-failing@20'],
      },
    ]);
  });

  test('users fail, and nothing says why', () => {
    expect(look(100, users).unknown).toEqual([
      {
        ...unknown,
        name: 'users-fail-unexplained',
        reason: `${usersWords}, and nothing in the region says why`,
        since: second(20),
        evidence: usersSeen,
      },
    ]);
    expect(look(100, [...users, saw.alarm('api-5xx', null, 30)]).unknown).toEqual([]);
    expect(look(100, [...users, saw.probe('ec2', 30)]).unknown).toEqual([]);
    const partly = look(100, [...users, saw.run('us-west-2', 60, false, 0.4)]).unknown;
    expect(partly.map(({ name }) => name)).toEqual(['users-fail-unexplained']);
  });

  test('users who outlast the work that explained them fail unexplained from its end on', () => {
    const work = [saw.maintenance('started', ['cluster'], 0, 600), saw.maintenance('ended', ['cluster'], 60)];
    const end = 60 + plan.explanations.maintenance.afterSeconds;
    expect(look(end, [...work, ...users]).unknown).toEqual([]);
    expect(look(end + 0.001, [...work, ...users]).unknown).toMatchObject([
      { name: 'users-fail-unexplained', since: second(end) + 1 },
    ]);
  });

  test('managed services fail in several zones, and users do not', () => {
    const names = ['database-connections', 'cache-connections', 'cluster-pods-unready'];
    const managed = [az1, az2].flatMap((place, index) => saw.alarms(names, place, 30 + index));
    const found = look(100, managed).unknown.find(({ name }) => name === 'services-fail-users-well');
    const inOne = [az1, null].flatMap((place) => saw.alarms(names, place, 30));
    expect(look(100, inOne).unknown).toEqual([]);
    expect(found).toEqual({
      ...unknown,
      name: 'services-fail-users-well',
      reason: 'several managed services fail in several zones, and users do not',
      since: second(31),
      evidence: [
        ...['cache-connections', 'cluster-pods-unready', 'database-connections'].map(
          (one) => `${one}-${az1}-failing@30`,
        ),
        ...['cache-connections', 'cluster-pods-unready', 'database-connections'].map(
          (one) => `${one}-${az2}-failing@31`,
        ),
      ],
    });
  });

  test('who reports a dead region sees no users, and nobody else agrees', () => {
    const own = [saw.canary('us-west-2', 35), ...planes];
    expect(look(100, own).unknown).toEqual([
      {
        ...unknown,
        name: 'own-sight-lost',
        reason:
          'only us-west-2 reports the loss, and the other observers do not: us-west-2 may have lost its own sight',
        since: second(40),
        evidence: ['probe-rds-failing@30', 'canary-us-west-2-failing@35', 'probe-ec2-failing@40'],
        elsewhere: 'us-west-2',
      },
    ]);
    const heart = look(100, [saw.canary('us-west-2', 35), saw.heartbeat(50)]).unknown;
    expect(heart).toMatchObject([{ name: 'own-sight-lost', since: second(50) }]);
    expect(look(100, [saw.canary('eu-west-1', 35), ...planes]).unknown).toEqual([]);
    const another = { ...saw.heartbeat(50), observer: 'eu-west-1' };
    expect(look(100, [...own, another]).unknown).toMatchObject([{ name: 'own-sight-lost', elsewhere: 'us-west-2' }]);
    expect(look(100, [saw.canary('us-west-2', 35), planes[0] as Signal]).unknown).toEqual([]);
  });

  test('nobody tells of users, and what else is heard of the region fails or is silent', () => {
    const silent = [saw.canary('eu-west-1', 10, 'unknown'), saw.canary('ap-southeast-1', 20, 'unknown')];
    expect(look(100, [...silent, saw.heartbeat(50, 'unknown')]).unknown).toEqual([
      {
        ...unknown,
        name: 'nobody-sees-users',
        reason: 'no observer tells whether users are served; heartbeat fail or are silent',
        since: second(50),
        evidence: ['canary-eu-west-1-unknown@10', 'canary-ap-southeast-1-unknown@20', 'heartbeat-unknown@50'],
        elsewhere: 'us-west-2',
      },
    ]);
    const halves = [silent[0] as Signal, saw.canary('ap-southeast-1', 20), ...planes];
    expect(look(100, halves).unknown).toEqual([
      {
        ...unknown,
        name: 'nobody-sees-users',
        reason: 'only ap-southeast-1 tells about users, and users fail there; ec2, rds fail or are silent',
        since: second(40),
        evidence: [
          'canary-eu-west-1-unknown@10',
          'canary-ap-southeast-1-failing@20',
          'probe-rds-failing@30',
          'probe-ec2-failing@40',
        ],
        elsewhere: 'us-west-2',
      },
    ]);
    const names = (signals: readonly Signal[]) => look(100, signals).unknown.map(({ name }) => name);
    expect(names(silent)).toEqual([]);
    expect(names([...silent, planes[0] as Signal])).toEqual([]);
    expect(names([silent[0] as Signal, ...planes])).toEqual([]);
    expect(names([...silent, ...planes, saw.canary('us-west-2', 0, 'healthy')])).toEqual([]);
    expect(names([...silent, ...planes, saw.run('us-west-2', 20, true)])).toEqual(['nobody-sees-users']);
    expect(names([...silent, ...planes, saw.run('us-west-2', 20.001, true)])).toEqual([]);
  });
});

describe('a region that says that it is alive, or answers some visits, while nothing else is heard of it', () => {
  const silence = [...users, ...planes, saw.heartbeat(50)];
  const beat = { ...saw.beat(49), everySeconds: 60 } as Signal;
  const partly = saw.run('us-west-2', 60, false, 0.4);
  const words = `${usersWords}; ${planesWords}, and the heartbeat is missing; but `;

  test.for<[string, readonly Signal[], string, readonly string[]]>([
    ['beats', [beat], 'the region itself says that it is alive', []],
    ['answers', [partly], 'visits from us-west-2 are answered in part', ['heartbeat-failing@50']],
    [
      'both',
      [beat, partly, saw.run('eu-west-1', 61, false, 0.1)],
      'the region itself says that it is alive, and visits from eu-west-1, us-west-2 are answered in part',
      [],
    ],
  ])('is held: %s', ([, signals, alive, more]) => {
    expect(look(100, [...silence, ...signals]).unknown).toEqual([
      {
        name: 'region-lost-or-cut-off',
        level: 'unknown',
        zone: null,
        reason: `${words}${alive}`,
        since: second(50),
        confirmSeconds,
        overwhelming: null,
        evidence: [...usersSeen, ...planesSeen, ...more],
        causes: ['unknown'],
      },
    ]);
  });

  test('is held sooner where every observer outside sees users fail', () => {
    const all = [...silence, saw.canary('us-west-2', 55), beat];
    expect(look(100, all).unknown[0]?.overwhelming).toEqual({ since: second(55), confirmSeconds: overwhelmingSeconds });
  });

  test('is held as one that fails without a cause, where somebody outside sees users well', () => {
    const well = [saw.canary('us-west-2', 0, 'healthy'), saw.run('us-west-2', 60, true)];
    expect(look(100, [...silence, beat, ...well]).unknown.map(({ name }) => name)).toEqual([
      'users-fail-platform-fails',
    ]);
  });
});

test('the platform fails by the heartbeat alone, and by as many control planes as the plan asks for', () => {
  const fails = (signals: readonly Signal[]) => platformFails(look(100, signals).picture, plan);
  expect(fails([saw.heartbeat(0)])).toBe(true);
  expect(fails(planes)).toBe(true);
  expect(fails(planes.slice(1))).toBe(false);
  expect(fails([])).toBe(false);
});
