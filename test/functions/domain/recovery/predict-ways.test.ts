// What each way costs, by what the kinds saw: restores, what was promoted, what could not be fenced, and the other ways.
import { describe, expect, test } from 'vitest';
import {
  assess,
  executionSeconds,
  type KindSeen,
  type Observed,
  type RankedWay,
} from '../../../../functions/domain/recovery/predict.ts';
import { greatestLoss, lossSeconds, measure } from '../../../../functions/domain/recovery/region-record.ts';
import { without } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { at } from '../../../store/samples.ts';

const second = 1_000;
const takingOver = { region: 'us-west-2', incident: null, controlPlanes: [] };
const observed: Observed = {
  ...{ target: 'us-east-1', standby: 'us-west-2', mode: 'failover', plan: 'a1b2', now: at + 240 * second, since: at },
  ...{ aliveAt: at - 20 * second, writesEndedAt: at, over: false, called: [], fenced: [], seen: [], takingOver },
};
const saw = (change: Partial<KindSeen>): KindSeen => ({ obstacles: [], merits: [], ...change });
const way = (change: Partial<RankedWay> = {}): RankedWay => ({
  ...{ way: 'promote-replica', usable: true, lossSeconds: 30, seconds: 300, why: 'it replicates', against: [] },
  ...change,
});
const ways = (asset: string, first: Partial<RankedWay> = {}, ...rest: Partial<RankedWay>[]) => ({
  asset,
  ways: [first, ...rest].map(way),
});
const look = (seen: Partial<KindSeen>[], change: Partial<Observed> = {}, of = plan) =>
  assess({ ...observed, seen: seen.map(saw), ...change }, of);
const { redirectionSeconds, otherSeconds } = plan.predictions;
/** The cache leaves with the users, and waits for what is restored. */
const cacheSeconds = plan.predictions.takeOverSeconds.elasticache ?? Number.NaN;
const passed = 260;

describe('whether a way is offered', () => {
  test('says everything that speaks against it, else everything there is, else that all is there', () => {
    expect(look([])).toMatchObject({ offered: true, why: 'us-west-2 has all that the plan names' });
    expect(look([{ merits: ['a'] }, { merits: ['b', 'c'] }])).toMatchObject({ offered: true, why: 'a; b; c' });
    expect(look([{ merits: ['a'], obstacles: ['x'] }, { obstacles: ['y'] }])).toMatchObject({
      ...{ offered: false, why: 'x; y' },
    });
  });

  test.for<[string, Partial<KindSeen>, Partial<Observed>, boolean, string]>([
    ['where the incident is over', {}, { over: true }, false, 'the incident is over: us-east-1 may be well again'],
    [
      'where it is over and something was promoted',
      { promoted: ['database', 'orders'] },
      { over: true },
      true,
      'the incident is over and database, orders takes writes in us-west-2: going on loses what us-east-1 took since, staying throws the copy in us-west-2 away',
    ],
    ['where something was promoted', { promoted: ['database'] }, {}, true, 'us-west-2 has all that the plan names'],
    ['of a region for itself', {}, { standby: 'us-east-1' }, false, 'us-east-1 cannot take over from itself'],
    [
      'of a restore where it stands',
      {},
      { standby: 'us-east-1', mode: 'restore' },
      true,
      'us-east-1 has all that the plan names',
    ],
    [
      'of a failover whose fence was tried in vain',
      {},
      { inVain: { database: 'it is dark' } },
      true,
      'us-west-2 has all that the plan names',
    ],
    [
      'of a switchover whose fence was tried in vain',
      {},
      { mode: 'switchover', inVain: { database: 'it is dark' } },
      false,
      'a switchover needs a fence, and database in us-east-1 cannot be fenced: it is dark',
    ],
  ])('%s', ([, seen, change, offered, why]) => {
    expect(look([seen], change)).toMatchObject({ offered, why });
  });
});

describe('what is not fenced', () => {
  const dark = { asset: 'database', reachable: false, why: 'it does not answer' };
  const full = { asset: 'orders', reachable: true, why: 'orders is storage-full' };

  test('is the region, its assets once each, and of each why', () => {
    const found = look([{ open: [dark, full] }, { open: [dark] }], { inVain: { votes: 'refused', orders: 'again' } });
    expect(found).toMatchObject({
      ...{ unfenced: ['us-east-1'], unfencedAssets: ['database', 'orders', 'votes'] },
      unreachable: ['database', 'database'],
      cannotFence: ['orders is storage-full', 'votes in us-east-1 cannot be fenced: refused'],
    });
    expect(found.bounds).toMatchObject({
      ...{ unfenced: ['us-east-1'], unfencedAssets: ['database', 'orders', 'votes'] },
    });
  });

  test('is nothing where all can be', () => {
    const found = look([]);
    expect(found).toMatchObject({ unfenced: [], unfencedAssets: [], unreachable: [], cannotFence: [] });
    expect(found.bounds).not.toHaveProperty('unfencedAssets');
  });
});

