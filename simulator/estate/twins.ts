// The twins of the kinds: what is so of an asset, whatever the signals say, and what a kind brings into the estate. A new kind's
// is a line here and a folder beside this file.
import type { Asset, AssetOf, Kind } from '../../functions/domain/plan/assets.ts';
import type { Answers, Parts } from './apis/answer.ts';
import { consumersTruth, createConsumers } from './consumers/twin.ts';
import { createCustoms, customTruth } from './custom/twin.ts';
import { createServices, serviceTruth } from './ecs-service/twin.ts';
import { clusterTruth, createClusters } from './eks-cluster/twin.ts';
import { cacheTruth } from './elasticache/truth.ts';
import { balancerTruth } from './load-balancer/truth.ts';
import { databaseTruth } from './rds-instance/truth.ts';
import type { Service } from './service.ts';
import type { Builds } from './services/builds.ts';
import type { Fleet } from './services/fleet.ts';
import type { Objects } from './services/objects.ts';
import { parametersTruth } from './ssm-parameters/truth.ts';
import type { AssetTruth, Fault } from './types.ts';
import type { World } from './world.ts';

/** Where an asset is for the users of a region, and whether it does there what it is for. */
export type TruthOf<K extends Kind> = (
  asset: AssetOf<K>,
  parts: Parts,
  service: Service,
  usersRegion: string,
) => Pick<AssetTruth, 'region' | 'zone' | 'serves'>;

/** What a kind brings into the estate that nothing else there knows. */
export type Standing = {
  /** What its services answer, by the name of the client package. */
  readonly services: Readonly<Record<string, Answers>>;
  /** Whether anything of the application answers in a region, if only that it cannot serve; where left out, it does. */
  answers?(region: string): boolean;
  /** What a fault does the moment it begins, where the kind has faults of its own. */
  strike?(fault: Fault): void;
  /** Whether the application of a region can serve, as far as the assets of the kind go, or as far as one of them goes. */
  serves(region: string, asset?: string): boolean;
  /** The regions in which something of each asset takes work without a user, by its name. */
  consuming?(): Readonly<Record<string, readonly string[]>>;
};

/** What the estate has beside the kinds. */
export type Around = { readonly builds: Builds; readonly objects: Objects; readonly fleet: Fleet };

type Twin<K extends Kind> = {
  readonly truth: TruthOf<K>;
  readonly create?: (world: World, around: Around) => Standing;
};

const twins: { readonly [K in Kind]: Twin<K> } = {
  'rds-instance': { truth: databaseTruth },
  elasticache: { truth: cacheTruth },
  'eks-cluster': { truth: clusterTruth, create: createClusters },
  'ecs-service': { truth: serviceTruth, create: createServices },
  'load-balancer': { truth: balancerTruth },
  'ssm-parameters': { truth: parametersTruth },
  consumers: { truth: consumersTruth, create: createConsumers },
  custom: { truth: customTruth, create: createCustoms },
};

/** What the kinds of the plan bring into an estate. */
export function createStanding(world: World, around: Around): Standing[] {
  const used = new Set(world.plan.assets.map(({ kind }) => kind));
  return [...used].flatMap((kind) => twins[kind].create?.(world, around) ?? []);
}

export function assetTruth(asset: Asset, parts: Parts, service: Service, usersRegion: string): AssetTruth {
  const { name, kind } = asset;
  const truth = twins[kind].truth as TruthOf<Kind>;
  return { name, kind, ...truth(asset, parts, service, usersRegion) };
}
