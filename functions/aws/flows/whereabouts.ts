// Finds the executions of a deployment, the states they are in, and where one stopped. Changes nothing.
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type ExecutionStatus,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { type Machine, machineIn } from '../../domain/flows.ts';
import { assetIn, readJson } from '../../domain/record/step.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, callingEach, faultName } from '../calls/faults.ts';

const sfn = oneForEachRegion((region) => new SFNClient({ region, ...limits }));

/** An execution. `flow` is its state machine's name without the prefix; times are milliseconds since 1970. */
export type Execution = {
  readonly region: string;
  readonly flow: Machine;
  readonly name: string;
  readonly arn: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number | null;
  /** Null while it runs, or was redriven. */
  readonly stoppedAt: number | null;
};

/** What names a deployment. Another one's prefix may begin with the same letters. */
export type Named = { readonly prefix: string };

/**
 * A state that an execution is in, and since when. A flow that does several things at once is in several. `asset`: null
 * where the state is about the whole flow.
 */
export type Whereabouts = { readonly state: string; readonly asset: string | null; readonly since: number | null };

/** The executions that run now, of every flow of a deployment. @throws Unavailable, CannotProceed. */
export async function listRunning(region: string, named: Named): Promise<Execution[]> {
  const machines = await listMachines(region, named);
  const running = await Promise.all(
    machines.map(async ({ arn: stateMachineArn, flow }) => {
      const pages = paginateListExecutions({ client: sfn(region) }, { stateMachineArn, statusFilter: 'RUNNING' });
      const found: Execution[] = [];
      for await (const { executions = [] } of callingEach(`list the executions of ${stateMachineArn}`, pages)) {
        for (const { executionArn: arn = '', name = '', status = 'RUNNING', startDate } of executions)
          found.push({ region, flow, name, arn, status, startedAt: startDate?.getTime() ?? null, stoppedAt: null });
      }
      return found;
    }),
  );
  return running.flat();
}

/** The execution of a name, of whichever flow; null where a region has none. @throws Unavailable, CannotProceed. */
export async function findExecution(region: string, named: Named, name: string): Promise<Execution | null> {
  const machines = await listMachines(region, named);
  const found = await Promise.all(
    machines.map(({ arn }) => readExecution(region, named, `${arn.replace(':stateMachine:', ':execution:')}:${name}`)),
  );
  return found.find((execution) => execution !== null) ?? null;
}

/** The execution of an ARN; null where there is none. @throws Unavailable, CannotProceed. */
export async function readExecution(region: string, { prefix }: Named, arn: string): Promise<Execution | null> {
  const flow = machineIn(arn, prefix);
  const answer = flow === null ? null : await describe(region, arn);
  if (flow === null || answer === null) return null; // where it is another deployment's, too
  const { name = '', status = 'RUNNING', startDate, stopDate } = answer;
  const [startedAt, stoppedAt] = [startDate, stopDate].map((date) => date?.getTime() ?? null);
  return { region, flow, name, arn, status, startedAt: startedAt ?? null, stoppedAt: stoppedAt ?? null };
}

/** How an execution that runs no more has ended. `redriven`: how often it was; `input`: what it was started with. */
export type End = {
  readonly status: ExecutionStatus;
  readonly stoppedAt: number;
  readonly redriven: number;
  readonly input: string;
  readonly error: string | null;
  readonly cause: string | null;
};

/** Null while it runs, and where there is none. @throws Unavailable, CannotProceed. */
export async function readEnd(region: string, arn: string): Promise<End | null> {
  const answer = await describe(region, arn);
  if (answer?.stopDate === undefined) return null;
  const { status = 'FAILED', stopDate, redriveCount = 0, input = '', error = null, cause = null } = answer;
  return { status, stoppedAt: stopDate.getTime(), redriven: redriveCount, input, error, cause };
}

async function describe(region: string, executionArn: string): Promise<DescribeExecutionCommandOutput | null> {
  try {
    return await calling(`look at ${executionArn}`, sfn(region).send(new DescribeExecutionCommand({ executionArn })));
  } catch (error) {
    // InvalidName and InvalidArn: of such a name there can be none.
    if (['ExecutionDoesNotExist', 'InvalidArn', 'InvalidName'].includes(faultName(error))) return null;
    throw error;
  }
}

/** What an execution was started with, read as JSON. @throws Unavailable, CannotProceed. */
export async function readInput(region: string, arn: string): Promise<unknown> {
  const request = new DescribeExecutionCommand({ executionArn: arn });
  const { input = 'null' } = await calling(`look at ${arn}`, sfn(region).send(request));
  return JSON.parse(input);
}

/** The states that a running execution is in, by their entry. @throws Unavailable, CannotProceed. */
export async function readWhereabouts(region: string, arn: string): Promise<Whereabouts[]> {
  const events: HistoryEvent[] = [];
  for await (const page of historyOf(region, arn)) events.push(...page);
  return statesIn(events);
}

