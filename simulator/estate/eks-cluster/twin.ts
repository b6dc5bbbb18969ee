// The digital twin of EKS clusters: one may not be there, node groups grow after a while, and builds make a cluster again, bring the
// application into it, and scale it. A region answers with a cluster and its application, and serves with enough of both.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type AssetOf, assetsOf } from '../../../functions/domain/plan/assets.ts';
import { broughtBy, imagesKey } from '../../../functions/kinds/eks-cluster/says/projects.ts';
import {
  backUpProject,
  type ClusterPlace,
  recoverProject,
} from '../../../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import { prefix } from '../../stage.ts';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { distribution, drawSeconds } from '../chance/latencies.ts';
import { struckBy } from '../faults/faults.ts';
import type { Build, Failure, Phase, Variables } from '../services/builds.ts';
import type { Around, Standing, TruthOf } from '../twins.ts';
import type { Call, Caller, FaultOf } from '../types.ts';
import type { World } from '../world.ts';
import { kubernetesOf, type Running } from './kubernetes.ts';
import { backupNaming, nodeType, room } from './room.ts';
import { emptied, knowWorkloads, noteChanged, scaleUp, type Workloads, workloadsOf } from './workloads.ts';

const listing = z.looseObject({ server: z.looseObject({ cluster: z.string() }) });

type NodeGroup = { readonly name: string; desired: number; most: number; running: number; updating: boolean };

type Cluster = {
  readonly asset: AssetOf<'eks-cluster'>;
  readonly region: string;
  readonly place: ClusterPlace;
  status: 'ACTIVE' | 'CREATING' | null;
  groups: NodeGroup[];
  /** Whether the application was brought into it. */
  application: boolean;
  readonly workloads: Workloads;
};

/** What a cluster has that serves nobody, or was just made. */
const pilotNodes = 1;
/** How old the backup and its dry run are when a drill begins. */
const backedUpHoursAgo = 6;

const latencies = z
  .strictObject({
    'build-start': distribution,
    tools: distribution,
    terraform: distribution,
    application: distribution,
    'load-balancer': distribution,
    scale: distribution,
    'node-start': distribution,
    'pod-start': distribution,
  })
  .parse(parse(readFileSync(new URL('./latencies.yml', import.meta.url), 'utf8')));

const describe = z.looseObject({ name: z.string() });
const group = z.looseObject({ clusterName: z.string(), nodegroupName: z.string() });
const update = group.extend({
  scalingConfig: z.looseObject({ desiredSize: z.int().optional(), maxSize: z.int().optional() }).optional(),
});

/** Whether a cluster runs the application where users are. */
export const clusterTruth: TruthOf<'eks-cluster'> = ({ name }, { fleet, standing }, service, region) => ({
  region,
  zone: null,
  serves: !service.isLost(region) && fleet.runs(region) && standing.every((one) => one.serves(region, name)),
});

