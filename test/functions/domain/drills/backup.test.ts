// Which databases are backed up before a drill touches anything.
import { expect, test } from 'vitest';
import { databasesKept } from '../../../../functions/domain/drills/backup.ts';
import { plannedDrill, type ScheduledDrill } from '../../../../functions/domain/drills/plan.ts';
import { plan as base } from '../../../plan.ts';

const [database] = base.assets.filter(({ kind }) => kind === 'rds-instance');
if (database === undefined) throw new Error('the plan has a database');
const plan = {
  assets: [
    ...base.assets.filter(({ kind }) => kind !== 'rds-instance'),
    { ...database, name: 'database', multiAz: true },
    { ...database, name: 'orders', multiAz: true },
    { ...database, name: 'alone', multiAz: false },
  ] as typeof base.assets,
};
const window = { days: ['tue'], from: '10:00', to: '15:00', timeZone: 'UTC' };
const drill = (change: object): ScheduledDrill =>
  plannedDrill.parse({
    ...{ name: 'a drill', scenario: 'az-outage', every: 'month', withinSeconds: 300, window },
    ...change,
  }) as ScheduledDrill;

test.for([
  [
    'the failover of a database: that one',
    { kind: 'fault', target: { fault: 'database-failover', asset: 'orders' } },
    ['orders'],
  ],
  [
    'the failover of one whose snapshot would stop it: none',
    { kind: 'fault', target: { fault: 'database-failover', asset: 'alone' } },
    [],
  ],
  ['a zone: all', { kind: 'fault', target: { fault: 'zone', zone: 'use1-az1', seconds: 60 } }, ['database', 'orders']],
  ['a switchover: all', { kind: 'region', staysDays: 1 }, ['database', 'orders']],
  ['a dry run: none', { kind: 'region' }, []],
  [
    'a pod: none',
    { kind: 'fault', target: { fault: 'pod', asset: 'cluster', namespace: 'chat', deployment: 'api' } },
    [],
  ],
  ['a node: none', { kind: 'fault', target: { fault: 'node', asset: 'cluster' } }, []],
  ['a tabletop: none', { kind: 'tabletop' }, []],
] as const)('before %s', ([, change, kept]) => {
  expect(databasesKept(drill(change), plan).map(({ name }) => name)).toEqual(kept);
});
