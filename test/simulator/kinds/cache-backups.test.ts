// Exports of a cache and what is made of them, in the twin: it says no as ElastiCache does, the stacks keep exports up, and a region
// that takes over has its cache made from the newest.
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../../check/plan.ts';
import { exportName, exportTimeOf, objectsOf } from '../../../functions/kinds/elasticache/says/backup-plan.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { playing } from '../../../simulator/playing/playing.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { prefix } from '../../../simulator/stage.ts';
import { changing, the, withExports } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { primary, type Rehearsal, rehearse, rehearseStacks, standby } from '../estate/rehearsal.ts';

const alone = changing('elasticache', plan, { globalDatastore: null });
const exported = parsePlan(withExports(alone));
const group = 'chatops-redis-restored';
const bucket = `chatops-exports-${standby}`;
const there = { in: standby, region: standby };

const keysIn = async ({ call }: Rehearsal, region: string): Promise<string[]> => {
  const answer = await call(
    's3',
    'ListObjectsV2',
    { Bucket: `chatops-exports-${region}`, Prefix: prefix },
    { in: region },
  );
  return answer.Contents.map(({ Key }: { Key: string }) => Key);
};

const asked = {
  ReplicationGroupId: group,
  ReplicationGroupDescription: 'restored',
  CacheNodeType: 'cache.r7g.large',
  NumNodeGroups: 1,
  ReplicasPerNodeGroup: 2,
  AutomaticFailoverEnabled: true,
  MultiAZEnabled: true,
};
const name = (rehearsal: Rehearsal) =>
  exportName(prefix, 'cache', exportTimeOf(rehearsal.now() - 1_800_000, { everyHours: 6 }), 1);
const arn = (key: string, of = bucket) => `arn:aws:s3:::${of}/${key}`;

test('a group is made of an export: creating first, then available, and found by its address', async () => {
  const rehearsal = await rehearse(1, 600, exported);
  const SnapshotArns = objectsOf({ name: name(rehearsal), shards: 1 }).map((key) => arn(key));
  await rehearsal.call('elasticache', 'CreateReplicationGroup', { ...asked, SnapshotArns }, there);
  const seen = async () => {
    const answer = await rehearsal.call(
      'elasticache',
      'DescribeReplicationGroups',
      { ReplicationGroupId: group },
      there,
    );
    return answer.ReplicationGroups[0];
  };
  expect(await seen()).toMatchObject({ Status: 'creating', CacheNodeType: 'cache.r7g.large' });
  await rehearsal.pass(1_800);
  expect(await seen()).toMatchObject({ Status: 'available', MultiAZ: 'enabled' });
});

test.for([
  ['a name that exists', { ReplicationGroupId: 'chatops-redis-dr' }, 'ReplicationGroupAlreadyExistsFault', 'exists'],
  ['a name that is too long', { ReplicationGroupId: `r${'-r'.repeat(20)}` }, 'InvalidParameterValueException', 'valid'],
  [
    'more nodes than the account may have',
    { ClusterMode: 'enabled', NumNodeGroups: 200 },
    'NodeQuotaForCustomerExceededFault',
    '',
  ],
  ['an object that is not there', { SnapshotArns: [arn('old.rdb')] }, 'InvalidParameterValueException', 'not exist'],
  ['an object with a comma', { SnapshotArns: [arn('a,b.rdb')] }, 'InvalidParameterValueException', 'not a valid'],
  [
    'a bucket of the other region',
    { SnapshotArns: [arn('x.rdb', `chatops-exports-${primary}`)] },
    'InvalidParameterValueException',
    'outside of the region',
  ],
  ['a snapshot that is not there', { SnapshotName: 'chatops-redis-snapshot-20240115' }, 'SnapshotNotFoundFault', ''],
  ['Multi-AZ without a replica', { ReplicasPerNodeGroup: 0 }, 'InvalidParameterCombinationException', 'replica'],
  ['a token without TLS', { AuthToken: 'x' }, 'InvalidParameterCombinationException', 'encryption'],
] as const)('%s is refused, and nothing is made', async ([, change, error, words]) => {
  const rehearsal = await rehearse(1, 600, exported);
  const made = rehearsal.call('elasticache', 'CreateReplicationGroup', { ...asked, ...change }, there);
  await expect(made).rejects.toMatchObject({ name: error, message: expect.stringContaining(words) });
  const seen = rehearsal.call('elasticache', 'DescribeReplicationGroups', { ReplicationGroupId: group }, there);
  await expect(seen).rejects.toMatchObject({ name: 'ReplicationGroupNotFoundFault' });
});

