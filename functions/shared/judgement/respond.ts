// Responds to what is known about a region: judges it, then starts or pages what the decision asks for, exactly once.
import { startExecution } from '../../aws/flows/executions.ts';
import { sendDelayed } from '../../aws/queue.ts';
import { coolsUntil, noticeTarget } from '../../domain/decision/decide.ts';
import { isManual, isWithdrawn, withdraw } from '../../domain/decision/incident.ts';
import type { KeptOut } from '../../domain/decision/kept-out.ts';
import { dutyOf, isForgotten, isStale, speaksAt, tellsEnd } from '../../domain/decision/responsibility.ts';
import { embedded, figuresOfDecision } from '../../domain/figures.ts';
import { flowOf, machineName, stageOf } from '../../domain/flows.ts';
import { provedServedAt } from '../../domain/record/where.ts';
import { ownersOf } from '../../domain/signals/unready.ts';
import type { Classification, Incident, RecordedDecision, Standing } from '../../domain/types.ts';
import {
  decisionMessage,
  keepsLockMessage,
  keptOutMessage,
  notStartedMessage,
  stillFailingMessage,
} from '../../domain/words/decision-words.ts';
import { besidePlanMessage } from '../../domain/words/degradation-words.ts';
import { isOfDrill } from '../drills/drill.ts';
import { tell, tellAll, usersSeen } from '../messages/tell.ts';
import { doneBy, leftBehindIn } from '../recovery/done.ts';
import type { Shell } from '../shell.ts';
import { judge } from './judge.ts';

/** SQS delays a message by at most this long. */
const longestDelaySeconds = 900;

/**
 * Lambda stops a function that has begun itself some 16 times through a queue, and with it every event of its batch [Lambda, "Use Lambda
 * recursive loop detection to prevent infinite loops"]. So long a chain of looks ends before: the next sweep, a minute later at most, begins a new one.
 */
const longestChain = 10;

/** What a look-again message on the signals queue holds. `chain`: how many looks asked for one another, itself counted. */
export type LookAgain = { readonly lookAgain: string; readonly chain: number };

/**
 * Judges a region and carries out its incident's last decision. Safe with many copies at once and after a crash at any
 * point: what was done is marked only afterwards, and an execution's name and input are the same each time. `chain`: of the look that it is.
 */
export async function respond(region: string, shell: Shell, chain = 0): Promise<void> {
  const judgement = await judge(region, shell.store, shell.plan, shell.now());
  const { classification, incident, closed, decision, lookAgainAt, keptOut } = judgement;
  if (decision !== null) {
    const { level: decidedLevel, ...rest } = decision; // the logger has a field `level` of its own
    const figures = embedded(shell.prefix, shell.now(), figuresOfDecision(decision, incident));
    shell.log.info('decided', { incident: incident?.id, decidedLevel, ...rest, ...figures });
  }
  const last = incident?.decisions.at(-1);
  if (incident !== null && last !== undefined) {
    for (const one of dueIn(incident, last)) await carryOut(incident, one, shell);
  }
  const end = closed?.decisions.at(-1);
  if (closed !== null && end !== undefined && tellsEnd(closed, shell.region, shell.now()))
    await carryOut(closed, end, shell).finally(() => tellKeepsLock(closed, shell));
  if (incident !== null && keptOut !== null) await tellKeptOut(incident, keptOut, classification, shell);
  if (incident !== null && incident.closedAt === null) await breakSilence(incident, classification, shell);
  if (incident?.planned !== undefined && incident.closedAt === null) await tellBeside(incident, classification, shell);
  if (lookAgainAt !== null && chain < longestChain) await scheduleLook(region, lookAgainAt, chain + 1, shell);
}

/** Once for each time that users have left a zone: why they stay out of it although all is well, until when, and how to end that. */
async function tellKeptOut(
  incident: Incident,
  kept: KeptOut,
  { wellSince }: Pick<Classification, 'wellSince'>,
  shell: Shell,
): Promise<void> {
  const { plan, region, now } = shell;
  const dueAt = (wellSince ?? now()) + plan.evidence.recoverySeconds * 1000;
  if (!speaksAt(dueAt, incident, region, now())) return;
  const last = incident.decisions.at(-1);
  const id = `${incident.id}/${last?.attempt ?? 0}/kept-out/${kept.zone}`;
  const message = async () => keptOutMessage(incident, kept, { drill: await isOfDrill(incident, shell), now: now() });
  // Who could not be told is told at the next look; nothing else waits for that.
  await tellAll(id, plan.notifications.level2, message, shell).catch((error: unknown) =>
    shell.log.error('not told that users stay out of a zone', { incident: incident.id, error: String(error) }),
  );
}

