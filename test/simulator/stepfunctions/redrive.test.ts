/** Redrive: a failed execution goes on where it failed, with what had succeeded kept. */
import { describe, expect, test } from 'vitest';
import { TaskFailure } from '../../../simulator/stepfunctions/errors.ts';
import type { TaskCall } from '../../../simulator/stepfunctions/options.ts';
import { entered, machineRoom, only, task } from './machine-room.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Fails in the named states until `repair` is called. */
function breakable(...states: string[]) {
  const broken = new Set(states);
  const room = machineRoom(async ({ state }) => {
    if (broken.has(state)) throw new TaskFailure('Broken', state);
    return `${state} done`;
  });
  const called = () => room.calls.map(({ state }: TaskCall) => state);
  const redrive = async (executionArn: string) => {
    room.stepFunctions.redriveExecution(executionArn);
    await room.time.runAllAsync();
    return room.course(executionArn);
  };
  return { ...room, called, redrive, repair: () => broken.clear() };
}

const steps = {
  StartAt: 'Fence',
  States: {
    Fence: task({
      Assign: { fenced: '{% $states.result %}' },
      Output: { was: '{% $states.input %}' },
      Next: 'Promote',
    }),
    Promote: task({
      Arguments: {
        input: '{% $states.input %}',
        fenced: '{% $fenced %}',
        redrives: '{% $states.context.Execution.RedriveCount %}',
      },
      Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 2 }],
      Next: 'Redirect',
    }),
    Redirect: task({ End: true }),
  },
};

