// Desired state: users are served, seen several times in a row.
import { InProgress } from './domain/errors.ts';
import { type FlowIncident, StepInput } from './shared/flow.ts';
import { type Shell, step } from './shared/shell.ts';

const stepName = 'verify-service';
/** A pass that is older belongs to an earlier try: in a row means without a gap. */
const longestGapSeconds = 120;

/** Looks once each time it is called, and is called again until it has passed often enough. A dry run looks once. */
export const handler = step(StepInput, async ({ incident }, shell) => {
  const { store, plan, now } = shell;
  const needed = plan.service.healthPassesNeeded;
  const passed = await answers(shell);
  if (incident.dryRun)
    return { dryRun: true, served: passed, wouldDo: `wait for ${needed} passes of ${plan.service.healthUrl}` };
  const passes = passed ? (await passesSoFar(incident, shell)) + 1 : 0;
  const { id, execution } = incident;
  await store.recordStep({ incident: id, execution, step: stepName, at: now(), outcome: { passes } });
  if (passes < needed) throw new InProgress(`${plan.service.healthUrl} passed ${passes} of ${needed} times in a row`);
  return { verifiedAt: now(), passes };
});

/** Whether the health page says 200 within its time. A redirect is no answer: it may lead to a page of apologies. */
async function answers({ fetch, plan, log }: Shell): Promise<boolean> {
  const { healthUrl, healthTimeoutSeconds } = plan.service;
  try {
    const answer = await fetch(healthUrl, {
      redirect: 'manual',
      signal: AbortSignal.timeout(healthTimeoutSeconds * 1000),
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch (error) {
    log.warn('service does not answer', { healthUrl, error: String(error) });
    return false;
  }
}

async function passesSoFar({ id, execution }: FlowIncident, { store, now }: Shell): Promise<number> {
  const mine = (await store.readSteps(id)).filter((past) => past.execution === execution && past.step === stepName);
  const last = mine.sort((a, b) => b.at - a.at)[0];
  if (last === undefined || now() - last.at > longestGapSeconds * 1000) return 0;
  const { passes } = last.outcome;
  return typeof passes === 'number' ? passes : 0;
}
