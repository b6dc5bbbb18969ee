// Roles move: what is heard of users, replicas and targets is about the region that serves users now.
import { expect, test } from 'vitest';
import { asRolesStand, inForce, whyMovedOn } from '../../../functions/domain/roles.ts';
import { readEvent } from '../../../functions/domain/signals/signals.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import { plan } from '../../plan.ts';
import { after, alarm, canary, heartbeat, probe, probeRun, replica, run } from './evidence/sightings.ts';
import { alarm as alarmEvent, database as databaseEvent, event, run as runEvent, west } from './signals/envelopes.ts';

const [old, taken] = ['us-east-1', 'us-west-2'] as const;
const moved = { primary: taken, movedAt: after(0) };
const never = { primary: old, movedAt: null };

test.for([
  ['as they were written', old, [old, taken]],
  ['the other way round after a failover', taken, [taken, old]],
  ['as they were written, where nobody knows', 'unknown', [old, taken]],
] as const)('the roles of the plan are %s', ([, primary, roles]) => {
  const now = asRolesStand(plan, { primary });
  expect([now.roles.primary, now.roles.standby]).toEqual(roles);
  expect({ ...now, roles: plan.roles }).toEqual(plan);
});

test.for([
  ['an alarm on a canary', alarmEvent('chatops-canary-eu-west-1', 'ALARM', { region: 'eu-west-1' }), old, taken],
  ['a run of a canary', runEvent('chatops-eu-west-1', 'FAILED'), old, taken],
  [
    'a run of an own canary',
    event('chatops.canary', 'Chatops Canary Run', { observer: 'eu-west-1', passed: false }, { region: 'eu-west-1' }),
    old,
    taken,
  ],
  ['the lag of a replica', alarmEvent('chatops-database-replica-lag', 'ALARM', west), old, taken],
  ['a failover of the database in the west', databaseEvent('RDS-EVENT-0013', 'chatops-dr-replica', west), taken, taken],
  ['a restart of the database in the west', databaseEvent('RDS-EVENT-0006', 'chatops-dr-replica', west), taken, taken],
  ['a patch of the database in the west', databaseEvent('RDS-EVENT-0026', 'chatops-dr-replica', west), taken, taken],
  ['a restart of the database in the east', databaseEvent('RDS-EVENT-0006', 'chatops-prod'), old, old],
  ['replication that stops in the west', databaseEvent('RDS-EVENT-0045', 'chatops-dr-replica', west), old, taken],
  ['replication that stops in the east', databaseEvent('RDS-EVENT-0045', 'chatops-prod'), old, taken],
] as const)('%s is about %s, and after a failover about %s', ([, raw, before, afterwards]) => {
  const about = (primary: string) => readEvent(raw, asRolesStand(plan, { primary }));
  expect(about(old)).toMatchObject({ signal: { region: before } });
  expect(about(taken)).toMatchObject({ signal: { region: afterwards } });
});

const targets = alarm('ingress-targets-unhealthy', 'use1-az1', 10);
const ofService = [canary('eu-west-1', 10), run('eu-west-1', 10, false), replica(10), targets];
const ofPlatform = [probe('rds', 10), probeRun(10, ['rds']), heartbeat(10), alarm('api-latency', null, 10)];

test.for([
  ['before any failover all counts', never, [...ofService, ...ofPlatform]],
  [
    'where nobody knows who serves users all counts',
    { primary: 'unknown', movedAt: null },
    [...ofService, ...ofPlatform],
  ],
  ['of a region that serves nobody only its platform counts', moved, ofPlatform],
] as const)('%s', ([, standing, counts]) => {
  expect(inForce([...ofService, ...ofPlatform], old, standing, plan)).toEqual(counts);
});

const inWest = (signal: Signal): Signal => ({ ...signal, region: taken });

