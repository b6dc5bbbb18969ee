// Says by the record whether a flow has sent users to the other region: for whoever judges what became of them once the flow itself cannot. Pure.
import { callMark } from '../record/call-marks.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';

/** In the record, that the latch of a region lies where no health check can read it. */
export const unseenMark = 'redirect-users/unseen';

/**
 * Whether that was seen, or AWS has taken what does it: the change of the record, or the latch of the region that is left. That it was asked for is not
 * enough: users may stand where they were. Nor is a latch that nobody without credentials could read; nor one beside the other region's own, which may
 * lie still: then users are where they were by either.
 * `calls`, `own`: of one execution; `comesHome`: whether the plan's first region takes over, where the end of its own latch is what sends them.
 */
export function areSent(
  calls: readonly AuditRecord[],
  own: readonly StepRecord[],
  { comesHome }: { readonly comesHome: boolean },
): boolean {
  const wasSeen = own.some(
    ({ step, outcome }) =>
      (step === 'redirect-users' && outcome['skipped'] !== true) ||
      (step === 'redirect-users/change' && typeof outcome['change'] === 'string'),
  );
  const latches = calls.filter(({ step }) => step === 'redirect-users');
  const closed = latches.filter(({ call }) => call === 's3:PutObject');
  const opened = latches.filter(({ call }) => call === 's3:DeleteObject');
  const isMade = (made: AuditRecord) => own.some(({ step, at }) => step === callMark('made', made) && at === made.at);
  const isUnseen = own.some(({ step }) => step === unseenMark);
  return wasSeen || (!isUnseen && opened.every(isMade) && (closed.some(isMade) || (comesHome && opened.length > 0)));
}
