// Desired state: the incident is over and traffic may go everywhere again. Until then the zonal shifts are kept alive, and
// replaced by our own where AWS ends its.

import * as z from 'zod';
import { cancelShift, extendShift, listShifts, type Shift } from './aws/traffic/zonal-shift.ts';
import { Aborted, CannotProceed, Frozen, InProgress, LockLost, Unavailable } from './domain/errors.ts';
import { ownEvidence, waitsFor } from './domain/evidence/own-evidence.ts';
import { moment } from './domain/page/page-times.ts';
import { leavingIn, mayReturn, triedMark } from './domain/recovery/reaching.ts';
import type { Lock } from './domain/types.ts';
import { shiftedResources } from './shared/estate.ts';
import { act, callsOf, expectTurn, lastCallAt, type Watching } from './shared/recovery/act.ts';
import { noteFailing, noteMended } from './shared/recovery/failing.ts';
import { type ZoneIncident, ZoneStepInput } from './shared/recovery/flow.ts';
import { flowHeldFor } from './shared/recovery/locks.ts';
import { currentIncident } from './shared/recovery/manual.ts';
import { expectNotAborted } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';
import { shiftAway, startCall } from './shared/traffic/shift-traffic.ts';
import { isOurs, noteStands, wasEnded } from './shared/traffic/shifts.ts';

type Shifted = { readonly asset: string; readonly resource: string };
type Standing = Shifted & { readonly shift: Shift };
/** What could not be done for one resource. */
type Failed = Shifted & { readonly error: CannotProceed | Frozen | Unavailable };

const WatchInput = ZoneStepInput.extend({
  /** Since when this round of the flow moves assets out, and is watched. */
  since: z.iso.datetime({ offset: true }),
  /** So long after the last asset has left or given up, what gave up is tried again; null where it is not. */
  againSeconds: z.number().nullable(),
});

/** A flow that could not keep when the last asset gave up has no asset that still tries after so long: none tries longer than a quarter of an hour. */
const longestLeaveMs = 1_800_000;

/**
 * Called again every minute, from the moment on at which assets begin to leave: what is still leaving is left to the step that moves it out, which
 * starts its first shift. `ended`: again, where something failed and is due, or the evidence of what
 * stayed holds by now; recovered; or superseded, where the incident
 * became a region disaster or the region was left (then the shifts stay until they expire), or it turned to another zone that needs the lock. While another flow
 * holds the region, this one waits: traffic stays out of the zone as long as that flow only asks people, and where it has ended, the region is this one's again. Shifts by AWS
 * and by people are left to them in every case. `left`: the assets of which a shift still stands; `leftUntil`: when the last of these expires, null where that is not known.
 */
export const handler = step(WatchInput, async (input, shell) => {
  try {
    return await watch(input, shell);
  } catch (error) {
    if (!(error instanceof LockLost)) throw error;
    const { lock, primary } = await shell.store.readStanding(input.incident.region);
    if (lock === null && primary === input.incident.region && (await takeBack(input.incident, shell)))
      throw new InProgress('the flow that held the region has ended, and this one holds it again');
    const isLeft = primary !== input.incident.region;
    // What it has begun it may give back: then nobody else keeps traffic out of the zone.
    if (!isLeft && lock?.action === 'request-approval') throw new InProgress('another flow holds the region');
    if (!isLeft) throw error;
    const { shifts, unseen } = await shiftsAwayFrom(input.incident, shell);
    return { ended: 'superseded', ...leftOf(shifts, unseen) };
  }
});

/** What stays out of the zone when the flow ends, and until when at most. */
function leftOf(shifts: readonly Standing[], unseen: readonly Failed[]) {
  const times = shifts.flatMap(({ shift: { expiresAt } }) => expiresAt ?? []);
  const isKnown = times.length > 0 && times.length === shifts.length && unseen.length === 0;
  return { left: assetsOf([...shifts, ...unseen]), leftUntil: isKnown ? Math.max(...times) : null };
}

