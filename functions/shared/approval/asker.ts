// Says whether the flow, or the drill, that asked people still waits for them. A request of one that has ended is void.
import { readExecution } from '../../aws/flows/whereabouts.ts';
import { machineName } from '../../domain/flows.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { runsIn } from '../estate.ts';
import type { Shell } from '../shell.ts';

/** Whether the execution of a request has ended. Where Step Functions does not say so, it counts as running: answers are kept. */
export async function hasEnded({ target, mode, execution, drill }: ApprovalRequest, shell: Shell): Promise<boolean> {
  const { plan, account, prefix, log } = shell;
  const region = runsIn({ target, mode }, plan);
  if (region === null) return false;
  const machine = machineName(drill === true ? 'drill' : 'region-failover', prefix);
  const arn = `arn:aws:states:${region}:${account}:execution:${machine}:${execution}`;
  try {
    const found = await readExecution(region, { prefix }, arn);
    return found !== null && found.status !== 'RUNNING' && found.status !== 'PENDING_REDRIVE';
  } catch (error) {
    log.warn('execution not looked at', { execution, error: String(error) });
    return false;
  }
}
