// Says whether a cache could be made in a region as the plan says: that all it names stands there, that its node type is offered, and that the account
// may have so many nodes more. Pure.
import { type CheckResult, notReady, ready, unread } from '../../../domain/recovery/readiness.ts';
import { nodesQuota, type Restore } from '../says/backup-plan.ts';

/** What was seen of what the plan names. Null of what it does not name; a status, or whether it is there. */
export type CacheRoom = {
  readonly offered: boolean;
  readonly subnetGroup: boolean;
  readonly parameterGroup: boolean;
  readonly securityGroups: readonly { readonly id: string; readonly there: boolean }[];
  readonly userGroup: { readonly status: string | null } | null;
  readonly secret: boolean | null;
  readonly key: { readonly state: string | null } | null;
  /** Of the account: what it may have, and what it has; null where nobody says. */
  readonly most: number | null;
  readonly used: number | null;
};

/** How many nodes a group has. */
export function nodesOf({ shards, replicas }: Pick<Restore, 'shards' | 'replicas'>): number {
  return shards * (replicas + 1);
}

export function cacheRoomReady(made: Restore, seen: CacheRoom, region: string): CheckResult {
  const needed = nodesOf(made);
  const { most, used } = seen;
  const wrong = [
    ...(seen.offered ? [] : [`node type ${made.nodeType} is not offered`]),
    ...(seen.subnetGroup ? [] : [`subnet group ${made.subnetGroup} is not there`]),
    ...(seen.parameterGroup ? [] : [`parameter group ${made.parameterGroup} is not there`]),
    ...seen.securityGroups.flatMap(({ id, there }) => (there ? [] : [`security group ${id} is not there`])),
    ...(seen.userGroup === null || seen.userGroup.status === 'active'
      ? []
      : [`user group ${made.userGroup} is ${seen.userGroup.status ?? 'not there'}`]),
    ...(seen.secret === false ? [`secret ${made.authTokenSecret} is not there`] : []),
    ...(seen.key === null || seen.key.state === 'Enabled'
      ? []
      : [`key ${made.kmsKey} is ${seen.key.state ?? 'not there'}`]),
    ...(most !== null && used !== null && used + needed > most
      ? [`it needs ${needed} nodes, and quota ${nodesQuota} has ${used} of ${most} in use`]
      : []),
  ];
  const what = `${made.replicationGroup} in ${region}`;
  if (wrong.length > 0) return notReady(`${what} cannot be made: ${wrong.join('; ')}`);
  if (most === null || used === null) return unread('how many nodes of caches the account may have');
  return ready(`${what} can be made: all that it needs is there, and ${most - used} nodes more are allowed`);
}
