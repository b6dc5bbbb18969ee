// Step Functions in the simulator: the API calls the project uses, over executions that run in virtual time.
import type { Machine } from './definition.ts';
import { apiError } from './errors.ts';
import type { Surroundings } from './execution.ts';
import { RunningExecution } from './execution.ts';
import { expressionFunctions, uuid } from './expressions/functions.ts';
import { isTooLarge } from './expressions/payload.ts';
import type { HistoryEvent } from './history.ts';
import type { Execution, ExecutionDescription, ExecutionStatus, StepFunctionsOptions } from './options.ts';
import { TaskTokens } from './states/tokens.ts';
import { parseMachine } from './validate.ts';

// biome-ignore lint/performance/noBarrelFile: what a caller needs at run time, the service and what its `task` throws.
export { TaskFailure } from './errors.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** AWS keeps the name of a closed execution this long. */
const nameKeptMs = 90 * dayMs;

/** 1 to 80 characters, without blanks, brackets, wildcards and what AWS calls special characters. */
const validName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

export class StepFunctions {
  readonly #options: StepFunctionsOptions;
  readonly #surroundings: Surroundings;
  readonly #machines = new Map<string, { machine: Machine; definition: string }>();
  readonly #executions = new Map<string, RunningExecution>();

  constructor(options: StepFunctionsOptions) {
    this.#options = options;
    this.#surroundings = {
      options,
      functions: expressionFunctions(options.clock, options.random),
      tokens: new TaskTokens(options.random),
      nested: {
        start: (request) => this.#execution(this.startExecution(request).executionArn).execution,
        stop: (executionArn) => this.stopExecution(executionArn),
        whenClosed: (executionArn, call) => this.#execution(executionArn).whenClosed(call),
      },
    };
  }

  /** Takes a definition as JSON text or as the object itself; answers the ARN. The same one again changes nothing. */
  createStateMachine({ name, definition }: { name: string; definition: unknown }): string {
    checkName(name);
    const machine = parseMachine(definition);
    const arn = `arn:aws:states:${this.#options.region}:${this.#options.account}:stateMachine:${name}`;
    const text = JSON.stringify(machine);
    const known = this.#machines.get(arn);
    if (known !== undefined && known.definition !== text) {
      throw apiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
    }
    this.#machines.set(arn, { machine, definition: text });
    return arn;
  }

  /** From now on executions are started with another definition; those that have begun keep theirs. */
  updateStateMachine({ name, definition }: { name: string; definition: unknown }): void {
    const arn = `arn:aws:states:${this.#options.region}:${this.#options.account}:stateMachine:${name}`;
    if (!this.#machines.has(arn)) throw apiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    const machine = parseMachine(definition);
    this.#machines.set(arn, { machine, definition: JSON.stringify(machine) });
  }

  /** `input` is a JSON text. While an execution runs, its name with the same bytes again answers that execution. */
  startExecution(request: { stateMachineArn: string; name?: string | undefined; input?: string | undefined }): {
    executionArn: string;
    startDate: number;
  } {
    const { stateMachineArn, input = '{}', name = uuid(this.#options.random) } = request;
    const known = this.#machines.get(stateMachineArn);
    if (known === undefined) {
      throw apiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    }
    checkName(name);
    checkInput(input);
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const namesake = this.#executions.get(executionArn)?.execution;
    if (namesake !== undefined) {
      const { status, startDate } = namesake;
      if (status === 'RUNNING' && namesake.input === input) return { executionArn, startDate };
      if (!this.#nameIsFree(namesake)) {
        throw apiError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
      }
      this.#executions.delete(executionArn);
    }
    const startDate = this.#options.clock.now();
    const execution: Execution = {
      executionArn,
      stateMachineArn,
      name,
      status: 'RUNNING',
      startDate,
      input,
      redriveCount: 0,
    };
    const running = new RunningExecution(this.#surroundings, known.machine, execution);
    this.#executions.set(executionArn, running);
    running.start();
    return { executionArn, startDate };
  }

  describeExecution(executionArn: string): ExecutionDescription {
    const running = this.#execution(executionArn);
    const reason = running.notRedrivable();
    return {
      ...running.execution,
      ...(reason === null
        ? { redriveStatus: 'REDRIVABLE' }
        : { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason }),
    };
  }

  /** The newest first, as on AWS. */
  listExecutions(filter: { stateMachineArn?: string; status?: ExecutionStatus } = {}): Execution[] {
    const executions = [...this.#executions.values()].map(({ execution }) => ({ ...execution })).reverse();
    return executions.filter(
      ({ stateMachineArn, status }) =>
        stateMachineArn === (filter.stateMachineArn ?? stateMachineArn) && status === (filter.status ?? status),
    );
  }

  getExecutionHistory(executionArn: string): HistoryEvent[] {
    return [...this.#execution(executionArn).history];
  }

  stopExecution(executionArn: string, reason: { error?: string; cause?: string } = {}): { stopDate: number } {
    const running = this.#execution(executionArn);
    running.stop(reason);
    return { stopDate: running.execution.stopDate ?? this.#options.clock.now() };
  }

  redriveExecution(executionArn: string): { redriveDate: number } {
    this.#execution(executionArn).redrive();
    return { redriveDate: this.#options.clock.now() };
  }

  /** `output` is a JSON text. */
  sendTaskSuccess(taskToken: string, output: string): void {
    if (!isJson(output) || isTooLarge(output)) {
      throw apiError('InvalidOutput', 'Invalid Output: a JSON text of at most 256 KiB was expected');
    }
    this.#surroundings.tokens.answer(taskToken, { output });
  }

  /** The state machine whose execution waits for a token, by which IAM judges; null for one that was never issued. */
  waitingFor(taskToken: string): string | null {
    return this.#surroundings.tokens.ownerOf(taskToken);
  }

  sendTaskFailure(taskToken: string, { error = '', cause = '' }: { error?: string; cause?: string } = {}): void {
    this.#surroundings.tokens.answer(taskToken, { error, cause });
  }

  sendTaskHeartbeat(taskToken: string): void {
    this.#surroundings.tokens.answer(taskToken, 'heartbeat');
  }

  #execution(executionArn: string): RunningExecution {
    const running = this.#executions.get(executionArn);
    if (running === undefined) {
      throw apiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    }
    return running;
  }

  #nameIsFree({ status, stopDate }: Readonly<Execution>): boolean {
    return status !== 'RUNNING' && this.#options.clock.now() - (stopDate ?? 0) > nameKeptMs;
  }
}

function checkName(name: string): void {
  if (!validName.test(name)) throw apiError('InvalidName', `Invalid Name: '${name}'`);
}

function checkInput(input: string): void {
  if (!isJson(input) || isTooLarge(input)) {
    throw apiError('InvalidExecutionInput', 'Invalid Execution Input: a JSON text of at most 256 KiB was expected');
  }
}

function isJson(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
