// The one way to change something in AWS: not while frozen, and never without a record written before the call.
import { Frozen, Unavailable } from '../domain/errors.ts';
import type { AuditRecord } from '../domain/store.ts';
import type { FlowIncident } from './flow.ts';
import type { Shell } from './shell.ts';

/** A mutating call: the step that makes it, service:operation, and what it changes. */
export type Call = Pick<AuditRecord, 'step' | 'call' | 'target'>;

/**
 * Records a call and then makes it. A step that has recorded a call before goes on even when frozen: stopping half way
 * is worse than either end. @throws Frozen before the step's first call while the automation is frozen.
 */
export async function act<Result>(
  incident: FlowIncident,
  call: Call,
  shell: Shell,
  run: () => Promise<Result>,
): Promise<Result> {
  const { store, now, log } = shell;
  const { id, execution, region, requestedBy: actor, drill } = incident;
  const begun = (await store.readAudit(id)).some((past) => past.execution === execution && past.step === call.step);
  const frozen = begun ? null : (await store.readStanding(region)).frozen;
  if (frozen !== null) throw new Frozen(`${frozen.by} froze the automation: ${frozen.reason}`);
  const at = now();
  await store.audit({ incident: id, at, actor, execution, region, drill, ...call });
  log.info('calling', { incident: id, execution, ...call });
  try {
    return await run();
  } catch (error) {
    // Remembered, so that a refusal is not taken for a call under way.
    if (error instanceof Unavailable && error.refused) {
      await store.recordStep({ incident: id, execution, step: `refused/${call.call}/${call.target}`, at, outcome: {} });
    }
    throw error;
  }
}

/** When this execution last made a call that was not refused, in milliseconds since 1970; null where it did not. */
export async function lastCallAt(incident: FlowIncident, call: Call, { store }: Shell): Promise<number | null> {
  const refusals = (await store.readSteps(incident.id)).filter(
    (step) => step.execution === incident.execution && step.step === `refused/${call.call}/${call.target}`,
  );
  const same = (await store.readAudit(incident.id)).filter(
    (past) =>
      past.execution === incident.execution &&
      past.step === call.step &&
      past.call === call.call &&
      past.target === call.target &&
      !refusals.some((refusal) => refusal.at === past.at),
  );
  return same.length === 0 ? null : Math.max(...same.map((past) => past.at));
}
