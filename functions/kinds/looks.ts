// What is seen of each kind, whoever asks. The second list of kinds: the first, kinds.ts, is pure, and these call AWS. A kind of
// which nothing is seen is in none of the tables.
import { type Asset, type AssetOf, assetsOf, type Kind, saidOf } from '../domain/assets.ts';
import type { Plan } from '../domain/plan.ts';
import type { KindSeen, Leaving } from '../domain/predict.ts';
import type { Verdict } from '../domain/readiness.ts';
import type { LastLag } from '../domain/region-record.ts';
import type { Shell } from '../shared/shell.ts';
import { functionsAreReady } from './custom/look.ts';
import { seeServices, serviceIsReady } from './ecs-service/look.ts';
import { clusterIsReady, seeClusters } from './eks-cluster/look.ts';
import { cacheAddress, cacheIsReady, exportIsReady, seeCaches } from './elasticache/look.ts';
import { databaseAddress, lagIsReady, lagWhenLost, replicaIsReady, seeDatabases } from './rds-instance/look.ts';

type Of<Look> = Readonly<Partial<Record<Kind, Look>>>;

/** All assets of a kind that the plan has, before a region is left for another. */
const seeing: Of<(leaving: Leaving, shell: Shell) => Promise<KindSeen>> = {
  'rds-instance': seeDatabases,
  elasticache: seeCaches,
  'eks-cluster': seeClusters,
  'ecs-service': seeServices,
};

type ReadyOf<K extends Kind> = Readonly<Record<string, (asset: AssetOf<K>, shell: Shell) => Promise<Verdict>>>;

/** Each check of a kind, as its plan.ts names it. */
const checking: { readonly [K in Kind]?: ReadyOf<K> } = {
  'rds-instance': { replica: replicaIsReady, lag: lagIsReady },
  elasticache: { cache: cacheIsReady, export: exportIsReady },
  'eks-cluster': { cluster: clusterIsReady },
  custom: { functions: functionsAreReady },
  'ecs-service': { service: serviceIsReady },
};

type AddressOf<K extends Kind> = (asset: AssetOf<K>, region: string) => Promise<string | null>;

/** Where applications find an asset. */
const finding: { readonly [K in Kind]?: AddressOf<K> } = {
  'rds-instance': databaseAddress,
  elasticache: cacheAddress,
};

type LagOf<K extends Kind> = (asset: AssetOf<K>, standby: string, writesEndedAt: number) => Promise<LastLag>;

/** How far what an asset holds was behind when its writes ended. What is in no such list loses nothing that is measured. */
const lagging: { readonly [K in Kind]?: LagOf<K> } = { 'rds-instance': lagWhenLost };

/** Everything at once: a region that does not answer costs its timeout once, and is seen as not answering. */
export function seeAll(leaving: Leaving, shell: Shell): Promise<KindSeen[]> {
  const used = (Object.keys(seeing) as Kind[]).filter((kind) => assetsOf(kind, shell.plan).length > 0);
  return Promise.all(used.flatMap((kind) => seeing[kind]?.(leaving, shell) ?? []));
}

/** The checks of each kind that the plan uses, and of each of its assets a look. */
export function checksOf(shell: Shell): { check: string; looks: (() => Promise<Verdict>)[] }[] {
  return (Object.keys(checking) as Kind[]).flatMap((kind) => {
    const assets = assetsOf(kind, shell.plan);
    const checks = Object.entries(checking[kind] as ReadyOf<Kind>);
    return checks.flatMap(([check, look]) => {
      const checked = assets.filter((asset) => saidOf(asset).checked?.(check, asset) ?? true);
      return checked.length === 0 ? [] : [{ check, looks: checked.map((asset) => () => look(asset, shell)) }];
    });
  });
}

/** Where an asset is found in a region; null where it does not say, or is not there. */
export async function addressIn(
  region: string,
  name: string,
  { assets }: Pick<Plan, 'assets'>,
): Promise<string | null> {
  const asset: Asset | undefined = assets.find((one) => one.name === name);
  if (asset === undefined) return null;
  return (await (finding[asset.kind] as AddressOf<Kind> | undefined)?.(asset, region)) ?? null;
}

/** Each asset whose loss is measured: when its writes ended, and how far it was behind by then. */
export function lagsWhenLost(
  standby: string,
  endedAt: (asset: string) => number,
  { assets }: Pick<Plan, 'assets'>,
): Promise<{ writesEndedAt: number; lag: LastLag }[]> {
  const measured = assets.flatMap(async (asset) => {
    const writesEndedAt = endedAt(asset.name);
    const lagOf = lagging[asset.kind] as LagOf<Kind> | undefined;
    return lagOf === undefined ? [] : [{ writesEndedAt, lag: await lagOf(asset, standby, writesEndedAt) }];
  });
  return Promise.all(measured).then((found) => found.flat());
}
