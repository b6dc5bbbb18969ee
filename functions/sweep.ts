// Reads the alarms' states every minute and responds to them, so that a lost event costs a minute and not the incident; says what
// of readiness is lost; and reminds people of what waits for them.
import { listAlarms } from './aws/looking/alarms.ts';
import { asRolesStand } from './domain/roles.ts';
import { sweptSignals } from './domain/signals/swept.ts';
import { isAllReady, isOverruled, unreadySignals } from './domain/signals/unready.ts';
import type { Incident, Signal } from './domain/types.ts';
import { remind } from './shared/approval/remind.ts';
import { endGoneDrill } from './shared/drills/conclude-drill.ts';
import { keepWatching } from './shared/fencing/fence-watch.ts';
import { respond } from './shared/judgement/respond.ts';
import { tellFailing, tellFailingDrill } from './shared/messages/failing.ts';
import { tellSteps } from './shared/messages/steps.ts';
import { tellDark, tellStopped } from './shared/messages/stopped.ts';
import { tellUndelivered } from './shared/messages/undelivered.ts';
import { incidentsAtWork } from './shared/recovery/locks.ts';
import { onEvent, type Shell } from './shared/shell.ts';

export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  // What fails costs only itself: a region that cannot be judged keeps neither another one nor people waiting.
  const failures: unknown[] = [];
  const attempt = (run: Promise<unknown>) => run.catch((error: unknown) => failures.push(error));
  const known = await knownOf(shell);
  await attempt(keepAlarms([...known.values()].flat(), shell));
  const atWork: Incident[] = [];
  for (const region of Object.keys(shell.plan.regions)) {
    await attempt(keepReadiness(region, known.get(region), shell));
    await attempt(respond(region, shell));
    const here = await incidentsAtWork(region, shell).catch(async (error: unknown) => {
      failures.push(error);
      return [];
    });
    atWork.push(...here);
    await attempt(tellFailing(here, shell));
    await attempt(keepWatching(region, shell));
    await attempt(tellStopped(region, shell));
    await attempt(tellDark(region, shell));
  }
  await attempt(remind(shell));
  await attempt(tellFailingDrill(shell));
  await attempt(endGoneDrill(shell));
  await attempt(tellUndelivered(atWork, shell));
  // Last: this news calls nobody, and what is posted may take seconds.
  await attempt(tellSteps(atWork, shell));
  if (failures.length > 0) throw failures[0];
});

/** The signals about each region, where they could be read: where not, every alarm's state is offered, and the store keeps what is newer. */
async function knownOf({ plan, store, log }: Shell): Promise<ReadonlyMap<string, readonly Signal[]>> {
  const known = new Map<string, readonly Signal[]>();
  const reads = Object.keys(plan.regions).map(async (region) => {
    try {
      known.set(region, await store.readSignals(region, 0));
    } catch (error) {
      log.warn('signals not read', { region, error: String(error) });
    }
  });
  await Promise.all(reads);
  return known;
}

/** A region that does not answer is no evidence: its alarms keep the state last heard of. */
async function keepAlarms(known: readonly Signal[], { plan: written, store, now, log }: Shell): Promise<void> {
  const plan = asRolesStand(written, await store.readRoles());
  const { primary, standby, observers } = plan.roles;
  const regions = [...new Set([primary, standby, ...observers])];
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

/** What the last look at readiness found, where it is news; while the signals cannot be read, nobody knows what is. */
async function keepReadiness(
  region: string,
  known: readonly Signal[] | undefined,
  { plan, store, now }: Shell,
): Promise<void> {
  const readiness = known === undefined ? null : await store.readReadiness(region);
  if (known === undefined || readiness === null || isAllReady(readiness, known)) return;
  const around = await Promise.all(
    Object.keys(plan.regions).map(async (one) => {
      const [open, { lock, movedAt }] = await Promise.all([store.readOpenIncident(one), store.readStanding(one)]);
      return { one, open, movedAt, overruled: isOverruled(open, lock, now()) };
    }),
  );
  const own = around.find(({ one }) => one === region);
  // Who restores a database makes a new standby necessary, like who moves a role; who says that the plan's own holds again makes none.
  const restoredAt = (await store.readHolders()).flatMap(({ instance, at }) => (instance === null ? [] : at));
  const { open = null } = own ?? {};
  const moves = [own?.movedAt ?? null, ...restoredAt].filter((at) => at !== null);
  const movedAt = moves.length === 0 ? null : Math.max(...moves);
  const overruled = around.some((one) => one.overruled);
  await store.keepSignals(unreadySignals(readiness, known, { open, movedAt, overruled }));
}
