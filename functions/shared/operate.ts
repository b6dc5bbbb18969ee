// The levers of a person: freeze, unfreeze, resume, skip and abort. The command line and the simulator's operator pull them.
import { redriveExecution, stopExecution } from '../aws/flows/executions.ts';
import { readExecution, readInput } from '../aws/flows/whereabouts.ts';
import { tallyOf } from '../domain/approval/approval.ts';
import { manualIncidentId } from '../domain/decision/incident.ts';
import { InProgress, InvalidInput, LockHeld, LockLost, Unavailable } from '../domain/errors.ts';
import { machineIn } from '../domain/flows.ts';
import { type Step, stepName } from '../domain/record/step.ts';
import { type Aborted, leftBehind } from '../domain/recovery/left-behind.ts';
import { watchedIn } from '../domain/recovery/reaching.ts';
import { whyNotSkipped } from '../domain/recovery/skipping.ts';
import { isReadable, latchUrl } from '../domain/traffic/latch.ts';
import { areSent, unseenMark } from '../domain/traffic/sent.ts';
import { type ApprovalRequest, degradationLock, type Incident, type Lock } from '../domain/types.ts';
import { unfencedPhrase } from '../domain/words/outcome-words.ts';
import { fencesOf, type Undoing, undoFences } from '../kinds/undo.ts';
import { peerOf } from './estate.ts';
import { movedOnFrom, WatchInput } from './fencing/fence-watch.ts';
import { callsOf } from './recovery/act.ts';
import { noteStop, stoppedIn } from './recovery/fresh.ts';
import { abortOf } from './recovery/locks.ts';
import { closeManual } from './recovery/manual.ts';
import { expectNotAborted, signAbort } from './recovery/waivers.ts';
import type { Shell } from './shell.ts';
import { visitPage } from './traffic/health.ts';

/** Stops new starts everywhere, and running flows before their next step; never between fencing and promotion. */
export async function freeze(by: string, reason: string, { store, now, log }: Shell): Promise<void> {
  if (by === '' || reason === '') throw new InvalidInput('a freeze needs a name and a reason');
  await store.freeze(by, reason, now());
  log.info('frozen', { by, reason });
}

export async function unfreeze(by: string, { store, log }: Shell): Promise<void> {
  await store.unfreeze();
  log.info('unfrozen', { by });
}

/** Ends the drill that runs, at its next look, and lets none begin. It stops nothing else. */
export async function pullLever(by: string, reason: string, { store, now, log }: Shell): Promise<void> {
  if (by === '' || reason === '') throw new InvalidInput('the lever of the drills needs a name and a reason');
  await store.pullLever(by, reason, now());
  log.info('lever of the drills pulled', { by, reason });
}

/** Lets drills begin again. */
export async function releaseLever(by: string, { store, log }: Shell): Promise<void> {
  await store.releaseLever();
  log.info('lever of the drills released', { by });
}

/** Continues an execution at the state it stopped at. @throws InvalidInput, Aborted, LockLost, CannotProceed, Unavailable. */
export async function resume(executionArn: string, shell: Shell): Promise<void> {
  const { region, name } = partsOf(executionArn);
  const { store, plan, log } = shell;
  await expectNotAborted(name, shell);
  // Whatever state it goes on from: what was approved is looked at again first.
  for (const place of Object.keys(plan.regions)) {
    const { lock } = await store.readStanding(place);
    if (lock?.execution !== name || lock.action !== 'request-approval') continue;
    const over = await whyOverFor(lock, shell);
    if (over !== null) throw new LockLost(`${over}; abort it`);
    // By the clock of Step Functions: that of whoever resumes may be minutes off.
    const { stoppedAt = null } = (await readExecution(region, shell, executionArn)) ?? {};
    if (stoppedAt !== null) await noteStop({ id: lock.incident, execution: name }, stoppedAt, shell);
  }
  await redriveExecution(region, executionArn);
  log.info('resumed', { execution: name });
}

/** Why the flow that holds a lock changes nothing any more, and is not resumed: an abort alone gives the lock back. Null where it may go on. */
export async function whyOverFor(lock: Lock, shell: Pick<Shell, 'store'>): Promise<string | null> {
  const { execution, incident } = lock;
  if (lock.action !== 'request-approval') return null;
  const moved = await movedOnFrom({ id: incident, execution }, shell);
  if (moved !== null) return `${moved}: ${execution} changes nothing any more`;
  const own = (await shell.store.readSteps(incident)).filter((past) => past.execution === execution);
  return stoppedIn(own).ends
    ? `the region serves again, and no database was promoted: ${execution} does not go on`
    : null;
}

/**
 * Signs that a state of an execution is left out; the state reads that when it runs next, which mostly is a redrive.
 * @throws InvalidInput where the state has to be done.
 */
