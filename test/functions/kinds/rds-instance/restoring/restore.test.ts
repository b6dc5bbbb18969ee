// A database is restored from its backups, against a mocked RDS: once, with all that the plan says, never over what exists.
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { leftBehind } from '../../../../../functions/domain/recovery/left-behind.ts';
import { waysFailedIn } from '../../../../../functions/domain/recovery/reaching.ts';
import { restoringSentences } from '../../../../../functions/domain/recovery/restoring.ts';
import { handler as takeOverCache } from '../../../../../functions/kinds/elasticache/take-over.ts';
import { handler as fence } from '../../../../../functions/kinds/rds-instance/fence.ts';
import { unfence } from '../../../../../functions/kinds/rds-instance/fencing/unfencing.ts';
import { handler as takeOver } from '../../../../../functions/kinds/rds-instance/take-over.ts';
import { handler as verify } from '../../../../../functions/kinds/rds-instance/verify.ts';
import { callsOf } from '../../../../../functions/shared/recovery/act.ts';
import { noteLook } from '../../../../../functions/shared/recovery/fresh.ts';
import { mocked } from '../../../../mocked.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../../setting.ts';

const asset = 'database';
const rds = mocked(RDSClient);
let shell: Setting;

const arn = 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-1';
const dataUntil = start - 400_000;
const pointInTime = {
  way: 'restore-point-in-time',
  source: { of: 'replicated-backups', arn },
  restoreTo: null,
  dataUntil,
} as const;
const snapshot = {
  way: 'restore-snapshot',
  source: { of: 'snapshot', id: 'copy-1' },
  restoreTo: null,
  dataUntil: null,
} as const;
const promotion = { way: 'promote-replica', source: null, restoreTo: null, dataUntil: null } as const;

type Chosen = typeof pointInTime | typeof snapshot | typeof promotion;
/** What Reassess found best, and that people have approved it. */
const looked = (way: Chosen) =>
  noteLook(incident, { at: shell.at, request: 'approved-request', ways: { [asset]: way } }, shell);

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region: 'us-west-2' });
  rds.on(DescribeDBInstancesCommand).rejects(refusal('DBInstanceNotFoundFault', 404));
  rds.on(RestoreDBInstanceToPointInTimeCommand).resolves({});
  rds.on(RestoreDBInstanceFromDBSnapshotCommand).resolves({});
  shell.at += 1_000;
});

function refusal(name: string, status = 400): Error {
  return Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status, attempts: 1 } });
}

const asPlanned = {
  DBInstanceClass: 'db.r6g.xlarge',
  AvailabilityZone: 'us-west-2a',
  MultiAZ: false,
  Endpoint: { Address: 'restored.us-west-2.rds.amazonaws.com' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0b2chatopsdb', Status: 'active' }],
  DBSubnetGroup: { DBSubnetGroupName: 'chatops-db' },
  DBParameterGroups: [{ DBParameterGroupName: 'chatops-postgres16', ParameterApplyStatus: 'in-sync' }],
  OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-16', Status: 'in-sync' }],
  DeletionProtection: true,
  TagList: [{ Key: 'application', Value: 'chatops' }],
  IAMDatabaseAuthenticationEnabled: true,
  EnabledCloudwatchLogsExports: ['upgrade', 'postgresql'],
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
  StorageType: 'gp3',
  Iops: 12000,
  StorageThroughput: 500,
  MaxAllocatedStorage: 1000,
  DedicatedLogVolume: false,
  BackupRetentionPeriod: 7,
  PreferredBackupWindow: '08:00-08:30',
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  PubliclyAccessible: false,
};

function there(id: string, status: string, change: object = {}): void {
  const DBInstances = [{ DBInstanceIdentifier: id, DBInstanceStatus: status, ...asPlanned, ...change }];
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: id }).resolves({ DBInstances });
}

const inputsOf = (
  command: typeof RestoreDBInstanceToPointInTimeCommand | typeof RestoreDBInstanceFromDBSnapshotCommand,
) => rds.commandCalls(command as typeof RestoreDBInstanceToPointInTimeCommand).map(({ args: [{ input }] }) => input);
const asked = () => failureOf(takeOver.on(shell)({ incident, asset }));
const own = async () =>
  (await shell.store.readSteps(incident.id)).filter(({ execution }) => execution === incident.execution);
