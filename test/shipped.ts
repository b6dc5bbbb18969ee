// The plan that the project ships with: for tests of what it promises. Every other test has test/plan.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePlan } from '../check/plan.ts';
import type { Plan } from '../functions/domain/plan.ts';

export const shippedText = readFileSync(join(import.meta.dirname, '..', 'plan.yml'), 'utf8');
export const shipped: Plan = parsePlan(parse(shippedText));
