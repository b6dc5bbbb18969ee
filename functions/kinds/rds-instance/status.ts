// In which of its statuses an RDS instance works, and in which ones a call may be tried: `available` is one of several.

/** Nothing is under way that keeps RDS from taking a call; the storage may be busy for a day [AWS, DB instance status]. */
const quiet = ['available', 'storage-optimization', 'storage-initialization'];

/** It answers, takes writes, and nothing of the database itself is being changed. */
export function works(status: string): boolean {
  return quiet.includes(status) || status === 'backing-up' || isConfiguring(status);
}

/** Not in a backup, for one, nor while something is configured [AWS, Rebooting a DB instance]. */
export function takesReboot(status: string): boolean {
  return quiet.includes(status);
}

/** Not in a backup [AWS, PromoteReadReplica]. */
export function takesPromotion(status: string): boolean {
  return quiet.includes(status) || isConfiguring(status);
}

/** A service beside the database is switched on or off: configuring-log-exports and others. */
function isConfiguring(status: string): boolean {
  return status.startsWith('configuring-');
}
