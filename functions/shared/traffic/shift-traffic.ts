// Keeps the traffic of a cluster or of load balancers out of a failed zone, by a zonal shift of each.
import { listShifts, startShift } from '../../aws/traffic/zonal-shift.ts';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { nextShift } from '../../domain/recovery/moves.ts';
import { formatSeconds } from '../../domain/words/durations.ts';
import { nameIn } from '../../domain/words/plain-text.ts';
import { act } from '../recovery/act.ts';
import type { ZoneIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';
import { shiftComment } from './shifts.ts';

/** How the record names the start of a shift. */
export const startCall = 'arc-zonal-shift:StartZonalShift';

type Reached = 'shifted' | 'asked' | 'would-ask';

/**
 * Asks for a shift of each resource and throws InProgress until every one was seen shifted. One that cannot be shifted does
 * not hold up the others. `step` is the step that asks.
 */
export async function shiftTraffic(resources: readonly string[], step: string, incident: ZoneIncident, shell: Shell) {
  const { zone, dryRun } = incident;
  const reached: { resource: string; state: Reached }[] = [];
  const unavailable: Unavailable[] = [];
  const refused: string[] = [];
  for (const resource of resources) {
    try {
      reached.push({ resource, state: await shiftAway(resource, step, incident, shell) });
    } catch (error) {
      if (error instanceof Unavailable) unavailable.push(error);
      else if (error instanceof CannotProceed) refused.push(error.message);
      else throw error;
    }
  }
  const these = (state: Reached) => reached.filter((one) => one.state === state).map((one) => one.resource);
  // Asking again may help those that did not answer, so that comes before giving up on the others.
  for (const error of unavailable) throw error;
  if (dryRun) return { dryRun, shifted: these('shifted'), refused, wouldDo: wouldDo(these('would-ask'), zone) };
  if (these('asked').length > 0)
    throw new InProgress(`traffic was asked to leave ${zone}: ${these('asked').join(', ')}`);
  if (refused.length > 0) throw new CannotProceed(`traffic cannot leave ${zone}: ${refused.join('; ')}`);
  return { awayFrom: zone, shifted: these('shifted') };
}

/** Asks for a shift of one resource where none keeps its traffic away. @throws CannotProceed, Frozen, Unavailable. */
export async function shiftAway(
  resource: string,
  step: string,
  incident: ZoneIncident,
  shell: Shell,
): Promise<Reached> {
  const { region, zone, dryRun } = incident;
  const move = nextShift(await listShifts(region, resource), zone);
  if (move.next === 'done') return 'shifted';
  if (move.next !== 'start') throw new CannotProceed(`${resource}: ${move.why}`);
  if (dryRun) return 'would-ask';
  const { expirySeconds } = shell.plan.zonalShift;
  const wanted = `traffic stays out of ${zone} for ${formatSeconds(expirySeconds)}`;
  const change = { before: `no shift keeps traffic out of ${zone}`, wanted };
  const call = { step, call: startCall, target: resource, change };
  const shift = { resource, awayFrom: zone, expirySeconds, comment: shiftComment(incident) };
  await act(incident, call, shell, () => startShift(region, shift));
  return 'asked';
}

function wouldDo(resources: readonly string[], zone: string): string {
  return resources.length === 0 ? 'nothing' : `shift traffic of ${resources.map(nameIn).join(', ')} away from ${zone}`;
}
