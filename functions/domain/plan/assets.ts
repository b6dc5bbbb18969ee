// The assets of a plan: by kind, by name, and in the order in which they take over.
import { kinds } from '../../kinds/kinds.ts';
import type { Says } from '../kind/kind.ts';
import type { Plan } from './plan.ts';

export type Asset = Plan['assets'][number];
export type Kind = Asset['kind'];
export type AssetOf<K extends Kind> = Extract<Asset, { kind: K }>;

type Assets = Pick<Plan, 'assets'>;

/** All kinds that there are. */
export const kindNames = Object.keys(kinds) as Kind[];

/** All assets of a kind, in the order of the plan. */
export function assetsOf<K extends Kind>(kind: K, { assets }: Assets): AssetOf<K>[] {
  return assets.filter((asset): asset is AssetOf<K> => asset.kind === kind);
}

/** The first asset of a kind; null where the plan has none. */
export function firstOf<K extends Kind>(kind: K, plan: Assets): AssetOf<K> | null {
  return assetsOf(kind, plan)[0] ?? null;
}

/** What of an asset stands in a region, by the names that AWS knows it by; empty where nothing does. */
export function standsIn(region: string, asset: Asset): readonly string[] {
  return saidOf(asset).standsIn(region, asset);
}

/** The ARNs of what of an asset leaves a zone of a region by a zonal shift; empty where nothing does. */
export function shiftedIn(region: string, account: string, asset: Asset): readonly string[] {
  return saidOf(asset).shiftedIn?.(region, account, asset) ?? [];
}

/** What the kind of an asset says of itself. */
export function saidOf({ kind }: Pick<Asset, 'kind'>): Says<Asset> {
  return kinds[kind];
}

/** Assets in waves: each after all that it needs, side by side with those that need no more. */
export function wavesOf(assets: readonly Asset[]): Asset[][] {
  const waves: Asset[][] = [];
  const placed = new Set<string>();
  for (;;) {
    const wave = assets.filter(({ name, needs }) => !placed.has(name) && needs.every((need) => placed.has(need)));
    if (wave.length === 0) return waves;
    for (const { name } of wave) placed.add(name);
    waves.push(wave);
  }
}

/** The assets that have to be there before users come: those that the plan says the service needs, and all that they need; else every one. */
export function neededToServe({ assets, service }: Pick<Plan, 'assets' | 'service'>): Asset[] {
  const needed = new Set(service.needs ?? assets.map(({ name }) => name));
  // What is added while it is walked is walked as well.
  for (const name of needed) for (const need of assets.find((one) => one.name === name)?.needs ?? []) needed.add(need);
  return assets.filter(({ name }) => needed.has(name));
}

/** The names of those that are in no wave: they need each other in a circle, or what is not there. */
export function leftOver(assets: readonly Asset[]): string[] {
  const placed = wavesOf(assets).flat();
  return assets.flatMap((asset) => (placed.includes(asset) ? [] : [asset.name]));
}
