// Has the work of a task done: by the caller's `task`, or by the runtime itself where the task starts an execution.
import { apiError, StateFailure, TaskFailure } from '../errors.ts';
import type { Execution, TaskCall } from '../options.ts';
import type { Run } from '../run.ts';

/** `stop` is called once, whether the work is done or no longer wanted. */
export type Work = { answer: Promise<unknown>; stop: () => void };

export function beginWork(run: Run, call: TaskCall, submitted: (output: unknown) => void): Work {
  if (call.resource === 'states:startExecution' && call.pattern !== 'wait-for-task-token') {
    return beginExecution(run, call, submitted);
  }
  const answer = new Promise((resolve) => resolve(run.options.task(call)));
  if (call.pattern !== 'sync') return { answer, stop: () => undefined };
  const done = answer.then((output) => {
    submitted(output);
    return output;
  });
  return { answer: done, stop: () => undefined };
}

/** What a failed task reports. An Error that is no TaskFailure reads like an error that a Node.js function let out. */
export function failureOf(error: unknown): StateFailure {
  if (error instanceof TaskFailure) return new StateFailure(error.error, error.cause);
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return new StateFailure(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}

/** `sync` waits for the child and stops it when the task ends first; without it the task is done once it started. */
function beginExecution(run: Run, call: TaskCall, submitted: (output: unknown) => void): Work {
  let child: Readonly<Execution>;
  try {
    child = run.nested.start(readRequest(call.arguments));
  } catch (error) {
    const { name, message } = error as Error;
    const refused = new TaskFailure(`StepFunctions.${name}Exception`, message);
    return { answer: Promise.reject(refused), stop: () => undefined };
  }
  const { executionArn, startDate } = child;
  const started = { ExecutionArn: executionArn, StartDate: startDate };
  if (call.pattern === 'request-response') return { answer: Promise.resolve(started), stop: () => undefined };
  submitted(started);
  let closed = false;
  let unsubscribe = (): void => undefined;
  const answer = new Promise((resolve, reject) => {
    unsubscribe = run.nested.whenClosed(executionArn, (execution) => {
      closed = true;
      if (execution.status === 'SUCCEEDED') resolve(describe(execution, JSON.parse(execution.input)));
      // In the cause AWS leaves the input a text.
      else reject(new TaskFailure('States.TaskFailed', JSON.stringify(describe(execution, execution.input))));
    });
  });
  const stop = (): void => {
    unsubscribe();
    if (!closed) run.nested.stop(executionArn);
  };
  return { answer, stop };
}

function readRequest(request: unknown): { stateMachineArn: string; name: string | undefined; input: string } {
  const fields = (typeof request === 'object' && request !== null ? request : {}) as Record<string, unknown>;
  const { StateMachineArn: stateMachineArn, Name: name, Input: input = {} } = fields;
  if (typeof stateMachineArn !== 'string') throw apiError('InvalidArn', 'StateMachineArn is missing');
  if (name !== undefined && typeof name !== 'string') throw apiError('InvalidName', 'Name is not a text');
  return { stateMachineArn, name, input: typeof input === 'string' ? input : JSON.stringify(input) };
}

/** DescribeExecution as `.sync:2` gives it: the output is JSON and not a text. */
function describe(execution: Readonly<Execution>, input: unknown): Record<string, unknown> {
  return {
    ExecutionArn: execution.executionArn,
    Input: input,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(execution.output === undefined
      ? {}
      : { Output: JSON.parse(execution.output), OutputDetails: { Included: true } }),
    ...(execution.error === undefined ? {} : { Error: execution.error }),
    ...(execution.cause === undefined ? {} : { Cause: execution.cause }),
    RedriveCount: execution.redriveCount,
    StartDate: execution.startDate,
    StateMachineArn: execution.stateMachineArn,
    Status: execution.status,
    StopDate: execution.stopDate,
  };
}
