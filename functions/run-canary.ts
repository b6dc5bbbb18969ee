// Visits the service every minute as users of this region would. The alarm on its measure is the signal; the run itself
// is an event, since the last one that passed says when users were last seen to be served.
import { putEvent } from './aws/events.ts';
import { writeMeasures } from './aws/looking/metrics.ts';
import { canaryMetrics, measuresTimes } from './domain/record/users-seen.ts';
import { busName, canaryRunEvent } from './domain/signals/own-events.ts';
import { onEvent, type Shell } from './shared/shell.ts';
import { visitAsUsers } from './shared/traffic/health.ts';

/** A redirect is no pass: it may lead to a page of apologies. @throws Unavailable where neither measure nor event is told. */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { region, plan, prefix, now, log } = shell;
  const at = now();
  const { share, passed, statuses, seconds } = await visitAsUsers(shell);
  if (!passed) log.warn('canary failed', { url: plan.service.healthUrl, share, statuses });
  const dimensions = { Observer: region };
  const measured = [
    { metric: canaryMetrics.share, dimensions, value: share },
    // A visit that failed has no time.
    ...(seconds.length === 0 || !measuresTimes(region, plan.roles)
      ? []
      : [{ metric: canaryMetrics.seconds, dimensions, value: seconds }]),
  ];
  const told = await Promise.allSettled([
    writeMeasures(region, prefix, measured, at),
    putEvent(region, busName(prefix), { ...canaryRunEvent(plan), detail: { observer: region, passed, share }, at }),
  ]);
  for (const one of told) if (one.status === 'rejected') throw one.reason;
});
