// The fence watch, an execution beside the region flow: when it may fence the old region, when it is over, and who starts it.
import * as z from 'zod';
import { startExecution } from '../../aws/flows/executions.ts';
import { readExecution } from '../../aws/flows/whereabouts.ts';
import { hasStopped } from '../../domain/approval/freshness.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { fencedMessage, servesAgainMessage } from '../../domain/flow-words/stops.ts';
import { type Machine, machineName, watchName } from '../../domain/flows.ts';
import type { AuditRecord, StepRecord } from '../../domain/record/store.ts';
import { endedBy, watchedIn } from '../../domain/recovery/reaching.ts';
import { whyMovedOn } from '../../domain/roles.ts';
import { areSent } from '../../domain/traffic/sent.ts';
import { peerOf } from '../estate.ts';
import { tell } from '../messages/tell.ts';
import { callsOf, givingUp } from '../recovery/act.ts';
import { RegionIncident, RegionVerbInput } from '../recovery/flow.ts';
import { agesIn, noteStop, restoresInPlace, stopsIn } from '../recovery/fresh.ts';
import { abortOf, incidentsAtWork } from '../recovery/locks.ts';
import { readAbort } from '../recovery/waivers.ts';
import type { Shell } from '../shell.ts';

/** The input of the watch: the incident as its flow has it. */
export const WatchInput = z.looseObject({ incident: RegionIncident });

/** What a watch gives a verb: which one of its flow's watches it is. */
export const LateInput = RegionVerbInput.extend({ start: z.int().positive().default(1) });

/** Canaries run each minute, in milliseconds: users are served whom one saw served within the last few. */
export const servedWithinMs = 180_000;

const dayMs = 86_400_000;

/** A watch that has ended is started again no sooner than so long after its start, and twice as long each time. */
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/** The mark of a start of the watch. Its outcome holds what the watch is given. */
const startMark = (start: number | ''): string => `watch-fence/${start}`;

/** What one watch hands over to the next: since when they watch, an ISO time, and the assets that are left to fence. */
type HandedOver = { readonly since: string; readonly left: readonly string[] };

/**
 * Starts a watch of a flow's execution: its name and its input are the same each time, so that it is safe to repeat. `start`: the
 * first, or which one after it. @throws Unavailable, CannotProceed.
 */
async function startWatch(
  incident: RegionIncident,
  start: number,
  shell: Shell,
  handed: HandedOver | null = null,
): Promise<string> {
  const { id, execution, region } = incident;
  const name = watchName(execution, start);
  const given = { incident, ...(start > 1 && { start }), ...handed };
  const input = JSON.stringify({ incidentId: id, target: { region }, ...given });
  // The mark first: what cannot be started now, sweep starts.
  const mark = { incident: id, execution, step: startMark(start), at: shell.now(), outcome: given };
  await shell.store.recordStep(mark);
  await startExecution(shell.region, machineArn('fence-watch', shell), name, input);
  return name;
}

