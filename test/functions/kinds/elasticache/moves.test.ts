// What is done next with a cache, from what was seen of it.
import { describe, expect, test } from 'vitest';
import { giveUp, wait } from '../../../../functions/domain/recovery/moves.ts';
import {
  leftToElastiCache,
  nextCacheMove,
  nextCacheTakeover,
  promotionCandidate,
} from '../../../../functions/kinds/elasticache/moves.ts';

const zone = 'use1-az1';
const now = Date.parse('2026-11-23T03:10:00Z');
const ago = (seconds: number) => now - seconds * 1000;
const node = (id: string, at: string | null, primary = false) => ({ id, zone: at, primary });
const cache = {
  status: 'available',
  clusterMode: false,
  globalDatastore: null,
  automaticFailover: 'enabled',
  multiAz: true,
  nodes: [node('redis-1', zone, true), node('redis-3', 'use1-az4'), node('redis-2', 'use1-az2')],
} as const;
const off = { automaticFailover: 'disabled', multiAz: false } as const;
const elsewhere = { nodes: [node('redis-1', zone), node('redis-2', 'use1-az2', true)] };
const member = { globalDatastore: 'ldgnf-chatops' };
const trapped = { nodes: [node('redis-1', zone, true)] };
const history = { since: ago(60), switchedOffAt: null, promotedAt: null, switchedOnAt: null };
const [switchOff, promote, switchOn] = [{ next: 'switch-off' }, { next: 'promote' }, { next: 'switch-on' }];
const done = { next: 'done' };
const itsTime = wait('its own failover still has time');
const clusterMode = 'in cluster mode ElastiCache alone chooses the primaries, and tells nobody where they stand';
const forBoth = 'its automatic failover is a setting of global datastore ldgnf-chatops, for the other region too';
const requested = (call: string) => wait(`${call} was requested`);
const unknownPrimary = wait('its primary is not known');

describe('a cache leaves the zone, and', () => {
  test.for([
    ['ElastiCache still has time for its own failover', {}, { since: ago(59) }, itsTime],
    ['ElastiCache has had its time', {}, {}, switchOff],
    ['ElastiCache moved it by itself', elsewhere, {}, done],
    ['switching off was asked for 59 s ago', {}, { switchedOffAt: ago(59) }, requested('switch-off')],
    ['switching off was asked for a minute ago, and was lost', {}, { switchedOffAt: ago(60) }, switchOff],
    [
      'it is being switched off',
      { automaticFailover: 'disabling' },
      { switchedOffAt: ago(90) },
      wait('automatic failover is disabling'),
    ],
    ['it is off', off, { switchedOffAt: ago(90) }, promote],
    ['it is off, and Multi-AZ is still on', { ...off, multiAz: true }, { switchedOffAt: ago(90) }, switchOff],
    ['it was off before, so ElastiCache has nothing of its own to do', off, { since: ago(1) }, promote],
    ['promoting was asked for 59 s ago', off, { switchedOffAt: ago(90), promotedAt: ago(59) }, requested('promote')],
    ['promoting was asked for a minute ago, and was lost', off, { promotedAt: ago(60) }, promote],
    ['it is being modified', { ...off, status: 'modifying' }, { promotedAt: ago(30) }, wait('it is modifying')],
    ['it moved and is still off', { ...elsewhere, ...off }, { switchedOffAt: ago(90), promotedAt: ago(60) }, switchOn],
    [
      'it moved, and switching on was asked for 59 s ago',
      { ...elsewhere, ...off },
      { switchedOffAt: ago(90), switchedOnAt: ago(59) },
      requested('switch-on'),
    ],
    ['it moved and was never on', { ...elsewhere, ...off }, {}, done],
    [
      'it moved and is being switched on',
      { ...elsewhere, ...off, automaticFailover: 'enabling' },
      { switchedOffAt: ago(90), switchedOnAt: ago(5) },
      wait('automatic failover is enabling'),
    ],
    ['it moved and is on again', elsewhere, { switchedOffAt: ago(90), switchedOnAt: ago(30) }, done],
    [
      'it crashed half way and nothing is left to promote',
      { ...off, ...trapped },
      { switchedOffAt: ago(90) },
      switchOn,
    ],
    [
      'it crashed half way, and switching on was asked for just now',
      { ...off, ...trapped },
      { switchedOffAt: ago(90), switchedOnAt: ago(5) },
      requested('switch-on'),
    ],
    ['no replica stands elsewhere', trapped, {}, giveUp('it has no replica in another zone')],
    ['it runs in cluster mode, and ElastiCache still has time', { clusterMode: true }, { since: ago(59) }, itsTime],
    ['it runs in cluster mode', { clusterMode: true }, {}, { next: 'stay', why: clusterMode }],
    [
      'it runs in cluster mode, where no node is primary',
      { clusterMode: true, nodes: [] },
      {},
      { next: 'stay', why: clusterMode },
    ],
    ['it is a member of a datastore, and ElastiCache still has time', member, { since: ago(59) }, itsTime],
    ['it is a member of a datastore', member, {}, { next: 'stay', why: forBoth }],
    [
      'it is a member of a datastore whose failover is off, and has Multi-AZ',
      { ...member, ...off, multiAz: true },
      {},
      { next: 'stay', why: forBoth },
    ],
    ['it is a member of a datastore whose failover is off', { ...member, ...off }, {}, promote],
    ['it is a member of a datastore, and ElastiCache moved it by itself', { ...member, ...elsewhere }, {}, done],
    [
      'it is a member of a datastore, and has no replica elsewhere',
      { ...member, ...trapped },
      {},
      giveUp('it has no replica in another zone'),
    ],
    ['no node is primary', { nodes: [node('redis-2', 'use1-az2')] }, {}, unknownPrimary],
    ['nobody says where the primary stands', { nodes: [node('redis-1', null, true)] }, {}, unknownPrimary],
    [
      'nobody says whether it fails over by itself',
      { automaticFailover: 'unknown' },
      {},
      wait('automatic failover is unknown'),
    ],
  ] as const)('%s', ([, seen, past, next]) => {
    expect(nextCacheMove({ ...cache, ...seen }, zone, { ...history, ...past }, 60, now)).toEqual(next);
  });

  test('of a cache that has to leave no zone only what was switched off is mended', () => {
    const mend = (seen: object, past: object) =>
      nextCacheMove({ ...cache, ...seen }, null, { ...history, ...past }, 60, now);
    expect(mend({}, {})).toEqual(done);
    expect(mend(off, { switchedOffAt: ago(90) })).toEqual(switchOn);
    expect(mend(off, {})).toEqual(done);
  });
});

