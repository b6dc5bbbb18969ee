// What an RDS instance does and which calls it takes, by its status. `works`: it answers and takes writes; `reads`: it
// answers and takes no writes; `down`: it does not answer.

export type DatabaseCall = 'modify' | 'reboot' | 'promote';
type Row = { readonly serves: 'works' | 'reads' | 'down'; readonly takes: readonly DatabaseCall[] };

const everything: Row = { serves: 'works', takes: ['modify', 'reboot', 'promote'] };
/** It works, and a setting that is not the database's own is being changed; a reboot needs `available`. */
const configuring: Row = { serves: 'works', takes: ['modify', 'promote'] };
const busy: Row = { serves: 'works', takes: [] };
const down: Row = { serves: 'down', takes: [] };

/**
 * Names and meanings: AWS, RDS user guide, "Viewing Amazon RDS DB instance status". Which calls: AWS, "Rebooting a DB
 * instance" (not while it is not `available`, such as in a backup), PromoteReadReplica (not in `backing-up`), re:Post
 * rds-stuck-in-storage-optimization (operational, a reboot is possible), crossplane provider-aws PR 761 (`backing-up`
 * and `configuring-enhanced-monitoring` take requests). Where AWS says nothing, a call is refused.
 */
const rows = {
  available: everything,
  'storage-optimization': everything, // "fully operational"; only its storage cannot be changed, for a day or more
  'storage-initialization': everything,
  'backing-up': { serves: 'works', takes: ['modify'] },
  'configuring-associated-roles': configuring,
  'configuring-enhanced-monitoring': configuring,
  'configuring-iam-database-auth': configuring,
  'configuring-log-exports': configuring,
  modifying: busy,
  'resetting-master-credentials': busy,
  'storage-config-upgrade': busy,
  'incompatible-option-group': busy,
  'storage-full': { serves: 'reads', takes: [] }, // "a critical status": only its storage can be changed
  rebooting: down,
  maintenance: down,
  upgrading: down,
  renaming: down,
  'converting-to-vpc': down,
  'moving-to-vpc': down,
  creating: down,
  'insufficient-capacity': down,
  starting: down,
  stopping: down,
  stopped: down,
  deleting: down,
  'delete-precheck': down,
  failed: down,
  'restore-error': down,
  'inaccessible-encryption-credentials': down,
  'inaccessible-encryption-credentials-recoverable': down, // stopped; for 7 days StartDBInstance brings it back
  'incompatible-create': down,
  'incompatible-credentials': down,
  'incompatible-network': down,
  'incompatible-parameters': down,
  'incompatible-restore': down,
} as const satisfies Record<string, Row>;

export type DatabaseStatus = keyof typeof rows;

/** How a restore may end that comes to nothing [AWS, "Viewing Amazon RDS DB instance status"]. */
export const failedRestores = [
  'failed',
  'restore-error',
  'incompatible-restore',
  'incompatible-network',
  'incompatible-parameters',
  'inaccessible-encryption-credentials',
  'insufficient-capacity',
] as const satisfies DatabaseStatus[];
export type FailedRestore = (typeof failedRestores)[number];

/** Every status that RDS has. */
export const databaseStatuses = Object.keys(rows) as DatabaseStatus[];

export function servesIn(status: DatabaseStatus): Row['serves'] {
  return rows[status].serves;
}

export function takesCall(status: DatabaseStatus, call: DatabaseCall): boolean {
  const { takes }: Row = rows[status];
  return takes.includes(call);
}
