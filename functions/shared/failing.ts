// Keeps what a flow tries in vain, and tells people of it: trying again for minutes is no reason to be silent.
import { failingMessage, wayFailedMessage } from '../domain/flow-words.ts';
import { failingIn, failingMark, wayFailedIn } from '../domain/reaching.ts';
import { speaksAt } from '../domain/responsibility.ts';
import type { StepRecord } from '../domain/store.ts';
import type { Incident } from '../domain/types.ts';
import type { FlowIncident } from './flow.ts';
import { incidentsAtWork } from './locks.ts';
import { page } from './page.ts';
import type { Shell } from './shell.ts';

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
  for (const record of steps) {
    const { step: mark, execution, at, outcome } = record;
    const failing = failingIn(mark);
    const dueAt = at + plan.notifications.patienceSeconds * 1000;
    if (failing === null || now() < dueAt || !speaksAt(dueAt, incident, shell.region, now())) continue;
    if (isReached(record, steps)) continue;
    const message = failingMessage(failing, { incident: incident.id, execution, at, why: String(outcome['why']) });
    // Who could not be told is told at the next look; nothing else waits for that.
    await page(`${execution}/${mark}/${at}`, plan.notifications.failure, message, shell).catch((error: unknown) =>
      log.error('not told that a step fails', { incident: incident.id, execution, error: String(error) }),
    );
  }
}
