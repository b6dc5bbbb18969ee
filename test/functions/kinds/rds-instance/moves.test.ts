// What is done next with a database, from what was seen of it.
import { describe, expect, test } from 'vitest';
import { giveUp, wait } from '../../../../functions/domain/recovery/moves.ts';
import {
  groupsChange,
  isClosed,
  nextDatabaseMove,
  nextFence,
  nextPromotion,
  nextRestore,
  nextUnfence,
} from '../../../../functions/kinds/rds-instance/moves.ts';

/** The clock began in 1970, 10 s ago: so it shows where what is not known, null, is taken for that moment. */
const now = 10_000;
const ago = (seconds: number) => now - seconds * 1000;
const done = { next: 'done' };
const reboot = { next: 'reboot' };
const replaced = wait('its security groups are being replaced');

describe('a database leaves the zone, and', () => {
  const zone = 'use1-az1';
  const failover = (phase: 'started' | 'completed', seconds: number) => ({ failover: { phase, at: ago(seconds) } });
  const underWay = wait('a failover is under way');
  const ended = wait('a failover has just ended');
  test.for([
    ['it stands in the zone', {}, {}, reboot],
    ['it stands elsewhere', { zone: 'use1-az2' }, {}, done],
    ['it stands elsewhere and is still restarting', { zone: 'use1-az2', status: 'rebooting' }, {}, done],
    ['nobody says where it stands', { zone: null }, {}, wait('its zone is not known')],
    ['there is no standby', { multiAz: false }, {}, giveUp('it has no standby in another zone')],
    ['there is no standby, and it is elsewhere', { multiAz: false, zone: 'use1-az2' }, {}, done],
    ['it is changing', { status: 'rebooting' }, {}, wait('it is rebooting')],
    ['its storage is optimised, for a day or so', { status: 'storage-optimization' }, {}, reboot],
    ['its storage is initialised', { status: 'storage-initialization' }, {}, reboot],
    ['it is backed up, and RDS takes no reboot', { status: 'backing-up' }, {}, wait('it is backing-up')],
    [
      'its logs are configured, and RDS takes no reboot',
      { status: 'configuring-log-exports' },
      {},
      wait('it is configuring-log-exports'),
    ],
    ['it has failed', { status: 'failed' }, {}, wait('it is failed')],
    ['a failover of AWS has just begun', {}, failover('started', 30), underWay],
    ['a failover of AWS began 599 s ago, and may still be under way', {}, failover('started', 599), underWay],
    ['a failover of AWS began 600 s ago, and its end was never reported', {}, failover('started', 600), reboot],
    ['a failover ended 119 s ago, and the read may be old', {}, failover('completed', 119), ended],
    ['a failover ended into the zone 120 s ago', {}, failover('completed', 120), reboot],
    ['its failover was asked for 179 s ago', {}, { calledAt: ago(179) }, wait('its failover was requested')],
    ['its failover was asked for 180 s ago, and the call was lost', {}, { calledAt: ago(180) }, reboot],
    [
      'the failover that was asked for has ended, and what is read is old',
      {},
      { ...failover('completed', 599), calledAt: ago(700) },
      wait('RDS says that its failover has ended, and still shows it there'),
    ],
    [
      'the failover that was asked for ended in the second in which it was asked for',
      {},
      { ...failover('completed', 201), calledAt: ago(200) },
      wait('RDS says that its failover has ended, and still shows it there'),
    ],
    [
      'the failover that was asked for ended long ago, and it stands in the zone all the same',
      {},
      { ...failover('completed', 600), calledAt: ago(700) },
      giveUp('RDS says that its failover has ended, and shows it there all the same'),
    ],
    [
      'a failover ended before one was asked for, which was lost',
      {},
      { ...failover('completed', 202), calledAt: ago(200) },
      reboot,
    ],
    [
      'a failover ended long ago, and another was asked for since',
      {},
      { ...failover('completed', 300), calledAt: ago(9) },
      wait('its failover was requested'),
    ],
  ] as const)('%s', ([, seen, history, next]) => {
    const writer = { status: 'available', zone, multiAz: true, ...seen };
    expect(nextDatabaseMove(writer, zone, { calledAt: null, failover: null, ...history }, now)).toEqual(next);
  });
});

