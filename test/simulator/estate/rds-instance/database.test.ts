// RDS of the estate: which calls an instance takes in which status, whether it works meanwhile, and what ends.
import { expect, test } from 'vitest';
import { type DatabaseStatus, databaseStatuses } from '../../../../simulator/estate/rds-instance/database-status.ts';
import { closedGroup, databaseIn } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { alarmsTo, databaseEvents, primary, type Rehearsal, rehearse, standby } from '../rehearsal.ts';

const instance = databaseIn(plan.roles.primary, plan);
const closed = closedGroup(primary, plan);
const there = { in: standby, region: standby };
const calls = {
  reboot: ['RebootDBInstance', { DBInstanceIdentifier: instance }, {}],
  modify: ['ModifyDBInstance', { DBInstanceIdentifier: instance, VpcSecurityGroupIds: [closed] }, {}],
  promote: ['PromoteReadReplica', { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) }, there],
} as const;

function ask(rehearsal: Rehearsal, call: keyof typeof calls): Promise<string> {
  const [operation, input, from] = calls[call];
  return rehearsal.call('rds', operation, input, from).then(
    () => 'taken',
    ({ name, message }: Error) => `${name}: ${message}`,
  );
}

async function seen(rehearsal: Rehearsal, id = instance): Promise<{ [field: string]: unknown }> {
  const from = id === instance ? {} : there;
  return (await rehearsal.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: id }, from)).DBInstances[0];
}

const taken = 'taken';
const modifyRefused = 'InvalidDBInstanceStateFault: Database instance is not in available state.';
const rebootRefused =
  'InvalidDBInstanceStateFault: Instance cannot currently reboot due to an in-progress management operation.';

test.for([
  ['available', taken, taken, taken],
  ['storage-optimization', taken, taken, taken],
  ['storage-initialization', taken, taken, taken],
  ['backing-up', taken, rebootRefused, modifyRefused],
  ['configuring-enhanced-monitoring', taken, rebootRefused, taken],
  ['configuring-iam-database-auth', taken, rebootRefused, taken],
  ['configuring-log-exports', taken, rebootRefused, taken],
  ['resetting-master-credentials', modifyRefused, rebootRefused, modifyRefused],
  ['storage-full', modifyRefused, rebootRefused, modifyRefused],
  ['maintenance', modifyRefused, rebootRefused, modifyRefused],
  ['stopped', modifyRefused, rebootRefused, modifyRefused],
  ['failed', modifyRefused, rebootRefused, modifyRefused],
  ['inaccessible-encryption-credentials', modifyRefused, rebootRefused, modifyRefused],
  ['inaccessible-encryption-credentials-recoverable', modifyRefused, rebootRefused, modifyRefused],
  ['incompatible-parameters', modifyRefused, rebootRefused, modifyRefused],
] as const)('in %s RDS says to a modification %s, a reboot %s, a promotion %s', async ([status, ...answers]) => {
  const outcomes: string[] = [];
  for (const call of ['modify', 'reboot', 'promote'] as const) {
    const rehearsal = await rehearse(1, 0);
    for (const id of [instance, databaseIn(plan.roles.standby, plan)])
      rehearsal.estate.inject({ id: `status of ${id}`, kind: 'database-status', status, instance: id });
    outcomes.push(await ask(rehearsal, call));
  }
  expect(outcomes).toEqual(answers);
});

const works: readonly DatabaseStatus[] = [
  'available',
  'backing-up',
  'configuring-associated-roles',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'incompatible-option-group',
  'modifying',
  'resetting-master-credentials',
  'storage-config-upgrade',
  'storage-initialization',
  'storage-optimization',
];

test.for(databaseStatuses)(
  'an instance that is shown as %s takes writes only where RDS says that it works',
  async (status) => {
    const rehearsal = await rehearse(1, 0);
    rehearsal.estate.inject({ id: 'status', kind: 'database-status', status, forSeconds: 600 });
    expect((await seen(rehearsal))['DBInstanceStatus']).toBe(status);
    const { writableRegions, served } = rehearsal.estate.truth();
    expect(writableRegions).toEqual(works.includes(status) ? [primary] : []);
    expect(served).toBe(works.includes(status));
    await rehearsal.pass(600);
    expect(rehearsal.estate.truth().writableRegions).toEqual([primary]);
  },
);

test('a reboot that is asked for in storage-optimization is seen, and the status comes back after it', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'storage', kind: 'database-status', status: 'storage-optimization' });
  expect(await ask(rehearsal, 'reboot')).toBe(taken);
  expect((await seen(rehearsal))['DBInstanceStatus']).toBe('rebooting');
  await rehearsal.pass(120);
  expect((await seen(rehearsal))['DBInstanceStatus']).toBe('storage-optimization');
  expect(rehearsal.estate.truth().writableRegions).toEqual([primary]);
});

