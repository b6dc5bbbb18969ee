// A plan that does not contradict itself, of what a plan file holds.
import { InvalidPlan, type Plan, parseShape } from '../functions/domain/plan/plan.ts';
import { findContradictions } from './contradictions.ts';

/**
 * Parses what a plan file holds (YAML or JSON, already read).
 * @throws InvalidPlan with a line `path: is value, expected …` for everything that is wrong: of the shape first, then of what the
 * parts say about each other.
 */
export function parsePlan(raw: unknown): Plan {
  const plan = parseShape(raw);
  const contradictions = findContradictions(plan);
  if (contradictions.length > 0) throw new InvalidPlan(contradictions);
  return plan;
}
