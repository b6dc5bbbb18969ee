/** Retry and Catch: when a state tries again, how long it waits, and where it goes when it gives up. */
import { describe, expect, test } from 'vitest';
import { TaskFailure } from '../../../../simulator/stepfunctions/errors.ts';
import { entered, machineRoom, only, task } from '../machine-room.ts';

const failing = async (): Promise<never> => {
  throw new TaskFailure('InProgress', 'still copying');
};
const failingTimes = (times: number) => {
  let failures = 0;
  return async (): Promise<unknown> => {
    failures += 1;
    if (failures <= times) throw new TaskFailure('InProgress', 'still copying');
    return 'done';
  };
};
const retrying = (retrier: object) => only('Work', task({ Retry: [retrier], End: true }));
const inProgress = { ErrorEquals: ['InProgress'] };

describe('a retry', () => {
  test.for([
    ['waits one second, doubled each time, three times, where nothing is said', {}, [0, 1, 3, 7]],
    [
      'keeps its interval with a backoff rate of 1',
      { IntervalSeconds: 5, BackoffRate: 1, MaxAttempts: 4 },
      [0, 5, 10, 15, 20],
    ],
    ['grows by its backoff rate', { IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3 }, [0, 2, 8, 26]],
    [
      'never waits longer than its longest delay',
      { IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 4, MaxDelaySeconds: 10 },
      [0, 3, 9, 19, 29],
    ],
    ['does not happen with no attempts', { MaxAttempts: 0 }, [0]],
  ] as const)('%s', async ([, policy, seconds]) => {
    const room = machineRoom(failing);
    const { description } = await room.run(retrying({ ...inProgress, ...policy }));
    expect(room.calls.map(({ at }) => at)).toEqual(seconds);
    expect(room.calls.map(({ attempt }) => attempt)).toEqual(seconds.map((_, index) => index + 1));
    expect(description).toMatchObject({ status: 'FAILED', error: 'InProgress', cause: 'still copying' });
  });

  test('with full jitter waits a drawn part of its delay', async () => {
    const room = machineRoom(failing, { random: () => 0.25 });
    await room.run(retrying({ ...inProgress, IntervalSeconds: 8, MaxAttempts: 2, JitterStrategy: 'FULL' }));
    expect(room.calls.map(({ at }) => at)).toEqual([0, 2, 6]);
  });

  test('ends as soon as the task succeeds and leaves no trace in the output', async () => {
    const { output, types } = await machineRoom(failingTimes(2)).run(retrying(inProgress));
    expect(output).toBe('done');
    expect(types.filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
    expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(2);
  });

  test('is counted by each retrier for itself', async () => {
    const errors = ['A', 'B', 'A', 'B', 'A'];
    const room = machineRoom(async () => {
      throw new TaskFailure(errors.shift() ?? 'none left', '');
    });
    const Retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 2, BackoffRate: 1 },
    ];
    const { description } = await room.run(only('Work', task({ Retry, End: true })));
    expect(room.calls.map(({ at }) => at)).toEqual([0, 1, 11, 12, 22]);
    expect(description.error, 'a used-up retrier is not followed by a later one').toBe('A');
  });

  test('tells expressions how often it was', async () => {
    const room = machineRoom(failingTimes(2));
    const Arguments = { retry: '{% $states.context.State.RetryCount %}' };
    await room.run(only('Work', task({ Arguments, Retry: [inProgress], End: true })));
    expect(room.calls.map((call) => call.arguments)).toEqual([{ retry: 0 }, { retry: 1 }, { retry: 2 }]);
  });
});

describe('an error name', () => {
  test.for([
    ['States.ALL', 'Anything', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.TaskFailed', 'Anything', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.Timeout', 'States.Timeout', true],
    ['States.Timeout', 'Anything', false],
    ['InProgress', 'InProgress', true],
    ['InProgress', 'inprogress', false],
  ] as const)('%s catches %s: %s', async ([pattern, error, caught]) => {
    const room = machineRoom(async () => {
      throw new TaskFailure(error, 'why');
    });
    const States = {
      Work: task({ Catch: [{ ErrorEquals: [pattern], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Succeed' },
    };
    const { description } = await room.run({ StartAt: 'Work', States });
    expect(description.status).toBe(caught ? 'SUCCEEDED' : 'FAILED');
  });
});

describe('a catcher', () => {
  const machine = (catcher: object) => ({
    StartAt: 'Before',
    States: {
      Before: { Type: 'Pass', Assign: { replica: 'db-2', tries: 1 }, Next: 'Work' },
      Work: task({
        Assign: { replica: 'never' },
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Wrong' },
          { ErrorEquals: ['States.ALL'], Next: 'Report', ...catcher },
        ],
        Next: 'Wrong',
      }),
      Report: { Type: 'Pass', Output: { input: '{% $states.input %}', replica: '{% $replica %}' }, End: true },
      Wrong: { Type: 'Fail' },
    },
  });

  test('hands on the error where it has no output of its own, and does not assign what the state would', async () => {
    const { output, history } = await machineRoom(failing).run(machine({}), { id: 7 });
    expect(output).toEqual({ input: { Error: 'InProgress', Cause: 'still copying' }, replica: 'db-2' });
    expect(entered(history)).toEqual(['Before', 'Work', 'Report']);
  });

  test('sees the error, the input and the variables as they were, in Output and in Assign', async () => {
    const catcher = {
      Assign: { replica: "{% $replica & ' after ' & $states.errorOutput.Error %}" },
      Output: { was: '{% $replica %}', id: '{% $states.input.id %}', cause: '{% $states.errorOutput.Cause %}' },
    };
    const { output } = await machineRoom(failing).run(machine(catcher), { id: 7 });
    expect(output).toEqual({
      input: { was: 'db-2', id: 7, cause: 'still copying' },
      replica: 'db-2 after InProgress',
    });
  });

  test('is asked after the retries', async () => {
    const room = machineRoom(failing);
    const States = {
      Work: task({
        Retry: [{ ...inProgress, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['InProgress'], Next: 'End' }],
        End: true,
      }),
      End: { Type: 'Succeed' },
    };
    const { description } = await room.run({ StartAt: 'Work', States });
    expect(room.calls).toHaveLength(2);
    expect(description.status).toBe('SUCCEEDED');
  });

  test('that cannot be evaluated fails the execution and is not caught in turn', async () => {
    const catcher = { Output: '{% $nothing %}' };
    const { description, history } = await machineRoom(failing).run(machine(catcher), { id: 7 });
    expect(description).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(history.find(({ type }) => type === 'EvaluationFailed')?.evaluationFailedEventDetails).toMatchObject({
      state: 'Work',
      location: 'Catch[1]/Output',
    });
  });
});
