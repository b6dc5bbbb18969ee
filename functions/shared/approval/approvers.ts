// Says who may approve a region flow, and how many of them are needed.
import { isSamePerson, personsIn } from '../../domain/plan/persons.ts';
import type { Plan } from '../../domain/plan/plan.ts';

/** The roles that may answer, without the person who asks, how many persons they are, and how many must approve. */
export type Approvers = { readonly required: number; readonly roles: readonly string[]; readonly persons: number };

/** Nothing proves who wrote the input of a manual start, so that one needs an approver more. */
export function approversNeeded(
  { manual, requestedBy }: { readonly manual: boolean; readonly requestedBy: string },
  plan: Plan,
): Approvers {
  const roles = plan.approval.roles.filter((role) => !isSamePerson(role, requestedBy, plan));
  return { required: plan.approval.required + (manual ? 1 : 0), roles, persons: personsIn(roles, plan).length };
}
