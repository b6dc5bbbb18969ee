// Names executions, and says whether one runs: of the stack's own region, and region flows of the other one.
import { type Execution, readExecution } from '../aws/flows/whereabouts.ts';
import { Unavailable } from '../domain/errors.ts';
import { type Machine, machineName } from '../domain/flows.ts';
import type { Shell } from './shell.ts';

/** The ARN of an execution in the stack's own region. */
export function executionArnOf(machine: Machine, name: string, { region, account, prefix }: Shell): string {
  return `arn:aws:states:${region}:${account}:execution:${machineName(machine, prefix)}:${name}`;
}

/** Whether an execution of the stack's own region runs. One that is not there has ended. */
export async function howItStands(machine: Machine, name: string, shell: Shell): Promise<'runs' | 'ended' | 'unknown'> {
  try {
    const found = await readExecution(shell.region, shell, executionArnOf(machine, name, shell));
    return statusOf(found);
  } catch (error) {
    shell.log.warn('execution not looked at', { execution: name, error: String(error) });
    return 'unknown';
  }
}

/** How a region flow stands in the region that it runs in: dark where that does not answer. One that is throttled does. @throws CannotProceed */
export async function regionFlowIn(
  region: string,
  name: string,
  shell: Shell,
): Promise<'runs' | 'ended' | 'unknown' | 'dark'> {
  try {
    return statusOf(await readExecution(region, shell, executionArnOf('region-failover', name, { ...shell, region })));
  } catch (error) {
    if (error instanceof Unavailable) return error.refused ? 'unknown' : 'dark';
    throw error;
  }
}

function statusOf(found: Execution | null): 'runs' | 'ended' {
  return found?.status === 'RUNNING' || found?.status === 'PENDING_REDRIVE' ? 'runs' : 'ended';
}
