// A cache takes over where the plan says what may be made in the region: from the newest export, empty, or not at all; against a mocked
// ElastiCache and S3.
import 'aws-sdk-client-mock-vitest/extend';
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import { cacheAddress } from '../../../../functions/kinds/elasticache/look.ts';
import { exportName, objectsOf } from '../../../../functions/kinds/elasticache/says/backup-plan.ts';
import { handler as takeOver } from '../../../../functions/kinds/elasticache/take-over.ts';
import { changing, the, withExports } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { approvedAt, failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const asset = 'cache';
const elastiCache = mocked(ElastiCacheClient);
const s3 = mocked(S3Client);
const secrets = mocked(SecretsManagerClient);
const alone: Plan = withExports(changing('elasticache', plan, { globalDatastore: null }));
const hour = 3_600_000;
let shell: Setting;

/** The groups that stand, by their names. */
const standing = new Map<string, ReplicationGroup>();
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode, attempts: 1 } });

beforeEach(async () => {
  for (const mock of [elastiCache, s3, secrets]) mock.reset();
  standing.clear();
  shell = await running(incident, { region: 'us-west-2', plan: alone });
  elastiCache.on(DescribeReplicationGroupsCommand).callsFake(({ ReplicationGroupId: id }) => {
    const group = standing.get(id);
    if (group === undefined) throw fault('ReplicationGroupNotFoundFault', 404);
    return { ReplicationGroups: [group] };
  });
  elastiCache.on(CreateReplicationGroupCommand).callsFake(({ ReplicationGroupId: id }) => {
    standing.set(id, { ReplicationGroupId: id, Status: 'creating', ReplicationGroupCreateTime: new Date(shell.at) });
    return {};
  });
  secrets.on(GetSecretValueCommand).resolves({ SecretString: 'a-token-of-sixteen' });
});

function exportsOf(...hoursAgo: readonly number[]): void {
  const keys = hoursAgo.flatMap((hours) =>
    objectsOf({ name: exportName('breakwater-test', asset, start - hours * hour, 1), shards: 1 }),
  );
  s3.on(ListObjectsV2Command).resolves({ Contents: keys.map((Key) => ({ Key })) });
}

function available(id: string, change: Partial<ReplicationGroup> = {}): void {
  const members = [1, 2, 3].map((node) => ({ CacheClusterId: `${id}-00${node}` }));
  standing.set(id, {
    ReplicationGroupId: id,
    Status: 'available',
    ReplicationGroupCreateTime: new Date(shell.at),
    MultiAZ: 'enabled',
    CacheNodeType: 'cache.r7g.large',
    AtRestEncryptionEnabled: true,
    KmsKeyId: 'arn:aws:kms:us-west-2:123456789012:key/cache',
    TransitEncryptionEnabled: true,
    SnapshotRetentionLimit: 7,
    NodeGroups: [{ PrimaryEndpoint: { Address: `master.${id}.example` }, NodeGroupMembers: members }],
    ...change,
  });
}

const run = () => takeOver.on(shell)({ incident, asset });
/** Asks, and lets a second pass. */
async function asked(name: 'InProgress' | 'Restoring'): Promise<void> {
  expect((await failureOf(run())).name).toBe(name);
  shell.at += 1_000;
}
const inProgress = () => asked('InProgress');
/** What reads an export takes as long as that is large: the flow waits for hours, as for a database. */
const restoring = () => asked('Restoring');
const created = () => elastiCache.commandCalls(CreateReplicationGroupCommand).map(({ args }) => args[0].input);

test('a new group is made of the newest export in one call, once, and is where the application is sent', async () => {
  exportsOf(2, 8);
  await restoring();
  await restoring();
  expect(created()).toEqual([
    expect.objectContaining({
      ReplicationGroupId: 'chatops-redis-restored',
      SnapshotArns: ['arn:aws:s3:::chatops-exports-us-west-2/breakwater-test-cache-20261123t0100-of1-0001.rdb'],
      AuthToken: 'a-token-of-sixteen',
      NumNodeGroups: 1,
      ReplicasPerNodeGroup: 2,
      MultiAZEnabled: true,
      AutomaticFailoverEnabled: true,
      SecurityGroupIds: ['sg-0b2chatopscache'],
      CacheSubnetGroupName: 'chatops-cache',
      CacheParameterGroupName: 'default.redis7',
      NotificationTopicArn: 'arn:aws:sns:us-west-2:111122223333:breakwater-test-cache-events',
    }),
  ]);
  available('chatops-redis-restored');
  expect(await run()).toEqual({
    cache: 'chatops-redis-restored',
    moved: true,
    empty: false,
    way: 'restore-snapshot',
    why: expect.stringContaining('which is 2 h old'),
    snapshot: { name: 'breakwater-test-cache-20261123t0100-of1', ageSeconds: 7202 },
    differs: [],
  });
  expect(await cacheAddress(the('elasticache', alone), 'us-west-2')).toBe('master.chatops-redis-restored.example');
});