describe('a database is fenced, and', () => {
  const open = { status: 'available', groups: ['sg-open'], groupsActive: true };
  const closed = { ...open, groups: ['sg-closed'] };
  const exchanged = { exchangedAt: ago(5) };
  const exchange = { next: 'exchange' };
  const restarts = wait('its restart was requested');
  test.for([
    ['its groups admit applications', open, {}, exchange],
    ['another group stands beside the closed one', { ...open, groups: ['sg-closed', 'sg-open'] }, {}, exchange],
    ['it is changing already', { ...open, status: 'modifying' }, {}, wait('it is modifying')],
    ['its storage is optimised', { ...open, status: 'storage-optimization' }, {}, exchange],
    ['it is backed up', { ...open, status: 'backing-up' }, {}, exchange],
    ['its disk is full', { ...open, status: 'storage-full' }, {}, giveUp('it is storage-full')],
    [
      'its keys are gone',
      { ...open, status: 'inaccessible-encryption-credentials' },
      {},
      giveUp('it is inaccessible-encryption-credentials'),
    ],
    ['it is stopped: it takes no writes until it is started', { ...open, status: 'stopped' }, {}, { next: 'stopped' }],
    ['it is stopped, and admits nobody when it is started', { ...closed, status: 'stopped' }, {}, done],
    ['the exchange was asked for 119 s ago', open, { exchangedAt: ago(119) }, replaced],
    ['the exchange was asked for 120 s ago, and was lost', open, { exchangedAt: ago(120) }, exchange],
    ['the closed group is not in force yet', { ...closed, groupsActive: false }, exchanged, replaced],
    ['nobody is admitted and the sessions live on', closed, exchanged, reboot],
    [
      'sessions live on, and its storage is optimised',
      { ...closed, status: 'storage-optimization' },
      exchanged,
      reboot,
    ],
    ['sessions live on, and it is backed up', { ...closed, status: 'backing-up' }, exchanged, wait('it is backing-up')],
    ['it restarts', { ...closed, status: 'rebooting' }, { ...exchanged, rebootedAt: ago(9) }, wait('it is rebooting')],
    ['its restart was asked for and nobody saw it', closed, { ...exchanged, rebootedAt: ago(10) }, restarts],
    ['its restart was asked for 299 s ago', closed, { exchangedAt: ago(400), rebootedAt: ago(299) }, restarts],
    [
      'its restart was asked for 300 s ago, and was lost',
      closed,
      { exchangedAt: ago(400), rebootedAt: ago(300) },
      reboot,
    ],
    ['a restart before our call was seen', closed, { rebootedAt: ago(9), restartSeenAt: ago(10) }, restarts],
    ['a restart that nobody here asked for was seen', closed, { ...exchanged, restartSeenAt: ago(4) }, reboot],
    ['its restart was seen', closed, { ...exchanged, rebootedAt: ago(9), restartSeenAt: ago(8) }, done],
    ['its restart was seen at once', closed, { ...exchanged, rebootedAt: ago(9), restartSeenAt: ago(9) }, done],
    [
      'its restart was seen, and it is backed up now',
      { ...closed, status: 'backing-up' },
      { ...exchanged, rebootedAt: ago(9), restartSeenAt: ago(8) },
      done,
    ],
    [
      'it was found fenced before',
      closed,
      { exchangedAt: ago(4_100), rebootedAt: ago(4_000), fencedAt: ago(3_900) },
      done,
    ],
    ['it was found fenced as its restart was asked for', closed, { rebootedAt: ago(9), fencedAt: ago(9) }, done],
    ['it was found fenced, and this execution did nothing to it', closed, { fencedAt: ago(9) }, done],
    ['it was fenced, opened and closed again', closed, { ...exchanged, fencedAt: ago(9) }, reboot],
    [
      'it was fenced, and a restart was asked for since',
      closed,
      { exchangedAt: ago(9), fencedAt: ago(8), rebootedAt: ago(7) },
      restarts,
    ],
  ] as const)('%s', ([, seen, history, next]) => {
    const nothing = { exchangedAt: null, rebootedAt: null, restartSeenAt: null };
    expect(nextFence(seen, 'sg-closed', { ...nothing, ...history }, now)).toEqual(next);
  });

  test.for([
    [['sg-closed'], true],
    [['sg-closed', 'sg-closed-too'], false],
    [['sg-open'], false],
    [[], false],
  ] as const)('with %o it is closed: %s', ([groups, expected]) => {
    expect(isClosed(groups, 'sg-closed')).toBe(expected);
  });
});

describe('a database is opened again, and', () => {
  const closed = { status: 'available', groups: ['sg-closed'], groupsActive: true };
  const open = { ...closed, groups: ['sg-app', 'sg-jobs'] };
  const exchange = { next: 'exchange' };
  test.for([
    ['its groups admit nobody', closed, null, exchange],
    ['one of its groups is missing', { ...closed, groups: ['sg-app'] }, null, exchange],
    ['it is backed up', { ...closed, status: 'backing-up' }, null, exchange],
    ['it is changing already', { ...closed, status: 'modifying' }, null, wait('it is modifying')],
    ['its groups were asked for 119 s ago', closed, ago(119), replaced],
    ['its groups were asked for 120 s ago, and the call was lost', closed, ago(120), exchange],
    ['its groups are not in force yet', { ...open, groupsActive: false }, ago(5), replaced],
    ['it restarts', { ...open, status: 'rebooting' }, ago(5), wait('it is rebooting')],
    ['its groups are in force', open, ago(5), done],
    ['somebody else opened it', open, null, done],
    ['it is stopped', { ...closed, status: 'stopped' }, null, giveUp('it is stopped')],
    ['it was opened, and is stopped', { ...open, status: 'stopped' }, null, giveUp('it is stopped')],
    ['its disk is full', { ...closed, status: 'storage-full' }, null, giveUp('it is storage-full')],
    ['it was opened, and its disk is full', { ...open, status: 'storage-full' }, null, giveUp('it is storage-full')],
  ] as const)('%s', ([, seen, askedAt, next]) => {
    expect(nextUnfence(seen, open.groups, askedAt, now)).toEqual(next);
  });
});

