// What a plan says of exports and restores of a cache: what is wrong with it in one line, and the names that come of it.
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parsePlan } from '../../../../../check/plan.ts';
import { findRefusals } from '../../../../../check/refusals.ts';
import { InvalidPlan, type Plan } from '../../../../../functions/domain/plan/plan.ts';
import {
  exportName,
  exportsIn,
  exportTimeOf,
  objectsOf,
  restore,
  restoreNames,
} from '../../../../../functions/kinds/elasticache/says/backup-plan.ts';
import { changing, restoredCache, the, withExports } from '../../../../assets.ts';
import { plan } from '../../../../plan.ts';

const exported = withExports(changing('elasticache', plan, { globalDatastore: null }));
const at = 'assets.1.regions.us-west-2';

/** What is wrong with the plan, with its cache changed. */
function linesOf(change: object, place: object = {}): readonly string[] {
  const asset = the('elasticache', exported);
  const standby = asset.regions['us-west-2'];
  const regions = { ...asset.regions, 'us-west-2': { ...standby, ...place } };
  try {
    parsePlan(changing('elasticache', exported, { regions, ...change } as never));
    return [];
  } catch (error) {
    if (error instanceof InvalidPlan) return error.wrong.map(({ line }) => line);
    throw error;
  }
}
const restored = (change: object) => linesOf({}, { restore: { ...restoredCache, ...change } });

test('a plan with exports in both regions is valid', () => {
  expect(linesOf({})).toEqual([]);
});

