// Reads the plan that was packaged beside the code. In a bundle this file is replaced by one that holds the plan itself
// (infrastructure/bundling.ts): a parser of YAML would be a sixth of it, read at every cold start for one file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What plan.yml holds, not validated yet. */
export function readPlan(folder: string): unknown {
  return parse(readFileSync(join(folder, 'plan.yml'), 'utf8'));
}