test('the replica that would lose most is shown; one whose loss is not known first, and one that was not seen is said so', () => {
  const replica = (status: string | null, lag: { at: number; lagSeconds: number | null } | null) => ({ status, lag });
  const shown = (...replicas: ReturnType<typeof replica>[]) => look([{ replicas }]).replica;
  const [near, far] = [replica('available', { at, lagSeconds: 2 }), replica('modifying', { at, lagSeconds: 9 })];
  expect(shown()).toBeNull();
  expect(shown(near, far)).toEqual({ status: 'modifying', lagSeconds: 9, lastSeenAt: at });
  expect(shown(far, near)?.lagSeconds).toBe(9);
  expect(shown(near, replica(null, null))).toEqual({ status: 'not seen', lagSeconds: null, lastSeenAt: null });
  expect(shown(far, replica('failed', { at: at - 5, lagSeconds: null }))).toEqual({
    ...{ status: 'failed', lagSeconds: null, lastSeenAt: at - 5 },
  });
});

describe('the way', () => {
  const of = (...all: ReturnType<typeof ways>[]) => look([{ ways: all }]);

  test('of what loses most is the way of the region, and then of what takes longest', () => {
    const restore = (change: Partial<RankedWay>) => ({ way: 'restore-snapshot' as const, ...change });
    expect(of(ways('a', { lossSeconds: 30 }), ways('b', restore({ lossSeconds: 31 }))).way).toBe('restore-snapshot');
    expect(of(ways('a', { lossSeconds: 30 }), ways('b', restore({ lossSeconds: 29 }))).way).toBe('promote-replica');
    expect(of(ways('a', { lossSeconds: 30 }), ways('b', restore({ lossSeconds: null }))).way).toBe('restore-snapshot');
    expect(of(ways('a', { seconds: 300 }), ways('b', restore({ seconds: 301 }))).way).toBe('restore-snapshot');
    expect(of(ways('a', { seconds: 300 }), ways('b', restore({ seconds: 299 }))).way).toBe('promote-replica');
    expect(of(ways('a', { seconds: 300 }), ways('b', restore({ seconds: null }))).way).toBe('restore-snapshot');
    expect(of(ways('a')).bounds).toMatchObject({ way: 'promote-replica', ways: { a: 'promote-replica' } });
  });

  test('is that of the plan where no asset has several', () => {
    const found = look([]);
    expect(found.way).toBe('promote-replica');
    expect(found.bounds).not.toHaveProperty('ways');
    expect(found.bounds).not.toHaveProperty('assetCeilingSeconds');
    expect(look([{ ways: [{ asset: 'a', ways: [] }] }]).way).toBe('promote-replica');
    expect(look([], {}, without(plan, 'rds-instance')).way).toBe('fail-over-datastore');
  });
});

