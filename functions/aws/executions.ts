// Starts, resumes and stops executions of state machines, answers what they wait for, and finds out where one stopped.
import {
  GetExecutionHistoryCommand,
  type GetExecutionHistoryOutput,
  type HistoryEvent,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';

const sfn = oneForEachRegion((region) => new SFNClient({ region, ...limits }));

/**
 * Starts an execution. Its name makes this safe to repeat: one that exists already, running or ended, counts as
 * started. @throws Unavailable, CannotProceed.
 */
export async function startExecution(
  region: string,
  stateMachineArn: string,
  name: string,
  input: string,
): Promise<void> {
  try {
    const request = new StartExecutionCommand({ stateMachineArn, name, input });
    await asking(`start ${name}`, sfn(region).send(request));
  } catch (error) {
    if (faultName(error) !== 'ExecutionAlreadyExists') throw error;
  }
}

/** What Step Functions says of a token whose state has ended: by an answer, by its own time limit, or with its execution. */
const nobodyWaits = ['TaskTimedOut', 'TaskDoesNotExist'];

/** Answers a state that waits for a token. False where nothing waits for it any more. @throws Unavailable, CannotProceed. */
export async function sendTaskSuccess(region: string, taskToken: string, output: string): Promise<boolean> {
  try {
    // The token is a secret: it is in no message.
    await asking('answer a waiting state', sfn(region).send(new SendTaskSuccessCommand({ taskToken, output })));
    return true;
  } catch (error) {
    if (nobodyWaits.includes(faultName(error))) return false;
    throw error;
  }
}

/**
 * Continues an execution at the state it stopped at. @throws CannotProceed where it has not stopped, or too long ago;
 * Unavailable.
 */
export async function redriveExecution(region: string, executionArn: string): Promise<void> {
  await asking(`redrive ${executionArn}`, sfn(region).send(new RedriveExecutionCommand({ executionArn })));
}

/** Stops an execution; one that has ended stays as it is. @throws Unavailable, CannotProceed. */
export async function stopExecution(region: string, executionArn: string, cause: string): Promise<void> {
  const request = new StopExecutionCommand({ executionArn, error: 'Aborted', cause });
  await asking(`stop ${executionArn}`, sfn(region).send(request));
}

/** Where an execution stopped; null where its history does not say. */
export type Stop = { readonly state: string | null; readonly error: string | null; readonly cause: string | null };

/** A history has at most 25,000 events, a page at most 1,000. */
const mostPages = 25;

/** Reads the history from its end until the state that stopped is known. @throws Unavailable, CannotProceed. */
export async function readStop(region: string, executionArn: string): Promise<Stop> {
  const events: HistoryEvent[] = [];
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: GetExecutionHistoryOutput = await asking(
      `read the history of ${executionArn}`,
      sfn(region).send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: true,
          includeExecutionData: true,
          maxResults: 1000,
          ...(next === undefined ? {} : { nextToken: next }),
        }),
      ),
    );
    events.push(...(answer.events ?? []));
    const stop = stopIn(events);
    next = answer.nextToken;
    if (stop.state !== null || next === undefined) return stop;
  }
  return stopIn(events);
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
  return { state: event?.stateEnteredEventDetails?.name ?? null, error: error ?? null, cause: cause ?? null };
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
