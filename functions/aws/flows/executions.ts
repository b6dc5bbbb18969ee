// Starts, resumes and stops executions of state machines, and answers what they wait for.
import {
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, faultName } from '../calls/faults.ts';

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
    await calling(`start ${name}`, sfn(region).send(request));
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
    await calling('answer a waiting state', sfn(region).send(new SendTaskSuccessCommand({ taskToken, output })));
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
  await calling(`redrive ${executionArn}`, sfn(region).send(new RedriveExecutionCommand({ executionArn })));
}

/** Stops an execution; one that has ended stays as it is. @throws Unavailable, CannotProceed. */
export async function stopExecution(region: string, executionArn: string, cause: string): Promise<void> {
  const request = new StopExecutionCommand({ executionArn, error: 'Aborted', cause });
  await calling(`stop ${executionArn}`, sfn(region).send(request));
}
