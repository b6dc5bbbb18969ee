// Keeps what a flow tries in vain, and tells people of it: trying again for minutes is no reason to be silent.
import { speaksAt } from '../../domain/decision/responsibility.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import { failingIn, failingMark, untoldIn, wayFailedIn } from '../../domain/recovery/reaching.ts';
import type { Incident } from '../../domain/types.ts';
import { failingMessage, wayFailedMessage } from '../../domain/words/flow-words.ts';
import { lateMessage, type Message } from '../../domain/words/words.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import { incidentsAtWork } from '../recovery/locks.ts';
import type { Shell } from '../shell.ts';
import { tell, tellAll } from './tell.ts';

/** Keeps that a step fails and is tried again, once for each time that it begins to. `step`: as the record names it, such as unfence/database. */
export async function noteFailing(
  incident: Pick<FlowIncident, 'id' | 'execution'>,
  step: string,
  why: string,
  shell: Pick<Shell, 'store' | 'now'>,
): Promise<void> {
  if (!(await isFailing(incident, step, shell))) await keep(incident, failingMark(step), { why }, shell);
}

/** Keeps that a step that is looked after for as long as a flow lasts does not fail any more, where it did. */
export async function noteMended(
  incident: Pick<FlowIncident, 'id' | 'execution'>,
  step: string,
  shell: Pick<Shell, 'store' | 'now'>,
): Promise<void> {
  if (await isFailing(incident, step, shell)) await keep(incident, step, {}, shell);
}

async function isFailing(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  step: string,
  { store }: Pick<Shell, 'store'>,
): Promise<boolean> {
  const steps = await store.readSteps(id);
  const last = steps.findLast((past) => past.execution === execution && past.step === failingMark(step));
  return last !== undefined && !isReached(last, steps);
}

/** Whether what was tried again was reached since. What was kept before its first failure says nothing. */
function isReached({ execution, step: mark, at }: StepRecord, steps: readonly StepRecord[]): boolean {
  return steps.some((past) => past.execution === execution && failingMark(past.step) === mark && past.at >= at);
}

async function keep(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  step: string,
  outcome: StepRecord['outcome'],
  { store, now }: Pick<Shell, 'store' | 'now'>,
): Promise<void> {
  await store.recordStep({ incident: id, execution, step, at: now(), outcome });
}

/**
 * Each step of the incidents at work that has failed for longer than the plan's patience, and each way that failed, once; and what
 * somebody could not be told at the time, as soon as their channel works.
 */
export async function tellFailing(region: string, shell: Shell): Promise<void> {
  for (const incident of await incidentsAtWork(region, shell)) await tellOf(incident, shell);
}

async function tellOf(incident: Incident, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  const steps = await store.readSteps(incident.id);
  const speaks = (dueAt: number) => now() >= dueAt && speaksAt(dueAt, incident, shell.region, now());
  // Who could not be told is told at the next look; nothing else waits for that.
  const attempt = (run: Promise<unknown>, execution: string) =>
    run.catch((error: unknown) => log.error('not told', { incident: incident.id, execution, error: String(error) }));
  const patienceMs = plan.notifications.patienceSeconds * 1000;
  const tellOnce = ({ execution }: StepRecord, id: string, dueAt: number, message: Message) => {
    const occasion = { id, message, of: { id: incident.id, execution } };
    const told = tell(occasion, plan.notifications.failure, shell, { mayRepeat: now() - dueAt < patienceMs });
    return attempt(told, execution);
  };
  for (const mark of steps) {
    const { execution, at, step, outcome } = mark;
    const missed = untoldIn(mark);
    if (missed !== null && speaks(at))
      await attempt(tellAll(missed.id, missed.roles, lateMessage(missed, at), shell), execution);
    const failed = wayFailedIn(step);
    if (failed !== null && speaks(at)) await tellOnce(mark, `${execution}/${step}`, at, wayFailedMessage(failed, mark));
    const failing = failingIn(step);
    if (failing === null || isReached(mark, steps) || !speaks(at + patienceMs)) continue;
    const message = failingMessage(failing, { incident: incident.id, execution, at, why: String(outcome['why']) });
    await tellOnce(mark, `${execution}/${step}/${at}`, at + patienceMs, message);
  }
}
