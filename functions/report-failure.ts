// Desired state: a person knows that a flow stopped, where, and how it goes on. Called when an execution's status changes.
import * as z from 'zod';
import { readStop } from './aws/whereabouts.ts';
import { stoppedMessage } from './domain/flow-words.ts';
import { manualIncidentId } from './domain/incident.ts';
import { page } from './shared/page.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** The parts of 'Step Functions Execution Status Change' that are read here. */
const StatusChange = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    name: z.string(),
    status: z.string(),
    /** Milliseconds since 1970; differs for each redrive that stops again. */
    stopDate: z.number().nullish(),
    input: z.string().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const stopped = z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']);

/** Tells people once for each time an execution stops. What is no flow of this stack, or did not stop, is not reported. */
export const handler = onEvent(async (event: unknown, shell: Shell): Promise<void> => {
  const { detail } = StatusChange.parse(event);
  const machine = detail.stateMachineArn.split(':').at(-1) ?? '';
  const status = stopped.safeParse(detail.status);
  if (!machine.startsWith(`${shell.prefix}-`) || !status.success) return;
  const stop = await whereItStopped(detail.executionArn, shell);
  const message = stoppedMessage({
    flow: machine.slice(shell.prefix.length + 1),
    state: stop.state,
    asset: stop.asset,
    status: status.data,
    error: stop.error ?? detail.error ?? null,
    cause: readable(stop.cause ?? detail.cause ?? null),
    incident: incidentOf(detail.input ?? '', detail.name),
    execution: detail.name,
    executionArn: detail.executionArn,
  });
  await page(
    `stopped/${detail.executionArn}/${detail.stopDate ?? 0}`,
    shell.plan.notifications.failure,
    message,
    shell,
  );
});

/** A history that cannot be read does not keep people from hearing that the flow stopped. */
async function whereItStopped(
  executionArn: string,
  { region, log }: Shell,
): Promise<Awaited<ReturnType<typeof readStop>>> {
  try {
    return await readStop(region, executionArn);
  } catch (error) {
    log.warn('history not read', { executionArn, error: String(error) });
    return { state: null, asset: null, error: null, cause: null };
  }
}

/** Lambda gives the cause as JSON with the message in it, and a stack that helps nobody at night. */
function readable(cause: string | null): string | null {
  const message = parsed(cause ?? '')['errorMessage'];
  return typeof message === 'string' ? message : cause;
}

function incidentOf(input: string, execution: string): string {
  const id = parsed(input)['incidentId'];
  return typeof id === 'string' ? id : manualIncidentId(execution);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
