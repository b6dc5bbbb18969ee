// Generated histories: one seed makes one; the label is what was true; a decision that is wrong, late or missing is seen.
import { describe, expect, test } from 'vitest';
import type { RegionConditions } from '../../../simulator/estate/traffic.ts';
import { historyOf } from '../../../simulator/histories/histories.ts';
import { type Heard, type Judged, judgeSeed, summed, verdictOn } from '../../../simulator/histories/judging.ts';
import { type Label, type Look, labelOf, nodesOf, type Struck } from '../../../simulator/histories/labels.ts';
import { playing } from '../../../simulator/playing/playing.ts';
import { faultKinds, parseScenario } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';

const { primary, standby } = plan.roles;
const [first = '', second = '', third = ''] = Object.keys(plan.regions[primary]?.zones ?? {});

type Zone = RegionConditions['zones'][number];
const wellZone = (zone: string): Zone => ({ zone, share: 1 / 3, localFailure: 0.0005, runs: true, condition: 'well' });
const database = { condition: 'healthy', writable: true, name: 'database', zone: first, replaceable: true } as const;
const cache = { condition: 'healthy', name: 'cache', zone: first, replaceable: true } as const;
const well: RegionConditions = {
  isDown: false,
  releaseFailure: 0,
  zones: [first, second, third].map(wellZone),
  databases: [database],
  caches: [cache],
};
const dead = { localFailure: 1, runs: false, condition: 'dead' } as const;
const slow = { localFailure: 0.35, condition: 'impaired' } as const;

/** The region with some of its zones changed. */
function zones(
  changes: Readonly<Record<string, Partial<Zone>>>,
  more: Partial<RegionConditions> = {},
): RegionConditions {
  return { ...well, zones: well.zones.map((one) => ({ ...one, ...changes[one.zone] })), ...more };
}

/** Ten minutes, of which `struck` says what was so in the primary region from one second to another. */
function labelled(
  struck: RegionConditions | { readonly cutOff: number },
  [from, until]: readonly [number, number],
  work: readonly Struck[] = [],
  platformFails = false,
): Label {
  const looks = Array.from({ length: 601 }, (_, at): Look => {
    const isStruck = at >= from && at < until;
    const conditions = { [primary]: isStruck && 'zones' in struck ? struck : well, [standby]: well };
    return {
      at: at * 1000,
      usersRegion: primary,
      conditions,
      cutOff: isStruck && 'cutOff' in struck ? struck.cutOff : 0,
      platformFails: isStruck && platformFails,
      losesEvents: false,
    };
  });
  return labelOf(looks, work);
}

const always = [0, 600] as const;
const lossesOf = (label: Label) =>
  label.losses.map(({ zone, from, until, causes }) => [zone ?? 'region', from / 1000, until / 1000, ...causes]);

