// The levers of a person: freeze, unfreeze, resume, skip and abort. The command line and the simulator's operator pull them.
import { redriveExecution, stopExecution } from '../aws/executions.ts';
import { tallyOf } from '../domain/approval.ts';
import { InvalidInput, LockHeld } from '../domain/errors.ts';
import { leftBehind } from '../domain/left-behind.ts';
import { whyNotSkipped } from '../domain/skipping.ts';
import { type Step, stepName } from '../domain/step.ts';
import type { ApprovalRequest, Lock } from '../domain/types.ts';
import { undoFences } from '../kinds/undo.ts';
import { mark } from './fresh.ts';
import { degradationLock } from './locks.ts';
import { closeManual } from './manual.ts';
import type { Shell } from './shell.ts';

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

/** Continues an execution at the state it stopped at. @throws InvalidInput, CannotProceed, Unavailable. */
export async function resume(executionArn: string, shell: Shell): Promise<void> {
  const { region, name } = partsOf(executionArn);
  const { store, plan, log } = shell;
  // Whatever state it goes on from: what was approved is looked at again first.
  for (const place of Object.keys(plan.regions)) {
    const { lock } = await store.readStanding(place);
    if (lock?.execution === name && lock.action === 'request-approval')
      await mark('resumed', { id: lock.incident, execution: name }, shell);
  }
  await redriveExecution(region, executionArn);
  log.info('resumed', { execution: name });
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

/** `unfenced`: the databases that admit their applications again; null where this execution had fenced none, or may not. */
export type Aborted = {
  readonly execution: string;
  readonly released: readonly string[];
  readonly unfenced: string | null;
  /** Why something stays fenced as the execution left it; empty where nothing does. */
  readonly stays: string;
  /** What else it has changed, and nobody undoes: a line each. */
  readonly left: readonly string[];
};

/**
 * Stops an execution, undoes its fences, and gives its lock back. Where a replica was promoted, its source stays fenced:
 * two databases would take writes. Safe to repeat, and to be repeated where the region did not answer.
 * @throws InvalidInput, CannotProceed, LockHeld, and Unavailable, with the lock still held.
 */
export async function abort(executionArn: string, by: string, shell: Shell): Promise<Aborted> {
  const { region: home, name } = partsOf(executionArn);
  const { store, plan, now, log } = shell;
  await stopExecution(home, executionArn, `${by} aborted it`);
  for (const open of await store.listOpenRequests()) {
    if (open.execution === name) await store.settleRequest(open.id, 'void', now());
  }
  let unfenced: string | null = null;
  let stays = '';
  const released: string[] = [];
  const left: string[] = [];
  for (const region of Object.keys(plan.regions)) {
    await store.releaseLock(degradationLock(region), name);
    const standing = await store.readStanding(region);
    const { lock } = standing;
    if (lock === null || (lock.execution !== name && lock.execution !== holderOf(name))) continue;
    await mark('aborted', { id: lock.incident, execution: name }, shell);
    const held = await takeOver(lock, name, shell);
    const undone = await undoFences(region, lock.incident, name, by, shell);
    unfenced = undone.unfenced ?? unfenced;
    stays = undone.stays;
    const past = (await store.readAudit(lock.incident)).filter((call) => call.execution === name);
    left.push(...leftBehind(past, standing, lock.action === 'request-approval' && standing.primary !== region));
    await store.releaseLock(held.target, held.execution);
    await closeManual({ id: lock.incident }, shell);
    released.push(held.target);
  }
  log.warn('aborted', { execution: name, by, released, unfenced, stays, left });
  return { execution: name, released, unfenced, stays, left };
}

/** A step that was stopped half way may still be running: without the lock it cannot make its next call. */
async function takeOver(lock: Lock, name: string, { store, now }: Shell): Promise<Lock> {
  const own = { ...lock, execution: holderOf(name), at: now() };
  await store.releaseLock(lock.target, name);
  if (await store.takeLock(own)) return own;
  throw new LockHeld(`another execution took ${lock.target} meanwhile: nothing is undone`);
}

function holderOf(name: string): string {
  return `${name}/abort`;
}

/** @throws InvalidInput where it is no ARN of an execution. */
function partsOf(executionArn: string): { readonly region: string; readonly name: string } {
  const [arn, , service, region, , resource, , name] = executionArn.split(':');
  if (arn !== 'arn' || service !== 'states' || resource !== 'execution' || !region || !name)
    throw new InvalidInput(`execution: is ${executionArn}, expected the ARN of an execution`);
  return { region, name };
}
