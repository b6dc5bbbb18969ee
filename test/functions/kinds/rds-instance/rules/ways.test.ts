// Which way a database comes back: less loss, then less time, then what is not known; after a corruption from before it alone.

import { describe, expect, test } from 'vitest';
import { moment } from '../../../../../functions/domain/page/page-times.ts';
import {
  type AutomatedBackups,
  type BackupsSeen,
  bestOf,
  chooseSnapshot,
  type Evidence,
  type Preflight,
  restoreSeconds,
  type Situation,
  type Snapshot,
  ways,
} from '../../../../../functions/kinds/rds-instance/rules/ways.ts';
import { at } from '../../../../store/samples.ts';

const minute = 60_000;
const fine: Preflight = { problems: [], unknown: [] };
const automated: AutomatedBackups = {
  source: { of: 'replicated-backups', arn: 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-1' },
  resourceId: 'db-1',
  status: 'active',
  earliestAt: at - 7 * 24 * 60 * minute,
  latestAt: at - 6 * minute,
  allocatedGib: 500,
  engine: 'postgres',
  engineVersion: '16.4',
  keyId: null,
};
const snapshot: Snapshot = {
  id: 'chatops-database-copy-1',
  copyOf: 'arn:aws:rds:us-east-1:111122223333:snapshot:rds:chatops-prod-2026-11-27',
  instance: 'chatops-prod',
  resourceId: 'db-1',
  status: 'available',
  takenAt: at - 600 * minute,
  allocatedGib: 500,
  engine: 'postgres',
  engineVersion: '16.4',
  keyId: null,
};
const backups: BackupsSeen = {
  automated,
  snapshot: { found: snapshot, why: '', leftOut: [] },
  preflight: { automated: fine, snapshot: fine },
};
const evidence: Evidence = {
  replica: { obstacles: [], merit: 'the replica in us-west-2 is available' },
  lag: { at: at - 30_000, lagSeconds: 2 },
  backups,
  promotionSeconds: 300,
};
const broken = { replica: { obstacles: ['no replica was seen in us-west-2'], merit: 'no replica' } };
const situation: Situation = {
  mode: 'failover',
  now: at + 5 * minute,
  writesEndedAt: at,
  standby: 'us-west-2',
  corruptedSince: null,
  failed: [],
};

const rank = (change: Partial<Evidence> = {}, now: Partial<Situation> = {}) =>
  ways({ ...evidence, ...change }, { ...situation, ...now });
const order = (change: Partial<Evidence> = {}, now: Partial<Situation> = {}) =>
  rank(change, now).map(({ way, usable }) => (usable ? way : `not ${way}`));
const [replica, pit, snap] = ['promote-replica', 'restore-point-in-time', 'restore-snapshot'];

describe('the ways of a database are ranked', () => {
  test.for([
    ['with everything there', {}, {}, [replica, pit, snap]],
    ['with a broken replica', broken, {}, [pit, snap, `not ${replica}`]],
    [
      'with a replica that loses more than the backups',
      { lag: { at: at - 30 * minute, lagSeconds: 2 } },
      {},
      [pit, replica, snap],
    ],
    [
      'where both lose the same: the faster first',
      { lag: { at: at - 6 * minute, lagSeconds: 0 } },
      {},
      [replica, pit, snap],
    ],
    ['where one has failed', broken, { failed: ['restore-point-in-time'] }, [snap, `not ${replica}`, `not ${pit}`]],
    [
      'where a preflight found something',
      {
        ...broken,
        backups: {
          ...backups,
          preflight: {
            automated: { problems: ['parameter group x is not in us-west-2'], unknown: [] },
            snapshot: fine,
          },
        },
      },
      {},
      [snap, `not ${replica}`, `not ${pit}`],
    ],
    [
      'where of one something is not known: it comes after the known',
      {
        ...broken,
        backups: {
          ...backups,
          preflight: { automated: { problems: [], unknown: ['the key in us-west-2: NOT KNOWN'] }, snapshot: fine },
        },
      },
      {},
      [snap, pit, `not ${replica}`],
    ],
    [
      'where the size is not known, and with it the time',
      { ...broken, backups: { ...backups, automated: { ...automated, allocatedGib: null } } },
      {},
      [snap, pit, `not ${replica}`],
    ],
    ['in a switchover: a restore loses something', {}, { mode: 'switchover' }, [replica, `not ${pit}`, `not ${snap}`]],
    ['after a corruption', {}, { corruptedSince: at - 60 * minute }, [pit, snap, `not ${replica}`]],
    ['in a restore', {}, { mode: 'restore', standby: 'us-east-1', corruptedSince: at - 60 * minute }, [pit, snap]],
    [
      'after a corruption older than the backups',
      { backups: { ...backups, automated: { ...automated, earliestAt: at - 30 * minute } } },
      { corruptedSince: at - 60 * minute },
      [snap, `not ${pit}`, `not ${replica}`],
    ],
    ['where the plan restores nothing', { backups: undefined }, {}, [replica, `not ${pit}`, `not ${snap}`]],
    [
      'where nobody answers for the backups',
      {
        backups: {
          automated: undefined,
          snapshot: { found: undefined, why: '', leftOut: [] },
          preflight: { automated: null, snapshot: null },
        },
      },
      {},
      [replica, `not ${pit}`, `not ${snap}`],
    ],
    [
      'where there are no backups',
      {
        backups: {
          automated: null,
          snapshot: { found: null, why: 'there is none of chatops-prod', leftOut: [] },
          preflight: { automated: null, snapshot: null },
        },
      },
      {},
      [replica, `not ${pit}`, `not ${snap}`],
    ],
    [
      'while the first backup is made',
      { backups: { ...backups, automated: { ...automated, status: 'creating', earliestAt: null, latestAt: null } } },
      {},
      [replica, snap, `not ${pit}`],
    ],
  ] as const)('%s', ([, change, now, expected]) => {
    expect(order(change as Partial<Evidence>, now as Partial<Situation>)).toEqual(expected);
  });

  test('each with the most that it loses, how long it takes, and from what', () => {
    const [first, second, third] = rank();
    expect(first).toMatchObject({ lossSeconds: 32, seconds: 300, against: [] });
    expect(second).toMatchObject({
      lossSeconds: 360,
      seconds: 1_200 + 500 * 2 + 1_800,
      source: automated.source,
      restoreTo: null,
      dataUntil: automated.latestAt,
    });
    expect(third).toMatchObject({ lossSeconds: 36_000, seconds: 2_200, source: { of: 'snapshot', id: snapshot.id } });
  });

  test('what a rehearsal took counts more than an estimate, and is said', () => {
    const [, second, third] = rank({ backups: { ...backups, measuredSeconds: 4_500 } });
    expect([second?.seconds, third?.seconds]).toEqual([4_500, 4_500]);
    expect(second?.why).toContain('; the last rehearsal of a restore took 1 h 15 min');
  });

  test('after a corruption to the second before it, and all since is lost', () => {
    const corruptedSince = at - 60 * minute + 500;
    const best = bestOf(rank({}, { corruptedSince }));
    expect(best).toMatchObject({ way: pit, restoreTo: at - 60 * minute, lossSeconds: 3600 });
    expect(rank({}, { corruptedSince })[2]?.against).toEqual([
      `it has the corrupted data, since ${moment(corruptedSince)}`,
    ]);
  });

  test('a restore loses what is written until the end of the writes, which is now until the database is fenced', () => {
    const corruptedSince = at - 60 * minute;
    expect(bestOf(rank({}, { mode: 'restore', corruptedSince, writesEndedAt: at + 5 * minute }))?.lossSeconds).toBe(
      3600 + 300 + 1,
    );
  });

  test('a corruption that is newer than the newest moment leaves that moment', () => {
    const best = bestOf(rank({}, { corruptedSince: at - minute }));
    expect(best).toMatchObject({ way: pit, restoreTo: automated.latestAt, dataUntil: automated.latestAt });
  });

  test('a look that nobody answered says that nothing is known', () => {
    const none = {
      automated: undefined,
      snapshot: { found: undefined, why: '', leftOut: [] },
      preflight: { automated: null, snapshot: null },
    };
    const found = rank({ backups: none }).slice(1);
    for (const { against, lossSeconds, seconds } of found) {
      expect(against.join()).toContain('NOT KNOWN');
      expect([lossSeconds, seconds]).toEqual([null, null]);
    }
  });

  test.for([
    ['nobody has said since when', null, 'nobody has said since when'],
    ['the corruption is still ahead of its replay', at - 60 * minute, 'a person has to stop its replay within'],
    ['it has replayed the corruption', at - 24 * 60 * minute, 'has replayed the corruption by now'],
  ] as const)('a delayed replica is shown and never taken: %s', ([, corruptedSince, words]) => {
    const delayed = { instance: 'chatops-delayed', delaySeconds: 6 * 3600 };
    const found = rank({ delayed }, { corruptedSince }).find(({ way }) => way === 'promote-delayed-replica');
    expect(found?.usable).toBe(false);
    expect(found?.against.join()).toContain(words);
  });

  test('how long a restore takes grows with its size, and is not known without', () => {
    expect(restoreSeconds({ allocatedGib: 20 }, 'no-logs')).toBe(1_240);
    expect(restoreSeconds({ allocatedGib: null }, 'logs')).toBeNull();
  });
});

describe('the newest snapshot is chosen', () => {
  const wanted = { engine: 'postgres', instances: ['chatops-prod'], resourceId: 'db-1', corruptedSince: null };
  const older = { ...snapshot, id: 'older', copyOf: 'arn:2', takenAt: at - 1_000 * minute };

  test('of those that are whole, of this database and this engine; each other one is left out with a line', () => {
    const chosen = chooseSnapshot(
      [
        older,
        snapshot,
        { ...snapshot, id: 'creating', status: 'creating', takenAt: at },
        { ...snapshot, id: 'mysql', engine: 'mysql', takenAt: at },
        { ...snapshot, id: 'namesake', resourceId: 'db-2', takenAt: at },
        { ...snapshot, id: 'of another', instance: 'shop', takenAt: at },
        { ...snapshot, id: 'timeless', takenAt: null },
      ],
      wanted,
    );
    expect(chosen.found?.id).toBe(snapshot.id);
    expect(chosen.leftOut).toEqual([
      'snapshot creating is left out: it is creating',
      'snapshot mysql is left out: it is of mysql, and the database is postgres',
      'snapshot namesake is left out: it is of another database of that name, db-2',
      'snapshot timeless is left out: when its data was is not known',
    ]);
  });

  test.for([
    ['there is none', [], {}, 'there is none of chatops-prod'],
    [
      'the latest is ambiguous',
      [snapshot, { ...snapshot, id: 'by hand', copyOf: null }],
      {},
      'the latest is ambiguous: chatops-database-copy-1, by hand are of the same moment',
    ],
    [
      'they are of two databases, and which is meant is not known',
      [snapshot, { ...older, resourceId: 'db-2' }],
      { resourceId: null },
      'they are of 2 databases of one name (db-1, db-2), and which is meant is not known',
    ],
    [
      'all are of after the corruption',
      [snapshot],
      { corruptedSince: at - 601 * minute },
      `there is none of chatops-prod, from before ${moment(at - 601 * minute)}`,
    ],
  ] as const)('and none where %s', ([, all, change, why]) => {
    expect(chooseSnapshot(all, { ...wanted, ...change })).toMatchObject({ found: null, why });
  });

  test('two copies of one snapshot are one', () => {
    expect(chooseSnapshot([snapshot, { ...snapshot, id: 'again' }], wanted).found?.takenAt).toBe(snapshot.takenAt);
  });
});