function machineArn(machine: Machine, { region, account, prefix }: Shell): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${machineName(machine, prefix)}`;
}

/** Whether an asset's takeover, or that of what it works for, was asked for by this execution: from then on the old region must take no writes. */
export async function hasTakenOver(incident: RegionIncident, asset: string, shell: Shell): Promise<boolean> {
  const [calls, own] = await Promise.all([callsOf(incident, shell), stepsOf(incident, shell)]);
  return takenOver(asset, calls, own, shell);
}

function takenOver(
  name: string,
  calls: readonly AuditRecord[],
  own: readonly StepRecord[],
  { plan }: Pick<Shell, 'plan'>,
): boolean {
  return endedBy(name, plan).some((asset) => {
    const called = calls.some(({ step }) => step === `take-over/${asset}`);
    // What somebody else has promoted is found to be taken over, without a call.
    return called || own.some(({ step, outcome }) => step === `take-over/${asset}` && outcome['skipped'] !== true);
  });
}

async function stepsOf({ id, execution }: RegionIncident, { store }: Shell): Promise<StepRecord[]> {
  return (await store.readSteps(id)).filter((past) => past.execution === execution);
}

/** Why the watch of an asset has nothing to do any more; null while it has. */
export async function whyOver(incident: RegionIncident, asset: string, shell: Shell): Promise<string | null> {
  const { execution, region, standby, startedAt } = incident;
  const { store } = shell;
  const [standing, turn] = await Promise.all([store.readStanding(region), store.readStanding(standby)]);
  const moved = whyMovedOn(incident, standing);
  if (moved !== null) return moved;
  // Who gives up the region that took over promotes the old one, which must not be fenced then. A flow that is older gave up the other one.
  const { lock } = turn;
  if (lock?.action === 'request-approval' && lock.execution !== execution && lock.at > startedAt) {
    const calls = await callsOf({ id: lock.incident, execution: lock.execution }, shell);
    const givesUp = calls.some(({ step }) => givingUp.some((verb) => step.startsWith(`${verb}/`)));
    if (givesUp && !(await restoresInPlace(lock, shell)))
      return `${standby} is given up in its turn, by ${lock.execution}`;
  }
  const holder = standing.lock?.execution;
  const mayGoOn = holder === execution || holder === abortOf(execution);
  return mayGoOn || (await hasTakenOver(incident, asset, shell)) ? null : `${region} was not given up`;
}

/**
 * Who is the primary, where the roles have moved on beyond what an execution has made of them, by what its fence watch was given: that is started
 * before anything is given up. Null of any other.
 */
export async function movedOnFrom(
  { id, execution }: Pick<RegionIncident, 'id' | 'execution'>,
  { store }: Pick<Shell, 'store'>,
): Promise<string | null> {
  const mark = (await store.readSteps(id)).find((one) => one.execution === execution && one.step === startMark(1));
  const given = WatchInput.safeParse(mark?.outcome);
  if (!given.success) return null;
  const { incident } = given.data;
  return whyMovedOn(incident, await store.readStanding(incident.region));
}

/** Whether a flow does not go on to send users to the other region: it is paused, or was aborted. Then a person may have to choose. */
export async function isHeld(incident: RegionIncident, shell: Shell): Promise<boolean> {
  const [own, calls, { lock }] = await Promise.all([
    stepsOf(incident, shell),
    callsOf(incident, shell),
    shell.store.readStanding(incident.region),
  ]);
  // Asked for is enough: users may be there although nobody could read that, and what they then see says nothing of the old region.
  if ([...own, ...calls].some(({ step }) => step === 'redirect-users')) return false;
  return lock?.execution !== incident.execution || isPaused(own);
}

/** How the watch saw what is to be fenced last: it does not answer, works, or is being closed. */
export type Seen = 'dark' | 'open' | 'closing';

/** In the record, that the watch saw this for the first time since it had seen something else. */
export function seenMark(asset: string, found: Seen): string {
  return `fence-late/${asset}/${found}`;
}

/** The newest such mark of an asset; null where there is none. `at`: milliseconds since 1970. */
export function lastSeen(
  asset: string,
  own: readonly StepRecord[],
): { readonly found: Seen; readonly at: number } | null {
  const seen = (['dark', 'open', 'closing'] as const).flatMap((found) =>
    own.filter(({ step }) => step === seenMark(asset, found)).map(({ at }) => ({ found, at })),
  );
  return seen.reduce<(typeof seen)[number] | null>(
    (last, one) => (last === null || one.at > last.at ? one : last),
    null,
  );
}

/** Whether a region serves users, as somebody has seen within the last minutes. */
export async function isServing(region: string, shell: Shell): Promise<boolean> {
  const runs = await runsLately(region, shell);
  // The newest run of each: a canary that is broken says nothing against one that sees users served.
  const newest = new Map(runs.map((run) => [run.observer, run.passed]));
  return [...newest.values()].includes(true);
}

/** Whether somebody has seen it serve a user within the last minutes: a short outage of what serves users is no reason to close it. */
export async function hasServedLately(region: string, shell: Shell): Promise<boolean> {
  return (await runsLately(region, shell)).some(({ passed }) => passed);
}

/** The runs of canaries within these minutes, oldest first. */
async function runsLately(region: string, { store, now }: Shell) {
  const signals = await store.readSignals(region, now() - servedWithinMs);
  return signals.filter((signal) => signal.kind === 'canary-run').toSorted((a, b) => a.at - b.at);
}

/** Whether people's approval has not been looked at since the newest pause. */
function isPaused(own: readonly StepRecord[]): boolean {
  return hasStopped(agesIn(own));
}

/** How often a watch of these steps was started: a step that was repeated has kept its mark again. */
function startsIn(own: readonly StepRecord[]): number {
  return new Set(own.map(({ step }) => step).filter((step) => step.startsWith(startMark('')))).size;
}

/** How many of them the sweep has started, each in the place of one that had ended too soon. */
function restartsIn(own: readonly StepRecord[]): number {
  const handed = own.filter(({ step, outcome }) => step.startsWith(startMark('')) && 'since' in outcome);
  return startsIn(own) - startsIn(handed) - 1;
}

/** The flow comes here each time that what people approved still holds: it goes on, and its fence is watched. */
export function watchFence(incident: RegionIncident, shell: Shell): Promise<string> {
  return startWatch(incident, 1, shell);
}

/**
 * A watch has looked for as long as its history lasts, and the next one goes on, for the plan's days; then people hear that nobody could fence the
 * region. @throws CannotProceed after them, Unavailable.
 */
export function handOver(
  incident: RegionIncident,
  { start, since, left }: HandedOver & { readonly start: number },
  shell: Shell,
): Promise<string> {
  if (shell.now() - Date.parse(since) >= shell.plan.fenceWatch.days * dayMs)
    throw new CannotProceed(`${left.join(', ')} of ${incident.region} could not be fenced since ${since}`);
  return startWatch(incident, start + 1, shell, { since, left });
}

/**
 * Looked at with every sweep, by the stack that takes over from a region: starts the watch again where something has taken over
 * and the watch has ended, and tells people once when they have to choose.
 */
export async function keepWatching(region: string, shell: Shell): Promise<void> {
  if (peerOf(region, shell.plan) !== shell.region) return;
  const ids = [...(await incidentsAtWork(region, shell)).map(({ id }) => id), ...(await approvedIn(region, shell))];
  for (const id of new Set(ids)) await keepWatchingOf(id, shell);
}

/**
 * The incidents in which people approved to give a region up since the roles moved last, and that in which they moved: a flow that was
 * aborted has no lock, and its incident may be over, while its watch has to go on.
 */
async function approvedIn(region: string, { store }: Shell): Promise<string[]> {
  const [settled, { movedAt }] = await Promise.all([store.listSettledRequests(0), store.readStanding(region)]);
  const approved = settled.filter(({ request, outcome }) => outcome === 'approved' && request.target === region);
  const before = approved.findLastIndex(({ at }) => at < (movedAt ?? 0));
  return approved.slice(Math.max(0, before)).map(({ request }) => request.incident);
}

async function keepWatchingOf(id: string, shell: Shell): Promise<void> {
  const steps = await shell.store.readSteps(id);
  const started = steps.filter(({ step }) => step === startMark(1)).map((mark) => [mark.execution, mark] as const);
  for (const [execution, { outcome }] of new Map(started)) {
    const read = WatchInput.safeParse(outcome);
    if (!read.success) continue;
    const { incident } = read.data;
    const own = steps.filter((past) => past.execution === execution);
    const left = await leftOf(incident, own, shell);
    if (left.length > 0) {
      await startAgain(incident, own, shell);
      const marks = await noteStopOf(incident, own, shell);
      // Half a fence is worse than either end, so that there is nothing to choose.
      const isOpen = left.some((asset) => lastSeen(asset, own)?.found === 'open');
      if (isOpen && (await isHeld(incident, shell)) && (await isServing(incident.region, shell)))
        await tellChoice(incident, marks, shell);
    }
    await tellFenced(incident, own, shell);
  }
}

/** A flow that stopped elsewhere than in Pause does not go on either, also where nothing has noted that. Gives its marks. */
async function noteStopOf(
  { id, execution }: RegionIncident,
  own: readonly StepRecord[],
  shell: Shell,
): Promise<readonly StepRecord[]> {
  if (isPaused(own)) return own;
  const arn = machineArn('region-failover', shell).replace(':stateMachine:', ':execution:');
  const flow = await readExecution(shell.region, shell, `${arn}:${execution}`);
  if (flow === null || flow.stoppedAt === null || flow.status === 'SUCCEEDED') return own;
  return [...own, await noteStop({ id, execution }, flow.stoppedAt, shell)];
}

/** The assets that have been taken over and are neither fenced nor left as they are. */
async function leftOf(incident: RegionIncident, own: readonly StepRecord[], shell: Shell): Promise<string[]> {
  const ended = (name: string) =>
    own.some(({ step }) => step === `fence/${name}/fenced` || step === `fence-late/${name}`);
  const open = watchedIn(shell.plan).filter((name) => !ended(name));
  if (open.length === 0) return [];
  const calls = await callsOf(incident, shell);
  const left: string[] = [];
  for (const name of open)
    if (takenOver(name, calls, own, shell) && (await isToBeFenced(incident, name, shell))) left.push(name);
  return left;
}

async function isToBeFenced({ execution }: RegionIncident, name: string, { store }: Shell): Promise<boolean> {
  return (await store.readWaiver(execution, `FenceOnReturn/${name}`)) === null;
}

async function startAgain(incident: RegionIncident, own: readonly StepRecord[], shell: Shell): Promise<void> {
  const starts = startsIn(own);
  // One that fails at once is started again later and later: each failure is a message.
  const newestAt = Math.max(...own.filter(({ step }) => step === startMark(starts)).map(({ at }) => at));
  if (shell.now() - newestAt < Math.min(longestPauseMs, firstPauseMs * 2 ** restartsIn(own))) return;
  const arn = machineArn('fence-watch', shell).replace(':stateMachine:', ':execution:');
  const watch = await readExecution(shell.region, shell, `${arn}:${watchName(incident.execution, starts)}`);
  if (watch?.status === 'RUNNING') return;
  // What it has just written may not be in what was read before it ended: the next sweep sees it.
  if (watch?.status === 'SUCCEEDED' && shell.now() - (watch.stoppedAt ?? 0) < firstPauseMs) return;
  const name = await startWatch(incident, starts + 1, shell);
  shell.log.warn('fence watch started again', { incident: incident.id, execution: name });
}

/** What was fenced late is told once: its flow, which would say so at its end, was aborted or is paused. */
async function tellFenced(incident: RegionIncident, own: readonly StepRecord[], shell: Shell): Promise<void> {
  const { execution } = incident;
  const { plan, prefix } = shell;
  const isAborted = (await readAbort(execution, shell)) !== null;
  if (!isAborted && !isPaused(own)) return;
  const calls = await callsOf(incident, shell);
  const taken = [...calls, ...own];
  // What was written after users were last seen has diverged: where the loss was reported, from its end on.
  const reported = own.findLast(({ step }) => step === 'record-failover')?.outcome['writesEndedAt'];
  const isRedirected = areSent(calls, own, { comesHome: incident.standby === plan.roles.primary });
  for (const asset of watchedIn(plan)) {
    const ends = endedBy(asset, plan).map((name) => `take-over/${name}`);
    const takenAt = taken.find(({ step }) => ends.includes(step))?.at;
    const fenced = own.find(({ step }) => step === `fence/${asset}/fenced`)?.at;
    if (takenAt === undefined || fenced === undefined || fenced <= takenAt) continue;
    const since = typeof reported === 'number' ? Math.min(reported, takenAt) : takenAt;
    const message = fencedMessage(incident, { asset, since, fenced, isAborted, isRedirected, prefix });
    await tell({ id: `${execution}/fenced/${asset}`, message, of: incident }, plan.notifications.failure, shell);
  }
}

async function tellChoice(incident: RegionIncident, own: readonly StepRecord[], shell: Shell): Promise<void> {
  const { store, plan, prefix } = shell;
  const { execution, region } = incident;
  const { lock } = await store.readStanding(region);
  const paused = lock?.execution === execution;
  const watch = watchName(execution, startsIn(own));
  const message = servesAgainMessage(incident, { watch, paused, prefix });
  const occasion = paused ? stopsIn(own) : 'aborted';
  const id = `${execution}/serves-again/${occasion}`;
  await tell({ id, message, of: incident }, plan.notifications.failure, shell);
}
