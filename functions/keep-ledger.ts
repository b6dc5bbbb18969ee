// Writes a row of our own into each database every minute, and publishes outside of its region what was acknowledged and how far its
// tables had come: what a recovery brings back is compared with that, and nothing of a lost region is asked.
import type { Lock } from './domain/types.ts';
import { keepAllLedgers } from './kinds/databases.ts';
import { callsOf, givingUp } from './shared/act.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/**
 * In the region that serves users alone: the other's databases take no writes. Once a flow gives the region up, what is written there is
 * fenced, or has diverged: what came back is compared with what was there before. @throws what databases say no to, together
 */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { primary, lock } = await shell.store.readStanding(shell.region);
  if (primary !== shell.region || (lock !== null && (await isGivingUp(lock, shell)))) return;
  await keepAllLedgers(shell);
});

async function isGivingUp({ incident: id, execution }: Lock, shell: Shell): Promise<boolean> {
  const calls = await callsOf({ id, execution }, shell);
  return calls.some(({ step }) => givingUp.some((verb) => step.startsWith(`${verb}/`)));
}
