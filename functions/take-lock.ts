// Desired state: this execution, and no other, may act on its target. The first state of every flow, however started.
import * as z from 'zod';
import { ended, isPlanDone, isWithdrawn, manualIncidentId } from './domain/decision/incident.ts';
import { isStale } from './domain/decision/responsibility.ts';
import { Aborted, Frozen, InvalidInput, LockHeld, Unavailable } from './domain/errors.ts';
import { actionOf, levelOf } from './domain/flows.ts';
import { restorableIn } from './domain/recovery/restoring.ts';
import { name } from './domain/signals/reading.ts';
import { type Incident, type Lock, modes, type Scope, type Standing, targetOf } from './domain/types.ts';
import { plainText } from './domain/words/plain-text.ts';
import { approversNeeded } from './shared/approval/approvers.ts';
import { isOfDrill } from './shared/drills/drill.ts';
import { peerOf } from './shared/estate.ts';
import { howItStands } from './shared/executions.ts';
import type { FlowIncident } from './shared/recovery/flow.ts';
import { lockTarget } from './shared/recovery/locks.ts';
import { closeManual } from './shared/recovery/manual.ts';
import { expectNotAborted, expectNotGivenBack } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';

/** More than a decision's reason has; a person's is cut there. */
const longestReason = 2_000;
/** Whoever starts an execution writes what people read beside true links. */
const reason = z
  .string()
  .transform((text) => plainText(text).slice(0, longestReason))
  .pipe(z.string().min(1));

/** What an execution is started with, by classify or by hand. */
const Start = {
  incidentId: z.string().min(1).optional(),
  reason,
  requestedBy: name.min(1),
  attempt: z.int().positive().optional(),
  expectedEpoch: z.int().nonnegative().optional(),
  dryRun: z.boolean().default(false),
  drill: z.boolean().default(false),
};
const region = z.string().min(1);
const Context = { execution: z.string().min(1), startedAt: z.iso.datetime({ offset: true }) };

const TakeLockInput = z.discriminatedUnion('flow', [
  z.strictObject({
    flow: z.literal('az-failover'),
    ...Context,
    input: z.strictObject({ ...Start, target: z.strictObject({ region, zone: z.string().min(1) }) }),
  }),
  z.strictObject({
    flow: z.literal('service-degradation'),
    ...Context,
    input: z.strictObject({ ...Start, target: z.strictObject({ region }) }),
  }),
  z.strictObject({
    flow: z.literal('region-failover'),
    ...Context,
    input: z.strictObject({
      ...Start,
      target: z.strictObject({ region }),
      mode: z.enum(modes).default('failover'),
      corruptedSince: z.iso.datetime({ offset: true }).optional(),
      asset: z.string().min(1).optional(),
    }),
  }),
]);
type Request = z.infer<typeof TakeLockInput>;

/**
 * Gives the incident that the flow's states work on. Safe to repeat: the lock an execution holds is its own. A dry run
 * changes nothing, so it takes no lock and opens no incident.
 * @throws InvalidInput, Frozen, LockHeld, and Unavailable where another incident opens at the same moment.
 */
export const handler = step(TakeLockInput, async (request, shell): Promise<FlowIncident> => {
  const { flow, execution, input } = request;
  const { store } = shell;
  const scope: Scope = { region: input.target.region, zone: 'zone' in input.target ? input.target.zone : null };
  checkTarget(scope, request, shell);
  const standing = await store.readStanding(scope.region);
  if (input.expectedEpoch !== undefined && input.expectedEpoch !== standing.epoch) {
    throw new InvalidInput(`input.expectedEpoch: is ${input.expectedEpoch}, expected ${standing.epoch}, the epoch now`);
  }
  if (flow === 'az-failover' && standing.primary !== scope.region) {
    throw new InvalidInput(`input.target.region: is ${scope.region}, expected ${standing.primary}, which serves users`);
  }
  // Freezing stops actions, never messages: a degradation's flow tells people, and its one action checks for itself.
  if (flow !== 'service-degradation' && !input.dryRun && standing.frozen !== null) {
    throw new Frozen(`${standing.frozen.by} froze the automation: ${standing.frozen.reason}`);
  }
  const { reason, requestedBy, dryRun } = input;
  const startedAt = Date.parse(request.startedAt);
  const known = await incidentFor(input.incidentId ?? null, scope, standing, shell);
  const { id, openedAt: since } = known ?? { id: manualIncidentId(execution), openedAt: startedAt };
  const drill = input.drill || (await isOfDrill(known, shell));
  const common = { id, flow, ...scope, reason, requestedBy, dryRun, drill, execution, since, startedAt };
  const taken: FlowIncident =
    request.flow === 'region-failover' ? regionFlow(common, request, known, standing, shell) : common;
  if (!dryRun) await lock(taken, startedAt, shell);
  shell.log.info(dryRun ? 'dry run, no lock taken' : 'lock taken', { incident: id, execution });
  return taken;
});

