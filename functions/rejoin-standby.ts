// Makes the region that was given up a standby again, step by step: old databases are set aside, and replicas of what takes writes now are
// made. Looks every five minutes; a person begins it, or a way home has.
import { rejoinAll } from './kinds/databases.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** @throws what RDS says no to, together */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => rejoinAll(shell));
