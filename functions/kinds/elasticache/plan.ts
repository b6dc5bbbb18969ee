// What a plan says of an `elasticache`: one replication group in each region, members of a global datastore where there is one.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { kindOf, namesOf } from '../../domain/kind.ts';
import { cacheName, datastoreName, regionName } from '../../domain/names.ts';
import { rights } from './rights.ts';
import { hears } from './signals.ts';
import { findingsIn } from './stability.ts';

export const elasticache = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('elasticache'),
    /** Null where there is none: then the cache starts empty in the standby region. */
    globalDatastore: datastoreName.nullable(),
    /** How long ElastiCache's own failover is waited for before the primary is changed. */
    ownFailoverSeconds: z.int().positive(),
    regions: z.record(regionName, z.strictObject({ replicationGroup: cacheName })),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver', settle: 'by-waiver', 'take-over': 'by-waiver' },
    checks: ['cache'],
    hasAddress: true,
    called: 'cache',
    leaves: {
      'elasticache:FailoverGlobalReplicationGroup': (target, region) =>
        `${target} was asked to make ${region} its primary`,
      'elasticache:ModifyReplicationGroup': (target, _, reached) => {
        const asked = (what: string) =>
          reached.some(({ step, outcome }) => outcome['group'] === target && step.endsWith(`/${what}`));
        const primary = asked('promote') ? `another primary of ${target} was chosen` : `the primary of ${target} stays`;
        return asked('switch-on')
          ? `${primary}; its automatic failover was switched on again`
          : `${primary}; its automatic failover is OFF: switch it on again, and Multi-AZ where it was on`;
      },
    },
    losesUnmeasured: true,
    standsIn: (region, { regions }) => namesOf(regions[region]?.replicationGroup),
    way: ({ globalDatastore }) => (globalDatastore === null ? 'start-empty' : 'fail-over-datastore'),
    rights,
    hears,
    findingsIn,
  },
);
