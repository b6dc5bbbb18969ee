// approved: in a region flow nothing is fenced, promoted, restored or redirected without a valid approval.
import { describe, type History, type Invariant, type Violation } from '../model/history.ts';
import type { Mutation, ObservationOf } from '../model/observations.ts';
import { isKeeping, isRegionFlow, isWatch, type RegionAct, regionActOf } from '../model/region-acts.ts';

export const approved: Invariant = (history) => {
  const approvals = history.of('approval');
  return history.of('mutation').flatMap((mutation): Violation[] => {
    // A rehearsal stands beside what serves, under a name of its own, and is no way of a failover.
    if (isKeeping(mutation)) return [];
    const machine = history.executions.get(mutation.execution)?.stateMachine;
    const act = regionActOf(mutation, machine);
    // What a region flow does and this model does not know is held to need an approval too: before it, nothing changes.
    if (act === null && !isRegionFlow(machine)) return [];
    // The fence watch alone goes on after a promotion whatever becomes of the approval: two writers are worse.
    const promotion = act === 'fenced' && isWatch(mutation) ? promotionBefore(mutation, history) : null;
    const missing = whatIsMissing(promotion === null ? mutation : { ...mutation, at: promotion.at }, act, approvals);
    return missing === null
      ? []
      : [{ at: mutation.at, what: `${describe(mutation)}, and so something was ${act ?? 'changed'} ${missing}` }];
  });
};

function promotionBefore({ execution, at }: Mutation, history: History): Mutation | null {
  const machine = history.executions.get(execution)?.stateMachine;
  const all = history.of('mutation').filter((one) => one.execution === execution && one.at <= at);
  return all.find((one) => ['promoted', 'restored'].includes(regionActOf(one, machine) ?? '')) ?? null;
}

function whatIsMissing(
  mutation: Mutation,
  act: RegionAct | null,
  approvals: readonly ObservationOf<'approval'>[],
): string | null {
  const { at, execution, region } = mutation;
  const last = approvals.findLast((approval) => approval.execution === execution && approval.at <= at);
  if (execution === '' || last === undefined) return 'without an approval';
  if (!last.valid) return 'with an approval that is void';
  const makesWriter = act === 'promoted' || act === 'restored';
  return makesWriter && last.target !== region ? `where the approval is for ${last.target}` : null;
}
