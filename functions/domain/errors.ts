// The errors on which a state machine branches. `name` is spelled out: a minifier renames classes, and ErrorEquals
// would never match again.

/** The step has begun and is not done; the state machine asks again. */
export class InProgress extends Error {
  override readonly name = 'InProgress';
}

/** A restore has begun, which takes from ten minutes to hours: the state machine asks again each minute. */
export class Restoring extends Error {
  override readonly name = 'Restoring';
}

/** The input or the target is not what the flow needs. Nothing was changed and asking again cannot help. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}

/** Another execution acts on the target. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
}

/** Another execution took the target over, or a person gave the lock back: this one may not act any more. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
}

/** A person aborted the execution: nothing of it goes on, however it is resumed. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** An operator froze the automation before this step began. */
export class Frozen extends Error {
  override readonly name = 'Frozen';
}

/** What people approved may not be so any more: it is looked at again before anything more is changed by it. */
export class ApprovalStale extends Error {
  override readonly name = 'ApprovalStale';
}

/** A service throttled, timed out or could not be reached; asking again may help. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** The service said no before it did anything: what was asked for is certain not to have begun. */
  readonly refused: boolean;

  constructor(message: string, { refused = false, cause }: { refused?: boolean; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.refused = refused;
  }
}

/** What was looked for is not there, or is in a state from which the step cannot reach its goal. */
export class CannotProceed extends Error {
  override readonly name = 'CannotProceed';
}

/** The flow waits for a person, who was told. Only a redrive goes on. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** A drill ends: something real goes on, and goes first. */
export class GivesWay extends Error {
  override readonly name = 'GivesWay';
}

/** Every name that a state machine may branch on or retry. */
export const errorNames = [
  'InProgress',
  'Restoring',
  'InvalidInput',
  'LockHeld',
  'LockLost',
  'Aborted',
  'Frozen',
  'ApprovalStale',
  'Unavailable',
  'CannotProceed',
  'Paused',
  'GivesWay',
  'Stopped', // of no function: a branch of a flow ends so, with all that failed in it
] as const;

/** A failure in words. */
export function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
