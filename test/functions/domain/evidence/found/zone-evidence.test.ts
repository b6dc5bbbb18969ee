// What is found about a zone, whole: since when, of which components, by what, and what speaks against it.
import { describe, expect, test } from 'vitest';
import { drawPicture } from '../../../../../functions/domain/evidence/picture.ts';
import {
  zoneEvidence,
  zonesHalfSeen,
  zonesLost,
  zonesPartlyExplained,
} from '../../../../../functions/domain/evidence/zone-evidence.ts';
import type { Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { az1, az2, az4, region, after as second } from '../sightings.ts';

const draw = (signals: readonly Signal[], seconds: number) => drawPicture(signals, region, plan, second(seconds));
const failed = (signals: readonly Signal[], seconds = 100) =>
  zoneEvidence(draw(signals, seconds), region, plan, second(seconds));
const halfSeen = (signals: readonly Signal[], seconds = 100) => zonesHalfSeen(draw(signals, seconds), region, plan);
const lost = (signals: readonly Signal[], seconds = 100) => zonesLost(draw(signals, seconds), region, plan);
const partly = (signals: readonly Signal[], seconds = 100) =>
  zonesPartlyExplained(draw(signals, seconds), region, plan, second(seconds));

const down = [
  saw.alarm('database-latency', az1, 0),
  saw.alarm('cluster-nodes-notready', az1, 10),
  saw.alarm('api-5xx', az1, 20),
];
const seen = [
  `database-latency-${az1}-failing@0`,
  `cluster-nodes-notready-${az1}-failing@10`,
  `api-5xx-${az1}-failing@20`,
];
const components = ['api', 'cluster', 'database'];
const whole = { zone: az1, since: second(20), components, evidence: seen };

describe('a zone that fails while the others are well', () => {
  test('is not found by what a release breaks in another zone as well, at the same time', () => {
    const application = saw.alarms(['api-5xx', 'ingress-5xx', 'worker-errors'], az1, 0);
    const elsewhere = (seconds: number) => saw.alarms(['api-5xx', 'ingress-5xx', 'worker-errors'], az2, seconds);
    const release = saw.release('started', 20);
    expect(failed([...application, release])).toHaveLength(1);
    expect(failed([...application, release, ...elsewhere(30)])).toEqual([]);
    expect(failed([...application, release, ...elsewhere(30).slice(1)])).toEqual([]);
    expect(failed([...application, release, ...elsewhere(120)], 200)).toEqual([]);
    expect(failed([...application, release, ...elsewhere(121)], 200)).toHaveLength(1);
    // What no release can break stands for the zone, and what it has in common with others does not count for it.
    const below = saw.alarms(['cluster-nodes-notready', 'database-latency', 'cache-status'], az1, 0);
    const [found] = failed([...application, ...below, release, ...elsewhere(30)]);
    expect(found).toMatchObject({ zone: az1, components: ['cache', 'cluster', 'database'], overwhelmingSince: null });
  });

  test('is found beside what fails in another zone since an earlier release, or by work on that zone, also when that is overdue', () => {
    const application = saw.alarms(['api-5xx', 'ingress-5xx', 'worker-errors'], az1, 0);
    const left = saw.alarms(['api-latency', 'worker-backlog'], az2, -1_700);
    const released = [saw.release('started', -1_900), saw.release('ended', -1_850)];
    expect(failed([...application, ...released, ...left])).toMatchObject([{ zone: az1 }]);
    const broken = saw.alarms(['api-5xx', 'worker-errors'], az2, 10);
    const work = [saw.maintenance('started', [az2], -5), saw.maintenance('ended', [az2], 20)];
    expect(failed([...application, ...broken], 60)).toEqual([]);
    expect(failed([...application, ...broken, ...work.slice(0, 1)], 60)).toMatchObject([{ zone: az1 }]);
    // What outlasts the work is a trouble of its own, and began when it should have ended.
    const { afterSeconds } = plan.explanations.maintenance;
    expect(failed([...application, ...broken, ...work], 21 + afterSeconds)).toMatchObject([{ zone: az1 }]);
  });

  test('is found since the last of what is needed, with all that fails there alone', () => {
    const none = { overwhelmingSince: null, contradicted: false, othersUnseen: [], dependsOn: [] };
    expect(failed(down)).toEqual([{ ...whole, ...none }]);
    expect(failed([...down, saw.alarm('api-5xx', null, 5)])).toEqual([{ ...whole, ...none }]);
    const more = [...down, saw.alarm('worker-errors', az1, 40), saw.alarm('worker-errors', az2, 50)];
    expect(failed(more)).toEqual([{ ...whole, ...none }]);
    expect(failed(down.slice(1))).toEqual([]);
  });

  describe('is not found for sure', () => {
    const dark = (...names: string[]) => saw.alarms(names, az2, 0, 'unknown');
    const unseen = (...more: Signal[]) => failed([...down, ...more])[0]?.othersUnseen;

    test('where more than a stray outlasts the work on another zone', () => {
      const outlasting = (...names: string[]) => [
        saw.maintenance('started', [az2], -2_000, 600),
        ...saw.alarms(names, az2, -1_900),
      ];
      expect(unseen(...outlasting('worker-errors', 'cache-status'))).toEqual([az2]);
      expect(unseen(...outlasting('worker-errors', 'worker-backlog'))).toEqual([]);
    });

    test('where three components of the others give no data', () => {
      expect(unseen(...dark('api-5xx', 'worker-errors', 'cache-status'))).toEqual([az2]);
      expect(unseen(...dark('api-5xx', 'worker-errors'))).toEqual([]);
      expect(unseen(...saw.alarms(['worker-errors', 'cache-status', 'ingress-5xx'], az1, 0, 'unknown'))).toEqual([]);
      expect(unseen(...saw.alarms(['worker-errors', 'cache-status', 'ingress-5xx'], null, 0, 'unknown'))).toEqual([]);
    });

    test('where something fails in another zone and so much gives no data that it may be the lost one', () => {
      const stray = saw.alarm('cache-status', az2, 0);
      const silent = saw.alarms(['ingress-targets', 'worker-queue'], az2, 0, 'unknown');
      expect(unseen(stray)).toEqual([]);
      expect(unseen(...silent)).toEqual([]);
      expect(unseen(stray, ...silent)).toEqual([az2]);
      expect(unseen(stray, ...silent.slice(1))).toEqual([]);
      expect(unseen(stray, ...silent.slice(1), saw.alarm('ingress-targets', az4, 0, 'unknown'))).toEqual([]);
      expect(unseen(stray, ...silent.slice(1), saw.alarm('cache-size', az2, 0, 'unknown'))).toEqual([]);
      expect(unseen(saw.alarm('cache-status', az1, 0), ...silent)).toEqual([]);
      // What depends on the database that fails in the tested zone alone fails everywhere.
      const others = saw.alarms(['ingress-targets', 'cache-size'], az2, 0, 'unknown');
      expect(unseen(saw.alarm('worker-errors', az2, 0), ...others)).toEqual([]);
      // An alarm on errors is well where nobody asks.
      expect(unseen(stray, ...silent, saw.alarm('ingress-5xx', az2, 50, 'healthy'))).toEqual([az2]);
    });

    test('before it is so for the whole time: what the others are said of has to be there as long', () => {
      const own = saw.alarms(['cluster-status', 'ingress-5xx', 'api-5xx'], az1, 0);
      const stray = saw.alarm('cache-status', az2, 0);
      const silent = saw.alarm('worker-queue', az2, 10, 'unknown');
      const seenAgain = saw.alarm('database-latency', az2, 60, 'healthy');
      expect(failed([...own, stray, silent])[0]).toMatchObject({ since: second(10), othersUnseen: [] });
      const [unsure] = failed([...own, stray, silent, saw.alarm('database-latency', az2, 10, 'unknown')]);
      expect(unsure).toMatchObject({ since: second(10), othersUnseen: [az2] });
      // Only one of three is well again: before that, the zone may have been the lost one.
      const cleared = saw.alarm('cache-status', az2, 60, 'healthy');
      expect(failed([...own, cleared, silent, seenAgain])[0]).toMatchObject({ since: second(60), othersUnseen: [] });
    });

    test('where another zone gives no data at all, however few components the plan has', () => {
      const [few] = [{ ...plan, evidence: { ...plan.evidence, zone: { ...plan.evidence.zone, components: 2 } } }];
      const found = (signals: readonly Signal[]) =>
        zoneEvidence(drawPicture(signals, region, few, second(100)), region, few, second(100))[0]?.othersUnseen;
      expect(found([...down, ...dark('worker-errors', 'ingress-5xx')])).toEqual([az2]);
      expect(found([...down, ...dark('worker-errors'), saw.alarm('ingress-5xx', az4, 0, 'unknown')])).toEqual([]);
      expect(found([...down, ...dark('worker-errors', 'worker-queue')])).toEqual([]);
    });

    test('where somebody works on another zone, and it is not well', () => {
      const work = (target: string) => saw.maintenance('started', [target], -100);
      const broken = saw.alarm('cache-status', az2, 0);
      expect(unseen(work(az2), broken)).toEqual([az2]);
      expect(unseen(work(az2), saw.alarm('cache-status', az2, 0, 'unknown'))).toEqual([az2]);
      expect(unseen(work(az2))).toEqual([]);
      expect(unseen(work('worker'), broken)).toEqual([]);
    });

    test('where the data of the others was lost, or their alarms were deleted, after they may have failed', () => {
      const own = [...saw.alarms(['cluster-status', 'ingress-5xx'], az1, 0), saw.alarm('api-5xx', az1, 20)];
      const others = (condition: 'unknown' | 'gone') =>
        saw.alarms(['worker-errors', 'cache-status'], az2, 60, condition);
      expect(failed([...own, ...others('unknown')])[0]).toMatchObject({ since: second(60), overwhelmingSince: null });
      expect(failed([...own, ...others('gone')])[0]?.since).toBe(second(60));
      // What was deleted long ago is the usual by now.
      expect(failed([...own, ...others('gone')], 659)[0]?.since).toBe(second(60));
      expect(failed([...own, ...others('gone')], 660)[0]?.since).toBe(second(20));
      expect(failed([...own, ...others('gone')])[0]?.othersUnseen).toEqual([]);
    });

    test('where what fails in every zone may be why', () => {
      const everywhere = (name: string) => [az1, az2, az4].map((zone) => saw.alarm(name, zone, 0));
      const application = saw.alarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az1, 10);
      const needs = (...signals: Signal[]) => failed(signals)[0]?.dependsOn;
      expect(needs(...application, ...everywhere('cache-latency'))).toEqual(['cache']);
      expect(needs(...application, ...everywhere('database-latency'))).toEqual(['database']);
      expect(needs(...application, ...everywhere('cluster-status'))).toEqual([]);
      // Where a zone has it and is asked, and nothing of that fails, it is not why.
      expect(needs(...application, ...everywhere('cache-latency').slice(0, 2))).toEqual([]);
      expect(needs(...application, ...everywhere('cache-latency').slice(1))).toEqual(['cache']);
      expect(needs(...application, saw.alarm('database-latency', null, 0))).toEqual(['database']);
      expect(needs(...application, saw.alarm('database-latency', az2, 0), saw.alarm('cache-latency', az4, 0))).toEqual([
        'cache',
        'database',
      ]);
      const blind = saw.alarm('database-latency', az4, 0, 'unknown');
      expect(needs(...application, saw.alarm('database-latency', az2, 0), blind)).toEqual(['database']);
      // What no application can break is no consequence of a database.
      expect(
        needs(...application, saw.alarm('cluster-nodes-notready', az1, 0), ...everywhere('cache-latency')),
      ).toEqual([]);
      const ofZone = saw.alarms(['database-latency', 'cluster-pods-unready'], az1, 0);
      expect(needs(...application, ...ofZone, saw.alarm('database-connections', null, 0))).toEqual([]);
    });

    test('while RDS fails a database over that all of it needs, and since then when that is over', () => {
      const application = saw.alarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az1, 10);
      const begun = saw.database('failover-started', 50);
      const found = (...more: Signal[]) => failed([...application, begun, ...more])[0];
      expect(found()).toMatchObject({ dependsOn: ['database'], since: second(10) });
      expect(found(saw.database('failover-completed', 70))).toMatchObject({ dependsOn: [], since: second(70) });
      // Its end may be lost.
      expect(failed([...application, begun], 349)[0]).toMatchObject({ dependsOn: ['database'] });
      expect(failed([...application, begun], 350)[0]).toMatchObject({ dependsOn: [], since: second(350) });
      // The zone that the database leaves fails by more than what needs it, and has failed since then.
      const latency = saw.alarm('database-latency', az1, 0);
      expect(found(latency, saw.alarm('cache-status', az1, 0))).toMatchObject({ dependsOn: [], since: second(10) });
      expect(found(saw.alarm('cluster-nodes-notready', az1, 0))).toMatchObject({ dependsOn: [], since: second(10) });
    });
  });

  test('is overwhelming since one component more than causes fail, while users are seen to begin to fail', () => {
    const users = [saw.run('eu-west-1', -80, true), saw.run('eu-west-1', -20, false)];
    expect(failed([...down, ...users])[0]?.overwhelmingSince).toBe(second(20));
    expect(failed(down)[0]?.overwhelmingSince).toBeNull();
    // What another zone had too ends in one of them last.
    const cleared = (seconds: number) => saw.alarm('worker-errors', az2, seconds, 'healthy');
    expect(failed([...down, cleared(0), ...users])[0]?.overwhelmingSince).toBeNull();
    expect(failed([...down, cleared(-0.001), ...users])[0]?.overwhelmingSince).toBe(second(20));
    expect(failed([...down, { ...cleared(5), zone: null } as Signal, ...users])[0]?.overwhelmingSince).toBe(second(20));
    expect(failed([...down, { ...cleared(5), zone: az1 } as Signal, ...users])[0]?.overwhelmingSince).toBe(second(20));
    expect(failed([...down.slice(0, 2), saw.alarm('api-pods-unready', az1, 20), ...users])).toEqual([
      {
        ...whole,
        evidence: expect.any(Array),
        overwhelmingSince: null,
        contradicted: false,
        othersUnseen: [],
        dependsOn: [],
      },
    ]);
  });

  test('is found with fewer components where AWS moved traffic out of it', () => {
    const few = down.slice(0, 2);
    expect(failed([...few, saw.autoshift(az1, 50)])).toMatchObject([
      { zone: az1, since: second(10), components: ['cluster', 'database'] },
    ]);
    expect(failed([...few, saw.autoshift(az2, 50)])).toEqual([]);
  });

  test('counts from when a neighbour that failed as well became healthy', () => {
    const neighbour = ['worker-errors', 'cache-status'].map((one, index) => saw.alarm(one, az2, 50 + index, 'healthy'));
    const own = [saw.alarm('cluster-nodes-notready', az1, 0), saw.alarm('ingress-5xx', az1, 0)];
    // Of two that had failed there one may go on to stray: it counts from the first that healed.
    expect(failed([...own, saw.alarm('api-5xx', az1, 20), ...neighbour])[0]?.since).toBe(second(50));
    const ofZone = saw.alarms(['worker-errors', 'cache-status'], az1, 60, 'healthy');
    expect(failed([...own, saw.alarm('api-5xx', az1, 20), ...ofZone])[0]?.since).toBe(second(20));
    const overall = saw.alarms(['worker-errors', 'cache-status'], null, 60, 'healthy');
    expect(failed([...own, saw.alarm('api-5xx', az1, 20), ...overall])[0]?.since).toBe(second(20));
  });

  test('is none by several components of one cause, whatever strays elsewhere', () => {
    const node = saw.alarms(['api-pods-unready', 'worker-pods-unready', 'cluster-nodes-notready'], az1, 0);
    expect(failed([...node, saw.alarm('cache-status', az2, 0)])).toEqual([]);
    expect(failed([...node, saw.alarm('cache-status', az1, 0)])).toHaveLength(1);
  });

  test('does not count from when a component of it healed over the region', () => {
    expect(failed([...down, saw.alarm('api-latency', null, 60, 'healthy')])[0]?.since).toBe(second(20));
    expect(failed([...down, saw.alarm('api-latency', az2, 60, 'healthy')])[0]?.since).toBe(second(60));
  });

  test('is none of a region that the plan has no zones of', () => {
    const elsewhere = down.map((signal) => ({ ...signal, region: 'eu-west-1' }));
    const picture = drawPicture(elsewhere, 'eu-west-1', plan, second(100));
    expect(zoneEvidence(picture, 'eu-west-1', plan, second(100))).toEqual([]);
    expect(zonesLost(picture, 'eu-west-1', plan)).toEqual([]);
  });
});

