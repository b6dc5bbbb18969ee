// Who else scales a deployment, and what people read of it.
import { expect, test } from 'vitest';
import { lowerersOf, type Rival, wakersOf } from '../../../functions/domain/rivals.ts';

const one = { namespace: 'chat', name: 'api' };
const rival: Rival = {
  ...{ words: 'ScaledObject chat/api-scaler', name: 'api-scaler', scales: one },
  ...{ most: 5, wakes: true, pausedAt: null },
};
const rivals = (...changes: Partial<Rival>[]) => ({
  ...{ tight: [], unseen: null },
  all: changes.map((change) => ({ ...rival, ...change })),
});

const wakes =
  'ScaledObject chat/api-scaler starts deployment chat/api again: pause it (kubectl annotate scaledobject api-scaler --namespace chat --overwrite autoscaling.keda.sh/paused-replicas=0)';
test.for([
  ['one that wakes it', {}, [wakes]],
  ['one that leaves it alone', { wakes: false }, []],
  ['one of another deployment', { scales: { ...one, name: 'worker' } }, []],
  ['one of another namespace', { scales: { ...one, namespace: 'other' } }, []],
] as const)('what starts a deployment again: %s', ([, change, lines]) => {
  expect(wakersOf(one, rivals(change))).toEqual(lines);
});

test.for([
  ['one that lets it have as many', { most: 6 }, []],
  [
    'one that lets it have fewer',
    {},
    ['ScaledObject chat/api-scaler lets deployment chat/api have 5 replicas at most, and the plan wants 6'],
  ],
  [
    'one that is paused at fewer',
    { pausedAt: 2 },
    ['ScaledObject chat/api-scaler is paused and holds deployment chat/api at 2, and the plan wants 6'],
  ],
  ['one that is paused at as many, and lets it have more', { pausedAt: 6, most: 9 }, []],
  ['one of another deployment', { scales: { ...one, name: 'worker' } }, []],
  ['one of another namespace', { scales: { ...one, namespace: 'other' } }, []],
] as const)('what keeps a deployment low: %s', ([, change, lines]) => {
  expect(lowerersOf(one, 6, rivals(change))).toEqual(lines);
});

test('each of several is named', () => {
  expect(wakersOf(one, rivals({}, { name: 'second' }))).toHaveLength(2);
  expect(lowerersOf(one, 6, rivals({}, { pausedAt: 0 }))).toHaveLength(2);
});
