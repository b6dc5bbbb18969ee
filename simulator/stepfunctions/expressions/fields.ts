// Evaluates the fields of a state: what expressions can see, what a field may hold, and how a failure is recorded.
import type { Result, State } from '../definition.ts';
import { stateNamed } from '../definition.ts';
import { StateFailure } from '../errors.ts';
import type { Run } from '../run.ts';
import { record } from '../run.ts';
import type { Iteration, Position, Scope } from '../scope.ts';
import { EvaluationError, evaluateTemplate, wrongType } from './expressions.ts';
import { payload } from './payload.ts';

/** What `$states` holds beside the input and the context, in the fields that have it. */
export type Extras = { result?: unknown; errorOutput?: unknown; taskToken?: string | null; item?: Iteration };

/** How a state ended: what it hands on, which variables it sets, and where to go; null is the end of the sequence. */
export type StateOutcome = { output: unknown; assigned: Record<string, unknown>; next: string | null };

export function positionOf(scope: Scope): Position {
  if (scope.position === null) throw new Error('the sequence has entered no state');
  return scope.position;
}

export function stateAt(scope: Scope): State {
  return stateNamed(scope.sequence, positionOf(scope).state);
}

/** The value of a field. Throws States.QueryEvaluationError, recorded as AWS records it. */
export async function evaluateField(
  run: Run,
  scope: Scope,
  location: string,
  template: unknown,
  extras: Extras = {},
): Promise<unknown> {
  try {
    return await evaluateTemplate(template, location, bindings(run, scope, extras));
  } catch (error) {
    if (error instanceof EvaluationError) throw evaluationFailed(run, scope, error.message, error.location);
    throw error;
  }
}

export async function evaluateNumber(
  run: Run,
  scope: Scope,
  location: string,
  template: unknown,
  range: { least: number; most: number; whole: boolean },
): Promise<number> {
  const value = await evaluateField(run, scope, location, template);
  if (typeof value !== 'number') throw unexpected(run, scope, template, location, 'number', value);
  if (value < range.least || value > range.most || (range.whole && !Number.isInteger(value))) {
    const kind = range.whole ? 'whole number' : 'number';
    const expected = `A ${kind} from ${range.least} to ${range.most} was expected, but it is ${value}.`;
    throw evaluationFailed(run, scope, `The field '${location}' is out of range. ${expected}`, location);
  }
  return value;
}

export async function evaluateString(run: Run, scope: Scope, location: string, template: unknown): Promise<string> {
  const value = await evaluateField(run, scope, location, template);
  if (typeof value !== 'string') throw unexpected(run, scope, template, location, 'string', value);
  return value;
}

export function unexpected(
  run: Run,
  scope: Scope,
  template: unknown,
  location: string,
  expected: string,
  value: unknown,
): StateFailure {
  return evaluationFailed(run, scope, wrongType(template, location, expected, value).message, location);
}

/** Records EvaluationFailed and answers the failure to throw. AWS gives no location where no field was written. */
export function evaluationFailed(run: Run, scope: Scope, message: string, location: string | null): StateFailure {
  const { state, enteredEventId } = positionOf(scope);
  const error = 'States.QueryEvaluationError';
  const cause = `An error occurred while executing the state '${state}' (entered at the event id #${enteredEventId}). ${message}`;
  record(run, scope, 'EvaluationFailed', { state, error, cause, ...(location === null ? {} : { location }) });
  return new StateFailure(error, cause);
}

/** Assign and Output of a state, a choice rule or a catcher. Both see the variables as they were before the state. */
export async function conclude(
  run: Run,
  scope: Scope,
  part: Result,
  where: string,
  extras: Extras,
  outcome: { output: unknown; next: string | null },
): Promise<StateOutcome> {
  const assigned: Record<string, unknown> = {};
  for (const [variable, template] of Object.entries(part.Assign ?? {})) {
    const location = `${where}Assign/${variable}`;
    if (scope.outerNames.has(variable)) {
      const owner = `The variable '${variable}' belongs to an outer scope and can only be assigned there.`;
      throw evaluationFailed(run, scope, owner, location);
    }
    assigned[variable] = await evaluateField(run, scope, location, template, extras);
    payload(assigned[variable], `variable '${variable}'`);
  }
  const output =
    part.Output === undefined ? outcome.output : await evaluateField(run, scope, `${where}Output`, part.Output, extras);
  return { output, assigned, next: outcome.next };
}

function bindings(run: Run, scope: Scope, extras: Extras): Record<string, unknown> {
  const { result, errorOutput } = extras;
  const states = {
    input: positionOf(scope).input,
    context: context(run, scope, extras),
    ...(result === undefined ? {} : { result }),
    ...(errorOutput === undefined ? {} : { errorOutput }),
  };
  return { ...run.functions, ...scope.variables, states };
}

/** The Context object. The role is not simulated and has the machine's name. */
function context(run: Run, scope: Scope, extras: Extras): Record<string, unknown> {
  const { execution, options } = run;
  const { state, enteredAt, retryCount } = positionOf(scope);
  const machineName = execution.stateMachineArn.slice(execution.stateMachineArn.lastIndexOf(':') + 1);
  const item = extras.item ?? scope.item;
  return {
    Execution: {
      Id: execution.executionArn,
      Input: run.input,
      Name: execution.name,
      RoleArn: `arn:aws:iam::${options.account}:role/${machineName}`,
      StartTime: new Date(execution.startDate).toISOString(),
      RedriveCount: execution.redriveCount,
      ...(execution.redriveDate === undefined ? {} : { RedriveTime: new Date(execution.redriveDate).toISOString() }),
    },
    State: { EnteredTime: new Date(enteredAt).toISOString(), Name: state, RetryCount: retryCount },
    StateMachine: { Id: execution.stateMachineArn, Name: machineName },
    ...(extras.taskToken ? { Task: { Token: extras.taskToken } } : {}),
    ...(item === null ? {} : { Map: { Item: { Index: item.index, Value: item.value } } }),
  };
}
