/** Checks the runtime against courses of our own, and against executions recorded on AWS where those lie beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TaskFailure } from '../../../simulator/stepfunctions/errors.ts';
import type { HistoryEvent } from '../../../simulator/stepfunctions/history.ts';
import type { TaskCall } from '../../../simulator/stepfunctions/options.ts';
import { StepFunctions } from '../../../simulator/stepfunctions/service.ts';
import { type Course, courses, type TaskResult } from './courses.ts';
import { virtualTime } from './machine-room.ts';

const file = new URL('../../../../shared/asl-conformance/executions.jsonl', import.meta.url);
const absent = !existsSync(file);
if (absent)
  process.stdout.write(`skipped: no recorded executions at ${file.pathname}, only courses of our own are run\n`);

const activities = 'tests/aws/services/stepfunctions/v2/activities/test_activities.py::TestActivities::';
const scenarios = 'tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.py::TestBaseScenarios::';

/** Out of scope, with the text in the definition that shows it. The project polls no activities and maps inline only. */
const outOfScope: Record<string, { reason: string; shownBy: RegExp }> = {
  [`${activities}test_activity_task`]: { reason: 'an activity', shownBy: /:activity:/ },
  [`${activities}test_activity_task_failure`]: { reason: 'an activity', shownBy: /:activity:/ },
  [`${activities}test_activity_task_start_timeout`]: { reason: 'an activity', shownBy: /:activity:/ },
  [`${activities}test_activity_task_with_heartbeat`]: { reason: 'an activity', shownBy: /:activity:/ },
  [`${scenarios}test_map_state_label`]: { reason: 'a distributed map', shownBy: /"Mode":"DISTRIBUTED"/ },
  [`${scenarios}test_map_state_legacy_config_distributed`]: {
    reason: 'a distributed map',
    shownBy: /"Mode":"DISTRIBUTED"/,
  },
};

const recorded: Course[] = absent ? [] : readFileSync(file, 'utf8').trim().split('\n').map(parse);

describe('an execution', () => {
  test.for(courses)('takes the course of the specification: $id', takesItsCourse);
});

describe.skipIf(absent)('an execution recorded on AWS', () => {
  test.for(recorded.filter(({ id }) => !(id in outOfScope)))('has the same course here: $id', takesItsCourse);

  test.for(Object.entries(outOfScope))('is out of scope only for what it uses: %s', ([id, { reason, shownBy }]) => {
    const example = recorded.find((one) => one.id === id);
    expect(example, `${id} is listed as ${reason} and not recorded`).toBeDefined();
    expect(JSON.stringify(example?.definition)).toMatch(shownBy);
  });

  test('is there: a changed file would otherwise pass by being empty', () => {
    expect(recorded.length).toBeGreaterThan(Object.keys(outOfScope).length);
  });
});

async function takesItsCourse(example: Course): Promise<void> {
  const actual = await replay(example);
  const mask = (value: unknown): unknown => without(value, example.normalised);
  const { expected } = example;

  expect(mask(actual.result)).toEqual(mask(expectedResult(expected)));
  if (expected.stateSequence === undefined) return; // a synchronous express execution has no recorded history
  const inOrder = expected.sequenceExact === true;
  compare(actual.sequence, expected.stateSequence, inOrder);
  if (expected.topLevelSequence !== undefined) {
    const top = Object.keys(machineOf(example).States);
    expect(actual.sequence.filter((state) => top.includes(state))).toEqual(expected.topLevelSequence);
  }
  if (inOrder) expect(mask(actual.outputs)).toEqual(mask(expected.stateOutputs));
  // Where branches ran beside each other the recording is sorted and not always complete.
  else expect(mask(actual.outputs)).toEqual(expect.arrayContaining(expected.stateOutputs ?? []));
  compare(mask(actual.assigned), mask(expected.assignedVariables ?? []), inOrder);
  const failures = expected.evaluationFailures ?? [];
  expect(actual.evaluationFailures).toEqual(failures.map(({ state, location, error }) => ({ state, location, error })));
  expect(mask(actual.tasks)).toEqual(mask(expectedTasks(example)));
}

