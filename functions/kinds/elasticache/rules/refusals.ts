// What follows when ElastiCache refuses to make a cache, by the name of its error: one table for what is restored and what starts empty.

/**
 * again: it passes by itself, within minutes; next-way: of this export nobody can make a group; person: what stands in the region, or
 * the quota of the account, keeps every group from being made.
 */
export type AfterRefusal = 'again' | 'next-way' | 'person';

/** Every error that the SDK names of the call (a test compares), without the `Fault` or `Exception` at the end of most. */
export const afterRefusals = {
  // Somebody, or an earlier try, has made it: the next look says which.
  ReplicationGroupAlreadyExists: 'again',
  InsufficientCacheClusterCapacity: 'again',
  InvalidCacheClusterState: 'again',
  InvalidGlobalReplicationGroupState: 'again',
  InvalidUserGroupState: 'again',

  // It names an object that is not there, or that ElastiCache may not read, as it names any other value.
  InvalidParameterValue: 'next-way',
  InvalidParameterCombination: 'next-way',

  CacheClusterNotFound: 'person',
  CacheParameterGroupNotFound: 'person',
  CacheSecurityGroupNotFound: 'person',
  CacheSubnetGroupNotFound: 'person',
  ClusterQuotaForCustomerExceeded: 'person',
  GlobalReplicationGroupNotFound: 'person',
  InvalidVPCNetworkState: 'person',
  NodeGroupsPerReplicationGroupQuotaExceeded: 'person',
  NodeQuotaForClusterExceeded: 'person',
  NodeQuotaForCustomerExceeded: 'person',
  TagQuotaPerResourceExceeded: 'person',
  UserGroupNotFound: 'person',
} as const satisfies Readonly<Record<string, AfterRefusal>>;

/** What follows a refusal, by its name as the SDK gives it. One that nobody knows needs a person. */
export function afterRefusal(name: string): AfterRefusal {
  const known: Readonly<Record<string, AfterRefusal | undefined>> = afterRefusals;
  return known[name.replace(/(Fault|Exception)$/, '')] ?? 'person';
}
