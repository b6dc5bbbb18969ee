// What the steps of a drill have in common: its record, the lever, and what goes first.
import * as z from 'zod';
import { type Around, askedMore, isOwn, leverWords, whyGivesWay } from '../../domain/drills/judge.ts';
import { type ScheduledDrill, scheduledIn } from '../../domain/drills/plan.ts';
import type { Asked, DrillRecord } from '../../domain/drills/record.ts';
import { Aborted, CannotProceed, GivesWay, InvalidInput } from '../../domain/errors.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import type { Incident } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import { visitPage } from '../traffic/health.ts';

/** What every step but the first is given. */
export const DrillStepInput = z.strictObject({ execution: z.string().min(1) });

/** One drill at a time, wherever it runs. */
export const drillLock = 'drills';

/** @throws InvalidInput where the plan has none of that name that runs by itself */
export function drillNamed(name: string, plan: Plan): ScheduledDrill {
  const known = scheduledIn(plan);
  const drill = known.find((one) => one.name === name);
  if (drill !== undefined) return drill;
  const names = known.map((one) => one.name).join(', ') || 'none: no drill of the plan has a kind';
  throw new InvalidInput(`input.drill: is ${name}, expected one of ${names}`);
}

/** @throws CannotProceed where the first step has kept none */
export async function readRun(execution: string, { store }: Shell): Promise<DrillRecord> {
  const drill = await store.readDrill(execution);
  if (drill === null) throw new CannotProceed(`no drill ${execution} was begun`);
  return drill;
}

/** What goes on in each region of the plan. */
export function aroundDrill({ plan, store }: Shell): Promise<Around[]> {
  return Promise.all(
    Object.keys(plan.regions).map(async (region) => {
      const [open, { lock, frozen }] = await Promise.all([store.readOpenIncident(region), store.readStanding(region)]);
      return { region, open, lock, frozen };
    }),
  );
}

/**
 * Gives what goes on. Asked before everything that a drill does.
 * @throws Aborted while the lever is pulled, GivesWay where something real goes on
 */
export async function expectMayGoOn(drill: DrillRecord, shell: Shell): Promise<readonly Around[]> {
  const [lever, around] = await Promise.all([shell.store.readLever(), aroundDrill(shell)]);
  if (lever !== null) throw new Aborted(leverWords(lever));
  const why = whyGivesWay(around, drill);
  if (why.length > 0) throw new GivesWay(why.join('; '));
  return around;
}

/** Asks the service once, as users do. */
export async function visitService(before: Asked, shell: Shell): Promise<Asked> {
  const answer = await visitPage(shell.plan.service.healthUrl, shell);
  return askedMore(before, answer?.passes === true ? answer.tookMs : null);
}

/** Who hears of a drill. */
export function toldOf({ kind }: Pick<DrillRecord, 'kind'>, { plan }: Pick<Shell, 'plan'>): readonly string[] {
  return kind === 'region' || kind === 'tabletop' ? plan.notifications.level3 : plan.notifications.failure;
}

/**
 * Whether an incident is what the drill that runs has made: what answers it is marked. Whatever cannot be read of drills keeps no flow from its
 * work.
 */
export async function isOfDrill(incident: Incident | null, { store, plan, log }: Shell): Promise<boolean> {
  if (incident === null || scheduledIn(plan).every(({ target }) => target === undefined)) return false;
  try {
    const { lock } = await store.readStanding(drillLock);
    const drill = lock === null ? null : await store.readDrill(lock.execution);
    return drill !== null && drill.outcome === null && isOwn(incident, drill);
  } catch (error) {
    log.warn('drills not read', { incident: incident.id, error: String(error) });
    return false;
  }
}
