// RDS makes a replica of a writer, in its region or in another one: what it refuses, and what it takes where nobody says.
import * as z from 'zod';
import { type Answers, noteMutation, read } from '../../apis/answer.ts';
import { internalFailure, refusal } from '../../calls/aws-error.ts';
import { failingRestore } from '../account.ts';
import { accountOf } from './account-api.ts';
import { expectBackedUp, findByArn, usableKey } from './backup-api.ts';
import { common, groupsOf, newName, settingsAsked, subnetsOf, zonesOf } from './restore-api.ts';
import { restoreRefusal } from './restore-errors.ts';
import { find, shown } from './shown.ts';

const create = z.looseObject({
  ...common,
  DBInstanceIdentifier: z.string(),
  SourceDBInstanceIdentifier: z.string(),
  KmsKeyId: z.string().optional(),
  MaxAllocatedStorage: z.int().optional(),
});
/** Replicas of one source [AWS, "Quotas and constraints for Amazon RDS"]. */
const mostReplicas = 15;

export const rdsReplicas: Answers = {
  CreateDBInstanceReadReplica(call, parts) {
    const asked = read(create, call);
    const { SourceDBInstanceIdentifier: from, KmsKeyId } = asked;
    const fault = failingRestore(parts.world, call.region, 'create-replica', 'error');
    if (fault?.error !== undefined && fault.way !== undefined) throw restoreRefusal(fault.error);
    const id = newName(asked.DBInstanceIdentifier, 'DBInstanceIdentifier', call, parts);
    // Of another region a source is named by its ARN.
    const found = from.startsWith('arn:') ? findByArn(from, call, parts) : find(from, call, parts);
    const { instance: source, database } = found;
    expectBackedUp(source, database);
    if (source.sourceId !== null)
      throw restoreRefusal('InvalidDBInstanceStateFault', `${source.id} is a read replica itself.`);
    if (database.all().filter((one) => one.sourceId !== null && one.source === source).length >= mostReplicas)
      throw refusal('InvalidDBInstanceStateFault', `${source.id} has ${mostReplicas} read replicas already.`);
    const account = accountOf(call, parts);
    const { instances, storageGib } = account.quotas;
    if (instances.used >= instances.most) throw restoreRefusal('InstanceQuotaExceededFault');
    const isElsewhere = source.region !== call.region;
    // A key opens nothing in another region: what is encrypted needs one of there.
    if (isElsewhere && source.settings.keyArn !== null && KmsKeyId === undefined)
      throw refusal('InvalidParameterCombination', 'A KMS key of this region is needed for an encrypted source.');
    if (source.settings.keyArn === null && KmsKeyId !== undefined)
      throw refusal('InvalidParameterCombination', 'The source is not encrypted: a replica of it cannot be.');
    const keyArn =
      source.settings.keyArn === null ? null : isElsewhere ? usableKey(KmsKeyId, call, parts) : source.settings.keyArn;
    const settings = {
      ...settingsAsked(asked, { settings: { ...source.settings, tags: {} }, keyArn }, account, call),
      maxAllocatedGib: asked.MaxAllocatedStorage ?? null,
      // Replicas are made with backups disabled [AWS, CreateDBInstanceReadReplica].
      backupRetentionDays: 0,
    };
    if (storageGib.used + settings.allocatedGib > storageGib.most) throw restoreRefusal('StorageQuotaExceededFault');
    const subnets = subnetsOf(settings, account);
    const groups = groupsOf(asked, subnets, account);
    const zones = zonesOf(asked, subnets, call, parts, id);
    if (!parts.world.canReach(call.region, source.region)) throw internalFailure('rds');
    const instance = database.follow(
      {
        id,
        region: call.region,
        writerZone: zones.writer,
        standbyZone: zones.standby,
        groups,
        settings,
        source,
        seconds: parts.world.draw('rds-replica', parts.world.chances.backups),
      },
      call.caller,
    );
    noteMutation(call, parts, id, instance.writerZone);
    return { DBInstance: shown({ ...found, instance }, parts) };
  },
};