async function watch({ incident, since, againSeconds }: z.infer<typeof WatchInput>, shell: Shell) {
  const current = await currentIncident(incident, shell);
  if (current === null) throw new CannotProceed(`incident ${incident.id} is not in the record`);
  const { shifts, unseen } = await shiftsAwayFrom(incident, shell);
  const left = leftOf(shifts, unseen);
  const ours = shifts.filter(({ shift }) => isOurs(shift, incident));
  if (current.level === 3) return { ended: 'superseded', ...left };
  const { triedAt, isReached, awaited } = await roundOf(incident, Date.parse(since), shell);
  const all = shiftedResources(shell);
  /** Its branch may start a shift at this moment, which nobody would end. */
  const mayStart = ({ asset }: Shifted) => triedAt === null && !isReached(asset);
  if (mayReturn(incident.zone, current)) {
    const refused = await eachAlone(ours, (one) => cancel(one, incident, shell));
    // One that cannot be ended expires by itself, and is told as left; what may answer when it is asked again is asked again.
    for (const { error } of [...unseen, ...refused]) if (!(error instanceof CannotProceed)) throw error;
    const asked = ours.length - refused.length;
    if (asked > 0) throw new InProgress(`${asked} shifts away from ${incident.zone} were asked to end`);
    const starting = all.filter(mayStart).map(({ resource }) => resource);
    if (starting.length > 0)
      throw new InProgress(`traffic of ${starting.join(', ')} may still be asked to leave ${incident.zone}`);
    if (current.closedAt === null) return { ended: 'superseded', by: current.scope.zone, ...left };
    return { ended: 'recovered', closedAt: current.closedAt, ...left };
  }
  const { maximumSeconds } = shell.plan.zonalShift;
  if (shell.now() - incident.startedAt >= maximumSeconds * 1000) {
    throw new CannotProceed(`incident ${incident.id} has lasted ${maximumSeconds} s: a person has to take over`);
  }
  const isBehind = leavingIn(shell.plan).some((name) => !isReached(name));
  const mayGoRound = isBehind && (triedAt === null || againSeconds !== null);
  const wantsRound =
    (mayGoRound && triedAt !== null && shell.now() >= triedAt + (againSeconds ?? 0) * 1000) ||
    (againSeconds !== null && (await holdsAny(awaited, incident, shell)));
  // Without the lock a round could change nothing, and would count as a try.
  const standing = wantsRound ? await shell.store.readStanding(incident.region) : null;
  if (standing?.lock === null) expectTurn(incident, standing);
  const isDue = wantsRound && standing?.lock?.execution === incident.execution;
  // While it is tried again nobody watches, for half a shift's time at most.
  const { extendBeforeSeconds, expirySeconds } = shell.plan.zonalShift;
  const leftSeconds = isDue ? Math.max(extendBeforeSeconds, expirySeconds / 2) : extendBeforeSeconds;
  const isKnown = ({ resource }: Shifted) => [...shifts, ...unseen].some((one) => one.resource === resource);
  const lost = [...unseen, ...(await eachAlone(shifts, (one) => keepAlive(one, leftSeconds, incident, shell)))];
  const failed = [
    ...lost,
    ...(await eachAlone(
      all.filter((one) => !isKnown(one) && !mayStart(one)),
      (one) => keepAway(one, incident, shell),
    )),
  ];
  await note(failed, incident, shell);
  if (isDue) return { ended: 'again' };
  const [first] = lost;
  // Nothing is kept, and asking again cannot help: people are called now, and not at the end of the incident.
  const isOver = all.every((one) => failed.some(({ resource }) => resource === one.resource));
  if (first !== undefined && !mayGoRound && isOver && failed.every(({ error }) => error instanceof CannotProceed))
    throw first.error;
  throw new InProgress(`incident ${incident.id} is still open`);
}

function assetsOf(shifts: readonly Shifted[]): string[] {
  return [...new Set(shifts.map(({ asset }) => asset))];
}

/** Whether the flow that holds the region has changed nothing yet: people may still reject it, and the zone is bad all the while. */
async function onlyAsks(lock: Lock | null, shell: Shell): Promise<boolean> {
  if (lock?.action !== 'request-approval') return false;
  return (await callsOf({ id: lock.incident, execution: flowHeldFor(lock) }, shell)).length === 0;
}

/** A region flow took the lock and ended without moving anybody: nobody else watches the zone. @throws Aborted */
async function takeBack({ id, region, execution }: ZoneIncident, shell: Shell): Promise<boolean> {
  const { store, now, log } = shell;
  if (!(await store.takeLock({ target: region, execution, incident: id, action: 'az-failover', at: now() })))
    return false;
  log.warn('takes the lock of the region again', { incident: id, execution });
  // Aborted at this moment: the abort found no lock to give back.
  await expectNotAborted(execution, shell).catch(async (error: unknown) => {
    if (error instanceof Aborted) await store.releaseLock(region, execution);
    throw error;
  });
  return true;
}

/** Whose turn it is to keep a shift alive that stands: this flow's, also while another one that holds the region only asks people. A freeze stops what is not its own. */
function keepsWatch(isOwn: boolean): Watching {
  return async (incident, standing, shell) => {
    if (!(await onlyAsks(standing.lock, shell))) return expectTurn(incident, standing);
    const { frozen } = standing;
    if (!isOwn && frozen !== null) throw new Frozen(`${frozen.by} froze the automation: ${frozen.reason}`);
  };
}

/** What could stay, for users were served without it, fails by alarms that came later: it leaves after all. */
async function holdsAny(
  components: readonly string[],
  incident: ZoneIncident,
  { store, plan, now }: Shell,
): Promise<boolean> {
  // A round under a freeze would be one for nothing.
  if (components.length === 0 || (await store.readStanding(incident.region)).frozen !== null) return false;
  const signals = await store.readSignals(incident.region, 0);
  return components.some((component) => ownEvidence(component, incident, signals, plan, now()) === 'held');
}