describe('a redrive', () => {
  test('goes on at the failed state with its input and variables, in the same history', async () => {
    const room = breakable('Promote');
    const failed = await room.run(steps, { id: 7 });
    expect(failed.description).toMatchObject({ status: 'FAILED', error: 'Broken', redriveStatus: 'REDRIVABLE' });
    room.repair();
    const again = await room.redrive(failed.executionArn);

    expect(again.description).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    expect(again.description).not.toHaveProperty('error');
    expect(room.called()).toEqual(['Fence', 'Promote', 'Promote', 'Promote', 'Promote', 'Redirect']);
    expect(room.calls[4]?.arguments).toEqual({ input: { was: { id: 7 } }, fenced: 'Fence done', redrives: 1 });
    expect(again.history.slice(0, failed.history.length)).toEqual(failed.history);
    expect(again.types.slice(failed.types.length, failed.types.length + 2)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
    ]);
    expect(entered(again.history), 'AWS does not enter the state a second time').toEqual([
      'Fence',
      'Promote',
      'Redirect',
    ]);
  });

  test('starts the retries from the beginning', async () => {
    const room = breakable('Promote');
    const { executionArn } = await room.run(steps);
    await room.redrive(executionArn);
    expect(room.calls.slice(1).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(room.course(executionArn).description).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  });

  test('runs only what failed or was aborted in a parallel state, and keeps the other results', async () => {
    const branch = (name: string) => ({
      StartAt: `${name}1`,
      States: {
        [`${name}1`]: task({ Assign: { mine: name }, Next: `${name}2` }),
        [`${name}2`]: task({ Output: '{% $mine & $states.result %}', End: true }),
      },
    });
    const aborted = {
      StartAt: 'Linger',
      States: { Linger: { Type: 'Wait', Seconds: 60, Next: 'C2' }, C2: task({ End: true }) },
    };
    const slowlyFailing = {
      StartAt: 'B0',
      States: { B0: { Type: 'Wait', Seconds: 5, Next: 'B1' }, ...branch('B').States },
    };
    const States = { Both: { Type: 'Parallel', Branches: [branch('A'), slowlyFailing, aborted], End: true } };
    const room = breakable('B2');
    const { executionArn, types } = await room.run({ StartAt: 'Both', States });
    expect(types.filter((type) => type.endsWith('Aborted'))).toEqual(['WaitStateAborted']);
    expect(room.called()).toEqual(['A1', 'A2', 'B1', 'B2']);

    room.repair();
    const { output } = await room.redrive(executionArn);
    expect(room.called()).toEqual(['A1', 'A2', 'B1', 'B2', 'B2', 'C2']);
    expect(output).toEqual(['AA2 done', 'BB2 done', 'C2 done']);
  });

  test('runs only the iterations of a map that did not succeed', async () => {
    let broken = true;
    const room = machineRoom(async ({ arguments: item }) => {
      if (item === 2 && broken) throw new TaskFailure('Broken', '');
      return item;
    });
    const processor = only('Item', task({ Arguments: '{% $states.input %}', End: true }));
    const machine = only('Each', { Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor, End: true });
    const { executionArn } = await room.run(machine, [1, 2, 3]);
    broken = false;
    room.stepFunctions.redriveExecution(executionArn);
    await room.time.runAllAsync();
    expect(room.calls.map((call) => call.arguments)).toEqual([1, 2, 2, 3]);
    expect(room.course(executionArn).output).toEqual([1, 2, 3]);
  });

  test('of a parallel state that joined well but could not be left uses the kept results', async () => {
    const Branches = [only('A', task({ End: true }))];
    const Output = "{% $states.context.Execution.RedriveCount = 0 ? $error('no') : $states.result %}";
    const room = breakable();
    const { executionArn, description } = await room.run(
      only('Both', { Type: 'Parallel', Branches, Output, End: true }),
    );
    expect(description.error).toBe('States.QueryEvaluationError');
    expect((await room.redrive(executionArn)).output).toEqual(['A done']);
    expect(room.called()).toEqual(['A']);
  });

  test('of a parallel state whose branches together were too large runs them all again', async () => {
    const half = { Output: "{% $pad('', 140000, 'x') %}", End: true };
    const room = breakable();
    const Branches = [only('A', task(half)), only('B', task(half))];
    const { executionArn, description } = await room.run(only('Both', { Type: 'Parallel', Branches, End: true }));
    expect(description.error).toBe('States.DataLimitExceeded');
    await room.redrive(executionArn);
    expect(room.called()).toEqual(['A', 'B', 'A', 'B']);
  });

  test('of a Fail state reached through a catcher only fails again', async () => {
    const States = {
      Work: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'GiveUp' }], End: true }),
      GiveUp: { Type: 'Fail', Error: 'GaveUp' },
    };
    const room = breakable('Work');
    const { executionArn } = await room.run({ StartAt: 'Work', States });
    room.repair();
    const { description, history } = await room.redrive(executionArn);
    expect(description).toMatchObject({ status: 'FAILED', error: 'GaveUp' });
    expect(entered(history)).toEqual(['Work', 'GiveUp', 'GiveUp']);
    expect(room.called()).toEqual(['Work']);
  });

  test('goes on after a stop and after a timeout, whose clock begins again', async () => {
    const room = machineRoom(() => new Promise(() => undefined));
    const { executionArn, description } = await room.run({ ...only('Work', task({ End: true })), TimeoutSeconds: 100 });
    expect(description.status).toBe('TIMED_OUT');
    room.stepFunctions.redriveExecution(executionArn);
    await room.time.tickAsync(99_000);
    expect(room.course(executionArn).description.status).toBe('RUNNING');
    room.stepFunctions.stopExecution(executionArn);
    room.stepFunctions.redriveExecution(executionArn);
    expect(room.course(executionArn).description).toMatchObject({ status: 'RUNNING', redriveCount: 2 });
  });

  test('is not ended by the timeout of the attempt that failed before', async () => {
    const room = breakable('Work');
    const machine = only('Work', { ...task({ Next: 'Rest' }) });
    const States = { ...machine.States, Rest: { Type: 'Wait', Seconds: 80, End: true } };
    const executionArn = room.start({ ...machine, States, TimeoutSeconds: 100 });
    await room.time.tickAsync(50_000);
    expect(room.course(executionArn).description.status).toBe('FAILED');
    expect(room.time.countTimers()).toBe(0);
    room.repair();
    expect((await room.redrive(executionArn)).description.status).toBe('SUCCEEDED');
  });

  test('is refused while running, after success and after 14 days', async () => {
    const room = breakable('Promote');
    const executionArn = room.start(steps);
    const refused = expect.objectContaining({ name: 'ExecutionNotRedrivable' });
    expect(() => room.stepFunctions.redriveExecution(executionArn)).toThrow(refused);
    await room.time.runAllAsync();
    await room.time.tickAsync(14 * dayMs);
    expect(room.stepFunctions.describeExecution(executionArn).redriveStatus).toBe('REDRIVABLE');
    await room.time.tickAsync(1);
    expect(() => room.stepFunctions.redriveExecution(executionArn)).toThrow(refused);
    expect(room.stepFunctions.describeExecution(executionArn).redriveStatusReason).toMatch(/period exceeded/);

    const sound = breakable();
    const succeeded = await sound.run(steps);
    expect(() => sound.stepFunctions.redriveExecution(succeeded.executionArn)).toThrow(refused);
  });
});

