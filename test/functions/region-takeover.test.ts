// The steps that take over from a region, against mocked services: cache, cluster, parameters, verification, redirection.
import { changing } from '../assets.ts';
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeGlobalReplicationGroupsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as checkCluster } from '../../functions/check-cluster.ts';
import { handler as failoverCache } from '../../functions/failover-cache.ts';
import { handler as moveRole } from '../../functions/move-role.ts';
import { handler as promoteDatabase } from '../../functions/promote-database.ts';
import { handler as redirectUsers } from '../../functions/redirect-users.ts';
import { handler as repointApplication } from '../../functions/repoint-application.ts';
import { handler as verifyRegion } from '../../functions/verify-region.ts';
import { plan } from '../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from './setting.ts';

const rds = mockClient(RDSClient);
const elastiCache = mockClient(ElastiCacheClient);
const ssm = mockClient(SSMClient);
const s3 = mockClient(S3Client);
const route53 = mockClient(Route53Client);
let shell: Setting;

beforeEach(async () => {
  for (const client of [rds, elastiCache, ssm, s3, route53]) client.reset();
  shell = await running(incident, { region: 'us-west-2' });
});

const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('no'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });
const answering = (status: number) => async () => new Response(null, { status });
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

describe('the database', () => {
  test('is promoted once, and done when its source link was seen gone, never because it is available', async () => {
    rds.on(PromoteReadReplicaCommand).resolves({});
    replica();
    for (let again = 0; again < 5; again += 1) {
      expect(await nameOf(promoteDatabase.on(shell)({ incident }))).toBe('InProgress');
      shell.at += 2_000;
    }
    expect(rds).toHaveReceivedCommandExactlyOnceWith(PromoteReadReplicaCommand, {
      DBInstanceIdentifier: 'chatops-dr-replica',
    });
    writer();
    const done = await promoteDatabase.on(shell)({ incident });
    expect(done).toMatchObject({ database: 'chatops-dr-replica', promoted: true, writableSince: start + 10_000 });
    shell.at += 60_000;
    expect(await promoteDatabase.on(shell)({ incident })).toEqual(done);
    expect(await shell.store.readAudit(incident.id)).toMatchObject([
      { call: 'rds:PromoteReadReplica', region: 'us-west-2', target: 'chatops-dr-replica', step: 'promote-database' },
    ]);
  });

  test('is promoted by nobody without the lock, and in no dry run', async () => {
    replica();
    await shell.store.releaseLock('us-east-1', incident.execution);
    expect(await nameOf(promoteDatabase.on(shell)({ incident }))).toBe('LockLost');
    const dryRun = { ...incident, dryRun: true };
    expect(await nameOf(promoteDatabase.on(shell)({ incident: dryRun }))).toBe('InvalidInput');
    expect(rds).not.toHaveReceivedCommand(PromoteReadReplicaCommand);
  });

  test('a freeze stops a promotion that nothing preceded, and none that follows a fence', async () => {
    replica();
    rds.on(PromoteReadReplicaCommand).resolves({});
    await shell.store.freeze('dba', 'look first', start);
    expect(await nameOf(promoteDatabase.on(shell)({ incident }))).toBe('Frozen');
    const fenced = {
      step: 'fence-database',
      call: 'rds:ModifyDBInstance',
      region: 'us-east-1',
      target: 'chatops-prod',
    };
    const { id, execution } = incident;
    await shell.store.audit({ incident: id, execution, at: start, actor: 'classify', drill: false, ...fenced });
    expect(await nameOf(promoteDatabase.on(shell)({ incident }))).toBe('InProgress');
    expect(rds).toHaveReceivedCommandTimes(PromoteReadReplicaCommand, 1);
  });
});

