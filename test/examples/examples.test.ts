// The plans in examples/ are as good as the shipped one: checked, made into a stack, and drilled.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../check/plan.ts';
import { kinds } from '../../functions/kinds/kinds.ts';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { readRawPlan } from '../../infrastructure/plan-file.ts';
import { partsOf } from '../../infrastructure/stack.ts';
import { stackOf } from '../../infrastructure/values.ts';
import { runDrill } from '../../simulator/drill/drill.ts';
import { run } from '../cli/invented.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples');
const scenarios = [
  'az-outage',
  'region-outage',
  'manual-switchover',
  'database-failover',
  'cache-failover',
  'approval-outgrown',
];
/** Scenarios about what an application does not have. */
const lacking: Readonly<Record<string, readonly string[]>> = {
  shop: ['cache-failover'],
  'session-store': ['database-failover', 'approval-outgrown'],
  search: ['database-failover', 'cache-failover', 'approval-outgrown'],
};

const examples = Object.keys(lacking);

test('each example is looked at', () => {
  expect(readdirSync(folder).toSorted()).toEqual(examples.toSorted());
});

describe.each(examples)('%s', (name) => {
  const file = join('examples', name, 'plan.yml');

  test('is valid and safe, and names that packaging would refuse are not in it', async () => {
    const { status, out } = await run(['check', '--plan', file, '--no-template']);
    expect(out).toMatch(/is valid\n$/);
    expect(status).toBe(0);
  });

  const plan = parsePlan(readRawPlan(file));

  test('has functions for the kinds that it has and for nothing else; .ci/run packages it', () => {
    const { functions } = partsOf(stackOf(plan, plan.roles.primary, 'breakwater-rehearsal'));
    const ofKinds = Object.keys(functions).filter((verb) =>
      Object.keys(kinds).some((kind) => verb.startsWith(`${kind}-`)),
    );
    expect(ofKinds.toSorted()).toEqual(
      verbsIn(plan)
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(ofKinds).not.toEqual([]);
  });

  test.for(scenarios.filter((one) => lacking[name]?.includes(one) !== true))(
    '%s comes to what it expects',
    async (scenario) => {
      const { result, misses } = await runDrill({ scenario, seed: 1, plan });
      expect(misses).toEqual([]);
      expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    },
  );

  test.for(lacking[name] ?? [])('%s is no scenario of it, which is said in one line', async (scenario) => {
    const { status, err } = await run(['drill', scenario, '--plan', file]);
    expect(status).toBe(2);
    expect(err).toMatch(/^scenario \S+ cannot be played with this plan: it needs \S+, of which the plan has none\n$/);
  });
});
