/** The Task state: what it calls, how long it waits, callbacks on a task token, and executions inside executions. */
import { describe, expect, test } from 'vitest';
import { TaskFailure } from '../../../../simulator/stepfunctions/errors.ts';
import { machineRoom, only, secondsOf, task } from '../machine-room.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const callback = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
const withToken = { Token: '{% $states.context.Task.Token %}' };
const approval = (fields: object = {}) =>
  only('Approve', task({ Resource: callback, Arguments: withToken, End: true, ...fields }));

describe('a task', () => {
  test.for([
    ['arn:aws:states:::lambda:invoke', 'lambda:invoke', 'request-response'],
    ['arn:aws:states:::sns:publish', 'sns:publish', 'request-response'],
    ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', 'sqs:sendMessage', 'wait-for-task-token'],
    ['arn:aws:states:::codebuild:startBuild.sync', 'codebuild:startBuild', 'sync'],
    ['arn:aws:states:::aws-sdk:rds:promoteReadReplica', 'aws-sdk:rds:promoteReadReplica', 'request-response'],
    [
      'arn:aws:lambda:us-west-2:123456789012:function:work',
      'arn:aws:lambda:us-west-2:123456789012:function:work',
      'request-response',
    ],
  ] as const)('calls %s as %s', async ([Resource, resource, pattern]) => {
    const room = machineRoom();
    room.start(only('Work', task({ Resource, Arguments: { id: '{% $states.input.id %}' }, End: true })), { id: 7 });
    await room.time.runAllAsync();
    expect(room.calls).toMatchObject([
      { resource, pattern, arguments: { id: 7 }, state: 'Work', attempt: 1, executionName: 'one' },
    ]);
  });

  test('is scheduled, started and done in the history, with its limits', async () => {
    const { types, history } = await machineRoom(async () => 'ok').run(
      only('Work', task({ TimeoutSeconds: '{% 20 + 10 %}', End: true })),
    );
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(history[2]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'us-west-2',
      parameters: '{"FunctionName":"work"}',
      timeoutInSeconds: 30,
    });
    expect(history.map(({ id, previousEventId }) => [id, previousEventId])).toEqual(
      history.map((_, index) => [index + 1, index]),
    );
  });

  test('fails with the name of what the function threw and its message as JSON', async () => {
    const { description } = await machineRoom(async () => {
      throw Object.assign(new Error('lag is unknown'), { name: 'NotReady' });
    }).run(only('Work', task({ End: true })));
    expect(description.error).toBe('NotReady');
    expect(JSON.parse(description.cause ?? '')).toMatchObject({
      errorType: 'NotReady',
      errorMessage: 'lag is unknown',
    });
  });

  test('times out when no answer comes, and does not hear the late one', async () => {
    const late = new Promise((resolve) => setLate(resolve));
    const room = machineRoom(() => late);
    const { description, history, executionArn } = await room.run(
      only('Work', task({ TimeoutSeconds: 30, End: true })),
    );
    expect(description).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(secondsOf(history, 'TaskTimedOut')).toEqual([30]);
    answerLate('late');
    await room.time.runAllAsync();
    expect(room.course(executionArn).history).toEqual(history);
  });

  test('of more than 24.8 days, the longest timer of Node, still takes its time', async () => {
    const { history } = await machineRoom(never).run(only('Work', task({ TimeoutSeconds: 40 * 86_400, End: true })));
    expect(secondsOf(history, 'TaskTimedOut')).toEqual([40 * 86_400]);
  });

  test.for([
    ['Arguments', { Arguments: { text: 'x'.repeat(270_000) } }, 'short'],
    ['the result', {}, 'x'.repeat(270_000)],
    ['the result in bytes and not in characters', {}, '€'.repeat(90_000)],
    ['the output', { Output: "{% $pad('', 270000, 'x') %}" }, 'short'],
  ] as const)('fails when %s is larger than 256 KiB, and States.ALL does not catch it', async ([, fields, result]) => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const States = { Work: task({ ...fields, Catch, End: true }), Caught: { Type: 'Succeed' } };
    const { description } = await machineRoom(async () => result).run({ StartAt: 'Work', States });
    expect(description).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('a callback', () => {
  test('succeeds with what came back on the token, which the call carried', async () => {
    const room = machineRoom(async () => ({ MessageId: 'm-1' }));
    const executionArn = room.start(approval({ Output: '{% $states.result.by %}' }));
    await room.time.tickAsync(60_000);
    const token = room.calls[0]?.taskToken ?? '';
    expect(room.calls[0]?.arguments).toEqual({ Token: token });
    expect(room.course(executionArn).types.at(-1)).toBe('TaskSubmitted');

    room.stepFunctions.sendTaskSuccess(token, '{"by":"ana"}');
    await room.time.runAllAsync();
    expect(room.course(executionArn)).toMatchObject({ output: 'ana', description: { status: 'SUCCEEDED' } });
  });

  test('that overtakes the answer of the call counts, after the submission', async () => {
    const room = machineRoom(async ({ taskToken }) => {
      room.stepFunctions.sendTaskSuccess(taskToken ?? '', '"early"');
      expect(() => room.stepFunctions.sendTaskSuccess(taskToken ?? '', '"twice"')).toThrow(named('TaskTimedOut'));
      return 'sent';
    });
    const { output, types } = await room.run(approval());
    expect(output).toBe('early');
    expect(types.slice(3, 6)).toEqual(['TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('fails with the error that came back on the token', async () => {
    const room = machineRoom();
    const executionArn = room.start(approval());
    await room.time.tickAsync(1);
    room.stepFunctions.sendTaskFailure(room.calls[0]?.taskToken ?? '', { error: 'Rejected', cause: 'not now' });
    await room.time.runAllAsync();
    expect(room.course(executionArn).description).toMatchObject({ error: 'Rejected', cause: 'not now' });
  });

  test('fails when the call that carries the token fails', async () => {
    const room = machineRoom(async () => {
      throw new TaskFailure('Throttled', 'slow down');
    });
    expect((await room.run(approval())).description.error).toBe('Throttled');
  });

  test('times out although the call succeeded', async () => {
    const { history, description } = await machineRoom().run(approval({ TimeoutSeconds: 900 }));
    expect(secondsOf(history, 'TaskTimedOut')).toEqual([900]);
    expect(description.error).toBe('States.Timeout');
  });

  test('waits on for as long as heartbeats come, and no longer', async () => {
    const room = machineRoom();
    const executionArn = room.start(approval({ TimeoutSeconds: 1000, HeartbeatSeconds: 10 }));
    for (const _ of [1, 2, 3]) {
      await room.time.tickAsync(9_000);
      room.stepFunctions.sendTaskHeartbeat(room.calls[0]?.taskToken ?? '');
    }
    await room.time.runAllAsync();
    const { history, description } = room.course(executionArn);
    expect(secondsOf(history, 'TaskTimedOut')).toEqual([37]);
    expect(description.error).toBe('States.HeartbeatTimeout');
  });

  test('without heartbeats is also a States.Timeout to a catcher', async () => {
    const States = {
      Approve: task({
        Resource: callback,
        HeartbeatSeconds: 10,
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Escalate' }],
        End: true,
      }),
      Escalate: { Type: 'Pass', End: true },
    };
    const { output } = await machineRoom().run({ StartAt: 'Approve', States });
    expect(output).toEqual({ Error: 'States.HeartbeatTimeout' });
  });

  test.for([
    ['after an answer', async ({ stepFunctions }: Room, token: string) => stepFunctions.sendTaskSuccess(token, '1')],
    ['after its timeout', async ({ time }: Room) => time.tickAsync(900_000)],
    ['after its execution was stopped', async ({ stepFunctions }: Room) => stopAll(stepFunctions)],
  ] as const)('finds its task timed out %s', async ([, close]) => {
    const room = machineRoom();
    room.start(approval({ TimeoutSeconds: 900 }));
    await room.time.tickAsync(1);
    const token = room.calls[0]?.taskToken ?? '';
    await close(room, token);
    await room.time.tickAsync(1);
    expect(() => room.stepFunctions.sendTaskSuccess(token, '1')).toThrow(named('TaskTimedOut'));
    expect(() => room.stepFunctions.sendTaskFailure(token)).toThrow(named('TaskTimedOut'));
    expect(() => room.stepFunctions.sendTaskHeartbeat(token)).toThrow(named('TaskTimedOut'));
  });

  test('on what is no token, on a token never given, or without JSON is refused by its name', async () => {
    const { stepFunctions } = machineRoom();
    expect(() => stepFunctions.sendTaskSuccess('no token', '1')).toThrow(named('InvalidToken'));
    expect(() => stepFunctions.sendTaskSuccess('A'.repeat(64), '1')).toThrow(named('TaskDoesNotExist'));
    expect(() => stepFunctions.sendTaskSuccess('A'.repeat(64), 'not JSON')).toThrow(named('InvalidOutput'));
  });
});

describe('an execution started by an execution', () => {
  const child = only('Child', task({ End: true }));
  const parent = (Resource: string, fields: object = {}) =>
    only('Start', {
      Type: 'Task',
      Resource,
      Arguments: { StateMachineArn: childArn, Name: 'kid', Input: { id: 7 } },
      End: true,
      ...fields,
    });
  const childArn = 'arn:aws:states:us-west-2:123456789012:stateMachine:child';
  const kid = 'arn:aws:states:us-west-2:123456789012:execution:child:kid';
  const roomWithChild = (answer: () => Promise<unknown>) => {
    const room = machineRoom(answer);
    room.stepFunctions.createStateMachine({ name: 'child', definition: { QueryLanguage: 'JSONata', ...child } });
    return room;
  };
  const sync = 'arn:aws:states:::states:startExecution.sync:2';

  test('is waited for with sync:2, and its output is JSON', async () => {
    const { output, types } = await roomWithChild(async () => ({ promoted: true })).run(parent(sync));
    expect(output).toMatchObject({
      ExecutionArn: kid,
      Status: 'SUCCEEDED',
      Output: { promoted: true },
      Input: { id: 7 },
    });
    expect(types).toContain('TaskSubmitted');
  });

  test('is not waited for without sync', async () => {
    const room = roomWithChild(never);
    const { output } = await room.run(parent('arn:aws:states:::states:startExecution'));
    expect(output).toMatchObject({ ExecutionArn: kid });
    expect(room.stepFunctions.describeExecution(kid).status).toBe('RUNNING');
  });

  test('fails its parent with States.TaskFailed and its own description', async () => {
    const { description } = await roomWithChild(async () => {
      throw new TaskFailure('Fenced', 'no');
    }).run(parent(sync));
    expect(description.error).toBe('States.TaskFailed');
    expect(JSON.parse(description.cause ?? '')).toMatchObject({
      ExecutionArn: kid,
      Status: 'FAILED',
      Error: 'Fenced',
      Cause: 'no',
      Input: '{"id":7}',
    });
  });

  test('is stopped with its parent', async () => {
    const room = roomWithChild(never);
    const executionArn = room.start(parent(sync));
    await room.time.tickAsync(1);
    room.stepFunctions.stopExecution(executionArn);
    expect(room.stepFunctions.describeExecution(kid).status).toBe('ABORTED');
  });

  test('cannot take a name that is taken', async () => {
    const room = roomWithChild(async () => 1);
    room.stepFunctions.startExecution({ stateMachineArn: childArn, name: 'kid', input: '{}' });
    const { description } = await room.run(parent(sync));
    expect(description.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
  });
});

type Room = ReturnType<typeof machineRoom>;

let answerLate: (value: unknown) => void = () => undefined;
function setLate(resolve: (value: unknown) => void): void {
  answerLate = resolve;
}

function stopAll(stepFunctions: Room['stepFunctions']): void {
  for (const { executionArn } of stepFunctions.listExecutions()) stepFunctions.stopExecution(executionArn);
}

function named(name: string) {
  return expect.objectContaining({ name });
}