/** Once: a flow that waits for a person holds its region also when its incident is over, and nobody is reminded of one whose users are served. */
async function tellKeepsLock(closed: Incident, shell: Shell): Promise<void> {
  const { store, now, log } = shell;
  try {
    const { lock } = await store.readStanding(closed.region);
    if (lock?.incident !== closed.id) return;
    const holding = await doneBy(lock, shell);
    // Of what was promoted the fence watch has people choose; that a flow does not go on, or has just stopped, its own message says.
    if (holding.pausedAt === null || holding.takesOver === true || holding.ends === true) return;
    if (holding.pausedAt >= (closed.closedAt ?? 0)) return;
    const stage = stageOf(shell.prefix);
    const message = async () =>
      keepsLockMessage(closed, holding, { now: now(), stage, drill: await isOfDrill(closed, shell) });
    await tellAll(`${closed.id}/keeps-lock`, rolesFor(closed, { level: 0 }, shell), message, shell);
  } catch (error) {
    // Who could not be told is told at the next look.
    log.error('not told that a paused flow keeps its lock', { incident: closed.id, error: String(error) });
  }
}

/** Once for each level that fails beside what a person planned, while nobody has approved that: a loss is decided about, and what a plan that goes on does fails users. */
async function tellBeside(incident: Incident, found: Classification, shell: Shell): Promise<void> {
  const { store, plan, region, now, log } = shell;
  const isLoss = found.level === 0 || found.level === 2 || found.level === 3;
  if (isLoss || found.rising !== null || incident.decisions.length > 0) return;
  if (!speaksAt(found.since ?? now(), incident, region, now())) return;
  const { lock } = await store.readStanding(incident.region);
  if (lock?.incident !== incident.id || !(await doneBy(lock, shell)).asks) return;
  const { execution } = lock;
  const id = `${incident.id}/beside/${found.level}`;
  const told = async () =>
    besidePlanMessage(incident, found, {
      execution,
      stage: stageOf(shell.prefix),
      drill: await isOfDrill(incident, shell),
      isAsked: await wasAskedAbout(incident, execution, shell),
    });
  // Who could not be told is told at the next look; nothing else waits for that.
  await tellAll(id, plan.notifications.level3, told, shell).catch((error: unknown) =>
    log.error('not told what fails beside a plan', { incident: incident.id, error: String(error) }),
  );
}

/** Whether people were asked about what the flow of a plan wants, also where they have answered. */
async function wasAskedAbout({ id }: Incident, execution: string, { store }: Shell): Promise<boolean> {
  const steps = await store.readSteps(id);
  return steps.some((one) => one.execution === execution && one.step === 'request-approval');
}

/** The last decision; and the zone that is left, where something was said since that goes beyond it. What was taken back is due no more. */
function dueIn(incident: Incident, last: RecordedDecision): readonly RecordedDecision[] {
  if (incident.level !== 2 || last.level !== 'unknown') return [last];
  const left = incident.decisions.findLast(({ execution }) => execution !== null);
  return left?.execution == null || isWithdrawn(incident, left.execution) ? [last] : [left, last];
}

