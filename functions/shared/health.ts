// Asks a health page whether users are served.
import type { Shell } from './shell.ts';

/** The status that a page answers with; null where it does not answer in its time. */
export async function statusOf(url: string, { fetch, plan, log }: Shell): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(plan.service.healthTimeoutSeconds * 1000);
    const answer = await fetch(url, { redirect: 'manual', signal });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    log.warn('health page does not answer', { url, error: String(error) });
    return null;
  }
}

/** Asks until the plan's number of passes is reached in a row; gives how many there were. A redirect is no pass. */
export async function passesInARow(url: string, shell: Shell): Promise<number> {
  const { healthPassesNeeded: needed } = shell.plan.service;
  for (let passes = 0; passes < needed; passes += 1) {
    // A redirect is no answer: it may lead to a page of apologies.
    if ((await statusOf(url, shell)) !== 200) return passes;
  }
  return needed;
}
