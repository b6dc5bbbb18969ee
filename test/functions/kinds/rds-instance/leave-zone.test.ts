// A database leaves a zone, against a mocked RDS.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { beforeEach, expect, test } from 'vitest';
import { handler } from '../../../../functions/kinds/rds-instance/leave-zone.ts';
import { mocked } from '../../../mocked.ts';
import { componentSignal, databaseEvent, failureOf, incident, running, start } from '../../setting.ts';

const rds = mocked(RDSClient);
const asset = 'database';
beforeEach(() => rds.reset());

function sees(zone: string | undefined, status = 'available', MultiAZ = true): void {
  const instance = { DBInstanceStatus: status, MultiAZ, ...(zone === undefined ? {} : { AvailabilityZone: zone }) };
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [instance] });
}

function refuses(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error('no'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });
}

test('a writer in the failed zone is rebooted with failover once, and the step is done when it was seen elsewhere', async () => {
  const shell = await running(incident);
  const move = handler.on(shell);
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).resolves({});
  expect((await failureOf(move({ incident, asset }))).name).toBe('InProgress');
  for (const status of ['available', 'rebooting', 'available']) {
    sees('us-east-1a', status);
    shell.at += 5_000;
    expect((await failureOf(move({ incident, asset }))).name).toBe('InProgress');
  }
  expect(rds).toHaveReceivedCommandExactlyOnceWith(RebootDBInstanceCommand, {
    DBInstanceIdentifier: 'chatops-prod',
    ForceFailover: true,
  });
  sees('us-east-1b');
  expect(await move({ incident, asset })).toEqual({ database: 'chatops-prod', moved: true, zone: 'use1-az2' });
  expect(await shell.store.readAudit(incident.id)).toEqual([
    {
      incident: incident.id,
      at: start,
      step: 'leave-zone/database',
      actor: 'classify',
      execution: incident.execution,
      call: 'rds:RebootDBInstance',
      change: { before: 'available in use1-az1', wanted: 'in another zone than use1-az1' },
      region: 'us-east-1',
      target: 'chatops-prod',
      drill: false,
    },
  ]);
});

test('a writer that AWS moved already is left alone', async () => {
  sees('us-east-1c');
  const reached = await handler.on(await running(incident))({ incident, asset });
  expect(reached).toEqual({ database: 'chatops-prod', moved: false, zone: 'use1-az4' });
  expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
});

test('a failover that AWS began is waited for', async () => {
  const shell = await running(incident);
  await shell.store.keepSignals([
    databaseEvent('failover-completed', start - 800_000),
    databaseEvent('failover-started', start - 20_000),
  ]);
  sees('us-east-1a');
  expect(await failureOf(handler.on(shell)({ incident, asset }))).toMatchObject({
    name: 'InProgress',
    message: expect.stringContaining('a failover is under way'),
  });
  expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
});

test('a failover that has ended is not asked for again, however long RDS shows the database where it stood', async () => {
  const shell = await running(incident);
  const move = async () => (await failureOf(handler.on(shell)({ incident, asset }))).name;
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).resolves({});
  expect(await move()).toBe('InProgress');
  await shell.store.keepSignals([databaseEvent('failover-completed', start + 90_000)]);
  shell.at = start + 400_000;
  expect(await move()).toBe('InProgress');
  for (const seconds of [700, 1_300, 3_000]) {
    shell.at = start + seconds * 1_000;
    expect(await move()).toBe('CannotProceed');
  }
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});

test('a call that timed out after it had acted is not made again', async () => {
  const shell = await running(incident);
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).rejects(refuses('TimeoutError'));
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('Unavailable');
  shell.at += 2_000;
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});

test('an instance that is changing already refuses the call, and that is no failure', async () => {
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).rejects(refuses('InvalidDBInstanceStateFault', 400));
  expect((await failureOf(handler.on(await running(incident))({ incident, asset }))).name).toBe('InProgress');
});

test.for([
  ['there is no standby', () => sees('us-east-1a', 'available', false), 'CannotProceed'],
  [
    'there is no such database',
    () => rds.on(DescribeDBInstancesCommand).rejects(refuses('DBInstanceNotFoundFault', 404)),
    'CannotProceed',
  ],
  ['RDS throttles', () => rds.on(DescribeDBInstancesCommand).rejects(refuses('Throttling', 400)), 'Unavailable'],
  ['the region is dark', () => rds.on(DescribeDBInstancesCommand).rejects(refuses('TimeoutError')), 'Unavailable'],
  [
    'this account may not look',
    () => rds.on(DescribeDBInstancesCommand).rejects(refuses('AccessDenied', 403)),
    'CannotProceed',
  ],
] as const)('changes nothing when %s', async ([, arrange, name]) => {
  arrange();
  expect((await failureOf(handler.on(await running(incident))({ incident, asset }))).name).toBe(name);
  expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
});

