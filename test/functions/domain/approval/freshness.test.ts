// An approval ages until the first change and after each stop; until redirection the end of its incident counts at any time.
import { expect, test } from 'vitest';
import { type Aging, hasStopped, whyStale } from '../../../../functions/domain/approval/freshness.ts';

const fresh: Aging = {
  lookedAt: 100_000,
  outcome: 'approved',
  stoppedAt: null,
  changedAt: null,
  redirected: false,
  closedAt: null,
};
const whyAt = (seconds: number, change: Partial<Aging> = {}) => whyStale({ ...fresh, ...change }, 900, seconds * 1000);

test.for<[string, number, Partial<Aging>]>([
  ['it was looked at just now', 101, {}],
  ['it was looked at as long ago as the plan says', 1_000, {}],
  ['it has changed something and goes on for hours', 90_000, { changedAt: 200_000 }],
  ['it was looked at after it had stopped', 200, { stoppedAt: 99_000, changedAt: 50_000 }],
  ['it has changed something since it was resumed', 90_000, { stoppedAt: 99_000, changedAt: 200_000 }],
  ['the incident was over when it was looked at: people approved knowing it', 200, { closedAt: 99_999 }],
  ['users were redirected, whatever came after', 90_000, { redirected: true, stoppedAt: 500_000, closedAt: 400_000 }],
])('an approval is fresh where %s', ([, seconds, change]) => {
  expect(whyAt(seconds, change)).toBeNull();
});

test.for<[string, number, Partial<Aging>, string]>([
  ['nobody has looked', 101, { lookedAt: null }, 'nobody has checked that the approval still fits'],
  [
    'nothing was changed for longer than the plan says',
    1_001,
    {},
    'the last check was 15 min 1 s ago, and counts for 15 min',
  ],
  [
    'only what was done before the stop has changed something',
    1_001,
    { stoppedAt: 99_000, changedAt: 98_000 },
    'the last check was 15 min 1 s ago, and counts for 15 min',
  ],
  [
    'its last change and its stop are of one moment',
    1_001,
    { stoppedAt: 99_000, changedAt: 99_000 },
    'the last check was 15 min 1 s ago, and counts for 15 min',
  ],
  [
    'it has stopped since',
    200,
    { stoppedAt: 150_000, changedAt: 120_000 },
    'the flow has stopped since the last check',
  ],
  ['it stopped at the same moment', 200, { stoppedAt: 100_000 }, 'the flow has stopped since the last check'],
  [
    'its incident ended since',
    200,
    { closedAt: 150_000, changedAt: 120_000 },
    'the incident is over since 1 Jan 1970, 00:02 UTC',
  ],
  [
    'its incident ended while it was looked at',
    200,
    { closedAt: 100_000 },
    'the incident is over since 1 Jan 1970, 00:01 UTC',
  ],
  ['its request is void', 200, { outcome: 'void' }, 'its request is void'],
  ['its request has no answer', 200, { outcome: null }, 'its request is not answered'],
])('an approval is stale where %s', ([, seconds, change, why]) => {
  expect(whyAt(seconds, change)).toBe(why);
});

test.for([
  ['that never stopped', { lookedAt: null, stoppedAt: null }, false],
  ['that stopped, and that nobody has looked at', { lookedAt: null, stoppedAt: 5 }, true],
  ['that stopped before the look', { lookedAt: 5, stoppedAt: 4 }, false],
  ['that stopped during the look', { lookedAt: 5, stoppedAt: 5 }, true],
] as const)('a flow %s has stopped since it was looked at: %3$s', ([, aging, stopped]) => {
  expect(hasStopped(aging)).toBe(stopped);
});
