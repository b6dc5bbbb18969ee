// Puts one region's stack together, for serverless.yml, which deploys it, and for the simulator, which boots it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidPlan, type Plan, parsePlan } from '../functions/domain/plan.ts';
import { approvalPage, outputs } from './approval-page.ts';
import { mainAlarms, outsideAlarms } from './automation-alarms.ts';
import { cacheEvents } from './cache-events.ts';
import { dashboard } from './dashboard.ts';
import { functionsOf, starters } from './functions.ts';
import { key } from './key.ts';
import { failoverRecords, latchBuckets } from './latch.ts';
import { machineLogs, machinesOf } from './machines.ts';
import { measures } from './measures.ts';
import { deadLetters, signalsQueue } from './queues.ts';
import { eventRules, forwardingRules } from './rules.ts';
import { canaryAlarm, signalAlarms } from './signal-alarms.ts';
import { stateTable } from './table.ts';
import type { Resources } from './template.ts';
import { topics } from './topics.ts';
import { Contradiction, describeStack, type Stack, type Values } from './values.ts';
import { vpcRights } from './vpc.ts';

export { Contradiction };

const root = join(import.meta.dirname, '..');

/**
 * What serverless.yml takes of it.
 * @throws Contradiction.
 */
export async function buildStack(values: Values) {
  const stack = await describeStack(readPlan(), values);
  const { functions, stepFunctions, ...resources } = partsOf(stack);
  const roles = { main: ['roles.yml', 'observer-roles.yml'], observer: ['observer-roles.yml'], outside: [] }[
    stack.kind
  ];
  return { functions, stepFunctions, resources: [...roles.map(file), resources] };
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

/** @throws Contradiction where the plan's rules do not know an alarm that the stack makes. */
export function resourcesOf(stack: Stack): Resources {
  const everywhere = {
    ...key(stack),
    ...deadLetters(stack),
    ...topics(stack),
    ...latchBuckets(stack),
    ...forwardingRules(stack),
    ...starters(stack),
  };
  if (stack.kind === 'outside') return { ...everywhere, ...outsideAlarms(stack) };
  if (stack.kind === 'observer') return { ...everywhere, ...outsideAlarms(stack), ...canaryAlarm(stack) };
  return {
    ...everywhere,
    ...signalsQueue(stack),
    ...eventRules(stack),
    ...cacheEvents(stack),
    ...approvalPage(stack),
    ...machineLogs(stack),
    ...stateTable(stack),
    ...failoverRecords(stack),
    ...signalAlarms(stack),
    ...canaryAlarm(stack),
    ...mainAlarms(stack),
    ...measures(stack),
    ...dashboard(stack),
    ...vpcRights(stack),
  };
}

function file(name: string): string {
  return `\${file(infrastructure/${name})}`;
}

function readPlan(): Plan {
  try {
    return parsePlan(parse(readFileSync(join(root, 'plan.yml'), 'utf8')));
  } catch (error) {
    if (!(error instanceof InvalidPlan)) throw error;
    const more = error.lines.length - 1;
    throw new Contradiction(`plan.yml, ${error.message}${more > 0 ? ` (and ${more} more: npm run check)` : ''}`);
  }
}
