// The plan that tests work with. It belongs to them: plan.yml may say anything, and no test notices.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePlan } from '../check/plan.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';

/** Where it lies, for a command's --plan. */
export const planFile = 'test/plan.yml';
export const planText = readFileSync(join(import.meta.dirname, 'plan.yml'), 'utf8');
export const plan: Plan = parsePlan(parse(planText));