async function replay(example: Course) {
  const { time, clock } = virtualTime();
  const calls: TaskCall[] = [];
  const task = (call: TaskCall): Promise<unknown> => {
    const attempt = calls.filter(({ state }) => state === call.state).length;
    calls.push(call);
    return answer(example.taskResults?.[call.state]?.[attempt]);
  };
  const options = { clock, random: () => 0.5, region: 'us-east-1', account: '111111111111', task };
  const stepFunctions = new StepFunctions(options);
  const stateMachineArn = stepFunctions.createStateMachine({ name: 'recorded', definition: machineOf(example) });
  const input = JSON.stringify(example.input);
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn, name: 'again', input });
  await time.runAllAsync();

  const { status, output, error, cause } = stepFunctions.describeExecution(executionArn);
  const history = stepFunctions.getExecutionHistory(executionArn);
  return {
    result: comparable({
      status,
      ...(output === undefined ? {} : { output: parse(output) }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
      ...(example.expected.causeSpacingUnknown === undefined ? {} : { causeSpacingUnknown: true }),
    }),
    sequence: history.flatMap(({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : [])),
    outputs: history.flatMap(({ stateExitedEventDetails: exited }) =>
      exited ? [{ state: exited.name, output: parse(exited.output) }] : [],
    ),
    assigned: history.flatMap(({ stateExitedEventDetails: exited }) =>
      exited?.assignedVariables ? [{ state: exited.name, variables: parsedValues(exited.assignedVariables) }] : [],
    ),
    evaluationFailures: history.flatMap(({ evaluationFailedEventDetails: failed }) =>
      failed ? [{ state: failed['state'], location: failed['location'], error: failed['error'] }] : [],
    ),
    tasks: tasksIn(calls, history),
  };
}

/** What each attempt was sent, as the function that answers saw it and as the history says it. */
function tasksIn(calls: TaskCall[], history: HistoryEvent[]): Record<string, object[]> {
  const scheduled = history.filter(({ type }) => type === 'TaskScheduled' || type === 'LambdaFunctionScheduled');
  expect(scheduled.length).toBe(calls.length);
  const tasks: Record<string, object[]> = {};
  for (const [index, call] of calls.entries()) {
    const event = scheduled[index];
    const details = event?.taskScheduledEventDetails ?? event?.lambdaFunctionScheduledEventDetails ?? {};
    const { timeoutInSeconds, heartbeatInSeconds, parameters, input } = details;
    expect(parse(String(parameters ?? input))).toEqual(call.arguments);
    tasks[call.state] ??= [];
    tasks[call.state]?.push({ arguments: call.arguments, timeoutInSeconds, heartbeatInSeconds });
  }
  return tasks;
}

function expectedTasks({ taskResults = {} }: Course): Record<string, object[]> {
  return Object.fromEntries(
    Object.entries(taskResults).map(([state, attempts]) => [
      state,
      attempts.map(({ arguments: sent, timeoutInSeconds, heartbeatInSeconds }) => ({
        arguments: sent,
        timeoutInSeconds,
        heartbeatInSeconds,
      })),
    ]),
  );
}

function answer(result: TaskResult | undefined): Promise<unknown> {
  if (result === undefined) throw new Error('the recording has no such attempt');
  if (result.timedOut || result.aborted) return new Promise(() => undefined);
  if (result.error !== undefined) return Promise.reject(new TaskFailure(result.error, result.cause ?? ''));
  return Promise.resolve(structuredClone(result.output));
}

function expectedResult({ status, output, error, cause, causeSpacingUnknown }: Course['expected']): object {
  return comparable({
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(causeSpacingUnknown === undefined ? {} : { causeSpacingUnknown }),
  });
}

/** The cause of an evaluation error is AWS's wording; a cause of unknown spacing is compared as the JSON it is. */
function comparable<T extends { error?: string; cause?: string; causeSpacingUnknown?: boolean }>(result: T): object {
  if (result.error === 'States.QueryEvaluationError') return { ...result, cause: 'not compared' };
  if (result.causeSpacingUnknown && result.cause !== undefined) return { ...result, cause: parse(result.cause) };
  return result;
}

function compare(actual: unknown, expected: unknown, inOrder: boolean): void {
  if (inOrder) {
    expect(actual).toEqual(expected);
    return;
  }
  const [one, other] = [actual as unknown[], expected as unknown[]];
  expect(one).toHaveLength(other.length);
  expect(one).toEqual(expect.arrayContaining(other));
  expect(other).toEqual(expect.arrayContaining(one));
}

/** A copy without the values whose place one of the JSON pointers names. */
function without(value: unknown, pointers: string[]): unknown {
  const copy = structuredClone(value);
  for (const pointer of pointers) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop();
    const parent = keys.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], copy);
    if (last !== undefined && typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, last);
  }
  return copy;
}

function machineOf({ definition, definitionJSONata }: Course): { States: object } {
  return definitionJSONata ?? definition;
}

function parsedValues(texts: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, parse(text)]));
}

function parse(text: string) {
  return JSON.parse(text);
}
