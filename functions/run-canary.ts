// Visits the service every minute as a user of this region would. The alarm on its measure is the signal; the run itself
// is an event, since the last one that passed says when users were last seen to be served.
import { putEvent } from './aws/events.ts';
import { writeMeasures } from './aws/metrics.ts';
import { canaryRunEvent } from './domain/own-events.ts';
import { askHealth } from './shared/health.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** A redirect is no pass: it may lead to a page of apologies. @throws Unavailable where neither measure nor event is told. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { region, plan, prefix, now, log } = shell;
  const at = now();
  const answer = await askHealth(plan.service.healthUrl, shell);
  const passed = answer?.status === 200;
  if (!passed) log.warn('canary failed', { url: plan.service.healthUrl, status: answer?.status ?? null });
  const told = await Promise.allSettled([
    writeMeasures(region, prefix, [{ metric: 'Canary', dimensions: { Observer: region }, value: passed ? 1 : 0 }], at),
    putEvent(region, { ...canaryRunEvent(plan), detail: { observer: region, passed }, at }),
  ]);
  for (const one of told) if (one.status === 'rejected') throw one.reason;
});
