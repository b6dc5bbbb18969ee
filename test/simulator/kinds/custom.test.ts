// The twin of a user's Lambdas in whole drills: assets that share a function, and assets that nobody moves.
import { expect, test } from 'vitest';
import type { AssetOf } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { createCustoms } from '../../../simulator/estate/custom/twin.ts';
import type { World } from '../../../simulator/estate/world.ts';
import { without, withService } from '../../assets.ts';
import { plan } from '../../plan.ts';

const asset = (name: string, functions: AssetOf<'custom'>['functions']): AssetOf<'custom'> => ({
  name,
  kind: 'custom',
  needs: [],
  functions,
});
const withCustoms = (base: Plan, ...assets: readonly AssetOf<'custom'>[]): Plan => ({
  ...without(base, 'custom'),
  assets: [...without(base, 'custom').assets, ...assets],
});
const regionOutage = (played: Plan) => runDrill({ scenario: 'region-outage', seed: 1, plan: played });

test('two assets whose work one function does take over once each', async () => {
  const shared = { 'take-over': 'search-move', verify: 'search-verify' };
  const { result, misses } = await regionOutage(withCustoms(plan, asset('index', shared), asset('archive', shared)));
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  const asked = result.mutations.filter(({ service }) => service === 'lambda').map(({ step }) => step);
  expect(asked.toSorted()).toEqual(['TakeOver/archive', 'TakeOver/index']);
  expect(result.end.assets).toMatchObject(
    expect.arrayContaining(
      ['index', 'archive'].map((name) => expect.objectContaining({ name, region: 'us-west-2', serves: true })),
    ),
  );
});

test('assets that are only verified, or only leave zones, stand in both regions, and users are served in the other', async () => {
  const verified = asset('index', { verify: 'search-verify' });
  const leaves = asset('archive', { 'leave-zone': 'search-leave' });
  const { result, misses } = await regionOutage(withCustoms(plan, verified, leaves));
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.mutations.filter(({ service }) => service === 'lambda')).toEqual([]);
  for (const name of ['index', 'archive'])
    expect(result.end.assets).toContainEqual({ name, kind: 'custom', region: 'us-west-2', zone: null, serves: true });
});

test('whether another asset serves does not hang on where a custom one is', () => {
  const played = withService(withCustoms(plan, asset('index', { 'take-over': 'search-move' })));
  const standing = createCustoms({ plan: played } as World);
  expect(standing.serves('us-west-2')).toBe(false);
  expect(standing.serves('us-west-2', 'index')).toBe(false);
  expect(standing.serves('us-west-2', 'web')).toBe(true);
});
