// What packaging refuses: of the plan, of what the stacks of its regions would be, and of the command's values. `check` asks the
// same, as far as it knows the values, so that a plan which it passes packages.
import type { Wrong } from '../functions/domain/plan/issues.ts';
import { InvalidPlan, type Plan } from '../functions/domain/plan/plan.ts';
import { longNames } from '../infrastructure/names.ts';
import { partsOf, resourceMakers } from '../infrastructure/stack.ts';
import {
  Contradiction,
  describeStack,
  placesOf,
  prefixOf,
  type Stack,
  stackOf,
  type Values,
} from '../infrastructure/values.ts';
import { type Judged, place } from './plan-file.ts';

/** The plan of a file, which can be packaged with these values. @throws Contradiction with everything that is wrong. */
export async function planToPackage(judged: Judged, values: Values): Promise<Plan> {
  const { plan } = judged;
  const ofValues = plan === null ? [] : await wrongValues(plan, values);
  const [first, ...others] = [...refusals(judged, values.stage), ...ofValues];
  if (first !== undefined) throw new Contradiction(first, ...others);
  if (plan === null) throw new Error('a file without a plan has a line that says why');
  return plan;
}

/** A line for everything that packaging a file's plan for a stage would refuse, whatever values the command has. */
export function refusals(judged: Judged, stage: string): readonly string[] {
  const { plan, lines } = judged;
  // A stack is made of a plan that does not contradict itself.
  if (plan === null || lines.length > 0) return lines;
  const stacks = [...placesOf(plan).keys()].map((region) => stackOf(plan, region, prefixOf(stage)));
  const wrong = place(stacks.flatMap(refusedBy), judged);
  return wrong.length > 0 ? [...new Set(wrong)] : tooLong(stacks, stage);
}

/** What a stack's parts say is wrong with the plan. */
function refusedBy(stack: Stack): readonly Wrong[] {
  return resourceMakers(stack).flatMap((make) => {
    try {
      make(stack);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidPlan)) throw error;
      return error.wrong;
    }
  });
}

/** One line about the names that a stage makes too long for AWS, in whichever region. */
function tooLong(stacks: readonly Stack[], stage: string): string[] {
  const [longest, ...others] = longNamesIn(stacks);
  if (longest === undefined) return [];
  return [`--stage: is ${stage}: ${longest}${others.length > 0 ? ` (and ${others.length} more)` : ''}`];
}

/** A line for each name that AWS would refuse for its length. */
export function longNamesIn(stacks: readonly Stack[]): string[] {
  return [...new Set(stacks.flatMap((stack) => longNames(partsOf(stack))))];
}

async function wrongValues(plan: Plan, values: Values): Promise<readonly string[]> {
  try {
    await describeStack(plan, values);
    return [];
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    return error.lines;
  }
}