describe('the time until users are served', () => {
  const seconds = (seen: Partial<KindSeen>, change: Partial<Observed> = {}, of = plan) =>
    look([seen], change, of).predicted;

  test('is that of the way, beside the kinds that have none, then until users are there', () => {
    const rest = redirectionSeconds + otherSeconds;
    expect(seconds({ ways: [ways('database', { seconds: 480 })] }).recoverySeconds).toBe(passed + 480 + rest);
    // The cache takes 60 of its own.
    expect(seconds({ ways: [ways('database', { seconds: 9 })] }).recoverySeconds).toBe(passed + 60 + rest);
    expect(seconds({}).recoverySeconds).toBe(passed + 300 + rest);
    expect(seconds({ seconds: 700 }).recoverySeconds).toBe(passed + 700 + rest);
    expect(seconds({ ways: [ways('database', { seconds: 480 })], seconds: 100 }).recoverySeconds).toBe(
      passed + 480 + rest,
    );
  });

  test('is not known where one way has no time', () => {
    expect(seconds({ ways: [ways('database'), ways('orders', { seconds: null })] }).recoverySeconds).toBeNull();
  });

  test('of a restore is that of the restore alone: nobody is moved, and nothing else takes over', () => {
    const restore = { mode: 'restore', standby: 'us-east-1', now: at + 30 * second } as const;
    const restored = { ways: [ways('database', { way: 'restore-snapshot', seconds: 30 })], seconds: 999 };
    expect(seconds(restored, restore)).toMatchObject({
      recoverySeconds: 30 + 30 + otherSeconds,
      countsFrom: { at, what: 'first-evidence' },
      basis: 'what a restore takes, and the figures of the plan',
    });
  });

  test('of what a person started counts from the start, and never below zero', () => {
    expect(seconds({}, { mode: 'switchover' }).countsFrom).toEqual({ at, what: 'first-evidence' });
    expect(seconds({}, { now: at - 90 * second }).recoverySeconds).toBe(300 + redirectionSeconds + otherSeconds);
    expect(seconds({}, { now: at + 240_499 }).recoverySeconds).toBe(passed + 300 + redirectionSeconds + otherSeconds);
  });

  const history = [400, 900, 500].map((takeOverSeconds) => ({ takeOverSeconds, redirectionSeconds: 60 }));
  test('goes by earlier moves where all is promoted, and by figures where something is restored', () => {
    const promoted = seconds({ ways: [ways('database')] }, { history });
    expect(promoted.recoverySeconds).toBe(passed + 900 + 60);
    expect(promoted.basis).toMatch(/^what the last 3 moves/);
    expect(seconds({ ways: [ways('database')], seconds: 1_000 }, { history }).recoverySeconds).toBe(
      passed + 1_000 + 60,
    );
    const mixed = seconds(
      { ways: [ways('database'), ways('orders', { way: 'restore-snapshot', seconds: 800 })] },
      { history },
    );
    expect(mixed.recoverySeconds).toBe(passed + 800 + cacheSeconds + redirectionSeconds + otherSeconds);
    expect(mixed.basis).toBe('what a restore takes, and the figures of the plan');
    const restored = seconds({}, { history, mode: 'restore', standby: 'us-east-1' });
    expect(restored.basis).toBe('what a restore takes, and the figures of the plan');
  });

  test('from an approval on is that of the slowest kind, and then of users', () => {
    expect(executionSeconds(plan)).toBe(300 + otherSeconds + redirectionSeconds);
  });
});

describe('the loss', () => {
  const bounds = (all: ReturnType<typeof ways>[], change: Partial<Observed> = {}) => {
    const { predicted, bounds: of } = look([{ ways: all }], change);
    return [predicted.dataLossSeconds, predicted.assetLossSeconds, of.lossCeilingSeconds, of.assetCeilingSeconds];
  };
  const { lossMarginSeconds: margin, expirySeconds: expiry } = plan.approval;

  test('is the greatest, a part of a second is a whole one, and an approval holds for somewhat more', () => {
    expect(bounds([ways('a', { lossSeconds: 30.1 }), ways('b', { lossSeconds: 7 })])).toEqual([
      ...[31, { a: 31, b: 7 }, 31 + margin, { a: 31 + margin, b: 7 + margin }],
    ]);
  });

  test('of one that nobody knows is not known, and bound to nothing', () => {
    expect(bounds([ways('a', { lossSeconds: null }), ways('b', { lossSeconds: 7 })])).toEqual([
      ...[null, { a: null, b: 7 }, null, { a: null, b: 7 + margin }],
    ]);
  });

  test('of a switchover has no margin', () => {
    expect(bounds([ways('a', { lossSeconds: 0 })], { mode: 'switchover' })).toEqual([0, { a: 0 }, 0, { a: 0 }]);
  });

  test('that grows until people have answered is approved for as long', () => {
    const more = margin + expiry;
    expect(bounds([ways('a', { grows: true }), ways('b', { lossSeconds: 7 })])).toEqual([
      ...[30, { a: 30, b: 7 }, 30 + more, { a: 30 + more, b: 7 + margin }],
    ]);
    expect(bounds([ways('a')], { mode: 'restore', standby: 'us-east-1' })).toEqual([
      ...[30, { a: 30 }, 30 + more, { a: 30 + more }],
    ]);
  });

  test('of a region that is back is not known', () => {
    expect(bounds([ways('a')], { over: true })).toEqual([null, { a: null }, null, { a: null }]);
    expect(bounds([], { over: true })).toEqual([null, {}, null, undefined]);
  });

  test('of databases is the greatest; alone a cache loses what nobody measures, and nothing loses nothing', () => {
    expect(greatestLoss([3, 9, 4], plan)).toBe(9);
    expect(greatestLoss([3, null], plan)).toBeNull();
    expect(greatestLoss([-3], plan)).toBe(0);
    expect(greatestLoss([], plan)).toBeNull();
    expect(greatestLoss([], without(plan, 'elasticache'))).toBe(0);
    expect(lossSeconds('failover', { at: at + 5 * second, lagSeconds: 4 }, at)).toBe(4);
  });
});

