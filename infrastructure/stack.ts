// Puts one region's stack together, for serverless.yml, which deploys it, and for the simulator, which boots it.
import type { Plan } from '../functions/domain/plan.ts';
import { approvalPage, outputs } from './approval-page.ts';
import { mainAlarms, outsideAlarms } from './automation-alarms.ts';
import { cacheEvents } from './cache-events.ts';
import { dashboard } from './dashboard.ts';
import { functionsOf, starters } from './functions.ts';
import { key } from './key.ts';
import { failoverRecords, latchBuckets } from './latch.ts';
import { machineLogs, machinesOf } from './machines.ts';
import { measures } from './measures.ts';
import { longNames } from './names.ts';
import { deadLetters, signalsQueue } from './queues.ts';
import { roles } from './roles.ts';
import { eventRules, forwardingRules } from './rules.ts';
import { canaryAlarm, signalAlarms } from './signal-alarms.ts';
import { stateTable } from './table.ts';
import type { Resources } from './template.ts';
import { topics } from './topics.ts';
import { Contradiction, describeStack, placesOf, type Stack, stackOf, type Values } from './values.ts';
import { vpcRights } from './vpc.ts';

export { Contradiction };

/**
 * What serverless.yml takes of it.
 * @throws Contradiction.
 */
export async function buildStack(plan: Plan, values: Values) {
  const stack = await describeStack(plan, values);
  const parts = partsOf(stack);
  const refused = stageRefused(values.stage, longNames(parts));
  if (refused !== null) throw new Contradiction(refused);
  const { functions, stepFunctions, ...resources } = parts;
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

/** One line about names that are too long for AWS with this stage; null where none is. */
export function stageRefused(stage: string, [longest, ...others]: readonly string[]): string | null {
  if (longest === undefined) return null;
  return `--stage: is ${stage}: ${longest}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}

/** A line for each name, in whichever region of the plan, that AWS would refuse for its length. */
export function longNamesOf(plan: Plan, prefix: string): string[] {
  const regions = [...placesOf(plan).keys()];
  return [...new Set(regions.flatMap((region) => longNames(partsOf(stackOf(plan, region, prefix)))))];
}

/** @throws Contradiction where the plan's rules do not know an alarm that the stack makes, or a role would be too large. */
export function resourcesOf(stack: Stack): Resources {
  const everywhere = {
    ...key(stack),
    ...deadLetters(stack),
    ...topics(stack),
    ...latchBuckets(stack),
    ...forwardingRules(stack),
    ...starters(stack),
    ...roles(stack),
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
