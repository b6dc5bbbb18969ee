// Marks the zonal shifts of an incident, so that its flow ends its own and leaves the others alone.
import type { Shift } from '../aws/zonal-shift.ts';
import type { FlowIncident } from './flow.ts';

/** The comment of a shift, at most 128 characters. */
export function shiftComment(incident: FlowIncident): string {
  return `Breakwater ${incident.id}`.slice(0, 128);
}

/** Whether a flow of this incident started the shift. */
export function isOurs(shift: Shift, incident: FlowIncident): boolean {
  return shift.cause === 'customer' && shift.comment === shiftComment(incident);
}
