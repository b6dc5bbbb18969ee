// Ends the incident of a manual start that nobody classified: its own flow watches for the end of its evidence.
import { ended, isManual } from '../../domain/decision/incident.ts';
import { keptOut, returnOf } from '../../domain/decision/kept-out.ts';
import { Unavailable } from '../../domain/errors.ts';
import { drawPicture } from '../../domain/evidence/picture.ts';
import type { Incident } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import type { FlowIncident } from './flow.ts';

/**
 * Gives the incident of a flow as it stands; null where the record has none. A manual one that is still about
 * the flow's place, which has had no failing component for the plan's recovery time and which users do not stay out of, is closed first.
 */
export async function currentIncident(flow: FlowIncident, { store, plan, now, log }: Shell): Promise<Incident | null> {
  const incident = await store.readIncident(flow.id);
  if (incident === null || incident.closedAt !== null || !isManual(incident)) return incident;
  if (incident.scope.zone !== flow.zone) return incident;
  const signals = await store.readSignals(flow.region, 0);
  const here = signals.filter(
    (signal) => signal.kind === 'component' && (flow.zone === null || signal.zone === flow.zone),
  );
  if (here.some((signal) => signal.kind === 'component' && signal.condition === 'failing')) return incident;
  // The newest signal of each key tells since when that component has been as it is.
  const wellSince = Math.max(incident.openedAt, ...here.map((signal) => signal.at));
  if (now() - wellSince < plan.evidence.recoverySeconds * 1000) return incident;
  if (flow.zone === null) return close(incident, { store, now, log });
  const standing = await store.readStanding(flow.region);
  const picture = drawPicture(signals, flow.region, plan, now());
  if (keptOut(incident, picture, standing, plan, now()) !== null) return incident;
  return close({ ...incident, ...returnOf(incident, standing.lock, now()) }, { store, now, log });
}

/** Closes the incident of a manual start whose flow has come to its end; any other stays as it is. */
export async function closeManual(flow: Pick<FlowIncident, 'id'>, shell: Shell): Promise<void> {
  const incident = await shell.store.readIncident(flow.id);
  if (incident !== null && incident.closedAt === null && isManual(incident)) await close(incident, shell);
}

/** Keeps when the flow of a plan has come to its end, in the incident that it opened: what is lost some time after that is another one. @throws Unavailable. */
export async function notePlanDone({ id }: Pick<FlowIncident, 'id'>, { store, now }: Shell): Promise<void> {
  const incident = await store.readIncident(id);
  if (incident?.planned === undefined || incident.closedAt !== null || incident.doneAt !== undefined) return;
  if (!(await store.writeIncident({ ...incident, doneAt: now(), version: incident.version + 1 })))
    throw new Unavailable(`incident ${id} was written by others at the same moment`);
}

async function close(incident: Incident, { store, now, log }: Pick<Shell, 'store' | 'now' | 'log'>): Promise<Incident> {
  const closed = ended(incident, now());
  if (!(await store.writeIncident(closed))) return incident;
  log.info('manual incident closed', { incident: incident.id });
  return closed;
}
