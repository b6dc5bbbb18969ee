// Desired state: the flow's target is free for the next execution.
import { StepInput } from './shared/flow.ts';
import { lockTarget } from './shared/locks.ts';
import { step } from './shared/shell.ts';

/** Another execution's lock stays where it is. */
export const handler = step(StepInput, async ({ incident }, shell) => {
  const target = lockTarget(incident);
  await shell.store.releaseLock(target, incident.execution);
  shell.log.info('lock released', { incident: incident.id, execution: incident.execution, target });
  return { released: target };
});
