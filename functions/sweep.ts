// Reads the alarms' states every minute and responds to them, so that a lost event costs a minute and not the incident; and
// reminds people of what waits for them.
import { type AlarmState, listAlarms } from './aws/alarms.ts';
import type { Plan } from './domain/plan.ts';
import { asRolesStand } from './domain/roles.ts';
import { alarmSignal } from './domain/signals.ts';
import type { Condition, Signal } from './domain/types.ts';
import { tellFailing } from './shared/failing.ts';
import { keepWatching } from './shared/fence-watch.ts';
import { remind } from './shared/remind.ts';
import { respond } from './shared/respond.ts';
import { onEvent, type Shell } from './shared/shell.ts';

const conditions: Record<AlarmState['state'], Condition> = {
  ALARM: 'failing',
  OK: 'healthy',
  INSUFFICIENT_DATA: 'unknown',
};

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
  await Promise.all(
    [plan.roles.primary, plan.roles.standby, ...plan.roles.observers].map(async (region) => {
      try {
        const alarms = await listAlarms(region, `${plan.application}-`);
        await store.keepSignals(alarms.flatMap((alarm) => toSignal(alarm, region, plan, now())));
      } catch (error) {
        log.warn('alarms not read', { region, error: String(error) });
      }
    }),
  );
}

function toSignal(alarm: AlarmState, region: string, plan: Plan, now: number): Signal[] {
  // Whole seconds, as the event of the same change has: what was read and what was sent are one signal.
  const at = Math.floor(alarm.since / 1000) * 1000;
  // Sorts before the id of every event: of the two, the event counts, which was there first.
  const id = `#${region}/${alarm.name}/${at}`;
  const common = { id, at, region, observer: region };
  const signal = alarmSignal(alarm.name, conditions[alarm.state], common, plan, alarm.reasonData);
  return typeof signal === 'string' ? [] : [{ ...signal, seenAt: now }];
}
