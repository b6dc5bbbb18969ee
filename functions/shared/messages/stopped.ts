// Tells people that an execution of a flow stopped: where, what was seen, and how it goes on. What hears of it tells at once, and the sweep
// where that was lost and the execution holds a lock.
import * as z from 'zod';
import { readEnd, readStop } from '../../aws/flows/whereabouts.ts';
import { manualIncidentId } from '../../domain/decision/incident.ts';
import { notBegun, notBegunMessage } from '../../domain/flow-words/not-begun.ts';
import { callsWords } from '../../domain/flow-words/steps.ts';
import {
  abortedMessage,
  darkFlowMessage,
  givenBackMessage,
  type Stopped,
  stoppedMessage,
  stoppedState,
} from '../../domain/flow-words/stops.ts';
import { flowOf, pausePage, stageOf } from '../../domain/flows.ts';
import { errorWords, readJson } from '../../domain/record/step.ts';
import { elsewhere } from '../../domain/recovery/left-behind.ts';
import { whyNotSkipped } from '../../domain/recovery/skipping.ts';
import type { Lock } from '../../domain/types.ts';
import { isOfDrill } from '../drills/drill.ts';
import { peerOf } from '../estate.ts';
import { executionArnOf, regionFlowIn } from '../executions.ts';
import { callsOf } from '../recovery/act.ts';
import { takesOver } from '../recovery/done.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import { noteStop, restoresInPlace } from '../recovery/fresh.ts';
import { flowHeldFor, lockOf } from '../recovery/locks.ts';
import { readAbort, wasGivenBack } from '../recovery/waivers.ts';
import type { Shell } from '../shell.ts';
import { tell } from './tell.ts';

/** How an execution stopped, by whoever says so. `stoppedAt`: in milliseconds since 1970; differs for each redrive that stops again. */
export type Stop = Pick<Stopped, 'flow' | 'execution' | 'executionArn' | 'status' | 'error' | 'cause'> & {
  readonly stoppedAt: number | null;
  readonly redriven: number;
  /** What it was started with. */
  readonly input: string;
};

/**
 * Tells people once for each time an execution stops. `isNews`: what hears of it first tells also where the record does not answer: the flow may have
 * stopped by that.
 */
export async function tellStop(stop: Stop, shell: Shell, { isNews = false } = {}): Promise<void> {
  const { flow, execution, executionArn, status, stoppedAt, redriven } = stop;
  const { plan, prefix } = shell;
  const found = await whereItStopped(executionArn, shell);
  const error = found.error ?? stop.error;
  const cause = found.cause ?? stop.cause;
  const { incident, region, drill, reason, leaves, by } = givenTo(stop);
  const of = { id: incident, execution };
  const readable = <T>(read: Promise<T>, instead: T): Promise<T> =>
    read.catch((error: unknown) => {
      if (!isNews) throw error;
      shell.log.warn('record not read', { execution, error: String(error) });
      return instead;
    });
  const past = await readable(callsOf(of, shell), []);
  const { state, asset } = found;
  const place: Stopped = {
    ...{ flow, state, asset, status, error },
    mayBeSkipped: state !== null && whyNotSkipped({ state, asset }, [], plan) === null,
    cause,
    ...{ incident, region, execution, executionArn, reason, stoppedAt },
    takesOver: leaves !== null && takesOver(past, leaves, plan),
    moved: leaves === null ? null : elsewhere(past, await readable(shell.store.readSteps(incident), []), leaves),
    drill: drill || past.some((call) => call.drill) || (await isDrills(incident, shell)),
  };
  const roles = plan.notifications.failure;
  const isGivenBack = await readable(wasGivenBack(execution, shell), false);
  const aborted = await readable(readAbort(execution, shell), null);
  if (aborted !== null || isGivenBack) {
    const stage = stageOf(prefix);
    const told = aborted === null ? givenBackMessage(place, stage) : abortedMessage(place, aborted, stage);
    await tell({ id: `aborted/${execution}/${redriven}`, message: told, of }, roles, shell, { blindly: isNews });
    return;
  }
  const wanted =
    leaves === null || flow === 'fence-watch' || flow === 'drill' ? undefined : await lockWanted(flow, leaves, shell);
  const early = notBegun(place, wanted);
  if (early !== null) {
    const message = notBegunMessage(place, early, { by, region: leaves, stage: stageOf(prefix) });
    await tell({ id: `stopped/${executionArn}/${stoppedAt ?? 0}`, message, of }, roles, shell, { blindly: isNews });
    return;
  }
  // Whoever has it go on, and be it in the console: what was approved is looked at again first.
  // A pause has paged by itself, and kept what failed: whoever heard of it is not called again.
  const isPause = error === 'Paused' || found.state?.startsWith('Pause') === true;
  const why = place.error === null && place.cause === null ? place.status : errorWords(place.error, place.cause);
  const failed = isPause ? [] : [{ step: stoppedState(place), why, mayBeSkipped: place.mayBeSkipped }];
  const noted = flow === 'region-failover' && stoppedAt !== null ? noteStop(of, stoppedAt, shell, failed) : null;
  const kept = await Promise.allSettled([noted]);
  const called = callsWords(past);
  const id = isPause ? pausePage(execution, redriven) : `stopped/${executionArn}/${stoppedAt ?? 0}`;
  await tell({ id, message: stoppedMessage(place, called, stageOf(prefix)), of }, roles, shell, { blindly: isNews });
  // People have heard of it: what could not be kept is tried again.
  for (const one of kept) if (one.status === 'rejected') throw one.reason;
}

