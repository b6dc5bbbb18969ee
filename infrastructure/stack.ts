// Puts one region's stack together, for serverless.yml, which deploys it, and for the simulator, which boots it.
import type { Plan } from '../functions/domain/plan.ts';
import { approvalPage, outputs } from './approval-page.ts';
import { mainAlarms, outsideAlarms } from './automation-alarms.ts';
import { applicationBus } from './bus.ts';
import { cacheEvents } from './cache-events.ts';
import { dashboard } from './dashboard.ts';
import { drillSchedules } from './drills.ts';
import { experiments } from './experiments.ts';
import { exportBuckets } from './exports.ts';
import { functionsOf, starters } from './functions.ts';
import { key } from './key.ts';
import { failoverRecords, latchBuckets } from './latch.ts';
import { machineLogs, machinesOf } from './machines.ts';
import { projects } from './projects.ts';
import { deadLetters, signalsQueue } from './queues.ts';
import { reports } from './reports.ts';
import { roles } from './roles.ts';
import { eventRules, forwardingRules } from './rules.ts';
import { canaryAlarm, signalAlarms } from './signal-alarms.ts';
import { stateTable } from './table.ts';
import type { Resources } from './template.ts';
import { topics } from './topics.ts';
import { describeStack, type Stack, type Values } from './values.ts';
import { vpcRights } from './vpc.ts';

/** What serverless.yml takes of it. @throws Contradiction where the values are wrong. */
export async function buildStack(plan: Plan, values: Values) {
  const { functions, stepFunctions, ...resources } = partsOf(await describeStack(plan, values));
  return { functions, stepFunctions, resources };
}

/** One region's stack. What stands in it but for its functions and flows is CloudFormation's. */
export function partsOf(stack: Stack) {
  return {
    functions: functionsOf(stack),
    stepFunctions: machinesOf(stack),
    Resources: resourcesOf(stack),
    Outputs: stack.kind === 'main' ? outputs(stack) : {},
  };
}

/** @throws InvalidPlan where the plan's rules do not know an alarm that the stack makes, or a role would be too large. */
export function resourcesOf(stack: Stack): Resources {
  return Object.assign({}, ...resourceMakers(stack).map((make) => make(stack)));
}

/** What makes a stack's resources, each its own: one that refuses the plan says nothing about the others. */
export function resourceMakers({ kind }: Stack): readonly ((stack: Stack) => Resources)[] {
  const everywhere = [key, deadLetters, topics, latchBuckets, forwardingRules, starters, roles];
  if (kind === 'outside') return [...everywhere, outsideAlarms];
  if (kind === 'observer') return [...everywhere, applicationBus, outsideAlarms, canaryAlarm];
  return [
    ...everywhere,
    applicationBus,
    signalsQueue,
    eventRules,
    cacheEvents,
    exportBuckets,
    reports,
    approvalPage,
    machineLogs,
    projects,
    stateTable,
    failoverRecords,
    signalAlarms,
    canaryAlarm,
    mainAlarms,
    dashboard,
    drillSchedules,
    experiments,
    vpcRights,
  ];
}