describe('the label of what was true', () => {
  test('nothing was lost where nothing failed', () => {
    expect(labelled(well, always)).toEqual({
      losses: [],
      ailing: new Map(),
      explained: [],
      eventsLost: [],
      usersFailed: false,
    });
  });

  test.for([
    ['a zone without power', zones({ [first]: dead }), [[first, 60, 500]]],
    [
      'an impaired zone whose slow database goes with it',
      zones({ [first]: slow }, { databases: [{ ...database, condition: 'slow' }] }),
      [[first, 60, 500]],
    ],
    [
      'a zone that the balancer has left, and that has no node any more',
      zones({ [first]: { share: 0, localFailure: 0, runs: false } }),
      [[first, 60, 500]],
    ],
    ['a lost node whose targets are still asked', zones({ [first]: { localFailure: 0.33 } }), [[first, 60, 500]]],
    ['a region that is dark', { ...well, isDown: true }, [['region', 60, 500, 'region']]],
    [
      'two impaired zones',
      zones({ [first]: slow, [second]: slow }),
      [
        [first, 60, 500],
        [second, 60, 500],
        ['region', 60, 500, 'zones'],
      ],
    ],
    [
      'an impaired zone beside one that the balancer has left',
      zones(
        { [first]: { ...dead, share: 0 }, [second]: { ...slow, share: 0.5 }, [third]: { share: 0.5 } },
        {
          databases: [{ ...database, zone: third }],
          caches: [],
        },
      ),
      [
        [first, 60, 500],
        [second, 60, 500],
        ['region', 60, 500, 'zones'],
      ],
    ],
    [
      'two zones that the balancer has left while the third serves',
      zones(
        { [first]: { ...dead, share: 0 }, [second]: { ...dead, share: 0 }, [third]: { share: 1 } },
        { databases: [{ ...database, zone: third }], caches: [] },
      ),
      [
        [first, 60, 500],
        [second, 60, 500],
      ],
    ],
    [
      'two such zones, and the database in one with its standby in the other',
      zones(
        { [first]: { ...dead, share: 0 }, [second]: { ...dead, share: 0 }, [third]: { share: 1 } },
        { databases: [{ ...database, condition: 'down', writable: false, replaceable: false }] },
      ),
      [
        [first, 60, 500],
        [second, 60, 500],
        ['region', 60, 500, 'zones'],
      ],
    ],
    [
      'a database that is down by itself',
      { ...well, databases: [{ ...database, condition: 'down', writable: false }] },
      [['region', 60, 500, 'asset']],
    ],
    ['a bad release', { ...well, releaseFailure: 0.35 }, []],
    ['a bad release while a zone is lost', zones({ [first]: dead }, { releaseFailure: 0.35 }), [[first, 60, 500]]],
    ['no way from most places outside', { cutOff: 0.75 }, [['region', 60, 500, 'cut-off']]],
    ['no way from half of them', { cutOff: 0.5 }, []],
  ] as const)('%s', ([, struck, expected]) => {
    expect(lossesOf(labelled(struck, [60, 500])).toSorted()).toEqual(expected.map((one) => [...one]).toSorted());
  });

  test('what AWS would mend is the matter of a region whose control planes fail', () => {
    const down = { ...well, databases: [{ ...database, condition: 'down', writable: false }] } as const;
    expect(lossesOf(labelled(down, [60, 263], [], true))).toEqual([['region', 60, 263, 'asset']]);
    expect(lossesOf(labelled(down, [60, 263]))).toEqual([]);
  });

  test('control planes that fail for a moment of it keep AWS from nothing', () => {
    const down = { ...well, databases: [{ ...database, condition: 'down', writable: false }] } as const;
    const looks = Array.from({ length: 601 }, (_, at): Look => {
      const isDown = at >= 60 && at < 120;
      const conditions = { [primary]: isDown ? down : well, [standby]: well };
      return {
        at: at * 1000,
        usersRegion: primary,
        conditions,
        cutOff: 0,
        platformFails: at === 60,
        losesEvents: false,
      };
    });
    expect(lossesOf(labelOf(looks, []))).toEqual([]);
  });

  test("what AWS mends by itself in minutes is nobody's reason to leave a region", () => {
    const down = { ...well, databases: [{ ...database, condition: 'down', writable: false }] } as const;
    expect(lossesOf(labelled(down, [60, 200]))).toEqual([]);
  });

  test('a database that fails over while users fail since zones were lost is a part of that loss, and not where they were served', () => {
    const down = { databases: [{ ...database, condition: 'down', writable: false }] } as const;
    const two = zones({ [first]: dead, [second]: dead });
    const one = zones({ [second]: dead });
    const lived = (...parts: readonly (readonly [number, RegionConditions])[]) =>
      lossesOf(
        labelOf(
          [...parts, [600, well] as const].map(([at, conditions]) => ({
            at: at * 1000,
            usersRegion: primary,
            conditions: { [primary]: conditions },
            cutOff: 0,
            platformFails: false,
            losesEvents: false,
          })),
          [],
        ),
      ).filter(([what]) => what === 'region');
    const after = { ...well, ...down };
    expect(lived([0, well], [60, two], [120, one], [150, after], [200, well])).toEqual([
      ['region', 60, 120, 'zones'],
      ['region', 150, 200, 'asset'],
    ]);
    const zonesAlone = [['region', 60, 120, 'zones']];
    expect(lived([0, well], [60, two], [120, well], [150, after], [200, well])).toEqual(zonesAlone);
    // Nor long after them, nor where a release failed users between the two.
    expect(lived([0, well], [60, two], [120, one], [240, after], [300, well])).toHaveLength(2);
    expect(lived([0, well], [60, two], [120, one], [241, after], [300, well])).toEqual(zonesAlone);
    const released = { ...well, releaseFailure: 0.35 };
    expect(lived([0, well], [60, two], [120, released], [150, after], [200, well])).toEqual(zonesAlone);
    expect(lived([0, well], [100, one], [150, after], [200, well])).toEqual([]);
  });

  test('what a release does is explained, and leaving a zone would not help', () => {
    const { explained, ailing } = labelled({ ...well, releaseFailure: 0.35 }, [60, 500]);
    expect({ explained, ailing }).toMatchObject({ explained: [{ from: 60_000, until: 500_000 }], ailing: new Map() });
  });

  test('what planned work strikes is explained for as long as it strikes, and no longer', () => {
    const work = [{ thing: first, from: 60_000, until: 200_000 }];
    const label = labelled(zones({ [first]: slow }), [60, 500], work);
    expect(lossesOf(label)).toEqual([[first, 200, 500]]);
    expect(label.explained).toMatchObject([{ from: 60_000, until: 200_000 }]);
  });

  test('planned work on nodes explains what is wrong with these, and no zone that is lost meanwhile', () => {
    const work = [{ thing: nodesOf(first), from: 0, until: 600_000 }];
    expect(lossesOf(labelled(zones({ [first]: { localFailure: 0.33 } }), [60, 500], work))).toEqual([]);
    expect(lossesOf(labelled(zones({ [first]: slow }), [60, 500], work))).toEqual([[first, 60, 500]]);
    const powerOff = [{ thing: first, from: 0, until: 600_000 }];
    expect(lossesOf(labelled(zones({ [first]: dead }), [60, 500], powerOff))).toEqual([[first, 60, 500]]);
  });

  test('while its region is lost as a whole, a zone is not lost beside it', () => {
    const losses = lossesOf(labelled(zones({ [first]: dead }, { isDown: true }), [60, 500]));
    expect(losses).toEqual([['region', 60, 500, 'region']]);
  });

  test('planned work on a database explains users who fail by it, and not a zone that is lost beside it', () => {
    const work = [{ thing: 'database', from: 0, until: 600_000 }];
    const down = { databases: [{ ...database, condition: 'down', writable: false }] } as const;
    expect(lossesOf(labelled({ ...well, ...down }, [60, 500], work))).toEqual([]);
    expect(lossesOf(labelled(zones({ [second]: dead }, down), [60, 500], work))).toEqual([[second, 60, 500]]);
  });

  test('a zone of the region that serves nobody is not lost to anybody', () => {
    const looks = [0, 600].map((at) => ({
      at: at * 1000,
      usersRegion: standby,
      conditions: { [primary]: zones({ [first]: dead }), [standby]: well },
      cutOff: 0,
      platformFails: false,
      losesEvents: false,
    }));
    expect(lossesOf(labelOf(looks, []))).toEqual([]);
  });
});

