// RDS: looks at instances, reboots with failover, promotes the replica, exchanges security groups.

import * as z from 'zod';
import { databaseIn, the } from '../../../functions/shared/estate.ts';
import { type Answers, noteMutation, type Parts, read } from '../apis/answer.ts';
import { refusal } from '../aws-error.ts';
import { zoneName } from '../faults.ts';
import { databaseEndpoint } from '../ssm-parameters/parameters.ts';
import type { Call } from '../types.ts';
import { type Instance, instanceArn } from './database.ts';
import { databaseStatuses } from './database-status.ts';

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
    const found = id === undefined ? parts.database.instances(call.region) : [find(id, call, parts)];
    const instances = found.map((instance) => shown(instance, parts));
    return { DBInstances: id === undefined ? [...instances, neighbour(parts)] : instances };
  },
  DescribeEvents(call, parts) {
    const asked = read(events, call);
    const now = parts.world.now();
    const from = asked.StartTime?.getTime() ?? now - (asked.Duration ?? 60) * 60_000;
    const until = asked.EndTime?.getTime() ?? now;
    const found = parts.database.events().filter(({ at, instance, region }) => {
      const wanted = asked.SourceIdentifier === undefined || asked.SourceIdentifier === instance;
      return wanted && region === call.region && at >= from && at <= until;
    });
    return {
      Events: found.map(({ at, instance, region, category, message }) => ({
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
    const instance = find(asked.DBInstanceIdentifier, call, parts);
    const zone = instance.writerZone;
    parts.database.reboot(instance, asked.ForceFailover === true, call.caller);
    noteMutation(call, parts, instance.id, zone);
    return { DBInstance: shown(instance, parts) };
  },
  PromoteReadReplica(call, parts) {
    const asked = read(promote, call);
    const { BackupRetentionPeriod: days = defaultRetentionDays } = asked;
    const instance = find(asked.DBInstanceIdentifier, call, parts);
    if (days < 0 || days > longestRetentionDays) {
      const why = `Invalid backup retention period: ${days}. Must be between 0 and ${longestRetentionDays}.`;
      throw refusal('InvalidParameterValue', why);
    }
    parts.database.promote(instance, days, call.caller);
    noteMutation(call, parts, instance.id, instance.writerZone);
    return { DBInstance: shown(instance, parts) };
  },
  ModifyDBInstance(call, parts) {
    const asked = read(modify, call);
    const instance = find(asked.DBInstanceIdentifier, call, parts);
    // Security groups are exchanged at once in any case; nothing else can be modified here.
    if (asked.VpcSecurityGroupIds === undefined)
      throw refusal('InvalidParameterCombination', 'No modifications were requested');
    parts.database.exchangeGroups(instance, asked.VpcSecurityGroupIds, call.caller);
    noteMutation(call, parts, instance.id, instance.writerZone);
    return { DBInstance: shown(instance, parts) };
  },
};

function find(id: string, call: Call, parts: Parts): Instance {
  const instance = parts.database.instance(id, call.region);
  if (instance === null) throw refusal('DBInstanceNotFoundFault', `DBInstance ${id} not found.`, 404);
  return instance;
}

function shown(instance: Instance, parts: Parts): Record<string, unknown> {
  const { plan, account } = parts.world;
  const { id, region, sourceId, standbyZone } = instance;
  const source = sourceId === null ? null : { id: sourceId, region: plan.roles.primary };
  const replicas = sourceId === null && id === databaseIn(plan.roles.primary, plan) ? replicaArns(parts) : [];
  return {
    DBInstanceIdentifier: id,
    DBInstanceArn: instanceArn(instance, account),
    DBInstanceClass: the('rds-instance', plan).instanceClass,
    Engine: parts.replication.engine,
    DBInstanceStatus: parts.database.status(instance),
    MultiAZ: standbyZone !== null,
    AvailabilityZone: zoneName(plan, instance.writerZone),
    SecondaryAvailabilityZone: standbyZone === null ? undefined : zoneName(plan, standbyZone),
    Endpoint: { Address: databaseEndpoint(id, region), Port: parts.replication.engine === 'postgres' ? 5432 : 3306 },
    VpcSecurityGroups: groups(instance),
    ReadReplicaDBInstanceIdentifiers: replicas,
    ReadReplicaSourceDBInstanceIdentifier: source === null ? undefined : instanceArn(source, account),
    StatusInfos: source === null ? undefined : [replicationStatus(parts)],
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

function replicationStatus(parts: Parts): Record<string, unknown> {
  const running = parts.replication.isRunning();
  return { StatusType: 'read replication', Normal: running, Status: running ? 'replicating' : 'stopped' };
}

function replicaArns(parts: Parts): string[] {
  const { plan, account } = parts.world;
  const replica = parts.database.instance(databaseIn(plan.roles.standby, plan), plan.roles.standby);
  return replica === null || replica.sourceId === null ? [] : [instanceArn(replica, account)];
}
