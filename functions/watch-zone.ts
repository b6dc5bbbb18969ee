// Desired state: the incident is over and traffic may go everywhere again. Until then the zonal shifts are kept alive, and
// replaced by our own where AWS ends its.
import * as z from 'zod';
import { cancelShift, extendShift, listShifts, type Shift } from './aws/zonal-shift.ts';
import { CannotProceed, Frozen, InProgress } from './domain/errors.ts';
import { isWellAgain } from './domain/reaching.ts';
import { act, lastCallAt } from './shared/act.ts';
import { shiftedResources } from './shared/estate.ts';
import { type ZoneIncident, ZoneStepInput } from './shared/flow.ts';
import { currentIncident } from './shared/manual.ts';
import { type Shell, step } from './shared/shell.ts';
import { shiftAway, startCall } from './shared/shift-traffic.ts';
import { isOurs } from './shared/shifts.ts';

type Standing = { readonly asset: string; readonly resource: string; readonly shift: Shift };

const WatchInput = ZoneStepInput.extend({
  /** Of a flow in which something failed: since when it is watched, and how long until that is tried again. */
  again: z.object({ since: z.iso.datetime({ offset: true }), afterSeconds: z.number() }).nullable(),
});

/**
 * Called again every minute. `ended`: again, where something failed and is due; recovered; or superseded, where the incident
 * became a region disaster (then the shifts stay until they expire) or turned to another zone (then this one is well, and the
 * lock is needed there). Shifts by AWS and by people are left to them in every case.
 */
export const handler = step(WatchInput, async ({ incident, again }, shell) => {
  const current = await currentIncident(incident, shell);
  if (current === null) throw new CannotProceed(`incident ${incident.id} is not in the record`);
  const shifts = await shiftsAwayFrom(incident, shell);
  const ours = shifts.filter(({ shift }) => isOurs(shift, incident));
  if (current.level === 3) return { ended: 'superseded', left: shifts.map(({ resource }) => resource) };
  if (isWellAgain(incident.zone, current)) {
    for (const one of ours) await cancel(one, incident, shell);
    if (ours.length > 0) throw new InProgress(`${ours.length} shifts away from ${incident.zone} were asked to end`);
    if (current.closedAt === null)
      return { ended: 'superseded', by: current.scope.zone, left: shifts.map(({ resource }) => resource) };
    return { ended: 'recovered', closedAt: current.closedAt, left: shifts.map(({ resource }) => resource) };
  }
  const { maximumSeconds } = shell.plan.zonalShift;
  if (shell.now() - incident.startedAt >= maximumSeconds * 1000) {
    throw new CannotProceed(`incident ${incident.id} has lasted ${maximumSeconds} s: a person has to take over`);
  }
  const isDue = again !== null && shell.now() >= Date.parse(again.since) + again.afterSeconds * 1000;
  // While it is tried again nobody watches, for half a shift's time at most.
  const { extendBeforeSeconds, expirySeconds } = shell.plan.zonalShift;
  const leftSeconds = isDue ? Math.max(extendBeforeSeconds, expirySeconds / 2) : extendBeforeSeconds;
  for (const one of shifts) await keepAlive(one, leftSeconds, incident, shell);
  for (const one of shiftedResources(shell))
    if (!shifts.some(({ resource }) => resource === one.resource)) await keepAway(one, incident, shell);
  if (isDue) return { ended: 'again' };
  throw new InProgress(`incident ${incident.id} is still open`);
});

async function shiftsAwayFrom({ region, zone }: ZoneIncident, shell: Shell): Promise<Standing[]> {
  const standing: Standing[] = [];
  for (const { asset, resource } of shiftedResources(shell)) {
    for (const shift of await listShifts(region, resource))
      if (shift.awayFrom === zone) standing.push({ asset, resource, shift });
  }
  return standing;
}

/**
 * Extends a shift that has less time left than it must have. One by a person is extended too: the zone is bad as long as the
 * incident is open. One that somebody ended stays ended.
 */
async function keepAlive(
  { asset, resource, shift }: Standing,
  leftSeconds: number,
  incident: ZoneIncident,
  shell: Shell,
): Promise<void> {
  const { expirySeconds } = shell.plan.zonalShift;
  const { id, cause, expiresAt } = shift;
  if (cause !== 'customer' || id === null || expiresAt === null) return;
  if (expiresAt - shell.now() > leftSeconds * 1000) return;
  // Part of the step that began the shift, so that a freeze does not let traffic back into a failed zone.
  const call = { step: `leave-zone/${asset}`, call: 'arc-zonal-shift:UpdateZonalShift', target: resource };
  await act(incident, call, shell, () => extendShift(incident.region, id, expirySeconds));
}

/**
 * AWS has ended its autoshift, or let it apply to nothing: then a shift of our own keeps traffic away. One that this flow
 * started stays ended where somebody ended it. What cannot be shifted, or not while frozen, does not end the watch.
 */
async function keepAway({ asset, resource }: Omit<Standing, 'shift'>, incident: ZoneIncident, shell: Shell) {
  const step = `leave-zone/${asset}`;
  if ((await lastCallAt(incident, { step, call: startCall, target: resource }, shell)) !== null) return;
  try {
    await shiftAway(resource, step, incident, shell);
  } catch (error) {
    if (!(error instanceof CannotProceed || error instanceof Frozen)) throw error;
    shell.log.warn('traffic not kept away', { incident: incident.id, resource, why: error.message });
  }
}

async function cancel({ resource, shift: { id } }: Standing, incident: ZoneIncident, shell: Shell): Promise<void> {
  if (id === null) return;
  const call = { step: 'watch-zone', call: 'arc-zonal-shift:CancelZonalShift', target: resource };
  await act(incident, call, shell, () => cancelShift(incident.region, id));
}