async function carryOut(incident: Incident, decision: RecordedDecision, shell: Shell): Promise<void> {
  const { store, region, now } = shell;
  const owed = dutyOf(incident, decision, region, now());
  const duty = owed === 'nothing' && (await endsUntold(incident, shell)) ? 'tell' : owed;
  if (duty === 'nothing') return;
  const started = `started:${decision.execution}`;
  if (duty === 'tell') {
    // Who could not be told is told at the next look: beyond people's patience nothing else waits for that.
    const standing = await store.readStanding(incident.region);
    const { frozen, lock } = standing;
    const cools = coolsUntil(decision, standing, shell.plan);
    const known = {
      now: now(),
      frozen,
      lock,
      working: moves(lock) ? await doneBy(lock, shell) : null,
      coolsUntil: cools,
      stage: stageOf(shell.prefix),
      primary: standing.primary,
    };
    const message = decisionMessage(incident, decision, known);
    const occasion = { id: `${incident.id}/${decision.attempt}`, message, of: null, swept: true };
    const mayRepeat = now() - decision.at < shell.plan.notifications.patienceSeconds * 1000;
    await tell(occasion, rolesFor(incident, decision, shell), shell, { mayRepeat });
  } else if (!(await store.wasSent(started))) {
    // A start that timed out may have been one: the flow's own record says so.
    if ((duty === 'tell-not-started' || isStale(decision, now())) && (await hasBegun(incident, decision, shell)))
      return noteStarted(decision, shell);
    if (duty === 'tell-not-started') return tellNotStarted(incident, decision, shell);
    if (isStale(decision, now())) {
      // The world has moved on: it is decided about afresh at the next look, which may come before the other stack's. Who cannot tell leaves that to it.
      try {
        await tellNotStarted(incident, decision, shell);
      } catch (error) {
        shell.log.error('not told that a flow has not started', { incident: incident.id, error: String(error) });
        if (!isForgotten(decision, now())) return;
      }
      await store.writeIncident(withdraw(incident, decision, now()));
      return;
    }
    await start(incident, decision, shell);
    await noteStarted(decision, shell);
  }
}

async function noteStarted(decision: RecordedDecision, { store, now }: Shell): Promise<void> {
  if (decision.action === 'notify') await store.recordAction('notify', noticeTarget(decision), now());
  await store.markSent(`started:${decision.execution}`, now());
}

/** Whether the flow that was decided holds its lock, or has kept anything: nobody has to have heard that it was started. */
async function hasBegun({ id, region }: Incident, { execution }: RecordedDecision, { store }: Shell): Promise<boolean> {
  const [{ lock, degradation }, steps] = await Promise.all([store.readStanding(region), store.readSteps(id)]);
  return [lock, degradation, ...steps].some((one) => one?.execution === execution);
}

/** Once, whichever stack says it. */
async function tellNotStarted(incident: Incident, decision: RecordedDecision, shell: Shell): Promise<void> {
  const { primary } = await shell.store.readStanding(incident.region);
  const message = notStartedMessage(incident, decision, { stage: stageOf(shell.prefix), primary });
  const id = `started:${decision.execution}/missing`;
  await tell({ id, message, of: null, swept: true }, shell.plan.notifications.failure, shell);
}

/** A flow tells the end of its incident; where the last one that was decided never started, which people were told, nobody does. */
async function endsUntold({ decisions, closedAt }: Incident, { store }: Shell): Promise<boolean> {
  const last = decisions.findLast(({ execution }) => execution !== null);
  return closedAt !== null && last !== undefined && !(await store.wasSent(`started:${last.execution}`));
}

/**
 * Every so often after the last decision, which was told, or after a person started a flow, people hear that users still fail: a hold, a freeze, a flow that waits
 * or is stopped are no reason to be silent.
 */