const failedWays = async () => waysFailedIn(await own(), asset);

test('it is asked for once, with all that the plan says, and is done when it works', async () => {
  await looked(pointInTime);
  expect(await asked()).toMatchObject({ name: 'Restoring' });
  there('chatops-prod-restored', 'creating', { Endpoint: undefined });
  for (let minute = 0; minute < 60; minute += 1) {
    shell.at += 60_000;
    expect((await asked()).name).toBe('Restoring');
  }
  expect(rds).toHaveReceivedCommandExactlyOnceWith(RestoreDBInstanceToPointInTimeCommand, {
    TargetDBInstanceIdentifier: 'chatops-prod-restored',
    SourceDBInstanceAutomatedBackupsArn: arn,
    UseLatestRestorableTime: true,
    DBInstanceClass: 'db.r6g.xlarge',
    AvailabilityZone: 'us-west-2a',
    MultiAZ: false,
    DBSubnetGroupName: 'chatops-db',
    VpcSecurityGroupIds: ['sg-0b2chatopsdb'],
    PubliclyAccessible: false,
    DBParameterGroupName: 'chatops-postgres16',
    OptionGroupName: 'default:postgres-16',
    DeletionProtection: true,
    Tags: [{ Key: 'application', Value: 'chatops' }],
    CopyTagsToSnapshot: true,
    EnableIAMDatabaseAuthentication: true,
    EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    StorageType: 'gp3',
    Iops: 12000,
    StorageThroughput: 500,
    MaxAllocatedStorage: 1000,
    DedicatedLogVolume: false,
    BackupRetentionPeriod: 7,
    PreferredBackupWindow: '08:00-08:30',
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  });
  expect(await restoring()).toEqual([
    expect.stringContaining('chatops-prod-restored in us-west-2, since 23 Nov 2026, 03:00 UTC'),
  ]);
  there('chatops-prod-restored', 'backing-up');
  const done = await takeOver.on(shell)({ incident, asset });
  expect(done).toMatchObject({
    database: 'chatops-prod-restored',
    way: 'restore-point-in-time',
    restored: true,
    dataUntil,
    endpoint: 'restored.us-west-2.rds.amazonaws.com',
    drift: [],
  });
  expect(await restoring()).toEqual([]);
  expect(await shell.store.readHolders()).toMatchObject([
    { asset, region: 'us-west-2', instance: 'chatops-prod-restored', execution: incident.execution },
  ]);
  // From now on it is the database of its region.
  expect(await verify.on(shell)({ incident, asset })).toMatchObject({
    database: 'chatops-prod-restored',
    writable: true,
  });
  expect(await takeOver.on(shell)({ incident, asset })).toEqual(done);
});

test('where the old database admits its applications again meanwhile, people are asked before anybody uses what was restored', async () => {
  await looked(pointInTime);
  await asked();
  there('chatops-prod-restored', 'available');
  there('chatops-prod', 'available');
  shell.at += 3_600_000;
  expect((await restoring())[0]).toContain('A RESTORE RUNS');
  expect(await asked()).toMatchObject({ name: 'ApprovalStale', message: expect.stringContaining('chatops-prod in') });
  expect((await restoring())[0]).toContain('Nobody uses it yet.');
  expect(await shell.store.readHolders()).toEqual([]);
  await looked(pointInTime);
  expect(await takeOver.on(shell)({ incident, asset })).toMatchObject({ database: 'chatops-prod-restored' });
});

async function restoring(): Promise<string[]> {
  return restoringSentences(await callsOf(incident, shell), await own());
}

test('from a snapshot likewise, and what differs from the plan is listed', async () => {
  await looked(snapshot);
  expect((await asked()).name).toBe('Restoring');
  expect(inputsOf(RestoreDBInstanceFromDBSnapshotCommand)).toEqual([
    expect.objectContaining({
      DBInstanceIdentifier: 'chatops-prod-restored',
      DBSnapshotIdentifier: 'copy-1',
      DBParameterGroupName: 'chatops-postgres16',
    }),
  ]);
  const pending = [{ DBParameterGroupName: 'chatops-postgres16', ParameterApplyStatus: 'pending-reboot' }];
  there('chatops-prod-restored', 'available', {
    MaxAllocatedStorage: undefined,
    DBParameterGroups: pending,
    TagList: [],
  });
  expect(await takeOver.on(shell)({ incident, asset })).toMatchObject({
    drift: [
      'parameter group: is chatops-postgres16 (pending-reboot), the plan says chatops-postgres16',
      'tag application: is none, the plan says chatops',
      'storage limit: is none, the plan says 1000',
    ],
  });
});