/** The lock that a flow of a region wants, as it stands; undefined where nobody can say: that keeps nobody from hearing that the flow stopped. */
async function lockWanted(
  flow: FlowIncident['flow'],
  region: string,
  { store, log }: Shell,
): Promise<Lock | null | undefined> {
  try {
    const held = lockOf({ flow }, await store.readStanding(region));
    return held === null ? null : { ...held, execution: flowHeldFor(held) };
  } catch (error) {
    log.warn('lock not read', { region, error: String(error) });
    return undefined;
  }
}

/** Whether an incident is what the drill that runs has caused. One that cannot be read keeps nobody from hearing that the flow stopped. */
async function isDrills(incident: string, shell: Shell): Promise<boolean> {
  try {
    return await isOfDrill(await shell.store.readIncident(incident), shell);
  } catch (error) {
    shell.log.warn('incident not read', { incident, error: String(error) });
    return false;
  }
}

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
  reason: z.string().nullable().catch(null).default(null),
  target: z.object({ region: z.string() }).optional().catch(undefined),
  /** Who started it; `classify` where the record decided it. */
  requestedBy: z.string().nullable().catch(null).default(null),
  /** What a fence watch is given. */
  incident: z.object({ id: z.string(), region: z.string(), drill: z.boolean().optional() }).optional(),
  /** What a drill gives to a flow that it starts. */
  drill: z.literal(true).optional().catch(undefined),
});

/** What an execution was given: its incident, why and by whom it was started, the region that a fence watch is about (null of a flow), the one that a flow is, and whether it is a drill's. */
function givenTo({ flow, input, execution }: Pick<Stop, 'flow' | 'input' | 'execution'>): {
  readonly incident: string;
  readonly region: string | null;
  readonly drill: boolean;
  readonly reason: string | null;
  readonly leaves: string | null;
  readonly by: string | null;
} {
  const {
    incidentId,
    incident,
    target,
    drill,
    reason = null,
    requestedBy: by = null,
  } = GivenInput.safeParse(readJson(input)).data ?? {};
  return {
    incident: incident?.id ?? incidentId ?? manualIncidentId(execution),
    region: incident?.region ?? null,
    drill: flow === 'drill' || drill === true || incident?.drill === true,
    reason,
    leaves: target?.region ?? null,
    by,
  };
}

/**
 * Looked at with every sweep: what holds a lock of a region and stopped in this stack longer ago than people's patience is told, where
 * nobody was told of that before.
 */
export async function tellStopped(region: string, shell: Shell): Promise<void> {
  const { lock, degradation } = await shell.store.readStanding(region);
  for (const held of [lock, degradation]) if (held !== null) await tellStopOf(held, shell);
}

/**
 * Looked at with every sweep: a flow that has begun to move a region, and whose own region has not answered for longer than people's patience, is told
 * once. It cannot say so itself, and may go on where only the way to it is cut.
 */
export async function tellDark(region: string, shell: Shell): Promise<void> {
  const { store, plan, now, prefix } = shell;
  const { lock } = await store.readStanding(region);
  const runs = peerOf(region, plan);
  if (lock?.action !== 'request-approval' || runs === null || runs === shell.region) return;
  const execution = flowHeldFor(lock);
  const of = { id: lock.incident, execution };
  const [calls, steps] = await Promise.all([callsOf(of, shell), store.readSteps(lock.incident)]);
  if (calls.length === 0) return;
  const lastAt = Math.max(...[...calls, ...steps.filter((step) => step.execution === execution)].map(({ at }) => at));
  if (now() - lastAt < plan.notifications.patienceSeconds * 1000) return;
  // What is restored where it stands runs there: a region that is dark itself tells nobody anything.
  if (await restoresInPlace({ incident: lock.incident, execution }, shell)) return;
  if ((await regionFlowIn(runs, execution, shell)) !== 'dark') return;
  const drill = calls.some((call) => call.drill) || (await isDrills(lock.incident, shell));
  const seen = { runs, calls, lastAt, takesOver: takesOver(calls, region, plan), now: now() };
  const message = darkFlowMessage({ incident: lock.incident, region, execution, drill }, seen, stageOf(prefix));
  await tell({ id: `dark/${execution}`, message, of }, plan.notifications.failure, shell);
}

async function tellStopOf({ action, execution, at }: Lock, shell: Shell): Promise<void> {
  const { plan, now, region } = shell;
  const patienceMs = plan.notifications.patienceSeconds * 1000;
  if (action === 'none' || action === 'hold' || now() - at < patienceMs) return;
  const flow = flowOf[action];
  const executionArn = executionArnOf(flow, execution, shell);
  const end = await readEnd(region, executionArn);
  if (end === null || now() - end.stoppedAt < patienceMs) return;
  const { status } = end;
  if (status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED')
    await tellStop({ flow, execution, executionArn, ...end, status }, shell);
}
