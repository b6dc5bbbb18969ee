// What each way out of a region would cost, and when none is offered.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../functions/domain/plan.ts';
import { assess, type Observed } from '../../../functions/domain/predict.ts';
import { changing } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { at } from '../../store/samples.ts';

const observed: Observed = {
  target: 'us-east-1',
  standby: 'us-west-2',
  mode: 'failover',
  plan: 'a1b2',
  now: at + 240_000,
  since: at,
  aliveAt: at - 20_000,
  writesEndedAt: at,
  replica: { status: 'available', isReplica: true, replicating: false },
  lag: { at: at - 30_000, lagSeconds: 2 },
  unfenced: ['us-east-1'],
  cacheMember: true,
  clusterAnswers: true,
};
const { replica } = observed;
if (replica === null) throw new Error('the sample has no replica');

const look = (change: Partial<Observed> = {}, other: Plan = plan) => assess({ ...observed, ...change }, other);
const planned = { mode: 'switchover', unfenced: [], replica: { ...replica, replicating: true } } as const;

describe('a failover of a dark region', () => {
  test('is offered with its evidence, its cost, what is not fenced, and what else there is', () => {
    expect(look()).toEqual({
      way: 'promote-replica',
      offered: true,
      why: 'the replica in us-west-2 is available; it was 2 s behind 10 s before users were last seen to be served; cluster chatops-dr answers',
      replica: { status: 'available', lagSeconds: 2, lastSeenAt: at - 30_000 },
      // 240 s have passed; promotion and cache side by side take 300, redirection 120, the rest 30.
      predicted: { recoverySeconds: 690, dataLossSeconds: 32 },
      writesEndedAt: at,
      unfenced: ['us-east-1'],
      alternatives: [
        expect.objectContaining({ way: 'restore-snapshot', offered: false, recoverySeconds: null }),
        expect.objectContaining({ way: 'wait', offered: true, dataLossSeconds: null }),
      ],
      bounds: {
        plan: 'a1b2',
        target: 'us-east-1',
        mode: 'failover',
        way: 'promote-replica',
        unfenced: ['us-east-1'],
        lossCeilingSeconds: 92,
      },
    });
  });

  test('predicts the longer of what goes side by side', () => {
    const slow = { ...plan, predictions: { ...plan.predictions, cacheSeconds: 900 } };
    expect(look({}, slow).predicted.recoverySeconds).toBe(240 + 900 + 120 + 30);
  });

  test.for([
    ['no lag and no time between', { at, lagSeconds: 0 }, 0],
    ['a lag and the time since it was measured', { at: at - 60_000, lagSeconds: 45 }, 105],
    ['part of a second, as a whole one', { at: at - 100, lagSeconds: 0 }, 1],
    ['a lag measured after the first signal, as no gain', { at: at + 60_000, lagSeconds: 5 }, 5],
  ] as const)('loses %s', ([, lag, seconds]) => {
    const { predicted, bounds } = look({ lag });
    expect(predicted.dataLossSeconds).toBe(seconds);
    expect(bounds.lossCeilingSeconds).toBe(seconds + plan.approval.lossMarginSeconds);
  });

  test.for<[string, Partial<Observed>, string]>([
    ['no replica was seen', { replica: null }, 'no replica was seen in us-west-2'],
    ['the replica takes writes already', { replica: { ...replica, isReplica: false } }, 'it is no replica'],
    ['the replica has failed', { replica: { ...replica, status: 'failed' } }, 'the replica in us-west-2 is failed'],
    ['the replica was stopped', { replica: { ...replica, status: 'stopped' } }, 'is stopped'],
    ['no lag was measured', { lag: null }, 'no lag was measured before it was last seen alive'],
    ['replication was broken', { lag: { at, lagSeconds: null } }, 'replication was broken when it was last seen alive'],
    ['the cache is no member', { cacheMember: false }, 'was not seen as a member of ldgnf-chatops'],
    ['the cluster does not answer', { clusterAnswers: false }, 'cluster chatops-dr in us-west-2 does not answer'],
    ['the target is the standby', { standby: 'us-east-1' }, 'cannot take over from itself'],
  ])('is not offered when %s', ([, change, why]) => {
    const found = look(change);
    expect(found).toMatchObject({ offered: false, why: expect.stringContaining(why) });
  });

  test('that loses nobody knows how much says so, and is bound to nothing', () => {
    const found = look({ lag: { at, lagSeconds: null } });
    expect(found.predicted.dataLossSeconds).toBeNull();
    expect(found.bounds.lossCeilingSeconds).toBeNull();
  });

  test('names every obstacle', () => {
    expect(look({ lag: null, clusterAnswers: false }).why.split('; ')).toHaveLength(2);
  });

  test.for(['backing-up', 'modifying', 'maintenance', 'rebooting'])('may wait for a replica that is %s', (status) => {
    const found = look({ replica: { ...replica, status } });
    expect(found).toMatchObject({ offered: true, why: expect.stringContaining(`${status}, which ends`) });
  });

  test.for(['storage-optimization', 'storage-initialization', 'configuring-log-exports'])(
    'takes a replica that works, although it is %s',
    (status) => {
      const found = look({ replica: { ...replica, status } });
      expect(found).toMatchObject({ offered: true, why: expect.stringContaining(`${status}; it was`) });
    },
  );

  test('needs no cache where the plan has no global datastore, and a person where it has no warm cluster', () => {
    const alone = changing('elasticache', plan, { globalDatastore: null });
    expect(look({ cacheMember: false }, alone).offered).toBe(true);
    const cold = changing('eks-cluster', plan, { regions: { 'us-west-2': { cluster: 'chatops-dr', warm: false } } });
    expect(look({}, cold)).toMatchObject({ offered: false, why: expect.stringContaining('has no warm cluster') });
  });
});

describe('a switchover', () => {
  test('loses nothing, and is approved for no loss at all', () => {
    const found = look(planned);
    expect(found).toMatchObject({ offered: true, why: expect.stringContaining('nothing is lost') });
    expect(found.predicted.dataLossSeconds).toBe(0);
    expect(found.bounds).toMatchObject({ mode: 'switchover', lossCeilingSeconds: 0 });
  });

  test.for<[string, Partial<Observed>, string]>([
    ['the old region does not answer', { unfenced: ['us-east-1'] }, 'a switchover needs a fence'],
    ['replication does not run', { replica }, 'a switchover would wait for ever'],
    ['the lag is not known', { lag: null }, 'no lag was measured'],
  ])('is not offered when %s', ([, change, why]) => {
    expect(look({ ...planned, ...change })).toMatchObject({ offered: false, why: expect.stringContaining(why) });
  });
});

test('whatever was seen, an unknown lag is never offered and a known loss is never less than the lag', () => {
  const facts = fc.record({
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
    mode: fc.constantFrom('failover' as const, 'switchover' as const),
    clusterAnswers: fc.boolean(),
    cacheMember: fc.boolean(),
    unfenced: fc.constantFrom([], ['us-east-1']),
  });
  fc.assert(
    fc.property(facts, (change) => {
      const { offered, predicted, why } = look(change);
      const known = change.lag !== null && change.lag.lagSeconds !== null;
      if (!known) expect(offered).toBe(false);
      if (known && change.mode === 'failover') {
        expect(predicted.dataLossSeconds).toBeGreaterThanOrEqual(change.lag?.lagSeconds ?? 0);
      }
      expect(why).not.toBe('');
    }),
  );
});
