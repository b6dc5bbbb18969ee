// RDS: looks at instances, reboots with failover, promotes the replica, exchanges security groups.

import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';
import { zoneName } from '../faults.ts';
import { databaseEndpoint } from '../ssm-parameters/parameters.ts';
import type { Call } from '../types.ts';
import { type Instance, instanceArn } from './database.ts';
import { databaseStatuses } from './database-status.ts';
import type { Replicated } from './databases.ts';
import type { Replication } from './replication.ts';

const named = z.looseObject({ DBInstanceIdentifier: z.string() });
const maybeNamed = z.looseObject({ DBInstanceIdentifier: z.string().optional() });
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
  DescribeDBInstances(call, parts) {
    const id = read(maybeNamed, call).DBInstanceIdentifier;
    const all = parts.databases.flatMap((one) =>
      one.database.instances(call.region).map((instance) => ({ ...one, instance })),
    );
    const instances = (id === undefined ? all : [find(id, call, parts)]).map((found) => shown(found, parts));
    return { DBInstances: id === undefined ? [...instances, neighbour(parts)] : instances };
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
};

/** An instance, and the database that it is of. */
type Found = Replicated & { readonly instance: Instance };

function find(id: string, call: Call, parts: Parts): Found {
  for (const one of parts.databases) {
    const instance = one.database.instance(id, call.region);
    if (instance !== null) return { ...one, instance };
  }
  throw refusal('DBInstanceNotFoundFault', `DBInstance ${id} not found.`, 404);
}

function shown({ instance, database, replication }: Found, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const { asset, primary, replica } = database;
  const { id, region, sourceId, standbyZone } = instance;
  const isFollowed = instance === primary && replica.sourceId !== null;
  return {
    DBInstanceIdentifier: id,
    DBInstanceArn: instanceArn(instance, account),
    DBInstanceClass: asset.instanceClass,
    Engine: asset.engine,
    DBInstanceStatus: database.status(instance),
    MultiAZ: standbyZone !== null,
    AvailabilityZone: zoneName(plan, instance.writerZone),
    SecondaryAvailabilityZone: standbyZone === null ? undefined : zoneName(plan, standbyZone),
    Endpoint: { Address: databaseEndpoint(id, region), Port: asset.engine === 'postgres' ? 5432 : 3306 },
    VpcSecurityGroups: groups(instance),
    ReadReplicaDBInstanceIdentifiers: isFollowed ? [instanceArn(replica, account)] : [],
    ReadReplicaSourceDBInstanceIdentifier: sourceId === null ? undefined : instanceArn(primary, account),
    StatusInfos: sourceId === null ? undefined : [replicationStatus(replication)],
    // It is no member of a cluster, and none follows it.
    DBClusterIdentifier: undefined,
    ReadReplicaSourceDBClusterIdentifier: undefined,
    ReadReplicaDBClusterIdentifiers: [],
  };
}

/** An instance of another application in the same account, in any status. */
function neighbour({ world }: Parts): Record<string, unknown> {
  const DBInstanceStatus = databaseStatuses[Math.floor(world.chances.calls() * databaseStatuses.length)];
  return { DBInstanceIdentifier: 'another-application', DBInstanceStatus };
}

function groups({ groups: current, groupsToCome }: Instance): Record<string, unknown>[] {
  const shownAs = (list: readonly string[], Status: string) =>
    list.map((group) => ({ VpcSecurityGroupId: group, Status }));
  if (groupsToCome === null) return shownAs(current, 'active');
  return [...shownAs(current, 'removing'), ...shownAs(groupsToCome, 'adding')];
}

function replicationStatus(replication: Replication): Record<string, unknown> {
  const running = replication.isRunning();
  return { StatusType: 'read replication', Normal: running, Status: running ? 'replicating' : 'stopped' };
}
