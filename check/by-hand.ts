// Who cannot start a region failover by hand: where who starts it is an approver, too few others remain. Pure.
import type { Plan } from '../functions/domain/plan/plan.ts';
import { approversNeeded } from '../functions/shared/approval/approvers.ts';

/** A contact whose start would be refused, the persons who must approve it, and those who could. */
export type CannotStart = { readonly contact: string; readonly needed: number; readonly left: number };

/** In the order of the plan's contacts. */
export function cannotStart(plan: Plan): CannotStart[] {
  return Object.keys(plan.contacts).flatMap((contact) => {
    const { required, persons } = approversNeeded({ manual: true, requestedBy: contact }, plan);
    return persons < required ? [{ contact, needed: required, left: persons }] : [];
  });
}
