// Desired state: the database's writer stands outside the failed zone.
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { type OwnEvidence, ownEvidence, untilHeld } from '../../domain/evidence/own-evidence.ts';
import type { DatabaseChange } from '../../domain/types.ts';
import { assetNamed, zoneIdOf } from '../../shared/estate.ts';
import { act, lastCallAt } from '../../shared/recovery/act.ts';
import type { ZoneIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { leave } from '../../shared/traffic/leave.ts';
import { describeDatabase, rebootWithFailover } from './aws/instances.ts';
import { nextDatabaseMove, type WriterHistory } from './moves.ts';
import { instanceIn } from './seen/held.ts';

/** Whose alarms say that a database has to leave. */
const component = 'database';

/** Why a failover, which is an outage of its own, waits; traffic has left meanwhile. */
const waitsFor = {
  well: 'its own alarms say that it is well there',
  forming: 'its own alarms have not held long enough',
  served: 'users have been served since traffic left',
} as const;

/** Events older than this say nothing about a failover that is under way now, but for those of our own call: it is not made twice. */
const eventsSeconds = 900;

/**
 * Called again until the writer was seen in another zone. `moved`: this flow did it, and not AWS or an earlier one. A failover is an
 * outage of its own: it waits for the database's own evidence, and what it is not needed for stays.
 */
export const handler = leave(async ({ incident, asset }, shell) => {
  const { region, zone, dryRun } = incident;
  const instance = await instanceIn(assetNamed(asset, 'rds-instance', shell.plan), region, shell);
  const call = { step: `leave-zone/${asset}`, call: 'rds:RebootDBInstance', target: instance };
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  const writer = { ...seen, zone: zoneIdOf(seen.zoneName, region, shell.plan) };
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextDatabaseMove(
    writer,
    zone,
    { calledAt, failover: await newestFailover(instance, region, calledAt, shell) },
    shell.now(),
  );
  if (dryRun) return { dryRun, database: instance, zone: writer.zone, wouldDo: wouldDo(move.next, instance, zone) };
  if (move.next === 'done') return { database: instance, moved: calledAt !== null, zone: writer.zone };
  if (move.next === 'give-up') throw new CannotProceed(`database ${instance} cannot leave ${zone}: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`database ${instance} is still in ${writer.zone}: ${move.why}`);
  const own = await evidenceOf(incident, shell);
  if (own === 'not-needed')
    return {
      database: instance,
      moved: false,
      zone: writer.zone,
      stays: 'users have been served for long enough without it',
      ...untilHeld(component),
    };
  if (own === 'well' || own === 'forming' || own === 'served')
    throw new InProgress(`database ${instance} stays in ${zone} for now: ${waitsFor[own]}`);
  const change = {
    before: `${writer.status} in ${writer.zone ?? 'a zone that is not known'}`,
    wanted: `in another zone than ${zone}`,
  };
  await act(incident, { ...call, change }, shell, () => rebootWithFailover(region, instance));
  throw new InProgress(`database ${instance} was asked to leave ${zone}`);
});

/** What the alarms of databases say of the zone. A person who starts the flow has decided. */
async function evidenceOf(incident: ZoneIncident, { store, plan, now }: Shell): Promise<OwnEvidence> {
  if (incident.requestedBy !== 'classify') return 'held';
  return ownEvidence(component, incident, await store.readSignals(incident.region, 0), plan, now());
}

async function newestFailover(
  instance: string,
  region: string,
  calledAt: number | null,
  { store, now }: Shell,
): Promise<WriterHistory['failover']> {
  const since = Math.min(now() - eventsSeconds * 1000, (calledAt ?? now()) - 1_000);
  const signals = await store.readSignals(region, since);
  const events = signals.filter((signal) => signal.kind === 'database' && signal.instance === instance);
  const newest = (change: DatabaseChange) =>
    Math.max(
      0,
      ...events.filter((signal) => signal.kind === 'database' && signal.change === change).map((signal) => signal.at),
    );
  const [startedAt, completedAt] = [newest('failover-started'), newest('failover-completed')];
  if (startedAt === 0 && completedAt === 0) return null;
  // Event times are whole seconds: of a start and an end in one second, the end came last.
  return completedAt >= startedAt ? { phase: 'completed', at: completedAt } : { phase: 'started', at: startedAt };
}

function wouldDo(next: 'done' | 'reboot' | 'wait' | 'give-up', instance: string, zone: string): string {
  if (next === 'reboot') return `reboot ${instance} with failover out of ${zone}`;
  if (next === 'wait') return `wait for ${instance}`;
  return next === 'done' ? `nothing: ${instance} is not in ${zone}` : `stop: ${instance} cannot leave ${zone}`;
}
