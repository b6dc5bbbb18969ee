// Whom a restore where it stands concerns, and what the record holds of ways and of restores.
import { describe, expect, test } from 'vitest';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import type { AssetWays } from '../../../../functions/domain/recovery/predict.ts';
import {
  chosenOf,
  concernedBy,
  restorableIn,
  restoreBegun,
  restoringSentences,
  wayChosen,
} from '../../../../functions/domain/recovery/restoring.ts';
import { changing } from '../../../assets.ts';
import { plan } from '../../../plan.ts';

const at = Date.UTC(2026, 10, 23, 3);
const region = 'us-east-1';

describe('a restore where it stands concerns', () => {
  test('what is restored, and what holds its address; every other flow concerns all', () => {
    expect(concernedBy({ mode: 'restore', region }, plan)).toEqual(['database', 'settings']);
    expect(concernedBy({ mode: 'restore', region, asset: 'database' }, plan)).toEqual(['database', 'settings']);
    expect(concernedBy({ mode: 'restore', region, asset: 'cache' }, plan)).toEqual([]);
    for (const mode of ['failover', 'switchover', undefined] as const)
      expect(concernedBy({ mode, region }, plan)).toBeNull();
  });

  test('no database of which the plan does not say what it is restored as', () => {
    const { regions } = plan.assets.find(({ name }) => name === 'database') as {
      regions: Record<string, { instance: string }>;
    };
    const bare = changing('rds-instance', plan, {
      regions: { ...regions, [region]: { instance: 'chatops-prod', ...regions[region], restore: undefined } },
    });
    expect(restorableIn(region, bare)).toEqual([]);
    expect(restorableIn('us-west-2', bare)).toEqual(['database']);
    expect(concernedBy({ mode: 'restore', region }, bare)).toEqual([]);
  });
});

const source = { of: 'snapshot', id: 'copy-1' } as const;
const ranked: AssetWays = {
  asset: 'database',
  ways: [
    { way: 'restore-point-in-time', usable: false, lossSeconds: 1, seconds: 1, why: '', against: ['no key'] },
    {
      way: 'restore-snapshot',
      usable: true,
      lossSeconds: 60,
      seconds: 9,
      why: '',
      against: [],
      source,
      restoreTo: null,
      dataUntil: at,
    },
  ],
};
const step = (name: string, outcome: Record<string, unknown>, time = at): StepRecord => ({
  incident: 'i',
  execution: 'e',
  step: name,
  at: time,
  outcome,
});

describe('of the ways that a look found', () => {
  test('the best that can be taken is kept, and read back', () => {
    const kept = chosenOf([ranked, { asset: 'orders', ways: [] }]);
    expect(kept).toEqual({ ways: { database: { way: 'restore-snapshot', source, restoreTo: null, dataUntil: at } } });
    expect(wayChosen(step('reassess', { request: 'r', ...kept }), 'database')).toEqual(kept.ways?.['database']);
    expect(chosenOf([])).toEqual({});
  });

  test.for([
    ['no look', null],
    ['a look that found no ways', step('reassess', { request: 'r' })],
    ['another asset', step('reassess', { ways: { orders: { way: 'restore-snapshot' } } })],
    ['a way that nobody knows', step('reassess', { ways: { database: { way: 'pray' } } })],
    [
      'a source that nobody knows',
      step('reassess', { ways: { database: { way: 'restore-snapshot', source: { of: 'tape' } } } }),
    ],
    ['something else', step('reassess', { ways: 'none' })],
  ] as const)('of %s nothing is read', ([, looked]) => {
    expect(wayChosen(looked, 'database')).toBeNull();
  });
});

