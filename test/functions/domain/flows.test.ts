// The flows and whose execution one is: each is a file, answers one decision, and is told from another deployment's.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  actionOf,
  flowFor,
  flowOf,
  flows,
  machineIn,
  machineName,
  machines,
  pausePage,
  stageOf,
  watchName,
} from '../../../functions/domain/flows.ts';

test('each machine is a file, and each file a machine', () => {
  expect(readdirSync('statemachines').sort()).toEqual(machines.map((machine) => `${machine}.asl.yaml`).sort());
});

test('each decision that starts something starts the flow that carries it out', () => {
  expect(Object.keys(flowOf)).toHaveLength(flows.length);
  for (const flow of flows) expect(flowOf[actionOf[flow]]).toBe(flow);
});

const arn = 'arn:aws:states:us-east-1:111122223333';

test.for([
  ['a state machine', `${arn}:stateMachine:breakwater-prod-az-failover`, 'az-failover'],
  ['an execution', `${arn}:execution:breakwater-prod-region-failover:by-hand`, 'region-failover'],
  [
    'an execution that is named as another flow',
    `${arn}:execution:breakwater-prod-az-failover:region-failover`,
    'az-failover',
  ],
  ['a deployment whose name begins alike', `${arn}:stateMachine:breakwater-prod-eu-az-failover`, null],
  ['a machine that only begins as a flow', `${arn}:stateMachine:breakwater-prod-az-failover-2`, null],
  ['a fence watch', `${arn}:execution:breakwater-prod-fence-watch:by-hand-fence`, 'fence-watch'],
  ['a machine of no flow', `${arn}:stateMachine:breakwater-prod-report`, null],
  ['an activity of that name', `${arn}:activity:breakwater-prod-az-failover`, null],
  ['another service', 'arn:aws:sns:us-east-1:111122223333:stateMachine:breakwater-prod-az-failover', null],
  ['no ARN', 'breakwater-prod-az-failover', null],
] as const)('%s is told by its ARN', ([, text, flow]) => {
  expect(machineIn(text, 'breakwater-prod')).toBe(flow);
});

test.for([
  ['az-failover', { target: { region: 'us-east-1', zone: 'use1-az1' } }],
  ['region-failover', { target: { region: 'us-east-1' }, mode: 'switchover' }],
  ['service-degradation', { target: { region: 'us-east-1' } }],
] as const)('an input by hand for %s has its shape', ([flow, input]) => {
  expect(flowFor(input)).toBe(flow);
});

test('a fence watch is named after its flow, and one that takes its place has a number; Step Functions takes 80 letters', () => {
  expect(watchName('flow-1', 1)).toBe('flow-1-fence');
  expect(watchName('flow-1', 2)).toBe('flow-1-fence-2');
  const name = `x${'a'.repeat(70)}`;
  expect(watchName(name, 12)).toBe(`${'a'.repeat(70)}-fence-12`);
  expect(watchName(name, 12).length).toBeLessThanOrEqual(80);
});

test('a machine has its name in a deployment, whose stage people type without what all have in common', () => {
  expect(machineName('fence-watch', 'breakwater-prod')).toBe('breakwater-prod-fence-watch');
  expect(['breakwater-prod', 'my-breakwater-prod', 'prod'].map(stageOf)).toEqual([
    'prod',
    'my-breakwater-prod',
    'prod',
  ]);
});

test('each pause of a flow is told once', () => {
  expect(pausePage('flow-1', 0)).toBe('paused/flow-1/0');
});