/** Takes the target's lock, opens the incident of a manual start, and records the action. Safe to repeat. */
async function lock(taken: FlowIncident, startedAt: number, shell: Shell): Promise<void> {
  const { store, now } = shell;
  const { id, flow, region, zone, execution } = taken;
  const action = actionOf[flow];
  const target = lockTarget(taken);
  const wanted = { target, execution, incident: id, action, at: now() };
  const expectWanted = async (): Promise<void> => {
    await expectNotAborted(execution, shell);
    if (flow === 'region-failover') await expectNotGivenBack(execution, shell);
  };
  // A try before this one may have held the lock: what it was given back for must not lose it to a flow that is over.
  await expectWanted();
  // A region request supersedes a zone flow, which stops before its next call.
  const isTaken = await (flow === 'region-failover' ? store.supersedeLock(wanted) : store.takeLock(wanted));
  if (!isTaken && (flow !== 'service-degradation' || !(await mayTell(wanted, region, shell))))
    throw new LockHeld(`another execution acts on ${target}`);
  const scope: Scope = { region, zone };
  if (id === manualIncidentId(execution)) {
    await endPlanDone(wanted, region, shell);
    await openManually(taken, scope, startedAt, shell);
  }
  if (action !== 'notify' && countsAsAsked(taken)) await store.recordAction(action, targetOf(scope), now());
  // Aborted, or given back, at this moment, when there was no lock yet to give back.
  await expectWanted().catch(async (error: unknown) => {
    if (error instanceof Aborted) {
      await store.releaseLock(target, execution);
      await closeManual(taken, shell);
    }
    throw error;
  });
}

/** A cooldown keeps people from being asked again whether to give up what is lost: what is planned, or restored in its place, asks them something else. */
function countsAsAsked({ mode = 'failover' }: FlowIncident): boolean {
  return mode === 'failover';
}

/**
 * Whether a degradation whose lock is held is told all the same: not where an execution of the same incident is at work, which has told
 * people. It takes the lock from one that has ended. From another incident's, or where nobody says whether it runs, it takes none: it tells
 * people, and changes nothing.
 */
async function mayTell(wanted: Lock, region: string, shell: Shell): Promise<boolean> {
  const { store, log } = shell;
  const held = (await store.readStanding(region)).degradation ?? wanted;
  const stands = await howItStands('service-degradation', held.execution, shell);
  if (stands === 'runs' && held.incident === wanted.incident) return false;
  if (stands === 'ended') {
    await store.releaseLock(wanted.target, held.execution);
    if (await store.takeLock(wanted)) return true;
  }
  log.warn('goes on without a lock', { ...wanted, holder: held.execution });
  return true;
}

/**
 * Since when data is corrupted, and what is restored, as a person says; neither where nothing is. @throws InvalidInput where that is no time
 * that was, or nothing that can be restored there.
 */
function corruption(
  { input, startedAt }: Extract<Request, { flow: 'region-failover' }>,
  { plan }: Shell,
): Pick<FlowIncident, 'corruptedSince' | 'asset'> {
  const { mode, corruptedSince, asset, target } = input;
  const restorable = restorableIn(target.region, plan);
  if (mode === 'restore' && corruptedSince === undefined)
    throw new InvalidInput('input.corruptedSince: is missing, expected the time since when data is corrupted');
  if (mode === 'switchover' && corruptedSince !== undefined)
    throw new InvalidInput(
      `input.corruptedSince: is ${corruptedSince}, expected none with mode switchover, which copies what is corrupted`,
    );
  if (mode !== 'restore' && asset !== undefined)
    throw new InvalidInput(`input.asset: is ${asset}, expected none with mode ${mode}, which concerns all assets`);
  const known =
    restorable.join(', ') || `none: the plan says of no database in ${target.region} what it is restored as`;
  if (mode === 'restore' && (asset === undefined ? restorable.length === 0 : !restorable.includes(asset)))
    throw new InvalidInput(`input.asset: is ${asset ?? 'missing'}, expected one of ${known}`);
  if (corruptedSince === undefined) return {};
  const since = Date.parse(corruptedSince);
  if (since >= Date.parse(startedAt))
    throw new InvalidInput(
      `input.corruptedSince: is ${corruptedSince}, expected a time before the start, ${startedAt}`,
    );
  return { corruptedSince: since, ...(asset === undefined ? {} : { asset }) };
}