test('back to before a time where data was corrupted', async () => {
  const restoreTo = start - 3_600_000;
  await looked({ ...pointInTime, restoreTo } as never);
  await asked();
  expect(inputsOf(RestoreDBInstanceToPointInTimeCommand)).toEqual([
    expect.objectContaining({ RestoreTime: new Date(restoreTo) }),
  ]);
});

test('nothing is restored over what exists: the next name is taken, and where none is free a person is needed', async () => {
  there('chatops-prod-restored', 'available');
  await looked(pointInTime);
  await asked();
  expect(inputsOf(RestoreDBInstanceToPointInTimeCommand)).toEqual([
    expect.objectContaining({ TargetDBInstanceIdentifier: 'chatops-prod-restored-2' }),
  ]);
  rds.on(RestoreDBInstanceToPointInTimeCommand).rejects(refusal('DBInstanceAlreadyExistsFault'));
  there('chatops-prod-restored-2', 'available');
  there('chatops-prod-restored-3', 'available');
  const other = { ...incident, execution: 'another' };
  await shell.store.recordStep({
    incident: incident.id,
    execution: 'another',
    step: 'reassess',
    at: shell.at,
    outcome: { request: 'approved-request', ways: { [asset]: pointInTime } },
  });
  const { name, message } = await failureOf(takeOver.on(shell)({ incident: other, asset }));
  expect([name, message]).toEqual([
    'CannotProceed',
    expect.stringContaining('every name that database could be restored under in us-west-2 is taken'),
  ]);
});

test('what somebody else makes under the name at the same moment is not ours: the next look takes another name', async () => {
  rds.on(RestoreDBInstanceToPointInTimeCommand).rejectsOnce(refusal('DBInstanceAlreadyExistsFault')).resolves({});
  await looked(pointInTime);
  expect((await asked()).name).toBe('Unavailable');
  there('chatops-prod-restored', 'creating');
  shell.at += 5_000;
  expect((await asked()).name).toBe('Restoring');
  expect(
    rds.commandCalls(RestoreDBInstanceToPointInTimeCommand).map(({ args }) => args[0].input.TargetDBInstanceIdentifier),
  ).toEqual(['chatops-prod-restored', 'chatops-prod-restored-2']);
});

describe('a way that fails', () => {
  test.for(['incompatible-restore', 'failed', 'restore-error', 'incompatible-parameters', 'deleting'])(
    'as its instance ends in %s, is kept in the record, and another look is taken; what it made is named and left',
    async (status) => {
      await looked(pointInTime);
      await asked();
      there('chatops-prod-restored', status);
      shell.at += 60_000;
      const { name, message } = await asked();
      expect([name, message]).toEqual([
        'ApprovalStale',
        expect.stringContaining('chatops-prod-restored is left for a person'),
      ]);
      expect(await failedWays()).toEqual(['restore-point-in-time']);
      // The old look still says the same: nothing is done by it.
      expect((await asked()).name).toBe('ApprovalStale');
      shell.at += 1_000;
      await looked(snapshot);
      expect((await asked()).name).toBe('Restoring');
      expect(inputsOf(RestoreDBInstanceFromDBSnapshotCommand)).toEqual([
        expect.objectContaining({ DBInstanceIdentifier: 'chatops-prod-restored-2' }),
      ]);
      const stays = leftBehind(
        await callsOf(incident, shell),
        await own(),
        { primary: 'us-east-1', epoch: 1 },
        'us-east-1',
      );
      expect(stays).toEqual([
        expect.stringMatching(/^the restore of chatops-prod-restored in us-west-2 failed .*a person deletes it/),
        expect.stringMatching(/^chatops-prod-restored-2 in us-west-2 is being restored, .*nobody uses it/),
      ]);
    },
  );

  test('is one of whose backup nobody can restore', async () => {
    rds.on(RestoreDBInstanceToPointInTimeCommand).rejects(refusal('KMSKeyNotAccessibleFault'));
    await looked(pointInTime);
    expect((await asked()).name).toBe('ApprovalStale');
    expect(await failedWays()).toEqual(['restore-point-in-time']);
    expect(await callsOf(incident, shell)).toEqual([]);
  });

  test('is a promotion too, where there are others', async () => {
    await looked(promotion);
    const { name, message } = await asked();
    expect([name, message]).toEqual([
      'ApprovalStale',
      expect.stringContaining('database chatops-dr-replica is not in us-west-2'),
    ]);
    expect(await failedWays()).toEqual(['promote-replica']);
    expect(rds).not.toHaveReceivedCommand(PromoteReadReplicaCommand);
  });
});