test.for([
  ['a name in upper case', { replicationGroup: 'Redis' }, 'replicationGroup', 'lower case'],
  ['a name that leaves no room for -2', { replicationGroup: 'r'.repeat(39) }, 'replicationGroup', '38 characters'],
  ['data tiering', { nodeType: 'cache.r6gd.xlarge' }, 'nodeType', 'without data tiering'],
  ['shards without cluster mode', { shards: 3 }, 'shards', '1: without cluster mode'],
  ['Multi-AZ without a replica', { replicas: 0 }, 'replicas', 'at least 1'],
  ['cluster mode without failover', { clusterMode: true, multiAz: false }, 'multiAz', 'true: cluster mode'],
  ['a token without TLS', { transitEncryption: 'off', authTokenSecret: 'x' }, 'authTokenSecret', 'transitEncryption'],
  ['two ways to sign in', { authTokenSecret: 'x', userGroup: 'people' }, 'userGroup', 'one of the two'],
  ['a key of the lost region', { kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/1' }, 'kmsKey', 'a key of us-west-2'],
  ['a version that YAML reads as a number', { engineVersion: 7.1 }, 'engineVersion', 'text'],
  ['what would have a default', { port: undefined }, 'port', 'a number'],
  ['a key that there is not', { zone: 'a' }, 'zone', 'no such key'],
] as const)('%s is refused in one line', ([, change, key, expected]) => {
  expect(restored(change)).toEqual([expect.stringMatching(new RegExp(`${at}.restore.${key}: is .*${expected}`))]);
});

test.for([
  ['no bucket', { snapshotBucket: undefined }, `${at}.snapshotBucket: is .*the bucket of this region`],
  ['nothing to make of an export', { restore: undefined }, `${at}.restore: is .*what is made of an export`],
  [
    'the bucket of the other region',
    { snapshotBucket: { name: 'chatops-exports-us-east-1', madeBy: 'stack' } },
    `${at}.snapshotBucket.name: is .*stands in this region alone`,
  ],
] as const)('snapshots with %s are refused', ([, place, line]) => {
  expect(linesOf({}, place)).toEqual([expect.stringMatching(new RegExp(line))]);
});

const kept = { everyHours: 6, maxAgeSeconds: 28_800, whenOlder: 'empty', keepDays: 7 };
test.for([
  ['more often than ElastiCache takes snapshots', { everyHours: 1 }, 'everyHours: is 1, expected at least 2'],
  ['a limit that each export outlives', { maxAgeSeconds: 21_600 }, 'maxAgeSeconds: is 21600, expected at least 25200'],
  ['exports that go before the limit', { maxAgeSeconds: 700_000 }, 'keepDays: is 7, expected at least 9'],
  ['a word that there is not', { whenOlder: 'restore' }, 'whenOlder: is "restore", expected one of empty, hold'],
] as const)('%s is refused', ([, change, line]) => {
  expect(linesOf({ snapshots: { ...kept, ...change } })).toEqual([expect.stringContaining(`snapshots.${line}`)]);
});

test('a bucket without snapshots is refused, and so is a restore under the name of a member', () => {
  expect(linesOf({ snapshots: undefined })).toHaveLength(2);
  const group = the('elasticache', plan).regions['us-west-2']?.replicationGroup ?? '';
  const change = { globalDatastore: 'ldgnf-chatops' };
  expect(linesOf(change, { restore: { ...restoredCache, replicationGroup: group } })).toEqual([
    expect.stringContaining(`another name than ${group}`),
  ]);
});

describe('names', () => {
  test('of what is made: three, of which no other group of the plan has one', () => {
    expect(restoreNames(restoredCache.replicationGroup)).toEqual([
      'chatops-redis-restored',
      'chatops-redis-restored-2',
      'chatops-redis-restored-3',
    ]);
  });

  const time = Date.parse('2026-11-23T12:00:00Z');
  const name = exportName('breakwater-prod', 'cache', time, 2);

  test('of an export: in lower case, without a comma, with time and shards', () => {
    expect(name).toBe('breakwater-prod-cache-20261123t1200-of2');
    expect(objectsOf({ name, shards: 2 })).toEqual([`${name}-0001.rdb`, `${name}-0002.rdb`]);
  });

  test('what is read of a bucket: whole exports of the asset, the newest first', () => {
    const older = exportName('breakwater-prod', 'cache', time - 6 * 3_600_000, 1);
    const newer = exportName('breakwater-prod', 'cache', time + 6 * 3_600_000, 2);
    const other = exportName('breakwater-prod', 'cache-2', time, 1);
    const keys = [
      ...objectsOf({ name: older, shards: 1 }),
      ...objectsOf({ name, shards: 2 }),
      `${newer}-0001.rdb`, // S3 has not replicated the other one yet
      ...objectsOf({ name: other, shards: 1 }),
      'breakwater-prod-cache-notes.txt',
      'breakwater-prod-cache-20269999t9999-of1-0001.rdb',
    ];
    expect(exportsIn(keys, 'breakwater-prod', 'cache')).toEqual([
      { name, at: time, shards: 2 },
      { name: older, at: time - 6 * 3_600_000, shards: 1 },
    ]);
  });

  test('the time of an export is the same until the next one is due', () => {
    expect(exportTimeOf(time, { everyHours: 6 })).toBe(time);
    expect(exportTimeOf(time + 6 * 3_600_000 - 1, { everyHours: 6 })).toBe(time);
  });
});

test('no field of a restore has a default', () => {
  const without = Object.keys(restore.shape).filter((key) => {
    const { [key as keyof typeof restoredCache]: _, ...others } = restoredCache;
    return z.safeParse(restore, others).success;
  });
  expect(without).toEqual([]);
});

describe('what packaging refuses', () => {
  const refused = (of: Plan) =>
    findRefusals(of).flatMap(({ line }) => (/snapshotBucket|restore/.test(line) ? [line] : []));

  test('nothing of a plan with exports', () => expect(refused(exported)).toEqual([]));

  test('exports in a bucket of latches, which anybody may read', () => {
    const { regions } = the('elasticache', exported);
    const [bucket = ''] = Object.values(plan.redirection.latchBuckets['us-east-1'] ?? {});
    const place = { ...regions['us-west-2'], snapshotBucket: { name: bucket, madeBy: 'user' } };
    const changed = changing('elasticache', exported, { regions: { ...regions, 'us-west-2': place } } as never);
    expect(refused(changed)).toEqual([expect.stringContaining('which anybody may read')]);
  });

  test('two caches that would be made under one name', () => {
    const second = { ...the('elasticache', exported), name: 'carts' };
    const lines = refused({ ...exported, assets: [...exported.assets, second] });
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/restore.replicationGroup: is "chatops-redis-restored", expected a name of its own/);
  });
});