describe('the cache', () => {
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

  test('of the standby is made the primary of the global datastore once', async () => {
    datastore('SECONDARY');
    elastiCache.on(FailoverGlobalReplicationGroupCommand).resolves({});
    for (const _ of [1, 2, 3]) expect(await nameOf(failoverCache.on(shell)({ incident }))).toBe('InProgress');
    expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(FailoverGlobalReplicationGroupCommand, {
      GlobalReplicationGroupId: 'ldgnf-chatops',
      PrimaryRegion: 'us-west-2',
      PrimaryReplicationGroupId: 'chatops-redis-dr',
    });
    datastore('PRIMARY');
    expect(await failoverCache.on(shell)({ incident })).toEqual({
      cache: 'chatops-redis-dr',
      moved: true,
      empty: false,
    });
  });

  test('needs a person where there is neither a datastore nor a cache', async () => {
    elastiCache.on(DescribeReplicationGroupsCommand).rejects(fault('ReplicationGroupNotFoundFault', 404));
    const without = { ...shell, plan: changing('elasticache', plan, { globalDatastore: null }) };
    expect(await failureOf(failoverCache.on(without)({ incident }))).toEqual({
      name: 'CannotProceed',
      message: expect.stringContaining('needs a person'),
    });
  });

  test('is left out by a waiver, which the outcome names', async () => {
    await shell.store.keepWaiver(incident.execution, 'FailoverCache', 'dba', 'it may start empty', start);
    expect(await failoverCache.on(shell)({ incident })).toMatchObject({ skipped: true, by: 'dba' });
    expect(elastiCache.calls()).toEqual([]);
  });
});

test.for([
  ['answers that it has no writer yet', answering(503), true, 'done'],
  ['does not answer', () => Promise.reject(new Error('no route')), true, 'InProgress'],
  ['is not warm', answering(200), false, 'CannotProceed'],
] as const)('a cluster that %s', async ([, fetch, warm, expected]) => {
  const regions = { 'us-west-2': { cluster: 'chatops-dr', warm } };
  const at = { ...shell, fetch, plan: changing('eks-cluster', plan, { regions }) };
  const run = checkCluster.on(at)({ incident });
  if (expected === 'done') expect(await run).toEqual({ cluster: 'chatops-dr', answers: 503 });
  else expect(await nameOf(run)).toBe(expected);
});

describe('the application', () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    writer();
    const NodeGroups = [{ PrimaryEndpoint: { Address: 'redis.us-west-2' } }];
    elastiCache
      .on(DescribeReplicationGroupsCommand)
      .resolves({ ReplicationGroups: [{ Status: 'available', NodeGroups }] });
    ssm.on(GetParameterCommand).callsFake(({ Name }: { Name: string }) => {
      const Value = kept.get(Name);
      if (Value === undefined) throw fault('ParameterNotFound', 400);
      return { Parameter: { Value } };
    });
    ssm.on(PutParameterCommand).callsFake(({ Name, Value }: { Name: string; Value: string }) => {
      kept.set(Name, Value);
      return {};
    });
  });

  test('is pointed at the database and the cache that stand here, and only where it is not already', async () => {
    kept.set('/chatops/cache/host', 'redis.us-west-2');
    expect(await nameOf(repointApplication.on(shell)({ incident }))).toBe('InProgress');
    expect(await repointApplication.on(shell)({ incident })).toEqual({
      parameters: {
        '/chatops/database/host': 'replica.us-west-2.rds.amazonaws.com',
        '/chatops/cache/host': 'redis.us-west-2',
      },
    });
    expect(ssm).toHaveReceivedCommandTimes(PutParameterCommand, 1);
  });

  test('is not pointed at what has no address', async () => {
    replica({ Endpoint: undefined });
    expect(await nameOf(repointApplication.on(shell)({ incident }))).toBe('CannotProceed');
    expect(ssm).not.toHaveReceivedCommand(PutParameterCommand);
  });
});

test.for([
  ['serves and takes writes', writer, 200, 'done'],
  ['answers with a failure', writer, 503, 'InProgress'],
  ['answers with a redirect, maybe to a page of apologies', writer, 302, 'InProgress'],
  ['serves from a replica', replica, 200, 'CannotProceed'],
  [
    'takes writes while its first backup runs',
    () => replica({ DBInstanceStatus: 'backing-up', ReadReplicaSourceDBInstanceIdentifier: '' }),
    200,
    'done',
  ],
  [
    'restarts its database',
    () => replica({ DBInstanceStatus: 'rebooting', ReadReplicaSourceDBInstanceIdentifier: '' }),
    200,
    'InProgress',
  ],
] as const)('a region that %s is verified: %s', async ([, arrange, status, expected]) => {
  arrange();
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return new Response(null, { status });
  };
  const run = verifyRegion.on({ ...shell, fetch })({ incident });
  if (expected !== 'done') expect(await nameOf(run)).toBe(expected);
  else {
    expect(await run).toMatchObject({ region: 'us-west-2', writable: true, passes: 3 });
    expect(asked).toEqual(Array(3).fill('https://us-west-2.api.chatops.example.com/health'));
  }
});

