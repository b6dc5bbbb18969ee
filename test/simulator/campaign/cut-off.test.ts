// A region that is cut off from all who watch it, and serves its users on: found by the campaign (seed 37).
import { expect, test } from 'vitest';
import { scenarioOf } from '../../../simulator/campaign/items.ts';
import { runDrill, untoldSeconds } from '../../../simulator/drill/drill.ts';
import { shipped } from '../../shipped.ts';

test('what a region that only seemed lost wrote until its failover is told as diverged, and the loss as it was before', {
  timeout: 60_000,
}, async () => {
  const plan = shipped;
  const { primary, standby, witness, observers } = plan.roles;
  const cut = [standby, witness, ...observers].map((place, index) => {
    const fault = {
      id: `cut ${index}`,
      kind: 'partition',
      between: [primary, place] as [string, string],
      forSeconds: 616,
    };
    return { kind: 'fault', of: { atSeconds: 0, fault: { ...fault, kind: 'partition' } } } as const;
  });
  const { result } = await runDrill({ scenario: 'cut off', written: scenarioOf(cut), seed: 37, plan });
  const { reportedSeconds, actualSeconds, lostWrites } = result.dataLoss;
  expect(lostWrites).toBeGreaterThan(0);
  expect(actualSeconds).toBeGreaterThan(reportedSeconds ?? 0);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
});

test.for([
  ['nothing that was told', [{ seconds: 90, until: 5_000 }], {}, 90],
  ['what was told, off its loss', [{ seconds: 90, until: 60_000 }], { divergedFrom: 0, divergedUntil: 70_000 }, 30],
  [
    'a loss that ended before what was told',
    [{ seconds: 90, until: 5_000 }],
    { divergedFrom: 6_000, divergedUntil: 9_000 },
    90,
  ],
  [
    'of two, the one that was not told, though it is the smaller',
    [
      { seconds: 90, until: 60_000 },
      { seconds: 50, until: 900_000 },
    ],
    { divergedFrom: 0, divergedUntil: 70_000 },
    50,
  ],
] as const)('of losses, %s', ([, losses, report, untold]) => {
  expect(untoldSeconds(losses, report)).toBe(untold);
});
