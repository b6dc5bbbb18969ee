// Looks at an ElastiCache global datastore and makes the member of another region its primary.
import {
  DescribeGlobalReplicationGroupsCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';

const elastiCache = oneForEachRegion((region) => new ElastiCacheClient({ region, ...limits }));

/** A global datastore as the API of one region describes it. */
export type GlobalCacheSeen = {
  readonly status: string;
  readonly members: readonly {
    readonly group: string;
    readonly region: string;
    readonly primary: boolean;
    readonly status: string;
  }[];
};

/** Describes a global datastore; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeGlobalCache(region: string, datastore: string): Promise<GlobalCacheSeen | null> {
  const request = new DescribeGlobalReplicationGroupsCommand({
    GlobalReplicationGroupId: datastore,
    ShowMemberInfo: true,
  });
  try {
    const answer = await asking(`describe global datastore ${datastore}`, elastiCache(region).send(request));
    const found = answer.GlobalReplicationGroups?.[0];
    if (found === undefined) return null;
    return {
      status: found.Status ?? 'unknown',
      members: (found.Members ?? []).map((member) => ({
        group: member.ReplicationGroupId ?? '',
        region: member.ReplicationGroupRegion ?? '',
        primary: member.Role?.toUpperCase() === 'PRIMARY',
        status: member.Status ?? 'unknown',
      })),
    };
  } catch (error) {
    if (/^GlobalReplicationGroupNotFound(Fault)?$/.test(faultName(error))) return null;
    throw error;
  }
}

/**
 * Makes a region's member the primary, asked of the API of that region, because the other one may be dark. What was not
 * replicated to it is lost. False where the datastore is changing already. @throws Unavailable, CannotProceed.
 */
export async function failOverGlobalCache(region: string, datastore: string, group: string): Promise<boolean> {
  const request = new FailoverGlobalReplicationGroupCommand({
    GlobalReplicationGroupId: datastore,
    PrimaryRegion: region,
    PrimaryReplicationGroupId: group,
  });
  try {
    await asking(`fail global datastore ${datastore} over to ${region}`, elastiCache(region).send(request));
    return true;
  } catch (error) {
    if (/^InvalidGlobalReplicationGroupState(Fault)?$/.test(faultName(error))) return false;
    throw error;
  }
}
