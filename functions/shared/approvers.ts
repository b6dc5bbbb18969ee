// Says who may approve a region flow, and how many of them are needed.
import type { Plan } from '../domain/plan.ts';

/** The roles that may answer, without the one that asks, and how many must approve. */
export type Approvers = { readonly required: number; readonly roles: readonly string[] };

/** Nothing proves who wrote the input of a manual start, so that one needs an approver more. */
export function approversNeeded(
  { manual, requestedBy }: { readonly manual: boolean; readonly requestedBy: string },
  { approval }: Plan,
): Approvers {
  return {
    required: approval.required + (manual ? 1 : 0),
    roles: approval.roles.filter((role) => role !== requestedBy),
  };
}
