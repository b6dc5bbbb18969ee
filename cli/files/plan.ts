// Reads a plan file that a person named, or the one beside package.json.
import { join } from 'node:path';
import { type Judged, judgePlan } from '../../check/plan-file.ts';
import type { InvalidPlan, Plan } from '../../functions/domain/plan/plan.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { readText } from './text.ts';

/** The plan that is used where none is named: the one beside package.json, from wherever the command is run. */
const shipped = join(import.meta.dirname, '..', '..', 'plan.yml');

/** How a plan file is called in messages. */
export function planName(file: string | undefined): string {
  return file ?? 'plan.yml';
}

/** @throws WrongInput with a line `file:line: path: is value, expected …` for everything that is wrong. */
export function readPlanFile(file: string | undefined): Plan {
  const { plan, lines } = judgePlanFile(file);
  return usable(plan, lines);
}

/** Like readPlanFile, for what says itself what is wrong. @throws WrongInput where the file cannot be read. */
export function judgePlanFile(file: string | undefined): Judged {
  return judgePlan(readPlanText(file), planName(file));
}

/** Whether a file holds the plan that is used where none is named: what people are told to type names none. */
export function isUsualPlan(file: string | undefined): boolean {
  return file === undefined || readPlanText(file) === readPlanText(undefined);
}

/** @throws WrongInput where the file cannot be read. */
export function readPlanText(file: string | undefined): string {
  return readText(file ?? shipped, 'a plan such as plan.yml');
}

/** @throws WrongInput with the lines, where there are some. */
export function usable(plan: Plan | null, [first, ...others]: readonly string[]): Plan {
  if (first !== undefined) throw new WrongInput(first, ...others);
  if (plan === null) throw new Error('a file without a plan has a line that says why');
  return plan;
}

/** The lines of an invalid plan, each with the file that it is about. */
export function wrongPlan(name: string, { lines, message }: InvalidPlan): WrongInput {
  const [first = message, ...rest] = lines;
  return new WrongInput(`${name}: ${first}`, ...rest.map((line) => `${name}: ${line}`));
}
