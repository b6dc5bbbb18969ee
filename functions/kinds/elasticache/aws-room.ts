// Looks up whether what a cache is made with stands in a region, whether its node type is offered there, and how many nodes the account has.
import { lookUp } from '../../aws/lookups.ts';

/** The least that a page may have, and the most. */
const [smallestPage, largestPage] = ['20', '100'];
/** An account has 300 nodes in a region, where nobody raised the quota. */
const mostPages = 20;

/** Whether nodes of a type can be had in a region: what can be reserved there, can be bought by the hour. @throws Unavailable, CannotProceed. */
export async function isOffered(region: string, CacheNodeType: string): Promise<boolean> {
  const input = { CacheNodeType, MaxRecords: smallestPage };
  const answer = await ask(region, `look for offers of ${CacheNodeType}`, 'DescribeReservedCacheNodesOfferings', input);
  return (answer?.ReservedCacheNodesOfferings ?? []).length > 0;
}

/** How many nodes the account has in a region; null where that has no end. @throws Unavailable, CannotProceed. */
export async function nodesIn(region: string): Promise<number | null> {
  let nodes = 0;
  let marker = '';
  for (let page = 0; page < mostPages; page += 1) {
    const input = { MaxRecords: largestPage, ...(marker !== '' && { Marker: marker }) };
    const answer = await ask(region, 'list cache nodes', 'DescribeCacheClusters', input);
    nodes += (answer?.CacheClusters ?? []).reduce((sum, { NumCacheNodes = 0 }) => sum + NumCacheNodes, 0);
    marker = answer?.Marker ?? '';
    if (marker === '') return nodes;
  }
  return null;
}

/** @throws Unavailable, CannotProceed. */
export async function isSubnetGroup(region: string, CacheSubnetGroupName: string): Promise<boolean> {
  const what = `look for subnet group ${CacheSubnetGroupName}`;
  return (await ask(region, what, 'DescribeCacheSubnetGroups', { CacheSubnetGroupName })) !== null;
}

/** @throws Unavailable, CannotProceed. */
export async function isParameterGroup(region: string, CacheParameterGroupName: string): Promise<boolean> {
  const what = `look for parameter group ${CacheParameterGroupName}`;
  return (await ask(region, what, 'DescribeCacheParameterGroups', { CacheParameterGroupName })) !== null;
}

/** The status of a user group, such as active; null where there is none. @throws Unavailable, CannotProceed. */
export async function userGroupStatus(region: string, UserGroupId: string): Promise<string | null> {
  const answer = await ask(region, `look for user group ${UserGroupId}`, 'DescribeUserGroups', { UserGroupId });
  return answer?.UserGroups?.[0]?.Status ?? null;
}

type Answer = {
  readonly ReservedCacheNodesOfferings?: readonly unknown[];
  readonly CacheClusters?: readonly { readonly NumCacheNodes?: number }[];
  readonly Marker?: string;
  readonly UserGroups?: readonly { readonly Status?: string }[];
};

/** ElastiCache names what is not there with or without `Fault` at the end. */
const absent = ['CacheSubnetGroup', 'CacheParameterGroup', 'UserGroup', 'ReservedCacheNodesOffering'].flatMap((one) => [
  `${one}NotFound`,
  `${one}NotFoundFault`,
]);

type Look = Parameters<typeof lookUp>[3] & { readonly service: 'elasticache' };

async function ask(
  region: string,
  what: string,
  operation: Look['operation'],
  input: Look['input'],
): Promise<Answer | null> {
  return (await lookUp(region, what, absent, { service: 'elasticache', operation, input })) as Answer | null;
}
