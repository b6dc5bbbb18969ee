// Upgrades in the night: a flow that is paused goes on across a deployment, and an old stack works beside a new one.
import { expect, test } from 'vitest';
import { recordFormat } from '../../../functions/domain/record/recorded.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import type { Release } from '../../../simulator/world.ts';
import { plan } from '../../plan.ts';

/** The next release: flows of its own, and items with keys that this one does not know. */
function nextRelease(...regions: string[]): { release: Release; written: () => number } {
  let written = 0;
  const release: Release = {
    regions,
    // Whatever would be started, or go on, with it fails at once.
    machine: () => ({
      QueryLanguage: 'JSONata',
      StartAt: 'Tomorrow',
      States: { Tomorrow: { Type: 'Fail', Error: 'Tomorrow' } },
    }),
    item: (item) => {
      written += 1;
      return { ...item, format: recordFormat + 1, tomorrow: { of: 'the next release' } };
    },
  };
  return { release, written: () => written };
}

test.for([
  ['the region where the flow runs', ['us-west-2']],
  ['both regions', ['us-east-1', 'us-west-2']],
  ['the other region alone', ['us-east-1']],
] as const)('a flow that is paused ends as it was started, when %s is deployed meanwhile', async ([, regions]) => {
  const { release, written } = nextRelease(...regions);
  const seen: string[] = [];
  const { result, misses } = await runDrill({
    ...{ scenario: 'promote-fails', seed: 1, plan, upgrade: release },
    overheard: (where, text) => void (where === 'log' && seen.push(text)),
  });
  expect({ misses, broken: result.invariants.filter(({ held }) => !held) }).toEqual({ misses: [], broken: [] });
  expect(result.executions.find(({ stateMachine }) => stateMachine === 'region-failover')).toMatchObject({
    status: 'SUCCEEDED',
  });
  expect(result.end.usersRegion).toBe('us-west-2');
  if (regions.some((region) => region === 'us-west-2')) expect(written()).toBeGreaterThan(0);
  expect(seen.filter((line) => line.includes('items that cannot be read'))).toEqual([]);
});
