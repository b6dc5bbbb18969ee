// Keeps what a flow tries in vain, and tells people of it: trying again for minutes is no reason to be silent.
import { failingMessage, wayFailedMessage } from '../domain/flow-words.ts';
import { failingIn, failingMark, wayFailedIn } from '../domain/reaching.ts';
import { speaksAt } from '../domain/responsibility.ts';
import type { Incident } from '../domain/types.ts';
import type { FlowIncident } from './flow.ts';
import { incidentsAtWork } from './locks.ts';
import { page } from './page.ts';
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

/** Each step of the incidents at work that has failed for longer than the plan's patience, and each way that failed, once. */
export async function tellFailing(region: string, shell: Shell): Promise<void> {
  for (const incident of await incidentsAtWork(region, shell)) await tellOf(incident, shell);
}

async function tellOf(incident: Incident, shell: Shell): Promise<void> {
  const { store, plan, now, log } = shell;
  const steps = await store.readSteps(incident.id);
  for (const mark of steps) {
    const failed = wayFailedIn(mark.step);
    if (failed === null || !speaksAt(mark.at, incident, shell.region, now())) continue;
    await page(
      `${mark.execution}/${mark.step}`,
      plan.notifications.failure,
      wayFailedMessage(failed, mark),
      shell,
    ).catch((error: unknown) =>
      log.error('not told that a way failed', {
        incident: incident.id,
        execution: mark.execution,
        error: String(error),
      }),
    );
  }
  for (const { step: mark, execution, at, outcome } of steps) {
    const failing = failingIn(mark);
    const dueAt = at + plan.notifications.patienceSeconds * 1000;
    if (failing === null || now() < dueAt || !speaksAt(dueAt, incident, shell.region, now())) continue;
    const isReached = steps.some((past) => past.execution === execution && failingMark(past.step) === mark);
    if (isReached) continue;
    const message = failingMessage(failing, { incident: incident.id, execution, at, why: String(outcome['why']) });
    // Who could not be told is told at the next look; nothing else waits for that.
    await page(`${execution}/${mark}`, plan.notifications.failure, message, shell).catch((error: unknown) =>
      log.error('not told that a step fails', { incident: incident.id, execution, error: String(error) }),
    );
  }
}
