// The exports of a cache, against a mocked ElastiCache and S3: one for each time, in the region that serves users alone.
import 'aws-sdk-client-mock-vitest/extend';
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { handler } from '../../../../functions/keep-cache-exports.ts';
import { exportReady } from '../../../../functions/kinds/elasticache/rules/assess.ts';
import { the, withExports } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, setting, start } from '../../setting.ts';

const exported = withExports(plan);
const elastiCache = mocked(ElastiCacheClient);
const s3 = mocked(S3Client);
const name = 'breakwater-test-cache-20261123t0000-of1';
const bucket = 'chatops-exports-us-east-1';
const keys = (...names: readonly string[]) =>
  s3.on(ListObjectsV2Command).resolves({ Contents: names.map((one) => ({ Key: `${one}-0001.rdb` })) });
const snapshot = (status: string | null) =>
  status === null
    ? elastiCache
        .on(DescribeSnapshotsCommand)
        .rejects(Object.assign(new Error('no'), { name: 'SnapshotNotFoundFault', $metadata: { httpStatusCode: 404 } }))
    : elastiCache.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ SnapshotStatus: status }] });
const run = (region = 'us-east-1') => handler.on(setting({ plan: exported, region }))({});

beforeEach(() => {
  for (const mock of [elastiCache, s3]) mock.reset();
  elastiCache.on(DescribeReplicationGroupsCommand).callsFake(({ ReplicationGroupId: id }) => {
    if (id !== 'chatops-redis')
      throw Object.assign(new Error('no'), {
        name: 'ReplicationGroupNotFoundFault',
        $metadata: { httpStatusCode: 404 },
      });
    const members = [
      { CacheClusterId: 'chatops-redis-001', CurrentRole: 'primary' },
      { CacheClusterId: 'chatops-redis-002', CurrentRole: 'replica' },
    ];
    return { ReplicationGroups: [{ Status: 'available', NodeGroups: [{ NodeGroupMembers: members }] }] };
  });
  for (const command of [CreateSnapshotCommand, CopySnapshotCommand, DeleteSnapshotCommand])
    elastiCache.on(command as typeof CreateSnapshotCommand).resolves({});
});

test('a snapshot is made of a replica, exported, and deleted once the export is there: a call at a time', async () => {
  keys();
  snapshot(null);
  await run();
  expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(CreateSnapshotCommand, {
    SnapshotName: name,
    CacheClusterId: 'chatops-redis-002',
  });
  snapshot('creating');
  await run();
  snapshot('available');
  await run();
  expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(CopySnapshotCommand, {
    SourceSnapshotName: name,
    TargetSnapshotName: name,
    TargetBucket: bucket,
  });
  snapshot('copying');
  await run();
  keys(name);
  snapshot('available');
  await run();
  expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(DeleteSnapshotCommand, { SnapshotName: name });
  expect(elastiCache).toHaveReceivedCommandTimes(CreateSnapshotCommand, 1);
});

test('what is exported is left alone until the next is due', async () => {
  keys(name);
  snapshot(null);
  await run();
  expect(elastiCache).not.toHaveReceivedCommand(CreateSnapshotCommand);
  expect(elastiCache).not.toHaveReceivedCommand(DescribeReplicationGroupsCommand);
});

test('a snapshot that could not be exported in its time is deleted before the next one is made', async () => {
  const left = 'breakwater-test-cache-20261122t1800-of1';
  keys();
  snapshot(null);
  elastiCache
    .on(DescribeSnapshotsCommand, { SnapshotName: left })
    .resolves({ Snapshots: [{ SnapshotStatus: 'available' }] });
  await run();
  expect(elastiCache).toHaveReceivedCommandExactlyOnceWith(DeleteSnapshotCommand, { SnapshotName: left });
  expect(elastiCache).not.toHaveReceivedCommand(CreateSnapshotCommand);
  snapshot(null);
  await run();
  expect(elastiCache).toHaveReceivedCommandTimes(CreateSnapshotCommand, 1);
});

test('the region that serves nobody exports nothing', async () => {
  await run('us-west-2');
  expect(elastiCache.calls()).toEqual([]);
  expect(s3.calls()).toEqual([]);
});

test('a bucket that ElastiCache may not write to is an error that says so, for the dead letters and their alarm', async () => {
  keys();
  snapshot('available');
  elastiCache.on(CopySnapshotCommand).rejects(
    Object.assign(new Error('The S3 bucket is outside of the region.'), {
      name: 'InvalidParameterValueException',
      $metadata: { httpStatusCode: 400 },
    }),
  );
  expect(await failureOf(run())).toMatchObject({
    message: expect.stringContaining(`export snapshot ${name} to ${bucket}: InvalidParameterValueException`),
  });
});

test.for([
  ['young', { name, at: start - 3_600_000, shards: 1 }, 'ready', '1 h old'],
  ['the one before the last', { name, at: start - 18_000_000, shards: 1 }, 'ready', '5 h old'],
  ['older than the limit', { name, at: start - 36_000_000, shards: 1 }, 'not-ready', '10 h old, older than 8 h'],
  ['not there', null, 'not-ready', 'there is no export of cache'],
  ['not to be read', 'unread', 'unknown', 'could not be read'],
] as const)('readiness: the newest export is %s', ([, newest, state, why]) => {
  const { snapshots } = the('elasticache', exported);
  expect(exportReady('cache', bucket, newest, snapshots, { now: start, makes: false })).toEqual({
    state,
    why: expect.stringContaining(why),
  });
});

test.for([
  ['there', 9, 'ready'],
  // 40 minutes after its time it may still be made.
  ['missing for a moment', 6 + 40 / 60, 'ready'],
  ['missing for more than an hour', 7.5, 'not-ready'],
] as const)('readiness of the region that makes them: the last export is %s', ([name, hour, state]) => {
  const day = Date.UTC(2026, 0, 5);
  const at = day + (name === 'there' ? 6 : 0) * 3_600_000;
  const verdict = exportReady(
    'cache',
    bucket,
    { name: 'x', at, shards: 1 },
    { everyHours: 6, maxAgeSeconds: 86_400, whenOlder: 'empty', keepDays: 7 },
    { now: day + hour * 3_600_000, makes: true },
  );
  expect(verdict).toMatchObject({ state });
  if (state === 'not-ready')
    expect(verdict.why).toContain('and that of 5 Jan 2026, 06:00 UTC was not made: the log of keep-cache-exports');
});
