// What each way out of a region would cost, and when none is offered.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { assessmentSentences } from '../../../../functions/domain/words/region-words.ts';
import type { DatabaseObserved } from '../../../../functions/kinds/rds-instance/rules/assess.ts';
import { assessed, type Observed } from '../../../assessed.ts';
import { changing, without } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { at } from '../../../store/samples.ts';

const replica = { status: 'available', isReplica: true, replicating: false };
const database: DatabaseObserved = { asset: 'database', replica, lag: { at: at - 30_000, lagSeconds: 2 } };
const cache = { asset: 'cache', datastore: 'ldgnf-chatops', member: true };
const cluster = { cluster: 'chatops-dr', warm: true };
const observed: Observed = {
  target: 'us-east-1',
  standby: 'us-west-2',
  mode: 'failover',
  plan: 'a1b2',
  now: at + 240_000,
  since: at,
  aliveAt: at - 20_000,
  writesEndedAt: at,
  over: false,
  called: [],
  fenced: [],
  databases: [database],
  writers: [{ asset: 'database', status: undefined }],
  caches: [cache],
  clusters: [cluster],
  pageAnswers: true,
  takingOver: { region: 'us-west-2', incident: null, controlPlanes: [] },
};

/** One database, as it was seen. */
const one = (change: Partial<DatabaseObserved>) => ({ databases: [{ ...database, ...change }] });

const look = (change: Partial<Observed> = {}, other: Plan = plan) => assessed({ ...observed, ...change }, other);
const running = { replica: { ...replica, replicating: true } };
const planned: Partial<Observed> = { mode: 'switchover', writers: [], ...one(running) };