test('no waiver leaves the verification before redirection out', async () => {
  replica();
  await shell.store.keepWaiver(incident.execution, 'VerifyRegion', 'dba', 'it will be fine', start);
  expect(await nameOf(verifyRegion.on(shell)({ incident }))).toBe('CannotProceed');
});

describe('users', () => {
  const objects = new Set<string>();
  beforeEach(() => {
    objects.clear();
    s3.on(HeadObjectCommand).callsFake(({ Bucket, Key }: { Bucket: string; Key: string }) => {
      if (!objects.has(`${Bucket}/${Key}`)) throw fault('NotFound', 404);
      return {};
    });
    s3.on(PutObjectCommand).callsFake(({ Bucket, Key }: { Bucket: string; Key: string }) => {
      objects.add(`${Bucket}/${Key}`);
      return {};
    });
  });

  test('are sent away by a latch in two regions outside the one that is given up', async () => {
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
    expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
      closed: ['chatops-latch-us-west-2', 'chatops-latch-us-east-2'],
      missing: [],
    });
    expect([...objects]).toEqual([
      'chatops-latch-us-west-2/latch/us-east-1',
      'chatops-latch-us-east-2/latch/us-east-1',
    ]);
    expect(s3).toHaveReceivedCommandTimes(PutObjectCommand, 2);
    expect((await shell.store.readAudit(incident.id)).map(({ region }) => region).toSorted()).toEqual([
      'us-east-2',
      'us-west-2',
    ]);
  });

  test('do not wait for a second bucket that is lost, and the outcome says so', async () => {
    s3.on(HeadObjectCommand, { Bucket: 'chatops-latch-us-east-2' }).rejects(fault('NoSuchBucket', 404));
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('InProgress');
    expect(await redirectUsers.on(shell)({ incident })).toMatchObject({
      closed: ['chatops-latch-us-west-2'],
      missing: ['chatops-latch-us-east-2'],
    });
  });

  test('are not said to be sent away while no bucket answers', async () => {
    s3.on(HeadObjectCommand).rejects(fault('TimeoutError'));
    expect(await nameOf(redirectUsers.on(shell)({ incident }))).toBe('Unavailable');
  });

  test('are sent away by one change of the record, done when every name server has it', async () => {
    const changing = {
      ...shell,
      plan: { ...plan, redirection: { ...plan.redirection, mode: 'record-change' as const } },
    };
    route53
      .on(ChangeResourceRecordSetsCommand)
      .resolves({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date() } });
    route53
      .on(GetChangeCommand)
      .resolvesOnce({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date() } });
    expect(await nameOf(redirectUsers.on(changing)({ incident }))).toBe('InProgress');
    expect(await nameOf(redirectUsers.on(changing)({ incident }))).toBe('InProgress');
    route53
      .on(GetChangeCommand)
      .resolves({ ChangeInfo: { Id: '/change/C1', Status: 'INSYNC', SubmittedAt: new Date() } });
    expect(await redirectUsers.on(changing)({ incident })).toMatchObject({
      mode: 'record-change',
      change: '/change/C1',
    });
    expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
    const [call] = route53.commandCalls(ChangeResourceRecordSetsCommand);
    expect(call?.args[0].input.ChangeBatch?.Changes).toEqual([
      {
        Action: 'UPSERT',
        ResourceRecordSet: {
          Name: 'api.chatops.example.com',
          Type: 'CNAME',
          TTL: 60,
          ResourceRecords: [{ Value: 'us-west-2.api.chatops.example.com' }],
        },
      },
    ]);
  });
});

test('the role moves once, however often it is asked for, and not from an epoch that has passed', async () => {
  expect(await moveRole.on(shell)({ incident })).toEqual({ primary: 'us-west-2', epoch: 2 });
  expect(await moveRole.on(shell)({ incident })).toEqual({ primary: 'us-west-2', epoch: 2 });
  const other = { ...incident, execution: 'another' };
  expect(await nameOf(moveRole.on(shell)({ incident: other }))).toBe('CannotProceed');
  expect(await shell.store.readStanding('us-east-1')).toMatchObject({ primary: 'us-west-2', epoch: 2 });
});
