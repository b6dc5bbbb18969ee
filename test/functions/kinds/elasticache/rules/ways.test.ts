// In which way a cache takes over, by what was seen: the datastore first, then an export that is young enough, then empty, with the reason.
import { describe, expect, test } from 'vitest';
import {
  type CacheEvidence,
  cacheWays,
  freeName,
  servingOf,
  wayTaken,
} from '../../../../../functions/kinds/elasticache/rules/ways.ts';
import { exportName } from '../../../../../functions/kinds/elasticache/says/backup-plan.ts';

const now = Date.parse('2026-11-23T14:00:00Z');
const hour = 3_600_000;
const exported = (hoursAgo: number, shards = 1) => {
  const at = now - hoursAgo * hour;
  return { name: exportName('breakwater-prod', 'cache', at, shards), at, shards };
};
const snapshots = { everyHours: 6, maxAgeSeconds: 28_800, whenOlder: 'empty', keepDays: 7 } as const;
const seen: CacheEvidence = {
  now,
  region: 'us-west-2',
  datastore: null,
  standing: { group: 'redis-dr', status: 'available' },
  restore: { name: 'redis-restored', clusterMode: false },
  snapshots: { ...snapshots, newest: exported(2) },
  failed: [],
};
const old = 'the newest export is 9 h old, older than 8 h: it would log people in again whom somebody has logged out';

test.for([
  ['a member of the datastore', { datastore: { id: 'ldgnf-x', member: true } }, 'fail-over-datastore', 'redis-dr'],
  ['a young export', {}, 'restore-snapshot', 'redis-restored'],
  [
    'an export of just the limit',
    { snapshots: { ...snapshots, newest: exported(8) } },
    'restore-snapshot',
    'redis-restored',
  ],
  ['an old export', { snapshots: { ...snapshots, newest: exported(9) } }, 'start-empty', 'redis-dr'],
  ['no export', { snapshots: { ...snapshots, newest: null } }, 'start-empty', 'redis-dr'],
  ['a bucket that does not answer', { snapshots: { ...snapshots, newest: 'unread' } }, 'start-empty', 'redis-dr'],
  ['no snapshots in the plan', { snapshots: null }, 'start-empty', 'redis-dr'],
  [
    'no group that stands',
    { snapshots: null, standing: { group: 'redis-dr', status: null } },
    'start-empty',
    'redis-restored',
  ],
  [
    'an export of more shards than the new group takes',
    { snapshots: { ...snapshots, newest: exported(2, 3) } },
    'start-empty',
    'redis-dr',
  ],
  ['an export that could not be restored', { failed: ['restore-snapshot'] }, 'start-empty', 'redis-dr'],
  [
    'a datastore that it is no member of',
    { datastore: { id: 'ldgnf-x', member: false } },
    'restore-snapshot',
    'redis-restored',
  ],
  [
    'a member of a datastore that does not take over, and no export',
    { datastore: { id: 'ldgnf-x', member: true }, failed: ['fail-over-datastore'], snapshots: null },
    'start-empty',
    'redis-restored',
  ],
] as const)('%s: the way is what is best of what is left', ([, change, way, group]) => {
  expect(wayTaken(cacheWays({ ...seen, ...change }))?.way).toMatchObject({ way, group });
});

describe('what people are told', () => {
  const said = (change: Partial<CacheEvidence>) => wayTaken(cacheWays({ ...seen, ...change }))?.why;

  test('an old export: that it starts empty, and why', () => {
    expect(said({ snapshots: { ...snapshots, newest: exported(9) } })).toBe(`redis-dr starts EMPTY: ${old}`);
  });

  test('nothing in the plan: that too', () => {
    expect(said({ snapshots: null })).toBe(
      'redis-dr starts EMPTY: the plan has neither a global datastore nor snapshots',
    );
  });

  test('a young export: how old what it holds is', () => {
    expect(said({})).toBe(
      'redis-restored is made from the export breakwater-prod-cache-20261123t1200-of1, which is 2 h old',
    );
  });

  test('why a better way was left', () => {
    expect(said({ datastore: { id: 'ldgnf-x', member: null } })).toMatch(
      /: the cache in us-west-2 was not seen as a member of ldgnf-x$/,
    );
  });
});

test('a plan that holds lets a person decide where no export is young enough', () => {
  const ways = cacheWays({ ...seen, snapshots: { ...snapshots, whenOlder: 'hold', newest: exported(9) } });
  expect(wayTaken(ways)).toBeNull();
  expect(ways.flatMap(({ against }) => against)).toEqual([old, 'the plan has a person decide whether it starts empty']);
});

test('without a free name nothing is made', () => {
  const change = { restore: { name: null, clusterMode: false }, standing: { group: 'redis-dr', status: null } };
  expect(wayTaken(cacheWays({ ...seen, ...change }))).toBeNull();
});

test('a cache of a datastore whose plan makes none has that one way', () => {
  const ways = cacheWays({ ...seen, datastore: { id: 'ldgnf-x', member: false }, restore: null });
  expect(ways.map(({ way, usable }) => [way, usable])).toEqual([['fail-over-datastore', false]]);
});

describe('the group that serves', () => {
  const group = (name: string, createdAt: number | null, status = 'available') => ({ group: name, createdAt, status });

  test('is the one that was made last, of those that stand', () => {
    const all = [group('redis', 1), group('redis-restored', 3), group('redis-restored-2', 5, 'create-failed')];
    expect(servingOf(all)?.group).toBe('redis-restored');
    expect(servingOf([group('redis', 9), group('redis-restored', 3)])?.group).toBe('redis');
  });

  test('is none where none can serve', () => {
    expect(servingOf([group('redis', 1, 'deleting')])).toBeNull();
    expect(servingOf([])).toBeNull();
  });

  test('keeps its name while it is modified, and one that does not say its age gives way', () => {
    expect(servingOf([group('redis', null), group('redis-restored', 2, 'modifying')])?.group).toBe('redis-restored');
  });
});

test('the first name that is free is taken', () => {
  expect(freeName(['a', 'a-2', 'a-3'], ['a'])).toBe('a-2');
  expect(freeName(['a', 'a-2', 'a-3'], ['a', 'a-2', 'a-3'])).toBeNull();
});
