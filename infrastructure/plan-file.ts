// Which plan is packaged, and what it holds: the file that `--param plan=<file>` names, or plan.yml. Everything that
// packaging makes of a plan comes from here.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { InvalidPlan, type Plan, parsePlan } from '../functions/domain/plan.ts';
import { Contradiction } from './values.ts';

const root = join(import.meta.dirname, '..');

/** Options of the framework's command line; `param` has each `--param`, as name=value. */
export type Options = { readonly param?: readonly string[] | null };

/** The plan's file as the command says it, relative to the project. Of two, the last one counts, as with any value. */
export function planFileOf({ param }: Options): string {
  return param?.findLast((item) => item.startsWith('plan='))?.slice('plan='.length) ?? 'plan.yml';
}

/** @throws Contradiction where the file is missing, or with a line for each thing that is wrong with the plan. */
export function readPlan(file: string): Plan {
  const raw = readRawPlan(file);
  try {
    return parsePlan(raw);
  } catch (error) {
    if (!(error instanceof InvalidPlan)) throw error;
    const [first = error.message, ...others] = error.lines.map((line) => `${file}, ${line}`);
    throw new Contradiction(first, ...others);
  }
}

/** What the file holds, as JSON can hold it, not validated. @throws Contradiction in one line where it is no YAML. */
export function readRawPlan(file: string): unknown {
  const path = resolve(root, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new Contradiction(`${file}: there is no such file, expected a plan such as plan.yml`);
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Contradiction(`${file}: is no YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}
