// The one way to change something in AWS: not while frozen, not without the lock, and never without a record written
// before the call.
import { CannotProceed, Frozen, LockLost, Unavailable } from '../domain/errors.ts';
import type { AuditRecord } from '../domain/store.ts';
import type { Standing } from '../domain/types.ts';
import type { FlowIncident } from './flow.ts';
import { lockTarget } from './locks.ts';
import type { Shell } from './shell.ts';

/** What gives a region up: once one asset is fenced or has taken over, a freeze stops the others no more. */
export const givingUp = ['fence', 'take-over'] as const;

/** A mutating call: the step that makes it, service:operation, and what it changes. */
export type Call = Pick<AuditRecord, 'step' | 'call' | 'target'> & {
  /** Where the call is made; the incident's region unless said otherwise. */
  readonly region?: string;
  /** Verbs whose begun work this one finishes, of whichever asset: a freeze does not come between. */
  readonly continues?: readonly string[];
  /** The fence watch's: it goes on when its flow was aborted or has ended. */
  readonly outlivesLock?: boolean;
};

/**
 * Records a call and then makes it. A step that has recorded a call before goes on even when frozen: stopping half way
 * is worse than either end. @throws Frozen before the step's first call while the automation is frozen, and LockLost
 * where this execution does not hold its region's lock any more.
 */
export async function act<Result>(
  incident: FlowIncident,
  call: Call,
  shell: Shell,
  run: () => Promise<Result>,
): Promise<Result> {
  const { store, now, log } = shell;
  const { id, execution, requestedBy: actor, drill } = incident;
  const { continues = [], outlivesLock = false, ...made } = { region: incident.region, ...call };
  const [past, standing] = await Promise.all([store.readAudit(id), store.readStanding(incident.region)]);
  if (!outlivesLock) expectLock(incident, standing);
  const isPart = ({ step }: AuditRecord) => step === call.step || continues.some((verb) => step.startsWith(`${verb}/`));
  const begun = past.some((one) => one.execution === execution && isPart(one));
  const { frozen } = standing;
  if (frozen !== null && !begun) throw new Frozen(`${frozen.by} froze the automation: ${frozen.reason}`);
  const at = now();
  await store.audit({ incident: id, at, actor, execution, drill, ...made });
  log.info('calling', { incident: id, execution, ...made });
  try {
    return await run();
  } catch (error) {
    // Remembered, so that a refusal is not taken for a call under way, or for one that was made.
    if (error instanceof CannotProceed || (error instanceof Unavailable && error.refused)) {
      await store.recordStep({ incident: id, execution, step: `refused/${call.call}/${call.target}`, at, outcome: {} });
    }
    throw error;
  }
}

/** @throws LockLost where this execution does not hold its region's lock any more. */
export function expectLock(incident: FlowIncident, { lock }: Pick<Standing, 'lock'>): void {
  const { execution, region } = incident;
  if (lockTarget(incident) !== region || lock?.execution === execution) return;
  throw new LockLost(`${execution} does not hold the lock of ${region} any more: ${lock?.execution ?? 'nobody'} does`);
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
