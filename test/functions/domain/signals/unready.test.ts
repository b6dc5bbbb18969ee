// Lost readiness: what becomes a signal, when it is no news, whose it is, and that an incident of it opens, grows and ends.
import { expect, test } from 'vitest';
import { advance } from '../../../../functions/domain/decision/incident.ts';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import {
  type CheckResult,
  notReady,
  ready,
  sinceBefore,
  unread,
} from '../../../../functions/domain/recovery/readiness.ts';
import {
  type Around,
  isAllReady,
  isOverruled,
  ownerOf,
  ownersOf,
  readinessCause,
  unreadySignals,
} from '../../../../functions/domain/signals/unready.ts';
import type { Incident, Signal, Standing } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { start } from '../../setting.ts';

const region = 'us-west-2';
const minute = 60_000;
const standing: Standing = {
  frozen: null,
  primary: 'us-east-1',
  epoch: 1,
  movedAt: null,
  lock: null,
  degradation: null,
  lastActions: [],
};

function seen(checks: Readonly<Record<string, CheckResult>>, minutes = 0) {
  const at = start + minutes * minute;
  return { region, at, checks: Object.entries(checks).map(([check, verdict]) => ({ check, ...verdict })) };
}

const calm: Around = { movedAt: null, open: null, overruled: false };

const wellReplica = { replica: ready('it replicates') };
const lostReplica = { replica: notReady('it does not replicate') };

test('what is ready is no signal, and what is not counts from the look that found it', () => {
  expect(unreadySignals(seen(wellReplica), [], calm)).toEqual([]);
  const first = unreadySignals(seen({ ...lostReplica, lag: unread('throttled'), cache: ready('') }), [], calm);
  expect(first.map(({ check, condition, at, why }) => [check, condition, at, why])).toEqual([
    ['replica', 'failing', start, 'it does not replicate'],
    ['lag', 'failing', start, 'could not be read: throttled'],
  ]);
  expect(unreadySignals(seen({ ...lostReplica, lag: unread('throttled') }, 5), first, calm)).toEqual([]);
});

test('what is ready again ends, and so does what is not looked at any more', () => {
  const lost = unreadySignals(seen({ ...lostReplica, lag: notReady('behind') }), [], calm);
  expect(unreadySignals(seen(wellReplica, 5), lost, calm)).toMatchObject([
    { check: 'replica', condition: 'healthy', at: start + 5 * minute },
    { check: 'lag', condition: 'healthy' },
  ]);
});

const opened = (causes: readonly string[]): Incident => ({
  id: 'one',
  region,
  level: 1,
  scope: { region, zone: null },
  openedAt: start,
  lastSignalAt: start,
  closedAt: null,
  decisions: [
    {
      action: 'notify',
      reason: 'not ready',
      at: start,
      level: 1,
      scope: { region, zone: null },
      evidence: [],
      causes,
      attempt: 1,
      execution: null,
    },
  ],
  version: 1,
});

test('while more is dealt with, what nobody was told of is taken back, and lost again afterwards', () => {
  const lost = unreadySignals(seen(lostReplica), [], calm);
  const back = unreadySignals(seen(lostReplica), lost, { ...calm, overruled: true });
  expect(back).toMatchObject([{ check: 'replica', condition: 'gone', at: start + 1 }]);
  expect(unreadySignals(seen(lostReplica), back, { ...calm, overruled: true })).toEqual([]);
  expect(unreadySignals(seen(lostReplica), back, calm)).toMatchObject([{ condition: 'failing', at: start + 2 }]);
  const told = { ...calm, overruled: true, open: opened(['readiness:replica']) };
  expect(unreadySignals(seen(lostReplica), lost, told)).toEqual([]);
});

test.for([
  ['it never moved', null, 0, ['failing']],
  ['it was never ready since the roles moved', start + minute, 0, []],
  ['it was ready, and not since the roles moved', start + minute, 1, []],
  ['it was ready since the roles moved', start + minute, 2, ['failing']],
] as const)('%s: lost is %3$j', ([, movedAt, readyAt, conditions]) => {
  const first = sinceBefore(seen(wellReplica, readyAt), null);
  const then = sinceBefore(seen(lostReplica, 5), readyAt === 0 ? null : first);
  const signals = unreadySignals(then, [], { ...calm, movedAt });
  expect(signals.map(({ condition }) => condition)).toEqual(conditions);
});