const heard = (second: number, action: Heard['action'], zone: string | null, more: Partial<Heard> = {}): Heard => ({
  at: second * 1000,
  incident: 'i-1',
  action,
  scope: { region: primary, zone },
  pagedAt: second * 1000 + 2_000,
  closedAt: null,
  ...more,
});
const lostZone = labelled(zones({ [first]: dead }), [60, 500]);
const lostRegion = labelled({ ...well, isDown: true }, [60, 500]);

describe('a decision that was wrong', () => {
  test.for([
    ['a region request while a zone was lost', lostZone, heard(200, 'request-approval', null)],
    [
      'a region request about the other region',
      lostRegion,
      heard(200, 'request-approval', null, { scope: { region: standby, zone: null } }),
    ],
    ['a region request before its cause', lostRegion, heard(50, 'request-approval', null)],
    [
      'a region request long after it',
      labelled({ ...well, isDown: true }, [60, 100]),
      heard(230, 'request-approval', null),
    ],
    [
      'a region request about a bad release',
      labelled({ ...well, releaseFailure: 0.35 }, always),
      heard(200, 'request-approval', null),
    ],
    ['a zone that was well', lostZone, heard(200, 'az-failover', second)],
    [
      'a zone that had been well for long',
      labelled(zones({ [first]: dead }), [60, 100]),
      heard(230, 'az-failover', first),
    ],
    [
      'a zone whose end was lost with its event, and that the sweep has read',
      { ...labelled(zones({ [first]: dead }), [60, 100]), eventsLost: [{ from: 0, until: 500_000 }] },
      heard(281, 'az-failover', first),
    ],
    [
      'a zone that had been well for long, and events were lost before',
      { ...labelled(zones({ [first]: dead }), [60, 100]), eventsLost: [{ from: 0, until: 99_000 }] },
      heard(230, 'az-failover', first),
    ],
    [
      'the zone of a cache that is slow while a bad release fails users',
      labelled({ ...well, releaseFailure: 0.35, caches: [{ ...cache, condition: 'slow' }] }, always),
      heard(200, 'az-failover', first),
    ],
    [
      'a zone during a bad release',
      labelled({ ...well, releaseFailure: 0.35 }, always),
      heard(200, 'az-failover', first),
    ],
  ] as const)('is seen: %s', ([, label, decision]) => {
    expect(verdictOn(label, [decision], 0).wrong).toHaveLength(1);
  });

  test.for([
    ['a region request for a dark region', lostRegion, heard(200, 'request-approval', null)],
    [
      'one that nobody could know to be late',
      labelled({ ...well, isDown: true }, [60, 100]),
      heard(215, 'request-approval', null),
    ],
    [
      'one whose end was lost with its event',
      { ...labelled(zones({ [first]: dead }), [60, 100]), eventsLost: [{ from: 0, until: 150_000 }] },
      heard(279, 'az-failover', first),
    ],
    ['the lost zone is left', lostZone, heard(200, 'az-failover', first)],
    [
      'the zone of a database that fails is left',
      labelled({ ...well, databases: [{ ...database, condition: 'down', writable: false }] }, [60, 200]),
      heard(150, 'az-failover', first),
    ],
    ['people are told', labelled(well, always), heard(200, 'notify', null)],
    ['a hold', labelled(well, always), heard(200, 'hold', null)],
  ] as const)('is not: %s', ([, label, decision]) => {
    expect(verdictOn(label, [decision], 0).wrong).toEqual([]);
  });

  test('says what, when, and since when all was well', () => {
    const label = labelled(zones({ [first]: dead }), [60, 100]);
    expect(verdictOn(label, [heard(230, 'az-failover', first)], 0)).toMatchObject({
      decided: 'zone failover elsewhere',
      wrong: [`left ${first} at 230 s, which did not fail its users since 100 s`],
    });
  });
});