async function breakSilence(
  incident: Incident,
  { reason, since, users }: Pick<Classification, 'reason' | 'since' | 'users'>,
  shell: Shell,
): Promise<void> {
  const { plan, region, now, log } = shell;
  const usersFail = users === 'fail';
  if (!usersFail && !(await isRestoring(incident, shell))) return;
  const last = incident.decisions.findLast(({ action }) => action !== 'none') ?? startedByHand(incident);
  if (last === null) return;
  const everyMs = plan.notifications.silentSeconds * 1000;
  const times = Math.floor((now() - last.at) / everyMs);
  // Users who fail again long after that: the stack outside of the region has its time, as always.
  const dueAt = Math.max(last.at + times * everyMs, since ?? 0);
  if (times < 1 || !speaksAt(dueAt, incident, region, now())) return;
  const id = `${incident.id}/${last.attempt}/still-failing/${times}`;
  // Copies of one stack that look at the same moment say it once; the other stack's channels may be those that work. Where the one that speaks breaks off, the next minute's look speaks; unmarked, each does.
  const minute = Math.floor((now() - dueAt) / 60_000);
  if (!(await shell.store.markSent(`speaking:${id}/${region}/${minute}`, now()).catch(() => true))) return;
  const message = async () => {
    const { lock, frozen } = await shell.store.readStanding(incident.region);
    // The flow may run where nobody answers any more: then this is all that people hear of what is half done.
    const holding = lock === null ? null : await doneBy(lock, shell);
    const proved = provedServedAt(await shell.store.readSteps(incident.id));
    // What a flow had proved lasted as long as observers saw it: what failed in between by itself did not fail users.
    const seen = proved === null ? null : await usersSeen(shell).catch(() => null);
    const servedAt = proved === null ? null : Math.max(proved, seen?.servedAt ?? proved);
    const failing = { reason, since, usersFail, servedAt };
    return stillFailingMessage(incident, failing, holding, {
      now: now(),
      silentSeconds: plan.notifications.silentSeconds,
      stage: stageOf(shell.prefix),
      frozen,
      left: lock === null ? await leftBehindIn(incident.region, shell) : [],
    });
  };
  // Who could not be told is told at the next look; nothing else waits for that.
  await tellAll(id, rolesFor(incident, last, shell), message, shell).catch((error: unknown) =>
    log.error('not told that users still fail', { incident: incident.id, error: String(error) }),
  );
}

/** Whether a lock is that of a flow that is about a whole region. */
function moves(lock: Standing['lock']): lock is NonNullable<Standing['lock']> {
  return lock?.action === 'request-approval';
}

/** Whether the flow that holds a region restores something: people hear of that, also where users are served meanwhile. */
async function isRestoring({ region }: Incident, shell: Shell): Promise<boolean> {
  const { lock } = await shell.store.readStanding(region);
  return moves(lock) && (await doneBy(lock, shell)).restores.length > 0;
}

/** What a person decided, who started a flow. */
function startedByHand(incident: Incident): Pick<RecordedDecision, 'at' | 'attempt' | 'level'> | null {
  return isManual(incident) ? { at: incident.openedAt, attempt: 0, level: incident.level } : null;
}

async function start(
  incident: Incident,
  decision: RecordedDecision,
  { region, account, prefix, log }: Shell,
): Promise<void> {
  const { action, execution, scope } = decision;
  if (execution === null || action === 'none' || action === 'hold') return;
  const flow = flowOf[action];
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${machineName(flow, prefix)}`;
  const target = flow === 'az-failover' ? { region: scope.region, zone: scope.zone } : { region: scope.region };
  // The same bytes each time: only what the record holds.
  const input = JSON.stringify({
    incidentId: incident.id,
    target,
    reason: decision.reason,
    requestedBy: 'classify',
    attempt: decision.attempt,
    ...(flow === 'region-failover' ? { mode: 'failover' } : {}),
  });
  await startExecution(region, arn, execution, input);
  log.info('started', { incident: incident.id, execution });
}

/** The end is told to those who were told of the incident, and what is not ready to whom it belongs. */
function rolesFor(incident: Incident, decision: Pick<RecordedDecision, 'level'>, { plan }: Shell): readonly string[] {
  const level = decision.level === 0 ? incident.level : decision.level;
  const told = level === 'unknown' ? plan.notifications.unknown : plan.notifications[`level${level === 0 ? 1 : level}`];
  return [
    ...new Set([
      ...told,
      ...ownersOf(
        incident.decisions.flatMap(({ causes }) => causes),
        plan,
      ),
    ]),
  ];
}

/** Asks to be called again when time alone can change the classification. */
async function scheduleLook(region: string, at: number, chain: number, shell: Shell): Promise<void> {
  // Asked for again every quarter of an hour until it is near enough to be the last.
  const id = `look:${shell.region}:${region}:${at}:${Math.floor(shell.now() / (longestDelaySeconds * 1000))}`;
  if (await shell.store.wasSent(id)) return;
  const delaySeconds = Math.min(longestDelaySeconds, Math.max(0, Math.ceil((at - shell.now()) / 1000)));
  const message: LookAgain = { lookAgain: region, chain };
  const { account, prefix } = shell;
  await sendDelayed(
    { region: shell.region, account, name: `${prefix}-signals` },
    JSON.stringify(message),
    delaySeconds,
  );
  await shell.store.markSent(id, shell.now());
}
