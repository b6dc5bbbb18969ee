// still-approved: nothing is changed by an approval that is stale. What people approved was looked at again after the flow began or
// was resumed, the first change followed soon, and the incident was not over since. From the redirection on nothing is stale.
import { describe, type Execution, type History, type Invariant, type Violation } from '../model/history.ts';
import type { Mutation } from '../model/observations.ts';
import { isRegionFlow, isWatch, regionActOf } from '../model/region-acts.ts';

/** A function runs for 30 s at most, and a call of it may take effect after it was given up. */
const graceMs = 60_000;

export const stillApproved: Invariant = (history, plan) => {
  const freshMs = plan.approval.freshSeconds * 1000 + graceMs;
  const promotes = plan.assets.some(({ kind }) => kind === 'rds-instance');
  const groups = Map.groupBy(history.of('mutation'), ({ execution }) => execution);
  return [...groups].flatMap(([name, made]): Violation[] => {
    const execution = history.executions.get(name);
    if (execution === undefined || !isRegionFlow(execution.stateMachine)) return [];
    return made.flatMap((mutation, index) => {
      const past = made.slice(0, index);
      if (restsOnNothing(mutation, past, execution, promotes)) return [];
      const why = whyStale(mutation, past, execution, history, freshMs);
      return why === null ? [] : [{ at: mutation.at, what: `${describe(mutation)}, ${why}` }];
    });
  });
};

/**
 * What a person does by hand, what gives back, the fence watch once something was promoted, or has taken over where nothing is promoted, and
 * all after the redirection.
 */
function restsOnNothing(
  mutation: Mutation,
  past: readonly Mutation[],
  { stateMachine }: Execution,
  promotes: boolean,
): boolean {
  const { step } = mutation;
  const acts = past.map((one) => regionActOf(one, stateMachine));
  const hasTakenOver = acts.includes('promoted') || (!promotes && past.some((one) => /^TakeOver\b/.test(one.step)));
  const watches = isWatch(mutation) && hasTakenOver;
  return !/^[A-Z]/.test(step) || /^Unfence\b/.test(step) || watches || acts.includes('redirected');
}

function whyStale(
  mutation: Mutation,
  past: readonly Mutation[],
  execution: Execution,
  history: History,
  freshMs: number,
): string | null {
  const { at, incident } = mutation;
  const look = history.of('look').findLast((one) => one.execution === execution.name && one.holds && one.at <= at);
  if (look === undefined) return 'before anybody had looked whether what was approved was still so';
  const period = execution.periods.findLast(({ from }) => from <= at);
  const since = period?.from ?? at;
  const ended = period?.to ?? null;
  if (ended !== null && at > ended + graceMs) return 'after the flow had stopped';
  if (look.at < since) return 'after the flow had been resumed, before anybody had looked again';
  const isFirst = !past.some((one) => one.at >= since);
  if (isFirst && at - look.at > freshMs) return `${Math.round((at - look.at) / 1000)} s after it was looked at`;
  const over = endOf(incident, execution.name, history);
  return over !== null && over >= look.at && over < at - graceMs ? 'when the incident was over' : null;
}

/** When the incident of a flow ended that the automation decided on; null while it lasts, or where a person started the flow. */
function endOf(incident: string, execution: string, history: History): number | null {
  const decisions = history.of('decision').filter((one) => one.incident === incident);
  if (!decisions.some((one) => one.action === 'request-approval' && one.execution === execution)) return null;
  // A decision is seen again each time its incident is written.
  const last = decisions.reduce((newest, one) => (one.attempt > newest ? one.attempt : newest), 0);
  const end = decisions.find(({ attempt }) => attempt === last);
  return end?.action === 'none' && end.level === 0 ? end.at : null;
}
