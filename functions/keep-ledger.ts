// Writes a row of our own into each database every minute, and publishes outside of its region what was acknowledged and how far its
// tables had come: what a recovery brings back is compared with that, and nothing of a lost region is asked.
import { keepAllLedgers } from './kinds/databases.ts';
import { callsOf } from './shared/recovery/act.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** In the region that serves users alone: the other's databases take no writes. @throws what databases say no to, together */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { primary, lock } = await shell.store.readStanding(shell.region);
  if (primary !== shell.region) return;
  await keepAllLedgers(
    lock === null ? [] : await callsOf({ id: lock.incident, execution: lock.execution }, shell),
    shell,
  );
});
