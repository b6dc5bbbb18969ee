// Plans for tests: a plan with the assets of one kind changed, or left out.
import type { AssetOf, Kind } from '../functions/domain/assets.ts';
import type { Plan } from '../functions/domain/plan.ts';

/** The plan with each asset of a kind as `change` makes it. */
export function changing<K extends Kind>(kind: K, plan: Plan, change: Partial<AssetOf<K>>): Plan {
  return { ...plan, assets: plan.assets.map((asset) => (asset.kind === kind ? { ...asset, ...change } : asset)) };
}

/** The plan with the security groups of its database in a region: the one that admits nobody. */
export function closedGroup(region: string, { assets }: Plan): string {
  for (const asset of assets)
    if (asset.kind === 'rds-instance') return asset.regions[region]?.securityGroups?.closed ?? '';
  return '';
}
