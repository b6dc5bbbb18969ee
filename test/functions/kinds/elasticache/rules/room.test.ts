// Whether the cache that the plan would make could be made in the standby: what is asked, and what is said of what is missing.
import {
  CacheSubnetGroupNotFoundFault,
  DescribeCacheClustersCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReservedCacheNodesOfferingsCommand,
  DescribeUserGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheRoom, cacheRoomReady } from '../../../../../functions/kinds/elasticache/rules/room.ts';
import { cacheCanBeMade } from '../../../../../functions/kinds/elasticache/seen/room.ts';
import type { Call } from '../../../../../simulator/estate/types.ts';
import { runIn } from '../../../../../simulator/sdk.ts';
import { the } from '../../../../assets.ts';
import { mocked } from '../../../../mocked.ts';
import { plan } from '../../../../plan.ts';
import { setting } from '../../../setting.ts';

const made = {
  ...{ replicationGroup: 'chatops-redis-restored', engine: 'redis', engineVersion: '7.1', nodeType: 'cache.r7g.large' },
  ...{ clusterMode: false, shards: 2, replicas: 2, multiAz: true, subnetGroup: 'caches', securityGroups: ['sg-1'] },
  ...{ parameterGroup: 'default.redis7', port: 6379, transitEncryption: 'required', authTokenSecret: 'chatops/cache' },
  ...{ userGroup: 'users', encryptedAtRest: true, kmsKey: 'arn:aws:kms:us-west-2:111122223333:key/k' },
  ...{ snapshotRetentionDays: 7, snapshotWindow: '03:00-04:00', maintenanceWindow: 'sun:05:00-sun:06:00' },
  ...{ minorUpgrades: true, tags: {} },
} as const;
const all: CacheRoom = {
  ...{ offered: true, subnetGroup: true, parameterGroup: true, securityGroups: [{ id: 'sg-1', there: true }] },
  ...{ userGroup: { status: 'active' }, secret: true, key: { state: 'Enabled' }, most: 300, used: 294 },
};

test.for<[string, Partial<CacheRoom>, string, RegExp]>([
  ['all that it needs', {}, 'ready', /can be made: all that it needs is there, and 6 nodes more are allowed$/],
  ['too few nodes', { used: 295 }, 'not-ready', /it needs 6 nodes, and quota L-DFE45DF3 has 295 of 300 in use$/],
  ['an unknown number of nodes', { used: null }, 'unknown', /could not be read/],
  ['a type that is not offered', { offered: false }, 'not-ready', /node type cache.r7g.large is not offered$/],
  ['no subnet group', { subnetGroup: false }, 'not-ready', /subnet group caches is not there$/],
  ['no parameter group', { parameterGroup: false }, 'not-ready', /parameter group default.redis7 is not there$/],
  ['no security group', { securityGroups: [{ id: 'sg-1', there: false }] }, 'not-ready', /group sg-1 is not there$/],
  ['no user group', { userGroup: { status: null } }, 'not-ready', /user group users is not there$/],
  ['a user group that changes', { userGroup: { status: 'modifying' } }, 'not-ready', /users is modifying$/],
  ['no secret', { secret: false }, 'not-ready', /secret chatops\/cache is not there$/],
  ['a key that was disabled', { key: { state: 'Disabled' } }, 'not-ready', /key arn\S+ is Disabled$/],
])('a region with %s', ([, change, state, why]) => {
  expect(cacheRoomReady(made as never, { ...all, ...change }, 'us-west-2')).toEqual({
    state,
    why: expect.stringMatching(why),
  });
});

describe('is asked', () => {
  const elastiCache = mocked(ElastiCacheClient);
  const cache = the('elasticache', plan);
  const asset = {
    ...cache,
    regions: Object.fromEntries(
      Object.entries(cache.regions).map(([region, one]) => [region, { ...one, restore: made }]),
    ),
  };
  let asked: string[];
  beforeEach(() => {
    elastiCache.reset();
    asked = [];
    elastiCache.on(DescribeReservedCacheNodesOfferingsCommand).resolves({ ReservedCacheNodesOfferings: [{}] });
    elastiCache.on(DescribeCacheClustersCommand).resolves({ CacheClusters: [{ NumCacheNodes: 3 }], Marker: 'm' });
    elastiCache
      .on(DescribeCacheClustersCommand, { Marker: 'm', MaxRecords: 100 })
      .resolves({ CacheClusters: [{ NumCacheNodes: 1 }] });
    elastiCache.on(DescribeCacheSubnetGroupsCommand).resolves({ CacheSubnetGroups: [{}] });
    elastiCache.on(DescribeCacheParameterGroupsCommand).resolves({ CacheParameterGroups: [{}] });
    elastiCache.on(DescribeUserGroupsCommand).resolves({ UserGroups: [{ Status: 'active' }] });
  });
  const look = () => {
    const answer = async ({ service, operation }: Call) => {
      asked.push(`${service} ${operation}`);
      if (operation === 'GetServiceQuota') return { Quota: { Value: 300 } };
      return operation === 'DescribeKey' ? { KeyMetadata: { KeyState: 'Enabled' } } : {};
    };
    const caller = { region: 'us-west-2', step: '', execution: '', incident: '' };
    const shell = setting({ plan, region: 'us-west-2' });
    return runIn({ answer, caller }, () => cacheCanBeMade(asset as never, shell));
  };

  test('once of each name, and of all nodes', async () => {
    expect(await look()).toEqual({ state: 'ready', why: expect.stringMatching(/296 nodes more are allowed$/) });
    expect(asked.toSorted()).toEqual([
      'ec2 DescribeSecurityGroups',
      'kms DescribeKey',
      'secrets-manager DescribeSecret',
      'service-quotas GetServiceQuota',
    ]);
    expect(elastiCache.commandCalls(DescribeCacheClustersCommand)).toHaveLength(2);
  });

  test('what is not there by its name', async () => {
    const gone = new CacheSubnetGroupNotFoundFault({ $metadata: {}, message: 'no' });
    elastiCache.on(DescribeCacheSubnetGroupsCommand).rejects(gone);
    elastiCache.on(DescribeReservedCacheNodesOfferingsCommand).resolves({ ReservedCacheNodesOfferings: [] });
    expect(await look()).toEqual({
      state: 'not-ready',
      why: 'chatops-redis-restored in us-west-2 cannot be made: node type cache.r7g.large is not offered; subnet group caches is not there',
    });
  });
});