describe('what going on loses', () => {
  const going = (copiedUntil: (number | null)[], change: Partial<Observed> = {}) =>
    look([{ promoted: ['database'], copiedUntil }], change).goingOn;

  test('is nothing while nothing is promoted', () => {
    expect(look([{ copiedUntil: [at] }]).goingOn).toBeNull();
    expect(look([{ promoted: ['a'] }, { promoted: ['b'] }]).promoted).toEqual(['a', 'b']);
  });

  test('is what was written since the oldest copy, until the fence or now', () => {
    expect(going([at + 9, at])).toEqual({ since: at, atMostSeconds: 240 });
    expect(going([at], { fencedAt: at + 90_100 })).toEqual({ since: at, atMostSeconds: 91 });
    expect(going([at], { fencedAt: at - 1 })).toEqual({ since: at, atMostSeconds: 0 });
  });

  test('is not known where one copy is not', () => {
    const unknown = { since: null, atMostSeconds: null };
    expect(going([at, null])).toEqual(unknown);
    expect(going([])).toEqual(unknown);
  });
});

describe('the other ways', () => {
  const others = (all: ReturnType<typeof ways>[], change: Partial<Observed> = {}) =>
    look([{ ways: all }], change).alternatives;
  const stays = { way: 'wait', offered: true, recoverySeconds: null, dataLossSeconds: null };

  test('to wait leaves users where they are served, where somebody sees that', () => {
    const why = (servedFrom: readonly string[]) => others([ways('database', {})], { servedFrom }).at(-1)?.why;
    expect(why(['eu-west-1', 'us-west-2'])).toBe('nothing is changed; users were seen to be served in us-east-1');
    expect(why([])).toBe('nothing is changed; users are served when us-east-1 is back');
  });

  test('are told by asset, with all that speaks against them, and to wait is always one', () => {
    const rest = passed + redirectionSeconds + otherSeconds;
    const restore = { way: 'restore-snapshot', seconds: 900, lossSeconds: 60.5, why: 'a snapshot is there' } as const;
    expect(
      others([
        ways('database', {}, { ...restore, against: ['it is old', 'it is slow'] }),
        ways('orders', { seconds: 400 }, { ...restore, usable: false, why: '', against: ['no key'], seconds: null }),
      ]),
    ).toEqual([
      {
        ...{ way: 'restore-snapshot', asset: 'database', offered: true, dataLossSeconds: 61 },
        ...{ why: 'a snapshot is there; it is old; it is slow', recoverySeconds: rest + 900 + cacheSeconds },
      },
      {
        ...{ way: 'restore-snapshot', asset: 'orders', offered: false, dataLossSeconds: 61 },
        ...{ why: 'no key', recoverySeconds: null },
      },
      { ...stays, why: 'nothing is changed; users are served when us-east-1 is back' },
    ]);
  });

  test('take as long as the others that take over with them', () => {
    const [first] = others([
      ways('database', {}, { way: 'restore-snapshot', seconds: 100 }),
      ways('orders', { seconds: 400 }),
    ]);
    expect(first?.recoverySeconds).toBe(passed + 400 + cacheSeconds + redirectionSeconds + otherSeconds);
  });

  test('of a planned move is to stay: nobody waits for an outage', () => {
    expect(others([], { mode: 'switchover' })).toEqual([
      { ...stays, why: 'nothing is moved; users stay in us-east-1' },
    ]);
  });

  test('of a restore are to go on with the data as it is', () => {
    expect(others([], { mode: 'restore', standby: 'us-east-1' })).toEqual([
      { ...stays, why: 'nothing is changed; us-east-1 goes on with the data that it has' },
    ]);
  });
});

test('an answer that came before it was asked for took no time', () => {
  const from = { at, what: 'first-evidence' } as const;
  const approvals = [
    { askedAt: at, settledAt: at - 9 * second },
    { askedAt: at, settledAt: at + 3 * second },
    { askedAt: at, settledAt: at + 4 * second },
  ];
  const moments = { since: at, from, decidedAt: at + second, startedAt: at, approvals, verifiedAt: at + 10 * second };
  expect(measure(moments)).toMatchObject({
    approvalSeconds: 7,
    executeSeconds: 3,
    decideSeconds: 1,
    detectSeconds: null,
  });
});
