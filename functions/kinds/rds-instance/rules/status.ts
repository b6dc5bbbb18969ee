// In which of its statuses an RDS instance works, and in which ones a call may be tried: `available` is one of several.

/** Nothing is under way that keeps RDS from taking a call; the storage may be busy for a day [AWS, DB instance status]. */
const quiet = ['available', 'storage-optimization', 'storage-initialization'];

const stuck = ['failed', 'insufficient-capacity', 'restore-error', 'storage-full'];

/** It answers, takes writes, and nothing of the database itself is being changed. */
export function works(status: string): boolean {
  return quiet.includes(status) || status === 'backing-up' || isConfiguring(status);
}

/** It takes no writes, and nobody but a person or RDS's seventh day starts it [AWS, Stopping a DB instance temporarily]. */
export function isStopped(status: string): boolean {
  return status === 'stopped';
}

/** It does not end by itself, and no call is taken: a person is needed [AWS, DB instance status]. */
export function isStuck(status: string): boolean {
  return stuck.includes(status) || status.startsWith('incompatible-') || status.startsWith('inaccessible-');
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
