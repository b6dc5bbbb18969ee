// Marks the zonal shifts of an incident, so that its flow ends its own and leaves the others alone; and keeps until when they last, so
// that one that ran out is told from one that somebody ended.
import type { Shift } from '../../aws/traffic/zonal-shift.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import type { FlowIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';

/** The comment of a shift, at most 128 characters. */
export function shiftComment(incident: FlowIncident): string {
  return `Breakwater ${incident.id}`.slice(0, 128);
}

/** Whether a flow of this incident started the shift. */
export function isOurs(shift: Shift, incident: FlowIncident): boolean {
  return shift.cause === 'customer' && shift.comment === shiftComment(incident);
}

const standsMark = (resource: string): string => `shift-stands/${resource}`;
const endedMark = (resource: string): string => `shift-ended/${resource}`;

/** Keeps until when a shift of ours lasts, each time that this has changed. */
export async function noteStands(
  incident: FlowIncident,
  resource: string,
  expiresAt: number,
  shell: Shell,
): Promise<void> {
  const last = (await stepsOf(incident, shell)).findLast(({ step }) => step === standsMark(resource));
  if (last?.outcome['expiresAt'] !== expiresAt) await keep(incident, standsMark(resource), { expiresAt }, shell);
}

/**
 * Whether somebody ended the shift of ours that was last asked for at `calledAt`, and that stands no more: before its time, or else it
 * ran out. Times are milliseconds since 1970.
 */
export async function wasEnded(
  incident: FlowIncident,
  resource: string,
  calledAt: number,
  shell: Shell,
): Promise<boolean> {
  const own = (await stepsOf(incident, shell)).filter(({ at }) => at >= calledAt);
  if (own.some(({ step }) => step === endedMark(resource))) return true;
  const stood = own.findLast(({ step }) => step === standsMark(resource));
  const expiresAt = stood?.outcome['expiresAt'] ?? calledAt + shell.plan.zonalShift.expirySeconds * 1000;
  if (shell.now() >= Number(expiresAt)) return false;
  // Kept, because later it would look as if it had run out. One that was never seen may only not be listed yet.
  if (stood !== undefined) await keep(incident, endedMark(resource), {}, shell);
  return true;
}

async function stepsOf({ id, execution }: FlowIncident, { store }: Shell): Promise<StepRecord[]> {
  return (await store.readSteps(id)).filter((past) => past.execution === execution);
}

async function keep(
  { id, execution }: FlowIncident,
  step: string,
  outcome: StepRecord['outcome'],
  { store, now }: Shell,
): Promise<void> {
  await store.recordStep({ incident: id, execution, step, at: now(), outcome });
}
