// Says which states of a flow a person may leave out. Pure.
import { stateOf, type Verb, verbs, verbsOf } from '../../kinds/verbs.ts';
import { saidOf } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../record/step.ts';
import type { ApprovalRequest } from '../types.ts';
import { oneOf } from '../words/nearest.ts';
import { stateWords } from '../words/words.ts';

/** States of the whole flow that read a waiver before they do anything. All others have to be done: lock, approval, gates. */
const skippable = ['RedirectUsers', 'VerifyOutside'];

/** Every state that a waiver can be signed for: a fence too, where an approval names what stays unfenced. */
export function waivable({ assets }: Pick<Plan, 'assets'>): Step[] {
  const ofAssets = assets.flatMap((asset) =>
    (Object.keys(stateOf) as Verb[])
      .filter((verb) => verbsOf(asset).includes(verb) && verbs[asset.kind][verb] !== 'never')
      .map((verb) => ({ state: stateOf[verb], asset: asset.name })),
  );
  const takenAsTheyAre = assets.flatMap((asset) =>
    (saidOf(asset).takenAsItIs?.(asset) ?? []).map((state) => ({ state, asset: asset.name })),
  );
  return [...ofAssets, ...takenAsTheyAre, ...skippable.map((state) => ({ state, asset: null }))];
}

/** Null where a person may sign for a state, by the plan alone; else why not. */
export function whyNeverSkipped({ state, asset }: Step, plan: Pick<Plan, 'assets'>): string | null {
  const all = waivable(plan);
  if (all.some((one) => one.state === state && one.asset === asset)) return null;
  const ofState = all.filter((one) => one.state === state).flatMap((one) => one.asset ?? []);
  if (asset === null && ofState.length > 0)
    return `ASSET: is missing: ${state} is about one asset, expected ${oneOf(ofState, null)}`;
  return `${stateWords({ state, asset })} cannot be left out, expected one of ${all.map(stateWords).join(', ')}`;
}

/**
 * Null where a state may be left out; else why it may not. `approved` are the execution's requests that were approved:
 * a fence is left out only where one of them names its asset as one that stays unfenced.
 */
export function whyNotSkipped(
  skipped: Step,
  approved: readonly Pick<ApprovalRequest, 'unfencedAssets'>[],
  plan: Pick<Plan, 'assets'>,
): string | null {
  const never = whyNeverSkipped(skipped, plan);
  const { state, asset } = skipped;
  if (never !== null || state !== stateOf.fence) return never;
  const named = approved.some(({ unfencedAssets = [] }) => asset !== null && unfencedAssets.includes(asset));
  return named ? null : `${stateWords(skipped)} cannot be left out: no approval names ${asset} as unfenced`;
}
