// Desired state: the flow goes on, and an execution of its own will fence the old region, whatever becomes of the flow.
import { watchFence } from './shared/fencing/fence-watch.ts';
import { RegionStepInput } from './shared/recovery/flow.ts';
import { expectNotGivenBack } from './shared/recovery/waivers.ts';
import { step } from './shared/shell.ts';

/** Safe to repeat. @throws Aborted, Unavailable, CannotProceed. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  // Nothing will be given up by a flow that lost its region while it did not answer: there is nothing to fence for it.
  await expectNotGivenBack(incident.execution, shell);
  const watch = await watchFence(incident, shell);
  shell.log.info('fence watched', { incident: incident.id, execution: incident.execution, watch });
  return { watch };
});
