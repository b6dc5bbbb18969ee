// What runs in a cluster of the twin beside its nodes: deployments, which have as many replicas as somebody asked for after a while, and cron jobs. A kind that
// consumes in a cluster finds there what works.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { ClusterPlace } from '../../../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import type { World } from '../world.ts';

/** A deployment. `needed`: the replicas that serve, or work, where its region does; `isAsked`: whether users wait for it. */
export type Deployed = {
  readonly namespace: string;
  readonly name: string;
  readonly needed: number;
  readonly isAsked: boolean;
  wanted: number;
  running: number;
  /** Numbers of pods that were ended one by one: no other pod has their names. `starting`: so many of those in their place do not run yet. */
  readonly gone: Set<number>;
  starting: number;
  /** Who changed it last, by the name of the tool: as a whole, or its scale alone. */
  readonly changed: Map<string, { readonly manager: string; readonly scaled: boolean; readonly at: number }>;
};

/** The API server keeps of each tool the last change, of the scale apart [Kubernetes, "Server-Side Apply"]. */
export function noteChanged({ changed }: Deployed, manager: string, scaled: boolean, at: number): void {
  changed.set(`${manager} ${scaled}`, { manager, scaled, at });
}

export type Workloads = {
  readonly deployments: Deployed[];
  /** By namespace/name. */
  readonly cronJobs: Map<string, { suspended: boolean }>;
};

/** What a deployment runs that serves nobody. */
const pilotReplicas = 1;

/** The workloads of a cluster as they stand when a drill begins, or nothing of them was applied yet. `full`: with the capacity to serve. */
export function workloadsOf(
  { scale, cluster }: ClusterPlace,
  region: string,
  { plan }: Pick<World, 'plan'>,
  full: boolean,
): Workloads {
  const deployments = (scale?.deployments ?? []).map(({ namespace, name, replicas }): Deployed => {
    const some = full ? replicas : Math.min(pilotReplicas, replicas);
    return {
      namespace,
      name,
      needed: replicas,
      isAsked: true,
      wanted: some,
      running: some,
      gone: new Set(),
      starting: 0,
      changed: new Map(),
    };
  });
  const on = region === plan.roles.primary;
  const places = assetsOf('consumers', plan).flatMap(({ regions }) => regions[region] ?? []);
  const here = <One extends { readonly cluster: string }>(all: readonly One[]) =>
    all.filter((one) => one.cluster === cluster);
  const workers = places
    .flatMap((place) => here(place.deployments))
    .map(({ namespace, name, replicas }): Deployed => {
      const some = on ? replicas : 0;
      return {
        namespace,
        name,
        needed: replicas,
        isAsked: false,
        wanted: some,
        running: some,
        gone: new Set(),
        starting: 0,
        changed: new Map(),
      };
    });
  const cronJobs = places
    .flatMap((place) => here(place.cronJobs))
    .map(({ namespace, name }) => [`${namespace}/${name}`, { suspended: !on }] as const);
  return { deployments: [...deployments, ...workers], cronJobs: new Map(cronJobs) };
}

/** By region and EKS's name of the cluster. */
const known = new WeakMap<World, Map<string, Workloads>>();

function keyOf(region: string, cluster: string): string {
  return `${region} ${cluster}`;
}

/** What runs in a cluster of a region; null where the world has no such cluster. */
export function workloadsIn(world: World, region: string, cluster: string): Workloads | null {
  return known.get(world)?.get(keyOf(region, cluster)) ?? null;
}

/** Makes them known to the kinds of a world. */
export function knowWorkloads(world: World, region: string, cluster: string, workloads: Workloads): void {
  const all = known.get(world) ?? new Map<string, Workloads>();
  all.set(keyOf(region, cluster), workloads);
  known.set(world, all);
}

/** As many of each as the plan wants, at once: what a build waits for. */
export function scaleUp({ deployments }: Workloads): void {
  for (const one of deployments)
    if (one.isAsked)
      Object.assign(one, { wanted: Math.max(one.wanted, one.needed), running: Math.max(one.running, one.needed) });
}

/** What was just applied, or is not there any more: as little as serves nobody. */
export function emptied({ deployments }: Workloads): void {
  for (const one of deployments) {
    const some = one.isAsked ? Math.min(pilotReplicas, one.needed) : 0;
    Object.assign(one, { wanted: some, running: some });
  }
}