export async function skip(execution: string, skipped: Step, by: string, reason: string, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  if (by === '' || reason === '') throw new InvalidInput('leaving out a state needs a name and a reason');
  const why = whyNotSkipped(skipped, await approvedRequests(execution, shell), plan);
  if (why !== null) throw new InvalidInput(why);
  await store.keepWaiver(execution, stepName(skipped), by, reason, now());
  log.warn('a state is left out', { execution, ...skipped, by, reason });
}

/** Approved by the record of the answers, and not only by the word that it was. */
async function approvedRequests(execution: string, { store, plan }: Shell): Promise<ApprovalRequest[]> {
  const settled = (await store.listSettledRequests(0)).filter(
    ({ request, outcome }) => request.execution === execution && outcome === 'approved',
  );
  const checked = await Promise.all(
    settled.map(async ({ request }) => {
      const answers = await store.readAnswers(request.id);
      return tallyOf(request, answers, plan).outcome === 'approved' ? [request] : [];
    }),
  );
  return checked.flat();
}

/** `confirmed`: what was typed to abort a fence watch. `leaveFenced`: whether what cannot be opened now is left to people. */
export type AbortOptions = { readonly confirmed?: string | null; readonly leaveFenced?: boolean };

/**
 * Stops an execution, undoes its fences, and gives its lock back. Where a replica was promoted, its source stays fenced:
 * two databases would take writes. Safe to repeat, and to be repeated where the region did not answer: until then nobody else may
 * act there, unless a person leaves fenced what is.
 * @throws InvalidInput, CannotProceed, LockHeld, and Unavailable, with the lock still held.
 */
export async function abort(
  executionArn: string,
  by: string,
  shell: Shell,
  { confirmed = null, leaveFenced = false }: AbortOptions = {},
): Promise<Aborted> {
  const { region: home, name } = partsOf(executionArn);
  if (machineIn(executionArn, shell.prefix) === 'fence-watch') return abortWatch(executionArn, by, shell, confirmed);
  const { store, plan, now, log } = shell;
  // Signed before it is stopped: whoever redrives it, and a step that takes the lock at this moment, finds that it is over.
  await signAbort(name, by, shell);
  await stopExecution(home, executionArn, `${by} aborted it`).catch((error: unknown) => {
    // Its region is dark: none of its steps goes on after the signature, nor without the lock.
    if (!(error instanceof Unavailable)) throw error;
    if (!leaveFenced)
      throw new Unavailable(
        `${error.message}; abort again when ${home} answers, or now with --leave-fenced, which gives the region back`,
      );
    log.warn('not stopped, and aborted all the same', { execution: name, error: String(error) });
  });
  for (const open of await store.listOpenRequests()) {
    if (open.execution === name) await store.settleRequest(open.id, 'void', now());
  }
  const incidents = new Map(await incidentsOf(name, shell));
  let unfenced: string | null = null;
  let stays = '';
  const released: string[] = [];
  for (const region of Object.keys(plan.regions)) {
    await store.releaseLock(degradationLock(region), name);
    const { lock } = await store.readStanding(region);
    if (lock === null || (lock.execution !== name && lock.execution !== abortOf(name))) continue;
    incidents.set(lock.incident, region);
    const held = await takeOver(lock, name, shell);
    const undone = await undo(region, lock.incident, name, { by, leaveFenced }, shell).catch((error: unknown) => {
      // What may still be promoted has what nothing else has: nobody gives it up before that is known.
      if (error instanceof InProgress)
        throw new Unavailable(
          `${error.message}; abort again in a minute, and not before: nobody else may act on ${region} until then`,
        );
      if (!(error instanceof Unavailable)) throw error;
      throw new Unavailable(
        `${error.message}; abort again in a minute: nobody else may act on ${region} until then. To give the region back now and keep the fence, which only a person opens later: abort with --leave-fenced`,
      );
    });
    unfenced = undone.unfenced ?? unfenced;
    stays = undone.stays;
    await followUsers(held, name, shell);
    // Before the lock is free: what fails by then is an incident of its own.
    await closeManual({ id: lock.incident }, shell);
    await store.releaseLock(held.target, held.execution);
    released.push(held.target);
  }
  const left: string[] = [];
  const isOfRegion = machineIn(executionArn, shell.prefix) === 'region-failover';
  for (const [id, region] of incidents) {
    if (!released.includes(region)) left.push(...(await fencesOf(region, id, name, shell)));
    left.push(...(await leftIn(id, region, name, isOfRegion, shell)));
    await closeManual({ id }, shell);
  }
  log.warn('aborted', { execution: name, by, released, unfenced, stays, left });
  return { execution: name, released, unfenced, stays, left };
}

/**
 * What was fenced is opened again, while it is the flow's turn. Once the roles have moved on, what stands in its region is another flow's: that
 * region may serve users, or have to stay closed.
 */
