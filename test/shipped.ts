// The plan that the project ships with, for tests of what it promises. Every other test has test/plan.ts. It is a copy: whoever uses
// Breakwater writes plan.yml, and no test notices.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePlan } from '../check/plan.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';

/** Where it lies, for a command's --plan. */
export const shippedFile = 'test/shipped.yml';
export const shippedText = readFileSync(join(import.meta.dirname, 'shipped.yml'), 'utf8');
export const shipped: Plan = parsePlan(parse(shippedText));
