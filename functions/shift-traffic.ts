// Desired state: no traffic of the cluster and the load balancers goes to the failed zone.
import { listShifts, startShift } from './aws/zonal-shift.ts';
import { CannotProceed, InProgress, Unavailable } from './domain/errors.ts';
import { nextShift } from './domain/moves.ts';
import { act } from './shared/act.ts';
import { shiftedResources } from './shared/estate.ts';
import { type ZoneIncident, ZoneStepInput } from './shared/flow.ts';
import { type Shell, step } from './shared/shell.ts';
import { shiftComment } from './shared/shifts.ts';

type Reached = 'shifted' | 'asked' | 'would-ask';

/** Called again until every resource was seen shifted. One that cannot be shifted does not hold up the others. */
export const handler = step(ZoneStepInput, async ({ incident }, shell) => {
  const { zone, dryRun } = incident;
  const reached: { resource: string; state: Reached }[] = [];
  const unavailable: Unavailable[] = [];
  const refused: string[] = [];
  for (const resource of shiftedResources(shell)) {
    try {
      reached.push({ resource, state: await shiftAway(resource, incident, shell) });
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
});

async function shiftAway(resource: string, incident: ZoneIncident, shell: Shell): Promise<Reached> {
  const { region, zone, dryRun } = incident;
  const move = nextShift(await listShifts(region, resource), zone);
  if (move.next === 'done') return 'shifted';
  if (move.next !== 'start') throw new CannotProceed(`${resource}: ${move.why}`);
  if (dryRun) return 'would-ask';
  const call = { step: 'shift-traffic', call: 'arc-zonal-shift:StartZonalShift', target: resource };
  const { expirySeconds } = shell.plan.zonalShift;
  const shift = { resource, awayFrom: zone, expirySeconds, comment: shiftComment(incident) };
  await act(incident, call, shell, () => startShift(region, shift));
  return 'asked';
}

function wouldDo(resources: readonly string[], zone: string): string {
  return resources.length === 0 ? 'nothing' : `shift traffic of ${resources.join(', ')} away from ${zone}`;
}