test('what nobody has made again a day after the roles moved is lost: whoever forgot it hears of it', () => {
  const moved = { ...calm, movedAt: start };
  expect(unreadySignals(seen(lostReplica, 24 * 60 - 1), [], moved)).toEqual([]);
  expect(unreadySignals(seen(lostReplica, 24 * 60), [], moved)).toMatchObject([{ condition: 'failing' }]);
});

test('what was lost before the roles moved stays lost, and ends when it is ready', () => {
  const lost = unreadySignals(sinceBefore(seen({ contacts: notReady('no topic') }), null), [], calm);
  const moved = { ...calm, movedAt: start + minute, open: opened(['readiness:contacts']) };
  expect(unreadySignals(seen({ contacts: notReady('no topic') }, 5), lost, moved)).toEqual([]);
  expect(unreadySignals(seen({ contacts: ready('') }, 10), lost, moved)).toMatchObject([{ condition: 'healthy' }]);
});

test('while more is dealt with nothing is lost anew, and what ends is said all the same', () => {
  const busy = { ...calm, overruled: true, open: opened(['readiness:replica']) };
  const lost = unreadySignals(seen(lostReplica), [], calm);
  expect(unreadySignals(seen({ ...lostReplica, lag: notReady('behind') }, 5), lost, busy)).toEqual([]);
  expect(unreadySignals(seen(wellReplica, 5), lost, busy)).toMatchObject([{ condition: 'healthy' }]);
});

const lock = {
  target: region,
  execution: 'one',
  incident: 'one',
  action: 'request-approval',
  at: start,
} as const;

test.for([
  ['nothing is open', null, null, false],
  ['a degradation is open', { level: 1 }, null, false],
  ['a zone is lost', { level: 2 }, null, true],
  ['a region is lost', { level: 3 }, null, true],
  ['people were paged with a hold', { level: 'unknown' }, null, true],
  ['a flow holds the region', null, lock, true],
  ['a flow has held it for days, and waits for people', null, { ...lock, at: start - 2 * 60 * minute }, false],
] as const)('%s: overruled %3$s', ([, open, held, overruled]) => {
  expect(isOverruled(open, held, start + 23 * 60 * minute)).toBe(overruled);
});

test.for([
  [['replica', 'restore'], ['dba']],
  [
    ['replica', 'contacts'],
    ['dba', 'infra-lead'],
  ],
  [['cluster'], ['infra-lead']],
  [[], []],
])('of %j the owners are %j', ([checks = [], owners]) => {
  expect(ownersOf([...checks.map(readinessCause), 'users'], plan)).toEqual(owners);
});

test('where the plan names no owner, it is the first who hears of degradations', () => {
  const { notifications } = plan;
  expect(ownersOf([readinessCause('lag')], { ...plan, notifications: { ...notifications, owners: {} } })).toEqual([
    'on-call',
  ]);
});

test('an incident of level 1 opens when it has held, names what is not ready, and ends when it is again', () => {
  const lost: readonly Signal[] = unreadySignals(seen(lostReplica), [], calm);
  const at = (minutes: number, open: Incident | null, signals: readonly Signal[]) => {
    const now = start + minutes * minute;
    return advance(open, classify(signals, region, plan, now), standing, plan, now);
  };
  const held = plan.evidence.degradation.readinessSeconds / 60;
  expect(at(held - 1, null, lost).incident).toBeNull();
  const { incident, decision } = at(held, null, lost);
  expect(incident).toMatchObject({ region, level: 1, closedAt: null });
  expect(decision).toMatchObject({ action: 'notify', indication: 'readiness-lost', causes: ['readiness:replica'] });
  expect(decision?.reason).toBe('not ready for a recovery: replica');
  expect(decision?.facts?.[0]).toContain('not ready for a recovery: replica: it does not replicate');
  const healed = [...lost, ...unreadySignals(seen(wellReplica, 30), lost, calm)];
  const end = 30 + plan.evidence.recoverySeconds / 60;
  expect(at(end - 1, incident, healed).incident).toBeNull();
  expect(at(end, incident, healed).incident).toMatchObject({ closedAt: start + end * minute });
});

