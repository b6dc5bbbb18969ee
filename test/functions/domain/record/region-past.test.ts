// What a region flow has done so far, by its record.
import { expect, test } from 'vitest';
import { pastOf } from '../../../../functions/domain/record/region-past.ts';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { withSecondDatabase } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { at, call as sample } from '../../../store/samples.ts';

const call = (step: string, time: number, name = 'rds:PromoteReadReplica', target = 'dr'): AuditRecord => ({
  ...sample,
  ...{ step, at: time, call: name, target },
});
const step = (name: string, time: number, outcome: StepRecord['outcome'] = {}): StepRecord => ({
  ...{ incident: 'i', execution: 'e', step: name, at: time },
  outcome,
});
const nothing = {
  ...{ failedWays: expect.anything(), taken: {}, running: {} },
  ...{ called: [], calledAt: {}, fenced: [], fencedAt: null },
};

test('a flow that has done nothing has called, fenced and begun nothing', () => {
  expect(pastOf([], [], plan)).toEqual({
    ...nothing,
    failedWays: Object.fromEntries(plan.assets.map(({ name }) => [name, []])),
  });
});

test('the first call of each asset counts, and its last call says the way', () => {
  const calls = [
    call('take-over/cache', at, 'elasticache:CreateReplicationGroup'),
    call('take-over/database', at + 1, 'rds:PromoteReadReplica'),
    call('take-over/database', at + 2, 'rds:RestoreDBInstanceFromDBSnapshot'),
    call('verify/cluster', at + 3),
  ];
  const past = pastOf(calls, [], plan);
  expect(past.called).toEqual(['database', 'cache']);
  expect(past.calledAt).toEqual({ database: at + 1, cache: at });
  expect(past.taken['database']).toBe('restore-snapshot');
});

test('a way that has failed is none that is taken', () => {
  const calls = [call('take-over/database', at)];
  expect(pastOf(calls, [], plan).taken).toEqual({ database: 'promote-replica' });
  const past = pastOf(calls, [step('way-failed/database/promote-replica', at + 1)], plan);
  expect(past.taken).toEqual({});
  expect(past.failedWays['database']).toEqual(['promote-replica']);
  expect(past.failedWays['cache']).toEqual([]);
});

test('a call of a kind that says no way takes none', () => {
  expect(pastOf([call('take-over/settings', at, 'ssm:PutParameter')], [], plan).taken).toEqual({});
  expect(pastOf([call('take-over/database', at, 'rds:ModifyDBInstance')], [], plan).taken).toEqual({});
});

test('a restore that was asked for runs, until its way failed', () => {
  const outcome = {
    ...{ way: 'restore-snapshot', source: null, restoreTo: null, dataUntil: null, region: 'us-west-2' },
    instance: 'restored',
  };
  const calls = [call('take-over/database', at, 'rds:RestoreDBInstanceFromDBSnapshot', 'restored')];
  const begun = step('restoring/database', at, outcome);
  expect(pastOf(calls, [begun], plan).running).toEqual({ database: { ...outcome, at } });
  expect(pastOf([], [begun], plan).running).toEqual({});
  expect(pastOf(calls, [begun, step('way-failed/database/restore-snapshot', at)], plan).running).toEqual({});
});

test('all is fenced when the last of what can be fenced was, by the newest look at each', () => {
  const two = withSecondDatabase(plan);
  const first = [step('fence/database/fenced', at), step('fence/database/fenced', at + 5)];
  expect(pastOf([], first, two)).toMatchObject({ fenced: ['database'], fencedAt: null });
  const both = [...first, step('fence/orders/fenced', at + 3)];
  expect(pastOf([], both, two)).toMatchObject({ fenced: ['database', 'orders'], fencedAt: at + 5 });
  expect(pastOf([], [step('fence/database', at)], plan)).toMatchObject({ fenced: [], fencedAt: null });
  // Where nothing can be fenced nothing was.
  const bare = { assets: plan.assets.filter(({ kind }) => kind !== 'rds-instance') };
  expect(pastOf([], both, bare)).toMatchObject({ fenced: [], fencedAt: null });
});
