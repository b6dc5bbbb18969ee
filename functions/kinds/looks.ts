// What is seen of each kind, whoever asks. The second list of kinds: the first, kinds.ts, is pure, and these call AWS. A kind of
// which nothing is seen is in none of the tables.
import type { Inside } from '../domain/evidence/changes.ts';
import { type Asset, type AssetOf, assetsOf, type Kind, saidOf } from '../domain/plan/assets.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { KindSeen, Leaving } from '../domain/recovery/predict.ts';
import type { CheckResult } from '../domain/recovery/readiness.ts';
import type { LastLag } from '../domain/recovery/region-record.ts';
import { concernedBy } from '../domain/recovery/restoring.ts';
import type { TakenOver } from '../shared/fencing/fence-late.ts';
import type { FlowIncident } from '../shared/recovery/flow.ts';
import type { Shell } from '../shared/shell.ts';
import { isShiftable } from '../shared/traffic/shiftable.ts';
import { consumersAreReady, seeConsumers } from './consumers/look.ts';
import { functionsAreReady } from './custom/look.ts';
import { seeServices, serviceIsReady } from './ecs-service/look.ts';
import { changesInCluster, clusterIsReady, clusterIsShiftable, seeClusters } from './eks-cluster/look.ts';
import { imagesAreReady } from './eks-cluster/seen/images.ts';
import { nodesAreReady } from './eks-cluster/seen/room.ts';
import { cacheAddress, cacheIsReady, exportIsReady, seeCaches } from './elasticache/look.ts';
import { cacheCanBeMade } from './elasticache/seen/room.ts';
import {
  databaseAddress,
  lagIsReady,
  lagWhenLost,
  replicaIsReady,
  restoreIsReady,
  seeDatabases,
} from './rds-instance/look.ts';
import { backupsAreReady, keepBackups } from './rds-instance/restoring/backups.ts';
import { promotionOf } from './rds-instance/seen/promotion.ts';
import { seeSettings, settingsAreReady } from './ssm-parameters/look.ts';

type Of<Look> = Readonly<Partial<Record<Kind, Look>>>;

/** All assets of a kind that the plan has, before a region is left for another. */
const seeing: Of<(leaving: Leaving, shell: Shell) => Promise<KindSeen>> = {
  'rds-instance': seeDatabases,
  elasticache: seeCaches,
  'eks-cluster': seeClusters,
  'ecs-service': seeServices,
  consumers: seeConsumers,
  'ssm-parameters': seeSettings,
};

type ReadyOf<K extends Kind> = Readonly<Record<string, (asset: AssetOf<K>, shell: Shell) => Promise<CheckResult>>>;

/** Each check of a kind, as its plan.ts names it: in the region that would take over. */
const checking: { readonly [K in Kind]?: ReadyOf<K> } = {
  'rds-instance': { replica: replicaIsReady, lag: lagIsReady },
  elasticache: { cache: cacheIsReady },
  'eks-cluster': { cluster: clusterIsReady },
  custom: { functions: functionsAreReady },
  'ecs-service': { service: serviceIsReady },
  'ssm-parameters': { settings: settingsAreReady },
};

/** The same in both main regions, whichever is primary: the pair turns round, and what is not there then is found now. */
const checkingInBoth: { readonly [K in Kind]?: ReadyOf<K> } = {
  'rds-instance': { backups: backupsAreReady, restore: restoreIsReady },
  elasticache: { export: exportIsReady, 'cache-room': cacheCanBeMade },
  'eks-cluster': { nodes: nodesAreReady, images: imagesAreReady, 'cluster-shift': clusterIsShiftable },
  consumers: { consumers: consumersAreReady },
  'load-balancer': { 'balancer-shift': isShiftable },
};

/** What a kind keeps by itself, so that it can take over: each asset for itself. */
const keeping: { readonly [K in Kind]?: (asset: AssetOf<K>, shell: Shell) => Promise<void> } = {
  'rds-instance': keepBackups,
};

type AddressOf<K extends Kind> = (asset: AssetOf<K>, region: string, shell: Shell) => Promise<string | null>;

/** Where applications find an asset. */
const finding: { readonly [K in Kind]?: AddressOf<K> } = {
  'rds-instance': databaseAddress,
  elasticache: cacheAddress,
};

type ChangesOf<K extends Kind> = (asset: AssetOf<K>, region: string, from: number, to: number) => Promise<Inside>;

/** What was changed inside of an asset, where AWS keeps none of it. */
const changing: { readonly [K in Kind]?: ChangesOf<K> } = { 'eks-cluster': changesInCluster };

type TakenOverFrom = (
  asset: string,
  incident: Pick<FlowIncident, 'id' | 'execution' | 'region' | 'mode'>,
  shell: Shell,
) => Promise<TakenOver>;

/** Whether what takes the place of an asset works, where the kind can tell. */
const takingOver: Of<TakenOverFrom> = { 'rds-instance': promotionOf };