export function createClusters(world: World, { builds, objects, fleet }: Around): Standing {
  const { plan, account } = world;
  const clusters: Cluster[] = assetsOf('eks-cluster', plan).flatMap((asset) =>
    Object.entries(asset.regions).map(([region, place]) => {
      const full = place.warm || region === plan.roles.primary;
      const groups = groupsOf(place, full);
      const workloads = workloadsOf(place, region, world, full);
      knowWorkloads(world, region, place.cluster, workloads);
      return { asset, region, place, status: 'ACTIVE', groups, application: true, workloads };
    }),
  );
  const draw = (what: keyof typeof latencies): number => drawSeconds(latencies[what], world.chances.durations);

  const named = (name: string, { region }: Pick<Call, 'region'>): Cluster => {
    const found = clusters.find((one) => one.region === region && one.place.cluster === name && one.status !== null);
    if (found === undefined) throw refusal('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    return found;
  };
  const groupNamed = (call: Call): { cluster: Cluster; group: NodeGroup } => {
    const { clusterName, nodegroupName } = read(group, call);
    const cluster = named(clusterName, call);
    const found = cluster.groups.find(({ name }) => name === nodegroupName);
    if (found === undefined)
      throw refusal('ResourceNotFoundException', `No node group found for name: ${nodegroupName}.`, 404);
    return { cluster, group: found };
  };
  const shown = ({ place }: Cluster, { name, desired, most, updating }: NodeGroup, region: string) => ({
    nodegroupName: name,
    nodegroupArn: `arn:aws:eks:${region}:${account}:nodegroup/${place.cluster}/${name}/9cc0d4a2-0000-4000-8000-000000000000`,
    clusterName: place.cluster,
    status: updating ? 'UPDATING' : 'ACTIVE',
    scalingConfig: { minSize: 0, desiredSize: desired, maxSize: most },
    instanceTypes: [nodeType],
    capacityType: 'ON_DEMAND',
    health: { issues: [] },
    nodeRepairConfig: { enabled: true },
  });

  const answers: Answers = {
    DescribeCluster(call) {
      const { place, status } = named(read(describe, call).name, call);
      const certificateAuthority = { data: Buffer.from(`the authority of ${place.cluster}`).toString('base64') };
      const endpoint = `https://${place.cluster}.${call.region}.eks.example.com`;
      const computeConfig = { enabled: place.scale?.autoscaler === 'auto-mode' };
      return { cluster: { name: place.cluster, status, endpoint, certificateAuthority, computeConfig } };
    },
    DescribeNodegroup(call) {
      const { cluster, group: found } = groupNamed(call);
      return { nodegroup: shown(cluster, found, call.region) };
    },
    UpdateNodegroupConfig(call, parts) {
      const { scalingConfig = {} } = read(update, call);
      const { cluster, group: found } = groupNamed(call);
      if (found.updating)
        throw refusal('ResourceInUseException', `Nodegroup cannot be updated as it is currently being updated`, 409);
      const { desiredSize: desired = found.desired, maxSize: most = found.most } = scalingConfig;
      if (desired > most)
        throw refusal(
          'InvalidParameterException',
          `desired capacity ${desired} can't be greater than max size ${most}`,
        );
      Object.assign(found, { desired, most, updating: true });
      const seconds = draw('node-start');
      world.recordWork('node-start', found.name, seconds, call.caller);
      world.after(seconds, () => Object.assign(found, { running: found.desired, updating: false }));
      noteMutation(call, parts, found.name, null);
      return { update: { id: 'u-1', status: 'InProgress', type: 'ConfigUpdate', region: cluster.region } };
    },
  };

  /** Why a phase of a build fails, where a fault says so. */
  const failing = (phase: FaultOf<'build-fails'>['phase']): Failure | null => {
    const fault = world.faults.of('build-fails').find((one) => one.phase === phase);
    return fault === undefined ? null : { exit: fault.exit, told: fault.told };
  };

  for (const cluster of clusters) {
    const { asset, region, place } = cluster;
    const { rebuild } = place;
    if (rebuild === undefined) continue;
    const { bucket, application } = rebuild;
    const put = (key: string, text: string, at = world.now()) =>
      objects.keep(bucket.region, bucket.name, key, text, at);
    const told = (build: Build, failure: Failure | null): Failure | null => {
      if (failure !== null)
        put(
          `builds/${build.id.slice(build.id.indexOf(':') + 1)}.txt`,
          failure.told.map((line) => `${line}\n`).join(''),
        );
      return failure;
    };
    const phase = (
      what: 'tools' | 'terraform' | 'application' | 'scale',
      build: Build,
      caller: Caller,
      run: () => void,
    ): Phase => {
      const type = { tools: 'INSTALL', terraform: 'PRE_BUILD', application: 'BUILD', scale: 'POST_BUILD' }[what];
      const seconds = draw(what);
      world.recordWork(`build-${what}`, build.id, seconds, caller);
      return {
        type,
        seconds,
        run: () => {
          const failure = what === 'tools' ? null : told(build, failing(what));
          if (failure === null) run();
          return failure;
        },
      };
    };
    const nothing = () => undefined;
    const phasesOf = (build: Build, { TASK = 'dry-run' }: Variables, caller: Caller): Phase[] => {
      const seconds = draw('build-start');
      world.recordWork('build-start', build.id, seconds, caller);
      const begun: Phase[] = [{ type: 'PROVISIONING', seconds }, phase('tools', build, caller, nothing)];
      const scale = phase('scale', build, caller, () => {
        scaleUp(cluster.workloads);
      });
      if (TASK === 'scale') return [...begun, scale];
      if (TASK !== 'rebuild')
        return [
          ...begun,
          phase('application', build, caller, () => {
            if (application.from === 'resources')
              put(
                `${application.key}.dry-run`,
                cluster.status === null ? '1 objects can be read' : '1 objects would be applied',
              );
          }),
        ];
      return [
        ...begun,
        phase('terraform', build, caller, () => {
          if (cluster.status !== null) return;
          Object.assign(cluster, {
            status: 'ACTIVE',
            groups: groupsOf(place, false),
            application: false,
          });
          emptied(cluster.workloads);
        }),
        phase('application', build, caller, () => {
          // What the balancer takes then is not a part of the build.
          const balancer = draw('load-balancer');
          world.recordWork('load-balancer', place.cluster, balancer, caller);
          world.after(balancer, () => {
            cluster.application = true;
          });
        }),
        scale,
      ];
    };
    builds.define({
      name: recoverProject(asset.name, prefix),
      region,
      phases: phasesOf,
      changes: ({ TASK }) => TASK === 'rebuild' || TASK === 'scale',
    });
    const { providers, state } = rebuild.terraform;
    for (const key of broughtBy(rebuild)) put(key, 'as its checksum says');
    if (providers !== null) put(`${providers}/registry.terraform.io/index.json`, '{}');
    if (application.from === 'chart') put(imagesKey(application.chart), backupNaming(rebuild.registries));
    objects.keep(state.bucket.region, state.bucket.name, state.key, '{}', world.now());
    if (application.from !== 'resources') continue;
    const madeAt = world.now() - backedUpHoursAgo * 3_600_000;
    put(application.key, backupNaming(rebuild.registries), madeAt);
    put(`${application.key}.dry-run`, '1 objects would be applied', madeAt);
    // Of the other region's cluster, from there.
    const other = clusters.find((one) => one.asset === asset && one.region !== region);
    builds.define({
      name: backUpProject(asset.name, prefix),
      region: other?.region ?? region,
      changes: () => false,
      phases: (build, _, caller) => [
        { type: 'PROVISIONING', seconds: draw('build-start') },
        phase('application', build, caller, () => {
          if (other?.status === 'ACTIVE' && world.canReach(other.region, bucket.region))
            put(application.key, backupNaming(rebuild.registries));
        }),
      ],
    });
  }

  const enough = ({ place, groups, status, application, workloads }: Cluster): boolean => {
    const nodes = (place.scale?.nodeGroups ?? []).every(
      ({ name, desired }) => (groups.find((one) => one.name === name)?.running ?? 0) >= desired,
    );
    const pods = workloads.deployments.every(({ isAsked, running, needed }) => !isAsked || running >= needed);
    return status === 'ACTIVE' && application && pods && nodes;
  };
  /** The cluster at an address, as its API server would answer there. */
  const asked = (call: Call): Running => {
    const { server } = read(listing, call);
    const cluster = named(server.cluster, call);
    const { place, groups, application, workloads } = cluster;
    const own =
      groups.length === 0 ? (place.workload?.nodes ?? 0) : groups.reduce((sum, { running }) => sum + running, 0);
    const nodes = Math.max(0, own - fleet.nodesLost(cluster.region));
    const startSeconds: Running['startSeconds'] = ({ name, isAsked }, { caller }) => {
      const seconds = draw('pod-start');
      // Nobody waits for the pods of what only consumes.
      if (isAsked) world.recordWork('pod-start', name, seconds, caller);
      return seconds;
    };
    const losePod = () => fleet.crashPod({ id: place.cluster, kind: 'pod-crash', region: cluster.region });
    return { place, nodes, application, workloads, startSeconds, losePod };
  };
  const of = (region: string, name?: string): Cluster[] =>
    clusters.filter((one) => one.region === region && (name ?? one.asset.name) === one.asset.name);

  return {
    services: { eks: answers, kubernetes: kubernetesOf(world, asked), ...room },
    answers: (region) => of(region).every(({ status, application }) => status === 'ACTIVE' && application),
    serves: (region, name) => of(region, name).every(enough),
    strike(fault) {
      if (fault.kind === 'cluster-changed') {
        const { by = 'kubectl-edit', region = plan.roles.primary } = fault;
        for (const { workloads } of of(region, struckBy(fault, plan)))
          for (const one of workloads.deployments.slice(0, 1)) noteChanged(one, by, false, world.now());
      }
      if (fault.kind !== 'cluster-missing') return;
      const struck = struckBy(fault, plan);
      for (const cluster of of(fault.region ?? plan.roles.standby, struck)) {
        Object.assign(cluster, { status: null, groups: [], application: false });
        emptied(cluster.workloads);
      }
    },
  };
}

function groupsOf({ scale }: ClusterPlace, full: boolean): NodeGroup[] {
  return (scale?.nodeGroups ?? []).map(({ name, desired: wanted }) => {
    const desired = full ? wanted : Math.min(pilotNodes, wanted);
    return { name, desired, most: Math.max(desired, pilotNodes), running: desired, updating: false };
  });
}
