// Looks up whether what a cache is made with stands in a region, whether its node type is offered there, and how many nodes the account has.
import {
  DescribeCacheClustersCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReservedCacheNodesOfferingsCommand,
  DescribeUserGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { limits, oneForEachRegion } from '../../../aws/calls/client.ts';
import { calling, faultName } from '../../../aws/calls/faults.ts';

const elastiCache = /* @__PURE__ */ oneForEachRegion((region) => new ElastiCacheClient({ region, ...limits }));

/** The least that a page may have, and the most. */
const [smallestPage, largestPage] = [20, 100];
/** An account has 300 nodes in a region, where nobody raised the quota. */
const mostPages = 20;

/** Whether nodes of a type can be had in a region: what can be reserved there, can be bought by the hour. @throws Unavailable, CannotProceed. */
export async function isOffered(region: string, CacheNodeType: string): Promise<boolean> {
  const request = new DescribeReservedCacheNodesOfferingsCommand({ CacheNodeType, MaxRecords: smallestPage });
  const answer = await ifThere(`look for offers of ${CacheNodeType}`, elastiCache(region).send(request));
  return (answer?.ReservedCacheNodesOfferings ?? []).length > 0;
}

/** How many nodes the account has in a region; null where that has no end. @throws Unavailable, CannotProceed. */
export async function nodesIn(region: string): Promise<number | null> {
  let nodes = 0;
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const request = new DescribeCacheClustersCommand({
      MaxRecords: largestPage,
      ...(marker !== undefined && { Marker: marker }),
    });
    const { CacheClusters = [], Marker } = await calling('list cache nodes', elastiCache(region).send(request));
    nodes += CacheClusters.reduce((sum, { NumCacheNodes = 0 }) => sum + NumCacheNodes, 0);
    if (Marker === undefined || Marker === '') return nodes;
    marker = Marker;
  }
  return null;
}

/** @throws Unavailable, CannotProceed. */
export async function isSubnetGroup(region: string, name: string): Promise<boolean> {
  const request = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: name });
  return (await ifThere(`look for subnet group ${name}`, elastiCache(region).send(request))) !== null;
}

/** @throws Unavailable, CannotProceed. */
export async function isParameterGroup(region: string, name: string): Promise<boolean> {
  const request = new DescribeCacheParameterGroupsCommand({ CacheParameterGroupName: name });
  return (await ifThere(`look for parameter group ${name}`, elastiCache(region).send(request))) !== null;
}

/** The status of a user group, such as active; null where there is none. @throws Unavailable, CannotProceed. */
export async function userGroupStatus(region: string, name: string): Promise<string | null> {
  const request = new DescribeUserGroupsCommand({ UserGroupId: name });
  const answer = await ifThere(`look for user group ${name}`, elastiCache(region).send(request));
  return answer === null ? null : (answer.UserGroups?.[0]?.Status ?? null);
}

async function ifThere<Found>(what: string, request: Promise<Found>): Promise<Found | null> {
  try {
    return await calling(what, request);
  } catch (error) {
    const absent = /^(CacheSubnetGroup|CacheParameterGroup|UserGroup|ReservedCacheNodesOffering)NotFound(Fault)?$/;
    if (absent.test(faultName(error))) return null;
    throw error;
  }
}