test('what stands wrong in the region is mended by a person, and refused again after that it is no way', async () => {
  rds.on(RestoreDBInstanceToPointInTimeCommand).rejects(refusal('DBParameterGroupNotFoundFault'));
  await looked(pointInTime);
  expect(await asked()).toMatchObject({
    name: 'CannotProceed',
    message: expect.stringContaining('A person mends this'),
  });
  expect(await failedWays()).toEqual([]);
  shell.at += 60_000;
  await shell.store.recordStep({
    incident: incident.id,
    execution: incident.execution,
    step: 'paused/0',
    at: shell.at,
    outcome: {},
  });
  shell.at += 60_000;
  await looked(pointInTime);
  expect((await asked()).name).toBe('ApprovalStale');
  expect(await failedWays()).toEqual(['restore-point-in-time']);
});

test('too little capacity is asked for again', async () => {
  rds
    .on(RestoreDBInstanceToPointInTimeCommand)
    .rejectsOnce(refusal('InsufficientDBInstanceCapacityFault'))
    .resolves({});
  await looked(pointInTime);
  expect((await asked()).name).toBe('Unavailable');
  shell.at += 30_000;
  expect((await asked()).name).toBe('Restoring');
  expect(rds).toHaveReceivedCommandTimes(RestoreDBInstanceToPointInTimeCommand, 2);
});

test('a call that was lost is made again, and one whose answer was lost is not', async () => {
  const lost = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
  rds.on(RestoreDBInstanceToPointInTimeCommand).rejectsOnce(lost).resolves({});
  await looked(pointInTime);
  expect((await asked()).name).toBe('Unavailable');
  shell.at += 60_000;
  expect((await asked()).name).toBe('Restoring');
  expect(rds).toHaveReceivedCommandTimes(RestoreDBInstanceToPointInTimeCommand, 1);
  shell.at += 300_000;
  expect((await asked()).name).toBe('Restoring');
  expect(rds).toHaveReceivedCommandTimes(RestoreDBInstanceToPointInTimeCommand, 2);
});

test('while it goes on, the end of the incident is heard of: another look is taken, and the old region is not given up for it', async () => {
  await looked(pointInTime);
  await asked();
  there('chatops-prod-restored', 'creating');
  const open = {
    id: incident.id,
    region: 'us-east-1',
    level: 3,
    scope: { region: 'us-east-1', zone: null },
    openedAt: start,
    lastSignalAt: start,
    closedAt: null,
    decisions: [],
    version: 1,
  } as const;
  await shell.store.writeIncident(open);
  shell.at += 60_000;
  expect((await asked()).name).toBe('Restoring');
  await shell.store.writeIncident({ ...open, closedAt: shell.at, version: 2 });
  shell.at += 60_000;
  expect((await asked()).name).toBe('ApprovalStale');
  expect(await failedWays()).toEqual([]);
});

test('nobody restores without the lock', async () => {
  await looked(pointInTime);
  await shell.store.releaseLock('us-east-1', incident.execution);
  expect((await asked()).name).toBe('LockLost');
  expect(rds).not.toHaveReceivedCommand(RestoreDBInstanceToPointInTimeCommand);
});

