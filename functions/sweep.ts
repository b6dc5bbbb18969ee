// Reads the alarms' states every minute and responds to them, so that a lost event costs a minute and not the incident; and
// reminds people of what waits for them.
import { listAlarms } from './aws/alarms.ts';
import { asRolesStand } from './domain/roles.ts';
import { sweptSignals } from './domain/swept.ts';
import { tellFailing } from './shared/failing.ts';
import { keepWatching } from './shared/fence-watch.ts';
import { remind } from './shared/remind.ts';
import { respond } from './shared/respond.ts';
import { onEvent, type Shell } from './shared/shell.ts';

export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  // What fails costs only itself: a region that cannot be judged keeps neither another one nor people waiting.
  const failures: unknown[] = [];
  const attempt = (run: Promise<unknown>) => run.catch((error: unknown) => failures.push(error));
  await attempt(keepAlarms(shell));
  for (const region of Object.keys(shell.plan.regions)) {
    await attempt(respond(region, shell));
    await attempt(tellFailing(region, shell));
    await attempt(keepWatching(region, shell));
  }
  await attempt(remind(shell));
  if (failures.length > 0) throw failures[0];
});

/** A region that does not answer is no evidence: its alarms keep the state last heard of. */
async function keepAlarms({ plan: written, store, now, log }: Shell): Promise<void> {
  const plan = asRolesStand(written, await store.readRoles());
  const { primary, standby, observers } = plan.roles;
  const regions = [...new Set([primary, standby, ...observers])];
  // Where nothing can be read every state is offered, and the store keeps what is newer.
  const reads = Object.keys(plan.regions).map((region) => store.readSignals(region, 0).catch(() => []));
  const known = (await Promise.all(reads)).flat();
  const prefix = `${plan.application}-`;
  await Promise.all(
    regions.map(async (region) => {
      try {
        const startedAt = now();
        const alarms = await listAlarms(region, prefix);
        await store.keepSignals(sweptSignals(alarms, known, { region, prefix, startedAt, now: now() }, plan));
      } catch (error) {
        log.warn('alarms not read', { region, error: String(error) });
      }
    }),
  );
}