describe('a failover of a dark region', () => {
  test('is offered with its evidence, its cost, what is not fenced, and what else there is', () => {
    expect(look()).toEqual({
      way: 'promote-replica',
      offered: true,
      why: 'the replica in us-west-2 is available; replica lag: 2 s, measured 10 s before the last successful user request; cluster chatops-dr answers',
      replica: { status: 'available', lagSeconds: 2, lastSeenAt: at - 30_000 },
      // 240 s have passed; promotion and cache side by side take 300, redirection 120, the rest 30.
      // Counted from when users were last seen to be served, 20 s before the first signal.
      predicted: {
        ...{ recoverySeconds: 710, dataLossSeconds: 32, assetLossSeconds: { database: 32 } },
        countsFrom: { at: at - 20_000, what: 'last-served' },
        basis: 'the figures of the plan, until 3 moves of a region are in the record (now 0)',
      },
      writesEndedAt: at,
      unfenced: ['us-east-1'],
      unfencedAssets: ['database'],
      unreachable: ['database'],
      cannotFence: [],
      goingOn: null,
      promoted: [],
      takingOver: observed.takingOver,
      waves: [['database', 'cache', 'cluster', 'search'], ['settings']],
      alternatives: [
        expect.objectContaining({ way: 'restore-point-in-time', asset: 'database', offered: false }),
        expect.objectContaining({ way: 'restore-snapshot', offered: false, recoverySeconds: null }),
        expect.objectContaining({ way: 'wait', offered: true, dataLossSeconds: null }),
      ],
      ways: [{ asset: 'database', ways: expect.toSatisfy((ways: unknown[]) => ways.length === 3) }],
      bounds: {
        plan: 'a1b2',
        target: 'us-east-1',
        mode: 'failover',
        way: 'promote-replica',
        ways: { database: 'promote-replica' },
        unfenced: ['us-east-1'],
        unfencedAssets: ['database'],
        lossCeilingSeconds: 92,
        assetCeilingSeconds: { database: 92 },
      },
    });
  });

  test.for([
    ['is not there', null, ['us-east-1'], ['database is not in us-east-1: it was deleted, or has another name']],
    ['has a full disk', 'storage-full', ['us-east-1'], ['database in us-east-1 is storage-full and cannot be fenced']],
    [
      'is stopped',
      'stopped',
      ['us-east-1'],
      ['database in us-east-1 is stopped and cannot be fenced until somebody starts it'],
    ],
    [
      'is about to stop',
      'stopping',
      ['us-east-1'],
      ['database in us-east-1 is stopping and cannot be fenced until somebody starts it'],
    ],
    ['is available', 'available', [], []],
    ['is being optimised', 'storage-optimization', [], []],
  ] as const)('says what keeps a database from being fenced that %s', ([, status, unfenced, cannotFence]) => {
    const found = look({ writers: [{ asset: 'database', status }] });
    expect(found).toMatchObject({ offered: true, unfenced, unreachable: [], cannotFence });
    const words = assessmentSentences({ ...found, mode: 'failover' }).join(' ');
    if (cannotFence.length === 0)
      expect(words).toContain('Breakwater can now close (fence) everything that takes writes.');
    else
      expect(words).toContain(
        `NOT FENCED: ${cannotFence[0]}. The old database may go on taking writes. Those writes are missing in the new database.`,
      );
    expect(words).not.toContain('does not answer');
  });

  test('takes a database for fenced that is stopped once its groups admit nobody', () => {
    const writers = [{ asset: 'database', status: 'stopped', closed: true }];
    expect(look({ writers })).toMatchObject({ offered: true, unfenced: [], cannotFence: [] });
  });

  test('predicts the longer of what goes side by side', () => {
    const takeOverSeconds = { 'rds-instance': 300, elasticache: 900 };
    const slow = { ...plan, predictions: { ...plan.predictions, takeOverSeconds } };
    expect(look({}, slow).predicted.recoverySeconds).toBe(260 + 900 + 120 + 30);
  });

  test('goes by what earlier moves took once there are enough, whatever the plan says, and says so', () => {
    const history = [400, 900, 500].map((takeOverSeconds) => ({ takeOverSeconds, redirectionSeconds: 60 }));
    const { predicted } = look({ history });
    expect(predicted).toMatchObject({
      recoverySeconds: 260 + 900 + 60,
      basis: 'what the last 3 moves of a region took, each step at its 95th percentile',
    });
    expect(look({ history: history.slice(1) }).predicted.recoverySeconds).toBe(260 + 300 + 120 + 30);
    const words = assessmentSentences({ ...look({ history }), mode: 'failover' }).join(' ');
    expect(words).toContain(
      'This prediction goes by what the last 3 moves of a region took, each step at its 95th percentile.',
    );
  });

  test('predicts no take-over where nothing takes time of its own', () => {
    const light = { ...plan, predictions: { ...plan.predictions, takeOverSeconds: {} } };
    expect(look({}, light).predicted.recoverySeconds).toBe(260 + 120 + 30);
  });

  test.for([
    ['databases', plan, 'promote-replica'],
    ['a cache in a global datastore', without(plan, 'rds-instance'), 'fail-over-datastore'],
    [
      'a cache that stands alone',
      changing('elasticache', without(plan, 'rds-instance'), { globalDatastore: null }),
      'start-empty',
    ],
    ['nothing that is kept', without(plan, 'rds-instance', 'elasticache'), 'redirect-users'],
  ] as const)('goes the way of what holds the data: %s', ([, other, way]) => {
    const databases = other.assets.some(({ kind }) => kind === 'rds-instance') ? observed.databases : [];
    const { way: found, bounds } = look({ databases }, other);
    expect([found, bounds.way]).toEqual([way, way]);
  });

  test.for([
    ['no lag and no time between', { at, lagSeconds: 0 }, 0],
    ['a lag and the time since it was measured', { at: at - 60_000, lagSeconds: 45 }, 105],
    ['part of a second, as a whole one', { at: at - 100, lagSeconds: 0 }, 1],
    ['a lag measured after the first signal, as no gain', { at: at + 60_000, lagSeconds: 5 }, 5],
  ] as const)('loses %s', ([, lag, seconds]) => {
    const { predicted, bounds } = look(one({ lag }));
    expect(predicted.dataLossSeconds).toBe(seconds);
    expect(bounds.lossCeilingSeconds).toBe(seconds + plan.approval.lossMarginSeconds);
  });

  test.for<[string, Partial<Observed>, string]>([
    ['no replica was seen', one({ replica: null }), 'no replica was seen in us-west-2'],
    [
      'the replica takes writes already',
      one({ replica: { ...replica, isReplica: false } }),
      'is no replica: it has no source',
    ],
    [
      'the replica has failed',
      one({ replica: { ...replica, status: 'failed' } }),
      'the replica in us-west-2 is failed',
    ],
    ['the replica was stopped', one({ replica: { ...replica, status: 'stopped' } }), 'is stopped'],
    ['no lag was measured', one({ lag: null }), 'no replica lag was measured before the region was last seen alive'],
    [
      'replication was broken',
      one({ lag: { at, lagSeconds: null } }),
      'replication was broken when the region was last seen alive',
    ],
    ['the cache is no member', { caches: [{ ...cache, member: false }] }, 'was not seen as a member of ldgnf-chatops'],
    ['the cluster does not answer', { pageAnswers: false }, 'cluster chatops-dr in us-west-2 does not answer'],
    ['the target is the standby', { standby: 'us-east-1' }, 'cannot take over from itself'],
  ])('is not offered when %s', ([, change, why]) => {
    const found = look(change);
    expect(found).toMatchObject({ offered: false, why: expect.stringContaining(why) });
  });

  test('that loses nobody knows how much says so, and is bound to nothing', () => {
    const found = look(one({ lag: { at, lagSeconds: null } }));
    expect(found.predicted.dataLossSeconds).toBeNull();
    expect(found.bounds.lossCeilingSeconds).toBeNull();
  });

  test('names every obstacle', () => {
    expect(look({ ...one({ lag: null }), pageAnswers: false }).why.split('; ')).toHaveLength(2);
  });

  test.for(['backing-up', 'modifying', 'maintenance', 'rebooting'])('may wait for a replica that is %s', (status) => {
    const found = look(one({ replica: { ...replica, status } }));
    expect(found).toMatchObject({ offered: true, why: expect.stringContaining(`${status}, which ends`) });
  });

  test.for(['storage-optimization', 'storage-initialization', 'configuring-log-exports'])(
    'takes a replica that works, although it is %s',
    (status) => {
      const found = look(one({ replica: { ...replica, status } }));
      expect(found).toMatchObject({ offered: true, why: expect.stringContaining(`${status}; replica lag: `) });
    },
  );

  test('needs no cache where the plan has no global datastore, and a person where it has no warm cluster', () => {
    expect(look({ caches: [] }).offered).toBe(true);
    const cold = { clusters: [{ ...cluster, warm: false }] };
    expect(look(cold)).toMatchObject({ offered: false, why: expect.stringContaining('has no warm cluster') });
  });
});