describe('a restore where it stands', () => {
  const own = 'arn of its own';
  const here = {
    ...incident,
    mode: 'restore',
    standby: 'us-east-1',
    manual: true,
    corruptedSince: start - 3_600_000,
  } as const;
  const fenced = { approved: [], unreachable: [] };

  beforeEach(async () => {
    shell = await running(here, { region: 'us-east-1' });
    shell.at += 1_000;
  });

  const way = {
    way: 'restore-point-in-time',
    source: { of: 'own-backups', resourceId: own },
    restoreTo: start - 3_601_000,
    dataUntil: start - 3_601_000,
  } as const;
  const lookedHere = () => noteLook(here, { at: shell.at, request: 'approved-request', ways: { [asset]: way } }, shell);

  test('closes the old database, and never the one that it has restored, however often it comes round', async () => {
    await lookedHere();
    const VpcSecurityGroups = [{ VpcSecurityGroupId: 'sg-0a1closed', Status: 'active' }];
    there('chatops-prod', 'stopped', { VpcSecurityGroups });
    const first = await fence.on(shell)({ incident: here, asset, ...fenced });
    expect(first).toMatchObject({ fenced: true, database: 'chatops-prod' });
    expect((await failureOf(takeOver.on(shell)({ incident: here, asset }))).name).toBe('Restoring');
    expect(inputsOf(RestoreDBInstanceToPointInTimeCommand)).toEqual([
      expect.objectContaining({
        SourceDbiResourceId: own,
        RestoreTime: new Date(start - 3_601_000),
        TargetDBInstanceIdentifier: 'chatops-prod-restored',
      }),
    ]);
    there('chatops-prod-restored', 'available');
    await takeOver.on(shell)({ incident: here, asset });
    rds.resetHistory();
    expect(await fence.on(shell)({ incident: here, asset, ...fenced })).toMatchObject({ fenced: true, late: false });
    expect(rds.calls()).toEqual([]);
  });

  test('says of an old database that is stopped and approved as not fenced the same, however often it comes round', async () => {
    await lookedHere();
    const VpcSecurityGroups = [{ VpcSecurityGroupId: 'sg-0a1chatopsdb', Status: 'active' }];
    there('chatops-prod', 'stopped', { VpcSecurityGroups });
    const round = () => fence.on(shell)({ incident: here, asset, ...fenced, approved: ['database'] });
    const said = { fenced: false, unfenced: ['us-east-1'], why: expect.stringContaining('it is stopped') };
    expect(await round()).toMatchObject(said);
    expect((await failureOf(takeOver.on(shell)({ incident: here, asset }))).name).toBe('Restoring');
    there('chatops-prod-restored', 'available');
    await takeOver.on(shell)({ incident: here, asset });
    expect(await round()).toMatchObject(said);
  });

  test('leaves every other asset as it is', async () => {
    const left = { leftAlone: 'this flow restores others where they stand' };
    expect(await takeOverCache.on(shell)({ incident: here, asset: 'cache' })).toEqual(left);
    expect(await fence.on(shell)({ incident: { ...here, asset: 'orders' }, asset, ...fenced })).toMatchObject({
      fenced: false,
      unfenced: [],
    });
    expect(await shell.store.readAudit(here.id)).toEqual([]);
  });

  test('that a person ends half way gives the old database back; once it is done that stays fenced', async () => {
    await lookedHere();
    const fence = {
      incident: here.id,
      at: shell.at,
      step: 'fence/database',
      actor: 'on-call',
      execution: here.execution,
      call: 'rds:ModifyDBInstance',
      region: 'us-east-1',
      target: 'chatops-prod',
      drill: false,
    };
    await shell.store.audit(fence);
    await failureOf(takeOver.on(shell)({ incident: here, asset }));
    rds.on(ModifyDBInstanceCommand).resolves({});
    there('chatops-prod', 'available', {
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0a1closed', Status: 'active' }],
    });
    const undo = () => unfence(asset, { id: here.id, execution: here.execution, region: 'us-east-1' }, 'ana', shell);
    await expect(undo()).resolves.toMatchObject({ unfenced: 'chatops-prod', stays: '' });
    there('chatops-prod-restored', 'available');
    await takeOver.on(shell)({ incident: here, asset });
    await expect(undo()).resolves.toMatchObject({
      unfenced: null,
      stays: expect.stringContaining('chatops-prod-restored in us-east-1 was restored in its place'),
    });
  });
});
