// Tells people of what a flow tries in vain: trying again for minutes is no reason to be silent.
import { zoneOfFlow } from '../../domain/decision/incident.ts';
import { speaksAt } from '../../domain/decision/responsibility.ts';
import { failingMessage, wayFailedMessage } from '../../domain/flow-words/steps.ts';
import { stageOf } from '../../domain/flows.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import { failingOnIn, isMended, untoldIn, wayFailedIn } from '../../domain/recovery/reaching.ts';
import type { Incident } from '../../domain/types.ts';
import { lateMessage, type Message } from '../../domain/words/words.ts';
import { drillLock } from '../drills/drill.ts';
import type { Shell } from '../shell.ts';
import { tell, tellAll } from './tell.ts';

/**
 * Each step of the incidents at work that has failed for longer than the plan's patience, and each way that failed, once; and what
 * somebody could not be told at the time, as soon as their channel works.
 */
export async function tellFailing(atWork: readonly Incident[], shell: Shell): Promise<void> {
  for (const incident of atWork) {
    const speaks = (dueAt: number) => speaksAt(dueAt, incident, shell.region, shell.now());
    const { id, decisions } = incident;
    const reasonOf = (execution: string) => decisions.findLast((one) => one.execution === execution)?.reason ?? null;
    const zoneOf = (execution: string) => zoneOfFlow(incident, execution);
    await tellOf({ id, drill: false, zoneOf, reasonOf, speaks }, shell);
  }
}

/** The same of a drill that runs in this stack: its steps are kept by its execution. */
export async function tellFailingDrill(shell: Shell): Promise<void> {
  const { lock } = await shell.store.readStanding(drillLock);
  const drill = lock === null ? null : await shell.store.readDrill(lock.execution);
  if (drill?.region === shell.region)
    await tellOf(
      { id: drill.execution, drill: true, zoneOf: () => null, reasonOf: () => null, speaks: () => true },
      shell,
    );
}

type Of = {
  readonly id: string;
  readonly drill: boolean;
  zoneOf(execution: string): string | null;
  /** Why a flow was started; null where that is not known. */
  reasonOf(execution: string): string | null;
  speaks(dueAt: number): boolean;
};

async function tellOf({ id: incident, drill, zoneOf, reasonOf, speaks: speaksNow }: Of, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  const steps = await store.readSteps(incident);
  const speaks = (dueAt: number) => now() >= dueAt && speaksNow(dueAt);
  // Who could not be told is told at the next look; nothing else waits for that.
  const attempt = (run: Promise<unknown>, execution: string) =>
    run.catch((error: unknown) => log.error('not told', { incident, execution, error: String(error) }));
  const patienceMs = plan.notifications.patienceSeconds * 1000;
  const tellOnce = ({ execution }: StepRecord, id: string, dueAt: number, message: Message) => {
    const occasion = { id, message, of: { id: incident, execution } };
    const told = tell(occasion, plan.notifications.failure, shell, { mayRepeat: now() - dueAt < patienceMs });
    return attempt(told, execution);
  };
  for (const mark of steps) {
    const { execution, at, step, outcome } = mark;
    const missed = untoldIn(mark);
    if (missed !== null && speaks(at))
      await attempt(tellAll(missed.id, missed.roles, lateMessage(missed, at), shell), execution);
    const failed = wayFailedIn(step);
    if (failed !== null && speaks(at))
      await tellOnce(mark, `${execution}/${step}`, at, wayFailedMessage(failed, mark, reasonOf(execution)));
    const failing = failingOnIn(step);
    if (failing === null || isMended(mark, steps) || !speaks(at)) continue;
    const since = typeof outcome['since'] === 'number' ? outcome['since'] : at;
    const told = {
      incident,
      execution,
      drill,
      zone: zoneOf(execution),
      reason: reasonOf(execution),
      at: since,
      why: String(outcome['why']),
      stage: stageOf(shell.prefix),
      hasTakenOver: steps.some(
        (past) =>
          past.execution === execution && past.step.startsWith('take-over/') && past.outcome['skipped'] !== true,
      ),
    };
    await tellOnce(mark, `${execution}/${step}/${since}`, at, failingMessage(failing, told));
  }
}
