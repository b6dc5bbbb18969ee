// A replica becomes the writer, against a mocked RDS.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as takeOver } from '../../../../functions/kinds/rds-instance/take-over.ts';
import { callsOf } from '../../../../functions/shared/recovery/act.ts';
import { withSecondDatabase } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const asset = 'database';
const rds = mocked(RDSClient);
let shell: Setting;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region: 'us-west-2' });
});

const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

function replica(change: object = {}): void {
  const instance = {
    DBInstanceStatus: 'available',
    Endpoint: { Address: 'replica.us-west-2.rds.amazonaws.com' },
    ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
    ...change,
  };
  rds
    .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' })
    .resolves({ DBInstances: [instance] });
}
const writer = () => replica({ ReadReplicaSourceDBInstanceIdentifier: undefined });

test('a database is promoted once, and done when its source link was seen gone, never because it is available', async () => {
  rds.on(PromoteReadReplicaCommand).resolves({});
  replica();
  for (let again = 0; again < 5; again += 1) {
    expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
    shell.at += 2_000;
  }
  expect(rds).toHaveReceivedCommandExactlyOnceWith(PromoteReadReplicaCommand, {
    DBInstanceIdentifier: 'chatops-dr-replica',
    BackupRetentionPeriod: 7,
  });
  writer();
  const done = await takeOver.on(shell)({ incident, asset });
  expect(done).toMatchObject({ database: 'chatops-dr-replica', promoted: true, writableSince: start + 10_000 });
  shell.at += 60_000;
  expect(await takeOver.on(shell)({ incident, asset })).toEqual(done);
  expect(await shell.store.readAudit(incident.id)).toMatchObject([
    { call: 'rds:PromoteReadReplica', region: 'us-west-2', target: 'chatops-dr-replica', step: 'take-over/database' },
  ]);
});

describe('a promoted database keeps its backups', () => {
  const asked = () => rds.commandCalls(PromoteReadReplicaCommand).map(({ args: [{ input }] }) => input);
  beforeEach(() => rds.on(PromoteReadReplicaCommand).resolves({}));

  test.for([
    ['for the days of the plan, where the replica kept none', 0, 7],
    ['for the days of the plan, where RDS does not say what the replica kept', undefined, 7],
    ['for the days of the replica, where those are more', 14, 14],
  ] as const)('%s', async ([, own, days]) => {
    replica({ BackupRetentionPeriod: own });
    expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
    expect(asked()).toEqual([{ DBInstanceIdentifier: 'chatops-dr-replica', BackupRetentionPeriod: days }]);
  });

  test.for([
    ['as RDS does by itself, where neither the plan nor the replica says', 0, undefined],
    ['for the days of the replica, where the plan does not say', 3, 3],
  ] as const)('%s', async ([, own, days]) => {
    shell = { ...shell, plan: withSecondDatabase(plan) };
    const instance = { DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'orders-prod' };
    rds
      .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-dr' })
      .resolves({ DBInstances: [{ ...instance, BackupRetentionPeriod: own }] });
    expect(await nameOf(takeOver.on(shell)({ incident, asset: 'orders' }))).toBe('InProgress');
    expect(asked()).toEqual([
      { DBInstanceIdentifier: 'orders-dr', ...(days !== undefined && { BackupRetentionPeriod: days }) },
    ]);
  });
});

test('a database is promoted by nobody without the lock, and in no dry run', async () => {
  replica();
  await shell.store.releaseLock('us-east-1', incident.execution);
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('LockLost');
  const dryRun = { ...incident, dryRun: true };
  expect(await nameOf(takeOver.on(shell)({ incident: dryRun, asset }))).toBe('InvalidInput');
  expect(rds).not.toHaveReceivedCommand(PromoteReadReplicaCommand);
});

test('a freeze stops a promotion that nothing preceded, and none that follows a fence', async () => {
  replica();
  rds.on(PromoteReadReplicaCommand).resolves({});
  await shell.store.freeze('dba', 'look first', start);
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('Frozen');
  const fenced = {
    step: 'fence/database',
    call: 'rds:ModifyDBInstance',
    region: 'us-east-1',
    target: 'chatops-prod',
  };
  const { id, execution } = incident;
  await shell.store.audit({ incident: id, execution, at: start, actor: 'classify', drill: false, ...fenced });
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  expect(rds).toHaveReceivedCommandTimes(PromoteReadReplicaCommand, 1);
});

test('a promotion to which RDS says not now is none: it is asked for again, and nothing counts as promoted', async () => {
  replica();
  const notNow = { name: 'InvalidDBInstanceStateFault', $metadata: { httpStatusCode: 400, attempts: 1 } };
  rds.on(PromoteReadReplicaCommand).rejects(Object.assign(new Error('not now'), notNow));
  for (const _ of [1, 2]) {
    expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
    shell.at += 2_000;
  }
  expect(rds).toHaveReceivedCommandTimes(PromoteReadReplicaCommand, 2);
  expect(await callsOf(incident, shell)).toEqual([]);
});

test.for([
  [1, 0],
  [3, 1],
] as const)(
  'throttled at try %i, it counts as %i calls made: an earlier try may have acted without an answer',
  async ([attempts, made]) => {
    replica();
    const busy = { name: 'ThrottlingException', $metadata: { httpStatusCode: 400, attempts } };
    rds.on(PromoteReadReplicaCommand).rejects(Object.assign(new Error('busy'), busy));
    expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('Unavailable');
    expect(await callsOf(incident, shell)).toHaveLength(made);
  },
);

test('what changes a database is asked for once: of one try it is known whether it was refused', async () => {
  replica();
  rds.on(PromoteReadReplicaCommand).resolves({});
  await failureOf(takeOver.on(shell)({ incident, asset }));
  const [client] = rds.commandCalls(PromoteReadReplicaCommand).map(({ thisValue }) => thisValue as RDSClient);
  expect(await client?.config.maxAttempts()).toBe(1);
});
