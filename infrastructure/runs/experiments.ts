// What AWS FIS breaks for drills of the plan: a template and a role for each, in the region where it would be broken. AWS ends an experiment at
// its stop alarms and after its duration, and lets one fail that finds no target.
import { experimentsIn, type FisTarget } from '../../functions/domain/drills/plan.ts';
import { machineName } from '../../functions/domain/flows.ts';
import { assetNamed, placeOf } from '../../functions/shared/estate.ts';
import { serviceRole } from '../rights/service-role.ts';
import { arnHere, arnOf, type Resource, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';

/** Subnets that a drill may cut off, in whichever zone, have it. */
const cutTag = 'breakwater-drill';

type Broken = { readonly id: string; readonly name: string; readonly target: FisTarget };

/** Those that are broken in the region of a stack. The primary role moves: a node may be in either main region. */
function brokenIn({ plan, region, kind }: Stack): Broken[] {
  if (kind !== 'main') return [];
  return experimentsIn(plan).flatMap(({ name, target }, index) => {
    const isHere = target.fault !== 'zone' || Object.hasOwn(plan.regions[region]?.zones ?? {}, target.zone);
    return isHere ? [{ id: `DrillExperiment${index + 1}`, name, target }] : [];
  });
}

export function experiments(stack: Stack): Resources {
  return Object.assign({}, ...brokenIn(stack).map((broken) => experiment(broken, stack)));
}

/** The ids of the templates, in the order of the plan's experiments; empty for one that is of the other region. */
export function templateIds(stack: Stack): Readonly<Record<string, Value>> {
  const here = brokenIn(stack);
  const all = experimentsIn(stack.plan).map(({ name }) => here.find((one) => one.name === name));
  if (all.length === 0) return {};
  return { BREAKWATER_EXPERIMENTS: { 'Fn::Join': [',', all.map((one) => (one === undefined ? '' : ref(one.id)))] } };
}

/** What has to be named to start one of them: the template, and the experiment, to which FIS gives an id of its own. */
export function experimentsHere(stack: Stack): Value[] {
  const templates = brokenIn(stack).map(({ id }) =>
    sub(`arn:\${AWS::Partition}:fis:\${AWS::Region}:\${AWS::AccountId}:experiment-template/\${${id}}`),
  );
  return [...templates, ...startedExperiments(stack)];
}

/** Experiments that were started: none can be named before. */
export function startedExperiments(stack: Stack): Value[] {
  return brokenIn(stack).length === 0 ? [] : [arnHere('fis', 'experiment/*')];
}

function experiment({ id, name, target }: Broken, stack: Stack): Resources {
  const { actions, targets } = target.fault === 'node' ? oneNode(target.asset, stack) : wholeZone(target, stack);
  const template: Resource = {
    Type: 'AWS::FIS::ExperimentTemplate',
    Properties: {
      Description: `Breaks something for the drill ${name}.`,
      ExperimentOptions: { AccountTargeting: 'single-account', EmptyTargetResolutionMode: 'fail' },
      Targets: targets,
      Actions: actions,
      StopConditions: stopAlarms(target, stack).map((alarm) => ({
        Source: 'aws:cloudwatch:alarm',
        Value: arnHere('cloudwatch', `alarm:${alarm}`),
      })),
      RoleArn: arnOf(`${id}Role`),
      Tags: { Name: `${stack.prefix}-${id}` },
    },
  };
  return { [id]: template, [`${id}Role`]: role(id, target, stack) };
}

/**
 * A flow that answers it and fails ends it. Users do not notice that a node is gone: where they do, that ends it too, and what is seen of a zone is
 * for the plan to name.
 */
function stopAlarms(target: FisTarget, { plan, region, prefix }: Stack): string[] {
  const failing = ['az-failover', 'service-degradation'] as const;
  return [
    ...failing.map((flow) => `${machineName(flow, prefix)}-failed`),
    ...(target.fault === 'node' ? [`${plan.application}-canary-${region}`] : []),
    ...target.stopAlarms,
  ];
}

/** EKS tags the instances of its managed groups with the name of the cluster. */
const ofCluster = 'eks:cluster-name';

function clusterOf(asset: string, { plan, region }: Stack): string {
  return placeOf(assetNamed(asset, 'eks-cluster', plan), region).cluster;
}

function oneNode(asset: string, stack: Stack): { readonly actions: Value; readonly targets: Value } {
  const running = { Path: 'State.Name', Values: ['running'] };
  return {
    targets: {
      node: {
        ResourceType: 'aws:ec2:instance',
        ResourceTags: { [ofCluster]: clusterOf(asset, stack) },
        Filters: [running],
        SelectionMode: 'COUNT(1)',
      },
    },
    actions: { end: { ActionId: 'aws:ec2:terminate-instances', Targets: { Instances: 'node' } } },
  };
}

/** FIS takes its access lists away again when the time is over, and when it is stopped. */
function wholeZone(
  { zone, seconds }: Extract<FisTarget, { readonly fault: 'zone' }>,
  { plan, region }: Stack,
): { readonly actions: Value; readonly targets: Value } {
  const zoneName = plan.regions[region]?.zones[zone] ?? zone;
  return {
    targets: {
      subnets: {
        ResourceType: 'aws:ec2:subnet',
        ResourceTags: { [cutTag]: plan.application },
        Filters: [{ Path: 'AvailabilityZone', Values: [zoneName] }],
        SelectionMode: 'ALL',
      },
    },
    actions: {
      cut: {
        ActionId: 'aws:network:disrupt-connectivity',
        Parameters: { duration: `PT${Math.ceil(seconds / 60)}M`, scope: 'all' },
        Targets: { Subnets: 'subnets' },
      },
    },
  };
}

/** What FIS may do, for experiments of this account. "Experiment role": the conditions of its trust. */
function role(id: string, target: FisTarget, stack: Stack): Resource {
  const trusted = arnHere('fis', 'experiment/*');
  if (target.fault === 'node') {
    return serviceRole(id, 'fis.amazonaws.com', trusted, [
      { sid: 'SeeInstances', actions: ['ec2:DescribeInstances'], on: '*' },
      {
        sid: 'EndNode',
        actions: ['ec2:TerminateInstances'],
        on: [arnHere('ec2', 'instance/*')],
        onlyIf: { StringEquals: { [`aws:ResourceTag/${ofCluster}`]: clusterOf(target.asset, stack) } },
      },
    ]);
  }
  const { Type, Properties } = serviceRole(id, 'fis.amazonaws.com', trusted, []);
  const { AssumeRolePolicyDocument = null } = Properties;
  // AWS keeps the list of what its own action does.
  const network = sub(`arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSFaultInjectionSimulatorNetworkAccess`);
  return { Type, Properties: { AssumeRolePolicyDocument, ManagedPolicyArns: [network] } };
}