/** The events of an execution page by page, newest first. A page holds fewer than asked for where data is large. */
async function* historyOf(region: string, executionArn: string) {
  // With data: which asset a state is about is in its input only.
  const request = { executionArn, reverseOrder: true, includeExecutionData: true };
  const pages = paginateGetExecutionHistory({ client: sfn(region), pageSize: 1000 }, request);
  for await (const { events = [] } of callingEach(`read the history of ${executionArn}`, pages)) yield events;
}

/** Each event names the one before it: those that nothing follows are where the execution is, one for each branch. */
function statesIn(events: readonly HistoryEvent[]): Whereabouts[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const followed = new Set(events.map((event) => event.previousEventId));
  // A redrive takes up every state that had not ended: what came before it says nothing about now.
  const redrivenAt = Math.max(0, ...events.filter(({ type }) => type === 'ExecutionRedriven').map(({ id }) => id ?? 0));
  const fresh = events.filter(({ id = 0 }) => id > redrivenAt);
  const states = new Map<string, Whereabouts>();
  for (const event of fresh.length === 0 ? events : fresh) {
    if (followed.has(event.id)) continue;
    let at: HistoryEvent | undefined = event;
    while (at !== undefined && !isBoundary(at)) at = byId.get(at.previousEventId);
    // A branch or an iteration that has come to its end is in no state; others beside it may still be at work.
    const { name: state, input } = at?.stateEnteredEventDetails ?? {};
    if (state === undefined) continue;
    const asset = assetIn(input);
    states.set(`${state}/${asset}`, { state, asset, since: at?.timestamp?.getTime() ?? null });
  }
  return [...states.values()].sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

function isBoundary({ stateEnteredEventDetails, stateExitedEventDetails }: HistoryEvent): boolean {
  return stateEnteredEventDetails !== undefined || stateExitedEventDetails !== undefined;
}

async function listMachines(
  region: string,
  { prefix }: Named,
): Promise<{ readonly arn: string; readonly flow: Machine }[]> {
  const pages = paginateListStateMachines({ client: sfn(region), pageSize: 1000 }, {});
  const found: { arn: string; flow: Machine }[] = [];
  for await (const { stateMachines = [] } of callingEach(`list the state machines of ${region}`, pages)) {
    for (const { stateMachineArn: arn = '' } of stateMachines) {
      const flow = machineIn(arn, prefix);
      if (flow !== null) found.push({ arn, flow });
    }
  }
  return found;
}

/** Where an execution stopped; null where its history does not say. `asset`: null where the state is about the whole flow. */
export type Stop = {
  readonly state: string | null;
  readonly asset: string | null;
  readonly error: string | null;
  readonly cause: string | null;
};

/** Reads the history from its end until the state that stopped is known. @throws Unavailable, CannotProceed. */
export async function readStop(region: string, executionArn: string): Promise<Stop> {
  const events: HistoryEvent[] = [];
  for await (const page of historyOf(region, executionArn)) {
    events.push(...page);
    const stop = stopIn(events);
    if (stop.state !== null) return stop;
  }
  return stopIn(events);
}

/**
 * What the last call of a state was given: the payload of its function. Null where the history has none that can be read.
 * @throws Unavailable, CannotProceed.
 */
export async function readLastCall(
  region: string,
  executionArn: string,
  state: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const events: HistoryEvent[] = [];
  for await (const page of historyOf(region, executionArn)) events.push(...page);
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const { taskScheduledEventDetails: scheduled, previousEventId } of events) {
    if (scheduled === undefined) continue;
    let at = byId.get(previousEventId);
    while (at !== undefined && !isBoundary(at)) at = byId.get(at.previousEventId);
    if (at?.stateEnteredEventDetails?.name !== state) continue;
    const { Payload } = readJson(scheduled.parameters);
    return typeof Payload === 'object' && Payload !== null ? { ...Payload } : null;
  }
  return null;
}

/** From the newest failure back along the chain of events to the state it happened in. */
function stopIn(newestFirst: readonly HistoryEvent[]): Stop {
  const failed = newestFirst.find((event) => faultOf(event) !== null);
  const fault = failed === undefined ? null : faultOf(failed);
  const byId = new Map(newestFirst.map((event) => [event.id, event]));
  // An execution that was aborted or ran out of time has no failure of its own: it stopped where it had come to.
  let event = failed ?? newestFirst[0];
  while (event !== undefined && event.stateEnteredEventDetails === undefined) {
    event = byId.get(event.previousEventId);
  }
  const { error, cause } = fault ?? {};
  const { name: state = null, input } = event?.stateEnteredEventDetails ?? {};
  return { state, asset: assetIn(input), error: error ?? null, cause: cause ?? null };
}

function faultOf(event: HistoryEvent): { error?: string | undefined; cause?: string | undefined } | null {
  return (
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.taskStartFailedEventDetails ??
    event.evaluationFailedEventDetails ??
    null
  );
}
