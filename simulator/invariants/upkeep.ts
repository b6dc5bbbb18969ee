// What is done beside incidents: backups are kept for the next one, by a schedule of each region. It changes nothing that serves.
import { callOf } from './history.ts';
import type { Mutation } from './observations.ts';

const calls = ['rds:StartDBInstanceAutomatedBackupsReplication', 'rds:CopyDBSnapshot', 'rds:DeleteDBSnapshot'];

/** Whether nobody's flow made a call, and it is one of those. */
export function isUpkeep(mutation: Mutation): boolean {
  return mutation.execution === '' && calls.includes(callOf(mutation));
}
