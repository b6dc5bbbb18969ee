// The state machines there are: how each is named, what it is about, which decision starts it, and whose execution one is. Pure.
import type { Action } from './types.ts';

/** What a decision, or a person, starts. */
export const flows = ['az-failover', 'region-failover', 'service-degradation'] as const;
export type Flow = (typeof flows)[number];

/** Each is a file in statemachines/ and a state machine of a main stack. The fence watch is started by a region flow, a drill by its schedule. */
export const machines = [...flows, 'fence-watch', 'drill'] as const;
export type Machine = (typeof machines)[number];

/** The flow that a decision starts. None and hold start nothing. */
export const flowOf = {
  notify: 'service-degradation',
  'az-failover': 'az-failover',
  'request-approval': 'region-failover',
} as const satisfies Partial<Record<Action, Flow>>;

/** The action that a flow carries out. */
export const actionOf = {
  'service-degradation': 'notify',
  'az-failover': 'az-failover',
  'region-failover': 'request-approval',
} as const satisfies Record<Flow, keyof typeof flowOf>;

/** The level of incident that a flow answers. */
export const levelOf = { 'service-degradation': 1, 'az-failover': 2, 'region-failover': 3 } as const satisfies Record<
  Flow,
  number
>;

/** The name of a state machine in a deployment. */
export function machineName(machine: Machine, prefix: string): string {
  return `${prefix}-${machine}`;
}

/** The state machine that an ARN, or that of an execution of it, names; null where it is none of this deployment. */
export function machineIn(arn: string, prefix: string): Machine | null {
  const [, , service, , , resource, name] = arn.split(':');
  if (service !== 'states' || (resource !== 'stateMachine' && resource !== 'execution')) return null;
  return machines.find((machine) => name === machineName(machine, prefix)) ?? null;
}

/**
 * The flow that an input by hand is for: a mode is for the region flow, a zone for the zone flow. The input itself does
 * not name it: whoever starts an execution names its state machine.
 */
export function flowFor(input: { readonly mode?: unknown; readonly target: object }): Flow {
  if (input.mode !== undefined) return 'region-failover';
  return 'zone' in input.target ? 'az-failover' : 'service-degradation';
}

/**
 * The name of the fence watch of a region flow's execution, and of the one that takes its place where it ended too soon.
 * Step Functions takes 80 letters.
 */
export function watchName(execution: string, start: number): string {
  return `${execution.slice(-70)}-fence${start === 1 ? '' : `-${start}`}`;
}

/** The stage of a deployment, as people type it. */
export function stageOf(prefix: string): string {
  return prefix.replace(/^breakwater-/, '');
}

/** The occasion of a pause: the flow itself pages, and what hears that an execution stopped pages where it could not. */
export function pausePage(execution: string, redriven: number): string {
  return `paused/${execution}/${redriven}`;
}

/** Until when an execution that stopped at a time can be resumed: for 14 days [AWS, RedriveExecution]. Milliseconds since 1970. */
export function resumableUntil(stoppedAt: number): number {
  return stoppedAt + 14 * 86_400_000;
}