describe('a restore that goes on', () => {
  const call: AuditRecord = {
    incident: 'i',
    at,
    step: 'take-over/database',
    actor: 'classify',
    execution: 'e',
    call: 'rds:RestoreDBInstanceFromDBSnapshot',
    region,
    target: 'restored',
    drill: false,
  };
  const mark = step('restoring/database', {
    way: 'restore-snapshot',
    source,
    restoreTo: null,
    dataUntil: null,
    region,
    instance: 'restored',
  });

  test('is said with its time, until it is done or has failed', () => {
    expect(restoringSentences([call], [mark])).toEqual([
      'A RESTORE RUNS: database is being restored as restored in us-east-1, since 23 Nov 2026, 03:00 UTC. This takes ten minutes to hours.',
    ]);
    expect(restoringSentences([call], [mark, step('take-over/database', {})])).toEqual([]);
    expect(restoringSentences([call], [mark, step('way-failed/database/restore-snapshot', {})])).toEqual([]);
    const works = step('restored/database', {});
    expect(restoringSentences([call], [mark, works])).toEqual([
      'RESTORED: database was restored as restored in us-east-1, and works since 23 Nov 2026, 03:00 UTC. Nobody uses it yet.',
    ]);
    // What worked before was another one.
    expect(restoringSentences([call], [mark, { ...works, at: at - 1 }])[0]).toContain('A RESTORE RUNS');
  });

  test('is one whose call was not refused', () => {
    expect(restoreBegun([call], [mark], 'database')).toMatchObject({ instance: 'restored', at });
    expect(restoreBegun([], [mark], 'database')).toBeNull();
    expect(restoreBegun([{ ...call, target: 'other' }], [mark], 'database')).toBeNull();
    expect(restoreBegun([call], [], 'database')).toBeNull();
    expect(restoreBegun([call], [step('restoring/database', { way: 'restore-snapshot' })], 'database')).toBeNull();
  });
});

test('a look reads what a way says of itself, and what it does not say is nothing', () => {
  const looked = step('reassess', {
    ways: {
      database: { way: 'restore-snapshot' },
      orders: { way: 'redirect-users', source, restoreTo: 5, dataUntil: 7 },
    },
  });
  expect(wayChosen(looked, 'database')).toEqual({
    way: 'restore-snapshot',
    source: null,
    restoreTo: null,
    dataUntil: null,
  });
  expect(wayChosen(looked, 'orders')).toEqual({ way: 'redirect-users', source, restoreTo: 5, dataUntil: 7 });
  for (const other of [
    { of: 'replicated-backups', arn: 'arn:x' },
    { of: 'own-backups', resourceId: 'db-X' },
  ]) {
    const one = step('reassess', { ways: { database: { way: 'restore-point-in-time', source: other } } });
    expect(wayChosen(one, 'database')?.source).toEqual(other);
  }
});

test('each restore is said once, since its own call, and by its newest beginning', () => {
  const asked = (asset: string, target: string, time: number): AuditRecord => ({
    ...{ incident: 'i', at: time, step: `take-over/${asset}`, actor: 'classify', execution: 'e', region, target },
    ...{ call: 'rds:RestoreDBInstanceToPointInTime', drill: false },
  });
  const begun = (asset: string, instance: string, time = at) =>
    step(`restoring/${asset}`, { way: 'restore-point-in-time', region, instance }, time);
  const hour = 3_600_000;
  const runs = (asset: string, instance: string, clock: string) =>
    `A RESTORE RUNS: ${asset} is being restored as ${instance} in us-east-1, since 23 Nov 2026, ${clock} UTC. This takes ten minutes to hours.`;
  const calls = [
    asked('database', 'one', at),
    asked('orders', 'two', at + hour),
    asked('orders', 'two', at + 2 * hour),
  ];
  expect(restoringSentences(calls, [begun('database', 'one'), begun('orders', 'two', at + hour)])).toEqual([
    runs('database', 'one', '03:00'),
    runs('orders', 'two', '04:00'),
  ]);
  const again = [...calls, asked('database', 'three', at + 3 * hour)];
  expect(restoringSentences(again, [begun('database', 'one'), begun('database', 'three', at + 3 * hour)])).toEqual([
    runs('database', 'three', '06:00'),
  ]);
  expect(
    restoringSentences(
      [{ ...asked('database', 'one', at), call: 'rds:PromoteReadReplica' }],
      [begun('database', 'one')],
    ),
  ).toEqual([]);
  expect(restoringSentences(calls.slice(0, 1), [begun('database', 'one'), step('take-over/orders', {})])).toHaveLength(
    1,
  );
  expect(
    restoringSentences(calls.slice(0, 1), [begun('database', 'one'), step('way-failed/database/restore-snapshot', {})]),
  ).toHaveLength(1);
});
