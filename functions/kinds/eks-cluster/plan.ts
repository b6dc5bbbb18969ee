// What a plan says of an `eks-cluster`: where the application runs in each region.
import * as z from 'zod';
import { kindOf, namesOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { must } from '../../domain/plan/issues.ts';
import { clusterName, regionName } from '../../domain/plan/names.ts';
import { projectsIn } from './says/projects.ts';
import { deploymentsIn, rebuild, runnable, scale, workload } from './says/rebuild-plan.ts';
import { rights } from './says/rights.ts';
import { weaknessesIn } from './says/stability.ts';

export const eksCluster = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('eks-cluster'),
    /** warm: it runs with the capacity to serve. */
    regions: z.record(
      regionName,
      z.strictObject({
        cluster: clusterName,
        warm: z.boolean(),
        scale: scale.optional(),
        rebuild: rebuild.optional(),
        workload: workload.optional(),
      }),
    ),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver', 'take-over': 'by-waiver', verify: 'by-waiver', 'fence-late': 'by-waiver' },
    /** Without a workload in the plan nobody says what has to run, and without numbers of deployments nobody what is stopped. */
    knows: (verb, { regions }) => {
      const places = Object.values(regions);
      if (verb === 'verify') return places.some(({ workload: wanted }) => wanted !== undefined);
      return verb !== 'fence-late' || places.some((place) => deploymentsIn(place).length > 0);
    },
    checks: ['cluster', 'cluster-shift', 'nodes', 'images'],
    checked: (check, { regions }) => {
      const places = Object.values(regions);
      if (check === 'nodes')
        return places.some(
          ({ scale: of }) => of !== undefined && (of.nodeGroups.length > 0 || of.autoscaler === 'auto-mode'),
        );
      return check !== 'images' || places.some((place) => place.rebuild !== undefined);
    },
    connected: (verb) => verb !== 'leave-zone',
    called: 'cluster',
    leaves: {
      'eks:UpdateNodegroupConfig': (target, region) =>
        `node group ${target} in ${region} has as many nodes as it was given`,
      'kubernetes:PatchScale': (target, region) =>
        `deployment ${target} in ${region} has as many replicas as it was given`,
      'codebuild:StartBuild': (target, region) =>
        `build project ${target} in ${region} was started: what it made there stays, and a build that runs goes on`,
    },
    services: ['eks', 'autoscaling'],
    standsIn: (region, { regions }) => namesOf(regions[region]?.cluster),
    // The Auto Scaling group of a managed node group [AWS, EKS: Managed node groups].
    makes: (region, { regions }) => (regions[region]?.scale?.nodeGroups ?? []).map(({ name }) => `eks-${name}-`),
    movedBy: 'autoscaling',
    shiftedIn: (region, account, { regions }) =>
      namesOf(regions[region]?.cluster).map((id) => `arn:aws:eks:${region}:${account}:cluster/${id}`),
    rights,
    projectsIn,
    weaknessesIn,
    /** Deployments are scaled by the build, which comes with what a rebuild needs. */
    wrongIn: ({ regions }, path) =>
      Object.entries(regions).flatMap(([region, { scale: numbers, rebuild: build }]) => [
        ...must(
          numbers === undefined || numbers.deployments.length === 0 || build !== undefined,
          `${path}.regions.${region}.scale.deployments`,
          numbers?.deployments.map(({ name }) => name),
          'a rebuild beside scale: its build project scales them',
        ),
        ...Object.entries(build?.tools ?? {}).flatMap(([name, { version }]) => {
          const { runs, expected } = runnable[name as keyof typeof runnable];
          return must(runs.test(version), `${path}.regions.${region}.rebuild.tools.${name}.version`, version, expected);
        }),
      ]),
  },
);
