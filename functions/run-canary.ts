// Visits the service every minute as a user of this region would, and measures whether it is served. The alarm on that is
// the signal: events of AWS Synthetics can be sent by AWS alone.
import { writeMeasures } from './aws/metrics.ts';
import { statusOf } from './shared/health.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** A redirect is no pass: it may lead to a page of apologies. @throws Unavailable where the measure cannot be written. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { region, plan, prefix, now, log } = shell;
  const at = now();
  const status = await statusOf(plan.service.healthUrl, shell);
  const value = status === 200 ? 1 : 0;
  if (value === 0) log.warn('canary failed', { url: plan.service.healthUrl, status });
  await writeMeasures(region, prefix, [{ metric: 'Canary', dimensions: { Observer: region }, value }], at);
});
