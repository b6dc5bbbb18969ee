// Tests of what the steps of a region flow do next, and of what its record says it took and cost.
import { describe, expect, test } from 'vitest';
import { countsFrom } from '../../../../functions/domain/record/fault-clock.ts';
import { lossSeconds, measure } from '../../../../functions/domain/recovery/region-record.ts';
import { nextCacheTakeover } from '../../../../functions/kinds/elasticache/moves.ts';
import { nextFence, nextPromotion } from '../../../../functions/kinds/rds-instance/moves.ts';

const now = Date.parse('2026-11-23T03:10:00Z');
const ago = (seconds: number) => now - seconds * 1000;

describe('a database is fenced', () => {
  const open = { status: 'available', groups: ['sg-open'], groupsActive: true };
  const closed = { ...open, groups: ['sg-closed'] };
  const nothing = { exchangedAt: null, rebootedAt: null, restartSeenAt: null };
  const exchanged = { ...nothing, exchangedAt: ago(5) };
  test.for([
    ['its groups admit applications', open, nothing, 'exchange'],
    ['another group stands beside the closed one', { ...open, groups: ['sg-closed', 'sg-open'] }, nothing, 'exchange'],
    ['it is changing already', { ...open, status: 'modifying' }, nothing, 'wait'],
    ['its storage is optimised', { ...open, status: 'storage-optimization' }, nothing, 'exchange'],
    ['it is backed up', { ...open, status: 'backing-up' }, nothing, 'exchange'],
    ['its disk is full', { ...open, status: 'storage-full' }, nothing, 'give-up'],
    ['its keys are gone', { ...open, status: 'inaccessible-encryption-credentials' }, nothing, 'give-up'],
    ['it is stopped: it takes no writes', { ...open, status: 'stopped' }, nothing, 'done'],
    [
      'sessions live on, and its storage is optimised',
      { ...closed, status: 'storage-optimization' },
      exchanged,
      'reboot',
    ],
    ['sessions live on, and it is backed up', { ...closed, status: 'backing-up' }, exchanged, 'wait'],
    ['the exchange was asked for a moment ago', open, exchanged, 'wait'],
    ['the exchange showed no effect for minutes', open, { ...nothing, exchangedAt: ago(121) }, 'exchange'],
    ['the closed group is not in force yet', { ...closed, groupsActive: false }, exchanged, 'wait'],
    ['nobody is admitted and the sessions live on', closed, exchanged, 'reboot'],
    ['it restarts', { ...closed, status: 'rebooting' }, { ...exchanged, rebootedAt: ago(9) }, 'wait'],
    ['its restart was asked for and nobody saw it', closed, { ...exchanged, rebootedAt: ago(9) }, 'wait'],
    [
      'it was found fenced before',
      closed,
      { ...nothing, exchangedAt: ago(4_100), rebootedAt: ago(4_000), fencedAt: ago(3_900) },
      'done',
    ],
    ['it was fenced, opened and closed again', closed, { ...exchanged, fencedAt: ago(9) }, 'reboot'],
    ['its restart was lost', closed, { ...exchanged, rebootedAt: ago(301) }, 'reboot'],
    ['a restart before our call was seen', closed, { ...nothing, rebootedAt: ago(9), restartSeenAt: ago(30) }, 'wait'],
    ['its restart was seen', closed, { ...exchanged, rebootedAt: ago(9), restartSeenAt: ago(8) }, 'done'],
    [
      'its restart was seen, and it is backed up now',
      { ...closed, status: 'backing-up' },
      { ...exchanged, rebootedAt: ago(9), restartSeenAt: ago(8) },
      'done',
    ],
  ] as const)('when %s: next', ([, seen, history, next]) => {
    expect(nextFence(seen, 'sg-closed', history, now).next).toBe(next);
  });
});