test.for([
  ['in cluster mode', { clusterMode: true }, clusterMode],
  ['of a datastore', member, forBoth],
  ['of a datastore, with its failover on and without Multi-AZ', { ...member, multiAz: false }, forBoth],
  ['of a datastore, with its failover off', { ...member, ...off }, null],
  ['of its own', {}, null],
] as const)('a cache %s: why it is left to ElastiCache', ([, change, why]) => {
  expect(leftToElastiCache({ ...cache, ...change })).toBe(why);
});

test('the replica to promote stands outside the zone and is the same one each time', () => {
  expect(promotionCandidate(cache, zone)).toBe('redis-2');
  expect(promotionCandidate({ ...cache, nodes: [...cache.nodes].reverse() }, zone)).toBe('redis-2');
  expect(promotionCandidate({ ...cache, nodes: trapped.nodes }, zone)).toBeNull();
  expect(promotionCandidate({ ...cache, nodes: elsewhere.nodes }, zone)).toBeNull();
  expect(promotionCandidate({ ...cache, nodes: [node('redis-9', null)] }, zone)).toBeNull();
});

describe('a cache takes over, and', () => {
  const secondary = { datastore: 'available', primary: false, status: 'associated' };
  const failOver = { next: 'fail-over' };
  test.for([
    ['it is secondary', secondary, null, failOver],
    ['the old member is gone', { ...secondary, datastore: 'primary-only' }, null, failOver],
    ['it was asked 119 s ago', secondary, ago(119), wait('its failover was requested')],
    ['it was asked 120 s ago, and the call was lost', secondary, ago(120), failOver],
    ['the datastore changes', { ...secondary, datastore: 'modifying' }, null, wait('the datastore is modifying')],
    ['it is primary', { ...secondary, primary: true }, ago(60), done],
    [
      'it is primary, and the datastore still changes',
      { ...secondary, primary: true, datastore: 'modifying' },
      null,
      done,
    ],
    ['it is primary and the old member is gone', { datastore: 'primary-only', primary: true, status: 'x' }, null, done],
    [
      'it is primary and not yet settled',
      { datastore: 'modifying', primary: true, status: 'x' },
      ago(9),
      wait('it is modifying'),
    ],
  ] as const)('%s', ([, seen, calledAt, next]) => {
    expect(nextCacheTakeover(seen, calledAt, now)).toEqual(next);
  });
});
