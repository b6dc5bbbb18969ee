// A plan that nobody has approved yet gives way to a zone or region that fails beside it: its request is void, and its flow ends.
import { flowOfManual, givesWay, heldAt } from '../../domain/decision/incident.ts';
import { flowMessage } from '../../domain/flow-words/flow-message.ts';
import { stageOf } from '../../domain/flows.ts';
import type { SettledRequest } from '../../domain/record/store.ts';
import type { ApprovalRequest, Incident, Lock, Mode } from '../../domain/types.ts';
import { evidenceWords } from '../../domain/words/decision-words.ts';
import { isAboutGoingOn } from '../../domain/words/region-words.ts';
import { runsIn } from '../estate.ts';
import { regionFlowIn } from '../executions.ts';
import { classified } from '../judgement/judge.ts';
import { tellAll } from '../messages/tell.ts';
import { callsOf } from '../recovery/act.ts';
import { firstLookAt } from '../recovery/fresh.ts';
import { flowHeldFor } from '../recovery/locks.ts';
import { closeManual } from '../recovery/manual.ts';
import { noteGivenBack, wasGivenBack } from '../recovery/waivers.ts';
import type { Shell } from '../shell.ts';
import { deliver } from './approve.ts';

/** Makes the request void, and tells its flow; false where it does not give way. @throws Unavailable, CannotProceed. */
export async function giveWay(request: ApprovalRequest, shell: Shell): Promise<boolean> {
  const { store, now, log } = shell;
  const { id, incident, execution, mode } = request;
  if (mode === 'failover' || isAboutGoingOn(request)) return false;
  try {
    const record = await store.readIncident(incident);
    if (record === null || record.closedAt !== null || !(await mustGiveWay(record, execution, shell))) return false;
  } catch (error) {
    // What cannot be read of it keeps nobody from being asked.
    log.error('not known whether a plan gives way', { request: id, error: String(error) });
    return false;
  }
  // Somebody may have answered a moment before: that stands.
  await deliver(request, await store.settleRequest(id, 'void', now()), shell);
  return true;
}

/**
 * Gives a region back for the flow of an open plan that must give way and runs in another region that does not answer, or does not let it: it cannot
 * hear that, nor be rejected, expire or be aborted, and may not even have asked. Without its lock it asks nobody and changes nothing, and it takes none
 * again when its region is back. Looked at again with every sweep. @throws Unavailable, CannotProceed.
 */
export async function giveBack(incident: Incident, shell: Shell): Promise<void> {
  const { store, plan, region, now } = shell;
  const { id, region: target, planned: mode, doneAt } = incident;
  const { lock } = await store.readStanding(target);
  if (lock !== null && (lock.incident !== id || mode === undefined)) return giveBackIdle(incident, lock, shell);
  const runs = mode === undefined ? null : runsIn({ target, mode }, plan);
  if (runs === null || runs === region || (lock === null && doneAt !== undefined)) return;
  const execution = lock === null ? flowOfManual(id) : flowHeldFor(lock);
  if (!(await mustGiveWay(incident, execution, shell))) return;
  if (lock !== null) {
    const isPatient = now() - (heldAt(incident) ?? 0) < plan.notifications.patienceSeconds * 1000;
    const isApproved = (await settledOf(execution, shell)).some(({ outcome }) => outcome === 'approved');
    if (isPatient && isApproved) return;
    // Where it answers, the stack that is there has its time to tell the flow, and what people have approved looks again by itself.
    if ((isPatient || isApproved) && (await regionFlowIn(runs, execution, shell)) !== 'dark') return;
    // The last approval may have come at this moment: that stands, and is looked at again like any other.
    for (const open of await store.listOpenRequests())
      if (open.execution === execution && (await store.settleRequest(open.id, 'void', now())) !== 'void') return;
    if (!(await end(lock, shell))) return;
  }
  await closeManual({ id }, shell);
  if (!(await wasGivenBack(execution, shell))) return;
  const last = (await settledOf(execution, shell)).at(-1) ?? null;
  await tellGivenBack(last, incident, execution, 'now', shell).catch((error: unknown) =>
    shell.log.error('not told that a plan gave way', { execution, error: String(error) }),
  );
}

/**
 * A region flow that has called nothing keeps nothing waiting for longer than people's patience: where it has not even opened its incident, or nobody
 * can approve it any more, and its region does not answer; nor where it has ended with its incident, and could not give its lock back.
 */
