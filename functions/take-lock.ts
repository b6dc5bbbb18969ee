// Desired state: this execution, and no other, may act on its target. The first state of every flow, however started.
import * as z from 'zod';
import { Frozen, InvalidInput, LockHeld, Unavailable } from './domain/errors.ts';
import { type Incident, type Scope, targetOf } from './domain/types.ts';
import { type FlowIncident, manualIncidentId } from './shared/flow.ts';
import { lockTarget } from './shared/locks.ts';
import { type Shell, step } from './shared/shell.ts';

/** What an execution is started with, by classify or by hand. */
const Start = {
  incidentId: z.string().min(1).optional(),
  reason: z.string().min(1),
  requestedBy: z.string().min(1),
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
]);

/**
 * Gives the incident that the flow's states work on. Safe to repeat: the lock an execution holds is its own. A dry run
 * changes nothing, so it takes no lock and opens no incident.
 * @throws InvalidInput, Frozen, LockHeld, and Unavailable where another incident opens at the same moment.
 */
export const handler = step(TakeLockInput, async (request, shell): Promise<FlowIncident> => {
  const { flow, execution, input } = request;
  const { store, now } = shell;
  const scope: Scope = { region: input.target.region, zone: 'zone' in input.target ? input.target.zone : null };
  checkTarget(scope, shell);
  const standing = await store.readStanding(scope.region);
  if (input.expectedEpoch !== undefined && input.expectedEpoch !== standing.epoch) {
    throw new InvalidInput(`input.expectedEpoch: is ${input.expectedEpoch}, expected ${standing.epoch}, the epoch now`);
  }
  if (flow === 'az-failover' && standing.primary !== scope.region) {
    throw new InvalidInput(`input.target.region: is ${scope.region}, expected ${standing.primary}, which serves users`);
  }
  // Freezing stops actions, never messages: a degradation's flow tells people, and its one action checks for itself.
  if (flow === 'az-failover' && !input.dryRun && standing.frozen !== null) {
    throw new Frozen(`${standing.frozen.by} froze the automation: ${standing.frozen.reason}`);
  }
  const { reason, requestedBy, dryRun, drill } = input;
  const startedAt = Date.parse(request.startedAt);
  const known = await incidentFor(input.incidentId ?? null, scope, shell);
  const { id, openedAt: since } = known ?? { id: manualIncidentId(execution), openedAt: startedAt };
  if (!dryRun) {
    const target = lockTarget(scope);
    const action = flow === 'az-failover' ? 'az-failover' : 'notify';
    if (!(await store.takeLock({ target, execution, incident: id, action, at: now() }))) {
      throw new LockHeld(`another execution acts on ${target}`);
    }
    if (id === manualIncidentId(execution)) await openManually(id, scope, startedAt, shell);
    if (scope.zone !== null) await store.recordAction('az-failover', targetOf(scope), now());
  }
  shell.log.info(dryRun ? 'dry run, no lock taken' : 'lock taken', { incident: id, execution });
  return { id, ...scope, reason, requestedBy, dryRun, drill, execution, since, startedAt };
});

/** The incident named in the input; of a manual start the one that is open in the region, null where none is. */
async function incidentFor(named: string | null, scope: Scope, { store }: Shell): Promise<Incident | null> {
  if (named === null) return store.readOpenIncident(scope.region);
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

function checkTarget({ region, zone }: Scope, shell: Shell): void {
  const known = shell.plan.regions[region];
  if (known === undefined) {
    throw new InvalidInput(
      `input.target.region: is ${region}, expected one of ${Object.keys(shell.plan.regions).join(', ')}`,
    );
  }
  if (region !== shell.region) {
    throw new InvalidInput(`input.target.region: is ${region}, expected ${shell.region}, where this flow runs`);
  }
  if (zone !== null && !Object.hasOwn(known.zones, zone)) {
    throw new InvalidInput(`input.target.zone: is ${zone}, expected one of ${Object.keys(known.zones).join(', ')}`);
  }
}

/** Opens the incident of a manual start; when it is there already, an earlier try of this execution opened it. */
async function openManually(id: string, scope: Scope, openedAt: number, { store }: Shell): Promise<void> {
  const level = scope.zone === null ? 1 : 2;
  const incident: Incident = {
    id,
    region: scope.region,
    level,
    scope,
    openedAt,
    lastSignalAt: openedAt,
    closedAt: null,
    decisions: [],
    version: 1,
  };
  if (await store.writeIncident(incident)) return;
  // Another incident of the region was opened a moment ago: asked again, this flow joins it.
  if ((await store.readIncident(id)) === null) throw new Unavailable(`another incident was opened in ${scope.region}`);
}
