// What approvers are asked in a drill of them: as on the day, bound to nothing. Nothing is looked at for it, so that it has no figures. Pure.
import type { Plan } from '../plan/plan.ts';
import { wavesOf } from '../recovery/predict.ts';
import type { ApprovalRequest } from '../types.ts';
import type { DrillRecord } from './record.ts';

/** `target`: the region that would be given up. `askedAt`: milliseconds since 1970. */
export function requestOfDrill(
  {
    execution,
    by,
    name,
    region,
    withinSeconds,
  }: Pick<DrillRecord, 'execution' | 'by' | 'name' | 'region' | 'withinSeconds'>,
  target: string,
  plan: Plan,
  askedAt: number,
): ApprovalRequest {
  return {
    ...{ id: requestIdOf(execution), incident: execution, execution, drill: true, requestedBy: by, askedAt },
    ...{ plan: 'none: a drill', target, mode: 'failover', way: 'promote-replica' },
    ...{ unfenced: [], lossCeilingSeconds: null, required: plan.approval.required, roles: plan.approval.roles },
    expiresAt: askedAt + withinSeconds * 1000,
    shown: {
      ...{ reason: `drill ${name}: who answers, and when`, mode: 'failover', standby: region, onNoAnswer: 'hold' },
      waves: wavesOf(plan),
    },
  };
}

export function requestIdOf(execution: string): string {
  return `${execution}-asked`;
}
