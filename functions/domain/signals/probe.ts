// Which control planes can be asked, and what the answer of one says about it.
import { firstOf, type Kind } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';

/** The services that can be asked, and the kind of asset that the question is about; null where it is about none. */
const questions: Readonly<Record<string, Kind | null>> = {
  ec2: null,
  eks: 'eks-cluster',
  elb: null,
  rds: 'rds-instance',
  elasticache: 'elasticache',
  sts: null,
  dynamodb: null,
};

/** The services that can be asked with a plan: without an asset there is no name to ask about. */
export function askable(plan: Pick<Plan, 'assets'>): string[] {
  return Object.entries(questions).flatMap(([service, kind]) =>
    kind === null || firstOf(kind, plan) !== null ? [service] : [],
  );
}

/**
 * 1: the control plane answers; 0: it fails or stays silent. A refusal is an answer too: throttled is busy, and a right
 * that was forgotten must not pass for the loss of a region. `status` is null where nothing answered.
 */
export function probeValue(status: number | null): 0 | 1 {
  return status !== null && status < 500 ? 1 : 0;
}
