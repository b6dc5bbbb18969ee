// The shape of a state machine in the JSONata dialect of the States Language, as the runtime reads it once checked.

/** Any JSON with `{% … %}` expressions in its strings. */
export type Template = unknown;

export type Sequence = { StartAt: string; States: Record<string, State> };

export type Machine = Sequence & { Comment?: string; TimeoutSeconds?: number };

export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
};

export type Result = { Output?: Template; Assign?: Record<string, Template> };

export type Catcher = Result & { ErrorEquals: string[]; Next: string };

export type Rule = Result & { Condition: Template; Next: string };

type Transition = { Next?: string; End?: boolean };

type Recovery = { Retry?: Retrier[]; Catch?: Catcher[] };

export type PassState = Result & Transition & { Type: 'Pass' };

export type TaskState = Result &
  Transition &
  Recovery & {
    Type: 'Task';
    Resource: string;
    Arguments?: Template;
    TimeoutSeconds?: Template;
    HeartbeatSeconds?: Template;
  };

export type ChoiceState = Result & { Type: 'Choice'; Choices: Rule[]; Default?: string };

export type WaitState = Result & Transition & { Type: 'Wait'; Seconds?: Template; Timestamp?: Template };

export type SucceedState = { Type: 'Succeed'; Output?: Template };

export type FailState = { Type: 'Fail'; Error?: Template; Cause?: Template };

export type ParallelState = Result &
  Transition &
  Recovery & { Type: 'Parallel'; Branches: Sequence[]; Arguments?: Template };

export type MapState = Result &
  Transition &
  Recovery & {
    Type: 'Map';
    ItemProcessor: Sequence;
    Items?: Template;
    ItemSelector?: Template;
    MaxConcurrency?: Template;
    ToleratedFailureCount?: Template;
    ToleratedFailurePercentage?: Template;
  };

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** The states that may retry and catch. */
export type RecoverableState = TaskState | ParallelState | MapState;

export function stateNamed(sequence: Sequence, name: string): State {
  const state = sequence.States[name];
  if (state === undefined) throw new Error(`no state is called '${name}'; the check at creation should have said so`);
  return state;
}
