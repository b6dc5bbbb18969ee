// Retry and Catch of a Task, a Parallel or a Map: tries again, hands over to another state, or lets the failure out.
import type { RecoverableState, Retrier } from '../definition.ts';
import { errorOutput, StateFailure } from '../errors.ts';
import type { StateOutcome } from '../expressions/fields.ts';
import { conclude, positionOf } from '../expressions/fields.ts';
import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import { sleep } from '../scope.ts';
import { matches, retryDelaySeconds } from './retry.ts';

export async function recover(
  run: Run,
  scope: Scope,
  state: RecoverableState,
  attempt: () => Promise<StateOutcome>,
): Promise<StateOutcome> {
  const retries = new Map<Retrier, number>();
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delaySeconds = nextDelaySeconds(run, state, failure, retries);
      if (delaySeconds === null) return await caught(run, scope, state, failure);
      await sleep(run.options.clock, scope, delaySeconds * 1000);
      scope.branches = null; // a retry runs all branches again; only a redrive keeps those that succeeded
      positionOf(scope).retryCount += 1;
    }
  }
}

/** Only the first retrier that means the error is asked; when it is used up, later ones are not. */
function nextDelaySeconds(
  run: Run,
  state: RecoverableState,
  failure: StateFailure,
  retries: Map<Retrier, number>,
): number | null {
  const retrier = state.Retry?.find(({ ErrorEquals }) => matches(ErrorEquals, failure.error));
  if (retrier === undefined) return null;
  const retry = (retries.get(retrier) ?? 0) + 1;
  retries.set(retrier, retry);
  return retryDelaySeconds(retrier, retry, run.options.random);
}

async function caught(run: Run, scope: Scope, state: RecoverableState, failure: StateFailure): Promise<StateOutcome> {
  const index = state.Catch?.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure.error)) ?? -1;
  const catcher = state.Catch?.[index];
  if (catcher === undefined) throw failure;
  const output = errorOutput(failure);
  const extras = { errorOutput: output };
  return await conclude(run, scope, catcher, `Catch[${index}]/`, extras, { output, next: catcher.Next });
}
