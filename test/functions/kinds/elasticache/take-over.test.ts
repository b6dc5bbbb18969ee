// The cache of the standby takes over, against a mocked ElastiCache.
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeGlobalReplicationGroupsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { beforeEach, expect, test } from 'vitest';
import { handler as takeOver } from '../../../../functions/kinds/elasticache/take-over.ts';
import { changing } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const asset = 'cache';
const elastiCache = mocked(ElastiCacheClient);
let shell: Setting;

beforeEach(async () => {
  elastiCache.reset();
  shell = await running(incident, { region: 'us-west-2' });
});

const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('no'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

const datastore = (standbyRole: string) =>
  elastiCache.on(DescribeGlobalReplicationGroupsCommand).resolves({
    GlobalReplicationGroups: [
      {
        Status: 'available',
        Members: [
          {
            ReplicationGroupId: 'chatops-redis-dr',
            ReplicationGroupRegion: 'us-west-2',
            Role: standbyRole,
            Status: 'associated',
          },
        ],
      },
    ],
  });

test('a cache of the standby is made the primary of the global datastore once', async () => {
  datastore('SECONDARY');
  elastiCache.on(FailoverGlobalReplicationGroupCommand).resolves({});
  for (const _ of [1, 2, 3]) expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(FailoverGlobalReplicationGroupCommand, {
    GlobalReplicationGroupId: 'ldgnf-chatops',
    PrimaryRegion: 'us-west-2',
    PrimaryReplicationGroupId: 'chatops-redis-dr',
  });
  datastore('PRIMARY');
  expect(await takeOver.on(shell)({ incident, asset })).toEqual({
    cache: 'chatops-redis-dr',
    moved: true,
    empty: false,
  });
});

test('a cache needs a person where there is neither a datastore nor a cache', async () => {
  elastiCache.on(DescribeReplicationGroupsCommand).rejects(fault('ReplicationGroupNotFoundFault', 404));
  const without = { ...shell, plan: changing('elasticache', plan, { globalDatastore: null }) };
  expect(await failureOf(takeOver.on(without)({ incident, asset }))).toEqual({
    name: 'CannotProceed',
    message: expect.stringContaining('needs a person'),
  });
});

test('a cache is left out by a waiver, which the outcome names', async () => {
  await shell.store.keepWaiver(incident.execution, 'TakeOver/cache', 'dba', 'it may start empty', start);
  expect(await takeOver.on(shell)({ incident, asset })).toMatchObject({ skipped: true, by: 'dba' });
  expect(elastiCache.calls()).toEqual([]);
});

test.for([
  ['a database was fenced', 'fence/orders'],
  ['another asset has taken over', 'take-over/database'],
])('a freeze does not come between a cache and what began before it: %s', async ([, step = '']) => {
  datastore('SECONDARY');
  elastiCache.on(FailoverGlobalReplicationGroupCommand).resolves({});
  await shell.store.freeze('dba', 'look first', start);
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('Frozen');
  const { id, execution } = incident;
  const call = { step, call: 'rds:ModifyDBInstance', target: 'orders-prod', region: 'us-east-1' };
  await shell.store.audit({ incident: id, execution, at: start, actor: 'classify', drill: false, ...call });
  expect(await nameOf(takeOver.on(shell)({ incident, asset }))).toBe('InProgress');
  expect(elastiCache).toHaveReceivedCommandTimes(FailoverGlobalReplicationGroupCommand, 1);
});
