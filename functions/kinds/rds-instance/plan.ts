// What a plan says of an `rds-instance`: one database, which the standby region holds as a replica.
import * as z from 'zod';
import { dataKeys } from '../../domain/data/keys.ts';
import { dataState } from '../../domain/data/returned-data.ts';
import { kindOf, namesOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { databaseName, instanceClassName, keyName, regionName, securityGroupName } from '../../domain/plan/names.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import { backups, delayedReplica, restore } from './says/backup-plan.ts';
import { wrongIn } from './says/plan-wrong.ts';
import { rights } from './says/rights.ts';
import { hears } from './says/signals.ts';
import { weaknessesIn } from './says/stability.ts';
import { alarmsIn, graph } from './says/watch.ts';

export const rdsInstance = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('rds-instance'),
    engine: z.enum(['postgres', 'mysql', 'mariadb']),
    instanceClass: instanceClassName,
    /** In each region: what takes over must stand the loss of a zone, too. */
    multiAz: z.boolean(),
    regions: z.record(
      regionName,
      z.strictObject({
        instance: databaseName,
        /**
         * The key with which it is encrypted, and with it the backups that stay in its region: whoever restores it there has to be allowed to use
         * that. `alias/aws/rds`: RDS's own, which everybody in the account may use. None: it is not encrypted.
         */
        kmsKey: keyName.optional(),
        /** Fencing exchanges the open ones for the closed one, which admits nobody. */
        securityGroups: z
          .strictObject({ open: z.array(securityGroupName).min(1), closed: securityGroupName })
          .optional(),
        /** None: nothing is restored there, and the ways that restore are not offered. */
        restore: restore.optional(),
        delayedReplica: delayedReplica.optional(),
      }),
    ),
    /** None: what takes over is the replica, or nothing. */
    backups: backups.optional(),
    /** None: a database that takes over is judged by what RDS says of it alone. */
    data: dataKeys.optional(),
  }),
  {
    verbs: {
      'leave-zone': 'by-waiver',
      fence: 'where-unfenced',
      'catch-up': 'never',
      unfence: 'never',
      'take-over': 'never',
      verify: 'never',
      'fence-late': 'by-waiver',
    },
    checks: ['replica', 'lag', 'backups', 'restore'],
    checked: (check, { backups, regions }) =>
      check === 'backups'
        ? backups !== undefined
        : check !== 'restore' || Object.values(regions).some((place) => place.restore !== undefined),
    hasAddress: true,
    takenAsItIs: ({ data }) => (data === undefined ? [] : [dataState]),
    connected: (verb, { data }) => verb === 'verify' && data !== undefined,
    called: 'database',
    leaves: {
      'rds:PromoteReadReplica': (target, region, reached) =>
        reached.some(({ outcome }) => outcome['promoted'] === true && outcome['database'] === target)
          ? `${target} in ${region} was promoted, takes writes and replicates no more`
          : `${target} in ${region} was asked to be promoted: once it is, it takes writes and replicates no more`,
      'rds:RestoreDBInstanceToPointInTime': restoredStays,
      'rds:RestoreDBInstanceFromDBSnapshot': restoredStays,
      'rds:RebootDBInstance': (target) => `${target} was asked to fail over to another zone`,
    },
    // A failover to the standby of Multi-AZ takes 60 to 120 s, as the user guide of RDS says.
    leavesSeconds: () => 120,
    staysInZone: ({ multiAz }) => !multiAz,
    services: ['rds'],
    standsIn: (region, { regions }) => namesOf(regions[region]?.instance),
    movedBy: 'rds',
    way: () => 'promote-replica',
    wayBy: {
      'rds:PromoteReadReplica': 'promote-replica',
      'rds:RestoreDBInstanceToPointInTime': 'restore-point-in-time',
      'rds:RestoreDBInstanceFromDBSnapshot': 'restore-snapshot',
    },
    rights,
    hears,
    wrongIn,
    alarmsIn,
    graph,
    weaknessesIn,
  },
);

/** What a restore has made stays, whatever became of it. `reached`: the steps of the execution that asked for it. */
function restoredStays(target: string, region: string, reached: readonly StepRecord[]): string {
  const stays = `it stays and costs, and a person deletes it once it is not needed`;
  const isDone = reached.some(({ step, outcome }) => /^take-over\//.test(step) && outcome['database'] === target);
  if (isDone) return `${target} in ${region} was restored, and is the database of that region now`;
  const failed = reached.find(({ step, outcome }) => /^way-failed\//.test(step) && outcome['left'] === target);
  if (failed !== undefined)
    return `the restore of ${target} in ${region} failed (${String(failed.outcome['why'])}): ${stays}`;
  return `${target} in ${region} is being restored, takes writes when that is done, and nobody uses it: ${stays}`;
}
