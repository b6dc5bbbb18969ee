// Keeps the backups from which this region would restore: each quarter of an hour it looks, and asks for what the plan wants and is not
// there. Changes nothing of what it has not made itself.
import { keepAll } from './kinds/looks.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** @throws the first that went wrong: Unavailable, CannotProceed. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const failures = await keepAll(shell);
  for (const error of failures)
    shell.log.error('backups are not kept', { why: error instanceof Error ? error.message : String(error) });
  if (failures.length > 0) throw failures[0];
});
