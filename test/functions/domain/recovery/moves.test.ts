// The decisions of the zone flow's steps, by table: what is seen, what is done next.
import { expect, test } from 'vitest';
import { nextShift } from '../../../../functions/domain/recovery/moves.ts';
import { nextCacheMove, promotionCandidate } from '../../../../functions/kinds/elasticache/moves.ts';
import { nextDatabaseMove } from '../../../../functions/kinds/rds-instance/moves.ts';

const zone = 'use1-az1';
const now = 1_000_000_000;
const ago = (seconds: number) => now - seconds * 1000;

const writer = { status: 'available', zone, multiAz: true };
const quiet = { calledAt: null, failover: null };

test.for([
  ['the writer stands in the zone', {}, {}, 'reboot'],
  ['the writer stands elsewhere', { zone: 'use1-az2' }, {}, 'done'],
  ['the writer stands elsewhere and is still restarting', { zone: 'use1-az2', status: 'rebooting' }, {}, 'done'],
  ['nobody says where the writer stands', { zone: null }, {}, 'wait'],
  ['there is no standby', { multiAz: false }, {}, 'give-up'],
  ['there is no standby, and the writer is elsewhere', { multiAz: false, zone: 'use1-az2' }, {}, 'done'],
  ['it is changing', { status: 'rebooting' }, {}, 'wait'],
  ['its storage is optimised, for a day or so', { status: 'storage-optimization' }, {}, 'reboot'],
  ['its storage is initialised', { status: 'storage-initialization' }, {}, 'reboot'],
  ['it is backed up, and RDS takes no reboot', { status: 'backing-up' }, {}, 'wait'],
  ['its logs are configured, and RDS takes no reboot', { status: 'configuring-log-exports' }, {}, 'wait'],
  ['it has failed', { status: 'failed' }, {}, 'wait'],
  ['a failover of AWS is under way', {}, { failover: { phase: 'started', at: ago(30) } }, 'wait'],
  ['a failover of AWS was never reported to end', {}, { failover: { phase: 'started', at: ago(900) } }, 'reboot'],
  ['a failover has just ended and the read may be old', {}, { failover: { phase: 'completed', at: ago(20) } }, 'wait'],
  ['a failover ended into the zone a while ago', {}, { failover: { phase: 'completed', at: ago(300) } }, 'reboot'],
  ['it was asked for a moment ago', {}, { calledAt: ago(10) }, 'wait'],
  ['the call was lost', {}, { calledAt: ago(600) }, 'reboot'],
] as const)('the database: %s', ([, seen, history, next]) => {
  expect(nextDatabaseMove({ ...writer, ...seen }, zone, { ...quiet, ...history }, now).next).toBe(next);
});

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
const history = { since: ago(61), switchedOffAt: null, promotedAt: null, switchedOnAt: null };