describe('a loss that lasted five minutes', () => {
  test.for([
    ['left', lostZone, [heard(180, 'az-failover', first)], 120],
    ['held with a page', lostZone, [heard(180, 'hold', first)], 122],
    ['held as a matter of its region', lostZone, [heard(180, 'hold', null)], 122],
    ['asked about', lostRegion, [heard(180, 'request-approval', null)], 120],
    ['answered late, which is missed', lostRegion, [heard(370, 'request-approval', null)], 310],
    [
      'answered by a request from before, whose incident was open',
      lostRegion,
      [heard(10, 'request-approval', null)],
      0,
    ],
  ] as const)('is answered: %s', ([, label, decisions, seconds]) => {
    const { lost, missed } = verdictOn(label, decisions, 0);
    expect(lost.map((one) => one.seconds)).toEqual([seconds]);
    expect(missed).toHaveLength(seconds > 300 ? 1 : 0);
  });

  test.for([
    ['nothing', lostZone, []],
    ['a message', lostZone, [heard(180, 'notify', null)]],
    ['a hold that nobody was paged with', lostZone, [heard(180, 'hold', first, { pagedAt: null })]],
    ['a hold about another zone', lostZone, [heard(180, 'hold', second)]],
    ['another zone left', lostZone, [heard(180, 'az-failover', second)]],
    ['a zone left, where the region was lost', lostRegion, [heard(180, 'az-failover', first)]],
    ['an answer from before, whose incident was closed', lostRegion, [heard(10, 'hold', null, { closedAt: 40_000 })]],
  ] as const)('is not answered by %s', ([, label, decisions]) => {
    const { missed, lost } = verdictOn(label, decisions, 0);
    expect(missed).toHaveLength(1);
    expect(lost.map((one) => one.seconds)).toEqual([null]);
  });

  test('a zone whose region is lost before its answer is due counts with its region', () => {
    const { lost, truth } = verdictOn(labelled(zones({ [first]: slow, [second]: slow }), [60, 500]), [], 0);
    expect({ lost, truth }).toEqual({ lost: [{ what: 'region', seconds: null }], truth: 'region' });
  });

  test('users who all fail by one asset are told apart from a region that is lost', () => {
    const down = { ...well, databases: [{ ...database, condition: 'down', writable: false }] } as const;
    const { lost, truth } = verdictOn(labelled(down, [60, 500]), [heard(160, 'hold', null)], 0);
    expect({ lost, truth }).toEqual({ lost: [{ what: 'asset', seconds: 102 }], truth: 'asset' });
  });

  test('a shorter one need not be', () => {
    expect(verdictOn(labelled(zones({ [first]: dead }), [60, 350]), [], 0)).toMatchObject({
      truth: 'brief zone',
      missed: [],
    });
  });
});

