// Desired state: the flow's target is free for the next execution, and nobody is asked anything for this one any more.
import * as z from 'zod';
import { type FlowIncident, StepInput } from './shared/recovery/flow.ts';
import { lockTarget } from './shared/recovery/locks.ts';
import { closeManual, notePlanDone } from './shared/recovery/manual.ts';
import { type Shell, step } from './shared/shell.ts';

/** `held`: the flow has changed nothing, and does not. */
const ReleaseLockInput = StepInput.extend({ held: z.boolean().default(false) });

/** Another execution's lock stays where it is. */
export const handler = step(ReleaseLockInput, async ({ incident, held }, shell) => {
  const target = lockTarget(incident);
  if (incident.flow === 'region-failover') await endRegionFlow(incident, shell);
  // What a person planned is over with that. Whatever fails there by now is an incident of its own, and people are asked about it once the lock is free.
  if (held) await closeManual(incident, shell);
  else await notePlanDone(incident, shell);
  await shell.store.releaseLock(target, incident.execution);
  shell.log.info('lock released', { incident: incident.id, execution: incident.execution, target });
  return { released: target };
});

/** A request that nobody settled has expired. The incident closes when all has been well for long enough. */
async function endRegionFlow(incident: FlowIncident, shell: Shell): Promise<void> {
  const { store, now } = shell;
  for (const open of await store.listOpenRequests()) {
    if (open.execution === incident.execution) await store.settleRequest(open.id, 'expired', now());
  }
}