test.for([
  ['ElastiCache still has time for its own failover', {}, { since: ago(59) }, 'wait'],
  ['ElastiCache has had its time', {}, {}, 'switch-off'],
  ['ElastiCache moved it by itself', elsewhere, {}, 'done'],
  ['switching off was asked for a moment ago', {}, { switchedOffAt: ago(5) }, 'wait'],
  ['the call to switch off was lost', {}, { switchedOffAt: ago(90) }, 'switch-off'],
  ['it is being switched off', { automaticFailover: 'disabling' }, { switchedOffAt: ago(90) }, 'wait'],
  ['it is off', off, { switchedOffAt: ago(90) }, 'promote'],
  ['it was off before, so ElastiCache has nothing of its own to do', off, { since: ago(1) }, 'promote'],
  ['promoting was asked for a moment ago', off, { switchedOffAt: ago(90), promotedAt: ago(5) }, 'wait'],
  ['it is being modified', { ...off, status: 'modifying' }, { switchedOffAt: ago(90), promotedAt: ago(30) }, 'wait'],
  ['it moved and is still off', { ...elsewhere, ...off }, { switchedOffAt: ago(90), promotedAt: ago(60) }, 'switch-on'],
  ['it moved and was never on', { ...elsewhere, ...off }, {}, 'done'],
  [
    'it moved and is being switched on',
    { ...elsewhere, ...off, automaticFailover: 'enabling' },
    { switchedOffAt: ago(90), switchedOnAt: ago(5) },
    'wait',
  ],
  [
    'it moved and is on again',
    elsewhere,
    { switchedOffAt: ago(90), promotedAt: ago(60), switchedOnAt: ago(30) },
    'done',
  ],
  [
    'it crashed half way and nothing is left to promote',
    { ...off, ...trapped },
    { switchedOffAt: ago(90) },
    'switch-on',
  ],
  ['no replica stands elsewhere', trapped, {}, 'give-up'],
  ['it runs in cluster mode, and ElastiCache still has time', { clusterMode: true }, { since: ago(59) }, 'wait'],
  ['it runs in cluster mode', { clusterMode: true }, {}, 'stay'],
  ['it runs in cluster mode, where no node is primary', { clusterMode: true, nodes: [] }, {}, 'stay'],
  ['it is a member of a datastore, and ElastiCache still has time', member, { since: ago(59) }, 'wait'],
  ['it is a member of a datastore', member, {}, 'stay'],
  [
    'it is a member of a datastore whose failover is off, and has Multi-AZ',
    { ...member, ...off, multiAz: true },
    {},
    'stay',
  ],
  ['it is a member of a datastore whose failover is off', { ...member, ...off }, {}, 'promote'],
  ['it is a member of a datastore, and ElastiCache moved it by itself', { ...member, ...elsewhere }, {}, 'done'],
  ['it is a member of a datastore, and has no replica elsewhere', { ...member, ...trapped }, {}, 'give-up'],
  ['no node is primary', { nodes: [node('redis-2', 'use1-az2')] }, {}, 'wait'],
  ['nobody says where the primary stands', { nodes: [node('redis-1', null, true)] }, {}, 'wait'],
  ['nobody says whether it fails over by itself', { automaticFailover: 'unknown' }, {}, 'wait'],
] as const)('the cache: %s', ([, seen, past, next]) => {
  expect(nextCacheMove({ ...cache, ...seen }, zone, { ...history, ...past }, 60, now).next).toBe(next);
});

test('the replica to promote stands outside the zone and is the same one each time', () => {
  expect(promotionCandidate(cache, zone)).toBe('redis-2');
  expect(promotionCandidate({ ...cache, nodes: [...cache.nodes].reverse() }, zone)).toBe('redis-2');
  expect(promotionCandidate({ ...cache, nodes: trapped.nodes }, zone)).toBeNull();
  expect(promotionCandidate({ ...cache, nodes: [node('redis-9', null)] }, zone)).toBeNull();
});

const shift = (cause: 'customer' | 'autoshift' | 'practice' | 'experiment', awayFrom = zone) => ({ cause, awayFrom });

test.for([
  ['nothing is shifted', [], 'start'],
  ['a person shifted it away from the zone', [shift('customer')], 'done'],
  ['AWS shifted it away from the zone', [shift('autoshift')], 'done'],
  ['an experiment shifted it away from the zone', [shift('experiment')], 'done'],
  ['a practice run shifted it away from the zone and will end', [shift('practice')], 'start'],
  ['a practice run shifted it away from another zone', [shift('practice', 'use1-az2')], 'start'],
  ['a person shifted it away from another zone', [shift('customer', 'use1-az2')], 'give-up'],
  ['AWS shifted it away from another zone', [shift('autoshift', 'use1-az2')], 'give-up'],
  ['a person shifted it here, AWS there', [shift('autoshift', 'use1-az2'), shift('customer')], 'done'],
] as const)('traffic: %s', ([, shifts, next]) => {
  expect(nextShift(shifts, zone).next).toBe(next);
});