/**
 * How far this round of the flow has come. `triedAt`: when the last asset had left or given up, in milliseconds since 1970; null while one may
 * still try, and where all have left. `awaited`: the components whose evidence an asset waits for that stayed.
 */
async function roundOf(
  { id, execution }: ZoneIncident,
  since: number,
  { store, now }: Shell,
): Promise<{
  readonly triedAt: number | null;
  readonly awaited: readonly string[];
  isReached(asset: string): boolean;
}> {
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  const kept = own.findLast(({ step, at }) => step === triedMark && at >= since)?.at;
  const latest = since + longestLeaveMs;
  // Of this round alone: what comes round for it has not looked yet.
  const newest = new Map(own.filter(({ at }) => at >= since).map(({ step, outcome }) => [step, outcome]));
  return {
    triedAt: kept ?? (now() >= latest ? latest : null),
    awaited: [...newest.values()].map(waitsFor).filter((component) => component !== null),
    isReached: (asset) => own.some(({ step }) => step === `leave-zone/${asset}`),
  };
}

/** Each on its own: one that is refused, or does not answer, costs the others nothing. Gives those. */
async function eachAlone<One extends Shifted>(
  all: readonly One[],
  run: (one: One) => Promise<void>,
): Promise<Failed[]> {
  const failed: Failed[] = [];
  for (const one of all) {
    try {
      await run(one);
    } catch (error) {
      if (!(error instanceof CannotProceed || error instanceof Frozen || error instanceof Unavailable)) throw error;
      failed.push({ asset: one.asset, resource: one.resource, error });
    }
  }
  return failed;
}

/** The sweep tells people of each asset whose traffic is not kept away, as soon as their patience has ended. */
async function note(failed: readonly Failed[], incident: ZoneIncident, shell: Shell): Promise<void> {
  for (const asset of new Set(shiftedResources(shell).map((one) => one.asset))) {
    const first = failed.find((one) => one.asset === asset);
    const step = `watch-zone/${asset}`;
    if (first === undefined) await noteMended(incident, step, shell);
    else {
      const why = `traffic of ${first.resource} may not stay out of ${incident.zone}: ${first.error.message}`;
      await noteFailing(incident, step, why, shell);
    }
  }
}

/** The shifts that stand, and the resources of which that is not known. */
async function shiftsAwayFrom({ region, zone }: ZoneIncident, shell: Shell) {
  const shifts: Standing[] = [];
  const unseen = await eachAlone(shiftedResources(shell), async ({ asset, resource }) => {
    for (const shift of await listShifts(region, resource))
      if (shift.awayFrom === zone) shifts.push({ asset, resource, shift });
  });
  return { shifts, unseen };
}

/**
 * Extends a shift that has less time left than it must have. One by a person is extended too: the zone is bad as long as the
 * incident is open. One that ended since it was listed is a matter of the next look.
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
  if (isOurs(shift, incident)) await noteStands(incident, resource, expiresAt, shell);
  if (expiresAt - shell.now() > leftSeconds * 1000) return;
  // Part of the step that began the shift, so that a freeze does not let traffic back into a failed zone.
  const ends = (at: number) => `the shift ends at ${moment(at)}`;
  const change = { before: ends(expiresAt), wanted: ends(shell.now() + expirySeconds * 1000) };
  const { lock } = await shell.store.readStanding(incident.region);
  const isHeld = lock?.execution === incident.execution;
  const call = {
    ...{ step: `leave-zone/${asset}`, call: 'arc-zonal-shift:UpdateZonalShift', target: resource, change },
    watches: isHeld ? undefined : keepsWatch(isOurs(shift, incident)),
  };
  await act(incident, call, shell, () => extendShift(incident.region, id, expirySeconds));
}

/**
 * AWS has ended its autoshift, or let it apply to nothing, or a shift of ours ran out while nobody watched: then a new one of our own
 * keeps traffic away. One that this flow started stays ended where somebody ended it before its time.
 */
async function keepAway({ asset, resource }: Shifted, incident: ZoneIncident, shell: Shell): Promise<void> {
  const step = `leave-zone/${asset}`;
  const calledAt = await lastCallAt(incident, { step, call: startCall, target: resource }, shell);
  if (calledAt !== null && (await wasEnded(incident, resource, calledAt, shell))) return;
  await shiftAway(resource, step, incident, shell);
}

async function cancel({ resource, shift: { id } }: Standing, incident: ZoneIncident, shell: Shell): Promise<void> {
  if (id === null) return;
  const { zone } = incident;
  const change = { before: `a shift keeps traffic out of ${zone}`, wanted: `traffic goes to ${zone} again` };
  const call = { step: 'watch-zone', call: 'arc-zonal-shift:CancelZonalShift', target: resource, change };
  await act(incident, call, shell, () => cancelShift(incident.region, id));
}
