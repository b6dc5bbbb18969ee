// What a plan says of an `elasticache`: one replication group in each region, members of a global datastore where there is one.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { cacheName, datastoreName, regionName } from '../../domain/names.ts';

export const elasticache = z.strictObject({
  ...assetKeys,
  kind: z.literal('elasticache'),
  /** Null where there is none: then the cache starts empty in the standby region. */
  globalDatastore: datastoreName.nullable(),
  /** How long ElastiCache's own failover is waited for before the primary is changed. */
  ownFailoverSeconds: z.int().positive(),
  regions: z.record(regionName, z.strictObject({ replicationGroup: cacheName })),
});
