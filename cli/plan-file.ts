// Reads a plan file: says in one line each what is wrong with it, as YAML and as a plan.
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { InvalidPlan, type Plan, parsePlan } from '../functions/domain/plan.ts';
import { readText } from './input-file.ts';
import { WrongInput } from './wrong-input.ts';

/** The plan that is used where none is named: the one beside package.json, from wherever the command is run. */
const shipped = join(import.meta.dirname, '..', 'plan.yml');

/** How a plan file is called in messages. */
export function planName(file: string | undefined): string {
  return file ?? 'plan.yml';
}

/** @throws WrongInput with a line `file: path: is value, expected …` for everything that is wrong. */
export function readPlanFile(file: string | undefined): Plan {
  const name = planName(file);
  try {
    return parsePlan(readYaml(readText(file ?? shipped, 'a plan such as plan.yml'), name));
  } catch (error) {
    throw error instanceof InvalidPlan ? wrongPlan(name, error) : error;
  }
}

/** The lines of an invalid plan, each with the file that it is about. */
export function wrongPlan(name: string, { lines, message }: InvalidPlan): WrongInput {
  const [first = message, ...rest] = lines;
  return new WrongInput(`${name}: ${first}`, ...rest.map((line) => `${name}: ${line}`));
}

function readYaml(text: string, name: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  // The first error only: those behind it mostly follow from it.
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new WrongInput(`${name}: line ${line}, column ${col}: ${error.message.split('\n')[0]}, expected valid YAML`);
  }
  try {
    return document.toJS();
  } catch (error) {
    // Aliases are resolved only now.
    throw new WrongInput(`${name}: ${(error as Error).message}, expected valid YAML`);
  }
}
