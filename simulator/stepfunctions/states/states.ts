// Runs a sequence of states from where it stands to its output, one state after the other.
import type { ChoiceState, FailState, WaitState } from '../definition.ts';
import { StateFailure } from '../errors.ts';
import type { StateOutcome } from '../expressions/fields.ts';
import {
  conclude,
  evaluateField,
  evaluateNumber,
  evaluateString,
  evaluationFailed,
  positionOf,
  stateAt,
  unexpected,
} from '../expressions/fields.ts';
import { payload } from '../expressions/payload.ts';
import type { Run } from '../run.ts';
import { record } from '../run.ts';
import type { Scope } from '../scope.ts';
import { sleep } from '../scope.ts';
import { runMap, runParallel } from './branches.ts';
import { recover } from './recover.ts';
import { runTask } from './task.ts';

/** AWS's longest wait and timeout, about three years. */
const longestSeconds = 99_999_999;

const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Runs until the scope has its outcome, or throws. A scope that already has a position is being redriven: AWS goes on inside the
 * state without entering it again, except that a Fail state is entered and fails again. What has an outcome keeps it.
 */
export async function runSequence(run: Run, scope: Scope): Promise<void> {
  if (scope.outcome !== null) return;
  if (scope.position === null) enter(run, scope, scope.sequence.StartAt, scope.input);
  else if (stateAt(scope).Type === 'Fail') enter(run, scope, scope.position.state, scope.position.input);
  for (;;) {
    const outcome = await runState(run, scope);
    exit(run, scope, outcome);
    if (outcome.next === null) {
      finish(run, scope, outcome.output);
      return;
    }
    enter(run, scope, outcome.next, outcome.output);
  }
}

function enter(run: Run, scope: Scope, name: string, input: unknown): void {
  scope.branches = null;
  scope.position = { state: name, input, enteredEventId: 0, enteredAt: run.options.clock.now(), retryCount: 0 };
  const details = { name, input: payload(input, `state '${name}'`) };
  scope.position.enteredEventId = record(run, scope, `${stateAt(scope).Type}StateEntered`, details);
}

function exit(run: Run, scope: Scope, { output, assigned }: StateOutcome): void {
  const name = positionOf(scope).state;
  const assignedVariables: Record<string, string> = {};
  for (const [variable, value] of Object.entries(assigned)) assignedVariables[variable] = JSON.stringify(value);
  record(run, scope, `${stateAt(scope).Type}StateExited`, {
    name,
    output: payload(output, `state '${name}'`),
    ...(Object.keys(assigned).length === 0 ? {} : { assignedVariables }),
  });
  scope.variables = { ...scope.variables, ...assigned };
}

/** In one go with leaving the last state: a sibling that fails in between must not find this scope half done. */
function finish(run: Run, scope: Scope, output: unknown): void {
  const { iteration } = scope;
  if (iteration !== null) record(run, scope, 'MapIterationSucceeded', { name: iteration.map, index: iteration.index });
  scope.outcome = { output };
}

async function runState(run: Run, scope: Scope): Promise<StateOutcome> {
  const state = stateAt(scope);
  const { input } = positionOf(scope);
  switch (state.Type) {
    case 'Pass':
      return await conclude(run, scope, state, '', {}, { output: input, next: state.Next ?? null });
    case 'Succeed':
      return await conclude(run, scope, state, '', {}, { output: input, next: null });
    case 'Fail':
      return await fail(run, scope, state);
    case 'Wait':
      await wait(run, scope, state);
      return await conclude(run, scope, state, '', {}, { output: input, next: state.Next ?? null });
    case 'Choice':
      return await choose(run, scope, state);
    case 'Task':
      return await recover(run, scope, state, () => runTask(run, scope, state));
    case 'Parallel':
      return await recover(run, scope, state, () => runParallel(run, scope, state, runSequence));
    case 'Map':
      return await recover(run, scope, state, () => runMap(run, scope, state, runSequence));
  }
}

async function fail(run: Run, scope: Scope, state: FailState): Promise<never> {
  const error = state.Error === undefined ? undefined : await evaluateString(run, scope, 'Error', state.Error);
  const cause = state.Cause === undefined ? undefined : await evaluateString(run, scope, 'Cause', state.Cause);
  throw new StateFailure(error, cause);
}

/** A redriven Wait waits its seconds again; for a moment that has passed meanwhile it does not wait at all. */
async function wait(run: Run, scope: Scope, state: WaitState): Promise<void> {
  const { clock } = run.options;
  if (state.Seconds !== undefined) {
    const range = { least: 0, most: longestSeconds, whole: true };
    await sleep(clock, scope, (await evaluateNumber(run, scope, 'Seconds', state.Seconds, range)) * 1000);
    return;
  }
  const text = await evaluateString(run, scope, 'Timestamp', state.Timestamp);
  const until = timestamp.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) {
    throw evaluationFailed(run, scope, `The field 'Timestamp' is no RFC 3339 time: '${text}'.`, 'Timestamp');
  }
  await sleep(clock, scope, until - clock.now());
}

/** The first rule whose condition holds brings its own Assign and Output; those of the state belong to Default. */
async function choose(run: Run, scope: Scope, state: ChoiceState): Promise<StateOutcome> {
  const { input, state: name } = positionOf(scope);
  for (const [index, rule] of state.Choices.entries()) {
    const location = `Choices[${index}]/Condition`;
    const holds = await evaluateField(run, scope, location, rule.Condition);
    if (typeof holds !== 'boolean') throw unexpected(run, scope, rule.Condition, location, 'boolean', holds);
    if (holds) return await conclude(run, scope, rule, `Choices[${index}]/`, {}, { output: input, next: rule.Next });
  }
  if (state.Default === undefined) {
    throw new StateFailure(
      'States.NoChoiceMatched',
      `No choice rule of the state '${name}' matched and it has no Default.`,
    );
  }
  return await conclude(run, scope, state, '', {}, { output: input, next: state.Default });
}