describe('snapshots', () => {
  const made = { SnapshotName: 'by-hand', CacheClusterId: 'chatops-redis-002' };

  test('are exported to a bucket of their region, whence S3 takes them to the other', async () => {
    const rehearsal = await rehearse(1, 600, exported);
    const { call, pass } = rehearsal;
    await call('elasticache', 'CreateSnapshot', made);
    const export_ = (TargetBucket: string) =>
      call('elasticache', 'CopySnapshot', {
        SourceSnapshotName: 'by-hand',
        TargetSnapshotName: `${prefix}-x`,
        TargetBucket,
      });
    await expect(export_(`chatops-exports-${primary}`)).rejects.toMatchObject({ name: 'InvalidSnapshotStateFault' });
    await pass(600);
    await expect(export_(bucket)).rejects.toMatchObject({
      message: `The S3 bucket ${bucket} is outside of the region.`,
    });
    await expect(export_('elsewhere')).rejects.toMatchObject({ message: 'The S3 bucket elsewhere does not exist.' });
    await export_(`chatops-exports-${primary}`);
    await pass(600);
    expect(await keysIn(rehearsal, primary)).toContain(`${prefix}-x-0001.rdb`);
    await pass(900);
    expect(await keysIn(rehearsal, standby)).toContain(`${prefix}-x-0001.rdb`);
    await expect(export_(`chatops-exports-${primary}`)).rejects.toMatchObject({
      message: expect.stringContaining('already contains an object'),
    });
  });

  test('have a quota in a day, and a name once', async () => {
    const { call } = await rehearse(1, 600, exported);
    for (let index = 0; index < 20; index += 1)
      await call('elasticache', 'CreateSnapshot', { ...made, SnapshotName: `by-hand-${index}` });
    await expect(call('elasticache', 'CreateSnapshot', made)).rejects.toMatchObject({
      name: 'SnapshotQuotaExceededFault',
    });
    await expect(call('elasticache', 'CreateSnapshot', { ...made, SnapshotName: 'by-hand-0' })).rejects.toMatchObject({
      name: 'SnapshotAlreadyExistsFault',
    });
  });

  test('of one shard make no group of two', async () => {
    const { call, pass } = await rehearse(1, 600, exported);
    await call('elasticache', 'CreateSnapshot', made);
    await pass(600);
    const more = { ...asked, ClusterMode: 'enabled', NumNodeGroups: 2, SnapshotName: 'by-hand' };
    await expect(call('elasticache', 'CreateReplicationGroup', more)).rejects.toMatchObject({
      message: expect.stringContaining('has 1 node groups'),
    });
  });
});

test('the stack of the region that serves keeps exports up, and its snapshot is gone once it is in the bucket', async () => {
  const rehearsal = await rehearseStacks(1, 600, undefined, exported);
  const before = await keysIn(rehearsal, standby);
  await rehearsal.pass(4 * 3_600);
  const after = await keysIn(rehearsal, standby);
  const due = exportName(prefix, 'cache', Date.UTC(2026, 10, 23, 12), 1);
  expect(after.filter((key) => !before.includes(key))).toEqual([`${due}-0001.rdb`]);
  await expect(rehearsal.call('elasticache', 'DescribeSnapshots', { SnapshotName: due })).rejects.toMatchObject({
    name: 'SnapshotNotFoundFault',
  });
}, 60_000);

test('a region that takes over has its cache made of the newest export, and sends the application there', async () => {
  const read = readScenario('old-snapshot');
  const written = {
    ...read,
    plan: { ...read.plan, predictions: { takeOverSeconds: { elasticache: 900 } } },
    faults: read.faults.filter(({ fault }) => fault.kind === 'region-dark'),
    expect: { ...read.expect, recoveryWithinSeconds: 3_600, said: ['is made from the export'] },
  };
  const { result, misses } = await runDrill({ scenario: 'old-snapshot', written, seed: 1, plan: alone });
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.mutations.map(({ operation, target }) => `${operation} ${target}`)).toContain(
    'CreateReplicationGroup cache-restored',
  );
  expect(the('elasticache', playing('old-snapshot', alone).plan).regions[standby]?.replicationGroup).not.toBe(
    'cache-restored',
  );
}, 120_000);
