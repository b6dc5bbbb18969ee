// What each kind knows to do, and what of it a person may leave out. One Lambda for each verb of a kind, in the kind's folder;
// the flows, the roles, the bill and the simulator read this table. Pure.
import { type Asset, type Kind, saidOf, wavesOf } from '../domain/plan/assets.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { kinds } from './kinds.ts';

/** never: it has to be done; by-waiver: a person may sign that it is left out; where-unfenced: if an approval names that. */
export type LeftOut = 'never' | 'by-waiver' | 'where-unfenced';

/** The state of the flows in which each verb is asked for. */
export const stateOf = {
  'leave-zone': 'LeaveZone',
  'tidy-up': 'TidyUp',
  fence: 'Fence',
  'catch-up': 'CatchUp',
  unfence: 'Unfence',
  'take-over': 'TakeOver',
  verify: 'Verify',
  'fence-late': 'FenceOnReturn',
} as const;

export type Verb = keyof typeof stateOf;

export const verbs = Object.fromEntries(Object.entries(kinds).map(([kind, says]) => [kind, says.verbs])) as Readonly<
  Record<Kind, Readonly<Partial<Record<Verb, LeftOut>>>>
>;

/** The verbs that an asset knows, in the order of its kind. */
export function verbsOf(asset: Asset): Verb[] {
  const { knows } = saidOf(asset);
  return (Object.keys(verbs[asset.kind]) as Verb[]).filter((verb) => knows?.(verb, asset) ?? true);
}

/** The assets of a plan that know a verb. */
export function assetsThat(verb: Verb, { assets }: Pick<Plan, 'assets'>): Asset[] {
  return assets.filter((asset) => verbsOf(asset).includes(verb));
}

/** The same in waves: each needs nothing of a later one. What does not know the verb is left out. */
export function wavesThat(verb: Verb, plan: Pick<Plan, 'assets'>): Asset[][] {
  const able = assetsThat(verb, plan);
  const waves = wavesOf(plan.assets).map((wave) => wave.filter((asset) => able.includes(asset)));
  return waves.filter((wave) => wave.length > 0);
}

/** Whether the old region has no use of an asset any more once another one has it. */
export function leavesWithUsers(asset: Asset): boolean {
  const { leavesWithUsers: leaves } = saidOf(asset);
  return leaves?.(asset) === true;
}

/** The Lambdas of the kinds that a plan uses: each with its kind and its verb. */
export function verbsIn({ assets }: Pick<Plan, 'assets'>): { kind: Kind; verb: Verb; name: string }[] {
  const used = assets.flatMap((asset) =>
    verbsOf(asset).map((verb) => ({ kind: asset.kind, verb, name: `${asset.kind}-${verb}` })),
  );
  return [...new Map(used.map((one) => [one.name, one])).values()];
}
