// One deployed stack: the real handlers and state machines of a region, with its queue, schedules and failure rule.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../functions/domain/plan.ts';
import type { Store } from '../functions/domain/store.ts';
import type { Shell, ShellHandler } from '../functions/shared/shell.ts';
import { wait } from './clock.ts';
import { webhookUrl } from './estate/apis/parameter-store.ts';
import type { Call, Caller, Clock, Estate, Event } from './estate/types.ts';
import { readMachines } from './machines.ts';
import { createQueue } from './queue.ts';
import { currentCaller, runIn } from './sdk.ts';
import type { HistoryEvent } from './stepfunctions/history.ts';
import type { Execution, TaskCall } from './stepfunctions/options.ts';
import { StepFunctions, TaskFailure } from './stepfunctions/service.ts';

/** Lambda's own latencies: a first call of a function starts a sandbox (facts.md: Node.js 150-400 ms). */
const coldStartMs = 300;
const warmStartMs = 20;
const busLatencyMs = 300;
const sweepEveryMs = 60_000;
const asynchronousRetries = 2;
const litCheckMs = 1_000;

export type StackOptions = {
  readonly plan: Plan;
  readonly region: string;
  readonly account: string;
  readonly prefix: string;
  /** Where this stack's approval pages are. */
  readonly pageUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly estate: Estate;
  readonly store: Store;
  /** Answers a call to any stack's Step Functions or queue, or hands it to the estate. */
  readonly answer: (call: Call) => Promise<unknown>;
  readonly onEvent: (event: HistoryEvent, execution: Readonly<Execution>) => void;
  readonly onStatus: (execution: Readonly<Execution>) => void;
  /** Whether what a function did is lost on its way back: it ran, and Step Functions hears of a crash. */
  readonly losesAnswer?: ((call: TaskCall) => boolean) | undefined;
  /** Called with each line of the log. */
  readonly onLog: (line: string) => void;
  /** Called with each answer of the approval page. */
  readonly onPage: (answer: string) => void;
  /** Answers what is posted to a webhook. */
  readonly onWebhook: (url: string, body: string) => Response;
  /** Called after each attempt of a task; `failure` is what it threw, null where it returned. */
  readonly onTask: (call: TaskCall, failure: TaskFailure | null) => void;
};

export type Stack = {
  readonly region: string;
  readonly machines: StepFunctions;
  /** An event that reached this stack's bus. */
  receive(event: Event): void;
  queueMessage(body: string, delaySeconds: number): void;
  /** Calls one function as AWS does, with its latency. @throws what the handler throws */
  invoke(name: string, event: unknown, caller: Partial<Caller>): Promise<unknown>;
  /** Runs what a person does with this stack's credentials, for an execution where it is about one. */
  as<Result>(who: string, run: (shell: Shell) => Promise<Result>, execution?: string): Promise<Result>;
  start(): void;
  stop(): void;
  readonly deadLetters: readonly string[];
};

const folder = join(import.meta.dirname, '..', 'functions');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const handlers = new Map<string, ShellHandler<unknown, unknown>>();
for (const name of names) handlers.set(name, (await import(join(folder, `${name}.ts`))).handler);