describe('a switchover', () => {
  test('loses nothing, and is approved for no loss at all', () => {
    const found = look(planned);
    expect(found).toMatchObject({ offered: true, why: expect.stringContaining('no data is lost') });
    expect(found.predicted.dataLossSeconds).toBe(0);
    expect(found.bounds).toMatchObject({ mode: 'switchover', lossCeilingSeconds: 0 });
  });

  test.for<[string, Partial<Observed>, string]>([
    [
      'the old region does not answer',
      { writers: [{ asset: 'database', status: undefined }] },
      'a switchover needs a fence',
    ],
    [
      'the old database is stopped',
      { writers: [{ asset: 'database', status: 'stopped' }] },
      'is stopped and cannot be fenced until somebody starts it',
    ],
    [
      'the old database has a full disk',
      { writers: [{ asset: 'database', status: 'storage-full' }] },
      'is storage-full',
    ],
    ['replication does not run', one({ replica }), 'a switchover would wait for ever'],
    ['the lag is not known', one({ ...running, lag: null }), 'no replica lag was measured'],
    [
      'the replica is further behind than it waits for',
      one({ ...running, lag: { at: at - 60_000, lagSeconds: 1_201 } }),
      'lags by 20 min 1 s: a switchover waits for 20 min at most',
    ],
  ])('is not offered when %s', ([, change, why]) => {
    expect(look({ ...planned, ...change })).toMatchObject({ offered: false, why: expect.stringContaining(why) });
  });
});

