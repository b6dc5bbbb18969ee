// The templates of AWS FIS: what each breaks, that it fails without a target, ends by itself, and what its role may do.
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../../check/plan.ts';
import { experiments, templateIds } from '../../../infrastructure/runs/experiments.ts';
import { stackOf } from '../../../infrastructure/values.ts';
import { shipped } from '../../shipped.ts';

const { primary, standby } = shipped.roles;
const window = { days: ['tue'], from: '10:00', to: '15:00', timeZone: 'UTC' };
const common = { scenario: 'calm', every: 'month', withinSeconds: 3600, kind: 'fault', window };
const plan = parsePlan({
  ...shipped,
  drills: [
    { ...common, name: 'node', target: { fault: 'node', asset: 'cluster', stopAlarms: ['orders-lost'] } },
    { ...common, name: 'database', target: { fault: 'database-failover', asset: 'database' } },
    { ...common, name: 'zone', target: { fault: 'zone', zone: 'use1-az1', seconds: 1801 } },
  ],
});
const made = (region: string) => experiments(stackOf(plan, region, 'breakwater-prod'));
const alarm = (name: string) => ({
  Source: 'aws:cloudwatch:alarm',
  Value: { 'Fn::Sub': expect.stringContaining(`:alarm:${name}`) },
});

describe('a node', () => {
  test.for([
    [primary, 'chatops-prod'],
    [standby, 'chatops-dr'],
  ] as const)('is one that runs, of the cluster in %s', ([region, cluster]) => {
    const { DrillExperiment1: template } = made(region);
    expect(template?.Properties).toMatchObject({
      ExperimentOptions: { EmptyTargetResolutionMode: 'fail' },
      Targets: { node: { ResourceTags: { 'eks:cluster-name': cluster }, SelectionMode: 'COUNT(1)' } },
      Actions: { end: { ActionId: 'aws:ec2:terminate-instances', Targets: { Instances: 'node' } } },
      StopConditions: [
        alarm('breakwater-prod-az-failover-failed'),
        alarm('breakwater-prod-service-degradation-failed'),
        alarm(`chatops-canary-${region}`),
        alarm('orders-lost'),
      ],
    });
  });

  test('is all that its role may end', () => {
    const { DrillExperiment1Role: role } = made(primary);
    expect(JSON.stringify(role)).toContain(
      '"Condition":{"StringEquals":{"aws:ResourceTag/eks:cluster-name":"chatops-prod"}}',
    );
  });
});

describe('a zone', () => {
  test('is cut off in its own region alone, by the tag of its subnets, for whole minutes', () => {
    expect(made(standby)).not.toHaveProperty('DrillExperiment2');
    expect(made(primary)['DrillExperiment2']?.Properties).toMatchObject({
      Targets: {
        subnets: {
          ResourceTags: { 'breakwater-drill': 'chatops' },
          Filters: [{ Path: 'AvailabilityZone', Values: ['us-east-1a'] }],
        },
      },
      Actions: {
        cut: { ActionId: 'aws:network:disrupt-connectivity', Parameters: { duration: 'PT31M', scope: 'all' } },
      },
    });
  });
});

test('the function that breaks is told the templates in the order of the plan, and an empty one for the other region’s', () => {
  const ids = (region: string) => templateIds(stackOf(plan, region, 'breakwater-prod'))['BREAKWATER_EXPERIMENTS'];
  expect(ids(primary)).toEqual({ 'Fn::Join': [',', [{ Ref: 'DrillExperiment1' }, { Ref: 'DrillExperiment2' }]] });
  expect(ids(standby)).toEqual({ 'Fn::Join': [',', [{ Ref: 'DrillExperiment1' }, '']] });
});
