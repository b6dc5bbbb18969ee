// Names the executions of the stack's own region, and says whether one runs.
import { readExecution } from '../aws/flows/whereabouts.ts';
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
    return found?.status === 'RUNNING' || found?.status === 'PENDING_REDRIVE' ? 'runs' : 'ended';
  } catch (error) {
    shell.log.warn('execution not looked at', { execution: name, error: String(error) });
    return 'unknown';
  }
}
