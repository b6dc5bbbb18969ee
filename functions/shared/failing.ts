// Keeps what a flow tries in vain, and tells people of it: trying again for minutes is no reason to be silent.
import { failingMessage, wayFailedMessage } from '../domain/flow-words.ts';
import { failingIn, failingMark, untoldIn, wayFailedIn } from '../domain/reaching.ts';
import { speaksAt } from '../domain/responsibility.ts';
import type { StepRecord } from '../domain/store.ts';
import type { Incident } from '../domain/types.ts';
import { lateMessage, type Message } from '../domain/words.ts';
import type { FlowIncident } from './flow.ts';
import { incidentsAtWork } from './locks.ts';
import { page, tell } from './page.ts';
import type { Shell } from './shell.ts';

/** Keeps that a step fails and is tried again, the first time. `step`: as the record names it, such as unfence/database. */
export async function noteFailing(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  step: string,
  why: string,
  { store, now }: Pick<Shell, 'store' | 'now'>,
): Promise<void> {
  const mark = failingMark(step);
  const isKnown = (await store.readSteps(id)).some((past) => past.execution === execution && past.step === mark);
  if (!isKnown) await store.recordStep({ incident: id, execution, step: mark, at: now(), outcome: { why } });
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
  const tellOnce = ({ execution, step }: StepRecord, dueAt: number, message: Message) => {
    const occasion = { id: `${execution}/${step}`, message, of: { id: incident.id, execution } };
    const told = tell(occasion, plan.notifications.failure, shell, { mayRepeat: now() - dueAt < patienceMs });
    return attempt(told, execution);
  };
  for (const mark of steps) {
    const { execution, at, step, outcome } = mark;
    const missed = untoldIn(mark);
    if (missed !== null && speaks(at))
      await attempt(page(missed.id, missed.roles, lateMessage(missed, at), shell), execution);
    const failed = wayFailedIn(step);
    if (failed !== null && speaks(at)) await tellOnce(mark, at, wayFailedMessage(failed, mark));
    const failing = failingIn(step);
    const isReached = steps.some((past) => past.execution === execution && failingMark(past.step) === step);
    if (failing === null || isReached || !speaks(at + patienceMs)) continue;
    const message = failingMessage(failing, { incident: incident.id, execution, at, why: String(outcome['why']) });
    await tellOnce(mark, at + patienceMs, message);
  }
}