test.for([
  [['sg-app', 'sg-jobs'], ['sg-closed'], 'available, with sg-app, sg-jobs', 'with sg-closed alone'],
  [['sg-closed'], ['sg-app', 'sg-jobs'], 'available, with sg-closed', 'with sg-app, sg-jobs alone'],
  [[], ['sg-closed'], 'available, with no group', 'with sg-closed alone'],
] as const)('the record says of an exchange of %o for %o: %s, %s', ([groups, asked, before, wanted]) => {
  expect(groupsChange({ status: 'available', groups }, asked)).toEqual({ before, wanted });
});

describe('a replica becomes the writer, and', () => {
  const replica = { status: 'available', replicaOf: 'arn:source' };
  const writer = { ...replica, replicaOf: null };
  const promote = { next: 'promote' };
  test.for([
    ['it still replicates', replica, null, promote],
    ['it is available, and was asked 119 s ago', replica, ago(119), wait('its promotion was requested')],
    ['it was asked 120 s ago, and the call was lost', replica, ago(120), promote],
    ['it is changing', { ...replica, status: 'modifying' }, ago(30), wait('it is modifying')],
    ['its storage is optimised', { ...replica, status: 'storage-optimization' }, null, promote],
    ['its monitoring is configured', { ...replica, status: 'configuring-enhanced-monitoring' }, null, promote],
    [
      'it is backed up, which RDS does not promote',
      { ...replica, status: 'backing-up' },
      null,
      wait('it is backing-up'),
    ],
    ['its first backup runs after the promotion', { ...writer, status: 'backing-up' }, ago(300), done],
    ['its source link is gone while it restarts', { ...writer, status: 'rebooting' }, ago(60), wait('it is rebooting')],
    ['its source link is gone', writer, ago(300), done],
    ['somebody else promoted it', writer, null, done],
    ['it has failed', { ...replica, status: 'failed' }, null, giveUp('it is failed')],
    [
      'it is in a state of no return',
      { ...replica, status: 'incompatible-restore' },
      null,
      giveUp('it is incompatible-restore'),
    ],
  ] as const)('%s', ([, seen, calledAt, next]) => {
    expect(nextPromotion(seen, calledAt, now)).toEqual(next);
  });
});

describe('a database is restored, and', () => {
  const restore = { next: 'restore' };
  const another = { next: 'take-another-name' };
  test.for([
    ['nothing has its name', null, null, restore],
    ['it was asked for just now', null, ago(0), wait('its restore was requested')],
    ['it was asked for 299 s ago', null, ago(299), wait('its restore was requested')],
    ['it was asked for 300 s ago, and is not to be seen', null, ago(300), restore],
    ['somebody else makes one of its name', 'creating', null, another],
    ['somebody else has one of its name', 'available', null, another],
    ['it is made', 'creating', ago(9), wait('it is creating')],
    ['it is still made long after that', 'creating', ago(3_000), wait('it is creating')],
    ['it changes', 'modifying', ago(9), wait('it is modifying')],
    ['it restarts', 'rebooting', ago(9), wait('it is rebooting')],
    ['its status is one that nobody knows', 'something new', ago(9), wait('it is something new')],
    ...['incompatible-network', 'insufficient-capacity', 'storage-full', 'deleting', 'delete-precheck'].map(
      (status) => ['it cannot be had', status, ago(9), giveUp(`it is ${status}`)] as const,
    ),
    [
      'its key is gone',
      'inaccessible-encryption-credentials-recoverable',
      ago(9),
      {
        ...giveUp('it is inaccessible-encryption-credentials-recoverable'),
      },
    ],
  ] as const)('%s: %s', ([, status, calledAt, next]) => {
    expect(nextRestore(status === null ? null : { status, replicaOf: null }, calledAt, now)).toEqual(next);
  });

  test.for(['available', 'backing-up', 'storage-initialization'])(
    'it is %s: then it is the writer, unless it replicates from another one',
    (status) => {
      expect(nextRestore({ status, replicaOf: null }, ago(9), now)).toEqual(done);
      expect(nextRestore({ status, replicaOf: 'arn:source' }, ago(9), now)).toEqual(giveUp('it is a replica'));
    },
  );
});
