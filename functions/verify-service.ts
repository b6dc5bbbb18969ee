// Desired state: users are served, seen several times in a row.
import { InProgress } from './domain/errors.ts';
import { StepInput } from './shared/flow.ts';
import { type Shell, step } from './shared/shell.ts';

/** Asks as often as the plan wants passes, and is called again until all of them passed. A dry run asks once. */
export const handler = step(StepInput, async ({ incident }, shell) => {
  const { healthPassesNeeded: needed, healthUrl } = shell.plan.service;
  if (incident.dryRun) {
    return { dryRun: true, served: await answers(shell), wouldDo: `wait for ${needed} passes of ${healthUrl}` };
  }
  for (let passes = 0; passes < needed; passes += 1) {
    if (!(await answers(shell))) throw new InProgress(`${healthUrl} passed ${passes} of ${needed} times in a row`);
  }
  return { verifiedAt: shell.now(), passes: needed };
});

/** Whether the health page says 200 within its time. A redirect is no answer: it may lead to a page of apologies. */
async function answers({ fetch, plan, log }: Shell): Promise<boolean> {
  const { healthUrl, healthTimeoutSeconds } = plan.service;
  try {
    const signal = AbortSignal.timeout(healthTimeoutSeconds * 1000);
    const answer = await fetch(healthUrl, { redirect: 'manual', signal });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch (error) {
    log.warn('service does not answer', { healthUrl, error: String(error) });
    return false;
  }
}
