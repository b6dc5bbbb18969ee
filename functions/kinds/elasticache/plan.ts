// What a plan says of an `elasticache`: one replication group in each region, members of a global datastore where there is one; its
// exports, and what is made of one.
import * as z from 'zod';
import { kindOf, namesOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { cacheName, datastoreName, regionName } from '../../domain/plan/names.ts';
import { restore, restoreNames, snapshotBucket, snapshots, wrongWithBackups } from './says/backup-plan.ts';
import { rights } from './says/rights.ts';
import { hears } from './says/signals.ts';
import { weaknessesIn } from './says/stability.ts';

export const elasticache = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('elasticache'),
    /** Null where there is none: then the cache starts empty in the standby region. */
    globalDatastore: datastoreName.nullable(),
    /** How long ElastiCache's own failover is waited for before the primary is changed. */
    ownFailoverSeconds: z.int().positive(),
    /** Left out: it is not exported. */
    snapshots: snapshots.optional(),
    regions: z.record(
      regionName,
      z.strictObject({
        /** Without a global datastore it need not stand: `restore` may name it. */
        replicationGroup: cacheName,
        snapshotBucket: snapshotBucket.optional(),
        /** The group that is made there when no other takes over; left out: none is. */
        restore: restore.optional(),
      }),
    ),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver', 'tidy-up': 'by-waiver', 'take-over': 'by-waiver' },
    checks: ['cache', 'export', 'cache-room'],
    checked: (check, { snapshots: kept, regions }) => {
      if (check === 'cache-room') return Object.values(regions).some(({ restore: made }) => made !== undefined);
      return check !== 'export' || kept !== undefined;
    },
    hasAddress: true,
    // A member that is not the primary takes no writes.
    leavesWithUsers: ({ globalDatastore }) => globalDatastore !== null,
    called: 'cache',
    leaves: {
      'elasticache:FailoverGlobalReplicationGroup': (target, region) =>
        `${target} was asked to make ${region} its primary`,
      'elasticache:CreateReplicationGroup': (target, region) => `${target} was made in ${region}, and stays`,
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
    // Then another primary is chosen, which takes seconds.
    leavesSeconds: ({ ownFailoverSeconds }) => ownFailoverSeconds,
    services: ['elasticache'],
    standsIn: (region, { regions }) => {
      const { replicationGroup, restore: made } = regions[region] ?? {};
      return [
        ...new Set([...namesOf(replicationGroup), ...(made === undefined ? [] : restoreNames(made.replicationGroup))]),
      ];
    },
    // Its nodes: <group>-001, or <group>-0001-001 with cluster mode on.
    makes: (region, { regions }) => namesOf(regions[region]?.replicationGroup).map((group) => `${group}-0`),
    movedBy: 'elasticache',
    /** The best that the plan has: which one is left is said by evidence. */
    way: ({ globalDatastore, snapshots: kept }) => {
      if (globalDatastore !== null) return 'fail-over-datastore';
      return kept === undefined ? 'start-empty' : 'restore-snapshot';
    },
    rights,
    hears,
    weaknessesIn,
    wrongIn: wrongWithBackups,
  },
);