/** Deploys a stack: nothing runs before `start`. */
export function createStack(options: StackOptions): Stack {
  const { plan, region, account, prefix, clock, estate, store } = options;
  const write = (message: string, details = {}): void => options.onLog(`${message} ${JSON.stringify(details)}`);
  const shell: Shell = {
    plan,
    region,
    account,
    prefix,
    pageUrl: options.pageUrl,
    linkKey: `arn:aws:secretsmanager:${region}:${account}:secret:${prefix}-link-key`,
    now: clock.now,
    log: { info: write, warn: write, error: write },
    store,
    fetch: async (url, init) => {
      if (String(url).startsWith(webhookUrl)) return options.onWebhook(String(url), String(init?.body));
      return estate.fetch(String(url), region, currentCaller());
    },
  };
  const arnOf = (name: string) => `arn:aws:lambda:${region}:${account}:function:${prefix}-${name}`;
  const functions = new Map([...handlers].map(([name, handler]) => [arnOf(name), { name, run: handler.on(shell) }]));
  const warm = new Set<string>();
  let stopped = false;

  const invoke = async (arn: string, event: unknown, caller: Partial<Caller>): Promise<unknown> => {
    const found = functions.get(arn);
    if (found === undefined)
      throw new TaskFailure('Lambda.ResourceNotFoundException', `${arn} is not a function of this stack`);
    if (!estate.canReach(region, region)) return new Promise(() => undefined); // the region is dark: nothing runs and nothing answers
    await wait(clock, warm.has(arn) ? warmStartMs : coldStartMs);
    warm.add(arn);
    const who = { region, step: found.name, execution: '', incident: '', ...caller };
    // What Lambda passes on is JSON, both ways.
    const result = await runIn({ answer: options.answer, caller: who }, () =>
      found.run(JSON.parse(JSON.stringify(event ?? null))),
    );
    const passed = result === undefined ? null : JSON.parse(JSON.stringify(result));
    if (found.name === 'serve-approval') options.onPage(JSON.stringify(passed));
    return passed;
  };

  const isLit = (): boolean => estate.canReach(region, region);
  /** What AWS keeps while its region is dark, it delivers when the region is back. */
  const untilLit = async (): Promise<void> => {
    while (!isLit()) await wait(clock, litCheckMs);
  };

  const task = async (call: TaskCall): Promise<unknown> => {
    const { FunctionName, Payload } = call.arguments as { FunctionName: string; Payload: unknown };
    if (!call.resource.startsWith('lambda:invoke'))
      throw new TaskFailure('States.Runtime', `the simulator has no task ${call.resource}`);
    try {
      const caller = { step: call.state, execution: call.executionName, incident: incidentOf(Payload) };
      const result = await invoke(FunctionName, Payload, caller).catch((error: unknown) => error);
      if (options.losesAnswer?.(call))
        throw new TaskFailure('Lambda.Unknown', 'the function was killed after it had acted');
      if (result instanceof Error) throw result;
      options.onTask(call, null);
      return { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: result };
    } catch (error) {
      const failure = toTaskFailure(error);
      options.onTask(call, failure);
      throw failure;
    }
  };

  /** Step Functions of a dark region stands still: what was due meanwhile is due when the region is back. */
  const standingStill: Clock = {
    now: clock.now,
    setTimeout(run, ms) {
      const timer: { handle: unknown } = { handle: null };
      const fire = (): void => {
        if (isLit()) run();
        else timer.handle = clock.setTimeout(fire, litCheckMs);
      };
      timer.handle = clock.setTimeout(fire, ms);
      return timer;
    },
    clearTimeout: (timer) => clock.clearTimeout((timer as { handle: unknown }).handle),
  };

  const machines = new StepFunctions({
    clock: standingStill,
    random: options.random,
    region,
    account,
    task,
    onEvent: options.onEvent,
    onStatus: (execution) => {
      options.onStatus(execution);
      if (['FAILED', 'TIMED_OUT', 'ABORTED'].includes(execution.status)) void reportFailure(execution);
    },
  });
  for (const [name, definition] of readMachines(arnOf))
    machines.createStateMachine({ name: `${prefix}-${name}`, definition });

  /** The rule on status changes, and Lambda's own two retries of an asynchronous invocation. */
  const reportFailure = async (execution: Readonly<Execution>): Promise<void> => {
    const event = statusChange(execution, region, account);
    for (let attempt = 0; attempt <= asynchronousRetries; attempt += 1) {
      await wait(clock, busLatencyMs + attempt * 60_000);
      await untilLit();
      try {
        await invoke(arnOf('report-failure'), event, {});
        return;
      } catch {
        // tried again; what fails for good shows in the drill: nobody was told
      }
    }
  };

  const queue = createQueue(clock, `${prefix}-${region}`, async (batch) => {
    await untilLit();
    await invoke(arnOf('classify'), { Records: batch.map((message) => ({ ...message, eventSource: 'aws:sqs' })) }, {});
  });
  const sweep = async (): Promise<void> => {
    if (stopped) return;
    clock.setTimeout(() => void sweep(), sweepEveryMs);
    if (!isLit()) return;
    await invoke(arnOf('sweep'), {}, {}).catch(() => undefined); // the next minute sweeps again
  };

  return {
    region,
    machines,
    receive: (event) => queue.send(JSON.stringify(event), 0),
    queueMessage: (body, delaySeconds) => queue.send(body, delaySeconds),
    invoke: (name, event, caller) => invoke(arnOf(name), event, caller),
    as: (who, run, execution = '') =>
      runIn({ answer: options.answer, caller: { region, step: who, execution, incident: '' } }, () => run(shell)),
    start: () => clock.setTimeout(() => void sweep(), region === plan.roles.primary ? 10_000 : 40_000),
    stop: () => {
      stopped = true;
    },
    deadLetters: queue.deadLetters,
  };
}

/** A function's error as Step Functions sees it: its name, and the rest as JSON. */
function toTaskFailure(error: unknown): TaskFailure {
  if (error instanceof TaskFailure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new TaskFailure(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}

/** The incident that a step's payload names, for the record of who did what. */
function incidentOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  if ('incidentId' in payload && typeof payload.incidentId === 'string') return payload.incidentId;
  return 'incident' in payload
    ? typeof payload.incident === 'string'
      ? payload.incident
      : idOf(payload.incident)
    : '';
}

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '';
}

function statusChange(execution: Readonly<Execution>, region: string, account: string): Record<string, unknown> {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate, input } = execution;
  return {
    version: '0',
    id: `${name}-${status}-${execution.redriveCount}`,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account,
    time: new Date(stopDate ?? startDate).toISOString(),
    region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate,
      stopDate: stopDate ?? null,
      input,
      inputDetails: { included: true },
      output: null,
      outputDetails: null,
      redriveCount: execution.redriveCount,
    },
  };
}
