// Nodes and pods: what of them is not ready in each zone, how nodes are lost and replaced, and the events of both.
import * as z from 'zod';
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { type Answers, read } from '../apis/answer.ts';
import { hex, uuid } from '../chance/random.ts';
import { regionOf, zoneCondition, zoneName, zonesOf } from '../faults/faults.ts';
import type { FaultOf } from '../types.ts';
import { eventTime, type World } from '../world.ts';

const nodesInZone = 3;
export const apiPodsInZone = 6;
const workerPodsInZone = 3;

export type Fleet = {
  /** Whether any node of a region is ready. */
  runs(region: string): boolean;
  /** Whether any node of a zone is. */
  runsIn(zone: string): boolean;
  nodesNotReady(zone: string): number;
  /** Nodes of a region that are gone, and not replaced yet. */
  nodesLost(region: string): number;
  podsUnready(component: 'api' | 'worker', zone: string): number;
  /** Share of a zone's own requests that fail for want of nodes and pods, 0 to 1. */
  localFailure(zone: string): number;
  loseNode(fault: FaultOf<'node-loss'>): void;
  crashPod(fault: FaultOf<'pod-crash'>): void;
  /** The zone lost power: its instances stop, and the group tries in vain to replace them. */
  losePower(zone: string): void;
  /** The zone became slow: some of its nodes no longer report. */
  impair(zone: string): void;
  /** What Auto Scaling tells of the nodes. */
  readonly answers: Answers;
};

const describe = z.looseObject({
  MaxRecords: z.int().min(1).max(100).optional(),
  Filters: z.array(z.strictObject({ Name: z.literal('StartTimeLowerBound'), Values: z.array(z.string()) })).optional(),
});

type Gap = { readonly zone: string; removed: boolean; recovered: boolean };

