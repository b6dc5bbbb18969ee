// Names what stands in a region, from the plan, and translates zones at the edge.
import { CannotProceed, InvalidInput, Unavailable } from '../domain/errors.ts';
import { type AssetOf, assetsOf, type Kind, shiftedIn } from '../domain/plan/assets.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { Bounds } from '../domain/types.ts';
import type { Shell } from './shell.ts';

/** An asset by its name. @throws InvalidInput where it is none of the kind. */
export function assetNamed<K extends Kind>(name: string, kind: K, plan: Plan): AssetOf<K> {
  const asset = assetsOf(kind, plan).find((one) => one.name === name);
  if (asset !== undefined) return asset;
  const known = assetsOf(kind, plan).map((one) => one.name);
  throw new InvalidInput(
    `input.asset: is ${name}, expected one of kind ${kind}: ${known.join(', ') || 'there is none'}`,
  );
}

/** What the plan says of an asset in a region. @throws CannotProceed where it says nothing. */
export function placeOf<Place>(
  asset: { name: string; regions: Readonly<Record<string, Place>> },
  region: string,
): Place {
  const place = asset.regions[region];
  if (place === undefined) throw new CannotProceed(`the plan names nothing of ${asset.name} in ${region}`);
  return place;
}

/** The region that takes over from another: the plan's other one that has zones. Null where there is none. */
export function peerOf(region: string, plan: Plan): string | null {
  const { primary, standby } = plan.roles;
  if (region !== primary && region !== standby) return null;
  return region === primary ? standby : primary;
}

/**
 * The region whose stack runs a region flow: what is given up is left by the other one, and what is restored where it stands needs no other
 * region. Null where there is none.
 */
export function runsIn({ target, mode }: Pick<Bounds, 'target' | 'mode'>, plan: Plan): string | null {
  return mode === 'restore' ? target : peerOf(target, plan);
}

/** Everything whose traffic leaves a zone with a zonal shift, by its ARN, and the asset that it is of. */
export function shiftedResources({ plan, region, account }: Pick<Shell, 'plan' | 'region' | 'account'>) {
  return plan.assets.flatMap((asset) =>
    shiftedIn(region, account, asset).map((resource) => ({ asset: asset.name, resource })),
  );
}

/**
 * The id of a zone that AWS named for this account. A zone the plan does not know keeps its name: it is certainly not
 * the one that failed. Null stays null.
 */
export function zoneIdOf(zoneName: string | null, region: string, plan: Plan): string | null {
  const zones = Object.entries(plan.regions[region]?.zones ?? {});
  return zones.find(([, name]) => name === zoneName)?.[0] ?? zoneName;
}

/** The load balancers that stand in a region, by the end of their ARNs. */
export function balancersIn(region: string, plan: Plan): string[] {
  return assetsOf('load-balancer', plan).flatMap((asset) => placeOf(asset, region));
}

/** Asks several, and knows afterwards whether one did not answer: null is also what a service says of what is not there. */
export function createAsker() {
  let unanswered = false;
  return {
    async ask<Answer>(question: Promise<Answer>): Promise<Answer | null> {
      const answer = await ifAnswered(question.then((given) => ({ given })));
      if (answer === null) unanswered = true;
      return answer?.given ?? null;
    },
    unanswered: () => unanswered,
  };
}

/** Null where the service did not answer: what is not known is not offered. */
export async function ifAnswered<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}