/** What the steps of a region flow need to know besides. @throws InvalidInput where the role or the people are not so. */
function regionFlow(
  incident: FlowIncident,
  request: Extract<Request, { flow: 'region-failover' }>,
  known: Incident | null,
  { primary, epoch }: Standing,
  shell: Shell,
): FlowIncident {
  const { input } = request;
  const { plan, region: here } = shell;
  const { region, execution, requestedBy } = incident;
  if (region !== primary) throw new InvalidInput(`input.target.region: is ${region}, expected ${primary}, the primary`);
  // Only what the record decided is automatic: an input can name any incident, any decision's execution and any mode.
  const isDecided = known !== null && isDecidedIn(known, execution, Date.parse(request.startedAt));
  const corrupted = corruption(request, shell);
  const manual = !isDecided || input.mode !== 'failover' || corrupted.corruptedSince !== undefined;
  if (manual && input.expectedEpoch === undefined) {
    throw new InvalidInput(`input.expectedEpoch: is missing, expected ${epoch}, the epoch now`);
  }
  const { required, roles, persons } = approversNeeded({ manual, requestedBy }, plan);
  if (persons < required) {
    throw new InvalidInput(
      `input.requestedBy: is ${requestedBy}, expected somebody else: of ${roles.join(', ')} ${required} must approve`,
    );
  }
  return { ...incident, mode: input.mode, ...corrupted, standby: here, epoch, manual };
}

/** What was asked for in time has started by then. */
const startsWithinMs = 60_000;

/** Whether the record decided an execution, did not take that back, and would still have started it then. */
function isDecidedIn(incident: Incident, execution: string, startedAt: number): boolean {
  const decision = incident.decisions.find((one) => one.execution === execution && one.action === 'request-approval');
  if (decision === undefined || isWithdrawn(incident, execution)) return false;
  return !isStale(decision, startedAt - startsWithinMs);
}

/** The incident named in the input; of a manual start the one that is open in the region, null where none is, or that of a plan that is over. */
async function incidentFor(
  named: string | null,
  scope: Scope,
  { lock }: Standing,
  { store }: Shell,
): Promise<Incident | null> {
  if (named === null) {
    const open = await store.readOpenIncident(scope.region);
    return open === null || isPlanDone(open, lock) ? null : open;
  }
  const incident = await store.readIncident(named);
  if (incident === null || incident.region !== scope.region) {
    throw new InvalidInput(`input.incidentId: is ${named}, expected an incident of ${scope.region}`);
  }
  if (incident.closedAt !== null) {
    throw new InvalidInput(
      `input.incidentId: is ${named}, expected an open incident; it was closed at ${new Date(incident.closedAt).toISOString()}`,
    );
  }
  return incident;
}

/** A region flow runs in the region that takes over; every other flow, and a restore where something stands, in the region that it is about. */
function checkTarget({ region, zone }: Scope, { flow, input }: Request, shell: Shell): void {
  const known = shell.plan.regions[region];
  if (known === undefined) {
    throw new InvalidInput(
      `input.target.region: is ${region}, expected one of ${Object.keys(shell.plan.regions).join(', ')}`,
    );
  }
  if (flow === 'region-failover' && input.mode !== 'restore') {
    const peer = peerOf(shell.region, shell.plan);
    if (region !== peer) {
      throw new InvalidInput(
        `input.target.region: is ${region}, expected ${peer ?? 'none'}: ${shell.region}, where this flow runs, takes over`,
      );
    }
  } else if (region !== shell.region) {
    throw new InvalidInput(`input.target.region: is ${region}, expected ${shell.region}, where this flow runs`);
  }
  if (zone !== null && !Object.hasOwn(known.zones, zone)) {
    throw new InvalidInput(`input.target.zone: is ${zone}, expected one of ${Object.keys(known.zones).join(', ')}`);
  }
}

/** Ends the incident of a plan that is over, and that nothing of what begins now is about. @throws Unavailable. */
async function endPlanDone(lock: Lock, region: string, { store, now }: Shell): Promise<void> {
  const open = await store.readOpenIncident(region);
  if (open === null || !isPlanDone(open, lock) || (await store.writeIncident(ended(open, now())))) return;
  throw new Unavailable(`incident ${open.id} was written by others at the same moment`);
}

/** Opens the incident of a manual start; when it is there already, an earlier try of this execution opened it. */
async function openManually(
  { id, flow, mode = 'failover' }: FlowIncident,
  scope: Scope,
  openedAt: number,
  { store }: Shell,
): Promise<void> {
  const incident: Incident = {
    id,
    region: scope.region,
    level: levelOf[flow],
    scope,
    openedAt,
    lastSignalAt: openedAt,
    closedAt: null,
    decisions: [],
    ...(mode !== 'failover' && { planned: mode }),
    version: 1,
  };
  if (await store.writeIncident(incident)) return;
  // Another incident of the region was opened a moment ago: asked again, this flow joins it.
  if ((await store.readIncident(id)) === null) throw new Unavailable(`another incident was opened in ${scope.region}`);
}
