// Puts one region's stack together, for serverless.yml, which deploys it, and for the simulator, which boots it.
import type { Plan } from '../functions/domain/plan/plan.ts';
import { exportBuckets } from './data/exports.ts';
import { key } from './data/key.ts';
import { reports } from './data/reports.ts';
import { stateTable } from './data/table.ts';
import { approvalPage, outputs } from './doors/approval-page.ts';
import { failoverRecords, latchBuckets } from './doors/latch.ts';
import { applicationBus } from './events/bus.ts';
import { cacheEvents } from './events/cache-events.ts';
import { deadLetters, signalsQueue } from './events/queues.ts';
import { eventRules, forwardingRules } from './events/rules.ts';
import { topics } from './events/topics.ts';
import { roles } from './rights/roles.ts';
import { drillSchedules } from './runs/drills.ts';
import { experiments } from './runs/experiments.ts';
import { functionsOf, starters } from './runs/functions.ts';
import { machineLogs, machinesOf } from './runs/machines.ts';
import { projects } from './runs/projects.ts';
import { vpcRights } from './runs/vpc.ts';
import type { Resources } from './template.ts';
import { describeStack, type Stack, type Values } from './values.ts';
import { mainAlarms, outsideAlarms } from './watching/automation-alarms.ts';
import { dashboard } from './watching/dashboard.ts';
import { canaryAlarm, signalAlarms } from './watching/signal-alarms.ts';

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
