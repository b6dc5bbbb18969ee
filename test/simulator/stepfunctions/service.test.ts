/** The API of Step Functions: starting once, listing, stopping, limits, and one history for one seed. */
import { describe, expect, test } from 'vitest';
import type { ExecutionStatus } from '../../../simulator/stepfunctions/options.ts';
import { machineRoom, only, seededRandom, task } from './machine-room.ts';

const dayMs = 24 * 60 * 60 * 1000;
const waits = only('Pause', { Type: 'Wait', Seconds: 60, End: true });
const named = (name: string) => expect.objectContaining({ name });

function withMachine(definition: object = waits) {
  const room = machineRoom();
  const machine = { QueryLanguage: 'JSONata', ...definition };
  const stateMachineArn = room.stepFunctions.createStateMachine({ name: 'flow', definition: machine });
  const start = (name: string, input: string) => room.stepFunctions.startExecution({ stateMachineArn, name, input });
  return { ...room, stateMachineArn, start, machine };
}

describe('starting an execution', () => {
  test('again with the same name and the same bytes answers the running one', async () => {
    const { start, stepFunctions, time } = withMachine();
    const first = start('incident-1', '{"a":1}');
    await time.tickAsync(1000);
    expect(start('incident-1', '{"a":1}')).toEqual(first);
    expect(stepFunctions.listExecutions()).toHaveLength(1);
  });

  test('again with other input is refused, and with other bytes for the same value too', () => {
    const { start } = withMachine();
    start('incident-1', '{"a":1}');
    expect(() => start('incident-1', '{"a":2}')).toThrow(named('ExecutionAlreadyExists'));
    expect(() => start('incident-1', '{"a": 1}')).toThrow(named('ExecutionAlreadyExists'));
  });

  test('again after it closed is refused for 90 days', async () => {
    const { start, time, stepFunctions } = withMachine();
    start('incident-1', '{}');
    await time.runAllAsync();
    await time.tickAsync(90 * dayMs);
    expect(() => start('incident-1', '{}')).toThrow(named('ExecutionAlreadyExists'));
    await time.tickAsync(1);
    const { executionArn } = start('incident-1', '{}');
    expect(stepFunctions.describeExecution(executionArn).status).toBe('RUNNING');
  });

  test.for([
    [
      'an unknown machine',
      { stateMachineArn: 'arn:aws:states:us-west-2:1:stateMachine:other' },
      'StateMachineDoesNotExist',
    ],
    ['input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['input over 256 KiB', { input: JSON.stringify('x'.repeat(270_000)) }, 'InvalidExecutionInput'],
    ['a name with a blank', { name: 'a b' }, 'InvalidName'],
    ['a name of 81 characters', { name: 'x'.repeat(81) }, 'InvalidName'],
  ] as const)('with %s is refused by its name', ([, change, error]) => {
    const { stepFunctions, stateMachineArn } = withMachine();
    expect(() => stepFunctions.startExecution({ stateMachineArn, ...change })).toThrow(named(error));
  });

  test('does nothing before the caller has the ARN', () => {
    const { start, stepFunctions } = withMachine();
    const { executionArn } = start('one', '{}');
    expect(stepFunctions.getExecutionHistory(executionArn).map(({ type }) => type)).toEqual(['ExecutionStarted']);
  });
});

test('a machine can be created again as it is, and not as another', () => {
  const { stepFunctions, machine, stateMachineArn } = withMachine();
  expect(stepFunctions.createStateMachine({ name: 'flow', definition: JSON.stringify(machine) })).toBe(stateMachineArn);
  const other = { ...machine, Comment: 'another' };
  expect(() => stepFunctions.createStateMachine({ name: 'flow', definition: other })).toThrow(
    named('StateMachineAlreadyExists'),
  );
});

test('executions are listed newest first, by machine and by status', async () => {
  const { start, stepFunctions, time, stateMachineArn } = withMachine();
  start('a', '{}');
  await time.runAllAsync();
  start('b', '{}');
  const names = (status?: ExecutionStatus) =>
    stepFunctions.listExecutions({ stateMachineArn, ...(status && { status }) }).map(({ name }) => name);
  expect(names()).toEqual(['b', 'a']);
  expect(names('RUNNING')).toEqual(['b']);
  expect(stepFunctions.listExecutions({ stateMachineArn: 'other' })).toEqual([]);
});

test('what does not exist is refused by its name', () => {
  const { stepFunctions } = withMachine();
  for (const call of ['describeExecution', 'getExecutionHistory', 'stopExecution', 'redriveExecution'] as const) {
    expect(() => stepFunctions[call]('arn:none')).toThrow(named('ExecutionDoesNotExist'));
  }
});

describe('stopping an execution', () => {
  test('ends it at once, with the reason given, and leaves nothing running', async () => {
    const { start, stepFunctions, time, course } = withMachine();
    const { executionArn } = start('one', '{}');
    await time.tickAsync(1000);
    stepFunctions.stopExecution(executionArn, { error: 'Frozen', cause: 'an operator froze it' });
    const { description, types, history } = course(executionArn);
    expect(description).toMatchObject({ status: 'ABORTED', error: 'Frozen', cause: 'an operator froze it' });
    expect(types.slice(-2)).toEqual(['WaitStateAborted', 'ExecutionAborted']);
    expect(time.countTimers()).toBe(0);
    await time.runAllAsync();
    expect(stepFunctions.getExecutionHistory(executionArn)).toEqual(history);
  });

  test('that has closed changes nothing', async () => {
    const { start, stepFunctions, time, course } = withMachine();
    const { executionArn } = start('one', '{}');
    await time.runAllAsync();
    const before = course(executionArn);
    stepFunctions.stopExecution(executionArn);
    expect(course(executionArn)).toEqual(before);
  });
});

test('a machine with a timeout is ended by it', async () => {
  const { description, types } = await machineRoom().run({ ...waits, TimeoutSeconds: 30 });
  expect(description).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  expect(types.slice(-2)).toEqual(['WaitStateAborted', 'ExecutionTimedOut']);
});

test('a loop without end fails when its history has 25,000 events, and cannot be redriven', async () => {
  const States = { Tick: { Type: 'Wait', Seconds: 15, Next: 'Tock' }, Tock: { Type: 'Pass', Next: 'Tick' } };
  const room = machineRoom();
  const executionArn = room.start({ StartAt: 'Tick', States });
  while (room.course(executionArn).description.status === 'RUNNING') await room.time.tickAsync(10_000_000);
  const { description, history } = room.course(executionArn);
  expect(history).toHaveLength(25_000);
  expect(history.at(-1)?.type).toBe('ExecutionFailed');
  expect(description.cause).toContain('25000');
  expect(description.redriveStatus).toBe('NOT_REDRIVABLE');
  expect(room.time.countTimers()).toBe(0);
});

test('listeners hear every event and every status as it happens', async () => {
  const heard: string[] = [];
  const room = machineRoom(async () => 1, {
    onEvent: ({ type }, { name }) => heard.push(`${name}: ${type}`),
    onStatus: ({ name, status }) => heard.push(`${name} is ${status}`),
  });
  await room.run(only('Done', { Type: 'Succeed' }));
  expect(heard).toEqual([
    'one: ExecutionStarted',
    'one is RUNNING',
    'one: SucceedStateEntered',
    'one: SucceedStateExited',
    'one: ExecutionSucceeded',
    'one is SUCCEEDED',
  ]);
});

describe('one seed', () => {
  const branch = (name: string) =>
    only(name, task({ Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL', MaxAttempts: 5 }], End: true }));
  const machine = {
    StartAt: 'Draw',
    States: {
      Draw: {
        Type: 'Pass',
        Output: {
          id: '{% $uuid() %}',
          number: '{% $random() %}',
          order: '{% $shuffle([1..9]) %}',
          now: '{% $now() %}',
          year: "{% $now('[Y0001]') %}",
          millis: '{% $millis() %}',
        },
        Next: 'Both',
      },
      Both: { Type: 'Parallel', Branches: [branch('A'), branch('B')], Next: 'Ask' },
      Ask: task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', TimeoutSeconds: 9, End: true }),
    },
  };
  const bytes = async (seed: number): Promise<string> => {
    const random = seededRandom(seed);
    const room = machineRoom(
      async ({ attempt }) => {
        if (attempt < 3) throw new Error('again');
        return attempt;
      },
      { random },
    );
    return JSON.stringify((await room.run(machine)).history);
  };

  test('gives one history, to the byte', async () => {
    expect(await bytes(1)).toBe(await bytes(1));
  });

  test('gives another history than another seed', async () => {
    expect(await bytes(1)).not.toBe(await bytes(2));
  });
});
