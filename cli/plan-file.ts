// Reads a plan file: says in one line each what is wrong with it, as YAML and as a plan.
import { join } from 'node:path';
import { type Document, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { InvalidPlan, type Plan, parsePlan } from '../functions/domain/plan.ts';
import { readText } from './input-file.ts';
import { WrongInput } from './wrong-input.ts';

/** The plan that is used where none is named: the one beside package.json, from wherever the command is run. */
const shipped = join(import.meta.dirname, '..', 'plan.yml');

/** How a plan file is called in messages. */
export function planName(file: string | undefined): string {
  return file ?? 'plan.yml';
}

/** A valid plan, and the line of its file on which something stands: that of the nearest key above where it is not there. */
export type PlanFile = { readonly plan: Plan; readonly lineOf: (path: readonly string[]) => number };

/** @throws WrongInput with a line `file:line: path: is value, expected …` for everything that is wrong. */
export function readPlanFile(file: string | undefined): Plan {
  return readPlanLines(file).plan;
}

/** Like readPlanFile, for what says more about a plan than that it is valid. @throws WrongInput */
export function readPlanLines(file: string | undefined): PlanFile {
  const name = planName(file);
  const { raw, lineOf } = readYaml(readText(file ?? shipped, 'a plan such as plan.yml'), name);
  try {
    return { plan: parsePlan(raw), lineOf };
  } catch (error) {
    if (!(error instanceof InvalidPlan)) throw error;
    const [first, ...rest] = error.lines.map((line) => `${name}:${lineOf(pathOf(line))}: ${line}`);
    throw new WrongInput(first ?? `${name}: ${error.message}`, ...rest);
  }
}

/** The path that a line of an invalid plan begins with. */
function pathOf(line: string): string[] {
  return line.slice(0, Math.max(0, line.indexOf(': is '))).split('.');
}

/** The lines of an invalid plan, each with the file that it is about. */
export function wrongPlan(name: string, { lines, message }: InvalidPlan): WrongInput {
  const [first = message, ...rest] = lines;
  return new WrongInput(`${name}: ${first}`, ...rest.map((line) => `${name}: ${line}`));
}

function readYaml(text: string, name: string): { raw: unknown; lineOf: PlanFile['lineOf'] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  // The first error only: those behind it mostly follow from it.
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new WrongInput(`${name}: line ${line}, column ${col}: ${error.message.split('\n')[0]}, expected valid YAML`);
  }
  try {
    return { raw: document.toJS(), lineOf: (path) => lineCounter.linePos(positionOf(document, path)).line };
  } catch (error) {
    // Aliases are resolved only now.
    throw new WrongInput(`${name}: ${(error as Error).message}, expected valid YAML`);
  }
}

/** Where the key stands that a path ends with, or the last one on the way there. */
function positionOf({ contents }: Document.Parsed, path: readonly string[]): number {
  let at: unknown = contents;
  let position = (contents as Node | null)?.range?.[0] ?? 0;
  for (const key of path) {
    const next = isMap(at)
      ? at.items.find((item) => isPair(item) && String(item.key) === key)
      : isSeq(at)
        ? at.items[Number(key)]
        : undefined;
    if (next === undefined || next === null) break;
    const node = isPair(next) ? next.key : next;
    position = (node as Node | null)?.range?.[0] ?? position;
    at = isPair(next) ? next.value : next;
  }
  return position;
}
