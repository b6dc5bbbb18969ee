// Puts one region's stack together for serverless.yml: what depends on the plan is made here, what does not is in the
// YAML files beside it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidPlan, type Plan, parsePlan } from '../functions/domain/plan.ts';
import { mainAlarms, outsideAlarms } from './automation-alarms.ts';
import { dashboard } from './dashboard.ts';
import { failoverRecords, latchBuckets } from './latch.ts';
import { measures } from './measures.ts';
import { eventRules, forwardingRules } from './rules.ts';
import { canaryAlarm, signalAlarms } from './signal-alarms.ts';
import { stateTable } from './table.ts';
import type { Resources } from './template.ts';
import { topics } from './topics.ts';
import { Contradiction, describeStack, type Stack, type Values } from './values.ts';
import { vpcOf, vpcRights } from './vpc.ts';

export { Contradiction };

const root = join(import.meta.dirname, '..');

const files = {
  main: {
    functions: 'functions.yml',
    stepFunctions: 'machines.yml',
    resources: [
      'key.yml',
      'dead-letters.yml',
      'signals.yml',
      'cache-events.yml',
      'approval-page.yml',
      'logs.yml',
      'roles.yml',
    ],
  },
  observer: {
    functions: 'observer-functions.yml',
    stepFunctions: null,
    resources: ['key.yml', 'dead-letters.yml', 'observer-roles.yml'],
  },
  outside: { functions: null, stepFunctions: null, resources: ['key.yml', 'dead-letters.yml'] },
} as const;

/**
 * What serverless.yml takes of it. `vpc` is false where the plan gives none: the functions then stand outside of any.
 * @throws Contradiction.
 */
export async function buildStack(values: Values) {
  const stack = await describeStack(readPlan(), values);
  const { functions, stepFunctions, resources } = files[stack.kind];
  return {
    vpc: vpcOf(stack) ?? false,
    // Lambda refuses a function whose role may not connect it.
    vpcNeeds: Object.keys(vpcRights(stack)),
    functions: functions === null ? {} : file(functions),
    stepFunctions: stepFunctions === null ? { stateMachines: {} } : file(stepFunctions),
    resources: [...resources.map(file), { Resources: resourcesOf(stack) }],
  };
}

/** @throws Contradiction where the plan's rules do not know an alarm that the stack makes. */
export function resourcesOf(stack: Stack): Resources {
  const everywhere = { ...topics(stack), ...latchBuckets(stack), ...forwardingRules(stack) };
  if (stack.kind === 'outside') return { ...everywhere, ...outsideAlarms(stack) };
  if (stack.kind === 'observer') return { ...everywhere, ...outsideAlarms(stack), ...canaryAlarm(stack) };
  return {
    ...everywhere,
    ...eventRules(stack),
    ...stateTable(stack),
    ...failoverRecords(stack),
    ...signalAlarms(stack),
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