describe('a zone whose application alone says that it fails', () => {
  const application = [
    saw.alarm('api-5xx', az1, 0),
    saw.alarm('cluster-nodes-notready', az1, 0),
    saw.alarm('worker-pods-unready', az1, 10),
  ];
  const runs = (seconds: number) =>
    ['us-west-2', 'eu-west-1', 'ap-southeast-1'].map((one) => saw.run(one, seconds, true));

  test('is contradicted by every observer outside that has seen every visit answered since', () => {
    const contradicted = (signals: readonly Signal[]) => failed(signals)[0]?.contradicted;
    expect(contradicted([...application, ...runs(10.001)])).toBe(true);
    expect(contradicted([...application, ...runs(10)])).toBe(false);
    expect(contradicted([...application, ...runs(50).slice(1)])).toBe(false);
    expect(contradicted([...application, ...runs(50), saw.run('eu-west-1', 10, false)])).toBe(true);
    expect(contradicted([...application, ...runs(50), saw.run('eu-west-1', 10.001, false)])).toBe(false);
    expect(contradicted([...application, ...runs(50), saw.alarm('database-latency', az1, 0)])).toBe(false);
  });
});

describe('zones that are lost by their own evidence, whatever the others do', () => {
  test('tell what fails there, what of it is infrastructure, and what of that no application can break', () => {
    const there = [
      saw.alarm('api-5xx', az1, 0),
      saw.alarm('cache-connections', az1, 5),
      saw.alarm('database-latency', az1, 30),
    ];
    expect(lost([...there, saw.alarm('api-5xx', az2, 0), saw.alarm('cache-status', null, 0)])).toEqual([
      {
        zone: az1,
        since: second(30),
        components: ['api', 'cache', 'database'],
        opinions: expect.any(Array),
        infrastructure: ['cache', 'database'],
        unbreakable: ['database'],
      },
    ]);
    const turned = there.map((signal, index) => ({ ...signal, at: second(30 - index) }));
    expect(lost(turned)[0]).toMatchObject({
      components: ['api', 'cache', 'database'],
      infrastructure: ['cache', 'database'],
    });
    expect(lost(there)[0]?.opinions.map(({ id }) => id)).toEqual([
      `api-5xx-${az1}-failing@0`,
      `cache-connections-${az1}-failing@5`,
      `database-latency-${az1}-failing@30`,
    ]);
  });

  test('count from when components, causes and infrastructure are all there', () => {
    const since = (signals: readonly Signal[]) => lost(signals)[0]?.since ?? null;
    const parts = (api: number, worker: number, database: number) => [
      saw.alarm('api-5xx', az1, api),
      saw.alarm('worker-errors', az1, worker),
      saw.alarm('database-latency', az1, database),
    ];
    expect(since(parts(0, 10, 50))).toBe(second(50));
    expect(since(parts(50, 10, 0))).toBe(second(50));
    expect(since(parts(0, 50, 10))).toBe(second(50));
    expect(since(parts(0, 0, 0).slice(1))).toBeNull();
    const application = ['api-5xx', 'worker-errors', 'ingress-5xx'];
    expect(since(saw.alarms(application, az1, 0))).toBeNull();
    expect(since([...saw.alarms(application, az1, 0), saw.alarm('cluster-status', az1, 70)])).toBe(second(70));
    const node = saw.alarms(['api-pods-unready', 'worker-pods-unready', 'cluster-nodes-notready'], az1, 0);
    expect(since(node)).toBeNull();
    expect(since([...node, saw.alarm('cache-status', az1, 80)])).toBe(second(80));
  });

  test('rest on nothing that is explained', () => {
    const there = saw.alarms(['api-5xx', 'worker-errors', 'database-latency'], az1, 10);
    expect(lost(there)).toHaveLength(1);
    expect(lost([saw.release('started', 0), ...there])).toEqual([]);
  });
});

