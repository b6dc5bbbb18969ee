// What others would have taken: each waits for the same work, in its own order and with its own waits. Here every request takes 1 s, so
// that sums can be read.
import { expect, test } from 'vitest';
import { byHand, bySourcePlan, polling } from '../../../simulator/bench/others.ts';
import { type LatencyName, lasting } from '../../../simulator/estate/chance/latencies.ts';
import type { Work } from '../../../simulator/estate/types.ts';

/** One that always takes as long, of those that come with the simulator. */
const always = (name: LatencyName, seconds: number) => ({ [name]: lasting(name, seconds)[name] });
const luck = {
  latencies: {
    ...lasting('api-call', 1),
    ...always('health-request', 1),
    ...always('function-warm-start', 0),
    ...always('elasticache-restore', 700),
  },
  random: () => 0.5,
};
const work = (latency: string, seconds: number, target = latency): Work => ({
  ...{ latency, seconds, target },
  startedAt: 0,
  step: 'TakeOver/database',
  execution: 'one',
});

test('by hand each call is waited for before the next, as long as the waiter of the command line waits', () => {
  const moves = [work('rds-promotion', 61), work('elasticache-global-failover', 31), work('dns-change', 40)];
  expect(byHand(moves, 3, luck)).toEqual({ seconds: 3 + 90 + 45 + 40 + 3, transitions: 0, runs: 0 });
});

test('the source plan restores the cache from its snapshot instead, and looks at more', () => {
  const moves = [work('rds-promotion', 60), work('elasticache-global-failover', 31)];
  expect(bySourcePlan(moves, 1, luck).seconds).toBe(2 + 60 + 705 + 1 + 4);
});

test('a flow that polls pauses behind each call, looks every 15 s, and takes its layers one after another', () => {
  // Call 1, pause 60, look 1: done at 62. The database needs two looks more, of 16 s each. Its parent resolves in 1.
  const one = { seconds: 63, transitions: 5, runs: 4 };
  expect(polling([work('elasticache-global-failover', 48)], 0, luck)).toEqual(one);
  expect(polling([work('rds-promotion', 80)], 0, luck)).toEqual({ seconds: 63 + 32, transitions: 11, runs: 6 });
  const both = [work('rds-promotion', 80), work('elasticache-global-failover', 48)];
  expect(polling(both, 2, luck)).toEqual({ seconds: 63 + 95 + 2, transitions: 16, runs: 10 });
});

test('what is of one layer goes side by side', () => {
  const shifts = [work('zonal-shift', 30, 'balancer'), work('zonal-shift', 61, 'cluster')];
  expect(polling(shifts, 0, luck)).toEqual({ seconds: 63, transitions: 10, runs: 8 });
});

test('a flow that pauses for databases only looks at once at everything else', () => {
  const pauses = (latency: string) => latency.startsWith('rds-');
  expect(polling([work('dns-change', 1)], 0, luck, pauses).seconds).toBe(3);
});