describe('a plan with two databases', () => {
  const behind: DatabaseObserved = { ...database, asset: 'orders', lag: { at: at - 60_000, lagSeconds: 45 } };
  const blind: DatabaseObserved = { ...database, asset: 'orders', lag: null };
  const two = (second: DatabaseObserved) => [{ databases: [database, second] }, { databases: [second, database] }];

  test.for(two(behind))('loses what the worse of them loses, and shows that one', (change) => {
    const found = look(change);
    expect(found).toMatchObject({ offered: true, replica: { lagSeconds: 45, lastSeenAt: at - 60_000 } });
    expect(found.predicted.dataLossSeconds).toBe(105);
    expect(found.bounds.lossCeilingSeconds).toBe(105 + plan.approval.lossMarginSeconds);
    expect(found.predicted.assetLossSeconds).toEqual({ database: 32, orders: 105 });
    expect(found.bounds.assetCeilingSeconds).toEqual({ database: 92, orders: 165 });
    for (const part of [
      'the replica of database in',
      'the replica of orders in',
      'replica lag: 45 s',
      'replica lag: 2 s',
    ])
      expect(found.why).toContain(part);
  });

  test.for(two(blind))('of which one has no known lag loses nobody knows how much, and shows that one', (change) => {
    const found = look(change);
    expect(found).toMatchObject({ offered: false, replica: { lagSeconds: null, lastSeenAt: null } });
    expect(found.predicted.dataLossSeconds).toBeNull();
    expect(found.bounds.lossCeilingSeconds).toBeNull();
    expect(found.bounds.assetCeilingSeconds).toEqual({ database: 92, orders: null });
    expect(found.why).toBe(
      'no replica lag of orders was measured before the region was last seen alive: the data loss is not known',
    );
  });

  test.for<[string, Partial<DatabaseObserved>, string]>([
    ['was not seen', { replica: null }, 'no replica orders was seen in us-west-2'],
    ['replicates from nothing', { replica: { ...replica, isReplica: false } }, 'the database orders in us-west-2'],
    ['has failed', { replica: { ...replica, status: 'failed' } }, 'the replica orders in us-west-2 is failed'],
    ['was broken', { lag: { at, lagSeconds: null } }, 'replication of orders was broken'],
  ])('is not offered where the replica of one %s, by its name', ([, change, why]) => {
    const found = look({ databases: [database, { ...behind, ...change }] });
    expect(found).toMatchObject({ offered: false, why: expect.stringContaining(why) });
    expect(found.why.split('; ')).toHaveLength(1);
  });

  test('switches over only where both replicate', () => {
    const both = [database, behind].map((seen) => ({ ...seen, ...running }));
    expect(look({ ...planned, databases: both })).toMatchObject({ offered: true, predicted: { dataLossSeconds: 0 } });
    expect(look({ ...planned, databases: [{ ...database, ...running }, behind] })).toMatchObject({
      offered: false,
      why: 'replication of orders does not run: a switchover would wait for ever',
    });
  });
});

test('of two caches the one that is no member is named', () => {
  const caches = [cache, { asset: 'sessions', datastore: 'ldgnf-sessions', member: false }];
  expect(look({ caches })).toMatchObject({
    offered: false,
    why: 'the cache sessions in us-west-2 was not seen as a member of ldgnf-sessions',
  });
});

test.for([
  ['nothing but a cluster', [cluster], 'cluster chatops-dr answers'],
  ['nothing that has to be looked at', [], 'us-west-2 has all that the plan names'],
] as const)('a plan of %s has nothing to lose and is offered', ([, clusters, why]) => {
  const bare = without(plan, 'rds-instance', 'elasticache');
  const found = look({ databases: [], caches: [], clusters, writers: [] }, bare);
  expect(found).toMatchObject({ offered: true, why, replica: null, unreachable: [] });
  expect(found.predicted.dataLossSeconds).toBe(0);
  expect(found.bounds.lossCeilingSeconds).toBe(plan.approval.lossMarginSeconds);
});

test('a cache alone may lose what nobody measures, and people are told that it is not known', () => {
  const found = look({ databases: [], writers: [] }, without(plan, 'rds-instance'));
  expect(found).toMatchObject({ offered: true, predicted: { dataLossSeconds: null } });
  expect(found.bounds.lossCeilingSeconds).toBeNull();
  expect(found.bounds).not.toHaveProperty('assetCeilingSeconds');
});

test('whatever was seen, an unknown lag is never offered and a known loss is never less than the lag', () => {
  const facts = fc.record({
    databases: fc.array(
      fc.record({
        asset: fc.constantFrom('database', 'orders'),
        replica: fc.option(
          fc.record({
            status: fc.constantFrom('available', 'failed'),
            isReplica: fc.boolean(),
            replicating: fc.option(fc.boolean()),
          }),
        ),
        lag: fc.option(
          fc.record({
            at: fc.integer({ min: at - 1_800_000, max: at }),
            lagSeconds: fc.option(fc.integer({ min: 0, max: 9_000 })),
          }),
        ),
      }),
      { maxLength: 3 },
    ),
    mode: fc.constantFrom('failover' as const, 'switchover' as const),
    pageAnswers: fc.boolean(),
    caches: fc.array(
      fc.record({ asset: fc.constant('cache'), datastore: fc.constant('ldgnf-chatops'), member: fc.boolean() }),
      { maxLength: 2 },
    ),
    unfenced: fc.constantFrom([], ['us-east-1']),
  });
  fc.assert(
    fc.property(facts, (change) => {
      const { offered, predicted, why } = look(change);
      const lags = change.databases.map(({ lag }) => lag?.lagSeconds ?? null);
      if (lags.includes(null)) expect(offered).toBe(false);
      else if (change.mode === 'failover') {
        for (const lag of lags) expect(predicted.dataLossSeconds).toBeGreaterThanOrEqual(lag ?? 0);
      }
      expect(why).not.toBe('');
    }),
  );
});