describe('a zone that would be lost, if a release or planned work did not explain a part', () => {
  const released = [saw.release('started', 0)];
  const there = saw.alarms(['api-5xx', 'worker-errors', 'cluster-status'], az1, 10);

  test('is found as if nothing explained it, where infrastructure fails that is not explained', () => {
    expect(partly([...released, ...there])).toEqual([
      {
        zone: az1,
        since: second(10),
        overwhelmingSince: null,
        components: ['api', 'cluster', 'worker'],
        evidence: ['api-5xx', 'cluster-status', 'worker-errors'].map((one) => `${one}-${az1}-failing@10`),
        contradicted: false,
        othersUnseen: [],
        dependsOn: [],
      },
    ]);
    expect(partly(there)).toEqual([]);
    expect(partly([...released, ...saw.alarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az1, 10)])).toEqual([]);
    const elsewhere = [
      ...saw.alarms(['api-5xx', 'worker-errors', 'cluster-pods-unready'], az1, 10),
      saw.alarm('cache-status', az2, 10),
    ];
    expect(partly([...released, ...elsewhere])).toEqual([]);
  });

  test('is found where all of it has outlasted the work', () => {
    const work = [saw.maintenance('started', ['database'], 0, 60)];
    const broken = saw.alarms(['database-status', 'api-5xx', 'worker-errors'], az1, 10);
    const until = 60 + plan.explanations.maintenance.afterSeconds;
    expect(partly([...work, ...broken], until)).toEqual([]);
    expect(partly([...work, ...broken], until + 0.001)).toMatchObject([{ zone: az1, since: second(until) + 1 }]);
  });
});