test('a check that is lost, ready again or taken back is a signal of its own', () => {
  const common = { kind: 'readiness', key: 'readiness:us-west-2:replica', region, observer: region, check: 'replica' };
  const lost = unreadySignals(seen(lostReplica), [], calm);
  expect(lost).toStrictEqual([
    {
      ...common,
      id: `#readiness/us-west-2/replica/${start}/failing`,
      at: start,
      why: 'it does not replicate',
      condition: 'failing',
    },
  ]);
  const later = start + 5 * minute;
  expect(unreadySignals(seen(wellReplica, 5), lost, calm)).toStrictEqual([
    {
      ...common,
      id: `#readiness/us-west-2/replica/${later}/healthy`,
      at: later,
      why: 'it is ready, or is not looked at any more',
      condition: 'healthy',
    },
  ]);
  expect(unreadySignals(seen(lostReplica, 5), lost, { ...calm, overruled: true })).toStrictEqual([
    {
      ...common,
      id: `#readiness/us-west-2/replica/${later}/gone`,
      at: later,
      why: 'more than that is dealt with',
      condition: 'gone',
    },
  ]);
});

test('other signals that fail about the region are no lost readiness', () => {
  const alarm = { id: 'a', key: 'a', at: start, region, observer: region, condition: 'failing' } as const;
  const heartbeat: Signal = { ...alarm, kind: 'heartbeat' };
  const release = { id: 'r', key: 'r', at: start, region, observer: region } as const;
  const others: Signal[] = [heartbeat, { ...release, kind: 'release', release: 'v1', phase: 'started' }];
  expect(unreadySignals(seen(wellReplica), others, calm)).toEqual([]);
  expect(isAllReady(seen(wellReplica), others)).toBe(true);
});

test('a check that changes comes after what was said of it last, and after nothing that was said of anything else', () => {
  const [replica, lag] = unreadySignals(seen({ ...lostReplica, lag: notReady('behind') }), [], calm);
  if (replica === undefined || lag === undefined) throw new Error('both are lost');
  const sign = { id: 'h', key: 'heartbeat', at: start + 2 * minute, region, observer: region } as const;
  const heartbeat: Signal = { ...sign, kind: 'heartbeat', condition: 'healthy' };
  const known: Signal[] = [replica, { ...lag, at: start + minute }, heartbeat];
  expect(unreadySignals(seen({ ...wellReplica, lag: ready('') }), known, calm)).toMatchObject([
    { check: 'replica', at: start + 1 },
    { check: 'lag', at: start + minute + 1 },
  ]);
});

test('all is ready where every check is, and nothing is said to be lost', () => {
  const lost = unreadySignals(seen(lostReplica), [], calm);
  const healed = unreadySignals(seen(wellReplica, 5), lost, calm);
  expect(isAllReady(seen({ ...wellReplica, cache: ready('') }), [])).toBe(true);
  expect(isAllReady(seen({}), [])).toBe(true);
  expect(isAllReady(seen({ ...wellReplica, ...lostReplica }), [])).toBe(false);
  expect(isAllReady(seen({ cache: ready(''), ...lostReplica }), [])).toBe(false);
  expect(isAllReady(seen({ cache: unread('throttled') }), [])).toBe(false);
  expect(isAllReady(seen(wellReplica), lost)).toBe(false);
  expect(isAllReady(seen(wellReplica), healed)).toBe(true);
});

test('a flow overrules for a day, and no longer', () => {
  const day = 24 * 60 * minute;
  expect(isOverruled(null, lock, start + day - 1)).toBe(true);
  expect(isOverruled(null, lock, start + day)).toBe(false);
});

test('roles that never moved make nothing that has to be made anew, however early it is', () => {
  const early = { region, at: 5, checks: [{ check: 'replica', ...lostReplica.replica }] };
  expect(unreadySignals(early, [], calm)).toMatchObject([{ condition: 'failing' }]);
});

test('what a kind owns is its owner’s, the rest is the owner’s of all others, and else the first’s who hears', () => {
  const owner = (notifications: object, kind?: 'rds-instance') =>
    ownerOf(kind, { notifications: { ...plan.notifications, ...notifications } });
  const owners = { 'rds-instance': 'dba', other: 'infra-lead' };
  expect(owner({ owners }, 'rds-instance')).toBe('dba');
  expect(owner({ owners })).toBe('infra-lead');
  expect(owner({ owners: { other: 'infra-lead' } }, 'rds-instance')).toBe('infra-lead');
  expect(owner({ owners: {} }, 'rds-instance')).toBe('on-call');
  expect(owner({ owners: { undefined: 'nobody', other: 'infra-lead' } })).toBe('infra-lead');
  expect(owner({ owners: {}, level1: [] })).toBe('');
});

test('owners are told once each, in order', () => {
  const causes = ['contacts', 'replica', 'cluster', 'restore'].map(readinessCause);
  expect(ownersOf(causes, plan)).toEqual(['dba', 'infra-lead']);
});