export function createFleet(world: World): Fleet {
  const lostNodes: Gap[] = [];
  const crashedPods: Gap[] = [];
  const impairedNodes = new Map<string, number>();
  const { plan, account, chances } = world;
  const activities: {
    readonly region: string;
    readonly shown: Readonly<Record<string, unknown>> & { readonly StartTime: Date };
  }[] = [];
  /** EKS names the group of a managed node group so. */
  const groupIn = (region: string): string => {
    const places = assetsOf('eks-cluster', plan).flatMap(({ regions }) => regions[region] ?? []);
    const [first] = places.flatMap(({ scale }) => scale?.nodeGroups ?? []);
    return first === undefined ? `${plan.application}-nodes` : `eks-${first.name}-9cc0d4a2-0000-4000-8000-000000000000`;
  };

  const instanceEvent = (zone: string, instance: string, state: string): void => {
    const region = regionOf(plan, zone);
    world.emit({
      region,
      source: 'aws.ec2',
      type: 'EC2 Instance State-change Notification',
      resources: [`arn:aws:ec2:${region}:${account}:instance/${instance}`],
      detail: { 'instance-id': instance, state },
    });
  };

  const scalingEvent = (zone: string, instance: string, type: ScalingType): void => {
    const region = regionOf(plan, zone);
    const { action, status, cause, origin, destination } = scalingTexts[type];
    const group = groupIn(region);
    const begun = new Date(world.now() - 30_000);
    const what = { AutoScalingGroupName: group, Description: `${action} EC2 instance: ${instance}` };
    activities.push({ region, shown: { ...what, Cause: cause, StatusCode: status, StartTime: begun } });
    world.emit({
      region,
      source: 'aws.autoscaling',
      type,
      resources: [
        `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:5f1b2c3d-0000-4000-8000-00000000c0a7:autoScalingGroupName/${group}`,
        `arn:aws:ec2:${region}:${account}:instance/${instance}`,
      ],
      detail: {
        StatusCode: status,
        Description: `${action} EC2 instance: ${instance}`,
        AutoScalingGroupName: group,
        ActivityId: uuid(chances.ids),
        Details: { 'Availability Zone': zoneName(plan, zone), 'Subnet ID': `subnet-0${zone.replace('-', '')}` },
        RequestId: uuid(chances.ids),
        StatusMessage: status === 'Failed' ? 'Insufficient capacity in the Availability Zone.' : '',
        EndTime: eventTime(world.now()),
        EC2InstanceId: instance,
        StartTime: eventTime(world.now() - 30_000),
        Cause: cause,
        Origin: origin,
        Destination: destination,
      },
    });
  };

  const newInstanceId = (): string => `i-0${hex(chances.ids, 16)}`;
  const placeOf = (fault: { region?: string | undefined; zone?: string | undefined }): string => {
    const zones = zonesOf(plan, fault.region ?? plan.roles.primary);
    return fault.zone ?? zones[Math.floor(chances.durations() * zones.length)] ?? '';
  };
  const open = (gaps: readonly Gap[], zone: string): Gap[] => gaps.filter((gap) => gap.zone === zone && !gap.recovered);
  const launchInVain = (zone: string, attempts: number): void =>
    world.after(90, () => {
      if (attempts === 0 || zoneCondition(world.faults, zone) !== 'dead') return;
      scalingEvent(zone, newInstanceId(), 'EC2 Instance Launch Unsuccessful');
      launchInVain(zone, attempts - 1);
    });

  const nodesNotReady = (zone: string): number => {
    const condition = zoneCondition(world.faults, zone);
    if (condition === 'dead') return nodesInZone;
    const impaired = condition === 'impaired' ? (impairedNodes.get(zone) ?? 1) : 0;
    return Math.min(nodesInZone, impaired + open(lostNodes, zone).length);
  };

  const runsIn = (zone: string): boolean => nodesNotReady(zone) < nodesInZone;

  return {
    runs: (region) => zonesOf(plan, region).some(runsIn),
    runsIn,
    nodesNotReady,
    nodesLost: (region) => zonesOf(plan, region).reduce((sum, zone) => sum + open(lostNodes, zone).length, 0),
    podsUnready(component, zone) {
      const pods = component === 'api' ? apiPodsInZone : workerPodsInZone;
      const onLostNodes = Math.round((pods * nodesNotReady(zone)) / nodesInZone);
      const crashed = component === 'api' ? open(crashedPods, zone).length : 0;
      return Math.min(pods, onLostNodes + crashed);
    },
    localFailure(zone) {
      const condition = zoneCondition(world.faults, zone);
      if (condition === 'dead') return 1;
      // A target that is gone fails requests until the balancer has removed it.
      const nodes = open(lostNodes, zone).filter((gap) => !gap.removed).length / nodesInZone;
      const pods = open(crashedPods, zone).filter((gap) => !gap.removed).length / apiPodsInZone;
      const impaired = condition === 'impaired' ? 0.35 : 0;
      return Math.min(1, 0.0005 + impaired + nodes + pods);
    },
    loseNode(fault) {
      const zone = placeOf(fault);
      const gap: Gap = { zone, removed: false, recovered: false };
      lostNodes.push(gap);
      const [lost, next] = [newInstanceId(), newInstanceId()];
      const seconds = world.draw('node-replacement');
      instanceEvent(zone, lost, 'shutting-down');
      world.after(world.draw('target-removal'), () => {
        gap.removed = true;
      });
      world.after(seconds * 0.4, () => {
        instanceEvent(zone, lost, 'terminated');
        scalingEvent(zone, lost, 'EC2 Instance Terminate Successful');
      });
      world.after(seconds * 0.6, () => instanceEvent(zone, next, 'pending'));
      world.after(seconds * 0.7, () => {
        instanceEvent(zone, next, 'running');
        scalingEvent(zone, next, 'EC2 Instance Launch Successful');
      });
      world.after(seconds, () => {
        gap.recovered = true;
      });
    },
    crashPod(fault) {
      const gap: Gap = { zone: placeOf(fault), removed: false, recovered: false };
      crashedPods.push(gap);
      world.after(world.draw('target-removal'), () => {
        gap.removed = true;
      });
      world.after(world.draw('pod-restart'), () => {
        gap.recovered = true;
      });
    },
    losePower(zone) {
      world.after(world.draw('target-removal') + 90, () => {
        if (zoneCondition(world.faults, zone) !== 'dead') return;
        for (let node = 0; node < nodesInZone; node += 1) instanceEvent(zone, newInstanceId(), 'stopped');
        launchInVain(zone, 4);
      });
    },
    answers: {
      DescribeScalingActivities(call) {
        const { MaxRecords = 100, Filters = [] } = read(describe, call);
        const from = Math.max(0, ...Filters.flatMap(({ Values }) => Values.map((one) => Date.parse(one))));
        const found = activities.filter((one) => one.region === call.region && one.shown.StartTime.getTime() >= from);
        return {
          Activities: found
            .map(({ shown }) => shown)
            .reverse()
            .slice(0, MaxRecords),
        };
      },
    },
    impair: (zone) => void impairedNodes.set(zone, 1 + Math.floor(chances.durations() * 2)),
  };
}

type ScalingType =
  | 'EC2 Instance Launch Successful'
  | 'EC2 Instance Launch Unsuccessful'
  | 'EC2 Instance Terminate Successful';

const launch = {
  action: 'Launching',
  cause: 'An instance was launched in response to an unhealthy instance needing to be replaced.',
  origin: 'EC2',
  destination: 'AutoScalingGroup',
};
const scalingTexts = {
  'EC2 Instance Launch Successful': { ...launch, status: 'InProgress' },
  'EC2 Instance Launch Unsuccessful': { ...launch, status: 'Failed' },
  'EC2 Instance Terminate Successful': {
    action: 'Terminating',
    status: 'InProgress',
    cause: 'An instance was taken out of service in response to an EC2 health check.',
    origin: 'AutoScalingGroup',
    destination: 'EC2',
  },
} as const;
