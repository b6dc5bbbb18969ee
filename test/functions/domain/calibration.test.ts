// Predictions go by what earlier moves of a region took, once there are enough; and say from what they come.
import { expect, test } from 'vitest';
import { calibrated, enoughRuns, plannedTimes, timesIn } from '../../../functions/domain/calibration.ts';
import type { StepRecord } from '../../../functions/domain/record/store.ts';

const record = (change: object = {}, step = 'record-failover'): StepRecord => ({
  ...{ incident: 'i', execution: 'e', step, at: 0 },
  outcome: {
    ...{
      mode: 'failover',
      startedAt: 0,
      approvalSeconds: 300,
      redirected: { redirectedAt: 700_000 },
      verifiedAt: 800_000,
    },
    ...{ assets: { database: { promoted: true } }, ...change },
  },
});

test('what a move took is read from its record: until users were sent, without what people took, and from then on', () => {
  expect(timesIn([record()])).toEqual([{ takeOverSeconds: 400, redirectionSeconds: 100 }]);
});

test.for<[string, StepRecord]>([
  ['was not proven', record({ verifiedAt: null })],
  ['moved nobody', record({ redirected: {} })],
  ['was a restore', record({ mode: 'restore' })],
  ['restored a database', record({ assets: { database: { restored: true } } })],
  ['is of another step', record({}, 'notify')],
  ['is damaged', record({ redirected: { redirectedAt: 'soon' }, startedAt: 'now' })],
  ['has clocks that go backwards', record({ startedAt: 900_000 })],
])('what %s says nothing', ([, one]) => {
  expect(timesIn([one])).toEqual([]);
});

const times = (takeOverSeconds: number, redirectionSeconds: number) => ({ takeOverSeconds, redirectionSeconds });

test('with too few the plan’s figures are all there is, and it is said how many there are', () => {
  expect(calibrated([])).toMatchObject({ times: null, basis: expect.stringContaining('(now 0)') });
  const few = Array(enoughRuns - 1).fill(times(400, 100));
  expect(calibrated(few)).toMatchObject({ times: null, basis: expect.stringContaining('(now 2)') });
});

test('with enough each step goes by its own 95th percentile', () => {
  expect(calibrated([times(400, 100), times(500.2, 60), times(300, 80)])).toEqual({
    times: times(501, 100),
    basis: 'what the last 3 moves of a region took, each step at its 95th percentile',
  });
});

test.for<[string, StepRecord, ReturnType<typeof timesIn>]>([
  ['took no time', record({ redirected: { redirectedAt: 300_000 }, verifiedAt: 300_000 }), [times(0, 0)]],
  ['had its clock turned back a second', record({ redirected: { redirectedAt: 299_000 }, verifiedAt: 300_000 }), []],
  ['was proven before users were sent', record({ verifiedAt: 699_000 }), []],
  ['has no assets', record({ assets: undefined }), [times(400, 100)]],
  ['restored nothing', record({ assets: { database: { restored: false }, cache: null } }), [times(400, 100)]],
  ['was not asked of people', record({ approvalSeconds: '0' }), []],
  ['has no start', record({ startedAt: undefined }), []],
])('a move that %s', ([, one, read]) => {
  expect(timesIn([one])).toEqual(read);
});

test('by the plan all kinds take over side by side, and then users are sent', () => {
  const predictions = {
    takeOverSeconds: { 'rds-instance': 300, elasticache: 60 },
    redirectionSeconds: 120,
    otherSeconds: 30,
  };
  expect(plannedTimes({ predictions })).toEqual(times(330, 120));
  expect(plannedTimes({ predictions: { ...predictions, takeOverSeconds: {} } })).toEqual(times(30, 120));
});

test('what comes of few is said whole', () => {
  expect(calibrated([times(1, 2)]).basis).toBe(
    'the figures of the plan, until 3 moves of a region are in the record (now 1)',
  );
});