test('many verdicts are counted by truth and decision, in the order of their seeds', () => {
  const of = (seed: number, more: Partial<Judged>): Judged => ({
    seed,
    truth: 'zone',
    decided: 'zone failover',
    wrong: [],
    missed: [],
    lost: [{ what: 'zone', seconds: null }],
    history: 'h',
    ...more,
  });
  const judged = [
    of(3, { decided: 'nothing', missed: ['late'] }),
    of(1, { lost: [{ what: 'zone', seconds: 100 }] }),
    of(2, { lost: [{ what: 'zone', seconds: 310 }], wrong: ['why'] }),
  ];
  const none = { lost: { count: 0, inTime: 0 }, times: { p50: null, p95: null, p99: null } };
  expect(summed(3, 1, judged)).toEqual({
    seeds: 3,
    from: 1,
    matrix: [
      { truth: 'zone', decided: 'zone failover', count: 2 },
      { truth: 'zone', decided: 'nothing', count: 1 },
    ],
    wrong: [{ seed: 2, truth: 'zone', decided: 'zone failover', why: 'why', history: 'h' }],
    missed: [{ seed: 3, truth: 'zone', decided: 'nothing', why: 'late', history: 'h' }],
    lost: { zone: { count: 3, inTime: 1 }, region: none.lost, asset: none.lost },
    secondsToDecide: { zone: { p50: 100, p95: 310, p99: 310 }, region: none.times, asset: none.times },
  });
});

describe('histories', () => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1);

  test('one seed makes one history, and another seed another one', () => {
    expect(historyOf(7, plan)).toEqual(historyOf(7, plan));
    expect(historyOf(8, plan)).not.toEqual(historyOf(7, plan));
  });

  test('each can be played, and is short', () => {
    for (const seed of seeds) {
      const { scenario } = historyOf(seed, plan);
      expect(playing('history', plan, [], scenario).scenario.faults).toHaveLength(scenario.faults.length);
      expect(scenario.withinSeconds).toBeLessThanOrEqual(1_500);
    }
  });

  test('each is what a scenario file may say', () => {
    for (const seed of seeds.slice(0, 100)) {
      const { faults, title, withinSeconds, expect: expected } = historyOf(seed, plan).scenario;
      expect(
        parseScenario('history', JSON.stringify({ title, faults, withinSeconds, expect: expected })).faults,
      ).toEqual(faults);
    }
  });

  test('every kind of fault that signals and users can feel comes up', () => {
    const kinds = new Set(
      seeds.flatMap((seed) => historyOf(seed, plan).scenario.faults.map(({ fault }) => fault.kind)),
    );
    // What is left out strikes only flows that change something in the other region, which nobody lets do it here, or
    // what no signal tells of: backups, and data that is wrong.
    const ofFlows = [
      'bucket-lost',
      'bucket-private',
      'record-shape',
      'functions-inactive',
      'cache-cluster-mode',
      'restore-fails',
      'build-fails',
    ];
    const left = [
      ...ofFlows,
      'backup-replication-stopped',
      'cache-exports-stopped',
      'cluster-changed',
      'cluster-missing',
      'data-corrupted',
      'messages-bounce',
      'parameter-sealed',
      'rows-lost',
      'snapshot-missing',
    ];
    expect(faultKinds.filter((kind) => !kinds.has(kind)).toSorted()).toEqual(left.toSorted());
  });

  test('one that is lived through twice is judged alike', { timeout: 60_000 }, async () => {
    const judged = await judgeSeed(2, plan);
    expect(judged.history).not.toBe('');
    expect(await judgeSeed(2, plan)).toEqual(judged);
  });
});