test('the first backup follows a promotion at once: the database takes writes, and is available only afterwards', async () => {
  const rehearsal = await rehearse();
  const asked = rehearsal.now();
  expect(await ask(rehearsal, 'promote')).toBe(taken);
  let status: unknown = null;
  for (let second = 0; second < 700 && status !== 'backing-up'; second += 10) {
    await rehearsal.pass(10);
    status = (await seen(rehearsal, databaseIn(plan.roles.standby, plan)))['DBInstanceStatus'];
  }
  expect(status).toBe('backing-up');
  expect(rehearsal.estate.truth().writableRegions).toContain(standby);
  expect(await seen(rehearsal, databaseIn(plan.roles.standby, plan))).not.toHaveProperty(
    'ReadReplicaSourceDBInstanceIdentifier',
  );
  await rehearsal.pass(2_500);
  expect((await seen(rehearsal, databaseIn(plan.roles.standby, plan)))['DBInstanceStatus']).toBe('available');
  const events = databaseEvents(rehearsal, asked);
  expect(events.slice(-4)).toEqual(['RDS-EVENT-0057', 'RDS-EVENT-0006', 'RDS-EVENT-0001', 'RDS-EVENT-0002']);
});

test.for([
  ['the days that its promotion names', { BackupRetentionPeriod: 7 }, 7],
  ['one day where its promotion names none', {}, 1],
] as const)('a promoted database keeps backups for %s', async ([, more, days]) => {
  const rehearsal = await rehearse();
  const id = databaseIn(plan.roles.standby, plan);
  await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: id, ...more }, there);
  await rehearsal.pass(700);
  expect((await seen(rehearsal, id))['BackupRetentionPeriod']).toBe(days);
});

test('a promotion without backups has none to wait for', async () => {
  const rehearsal = await rehearse();
  const input = { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan), BackupRetentionPeriod: 0 };
  await rehearsal.call('rds', 'PromoteReadReplica', input, there);
  await rehearsal.pass(700);
  expect((await seen(rehearsal, databaseIn(plan.roles.standby, plan)))['DBInstanceStatus']).toBe('available');
});

test.for([
  ['a modification of nothing', 'ModifyDBInstance', { DBInstanceIdentifier: instance }, 'InvalidParameterCombination'],
  [
    'a promotion of what is no replica',
    'PromoteReadReplica',
    { DBInstanceIdentifier: instance },
    'InvalidDBInstanceStateFault',
  ],
  [
    'backups that are kept for ever',
    'PromoteReadReplica',
    { DBInstanceIdentifier: instance, BackupRetentionPeriod: 36 },
    'InvalidParameterValue',
  ],
  ['an instance that is not there', 'RebootDBInstance', { DBInstanceIdentifier: 'x' }, 'DBInstanceNotFoundFault'],
] as const)('RDS refuses %s', async ([, operation, input, name]) => {
  const rehearsal = await rehearse(1, 0);
  await expect(rehearsal.call('rds', operation, input)).rejects.toMatchObject({ name });
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('a stuck primary answers, takes what it is asked, and goes on taking writes: nothing comes to an end', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'disk', kind: 'database-stuck', forSeconds: 3600 });
  expect((await seen(rehearsal))['DBInstanceStatus']).toBe('available');
  expect(await ask(rehearsal, 'reboot')).toBe(taken);
  await rehearsal.pass(1800);
  expect((await seen(rehearsal))['DBInstanceStatus']).toBe('rebooting');
  expect(rehearsal.estate.truth().writableRegions).toEqual([primary]);
  await rehearsal.pass(1900);
  expect((await seen(rehearsal))['DBInstanceStatus']).toBe('available');
});

test('security groups of a stuck primary are exchanged for ever', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'disk', kind: 'database-stuck' });
  expect(await ask(rehearsal, 'modify')).toBe(taken);
  await rehearsal.pass(3600);
  const { DBInstanceStatus, VpcSecurityGroups } = await seen(rehearsal);
  expect(DBInstanceStatus).toBe('modifying');
  expect(VpcSecurityGroups).toContainEqual({ VpcSecurityGroupId: closed, Status: 'adding' });
});

test('a database that is slow by itself fails some users everywhere, and says so where it stands', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'index', kind: 'database-slow', forSeconds: 600 });
  expect(rehearsal.estate.truth()).toMatchObject({ served: false, writableRegions: [primary] });
  await rehearsal.pass(300);
  const zones = alarmsTo(rehearsal, 'ALARM').filter((name) => name.startsWith('chatops-database-latency-use1'));
  expect(zones).toEqual(['chatops-database-latency-use1-az1']);
  await rehearsal.pass(310);
  expect(rehearsal.estate.truth().served).toBe(true);
});
