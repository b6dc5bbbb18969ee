// Desired state: a person knows that a flow stopped, where, and how it goes on. Called when an execution's status changes.
import * as z from 'zod';
import { readStop } from './aws/whereabouts.ts';
import { abortedMessage, callWords, type Stopped, stoppedMessage } from './domain/flow-words.ts';
import { machineIn, pausePage, stageOf } from './domain/flows.ts';
import { manualIncidentId } from './domain/incident.ts';
import { causeWords, readJson } from './domain/step.ts';
import { callsOf } from './shared/act.ts';
import { noteStop } from './shared/fresh.ts';
import { tell } from './shared/page.ts';
import { onEvent, type Shell } from './shared/shell.ts';
import { readAbort } from './shared/waivers.ts';

/** The parts of 'Step Functions Execution Status Change' that are read here. */
const StatusChange = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    name: z.string(),
    status: z.string(),
    /** Milliseconds since 1970; differs for each redrive that stops again. */
    stopDate: z.number().nullish(),
    redriveCount: z.int().nonnegative().default(0),
    input: z.string().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const stopped = z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']);

/** Tells people once for each time an execution stops. What is no flow of this stack, or did not stop, is not reported. */
export const handler = onEvent(async (event: unknown, shell: Shell): Promise<void> => {
  const { detail } = StatusChange.parse(event);
  const flow = machineIn(detail.stateMachineArn, shell.prefix);
  const status = stopped.safeParse(detail.status);
  if (flow === null || !status.success) return;
  const stop = await whereItStopped(detail.executionArn, shell);
  const error = stop.error ?? detail.error ?? null;
  const cause = stop.cause ?? detail.cause ?? null;
  const place: Stopped = {
    flow,
    state: stop.state,
    asset: stop.asset,
    status: status.data,
    error,
    cause: cause === null ? null : causeWords(cause),
    ...incidentOf(detail.input ?? '', detail.name),
    execution: detail.name,
    executionArn: detail.executionArn,
  };
  const of = { id: place.incident, execution: place.execution };
  const roles = shell.plan.notifications.failure;
  const aborted = await readAbort(detail.name, shell);
  if (aborted !== null) {
    const told = abortedMessage(place, aborted, stageOf(shell.prefix));
    await tell({ id: `aborted/${detail.name}/${detail.redriveCount}`, message: told, of }, roles, shell);
    return;
  }
  // Whoever has it go on, and be it in the console: what was approved is looked at again first.
  if (flow === 'region-failover' && typeof detail.stopDate === 'number') await noteStop(of, detail.stopDate, shell);
  const called = (await callsOf(of, shell)).map(callWords);
  // A pause has paged by itself: whoever heard of it is not called again.
  const isPause = error === 'Paused' || stop.state?.startsWith('Pause') === true;
  const id = isPause
    ? pausePage(detail.name, detail.redriveCount)
    : `stopped/${detail.executionArn}/${detail.stopDate ?? 0}`;
  await tell({ id, message: stoppedMessage(place, called, stageOf(shell.prefix)), of }, roles, shell);
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

const GivenInput = z.object({
  incidentId: z.string().optional(),
  /** What a fence watch is given. */
  incident: z.object({ id: z.string(), region: z.string() }).optional(),
});

/** The incident of an execution by its input, and the region that a fence watch is about; null of a flow. */
function incidentOf(input: string, execution: string): { readonly incident: string; readonly region: string | null } {
  const { incidentId, incident } = GivenInput.safeParse(readJson(input)).data ?? {};
  return { incident: incident?.id ?? incidentId ?? manualIncidentId(execution), region: incident?.region ?? null };
}
