// How long leaving a zone takes goes by what AWS says of each kind, and by what earlier flows took once there are enough.
import { expect, test } from 'vitest';
import type { StepRecord } from '../../../../functions/domain/record/store.ts';
import { leaveTimesIn, predictLeaving } from '../../../../functions/domain/recovery/leaving.ts';
import { plan } from '../../../plan.ts';

const kept = (step: string, at: number, outcome: object, execution = 'e'): StepRecord => ({
  ...{ incident: 'i', execution, step, at },
  outcome: { ...outcome },
});
const left = kept('leave-zone/database', 140_000, { moved: true });
const proven = (change: object = {}) =>
  kept('record-recovery', 160_000, { startedAt: 40_000, verifiedAt: 155_000, executeSeconds: 115, ...change });

test('what a flow took is read from its record: until each asset stood elsewhere, and until users were served', () => {
  const stays = kept('leave-zone/cache', 90_000, { moved: false, stays: 'it is well' });
  const others = kept('leave-zone/ingress', 90_000, { awayFrom: 'use1-az1' }, 'another');
  expect(leaveTimesIn([left, stays, others, proven()])).toEqual([
    { executeSeconds: 115, assetSeconds: { database: 100 } },
  ]);
});

test.for<[string, StepRecord]>([
  ['was not proven', proven({ verifiedAt: null })],
  ['was a dry run', proven({ dryRun: true })],
  ['is damaged', proven({ startedAt: 'now' })],
  ['has clocks that go backwards', proven({ executeSeconds: -1 })],
  ['failed over a region', kept('record-failover', 160_000, proven().outcome)],
])('what %s says nothing', ([, one]) => {
  expect(leaveTimesIn([left, one])).toEqual([]);
});

const moved = { database: { moved: true }, cache: { moved: false, stays: 'it is well' }, ingress: { awayFrom: 'z' } };
const took = (seconds: number) => ({ executeSeconds: seconds + 10, assetSeconds: { database: seconds, ingress: 3 } });

test('with too few earlier flows AWS and the plan say it, of what has to leave', () => {
  const other = plan.predictions.otherSeconds;
  expect(predictLeaving(moved, [took(60), took(70)], 20.4, plan)).toMatchObject({
    ...{ recoverySeconds: 20 + 120 + other, assetSeconds: { database: 120 } },
    basis: expect.stringContaining('(now 2)'),
  });
  const both = { ...moved, cache: { failed: 'CannotProceed' } };
  expect(predictLeaving(both, [], 0, plan).assetSeconds).toEqual({ database: 120, cache: 60 });
  expect(predictLeaving({ cache: moved.cache }, [], 0, plan).recoverySeconds).toBe(other);
});

test('with enough each step goes by its own 95th percentile', () => {
  expect(predictLeaving(moved, [took(60), took(200), took(70)], 20, plan)).toEqual({
    ...{ recoverySeconds: 20 + 210, dataLossSeconds: 0, assetSeconds: { database: 200, ingress: 3 } },
    basis: 'what the last 3 moves out of a zone took, each step at its 95th percentile',
  });
});

test.for<[string, object, Record<string, number>]>([
  ['moved', { moved: true }, { database: 100 }],
  ['stays', { moved: false }, {}],
  ['was left out', { skipped: true }, {}],
  ['was left alone', { leftAlone: 'users are well' }, {}],
  ['failed', { failed: 'CannotProceed' }, {}],
  ['was held', { held: 'needs cache' }, {}],
])('an asset that %s', ([, outcome, assetSeconds]) => {
  expect(leaveTimesIn([kept('leave-zone/database', 140_000, outcome), proven()])[0]?.assetSeconds).toEqual(
    assetSeconds,
  );
});

test('what was reached before the flow began, or is no asset, says nothing; what took no time is known', () => {
  const times = (...more: StepRecord[]) => leaveTimesIn([...more, proven({ executeSeconds: 0 })]);
  expect(times(kept('leave-zone/database', 39_999, {}), kept('leave-zone', 90_000, {}))).toEqual([
    { assetSeconds: {}, executeSeconds: 0 },
  ]);
  expect(times(kept('leave-zone/database', 40_000, {}), kept('tidy-up/cache', 90_000, {}))).toEqual([
    { assetSeconds: { database: 0 }, executeSeconds: 0 },
  ]);
  expect(leaveTimesIn([proven({ dryRun: false })])).toHaveLength(1);
  expect(leaveTimesIn([proven({ executeSeconds: '9' })])).toEqual([]);
});

test('a prediction says whole from what it comes', () => {
  expect(predictLeaving({}, [took(60)], 0.5, plan)).toEqual({
    ...{ recoverySeconds: 1 + plan.predictions.otherSeconds, dataLossSeconds: 0, assetSeconds: {} },
    basis:
      'what AWS says of each kind and the figures of the plan, until 3 moves out of a zone are in the record (now 1)',
  });
  expect(predictLeaving({ database: { skipped: true }, cache: { leftAlone: 'x' } }, [], 0, plan).assetSeconds).toEqual(
    {},
  );
  expect(predictLeaving({ database: { held: 'needs x' } }, [], 0, plan).assetSeconds).toEqual({ database: 120 });
  expect(predictLeaving({ settings: {} }, [], 0, plan).assetSeconds).toEqual({});
  const parts = [60.2, 70, 65].map(took);
  expect(predictLeaving({ database: {} }, parts, 0, plan)).toMatchObject({
    recoverySeconds: 80,
    assetSeconds: { database: 70 },
  });
});

test('an asset that no earlier flow moved goes by what AWS says of it', () => {
  const { assetSeconds } = predictLeaving({ cache: {} }, [took(60), took(200), took(70)], 0, plan);
  expect(assetSeconds).toEqual({ cache: 60 });
});
