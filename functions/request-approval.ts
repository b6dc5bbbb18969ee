// Desired state: people were asked whether a region may be given up. Their answer comes back on the task token.
import * as z from 'zod';
import { type ApprovalRequest, ways } from './domain/types.ts';
import { approversNeeded } from './shared/approvers.ts';
import { askPeople } from './shared/ask.ts';
import { RegionStepInput } from './shared/flow.ts';
import { shortHash } from './shared/hash.ts';
import { step } from './shared/shell.ts';

const Bounds = z.strictObject({
  plan: z.string(),
  target: z.string(),
  mode: z.enum(['failover', 'switchover']),
  way: z.enum(ways),
  unfenced: z.array(z.string()),
  lossCeilingSeconds: z.number().nullable(),
});

const RequestInput = RegionStepInput.extend({
  /** What was assessed: the bounds that are approved, and what people are shown. */
  assessment: z.looseObject({ bounds: Bounds }),
  /** The first request is round 1; a later one says what has changed since. */
  round: z.int().positive(),
  changed: z.string().nullable(),
  taskToken: z.string().min(1),
});

/**
 * Opens one request for this execution and tells people. A try that was lost left a token that nobody waits for: its
 * request is void, and this one takes its place.
 */
export const handler = step(RequestInput, async ({ incident, assessment, round, changed, taskToken }, shell) => {
  const { id: incidentId, execution, requestedBy, reason, mode, region, standby } = incident;
  const { store, plan, now, log } = shell;
  const { bounds, ...shown } = assessment;
  const { required, roles } = approversNeeded(incident, plan);
  const askedAt = now();
  const request: ApprovalRequest = {
    ...bounds,
    id: `${execution}-${round}-${shortHash(taskToken)}`,
    incident: incidentId,
    execution,
    required,
    roles,
    requestedBy,
    askedAt,
    expiresAt: askedAt + plan.approval.expirySeconds * 1000,
    shown: { ...shown, reason, mode, region, standby, changed, onNoAnswer: 'hold' },
  };
  for (const open of await store.listOpenRequests()) {
    if (open.execution === execution && open.id !== request.id) await store.settleRequest(open.id, 'void', askedAt);
  }
  await store.openRequest(request, taskToken);
  const outcome = { request: request.id, round };
  await store.recordStep({ incident: incidentId, execution, step: 'request-approval', at: askedAt, outcome });
  await askPeople(request, shell);
  log.info('approval requested', { incident: incidentId, execution, request: request.id, required, round });
  return outcome;
});
