// A zone whose assets leave it in their own time: its traffic is watched meanwhile, and not only once the last one has left.
import { expect, test } from 'vitest';
import { runDrill, zeroAt } from '../../../simulator/drill/drill.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { shipped } from '../../shipped.ts';

const moves = readScenario('cache-moves');
/** AWS moves traffic out by itself, and lets it back in while the cache cannot be changed yet. */
const endsAt = 460;
const changesAt = 900;
const written: typeof moves = {
  ...moves,
  faults: [
    ...moves.faults,
    { atSeconds: 60, fault: { id: 'shift', kind: 'autoshift', zone: "the writer's zone", forSeconds: endsAt - 60 } },
    {
      atSeconds: 60,
      fault: {
        ...{ id: 'cache', kind: 'api-failure', service: 'elasticache', operation: 'ModifyReplicationGroup' },
        ...{ error: 'refuse', name: 'InvalidReplicationGroupState', region: 'primary', forSeconds: changesAt - 60 },
      },
    },
  ],
  expect: { ...moves.expect, recoveryWithinSeconds: 1800, addedWithinSeconds: undefined },
} as never;

test('where AWS ends its autoshift while a cache still moves, a shift of our own starts at the next look', async () => {
  const { result } = await runDrill({ scenario: 'cache-moves', seed: 1, plan: shipped, written });
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.executions.map(({ stateMachine, status }) => `${stateMachine} ${status}`)).toContain(
    'az-failover SUCCEEDED',
  );
  const leaving = result.steps.find(({ state, asset }) => state === 'LeaveZone' && asset === 'cache');
  expect(leaving?.outcome).toBe('succeeded');
  const started = result.mutations.filter(({ operation }) => operation === 'StartZonalShift');
  expect(new Set(started.map(({ target }) => target)).size).toBe(2);
  const after = (at: string | null | undefined) => (Date.parse(at ?? '') - zeroAt) / 1000;
  for (const { at } of started) {
    expect(after(at)).toBeGreaterThanOrEqual(endsAt);
    expect(after(at)).toBeLessThan(endsAt + 120);
  }
  expect(after(leaving?.endedAt)).toBeGreaterThan(changesAt);
});