test('where what was made is not what the plan says, the outcome names it', async () => {
  exportsOf(2);
  await restoring();
  available('chatops-redis-restored', { CacheNodeType: 'cache.t4g.small', MultiAZ: 'disabled' });
  expect(await run()).toMatchObject({
    differs: ['node type: is cache.t4g.small, the plan says cache.r7g.large', 'Multi-AZ: is false, the plan says true'],
  });
});

test('an export that is too old: the group that stands takes over empty, with the reason', async () => {
  exportsOf(30);
  available('chatops-redis-dr');
  expect(await run()).toMatchObject({
    cache: 'chatops-redis-dr',
    moved: false,
    empty: true,
    way: 'start-empty',
    why: expect.stringContaining('it would log people in again whom somebody has logged out'),
  });
  expect(created()).toEqual([]);
});

test('what was chosen is gone on with, although a newer export arrives meanwhile', async () => {
  exportsOf(30);
  await inProgress();
  exportsOf(0, 30);
  available('chatops-redis-restored');
  expect(await run()).toMatchObject({ empty: true, way: 'start-empty', snapshot: null });
  expect(created().map(({ SnapshotArns }) => SnapshotArns)).toEqual([undefined]);
});

test('a group that exists is nobody’s to write over: the next free name is taken', async () => {
  exportsOf(2);
  available('chatops-redis-restored');
  await restoring();
  expect(created().map(({ ReplicationGroupId }) => ReplicationGroupId)).toEqual(['chatops-redis-restored-2']);
});

test('a name that somebody takes between the look and the call is left to them', async () => {
  exportsOf(2);
  elastiCache.on(CreateReplicationGroupCommand).callsFakeOnce(({ ReplicationGroupId: id }) => {
    available(id);
    throw fault('ReplicationGroupAlreadyExistsFault');
  });
  await inProgress();
  await inProgress();
  await restoring();
  expect(created().map(({ ReplicationGroupId }) => ReplicationGroupId)).toEqual([
    'chatops-redis-restored',
    'chatops-redis-restored-2',
  ]);
});

describe('a refusal', () => {
  test('of the export leads to the next way, which is told in the record', async () => {
    exportsOf(2);
    elastiCache.on(CreateReplicationGroupCommand).rejectsOnce(fault('InvalidParameterValueException'));
    await inProgress();
    await inProgress();
    available('chatops-redis-restored');
    expect(await run()).toMatchObject({
      empty: true,
      why: expect.stringContaining('this way was tried, and has failed'),
    });
    const steps = await shell.store.readSteps(incident.id);
    expect(steps.find(({ step }) => step === 'way-failed/cache/restore-snapshot')?.outcome).toMatchObject({
      way: 'restore-snapshot',
      left: null,
    });
  });

  test('by a quota needs a person', async () => {
    exportsOf(2);
    elastiCache.on(CreateReplicationGroupCommand).rejects(fault('NodeQuotaForCustomerExceededFault'));
    expect(await failureOf(run())).toMatchObject({ name: 'CannotProceed' });
  });

  test('for want of capacity is asked again', async () => {
    exportsOf(2);
    elastiCache.on(CreateReplicationGroupCommand).rejectsOnce(fault('InsufficientCacheClusterCapacityFault'));
    await inProgress();
    await restoring();
    expect(created()).toHaveLength(2);
  });
});

test('a group that fails while it is made stays for people, and another one starts empty', async () => {
  exportsOf(2);
  await restoring();
  available('chatops-redis-restored', { Status: 'create-failed' });
  await inProgress();
  await inProgress();
  expect(created().map(({ ReplicationGroupId }) => ReplicationGroupId)).toEqual([
    'chatops-redis-restored',
    'chatops-redis-restored-2',
  ]);
});

test('a plan that holds ends with a person, and makes nothing', async () => {
  exportsOf(30);
  const { snapshots } = the('elasticache', alone);
  if (snapshots === undefined) throw new Error('the plan has no snapshots');
  const held = changing('elasticache', alone, { snapshots: { ...snapshots, whenOlder: 'hold' } });
  expect(await failureOf(takeOver.on({ ...shell, plan: held })({ incident, asset }))).toEqual({
    name: 'CannotProceed',
    message: expect.stringContaining('the plan has a person decide whether it starts empty'),
  });
  expect(created()).toEqual([]);
});

test('a call that showed no effect is made again after two minutes, and not sooner', async () => {
  exportsOf(2);
  elastiCache.on(CreateReplicationGroupCommand).resolves({});
  await restoring();
  shell.at = start + 100_000;
  await restoring();
  expect(created()).toHaveLength(1);
  shell.at = start + 130_000;
  await approvedAt(shell.at, incident, shell);
  await restoring();
  expect(created()).toHaveLength(2);
});
