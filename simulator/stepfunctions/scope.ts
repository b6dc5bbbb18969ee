// Where a sequence of states stands: the machine itself, a branch of a Parallel or an iteration of a Map. The scopes of
// an execution are a tree; what is left in it when the execution fails is what a redrive continues from.
import type { Clock } from './clock.ts';
import { after } from './clock.ts';
import type { Sequence } from './definition.ts';
import { Interrupted } from './errors.ts';

export type Position = {
  state: string;
  input: unknown;
  enteredEventId: number;
  enteredAt: number;
  /** How often this entry into the state was retried; a redrive starts again at 0. */
  retryCount: number;
};

export type Iteration = { map: string; index: number; value: unknown };

export type Scope = {
  sequence: Sequence;
  input: unknown;
  iteration: Iteration | null;
  /** The item of the innermost Map around this scope: a Parallel inside an iteration still sees it. */
  item: Iteration | null;
  /** Everything that can be read here. A copy: outer variables cannot change while an inner scope runs. */
  variables: Record<string, unknown>;
  /** Names that belong to an outer scope; they can be read here and not assigned. */
  outerNames: ReadonlySet<string>;
  previousEventId: number;
  /** Null before the first state. */
  position: Position | null;
  /** The scopes inside the state at this position, where it is a Parallel or a Map that has begun. */
  branches: Scope[] | null;
  /** What the sequence ended with; null until it has. */
  outcome: { output: unknown } | null;
  /** Set once, by failure or from outside. An ended scope does and records nothing more. */
  ended: boolean;
  /** Wakes what this scope waits for when it is ended. */
  onEnd: Set<() => void>;
};

export function rootScope(sequence: Sequence, input: unknown): Scope {
  return scope(sequence, input, null, {}, new Set());
}

export function innerScope(outer: Scope, sequence: Sequence, input: unknown, iteration: Iteration | null): Scope {
  const inner = scope(sequence, input, iteration, { ...outer.variables }, new Set(Object.keys(outer.variables)));
  inner.item = iteration ?? outer.item;
  inner.previousEventId = outer.previousEventId;
  return inner;
}

function scope(
  sequence: Sequence,
  input: unknown,
  iteration: Iteration | null,
  variables: Record<string, unknown>,
  outerNames: ReadonlySet<string>,
): Scope {
  return {
    sequence,
    input,
    iteration,
    item: iteration,
    variables,
    outerNames,
    previousEventId: 0,
    position: null,
    branches: null,
    outcome: null,
    ended: false,
    onEnd: new Set(),
  };
}

/**
 * The same tree, ready to run on: what succeeded keeps its outcome, the rest continues at its state. A copy, because
 * code of the failed attempt may still wake up and must find its own scope ended.
 */
export function redriven(failed: Scope, previousEventId: number): Scope {
  return {
    ...failed,
    previousEventId,
    position: failed.position === null ? null : { ...failed.position, retryCount: 0 },
    branches: failed.branches?.map((branch) => redriven(branch, previousEventId)) ?? null,
    ended: false,
    onEnd: new Set(),
  };
}

/** Waits in virtual time, or until the scope is ended. No time at all sets no timer. */
export function sleep(clock: Clock, scope: Scope, ms: number): Promise<void> {
  if (scope.ended) return Promise.reject(new Interrupted());
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const interrupt = (): void => {
      cancel();
      reject(new Interrupted());
    };
    const cancel = after(clock, ms, () => {
      scope.onEnd.delete(interrupt);
      resolve();
    });
    scope.onEnd.add(interrupt);
  });
}
