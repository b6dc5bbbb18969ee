// Rehearses the restore of each database beside production: what the standby's backups give comes up in a closed network, is verified and
// measured, and is thrown away. Looks every five minutes; one begins when the plan says that it is due. After a failover what only the old
// database has is looked for in the same way.
import { rehearseAll } from './kinds/databases.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** @throws what RDS and databases say no to, together */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => rehearseAll(shell));
