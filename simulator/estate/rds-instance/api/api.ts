// RDS: looks at instances, reboots with failover, promotes the replica, exchanges security groups, deletes instances; backups, restores
// and what a restore needs are in files of their own.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../../apis/answer.ts';
import { refusal } from '../../calls/aws-error.ts';
import { instanceArn } from '../database.ts';
import { databaseStatuses } from '../database-status.ts';
import { rdsAccount } from './account-api.ts';
import { rdsBackups } from './backup-api.ts';
import { listed, paged } from './paging.ts';
import { rdsReplicas } from './replica-api.ts';
import { rdsRestores } from './restore-api.ts';
import { find, shown } from './shown.ts';

const named = z.looseObject({ DBInstanceIdentifier: z.string() });
const maybeNamed = listed.extend({ DBInstanceIdentifier: z.string().optional() });
const removal = named.extend({
  SkipFinalSnapshot: z.boolean().optional(),
  FinalDBSnapshotIdentifier: z.string().optional(),
});
const reboot = named.extend({ ForceFailover: z.boolean().optional() });
const modify = named.extend({
  VpcSecurityGroupIds: z.array(z.string()).optional(),
  ApplyImmediately: z.boolean().optional(),
});
const promote = named.extend({ BackupRetentionPeriod: z.int().optional() });
/** Days that PromoteReadReplica keeps backups where nobody says [AWS, PromoteReadReplica]. */
const defaultRetentionDays = 1;
const longestRetentionDays = 35;
const events = z.looseObject({
  SourceIdentifier: z.string().optional(),
  SourceType: z.string().optional(),
  StartTime: z.date().optional(),
  EndTime: z.date().optional(),
  Duration: z.number().optional(),
});

export const rds: Answers = {
  ...rdsAccount,
  ...rdsBackups,
  ...rdsRestores,
  ...rdsReplicas,
  DescribeDBInstances(call, parts) {
    const asked = read(maybeNamed, call);
    const id = asked.DBInstanceIdentifier;
    const all = parts.databases.flatMap((one) =>
      one.database.instances(call.region).map((instance) => ({ ...one, instance })),
    );
    const instances = (id === undefined ? all : [find(id, call, parts)]).map((found) => shown(found, parts));
    const { page, marker } = paged(id === undefined ? [...instances, neighbour(parts)] : instances, asked);
    return { DBInstances: page, Marker: marker };
  },
  DescribeEvents(call, parts) {
    const asked = read(events, call);
    const now = parts.world.now();
    const from = asked.StartTime?.getTime() ?? now - (asked.Duration ?? 60) * 60_000;
    const until = asked.EndTime?.getTime() ?? now;
    const told = parts.databases.flatMap(({ database }) => database.events());
    const found = told.filter(({ at, instance, region }) => {
      const wanted = asked.SourceIdentifier === undefined || asked.SourceIdentifier === instance;
      return wanted && region === call.region && at >= from && at <= until;
    });
    return {
      Events: found
        .sort((a, b) => a.at - b.at)
        .map(({ at, instance, region, category, message }) => ({
          SourceIdentifier: instance,
          SourceType: 'db-instance',
          Message: message,
          EventCategories: [category],
          Date: new Date(at),
          SourceArn: instanceArn({ id: instance, region }, parts.world.account),
        })),
    };
  },
  RebootDBInstance(call, parts) {
    const asked = read(reboot, call);
    const found = find(asked.DBInstanceIdentifier, call, parts);
    const { database, instance } = found;
    const zone = instance.writerZone;
    database.reboot(instance, asked.ForceFailover === true, call.caller);
    noteMutation(call, parts, instance.id, zone);
    return { DBInstance: shown(found, parts) };
  },
  PromoteReadReplica(call, parts) {
    const asked = read(promote, call);
    const { BackupRetentionPeriod: days = defaultRetentionDays } = asked;
    const found = find(asked.DBInstanceIdentifier, call, parts);
    const { database, instance } = found;
    if (days < 0 || days > longestRetentionDays) {
      const why = `Invalid backup retention period: ${days}. Must be between 0 and ${longestRetentionDays}.`;
      throw refusal('InvalidParameterValue', why);
    }
    database.promote(instance, days, call.caller);
    noteMutation(call, parts, instance.id, instance.writerZone);
    return { DBInstance: shown(found, parts) };
  },
  ModifyDBInstance(call, parts) {
    const asked = read(modify, call);
    const found = find(asked.DBInstanceIdentifier, call, parts);
    const { database, instance } = found;
    // Security groups are exchanged at once in any case; nothing else can be modified here.
    if (asked.VpcSecurityGroupIds === undefined)
      throw refusal('InvalidParameterCombination', 'No modifications were requested');
    database.exchangeGroups(instance, asked.VpcSecurityGroupIds, call.caller);
    noteMutation(call, parts, instance.id, instance.writerZone);
    return { DBInstance: shown(found, parts) };
  },
  DeleteDBInstance(call, parts) {
    const { DBInstanceIdentifier: id, SkipFinalSnapshot, FinalDBSnapshotIdentifier: last } = read(removal, call);
    const found = find(id, call, parts);
    const { database, instance, backups } = found;
    if ((SkipFinalSnapshot === true) === (last !== undefined))
      throw refusal(
        'InvalidParameterCombination',
        'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
      );
    if (instance.settings.deletionProtection)
      throw refusal(
        'InvalidParameterCombination',
        'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      );
    if (['creating', 'deleting'].includes(database.status(instance)))
      throw refusal('InvalidDBInstanceStateFault', `Instance ${id} is already being deleted or created.`);
    // Of what never came up nothing can be kept.
    if (last !== undefined && instance.bornAt === null)
      throw refusal(
        'InvalidDBInstanceStateFault',
        `Cannot create a snapshot of ${id}, which is ${database.status(instance)}.`,
      );
    if (last !== undefined) backups.take(instance, last, instance.settings.tags);
    database.remove(instance, call.caller);
    noteMutation(call, parts, id, instance.writerZone);
    return { DBInstance: shown(found, parts) };
  },
};

/** An instance of another application in the same account, in any status. */
function neighbour({ world }: Parts): Record<string, unknown> {
  const DBInstanceStatus = databaseStatuses[Math.floor(world.chances.calls() * databaseStatuses.length)];
  return { DBInstanceIdentifier: 'another-application', DBInstanceStatus };
}