async function giveBackIdle({ decisions }: Incident, lock: Lock, shell: Shell): Promise<void> {
  const { store, plan, now } = shell;
  const held = decisions.findLast(({ hold }) => hold === 'another-execution-active');
  if (held === undefined || lock.action !== 'request-approval') return;
  if (now() - Math.max(held.at, lock.at) < plan.notifications.patienceSeconds * 1000) return;
  const execution = flowHeldFor(lock);
  const [own, steps, calls, asked] = await Promise.all([
    store.readIncident(lock.incident),
    store.readSteps(lock.incident),
    callsOf({ id: lock.incident, execution }, shell),
    askedBy(execution, shell),
  ]);
  if (calls.length > 0) return;
  const isOver = own !== null && own.closedAt !== null;
  const isUnopened = own === null && steps.length === 0;
  if (!isOver && !isUnopened && !asked.isInVain) return;
  // Of one that has not even opened its incident nobody knows what it wants: what is restored where it stands runs in a region that fails.
  const mode = own?.planned ?? asked.mode ?? (isUnopened ? 'switchover' : null);
  const runs = mode === null ? null : runsIn({ target: lock.target, mode }, plan);
  if (runs !== null && (await regionFlowIn(runs, execution, shell)) === (isOver ? 'ended' : 'dark'))
    await end(lock, shell);
}

/** What people were asked for an execution, and whether they were, and nobody can approve it any more. */
async function askedBy(execution: string, shell: Shell): Promise<{ mode: Mode | undefined; isInVain: boolean }> {
  const { store, now } = shell;
  const settled = await settledOf(execution, shell);
  const open = (await store.listOpenRequests()).filter((request) => request.execution === execution);
  const all = [...settled.map(({ request }) => request), ...open];
  const mayBe =
    settled.some(({ outcome }) => outcome === 'approved') || open.some(({ expiresAt }) => now() < expiresAt);
  return { mode: all[0]?.mode, isInVain: all.length > 0 && !mayBe };
}

/**
 * Noted before the lock is free: a start that is tried again when its region is back finds that its flow is over. False where the flow has called something
 * meanwhile, as a region that does not answer here may go on by itself.
 */
async function end(lock: Lock, shell: Shell): Promise<boolean> {
  const execution = flowHeldFor(lock);
  if ((await callsOf({ id: lock.incident, execution }, shell)).length > 0) return false;
  shell.log.warn('gives a region back whose flow does not answer', { execution, region: lock.target });
  await noteGivenBack(execution, shell);
  await shell.store.releaseLock(lock.target, lock.execution);
  return true;
}

/** Tells whoever could not be told when it was given back, until its request has expired. @throws the first failure, after all were tried. */
export async function tellAgain(settled: SettledRequest, shell: Shell): Promise<void> {
  const { store, plan, region, now } = shell;
  const { request } = settled;
  const { mode, execution, incident, expiresAt } = request;
  if (mode === 'failover' || now() >= expiresAt || runsIn(request, plan) === region) return;
  if (!(await wasGivenBack(execution, shell))) return;
  // Noted before the lock was free: until it is, no other flow can act. What an abort holds, that gives back.
  const { lock } = await store.readStanding(request.target);
  if (lock !== null && lock.execution !== execution && flowHeldFor(lock) === execution) return;
  if (lock?.execution === execution) await store.releaseLock(lock.target, execution);
  const record = await store.readIncident(incident);
  if (record !== null) await tellGivenBack(settled, record, execution, 'before', shell);
}

async function settledOf(execution: string, { store }: Shell): Promise<SettledRequest[]> {
  return (await store.listSettledRequests(0)).filter(({ request }) => request.execution === execution);
}

/** As its flow would: what that says later, it says to whoever has not heard it. `settled`: null where nobody was asked yet. */
async function tellGivenBack(
  settled: SettledRequest | null,
  { id, region, planned: mode, openedAt: since, decisions }: Incident,
  execution: string,
  overtaken: 'now' | 'before',
  shell: Shell,
): Promise<void> {
  const { plan, prefix, now } = shell;
  const {
    requestedBy = 'a person',
    drill: asksOnly = false,
    drillMoves = false,
    shown = null,
  } = settled?.request ?? {};
  const drill = asksOnly || drillMoves;
  const facts = { overtaken, answer: settled?.outcome ?? 'not-asked' };
  const flow = { ...{ id, execution, region, mode, requestedBy, since, drill }, flow: 'region-failover' } as const;
  const reason = shown === null ? 'its input says why' : String(shown['reason']);
  const evidence = evidenceWords(decisions.at(-1) ?? { evidence: [] }, { incident: id, stage: stageOf(prefix) });
  const told = { ...flow, zone: null, dryRun: false, reason };
  const message = flowMessage('not-approved', told, facts, evidence, { now: now() });
  const { notifications, approval } = plan;
  const roles = [...new Set([...notifications.level3, ...approval.roles, ...approval.escalation])];
  await tellAll(`${execution}/not-approved`, roles, message, shell);
}

/** What was approved and has begun goes on, and what has recovered since takes nothing away. */
async function mustGiveWay(incident: Incident, execution: string, { store, plan, now }: Shell): Promise<boolean> {
  if (!givesWay(incident)) return false;
  const { id, region, planned } = incident;
  const own = (await store.readSteps(id)).filter((step) => step.execution === execution);
  if (firstLookAt(own) !== null && (await callsOf({ id, execution }, { store })).length > 0) return false;
  const [signals, standing] = await Promise.all([store.readSignals(region, 0), store.readStanding(region)]);
  const { level } = await classified(region, signals, standing, store, plan, now());
  return level === 3 || (level === 2 && planned === 'switchover');
}