test('a freeze stops the step before its first call, and not after it', async () => {
  const shell = await running(incident);
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).resolves({});
  await shell.store.freeze('dba', 'migration', start);
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('Frozen');
  expect(await shell.store.readAudit(incident.id)).toEqual([]);
  await shell.store.unfreeze();
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  await shell.store.freeze('dba', 'migration', start);
  shell.at += 300_000;
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
});

test.for([
  ['a region flow took the region over', 'us-east-1-request-approval-2', 'us-east-1-request-approval-2 does'],
  ['a person gave the lock back', null, 'nobody does'],
] as const)('a zone flow stops before its next call when %s, also half way', async ([, holder, says]) => {
  const shell = await running(incident);
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).resolves({});
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  await shell.store.releaseLock('us-east-1', incident.execution);
  const lock = { target: 'us-east-1', incident: incident.id, action: 'request-approval', at: start } as const;
  if (holder !== null) await shell.store.takeLock({ ...lock, execution: holder });
  shell.at += 300_000;
  expect(await failureOf(handler.on(shell)({ incident, asset }))).toEqual({
    name: 'LockLost',
    message: expect.stringContaining(says),
  });
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});

test.for([
  ['us-east-1a', 'reboot chatops-prod with failover out of use1-az1'],
  ['us-east-1b', 'nothing: chatops-prod is not in use1-az1'],
] as const)('a dry run with the writer in %s says: %s', async ([zone, wouldDo]) => {
  const shell = await running(incident);
  sees(zone);
  const reached = await handler.on(shell)({ incident: { ...incident, dryRun: true }, asset });
  expect(reached).toMatchObject({ dryRun: true, wouldDo });
  expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
  expect(await shell.store.readAudit(incident.id)).toEqual([]);
});

test('a reboot that was refused is asked for again at once, one whose answer was lost is not', async () => {
  const shell = await running(incident);
  sees('us-east-1a');
  rds.on(RebootDBInstanceCommand).rejects(refuses('ThrottlingException', 400));
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('Unavailable');
  shell.at += 1_000;
  rds.on(RebootDBInstanceCommand).rejects(refuses('TimeoutError'));
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('Unavailable');
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
  shell.at += 1_000;
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 2);
});

test.for([
  ['well', 'classify', 'InProgress', 'its own alarms say that it is well there'],
  ['failing for a moment', 'classify', 'InProgress', 'its own alarms have not held long enough'],
  ['failing', 'classify', 'InProgress', 'was asked to leave'],
  ['well', 'ana', 'InProgress', 'was asked to leave'],
] as const)(
  'a database whose alarms say that it is %s, in a flow that %s started',
  async ([how, requestedBy, name, said]) => {
    const shell = await running(incident);
    const condition = how === 'well' ? 'healthy' : 'failing';
    const at = how === 'failing for a moment' ? start - 5_000 : start - 300_000;
    await shell.store.keepSignals([componentSignal({ component: 'database', condition, at })]);
    sees('us-east-1a');
    rds.on(RebootDBInstanceCommand).resolves({});
    const failure = await failureOf(handler.on(shell)({ incident: { ...incident, requestedBy }, asset }));
    expect(failure).toEqual({ name, message: expect.stringContaining(said) });
    expect(rds.commandCalls(RebootDBInstanceCommand)).toHaveLength(said === 'was asked to leave' ? 1 : 0);
  },
);

test('a database that is well, while users are served without its failover, stays where it is', async () => {
  const shell = await running(incident);
  await shell.store.keepSignals([
    componentSignal({ component: 'database', condition: 'healthy', at: start - 300_000 }),
  ]);
  sees('us-east-1a');
  shell.at += 900_000;
  const stays = 'users have been served for long enough without it';
  expect(await handler.on(shell)({ incident, asset })).toEqual({
    database: 'chatops-prod',
    moved: false,
    zone: 'use1-az1',
    stays,
    until: 'database',
  });
  expect(rds).not.toHaveReceivedCommand(RebootDBInstanceCommand);
  // The flow comes round again for its evidence, and it leaves after all.
  await shell.store.keepSignals([componentSignal({ component: 'database', at: shell.at })]);
  shell.at += 900_000;
  expect((await failureOf(handler.on(shell)({ incident, asset }))).name).toBe('InProgress');
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});
