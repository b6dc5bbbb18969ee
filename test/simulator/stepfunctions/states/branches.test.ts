/** Parallel and Map: branches beside each other, in order in the result, and ended together when one fails. */
import { describe, expect, test } from 'vitest';
import { TaskFailure } from '../../../../simulator/stepfunctions/errors.ts';
import { entered, machineRoom, only, secondsOf, task } from '../machine-room.ts';

const waiting = (Seconds: unknown, fields: object = {}) => ({ Type: 'Wait', Seconds, End: true, ...fields });
const parallel = (branches: object[], fields: object = {}) =>
  only('Both', { Type: 'Parallel', Branches: branches, End: true, ...fields });
const mapping = (processor: object, fields: object = {}) =>
  only('Each', { Type: 'Map', ItemProcessor: processor, End: true, ...fields });

describe('a parallel state', () => {
  test('takes as long as its longest branch and keeps the order of the branches', async () => {
    const branches = [only('Slow', waiting(30, { Output: 'slow' })), only('Quick', waiting(10, { Output: 'quick' }))];
    const { output, history, types } = await machineRoom().run(parallel(branches));
    expect(output).toEqual(['slow', 'quick']);
    expect(secondsOf(history, 'ParallelStateExited')).toEqual([30]);
    expect(types.filter((type) => type.startsWith('Parallel'))).toEqual([
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateSucceeded',
      'ParallelStateExited',
    ]);
  });

  test('gives each branch its arguments', async () => {
    const branches = [only('A', { Type: 'Pass', End: true }), only('B', { Type: 'Pass', End: true })];
    const { output } = await machineRoom().run(parallel(branches, { Arguments: '{% $states.input.id %}' }), { id: 7 });
    expect(output).toEqual([7, 7]);
  });

  test('ends the other branches when one fails, and says so from the inside out', async () => {
    const late = only('Late', waiting(60, { Next: 'Never', End: undefined }));
    const branches = [
      { ...late, States: { Late: { Type: 'Wait', Seconds: 60, Next: 'Never' }, Never: task({ End: true }) } },
      parallel([only('Inner', task({ End: true }))], {}),
      {
        StartAt: 'Soon',
        States: { Soon: { Type: 'Wait', Seconds: 5, Next: 'Bad' }, Bad: { Type: 'Fail', Error: 'Bad' } },
      },
    ];
    const room = machineRoom(() => new Promise(() => undefined));
    const { description, types, history } = await room.run({
      StartAt: 'All',
      States: { All: { Type: 'Parallel', Branches: branches, End: true } },
    });
    expect(description).toMatchObject({ status: 'FAILED', error: 'Bad' });
    expect(types.slice(-6)).toEqual([
      'FailStateEntered',
      'WaitStateAborted',
      'TaskStateAborted',
      'ParallelStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    expect(entered(history)).not.toContain('Never');
    expect(room.time.countTimers(), 'no timer of an ended branch is left').toBe(0);
  });

  test('fails once, however many branches fail in the same moment', async () => {
    const branches = [0, 2, 4, 6, 8].map((depth) => {
      const Condition = `{% ${'$not('.repeat(depth)}false${')'.repeat(depth)} %}`;
      const [choice, end] = [`Choice${depth}`, `End${depth}`];
      const Choices = [{ Condition, Next: end }];
      return { StartAt: choice, States: { [choice]: { Type: 'Choice', Choices }, [end]: { Type: 'Succeed' } } };
    });
    const { types, description } = await machineRoom().run(parallel(branches));
    expect(description.error).toBe('States.NoChoiceMatched');
    expect(types.filter((type) => type === 'ParallelStateFailed')).toHaveLength(1);
  });

  test('hands the failure of a branch to its own catcher', async () => {
    const States = {
      Both: {
        Type: 'Parallel',
        Branches: [only('Bad', { Type: 'Fail', Error: 'Bad', Cause: 'on purpose' })],
        Catch: [{ ErrorEquals: ['Bad'], Next: 'Report' }],
        End: true,
      },
      Report: { Type: 'Pass', End: true },
    };
    expect((await machineRoom().run({ StartAt: 'Both', States })).output).toEqual({
      Error: 'Bad',
      Cause: 'on purpose',
    });
  });

  test('runs all branches again when it is retried', async () => {
    let failures = 0;
    const room = machineRoom(async ({ state }) => {
      if (state === 'Flaky' && failures++ === 0) throw new TaskFailure('Flaky', '');
      return state;
    });
    const branches = [only('Sound', task({ End: true })), only('Flaky', task({ End: true }))];
    const { output } = await room.run(parallel(branches, { Retry: [{ ErrorEquals: ['Flaky'] }] }));
    expect(output).toEqual(['Sound', 'Flaky']);
    expect(room.calls.map(({ state }) => state)).toEqual(['Sound', 'Flaky', 'Sound', 'Flaky']);
  });
});

describe('a variable', () => {
  test('of the outer scope is seen in branches, and their own are not seen outside', async () => {
    const branch = {
      StartAt: 'Inner',
      States: {
        Inner: { Type: 'Pass', Assign: { inner: '{% $outer & 1 %}' }, Next: 'Read' },
        Read: { Type: 'Pass', Output: '{% $inner %}', End: true },
      },
    };
    const States = {
      Start: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
      Both: { Type: 'Parallel', Branches: [branch], Next: 'After' },
      After: { Type: 'Pass', Output: { seen: '{% $states.input %}', inner: '{% $exists($inner) %}' }, End: true },
    };
    const { output } = await machineRoom().run({ StartAt: 'Start', States });
    expect(output).toEqual({ seen: ['o1'], inner: false });
  });

  test('of the outer scope cannot be assigned in a branch', async () => {
    const States = {
      Start: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [only('Inner', { Type: 'Pass', Assign: { outer: 'i' }, End: true })],
        End: true,
      },
    };
    const { description } = await machineRoom().run({ StartAt: 'Start', States });
    expect(description.error).toBe('States.QueryEvaluationError');
    expect(description.cause).toContain("'outer' belongs to an outer scope");
  });
});

describe('a map', () => {
  test.for([
    [1, [2, 4, 6, 8, 10]],
    [2, [2, 2, 4, 4, 6]],
    [0, [2, 2, 2, 2, 2]],
    ['{% 1 + 2 %}', [2, 2, 2, 4, 4]],
  ] as const)('runs %s iterations at a time', async ([MaxConcurrency, seconds]) => {
    const { history, output } = await machineRoom().run(
      mapping(only('Item', waiting(2)), { MaxConcurrency }),
      [1, 2, 3, 4, 5],
    );
    expect(output).toEqual([1, 2, 3, 4, 5]);
    expect(secondsOf(history, 'MapIterationSucceeded')).toEqual(seconds);
  });

  test('runs at most 40 iterations at a time whatever is asked, as AWS does inline', async () => {
    const items = Array.from({ length: 41 }, (_, index) => index);
    const { history } = await machineRoom().run(mapping(only('Item', waiting(2)), { MaxConcurrency: 100 }), items);
    expect(secondsOf(history, 'MapStateExited')).toEqual([4]);
  });

  test('selects for each item, which its iteration and a parallel state inside it can still see', async () => {
    const inner = only('Seen', { Type: 'Pass', Output: '{% $states.context.Map.Item.Value.zone %}', End: true });
    const { output } = await machineRoom().run(
      mapping(
        {
          StartAt: 'Item',
          States: {
            Item: { Type: 'Parallel', Branches: [inner], Output: '{% [$states.input, $states.result] %}', End: true },
          },
        },
        {
          Items: '{% $states.input.zones %}',
          ItemSelector: { at: '{% $states.context.Map.Item.Index %}', id: '{% $states.input.id %}' },
        },
      ),
      { id: 7, zones: [{ zone: 'use1-az1' }, { zone: 'use1-az4' }] },
    );
    expect(output).toEqual([
      [{ at: 0, id: 7 }, 'use1-az1'],
      [{ at: 1, id: 7 }, 'use1-az4'],
    ]);
  });

  test('fails with its first iteration, ends the others and starts no more', async () => {
    const room = machineRoom(async ({ arguments: item }) => {
      if (item === 2) throw new TaskFailure('Bad', 'two');
      return await new Promise(() => undefined);
    });
    const machine = mapping(only('Item', task({ Arguments: '{% $states.input %}', End: true })), { MaxConcurrency: 2 });
    const { description, history, types } = await room.run(machine, [1, 2, 3]);
    expect(description).toMatchObject({ error: 'Bad', cause: 'two' });
    expect(room.calls.map((call) => call.arguments)).toEqual([1, 2]);
    expect(types.slice(-5)).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    expect(history.find(({ type }) => type === 'MapIterationAborted')?.mapIterationAbortedEventDetails).toEqual({
      name: 'Each',
      index: 0,
    });
  });

  test('of no items succeeds at once, and of no list fails', async () => {
    const machine = mapping(only('Item', { Type: 'Pass', End: true }));
    expect((await machineRoom().run(machine, [])).output).toEqual([]);
    const { description, history } = await machineRoom().run(machine, { not: 'a list' });
    expect(description.error).toBe('States.QueryEvaluationError');
    const details = history.find(({ type }) => type === 'EvaluationFailed')?.evaluationFailedEventDetails;
    expect(details, 'AWS names no location where Items was not written').not.toHaveProperty('location');
  });
});
