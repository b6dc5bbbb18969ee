// The application finds the database and the cache of the region that takes over, against mocked services.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, expect, test } from 'vitest';
import { handler as takeOver } from '../../../../functions/kinds/ssm-parameters/take-over.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf, regionIncident as incident, reached, running, type Setting, start } from '../../setting.ts';

const asset = 'settings';
const rds = mocked(RDSClient);
const elastiCache = mocked(ElastiCacheClient);
const ssm = mocked(SSMClient);
let shell: Setting;

const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('no'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

function database(change: object): void {
  const DBInstances = [{ DBInstanceStatus: 'available', ...change }];
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({ DBInstances });
}

const kept = new Map<string, string>();
const types = new Map<string, string>();
beforeEach(async () => {
  for (const client of [rds, elastiCache, ssm]) client.reset();
  shell = await running(incident, { region: 'us-west-2' });
  await reached('take-over/database', incident, shell);
  await reached('take-over/cache', incident, shell);
  kept.clear();
  types.clear();
  database({ Endpoint: { Address: 'replica.us-west-2.rds.amazonaws.com' } });
  const NodeGroups = [{ PrimaryEndpoint: { Address: 'redis.us-west-2' } }];
  elastiCache
    .on(DescribeReplicationGroupsCommand)
    .resolves({ ReplicationGroups: [{ Status: 'available', NodeGroups }] });
  ssm.on(GetParameterCommand).callsFake(({ Name }: { Name: string }) => {
    const Value = kept.get(Name);
    if (Value === undefined) throw fault('ParameterNotFound', 400);
    return { Parameter: { Value, Type: types.get(Name) ?? 'String' } };
  });
  // As SSM takes it: a type where the parameter is made, and no other one where it is there.
  ssm.on(PutParameterCommand).callsFake(({ Name, Value, Type }: { Name: string; Value: string; Type?: string }) => {
    const type = kept.has(Name) ? (types.get(Name) ?? 'String') : undefined;
    if (type === undefined && Type === undefined) throw fault('ValidationException', 400);
    if (type !== undefined && Type !== undefined && Type !== type) throw fault('HierarchyTypeMismatchException', 400);
    kept.set(Name, Value);
    return {};
  });
});

test('the application is pointed at the database and the cache that stand here, and only where it is not already', async () => {
  kept.set('/chatops/cache/host', 'redis.us-west-2');
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  expect(await takeOver.on(shell)({ incident, asset })).toEqual({
    parameters: {
      '/chatops/database/host': 'replica.us-west-2.rds.amazonaws.com',
      '/chatops/cache/host': 'redis.us-west-2',
    },
  });
  expect(ssm).toHaveReceivedCommandTimes(PutParameterCommand, 1);
});

test('a parameter of another type keeps it, and one that is not there is made as a String', async () => {
  kept.set('/chatops/cache/host', 'redis.us-east-1');
  types.set('/chatops/cache/host', 'StringList');
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  const typed = ssm.commandCalls(PutParameterCommand).map(({ args: [{ input }] }) => [input.Name, input.Type]);
  expect(typed).toEqual([
    ['/chatops/database/host', 'String'],
    ['/chatops/cache/host', undefined],
  ]);
});

test('a SecureString is given up at, with its name, before anything is written', async () => {
  kept.set('/chatops/cache/host', 'AQICAHh0ciphertext');
  types.set('/chatops/cache/host', 'SecureString');
  expect(await failureOf(takeOver.on(shell)({ incident, asset }))).toMatchObject({
    name: 'CannotProceed',
    message: 'parameter /chatops/cache/host in us-west-2 is a SecureString, expected a String',
  });
  expect(ssm).not.toHaveReceivedCommand(PutParameterCommand);
});

test('the application is not pointed at what has no address', async () => {
  database({});
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('CannotProceed');
  expect(ssm).not.toHaveReceivedCommand(PutParameterCommand);
});

test('the application is left as it is by a waiver', async () => {
  await shell.store.keepWaiver(incident.execution, 'TakeOver/settings', 'dba', 'written by hand', start);
  expect(await takeOver.on(shell)({ incident, asset })).toMatchObject({ skipped: true, by: 'dba' });
  expect(ssm.calls()).toEqual([]);
});

test('the application is not pointed at what has not taken over', async () => {
  shell = await running(incident, { region: 'us-west-2' });
  await reached('take-over/cache', incident, shell);
  expect(await takeOver.on(shell)({ incident, asset })).toEqual({ held: 'needs database' });
  expect(ssm.calls()).toEqual([]);
});

test('what was reached is handed on as it was the first time, when the flow comes round again', async () => {
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  const first = await takeOver.on(shell)({ incident, asset });
  kept.clear();
  expect(await takeOver.on(shell)({ incident, asset })).toEqual(first);
  expect(ssm).toHaveReceivedCommandTimes(PutParameterCommand, 2);
});

test.for([
  ['goes on where the region is given up already', true, 'InProgress'],
  ['stops before anything is given up', false, 'Frozen'],
] as const)('while frozen it %s', async ([, isGivenUp, name]) => {
  if (isGivenUp)
    await shell.store.audit({
      incident: incident.id,
      at: start,
      step: 'take-over/database',
      actor: 'classify',
      execution: incident.execution,
      call: 'rds:PromoteReadReplica',
      region: 'us-west-2',
      target: 'chatops-dr-replica',
      drill: false,
    });
  await shell.store.freeze('ana', 'moving house', start);
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe(name);
  expect(kept.size > 0).toBe(isGivenUp);
});
