// The Task state: evaluates its fields, has the work done and waits for the answer, a callback or a timeout.
import { after } from '../clock.ts';
import type { TaskState } from '../definition.ts';
import { Interrupted, StateFailure } from '../errors.ts';
import type { StateOutcome } from '../expressions/fields.ts';
import { conclude, evaluateField, evaluateNumber, positionOf } from '../expressions/fields.ts';
import { payload } from '../expressions/payload.ts';
import type { TaskCall } from '../options.ts';
import type { Run } from '../run.ts';
import { record } from '../run.ts';
import type { Scope } from '../scope.ts';
import type { Resource } from './resource.ts';
import { parseResource } from './resource.ts';
import type { Events, Limits } from './task-events.ts';
import { taskEvents } from './task-events.ts';
import type { TokenAnswer } from './tokens.ts';
import { beginWork, failureOf } from './work.ts';

const longestSeconds = 99_999_999;

export async function runTask(run: Run, scope: Scope, state: TaskState): Promise<StateOutcome> {
  const resource = resourceOf(state);
  const position = positionOf(scope);
  const taskToken = resource.pattern === 'wait-for-task-token' ? run.tokens.issue(run.execution.stateMachineArn) : null;
  const input =
    state.Arguments === undefined
      ? position.input
      : await evaluateField(run, scope, 'Arguments', state.Arguments, { taskToken });
  const limits = await evaluateLimits(run, scope, state);
  const parameters = payload(input, `task '${position.state}'`);
  const call: TaskCall = {
    resource: resource.name,
    pattern: resource.pattern,
    arguments: JSON.parse(parameters), // a copy: the function that answers may change what it is given
    executionArn: run.execution.executionArn,
    executionName: run.execution.name,
    state: position.state,
    attempt: position.retryCount + 1,
    taskToken,
  };
  const events = taskEvents(run.options.region, resource, parameters, limits);
  record(run, scope, ...events.scheduled);
  record(run, scope, ...events.started);
  const result: unknown = JSON.parse(await perform(run, scope, call, limits, events));
  return await conclude(run, scope, state, '', { result }, { output: result, next: state.Next ?? null });
}

function resourceOf(state: TaskState): Resource {
  const resource = parseResource(state.Resource);
  if (resource === null)
    throw new Error(`${state.Resource} cannot be called; the check at creation should have said so`);
  return resource;
}

async function evaluateLimits(run: Run, scope: Scope, state: TaskState): Promise<Limits> {
  const range = { least: 1, most: longestSeconds, whole: true };
  const limits: Limits = {};
  if (state.TimeoutSeconds !== undefined) {
    limits.timeoutInSeconds = await evaluateNumber(run, scope, 'TimeoutSeconds', state.TimeoutSeconds, range);
  }
  if (state.HeartbeatSeconds !== undefined) {
    limits.heartbeatInSeconds = await evaluateNumber(run, scope, 'HeartbeatSeconds', state.HeartbeatSeconds, range);
  }
  return limits;
}

/**
 * One attempt, to its result as JSON. Whatever comes first decides: the answer, the callback on the token, the timeout,
 * the heartbeat that stayed away, or the end of the scope; what comes later is not heard.
 */
function perform(run: Run, scope: Scope, call: TaskCall, limits: Limits, events: Events): Promise<string> {
  return new Promise((resolve, reject) => {
    const { clock } = run.options;
    const cleanUps: (() => void)[] = [];
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      for (const cleanUp of cleanUps) cleanUp();
      try {
        finish();
      } catch (error) {
        reject(error); // the scope has ended, or the history is full
      }
    };
    const fail = (failure: StateFailure): void => {
      record(run, scope, ...events.failed(failure));
      reject(failure);
    };
    const succeed = (output: unknown): void =>
      settle(() => {
        try {
          const result = payload(output ?? null, `task '${call.state}'`);
          record(run, scope, ...events.succeeded(result));
          resolve(result);
        } catch (failure) {
          if (!(failure instanceof StateFailure)) throw failure;
          fail(failure);
        }
      });
    const timeOut = (error: string): void =>
      settle(() => {
        const failure = new StateFailure(error, undefined);
        record(run, scope, ...events.timedOut(failure));
        reject(failure);
      });

    const interrupt = (): void => settle(() => reject(new Interrupted()));
    scope.onEnd.add(interrupt);
    cleanUps.push(() => scope.onEnd.delete(interrupt));
    if (limits.timeoutInSeconds !== undefined) {
      cleanUps.push(after(clock, limits.timeoutInSeconds * 1000, () => timeOut('States.Timeout')));
    }

    const callback = listenForCallback(
      run,
      call,
      limits,
      () => timeOut('States.HeartbeatTimeout'),
      (answer) => {
        if ('output' in answer) succeed(JSON.parse(answer.output));
        else settle(() => fail(new StateFailure(answer.error, answer.cause)));
      },
    );
    cleanUps.push(callback.stop);

    const submitted = (output: unknown): void => {
      if (settled) return;
      try {
        record(run, scope, ...events.submitted(JSON.stringify(output ?? null)));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const work = beginWork(run, call, submitted);
    cleanUps.push(work.stop);
    work.answer.then(
      (output) => {
        if (call.pattern !== 'wait-for-task-token') return succeed(output);
        submitted(output);
        callback.accept();
      },
      (error) => settle(() => fail(failureOf(error))),
    );
  });
}

/**
 * Hears what comes back on the task token. A callback may overtake the answer of the call that carried the token; it
 * counts, but the history says first that the task was submitted.
 */
function listenForCallback(
  run: Run,
  { taskToken }: TaskCall,
  { heartbeatInSeconds }: Limits,
  heartbeatMissed: () => void,
  answered: (answer: Exclude<TokenAnswer, 'heartbeat'>) => void,
): { accept: () => void; stop: () => void } {
  if (taskToken === null) return { accept: () => undefined, stop: () => undefined };
  let accepting = false;
  let early: Exclude<TokenAnswer, 'heartbeat'> | null = null;
  let disarm = (): void => undefined;
  const arm = (): void => {
    disarm();
    if (heartbeatInSeconds !== undefined) disarm = after(run.options.clock, heartbeatInSeconds * 1000, heartbeatMissed);
  };
  arm();
  run.tokens.open(taskToken, (answer) => {
    if (answer === 'heartbeat') return arm();
    run.tokens.close(taskToken);
    if (accepting) return answered(answer);
    early = answer;
  });
  return {
    accept: () => {
      accepting = true;
      if (early !== null) answered(early);
    },
    stop: () => {
      disarm();
      run.tokens.close(taskToken);
    },
  };
}
