// What a classification says, whole: what is strongest, what stands beside it, what forms, and when to look again.
import { describe, expect, test } from 'vitest';
import { classify, fails, rank } from '../../../../../functions/domain/evidence/classify.ts';
import type { Classification, Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { az1, az2, az4, region, after as second } from '../sightings.ts';

const { degradation, zone: ofZone, region: ofRegion, recoverySeconds, retentionSeconds } = plan.evidence;
const { costly, traffic } = ofZone.confirmSeconds;
const at = (seconds: number, signals: readonly Signal[]) => classify(signals, region, plan, second(seconds));

const nothing: Classification = {
  region,
  level: 0,
  indication: null,
  scope: { region, zone: null },
  reason: 'nothing fails',
  evidence: [],
  facts: [],
  causes: [],
  others: [],
  newestSince: null,
  rising: null,
  since: null,
  users: 'unknown',
  wellSince: 0,
  platformWellSince: 0,
  zonesWellAt: {},
  lookAgainAt: null,
};
const zoneDown = [
  saw.alarm('database-latency', az1, 0),
  saw.alarm('cluster-status', az1, 10),
  saw.alarm('api-5xx', az1, 20),
];
const zoneSeen = [`database-latency-${az1}-failing@0`, `cluster-status-${az1}-failing@10`, `api-5xx-${az1}-failing@20`];
const zoneFacts = [
  `2026-11-23T03:00:00.000Z database fails: latency in ${az1}`,
  `2026-11-23T03:00:10.000Z cluster fails: status in ${az1}`,
  `2026-11-23T03:00:20.000Z api fails: 5xx in ${az1}`,
];
const causes = ['api', 'cluster', 'database'];
const dark = (place: string, seconds: number) =>
  saw.alarms(['worker-status', 'cache-status', 'ingress-status'], place, seconds, 'unknown');

describe('nothing', () => {
  test('that was ever heard of fails, and nobody is to look again', () => {
    expect(at(100, [])).toEqual(nothing);
  });

  test('fails any more: all is well since the newest sign of it, and looks again when that has held', () => {
    const well = [
      saw.alarm('api-5xx', az1, 50, 'healthy'),
      saw.alarm('worker-errors', az1, 70, 'healthy'),
      saw.alarm('api-5xx', az2, 60, 'healthy'),
      saw.alarm('cluster-status', null, 65, 'healthy'),
      saw.probe('ec2', 40, 'healthy'),
      saw.heartbeat(45, 'healthy'),
      saw.autoshift(az2, 80, false),
    ];
    expect(at(400, well)).toEqual({
      ...nothing,
      wellSince: second(80),
      platformWellSince: second(45),
      zonesWellAt: { [az1]: second(70), [az2]: second(80) },
      // The news of AWS have ended at 380 already.
      lookAgainAt: null,
    });
    expect(at(400, well.slice(0, -1))).toMatchObject({ wellSince: second(70), lookAgainAt: null });
    expect(at(71, well.slice(0, -1)).lookAgainAt).toBe(second(70 + recoverySeconds));
  });

  test('fails for long enough yet, which is not well', () => {
    expect(at(30, zoneDown)).toEqual({
      ...nothing,
      reason: 'something fails, but not for long enough yet',
      rising: 2,
      wellSince: null,
      lookAgainAt: second(10 + degradation.confirmSeconds),
    });
  });

  test('fails, and not everything is seen', () => {
    expect(at(100, [saw.alarm('api-5xx', az1, 40, 'unknown')])).toEqual({
      ...nothing,
      reason: 'nothing is seen to fail, but not everything is seen',
      wellSince: null,
      lookAgainAt: second(40 + retentionSeconds),
    });
  });
});

describe('what fails', () => {
  test('is nothing where no level is reached and none rises', () => {
    expect(fails({ level: 0, rising: null })).toBe(false);
    expect(fails({ level: 0, rising: 1 })).toBe(true);
    expect(fails({ level: 1, rising: null })).toBe(true);
  });

  test('is ranked: a hold on what is not known calls for more than a message and for less than acting', () => {
    expect(([0, 1, 'unknown', 2, 3] as const).map(rank)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a zone', () => {
  const lost = {
    ...nothing,
    wellSince: null,
    since: second(20),
    newestSince: second(20),
    evidence: zoneSeen,
    facts: zoneFacts,
    causes,
    scope: { region, zone: az1 },
    // One of its components alone is a degradation by then.
    lookAgainAt: second(degradation.aloneSeconds),
  };

  test('is lost, with all that speaks for it', () => {
    expect(at(20 + costly, zoneDown)).toEqual({
      ...lost,
      level: 2,
      indication: 'zone-lost',
      reason: `api, cluster, database fail in ${az1}, the other zones are well`,
    });
  });

  test('is lost sooner by overwhelming evidence, and not by the same where the others give no data', () => {
    const users = [saw.run('eu-west-1', -80, true), saw.run('eu-west-1', -20, false)];
    expect(at(20 + traffic, [...zoneDown, ...users])).toMatchObject({ level: 2, since: second(20) });
    expect(at(20 + traffic - 0.001, [...zoneDown, ...users])).toMatchObject({ level: 0, rising: 2 });
    expect(at(20 + costly - 0.001, [...zoneDown, ...users, ...dark(az2, 0)]).indication).not.toBe(
      'zone-lost-others-unseen',
    );
  });

  test('may be lost where the others give no data', () => {
    expect(at(20 + costly, [...zoneDown, ...dark(az2, 0)])).toEqual({
      ...lost,
      level: 'unknown',
      indication: 'zone-lost-others-unseen',
      reason: `api, cluster, database fail in ${az1}, and nothing says that ${az2} is well`,
    });
  });

  test('may fail by what every zone needs', () => {
    const signals = [
      ...[az1, az2, az4].map((zone) => saw.alarm('database-latency', zone, 0)),
      ...saw.alarms(['api-5xx', 'ingress-5xx', 'worker-errors'], az1, 20),
    ];
    const { unconfirmedSeconds } = plan.evidence.region;
    expect(at(20 + unconfirmedSeconds - 0.001, signals).level).toBe(1);
    expect(at(20 + unconfirmedSeconds, signals)).toMatchObject({
      level: 'unknown',
      indication: 'zone-lost-or-dependency',
      scope: { region, zone: az1 },
      reason: `api, ingress, worker fail in ${az1}, and so does what they need: database`,
    });
  });

  test('is not left where every observer sees every visit answered', () => {
    const application = [saw.alarm('api-5xx', az1, 20), saw.alarm('worker-errors', az1, 0)];
    const served = ['us-west-2', 'eu-west-1', 'ap-southeast-1'].map((one) => saw.run(one, 60, true));
    expect(at(20 + costly, [...application, saw.alarm('cluster-status', az1, 10), ...served])).toEqual({
      ...lost,
      level: 'unknown',
      indication: 'zone-lost-users-well',
      reason: `api, cluster, worker fail in ${az1}, but all observers see every visit answered`,
      causes: ['api', 'cluster', 'worker'],
      evidence: [`worker-errors-${az1}-failing@0`, `cluster-status-${az1}-failing@10`, `api-5xx-${az1}-failing@20`],
      facts: [
        `2026-11-23T03:00:00.000Z worker fails: errors in ${az1}`,
        `2026-11-23T03:00:10.000Z cluster fails: status in ${az1}`,
        `2026-11-23T03:00:20.000Z api fails: 5xx in ${az1}`,
      ],
    });
  });

  test('may be lost, and a release may explain part of it', () => {
    expect(at(20 + ofRegion.unconfirmedSeconds, [saw.release('started', -60), ...zoneDown])).toEqual({
      ...lost,
      level: 'unknown',
      indication: 'zone-lost-or-explained',
      reason: `api, cluster, database fail in ${az1}, but a release or planned work may explain part of that`,
    });
  });

  test('may be lost where a part of it fails and the rest is silent', () => {
    const half = [
      saw.alarm('database-latency', az1, 0),
      ...saw.alarms(['api-5xx', 'worker-errors'], az1, 20, 'unknown'),
    ];
    expect(at(20 + ofRegion.unconfirmedSeconds, half)).toEqual({
      ...lost,
      level: 'unknown',
      indication: 'zone-half-seen',
      reason: `api, database, worker fail or give no data in ${az1}, the other zones are well`,
      causes: ['api', 'database', 'worker'],
      evidence: [`database-latency-${az1}-failing@0`, `api-5xx-${az1}-unknown@20`, `worker-errors-${az1}-unknown@20`],
      facts: [
        `2026-11-23T03:00:00.000Z database fails: latency in ${az1}`,
        `2026-11-23T03:00:20.000Z api gives no data: 5xx in ${az1}`,
        `2026-11-23T03:00:20.000Z worker gives no data: errors in ${az1}`,
      ],
    });
  });
});

describe('a zone that fails while the others are well but for what depends on it', () => {
  test('is the only one that is lost', () => {
    const dependents = { database: ['api', 'cluster', 'cache'] };
    const signals = [
      ...saw.alarms(['database-latency', 'ingress-5xx', 'worker-errors'], az1, 0),
      ...saw.alarms(['api-5xx', 'cluster-status', 'cache-status'], az2, 0),
      saw.canary('eu-west-1', 0),
      saw.canary('ap-southeast-1', 0),
    ];
    const found = classify(signals, region, { ...plan, dependents }, second(400));
    expect(found).toMatchObject({ level: 2, scope: { region, zone: az1 }, others: [] });
  });

  test('is not in doubt as well for what a release explains beside it', () => {
    const names = ['api-5xx', 'database-status', 'cache-status', 'cluster-status'];
    const found = at(400, [saw.release('started', -60), ...saw.alarms(names, az1, 0)]);
    expect(found).toMatchObject({ level: 2, scope: { region, zone: az1 }, others: [] });
  });
});

describe('what stands beside the strongest', () => {
  const lostSight = [saw.canary('us-west-2', 0), saw.probe('ec2', 0), saw.probe('rds', 5)];

  test('is told in full, by its own place, and degradations are not', () => {
    const found = at(400, [...zoneDown, ...lostSight]);
    expect(found).toMatchObject({ level: 2, indication: 'zone-lost', newestSince: second(20) });
    expect(found.others).toEqual([
      {
        indication: 'own-sight-lost',
        level: 'unknown',
        scope: { region: 'us-west-2', zone: null },
        reason:
          'only us-west-2 reports the loss, and the other observers do not: us-west-2 may have lost its own sight',
        since: second(5),
        evidence: ['canary-us-west-2-failing@0', 'probe-ec2-failing@0', 'probe-rds-failing@5'],
        facts: [
          '2026-11-23T03:00:00.000Z users fail, seen from us-west-2',
          '2026-11-23T03:00:00.000Z AWS service ec2 does not answer',
          '2026-11-23T03:00:05.000Z AWS service rds does not answer',
        ],
        causes: ['unknown'],
      },
    ]);
  });

  test('of one level the oldest comes first', () => {
    const half = [
      saw.alarm('database-latency', az1, 50),
      ...saw.alarms(['api-5xx', 'worker-errors'], az1, 50, 'unknown'),
    ];
    const late = 400;
    expect(at(late, [...lostSight, ...half])).toMatchObject({
      indication: 'own-sight-lost',
      newestSince: second(50),
      others: [{ indication: 'zone-half-seen', scope: { region, zone: az1 } }],
    });
    const earlier = half.map((signal) => ({ ...signal, at: signal.at - 100_000 }));
    expect(at(late, [...lostSight, ...earlier])).toMatchObject({
      indication: 'zone-half-seen',
      newestSince: second(5),
      others: [{ indication: 'own-sight-lost', scope: { region: 'us-west-2', zone: null } }],
    });
  });
});

describe('a degradation', () => {
  test('says all that is wrong, each once, with all its causes, and is dated by the first of it', () => {
    const signals = [
      saw.alarm('api-5xx', az1, 10),
      saw.alarm('worker-errors', az1, 20),
      saw.replica(0),
      saw.heartbeat(30, 'healthy'),
    ];
    expect(at(600, signals)).toEqual({
      ...nothing,
      level: 1,
      indication: 'replica-lags',
      scope: { region, zone: az1 },
      reason: 'the replica lags behind; api, worker fail',
      evidence: ['replica-failing@0'],
      facts: ['2026-11-23T03:00:00.000Z the replica lags'],
      causes: ['api', 'replica', 'worker'],
      newestSince: second(20),
      since: second(0),
      wellSince: null,
      platformWellSince: second(30),
    });
  });

  test('beside what is stronger does not date that', () => {
    const found = at(400, [...zoneDown, saw.replica(50)]);
    expect(found).toMatchObject({ level: 2, newestSince: second(20), since: second(20) });
  });

  test('is not dated by what has not held', () => {
    expect(at(600, [saw.replica(0), saw.alarm('api-5xx', az1, 590)])).toMatchObject({
      reason: 'the replica lags behind',
      causes: ['replica'],
      newestSince: second(0),
      rising: null,
      lookAgainAt: second(590 + degradation.aloneSeconds),
    });
  });

  test('shows the first eight facts, and rests on all of its signals', () => {
    const many = Array.from({ length: 10 }, (_, index) => saw.alarm(`c${index}-errors`, az1, index));
    const found = at(600, many);
    expect(found.evidence).toEqual(many.map(({ id }) => id));
    expect(found.facts).toEqual(
      many.slice(0, 8).map((_, index) => `2026-11-23T03:00:0${index}.000Z c${index} fails: errors in ${az1}`),
    );
  });
});

describe('users', () => {
  const passed = (seconds: number) => [
    saw.canary('eu-west-1', 0, 'healthy'),
    saw.canary('us-west-2', 0, 'healthy'),
    saw.run('eu-west-1', seconds, true),
    saw.run('us-west-2', seconds, true),
  ];

  test('are served where two observers see them well and nobody sees them fail', () => {
    expect(at(100, passed(60)).users).toBe('served');
    expect(at(60 + 180, passed(60)).users).toBe('unknown');
    expect(at(100, passed(60).slice(1)).users).toBe('unknown');
    expect(at(100, [...passed(60), saw.canary('ap-southeast-1', 90)]).users).toBe('unknown');
  });

  test('fail where two observers see that', () => {
    expect(at(100, [saw.canary('eu-west-1', 0), saw.canary('us-west-2', 0)]).users).toBe('fail');
    expect(at(100, [saw.canary('eu-west-1', 0), saw.run('us-west-2', 90, false)]).users).toBe('fail');
    expect(at(100, [saw.canary('eu-west-1', 0)]).users).toBe('unknown');
    expect(at(100, [saw.canary('eu-west-1', 0), saw.canary(region, 0)]).users).toBe('unknown');
  });
});

describe('the same in the other region', () => {
  const peer = 'us-west-2';
  const both = (seconds: number, here: readonly Signal[], there: readonly Signal[]) =>
    classify(here, region, plan, second(seconds), {
      region: peer,
      signals: there.map((signal) => ({ ...signal, region: peer, key: `${peer} ${signal.key}` })),
    });
  const late = 900;

  test('at the same time makes of a lost zone what is not known: a move would lead there', () => {
    const found = both(late, zoneDown, zoneDown);
    expect(found).toMatchObject({
      level: 'unknown',
      indication: 'same-in-both-regions',
      scope: { region, zone: az1 },
      reason: `api, cluster, database fail in ${az1}, the other zones are well; api, cluster, database fail in us-west-2 at the same time, and a move would lead there`,
      causes: ['unknown'],
      since: second(20),
      evidence: zoneSeen,
    });
    expect(both(20 + ofRegion.unconfirmedSeconds - 0.001, zoneDown, zoneDown).level).toBe(1);
    expect(both(20 + ofRegion.unconfirmedSeconds, zoneDown, zoneDown).level).toBe('unknown');
  });

  test('is not believed sooner by what is overwhelming', () => {
    const users = [saw.run('eu-west-1', -80, true), saw.run('eu-west-1', -20, false)];
    expect(both(20 + traffic, [...zoneDown, ...users], []).level).toBe(2);
    expect(both(20 + costly, [...zoneDown, ...users], zoneDown)).toMatchObject({ level: 1, rising: 'unknown' });
  });

  test('makes the same of a lost region, of whatever zone', () => {
    const names = ['database-status', 'cache-status', 'cluster-status'];
    const managed = [az1, az2].flatMap((place) => saw.alarms(names, place, 0));
    const here = [...managed, saw.canary('eu-west-1', 0), saw.canary('ap-southeast-1', 0)];
    expect(both(late, here, []).level).toBe(3);
    expect(both(late, here, saw.alarms(names, 'usw2-az1', 0))).toMatchObject({
      level: 'unknown',
      indication: 'same-in-both-regions',
      scope: { region, zone: null },
    });
  });

  describe('that observes', () => {
    const services = ['ec2', 'rds', 'eks'].map((service) => saw.probe(service, 0));
    const alone = (observer: string) => [saw.canary(observer, 0), saw.canary('eu-west-1', 0, 'healthy')];
    const fails = { level: 1, indication: 'observer-fails' } as const;

    test.for<[string, readonly Signal[]]>([
      ['its control planes fail', services],
      ['its heartbeat is missing', [saw.heartbeat(0)]],
    ])('is no trouble of the one that it sees fail alone, where %s', ([, there]) => {
      expect(both(late, alone(peer), there)).toMatchObject({ level: 0, indication: null });
    });

    test('is told of where it does not fail itself, where others fail with it, and where another one fails', () => {
      expect(both(late, alone(peer), [])).toMatchObject(fails);
      expect(both(late, alone(peer), services.slice(1, 2))).toMatchObject(fails);
      expect(both(late, alone('ap-southeast-1'), services)).toMatchObject(fails);
      const two = [...alone(peer), saw.canary('ap-southeast-1', 0)];
      expect(both(late, two, services)).toMatchObject({ level: 'unknown', indication: 'users-fail-unexplained' });
    });
  });

  test.for<[string, readonly Signal[]]>([
    ['fewer components fail there', zoneDown.slice(1)],
    ['they fail by other measures', [...zoneDown.slice(1), saw.alarm('database-storage', az1, 0)]],
    [
      'they began too much later',
      [...zoneDown.slice(1), saw.alarm('database-latency', az1, ofRegion.unconfirmedSeconds + 0.001)],
    ],
    [
      'they began too much earlier',
      [...zoneDown.slice(1), saw.alarm('database-latency', az1, -ofRegion.unconfirmedSeconds - 0.001)],
    ],
    ['other components fail there', [...zoneDown.slice(1), saw.alarm('cache-latency', az1, 0)]],
    ['they are well there', zoneDown.map((signal) => ({ ...signal, condition: 'healthy' }) as Signal)],
  ])('speaks against no zone where %s', ([, there]) => {
    expect(both(late, zoneDown, there)).toMatchObject({ level: 2, indication: 'zone-lost' });
  });

  test('counts within the time, before and after, and in whatever zone of the other region', () => {
    for (const seconds of [ofRegion.unconfirmedSeconds, -ofRegion.unconfirmedSeconds]) {
      const there = [...zoneDown.slice(1), saw.alarm('database-latency', 'usw2-az2', seconds)];
      expect(both(late, zoneDown, there).indication).toBe('same-in-both-regions');
    }
  });

  test('counts what fails in the zone itself alone', () => {
    const here = [...zoneDown, saw.alarm('cache-status', az2, 0)];
    const there = [...zoneDown.slice(1), saw.alarm('cache-status', az1, 0)];
    expect(both(late, here, there)).toMatchObject({ level: 2, indication: 'zone-lost' });
  });

  test('is known by one measure of several', () => {
    const here = [...zoneDown, saw.alarm('database-storage', az1, 0)];
    expect(both(late, here, zoneDown).indication).toBe('same-in-both-regions');
  });

  test('is said of a degradation, which stays one', () => {
    const two = [saw.alarm('api-5xx', null, 10), saw.alarm('worker-errors', null, 0)];
    expect(both(late, two, two)).toMatchObject({
      level: 1,
      indication: 'components-fail',
      reason: 'api, worker fail; api, worker fail in us-west-2 at the same time',
      causes: ['api', 'worker'],
    });
    expect(both(late, two, two.slice(1)).reason).toBe('api, worker fail');
    expect(both(late, [saw.replica(0), ...two], two).reason).toBe(
      'api, worker fail; api, worker fail in us-west-2 at the same time; the replica lags behind',
    );
  });
});

describe('the next look', () => {
  test('is when what is news ends, when silence is no news any more, and when work explains nothing any more', () => {
    expect(at(100, [saw.database('failover-completed', 0)]).lookAgainAt).toBe(second(recoverySeconds));
    expect(at(100, [saw.database('replication-stopped', 0)]).lookAgainAt).toBe(second(retentionSeconds));
    const work = saw.maintenance('started', ['database'], 0, 600);
    expect(at(100, [work]).lookAgainAt).toBe(second(600 + plan.explanations.maintenance.afterSeconds) + 1);
  });

  test('is when all has been well for long enough', () => {
    expect(at(100, [saw.alarm('api-5xx', az1, 90, 'healthy')]).lookAgainAt).toBe(second(90 + recoverySeconds));
    expect(at(90 + recoverySeconds, [saw.alarm('api-5xx', az1, 90, 'healthy')]).lookAgainAt).toBeNull();
  });
});

test('what a topic tells keeps nothing from being well, and what AWS tells does', () => {
  expect(at(100, [saw.cache('failover-completed', 10)])).toMatchObject({ level: 1, wellSince: 0 });
  expect(at(100, [saw.database('failover-completed', 10)])).toMatchObject({ level: 1, wellSince: null });
  const mixed = [saw.cache('failover-completed', 10), saw.database('failover-completed', 20)];
  expect(at(100, mixed)).toMatchObject({ level: 1, wellSince: null });
});