describe('an execution that is stopped between any two steps of its code', () => {
  const quick = (name: string) => only(name, { Type: 'Pass', Output: `{% '${name}' & $states.input.id %}`, End: true });
  const machine = {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          quick('A'),
          only('B', task({ Arguments: '{% $states.input %}', End: true })),
          only('C', { Type: 'Wait', Seconds: '{% $states.input.id %}', Output: 'C', End: true }),
          only('Each', { Type: 'Map', Items: [1, 2, 3], MaxConcurrency: 2, ItemProcessor: quick('D'), End: true }),
        ],
        Next: 'Last',
      },
      Last: task({ Output: ['{% $states.input %}', '{% $states.result %}'], End: true }),
    },
  };
  /** More microtasks than the machine takes up to its first timer. */
  const moments = Array.from({ length: 300 }, (_, index) => index);
  const stoppedAfter = async (microtasks: number) => {
    const room = breakable();
    const executionArn = room.start(machine, { id: 7 });
    for (let passed = 0; passed < microtasks; passed += 1) await Promise.resolve();
    room.stepFunctions.stopExecution(executionArn);
    return { ...room, executionArn };
  };

  test('leaves no timer and does nothing more', async () => {
    for (const moment of moments) {
      const { executionArn, course, time } = await stoppedAfter(moment);
      const { types, history } = course(executionArn);
      expect(types.at(-1)).toBe('ExecutionAborted');
      await time.tickAsync(0);
      expect(time.countTimers(), `stopped after ${moment} microtasks`).toBe(0);
      expect(course(executionArn).history).toEqual(history);
    }
  });

  test('and redriven in the same moment comes to the same end', async () => {
    const { output } = await breakable().run(machine, { id: 7 });
    for (const moment of moments) {
      const { executionArn, redrive } = await stoppedAfter(moment);
      const again = await redrive(executionArn);
      expect(again.output, `stopped after ${moment} microtasks`).toEqual(output);
      expect(again.types.filter((type) => type === 'ExecutionSucceeded')).toHaveLength(1);
      const exits = again.history.filter(({ stateExitedEventDetails: exited }) => exited?.name === 'A');
      expect(exits, 'what had succeeded is not run again').toHaveLength(1);
    }
  });

  test('is not failed after its redrive by what the stopped code found out too late', async () => {
    const Condition = '{% $states.context.Execution.RedriveCount = 1 %}';
    const States = {
      Choose: { Type: 'Choice', Choices: [{ Condition, Next: 'Done' }] },
      Done: { Type: 'Succeed' },
    };
    for (const moment of moments.slice(0, 40)) {
      const room = breakable();
      const executionArn = room.start({ StartAt: 'Choose', States });
      for (let passed = 0; passed < moment; passed += 1) await Promise.resolve();
      room.stepFunctions.stopExecution(executionArn);
      expect((await room.redrive(executionArn)).description.status, `after ${moment} microtasks`).toBe('SUCCEEDED');
    }
  });
});
