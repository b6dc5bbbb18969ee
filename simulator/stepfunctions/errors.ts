// The errors of the runtime: a task's failure, a state's failure, an API refusal, and the end of a branch.
import { WithoutStack } from '../without-stack.ts';

/** What a task answers when it fails: `error` is the name that ErrorEquals matches. */
export class TaskFailure extends WithoutStack {
  override readonly name = 'TaskFailure';
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** A state failed. Both texts are absent after a Fail state that names neither. */
export class StateFailure extends WithoutStack {
  override readonly name = 'StateFailure';
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(error: string | undefined, cause: string | undefined) {
    super(`${error ?? 'a Fail state without an error'}: ${cause ?? ''}`);
    this.error = error;
    this.cause = cause;
  }
}

/** Unwinds a branch that was ended from outside: its execution closed, or a sibling failed. Nothing may catch it. */
export class Interrupted extends WithoutStack {
  override readonly name = 'Interrupted';
}

/** An error of the Step Functions API; its name is AWS's. */
export function apiError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** What a state reports as `$states.errorOutput`: AWS leaves out what is not there. */
export function errorOutput(failure: StateFailure): { Error?: string; Cause?: string } {
  return {
    ...(failure.error === undefined ? {} : { Error: failure.error }),
    ...(failure.cause === undefined ? {} : { Cause: failure.cause }),
  };
}

/** The same two texts as history events and descriptions carry them. */
export function failureDetails(failure: StateFailure): { error?: string; cause?: string } {
  return {
    ...(failure.error === undefined ? {} : { error: failure.error }),
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
  };
}
