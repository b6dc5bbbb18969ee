// Which plan is packaged, and what it holds: the file that `--param plan=<file>` names, or plan.yml. Everything that
// packaging makes of a plan comes from here.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Judged, judgePlan } from '../check/plan-file.ts';
import { Contradiction } from './values.ts';

const root = join(import.meta.dirname, '..');

/** Options of the framework's command line; `param` has each `--param`, as name=value. */
export type Options = { readonly param?: readonly string[] | null };

/** The plan's file as the command says it, relative to the project. Of two, the last one counts, as with any value. */
export function planFileOf({ param }: Options): string {
  return param?.findLast((item) => item.startsWith('plan='))?.slice('plan='.length) ?? 'plan.yml';
}

/** What is wrong with the plan's file, and the plan where its shape is right. @throws Contradiction where it is missing. */
export function readPlan(file: string): Judged {
  return judgePlan(textOf(file), file);
}

/** What the file holds, as JSON can hold it, not validated. @throws where it is missing or no YAML. */
export function readRawPlan(file: string): unknown {
  return parse(textOf(file));
}

function textOf(file: string): string {
  const path = resolve(root, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new Contradiction(`${file}: there is no such file, expected a plan such as plan.yml`);
  return readFileSync(path, 'utf8');
}
