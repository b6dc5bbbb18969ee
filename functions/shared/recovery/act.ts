// The one way to change something in AWS: not while frozen, not without the lock, and never without a record written
// before the call.
import { isOnlyAnswer } from '../../aws/calls/faults.ts';
import { noteRequestIds } from '../../aws/calls/request-ids.ts';
import { CannotProceed, Frozen, LockLost, Unavailable } from '../../domain/errors.ts';
import { type CallMark, callMark } from '../../domain/record/call-marks.ts';
import type { AuditRecord, Change, StepRecord } from '../../domain/record/store.ts';
import { unfenceMark } from '../../domain/recovery/reaching.ts';
import { whyMovedOn } from '../../domain/roles.ts';
import type { Standing } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import type { FlowIncident } from './flow.ts';
import { expectFresh } from './fresh.ts';
import { lockOf, lockTarget } from './locks.ts';

/** What gives a region up: once one asset is fenced or has taken over, a freeze stops the others no more. */
export const givingUp = ['fence', 'take-over'] as const;

/** A mutating call: the step that makes it, service:operation, and what it changes. */
export type Call = Pick<AuditRecord, 'step' | 'call' | 'target'> & {
  /** What the look before it saw, and what it asks for; null where nobody can look. */
  readonly change: Change | null;
  /** Where the call is made; the incident's region unless said otherwise. */
  readonly region?: string;
  /** Verbs whose begun work this one finishes, of whichever asset: a freeze does not come between. */
  readonly continues?: readonly string[];
  /**
   * The exceptions, which neither a freeze nor an approval's age stops. The fence watch goes on when its flow was aborted or has ended: it
   * holds the lock of the region's fence instead of the region's. Who watches a zone keeps its shifts alive while another flow only asks people.
   */
  readonly watches?: Watching | undefined;
};

/** Says whose turn it is instead of the holder of the flow's lock. @throws LockLost where it is not the caller's any more. */
export type Watching = (incident: FlowIncident, standing: Standing, shell: Shell) => Promise<void>;

/**
 * Records a call and then makes it; `run` gives false where it was certain not to begin. A step that has recorded a call before goes on even when frozen: stopping half way
 * is worse than either end. @throws Frozen before the step's first call while the automation is frozen, LockLost where
 * this execution does not hold its flow's lock any more or its turn is over, and ApprovalStale where what people approved has to be looked at
 * again. What gives back what was taken, and the fence watch, rest on no approval.
 */
export async function act<Result>(
  incident: FlowIncident,
  call: Call,
  shell: Shell,
  run: () => Promise<Result>,
): Promise<Result> {
  const { store, now, log } = shell;
  const { id, execution, requestedBy: actor, drill } = incident;
  const { continues = [], watches, change, ...made } = { region: incident.region, ...call };
  const [past, steps, standing] = await Promise.all([
    store.readAudit(id),
    store.readSteps(id),
    store.readStanding(incident.region),
  ]);
  const expectOwn: Watching = watches ?? (async (_, found) => expectTurn(incident, found));
  await expectOwn(incident, standing, shell);
  const isPart = ({ step }: AuditRecord) => step === call.step || continues.some((verb) => step.startsWith(`${verb}/`));
  const own = past.filter((one) => one.execution === execution);
  const undoneAt = isUndoing(call) ? null : (own.findLast(isUndoing)?.at ?? null);
  const begun = own.some((one) => isPart(one) && (undoneAt === null || one.at > undoneAt));
  const { frozen } = standing;
  if (frozen !== null && !begun && watches === undefined)
    throw new Frozen(`${frozen.by} froze the automation: ${frozen.reason}`);
  if (!isUndoing(call) && watches === undefined)
    await expectFresh(incident, madeBy(incident, past, steps), steps, shell);
  const at = now();
  await store.audit({ incident: id, at, actor, execution, drill, ...made, ...kept(change) });
  log.info('calling', { incident: id, execution, ...made });
  const requestIds: string[] = [];
  const keep = (which: CallMark) =>
    store.recordStep({ incident: id, execution, step: callMark(which, call), at, outcome: { requestIds } });
  // Remembered, so that a refusal is not taken for a call under way, or for one that was made.
  const refused = () => keep('refused');
  try {
    // Again: an abort that took the lock before this record was written has not seen it, undoes nothing of it, and does not say that it stays.
    await expectOwn(incident, await store.readStanding(incident.region), shell);
    const result = await noteRequestIds(requestIds, run);
    if (result === false) await refused();
    // What was done is done: that nobody can say so later, or under which id, stops nothing.
    else
      await keep('made').catch((error: unknown) =>
        log.warn('not kept that a call was made', { ...made, requestIds, error: String(error) }),
      );
    return result;
  } catch (error) {
    if (isRefusal(error)) await refused();
    throw error;
  }
}

