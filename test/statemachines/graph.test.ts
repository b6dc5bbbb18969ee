// The walk that other tests rely on goes into branches and maps, along failures, and not past a gate.
import { expect, test } from 'vitest';
import { canAct, canBeInProgress, reachedWithout, type Sequence, type State, statesOf } from './graph.ts';

const task = (change: Partial<State>): State => ({ Type: 'Task', ...change });
const alone = (name: string, change: Partial<State> = { End: true }): Sequence => ({
  StartAt: name,
  States: { [name]: task(change) },
});
const caught = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];

/** A machine that begins with what is given, then has a state, and another one for failures. */
function machineOf(first: State): Sequence {
  return { StartAt: 'First', States: { First: first, Then: task({ End: true }), Caught: task({ End: true }) } };
}

test.for<readonly [string, State, readonly string[]]>([
  ['a task', task({ Next: 'Then' }), ['First', 'Then']],
  ['a failure', task({ Catch: caught, End: true }), ['First', 'Caught']],
  [
    'a choice',
    { Type: 'Choice', Choices: [{ Condition: '', Next: 'Then' }], Default: 'Caught' },
    ['First', 'Then', 'Caught'],
  ],
  [
    'branches that end',
    { Type: 'Parallel', Branches: [alone('One'), alone('Two')], Next: 'Then' },
    ['First', 'One', 'Two', 'Then'],
  ],
  [
    'a branch that does not end, and its failure',
    { Type: 'Parallel', Branches: [alone('One'), alone('Two', { Next: 'Two' })], Next: 'Then', Catch: caught },
    ['First', 'Caught', 'One', 'Two'],
  ],
  ['a map', { Type: 'Map', ItemProcessor: alone('Each'), Next: 'Then' }, ['First', 'Each', 'Then']],
])('the walk through %s', ([, first, expected]) => {
  const machine = machineOf(first);
  expect([...reachedWithout(machine, () => false)].toSorted()).toEqual(expected.toSorted());
  const inside = statesOf(machine).map(([name]) => name);
  expect(inside).toEqual(expect.arrayContaining([...expected]));
});

test('a gate within a map or a branch closes what follows it', () => {
  for (const first of [
    { Type: 'Map', ItemProcessor: alone('Gate'), Next: 'Then' },
    { Type: 'Parallel', Branches: [alone('Gate'), alone('Other')], Next: 'Then' },
  ])
    expect(reachedWithout(machineOf(first), (_, to) => to === 'Gate')).not.toContain('Then');
});

test.for([
  ['fence-database', true, true], // by what it shares with another function
  ['wait-for-lag', false, true],
  ['take-lock', false, false],
] as const)('what %s can do is read from what it is bundled to', ([verb, acts, waits]) => {
  expect([canAct(verb), canBeInProgress(verb)]).toEqual([acts, waits]);
});
