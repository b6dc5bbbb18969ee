// Parallel and inline Map: runs sequences beside each other, ends the others when one fails, and joins their outputs.
import type { MapState, ParallelState } from '../definition.ts';
import { Interrupted, StateFailure } from '../errors.ts';
import { wrongType } from '../expressions/expressions.ts';
import type { StateOutcome } from '../expressions/fields.ts';
import {
  conclude,
  evaluateField,
  evaluateNumber,
  evaluationFailed,
  positionOf,
  unexpected,
} from '../expressions/fields.ts';
import { payload } from '../expressions/payload.ts';
import type { Run } from '../run.ts';
import { endScope, record, silence } from '../run.ts';
import type { Scope } from '../scope.ts';
import { innerScope } from '../scope.ts';

/** Runs one scope to its outcome; given by the caller, which in turn needs this file. */
export type RunSequence = (run: Run, scope: Scope) => Promise<void>;

/** An inline Map runs at most 40 iterations at a time, also where MaxConcurrency is 0 or absent (Map state, quotas). */
const mostIterations = 40;

export async function runParallel(
  run: Run,
  scope: Scope,
  state: ParallelState,
  runSequence: RunSequence,
): Promise<StateOutcome> {
  if (scope.branches === null) {
    const input =
      state.Arguments === undefined
        ? positionOf(scope).input
        : await evaluateField(run, scope, 'Arguments', state.Arguments);
    payload(input, `state '${positionOf(scope).state}'`);
    record(run, scope, 'ParallelStateStarted');
    scope.branches = state.Branches.map((branch) => innerScope(scope, branch, input, null));
  }
  return await joined(run, scope, state, await join(run, scope, scope.branches, state.Branches.length, runSequence));
}

export async function runMap(run: Run, scope: Scope, state: MapState, runSequence: RunSequence): Promise<StateOutcome> {
  const concurrency = await mapConcurrency(run, scope, state);
  const branches = scope.branches ?? (await startIterations(run, scope, state));
  return await joined(run, scope, state, await join(run, scope, branches, concurrency, runSequence));
}

/**
 * The tolerated failures are evaluated, as on AWS, and then ignored: they steer distributed maps only, and an inline
 * Map fails with its first iteration.
 */
async function mapConcurrency(run: Run, scope: Scope, state: MapState): Promise<number> {
  const count = { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true };
  const asked = await evaluateNumber(run, scope, 'MaxConcurrency', state.MaxConcurrency ?? 0, count);
  await evaluateNumber(run, scope, 'ToleratedFailureCount', state.ToleratedFailureCount ?? 0, count);
  const percentage = { least: 0, most: 100, whole: false };
  await evaluateNumber(run, scope, 'ToleratedFailurePercentage', state.ToleratedFailurePercentage ?? 0, percentage);
  return asked === 0 ? mostIterations : Math.min(asked, mostIterations);
}

/** Records the start last and in one go with keeping the scopes: a stop in between would otherwise miss them. */
async function startIterations(run: Run, scope: Scope, state: MapState): Promise<Scope[]> {
  const { state: map, input } = positionOf(scope);
  const items = state.Items === undefined ? input : await evaluateField(run, scope, 'Items', state.Items);
  if (!Array.isArray(items)) {
    throw state.Items === undefined
      ? evaluationFailed(run, scope, wrongType(null, 'Items', 'array', items).message, null)
      : unexpected(run, scope, state.Items, 'Items', 'array', items);
  }
  const inputs: unknown[] = [];
  for (const [index, value] of items.entries()) {
    const item = { map, index, value };
    const { ItemSelector: selector } = state;
    inputs.push(selector === undefined ? value : await evaluateField(run, scope, 'ItemSelector', selector, { item }));
  }
  record(run, scope, 'MapStateStarted', { length: items.length });
  scope.branches = items.map((value, index) =>
    innerScope(scope, state.ItemProcessor, inputs[index], { map, index, value }),
  );
  return scope.branches;
}

/** Runs all, at most `concurrency` at a time and in order; the first failure ends the others, begun or not. */
function join(
  run: Run,
  scope: Scope,
  branches: Scope[],
  concurrency: number,
  runSequence: RunSequence,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const waiting = [...branches];
    let running = 0;
    const startNext = (): void => {
      while (running < concurrency) {
        const branch = waiting.shift();
        if (branch === undefined) break;
        running += 1;
        runBranch(run, branch, runSequence).then(
          () => {
            running -= 1;
            scope.previousEventId = branch.previousEventId;
            startNext();
          },
          (failure) => {
            reject(branchFailed(run, scope, branches, branch, failure));
          },
        );
      }
      if (running === 0 && waiting.length === 0) resolve(branches.map((branch) => branch.outcome?.output));
    };
    startNext();
  });
}

async function runBranch(run: Run, branch: Scope, runSequence: RunSequence): Promise<void> {
  const { iteration } = branch;
  if (iteration !== null && branch.position === null) {
    record(run, branch, 'MapIterationStarted', { name: iteration.map, index: iteration.index });
  }
  await runSequence(run, branch);
}

/** Records one branch's failure and ends its siblings; answers what the state as a whole fails with. */
function branchFailed(run: Run, scope: Scope, branches: Scope[], branch: Scope, failure: unknown): unknown {
  if (branch.ended) return new Interrupted();
  if (!(failure instanceof StateFailure)) return failure;
  try {
    const { iteration } = branch;
    if (iteration !== null) {
      record(run, branch, 'MapIterationFailed', { name: iteration.map, index: iteration.index });
    }
    silence(branch);
    for (const sibling of branches) endScope(run, sibling);
    scope.previousEventId = branch.previousEventId;
    record(run, scope, branch.iteration === null ? 'ParallelStateFailed' : 'MapStateFailed');
    return failure;
  } catch (interrupted) {
    return interrupted; // the history is full
  }
}

async function joined(
  run: Run,
  scope: Scope,
  state: ParallelState | MapState,
  result: unknown[],
): Promise<StateOutcome> {
  try {
    payload(result, `state '${positionOf(scope).state}'`);
  } catch (failure) {
    scope.branches = null; // AWS runs all branches again when it redrives a state that joined too much
    throw failure;
  }
  record(run, scope, `${state.Type}StateSucceeded`);
  return await conclude(run, scope, state, '', { result }, { output: result, next: state.Next ?? null });
}