/** Words from AWS must not keep the record from being written. */
const longestChange = 300;

/** What of a change goes into the record. */
function kept(change: Change | null): { readonly change?: Change } {
  if (change === null) return {};
  const cut = (words: string) => words.slice(0, longestChange).toWellFormed();
  return { change: { before: cut(change.before), wanted: cut(change.wanted) } };
}

/** Whether what was recorded was not done. */
function isRefusal(error: unknown): boolean {
  if (error instanceof LockLost) return true;
  const isNo = error instanceof CannotProceed || (error instanceof Unavailable && error.refused);
  return isNo && isOnlyAnswer(error);
}

/** Whether a call undoes what gave the region up: what was begun before is begun no more. */
function isUndoing({ step }: Pick<AuditRecord, 'step'>): boolean {
  return step.startsWith(unfenceMark(''));
}

/** @throws LockLost where this execution does not hold its flow's lock any more, or the roles have moved on beyond it. */
export function expectTurn(
  incident: FlowIncident,
  standing: Pick<Standing, 'lock' | 'degradation' | 'primary' | 'epoch'>,
): void {
  expectLock(incident, standing);
  expectRoles(incident, standing);
}

/** A flow that gave a region up keeps its lock through a pause, while others move the roles. @throws LockLost */
export function expectRoles(
  { standby, epoch, mode, execution }: FlowIncident,
  standing: Pick<Standing, 'primary' | 'epoch'>,
): void {
  if (standby === undefined || epoch === undefined) return;
  const moved = whyMovedOn({ standby, epoch, mode }, standing);
  if (moved === null) return;
  throw new LockLost(`${moved}, and ${execution} began in epoch ${epoch}: it changes nothing any more; abort it`);
}

/** @throws LockLost where this execution does not hold its flow's lock any more. */
export function expectLock(incident: FlowIncident, standing: Pick<Standing, 'lock' | 'degradation'>): void {
  const { execution } = incident;
  const holder = lockOf(incident, standing)?.execution;
  if (holder === execution) return;
  throw new LockLost(
    `${execution} does not hold the lock of ${lockTarget(incident)} any more: ${holder ?? 'nobody'} does`,
  );
}

/** The calls of this execution that were not refused, oldest first, from what the record holds of its incident. */
export function madeBy(
  { execution }: Pick<FlowIncident, 'execution'>,
  audit: readonly AuditRecord[],
  steps: readonly StepRecord[],
): AuditRecord[] {
  const own = steps.filter((step) => step.execution === execution);
  return audit.filter(
    (past) =>
      past.execution === execution && !own.some(({ step, at }) => at === past.at && step === callMark('refused', past)),
  );
}

/** The same, read from the record. `id`: of the incident. */
export async function callsOf(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  { store }: Pick<Shell, 'store'>,
): Promise<AuditRecord[]> {
  const [audit, steps] = await Promise.all([store.readAudit(id), store.readSteps(id)]);
  return madeBy({ execution }, audit, steps);
}

/** When this execution last made a call that was not refused, in milliseconds since 1970; null where it did not. */
export async function lastCallAt(
  incident: FlowIncident,
  call: Pick<Call, 'step' | 'call' | 'target'>,
  shell: Shell,
): Promise<number | null> {
  const same = (await callsOf(incident, shell)).filter(
    (past) => past.step === call.step && past.call === call.call && past.target === call.target,
  );
  return same.length === 0 ? null : Math.max(...same.map((past) => past.at));
}
