// The gate before users are sent to a region: its database takes writes, as a mocked RDS says.
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { beforeEach, expect, test } from 'vitest';
import { handler as verify } from '../../../../functions/kinds/rds-instance/verify.ts';
import { mocked } from '../../../mocked.ts';
import { regionIncident as incident, reached, running, type Setting, start } from '../../setting.ts';

const asset = 'database';
const rds = mocked(RDSClient);
let shell: Setting;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region: 'us-west-2' });
  await reached('take-over/database', incident, shell);
});

function database(DBInstanceStatus: string, source?: string): void {
  const instance = { DBInstanceStatus, ReadReplicaSourceDBInstanceIdentifier: source };
  rds
    .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' })
    .resolves({ DBInstances: [instance] });
}

const found = () =>
  verify
    .on(shell)({ incident, asset })
    .catch(({ name }: Error) => name);
const done = { database: 'chatops-dr-replica', writable: true, verifiedAt: start };

test.for([
  ['takes writes', () => database('available'), done],
  ['takes writes while its first backup runs', () => database('backing-up', ''), done],
  ['restarts', () => database('rebooting', ''), 'InProgress'],
  ['is a replica', () => database('available', 'arn:source'), 'CannotProceed'],
  ['is not there', () => rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [] }), 'CannotProceed'],
] as const)('a database that %s is verified so', async ([, arrange, expected]) => {
  arrange();
  expect(await found()).toEqual(expected);
});

test('no waiver leaves the verification of a database out', async () => {
  database('available', 'arn:source');
  await shell.store.keepWaiver(incident.execution, 'Verify/database', 'dba', 'it will be fine', start);
  expect(await found()).toBe('CannotProceed');
});

test('what has not taken over is held, and nobody is asked about it', async () => {
  shell = await running(incident, { region: 'us-west-2' });
  expect(await found()).toEqual({ held: 'needs database' });
  expect(rds.calls()).toEqual([]);
});
