// Writes the report of each incident that is over into the bucket of this region, and writes it again when something is added.
import { writeReports } from './shared/report/write-reports.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** @throws what S3 or the table says no to, after all were tried */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => writeReports(shell));
