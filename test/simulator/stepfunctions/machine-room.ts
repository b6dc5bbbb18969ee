/** What the tests of the runtime share: one machine in a service of its own, with virtual time and a seed. */
import { createClock } from '@sinonjs/fake-timers';
import type { Clock } from '../../../simulator/stepfunctions/clock.ts';
import type { HistoryEvent } from '../../../simulator/stepfunctions/history.ts';
import type { ExecutionDescription, StepFunctionsOptions, TaskCall } from '../../../simulator/stepfunctions/options.ts';
import { StepFunctions } from '../../../simulator/stepfunctions/service.ts';

export type TaskAnswer = (call: TaskCall) => Promise<unknown>;

export const noon = Date.parse('2026-11-01T12:00:00Z');

/** fake-timers' `now` is a number that changes, the runtime asks a function. */
export function virtualTime() {
  const time = createClock(noon);
  const clock: Clock = {
    now: () => time.now,
    setTimeout: (run, ms) => time.setTimeout(run, ms),
    clearTimeout: (handle) => time.clearTimeout(handle as number),
  };
  return { time, clock };
}

/** A small repeatable source of randomness (a linear congruential generator). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function machineRoom(answer: TaskAnswer = async () => ({}), options: Partial<StepFunctionsOptions> = {}) {
  const { time, clock } = virtualTime();
  const calls: (TaskCall & { at: number })[] = [];
  const stepFunctions = new StepFunctions({
    clock,
    random: seededRandom(7),
    region: 'us-west-2',
    account: '123456789012',
    task: (call) => {
      calls.push({ ...call, at: (time.now - noon) / 1000 });
      return answer(call);
    },
    ...options,
  });

  /** Creates the machine and starts it; the clock has not moved. */
  const start = (definition: object, input: unknown = {}, name = 'one'): string => {
    const machine = { name: `machine-of-${name}`, definition: { QueryLanguage: 'JSONata', ...definition } };
    const stateMachineArn = stepFunctions.createStateMachine(machine);
    return stepFunctions.startExecution({ stateMachineArn, name, input: JSON.stringify(input) }).executionArn;
  };

  /** Runs the machine until nothing is left to happen. */
  const run = async (definition: object, input: unknown = {}) => {
    const executionArn = start(definition, input);
    await time.runAllAsync();
    return course(executionArn);
  };

  const course = (executionArn: string) => {
    const description: ExecutionDescription = stepFunctions.describeExecution(executionArn);
    const history = stepFunctions.getExecutionHistory(executionArn);
    const output: unknown = description.output === undefined ? undefined : JSON.parse(description.output);
    return { executionArn, description, history, output, types: history.map(({ type }) => type) };
  };

  return { time, calls, stepFunctions, start, run, course };
}

export function task(fields: object = {}): object {
  return { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'work' }, ...fields };
}

/** A machine of one state. */
export function only(name: string, state: object): { StartAt: string; States: Record<string, object> } {
  return { StartAt: name, States: { [name]: state } };
}

/** Seconds since the start at which events of a type were recorded. */
export function secondsOf(history: HistoryEvent[], type: string): number[] {
  return history.filter((event) => event.type === type).map(({ timestamp }) => (timestamp - noon) / 1000);
}

export function entered(history: HistoryEvent[]): string[] {
  return history.flatMap(({ stateEnteredEventDetails: details }) => (details ? [details.name] : []));
}