describe('a zone that is half seen', () => {
  const dark = (place: string, seconds: number, ...names: string[]) => saw.alarms(names, place, seconds, 'unknown');
  const fails = saw.alarm('database-latency', az1, 30);

  test('is found since as much fails or is silent as a lost zone needs', () => {
    expect(halfSeen([fails, ...dark(az1, 20, 'worker-errors'), ...dark(az1, 40, 'api-5xx')])).toEqual([
      {
        zone: az1,
        since: second(40),
        overwhelmingSince: null,
        components: ['api', 'database', 'worker'],
        evidence: [
          `worker-errors-${az1}-unknown@20`,
          `database-latency-${az1}-failing@30`,
          `api-5xx-${az1}-unknown@40`,
        ],
        contradicted: false,
        othersUnseen: [],
        dependsOn: [],
      },
    ]);
    expect(halfSeen([fails, ...dark(az1, 20, 'worker-errors')])).toEqual([]);
    expect(halfSeen(dark(az1, 20, 'worker-errors', 'api-5xx', 'cache-status'))).toEqual([]);
    expect(
      halfSeen([saw.autoshift(az1, 0), ...dark(az1, 20, 'worker-errors', 'api-5xx', 'cache-status')]),
    ).toMatchObject([{ zone: az1, since: second(20), components: ['api', 'cache', 'worker'] }]);
  });

  test('rests on what fails there without a reason, and on nothing over the region', () => {
    const silent = dark(az1, 40, 'worker-errors', 'ingress-5xx');
    const besides = [saw.release('started', 0), saw.alarm('api-5xx', az1, 10), saw.alarm('database-status', null, 5)];
    expect(halfSeen([...besides, fails, ...silent])).toMatchObject([
      {
        components: ['database', 'ingress', 'worker'],
        evidence: [
          `database-latency-${az1}-failing@30`,
          `ingress-5xx-${az1}-unknown@40`,
          `worker-errors-${az1}-unknown@40`,
        ],
      },
    ]);
  });

  test('is none where everything that is needed fails: then it is lost', () => {
    expect(halfSeen(down)).toEqual([]);
  });

  test('is none where the same is silent elsewhere, or where the others are not well', () => {
    const silent = dark(az1, 20, 'worker-errors', 'api-5xx');
    expect(halfSeen([fails, ...silent, ...dark(az2, 20, 'api-5xx')])).toEqual([]);
    expect(halfSeen([fails, ...silent, ...dark(az2, 20, 'cluster-status', 'cache-status')])).toHaveLength(1);
    expect(halfSeen([fails, ...silent, ...dark(az2, 20, 'cluster-status', 'cache-status', 'ingress-5xx')])).toEqual([]);
    const strays = [saw.alarm('cluster-status', az4, 0), saw.alarm('cache-status', az4, 0)];
    expect(halfSeen([fails, ...silent, ...strays.slice(1)])).toHaveLength(1);
    expect(halfSeen([fails, ...silent, ...strays])).toEqual([]);
  });
});
