// The life of one execution: it starts, runs until it succeeds, fails, times out or is stopped, and may be redriven.
import { after } from './clock.ts';
import type { Machine } from './definition.ts';
import { apiError, failureDetails, Interrupted, StateFailure } from './errors.ts';
import type { ExpressionFunctions } from './expressions/functions.ts';
import type { HistoryEvent } from './history.ts';
import { longestHistory } from './history.ts';
import type { Execution, ExecutionStatus, StepFunctionsOptions } from './options.ts';
import type { NestedExecutions, Run } from './run.ts';
import { append, endScope, silence } from './run.ts';
import { redriven, rootScope } from './scope.ts';
import { runSequence } from './states/states.ts';
import type { TaskTokens } from './states/tokens.ts';

const dayMs = 24 * 60 * 60 * 1000;
const redrivableMs = 14 * dayMs;

const closingEvents: Record<Exclude<ExecutionStatus, 'RUNNING'>, string> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** What all executions of a service have in common. */
export type Surroundings = {
  options: StepFunctionsOptions;
  functions: ExpressionFunctions;
  tokens: TaskTokens;
  nested: NestedExecutions;
};

export class RunningExecution {
  readonly #run: Run;
  readonly #waiting = new Set<(execution: Readonly<Execution>) => void>();
  #cancelTimeout = (): void => undefined;

  constructor(surroundings: Surroundings, machine: Machine, execution: Execution) {
    const input: unknown = JSON.parse(execution.input);
    this.#run = {
      ...surroundings,
      machine,
      execution,
      input,
      root: rootScope(machine, input),
      history: [],
      historyFull: () => this.#historyFull(),
    };
  }

  get execution(): Readonly<Execution> {
    return this.#run.execution;
  }

  get history(): readonly HistoryEvent[] {
    return this.#run.history;
  }

  start(): void {
    const { execution, options, root } = this.#run;
    const roleArn = `arn:aws:iam::${options.account}:role/${execution.stateMachineArn.split(':').at(-1)}`;
    root.previousEventId = append(this.#run, 0, 'ExecutionStarted', { input: execution.input, roleArn });
    this.#go();
  }

  /** Does nothing to an execution that has closed, as on AWS. */
  stop(reason: { error?: string; cause?: string }): void {
    if (this.execution.status !== 'RUNNING') return;
    this.#endScopes();
    this.#close('ABORTED', reason);
  }

  /** Why the execution cannot be redriven now, or null. */
  notRedrivable(): string | null {
    const { status, stopDate = 0 } = this.execution;
    if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
    if (this.#run.history.length >= longestHistory - 1) return 'Execution history event limit exceeded';
    if (this.#run.options.clock.now() - stopDate > redrivableMs) return 'Execution redrivable period exceeded';
    return null;
  }

  redrive(): void {
    const reason = this.notRedrivable();
    if (reason !== null) throw apiError('ExecutionNotRedrivable', `${this.execution.executionArn}: ${reason}`);
    const { execution, options, history } = this.#run;
    delete execution.stopDate;
    delete execution.error;
    delete execution.cause;
    execution.status = 'RUNNING';
    execution.redriveCount += 1;
    execution.redriveDate = options.clock.now();
    const { redriveCount } = execution;
    const eventId = append(this.#run, history.length, 'ExecutionRedriven', { redriveCount });
    this.#run.root = redriven(this.#run.root, eventId);
    this.#go();
  }

  whenClosed(call: (execution: Readonly<Execution>) => void): () => void {
    this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }

  /** The first state begins in a microtask: the caller has the execution's ARN before anything happens in it. */
  #go(): void {
    const run = this.#run;
    const { root, machine, options } = run;
    options.onStatus?.(run.execution);
    if (machine.TimeoutSeconds !== undefined) {
      this.#cancelTimeout = after(options.clock, machine.TimeoutSeconds * 1000, () => this.#timeOut());
    }
    Promise.resolve()
      .then(() => runSequence(run, root))
      .then(
        () => this.#close('SUCCEEDED', {}, root.outcome?.output),
        (failure: unknown) => {
          if (root.ended || failure instanceof Interrupted) return;
          silence(root);
          this.#close('FAILED', failureDetails(stateFailure(failure)));
        },
      );
  }

  #timeOut(): void {
    this.#endScopes();
    this.#close('TIMED_OUT', { error: 'States.Timeout' });
  }

  #historyFull(): void {
    silence(this.#run.root);
    const cause = `The execution reached the maximum number of history events (${longestHistory}).`;
    this.#close('FAILED', { error: 'States.Runtime', cause });
  }

  #endScopes(): void {
    try {
      endScope(this.#run, this.#run.root);
    } catch (error) {
      // The history became full with the announcements; that has closed the execution.
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  #close(
    status: Exclude<ExecutionStatus, 'RUNNING'>,
    failure: { error?: string; cause?: string },
    output?: unknown,
  ): void {
    const { execution, options, root } = this.#run;
    if (execution.status !== 'RUNNING') return;
    this.#cancelTimeout();
    this.#cancelTimeout = () => undefined;
    execution.status = status;
    execution.stopDate = options.clock.now();
    Object.assign(execution, failure);
    if (status === 'SUCCEEDED') execution.output = JSON.stringify(output);
    const details = status === 'SUCCEEDED' ? { output: execution.output } : failure;
    append(this.#run, root.previousEventId, closingEvents[status], details);
    options.onStatus?.(execution);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call(execution);
  }
}

/** Anything else that is thrown is a mistake of the runtime or of a listener; it must not pass for success or silence. */
function stateFailure(failure: unknown): StateFailure {
  if (failure instanceof StateFailure) return failure;
  return new StateFailure(
    'States.Runtime',
    failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure),
  );
}