describe('a replica becomes the writer', () => {
  const replica = { status: 'available', replicaOf: 'arn:source' };
  test.for([
    ['it still replicates', replica, null, 'promote'],
    ['it is available, its source link is there, and it was asked', replica, ago(30), 'wait'],
    ['the call showed no effect for minutes', replica, ago(121), 'promote'],
    ['it is changing', { ...replica, status: 'modifying' }, ago(30), 'wait'],
    ['its storage is optimised', { ...replica, status: 'storage-optimization' }, null, 'promote'],
    ['its monitoring is configured', { ...replica, status: 'configuring-enhanced-monitoring' }, null, 'promote'],
    ['it is backed up, which RDS does not promote', { ...replica, status: 'backing-up' }, null, 'wait'],
    ['its first backup runs after the promotion', { status: 'backing-up', replicaOf: null }, ago(300), 'done'],
    ['its source link is gone while it restarts', { status: 'rebooting', replicaOf: null }, ago(60), 'wait'],
    ['its source link is gone', { ...replica, replicaOf: null }, ago(300), 'done'],
    ['somebody else promoted it', { ...replica, replicaOf: null }, null, 'done'],
    ['it has failed', { ...replica, status: 'failed' }, null, 'give-up'],
    ['it is in a state of no return', { ...replica, status: 'incompatible-restore' }, null, 'give-up'],
  ] as const)('when %s: next', ([, seen, calledAt, next]) => {
    expect(nextPromotion(seen, calledAt, now).next).toBe(next);
  });
});

describe('the cache takes over', () => {
  const secondary = { datastore: 'available', primary: false, status: 'associated' };
  test.for([
    ['it is secondary', secondary, null, 'fail-over'],
    ['it was asked', secondary, ago(10), 'wait'],
    ['the call was lost', secondary, ago(121), 'fail-over'],
    ['the datastore changes', { ...secondary, datastore: 'modifying' }, null, 'wait'],
    ['it is primary', { ...secondary, primary: true }, ago(60), 'done'],
    [
      'it is primary and the old member is gone',
      { datastore: 'primary-only', primary: true, status: 'x' },
      null,
      'done',
    ],
    ['it is primary and not yet settled', { datastore: 'modifying', primary: true, status: 'x' }, ago(9), 'wait'],
  ] as const)('when %s: next', ([, seen, calledAt, next]) => {
    expect(nextCacheTakeover(seen, calledAt, now).next).toBe(next);
  });
});

describe('the record', () => {
  const moments = {
    since: ago(900),
    from: { at: ago(940), what: 'last-served' as const },
    decidedAt: ago(800),
    startedAt: ago(790),
    approvals: [{ askedAt: ago(780), settledAt: ago(480) }],
    verifiedAt: now,
  };

  test('measures each part, and what people took apart from what the flow took', () => {
    expect(measure(moments)).toEqual({
      detectSeconds: 40,
      decideSeconds: 100,
      approvalSeconds: 300,
      executeSeconds: 490,
      recoverySeconds: 940,
      restoreSeconds: 900,
      countsFrom: moments.from,
    });
  });

  test('says null where nothing was verified or decided, rather than a good figure', () => {
    const from = countsFrom(moments.since, null);
    expect(measure({ ...moments, from, decidedAt: null, verifiedAt: null })).toEqual({
      detectSeconds: null,
      decideSeconds: null,
      approvalSeconds: 300,
      executeSeconds: null,
      recoverySeconds: null,
      restoreSeconds: null,
      countsFrom: from,
    });
  });

  test.for([
    ['what came after the last lag is lost as well', 'failover', { at: ago(90), lagSeconds: 4 }, 94],
    ['an unknown lag is an unknown loss', 'failover', { at: ago(90), lagSeconds: null }, null],
    ['no lag is an unknown loss, and not none', 'failover', null, null],
    ['a switchover waited for everything', 'switchover', null, 0],
  ] as const)('%s', ([, mode, last, loss]) => {
    expect(lossSeconds(mode, last, now)).toBe(loss);
  });
});