type LagOf<K extends Kind> = (
  asset: AssetOf<K>,
  standby: string,
  writesEndedAt: number,
  shell: Pick<Shell, 'store'>,
) => Promise<LastLag>;

/** How far what an asset holds was behind when its writes ended. What is in no such list loses nothing that is measured. */
const lagging: { readonly [K in Kind]?: LagOf<K> } = { 'rds-instance': lagWhenLost };

/** Everything at once: a region that does not answer costs its timeout once, and is seen as not answering. */
export function seeAll(leaving: Leaving, shell: Shell): Promise<KindSeen[]> {
  // Of a restore only what has a way of its own is concerned, and what holds its address: nothing else takes over.
  const { mode, target: region, only: asset } = leaving;
  const concerned = concernedBy({ mode, region, asset }, shell.plan);
  const used = (Object.keys(seeing) as Kind[]).filter((kind) =>
    assetsOf(kind, shell.plan).some(
      ({ name }) => concerned === null || saidOf({ kind }).wayBy !== undefined || concerned.includes(name),
    ),
  );
  return Promise.all(used.flatMap((kind) => seeing[kind]?.(leaving, shell) ?? []));
}

type Checks = { readonly check: string; readonly looks: readonly (() => Promise<CheckResult>)[] };

/** The checks of each kind that the plan uses, and of each of its assets a look: in the region that would take over. */
export function checksOf(shell: Shell): Checks[] {
  return looksIn(checking, shell);
}

/** The same for both main regions. */
export function checksInBoth(shell: Shell): Checks[] {
  return looksIn(checkingInBoth, shell);
}

function looksIn(table: { readonly [K in Kind]?: ReadyOf<K> }, shell: Shell): Checks[] {
  return (Object.keys(table) as Kind[]).flatMap((kind) => {
    const { checked } = saidOf({ kind });
    return Object.entries(table[kind] as ReadyOf<Kind>).flatMap(([check, look]) => {
      const assets = assetsOf(kind, shell.plan).filter((asset) => checked?.(check, asset) ?? true);
      return assets.length === 0 ? [] : [{ check, looks: assets.map((asset) => () => look(asset, shell)) }];
    });
  });
}

/** What each asset keeps, one after the other; gives what went wrong, and one that fails costs no other. */
export async function keepAll(shell: Shell): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const asset of shell.plan.assets) {
    const keep = keeping[asset.kind] as ((asset: Asset, shell: Shell) => Promise<void>) | undefined;
    await keep?.(asset, shell).catch((error: unknown) => failures.push(error));
  }
  return failures;
}

/** Where an asset is found in a region; null where it does not say, or is not there. */
export async function addressIn(region: string, name: string, shell: Shell): Promise<string | null> {
  const asset: Asset | undefined = shell.plan.assets.find((one) => one.name === name);
  if (asset === undefined) return null;
  return (await (finding[asset.kind] as AddressOf<Kind> | undefined)?.(asset, region, shell)) ?? null;
}

/** Each asset that keeps itself what was changed inside of it, and how that is read, between two times. */
export function insidesOf(
  region: string,
  { assets }: Pick<Plan, 'assets'>,
): { readonly asset: string; changes(from: number, to: number): Promise<Inside> }[] {
  return assets.flatMap((asset) => {
    const read = changing[asset.kind] as ChangesOf<Kind> | undefined;
    return read === undefined ? [] : [{ asset: asset.name, changes: (from, to) => read(asset, region, from, to) }];
  });
}

/** Whether what takes the place of an asset works; null where its kind cannot tell. @throws CannotProceed, Unavailable. */
export async function takenOverFrom(
  name: string,
  incident: Pick<FlowIncident, 'id' | 'execution' | 'region' | 'mode'>,
  shell: Shell,
): Promise<TakenOver | null> {
  const kind = shell.plan.assets.find((one) => one.name === name)?.kind;
  return kind === undefined ? null : ((await takingOver[kind]?.(name, incident, shell)) ?? null);
}

/** Each asset whose loss is measured: when its writes ended, and how far it was behind by then. */
export function lagsWhenLost(
  standby: string,
  endedAt: (asset: string) => number,
  /** What is known otherwise of an asset, such as one that was restored; undefined where nothing is. */
  known: (asset: string) => LastLag | undefined,
  { assets, store }: Pick<Plan, 'assets'> & Pick<Shell, 'store'>,
): Promise<{ asset: string; writesEndedAt: number; lag: LastLag }[]> {
  const measured = assets.flatMap(async (asset) => {
    const writesEndedAt = endedAt(asset.name);
    const lagOf = lagging[asset.kind] as LagOf<Kind> | undefined;
    if (lagOf === undefined) return [];
    const restored = known(asset.name);
    const lag = restored === undefined ? await lagOf(asset, standby, writesEndedAt, { store }) : restored;
    return [{ asset: asset.name, writesEndedAt, lag }];
  });
  return Promise.all(measured).then((found) => found.flat());
}