test.for([
  ['a canary that failed before the move counts from the move on', canary('eu-west-1', -60), canary('eu-west-1', 0)],
  ['a canary that fails since counts as it is', canary('eu-west-1', 60), canary('eu-west-1', 60)],
  ['a run counts as it is', run('eu-west-1', -60, true), run('eu-west-1', -60, true)],
  ['an alarm of a component counts as it is', alarm('api-latency', null, -60), alarm('api-latency', null, -60)],
  ['targets count where users are', inWest(targets), targets],
  ['the lag that is still read of the new writer says nothing', replica(60), null],
  ['a lag from before the move says nothing', { ...replica(-60), observer: old }, null],
  [
    'the lag of a replica that was made since counts',
    { ...replica(60), observer: old },
    { ...replica(60), observer: old },
  ],
] as const)('once it serves users: %s', ([, signal, counts]) => {
  const found = inForce([inWest(signal)], taken, moved, plan);
  expect(found.map(({ at, kind, observer }) => ({ at, kind, observer }))).toEqual(
    counts === null ? [] : [{ at: counts.at, kind: counts.kind, observer: counts.observer }],
  );
});

test('that replication stopped is over with its direction: the region that serves now has a writer, and the old one no copy', () => {
  const stopped = (place: string, observer: string, seconds: number): Signal => ({
    id: `stopped-${place}-${observer}-${seconds}`,
    key: `database:chatops:${seconds}`,
    at: after(seconds),
    region: place,
    observer: `rds:${observer}`,
    kind: 'database',
    instance: 'chatops',
    change: 'replication-stopped',
  });
  expect(inForce([stopped(old, taken, -60)], old, never, plan)).toHaveLength(1);
  expect(inForce([stopped(old, taken, -60)], old, moved, plan)).toEqual([]);
  expect(inForce([stopped(taken, taken, 60)], taken, moved, plan)).toEqual([]);
  expect(inForce([stopped(taken, old, -60)], taken, moved, plan)).toEqual([]);
  expect(inForce([stopped(taken, old, 60)], taken, moved, plan)).toHaveLength(1);
});

test.for<[string, Parameters<typeof whyMovedOn>, string | null]>([
  [
    'nothing has moved',
    [
      { standby: taken, epoch: 1 },
      { primary: old, epoch: 1 },
    ],
    null,
  ],
  [
    'the flow itself moved them',
    [
      { standby: taken, epoch: 1 },
      { primary: taken, epoch: 2 },
    ],
    null,
  ],
  [
    'another moved them elsewhere',
    [
      { standby: taken, epoch: 1 },
      { primary: old, epoch: 2 },
    ],
    'the roles have moved on: us-east-1 is the primary in epoch 2',
  ],
  [
    'they moved on since',
    [
      { standby: taken, epoch: 1, mode: 'failover' },
      { primary: taken, epoch: 3 },
    ],
    'the roles have moved on: us-west-2 is the primary in epoch 3',
  ],
  [
    'nobody can read them',
    [
      { standby: taken, epoch: 1 },
      { primary: 'unknown', epoch: 0 },
    ],
    null,
  ],
  [
    'a restore moves none',
    [
      { standby: old, epoch: 1, mode: 'restore' },
      { primary: taken, epoch: 5 },
    ],
    null,
  ],
])('a region flow has its turn, where %s: %2$s', ([, [turn, standing], why]) => {
  expect(whyMovedOn(turn, standing)).toBe(why);
});

test('at the moment of the move a run, a lag and a canary count as they are', () => {
  const found = (signal: Signal) => inForce([inWest(signal)], taken, moved, plan);
  expect(found(canary('eu-west-1', 0))).toMatchObject([{ at: after(0) }]);
  const lag = { ...replica(0), observer: old };
  expect(found(lag)).toHaveLength(1);
  expect(found({ ...replica(-0.001), observer: old })).toEqual([]);
  expect(inForce([replica(60)], old, never, plan)).toHaveLength(1);
});

test('of a database of a region that serves nobody only its replication says nothing', () => {
  const change = (what: string) =>
    ({ ...replica(60), kind: 'database', instance: 'chatops', change: what }) as unknown as Signal;
  const counts = (what: string) => inForce([change(what)], old, moved, plan).length;
  expect(['failover-completed', 'restarted', 'replication-stopped', 'replication-resumed'].map(counts)).toEqual([
    1, 1, 0, 0,
  ]);
});
