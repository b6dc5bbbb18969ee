// Desired state: the region that took over is the primary, in every stack, and a new epoch has begun.
import { CannotProceed } from './domain/errors.ts';
import { expectLock } from './shared/recovery/act.ts';
import { RegionStepInput } from './shared/recovery/flow.ts';
import { step } from './shared/shell.ts';

/**
 * Safe to repeat: the role moves once, from the epoch in which the flow began, and by who holds the region's lock.
 * @throws LockLost, CannotProceed.
 */
export const handler = step(RegionStepInput, async ({ incident }, { store, now, log }) => {
  const { id, execution, region, standby, epoch } = incident;
  expectLock(incident, await store.readStanding(region));
  if (!(await store.moveRole(standby, epoch, execution, now()))) {
    const { primary, epoch: current } = await store.readStanding(region);
    throw new CannotProceed(`the role has moved since epoch ${epoch}: ${primary} is primary in epoch ${current}`);
  }
  log.info('role moved', { incident: id, execution, primary: standby });
  return { primary: standby, epoch: epoch + 1 };
});
