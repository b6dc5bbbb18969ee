// What the caller of the runtime gives and gets: tasks to answer, executions and their events to look at.
import type { Clock } from './clock.ts';
import type { HistoryEvent } from './history.ts';
import type { Pattern } from './states/resource.ts';

export type TaskCall = {
  /** `lambda:invoke`, `sns:publish`, `aws-sdk:rds:promoteReadReplica`; the function's ARN where it is called directly. */
  resource: string;
  pattern: Pattern;
  arguments: unknown;
  executionArn: string;
  executionName: string;
  state: string;
  /** 1 for the first try since the state was entered or redriven. */
  attempt: number;
  /** Only for `wait-for-task-token`. */
  taskToken: string | null;
};

export type StepFunctionsOptions = {
  clock: Clock;
  /** Numbers in [0, 1) from the caller's seed; everything random is drawn from here. */
  random: () => number;
  region: string;
  account: string;
  /** Answers a task, or throws TaskFailure. */
  task: (call: TaskCall) => Promise<unknown>;
  onEvent?: (event: HistoryEvent, execution: Readonly<Execution>) => void;
  onStatus?: (execution: Readonly<Execution>) => void;
};

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Times are milliseconds since the epoch; input and output are JSON texts, as on AWS. */
export type Execution = {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  startDate: number;
  stopDate?: number;
  input: string;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redriveDate?: number;
};

export type ExecutionDescription = Execution & {
  redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE';
  redriveStatusReason?: string;
};