async function undo(
  region: string,
  incident: string,
  name: string,
  how: Undoing,
  shell: Shell,
): Promise<Pick<Aborted, 'unfenced' | 'stays'>> {
  const moved = await movedOnFrom({ id: incident, execution: name }, shell);
  if (moved === null) return undoFences(region, incident, name, how, shell);
  return { unfenced: null, stays: `what stands in ${region}: ${moved}` };
}

/**
 * Users who were sent to the other region are there, and the record says so: whatever fails next is judged by where they are. Where the roles have moved
 * already nothing is done.
 */
async function followUsers({ target, incident }: Lock, name: string, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  const there = peerOf(target, plan);
  const [{ primary, epoch }, calls, steps] = await Promise.all([
    store.readStanding(target),
    callsOf({ id: incident, execution: name }, shell),
    store.readSteps(incident),
  ]);
  if (there === null || primary !== target) return;
  const own = steps.filter(({ execution }) => execution === name);
  // What nobody could read when the flow looked, health checks may read by now.
  const isRead = own.some(({ step }) => step === unseenMark) && (await latchIsRead(target, shell));
  const kept = isRead ? own.filter(({ step }) => step !== unseenMark) : own;
  if (!areSent(calls, kept, { comesHome: there === plan.roles.primary })) return;
  if (await store.moveRole(there, epoch, name, now()))
    log.warn('role moved, as users were sent there', { execution: name, primary: there });
}

/** Whether health checks can read the latch of a region in any of its buckets. */
async function latchIsRead(target: string, shell: Shell): Promise<boolean> {
  const buckets = Object.entries(shell.plan.redirection.latchBuckets[target] ?? {});
  const seen = await Promise.all(buckets.map(([at, bucket]) => visitPage(latchUrl(at, bucket, target), shell)));
  return seen.some((one) => isReadable({ status: one?.status ?? null }) === true);
}

/**
 * Stops the fence watch: from then on nobody fences the old region, which a person has to type. What it has fenced stays so.
 * @throws InvalidInput where that was not typed.
 */
async function abortWatch(arn: string, by: string, shell: Shell, confirmed: string | null): Promise<Aborted> {
  const { region: home, name } = partsOf(arn);
  const { store, plan, now, log } = shell;
  const { incident } = WatchInput.parse(await readInput(home, arn));
  const phrase = unfencedPhrase(incident.region);
  if (confirmed !== phrase)
    throw new InvalidInput(
      `confirm: is ${confirmed ?? 'missing'}, expected "${phrase}": after this nobody fences it when it answers`,
    );
  // The waivers first: the sweep starts a watch again that has ended too soon.
  for (const asset of watchedIn(plan))
    await store.keepWaiver(incident.execution, stepName({ state: 'FenceOnReturn', asset }), by, phrase, now());
  await signAbort(name, by, shell);
  await stopExecution(home, arn, `${by} aborted it`);
  log.warn('fence watch aborted', { execution: name, by, region: incident.region });
  return { execution: name, released: [], unfenced: null, stays: '', left: [`${phrase}, unless it was fenced before`] };
}

/** The incidents that an execution works on by its name, with their regions: without a lock it has changed something all the same. */
async function incidentsOf(name: string, { store }: Shell): Promise<[id: string, region: string][]> {
  const isOf = ({ id, decisions }: Incident) =>
    id === manualIncidentId(name) || decisions.some(({ execution }) => execution === name);
  return (await store.listIncidents()).filter(isOf).map(({ id, region }) => [id, region]);
}

async function leftIn(
  incident: string,
  region: string,
  name: string,
  isOfRegion: boolean,
  shell: Shell,
): Promise<string[]> {
  const [calls, steps, standing] = await Promise.all([
    callsOf({ id: incident, execution: name }, shell),
    shell.store.readSteps(incident),
    shell.store.readStanding(region),
  ]);
  const own = steps.filter(({ execution }) => execution === name);
  return leftBehind(calls, own, standing, isOfRegion ? region : null);
}

/** A step that was stopped half way may still be running: without the lock it cannot make its next call. */
async function takeOver(lock: Lock, name: string, { store, now }: Shell): Promise<Lock> {
  const own = { ...lock, execution: abortOf(name), at: now() };
  await store.releaseLock(lock.target, name);
  if (await store.takeLock(own)) return own;
  throw new LockHeld(`another execution took ${lock.target} meanwhile: nothing is undone`);
}

/** @throws InvalidInput where it is no ARN of an execution. */
function partsOf(executionArn: string): { readonly region: string; readonly name: string } {
  const [arn, , service, region, , resource, , name] = executionArn.split(':');
  if (arn !== 'arn' || service !== 'states' || resource !== 'execution' || !region || !name)
    throw new InvalidInput(`execution: is ${executionArn}, expected the ARN of an execution`);
  return { region, name };
}
