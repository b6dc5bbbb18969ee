// An execution while it runs: what every state may use, how events are recorded, and how a scope is ended.
import type { Machine } from './definition.ts';
import { stateNamed } from './definition.ts';
import { Interrupted } from './errors.ts';
import type { ExpressionFunctions } from './expressions/functions.ts';
import type { HistoryEvent } from './history.ts';
import { detailsKey, longestHistory } from './history.ts';
import type { Execution, StepFunctionsOptions } from './options.ts';
import type { Scope } from './scope.ts';
import type { TaskTokens } from './states/tokens.ts';

export type Run = {
  options: StepFunctionsOptions;
  functions: ExpressionFunctions;
  tokens: TaskTokens;
  machine: Machine;
  execution: Execution;
  /** The execution's input, parsed. */
  input: unknown;
  root: Scope;
  history: HistoryEvent[];
  /** Closes the execution because its history is full. */
  historyFull: () => void;
  /** Starts an execution from within this one: `states:startExecution`. */
  nested: NestedExecutions;
};

export type NestedExecutions = {
  start(request: { stateMachineArn: string; name: string | undefined; input: string }): Readonly<Execution>;
  stop(executionArn: string): void;
  /** Calls once the execution has closed; the answer takes the request back. */
  whenClosed(executionArn: string, call: (execution: Readonly<Execution>) => void): () => void;
};

/** Records an event of a scope. An ended scope records nothing: what it was doing stops here. */
export function record(run: Run, scope: Scope, type: string, details?: Record<string, unknown>): number {
  if (scope.ended) throw new Interrupted();
  if (run.history.length >= longestHistory - 1) {
    run.historyFull();
    throw new Interrupted();
  }
  scope.previousEventId = append(run, scope.previousEventId, type, details);
  return scope.previousEventId;
}

/** Adds an event whatever the scopes say: for the events of the execution itself. */
export function append(run: Run, previousEventId: number, type: string, details?: Record<string, unknown>): number {
  const event: HistoryEvent = {
    id: run.history.length + 1,
    previousEventId,
    timestamp: run.options.clock.now(),
    type,
    ...(details === undefined ? {} : { [detailsKey(type)]: details }),
  };
  run.history.push(event);
  run.options.onEvent?.(event, run.execution);
  return event.id;
}

/** The states for which AWS has a `…StateAborted` event. */
const announced = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** Ends a scope and everything inside it, from the inside out, and says so in the history. */
export function endScope(run: Run, scope: Scope): void {
  if (scope.ended || scope.outcome !== null) return;
  for (const branch of scope.branches ?? []) endScope(run, branch);
  if (scope.position !== null) {
    const type = stateNamed(scope.sequence, scope.position.state).Type;
    if (announced.has(type)) record(run, scope, `${type}StateAborted`);
    if (scope.iteration !== null) {
      record(run, scope, 'MapIterationAborted', { name: scope.iteration.map, index: scope.iteration.index });
    }
  }
  silence(scope);
}

/** Ends a scope without a word: its failure was already recorded, or there is no room for more. */
export function silence(scope: Scope): void {
  if (scope.ended) return;
  for (const branch of scope.branches ?? []) silence(branch);
  scope.ended = true;
  for (const wake of [...scope.onEnd]) wake();
  scope.onEnd.clear();
}
