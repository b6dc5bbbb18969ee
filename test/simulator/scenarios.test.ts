// Every scenario comes to what it expects, with every invariant held.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../functions/domain/plan.ts';
import { runDrill } from '../../simulator/drill.ts';
import { scenarioNames } from '../../simulator/scenario.ts';

const root = new URL('../../', import.meta.url);
const plan = parsePlan(parse(readFileSync(new URL('plan.yml', root), 'utf8')));
const nine = [
  'one-writer',
  'approved',
  'in-scope',
  'served-then-redirect',
  'one-execution',
  'bounded',
  'honest-loss',
  'audited',
  'repeatable',
];

describe('every scenario', () => {
  test.for(scenarioNames())('%s comes to what it expects, and every invariant holds', async (scenario) => {
    const { result, misses } = await runDrill({ scenario, seed: 1, plan });
    expect(misses).toEqual([]);
    expect(result.invariants.map(({ id }) => id)).toEqual(nine);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });

  test.for([2, 3, 4, 5])(
    'az-outage recovers with seed %i too, and adds at most 5 s to its critical path',
    async (seed) => {
      const { result, misses } = await runDrill({ scenario: 'az-outage', seed, plan });
      expect(misses).toEqual([]);
      expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
      expect(result.overhead.addedSeconds).toBeLessThanOrEqual(5);
      expect(result.overhead.addedSeconds).toBeGreaterThan(0);
    },
  );
});
