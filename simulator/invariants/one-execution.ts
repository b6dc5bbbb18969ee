// one-execution: at most one execution acts on a target; duplicates and reordering change no outcome.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import {
  describe,
  type Execution,
  flowOf,
  type History,
  type Invariant,
  isFenceWatch,
  type Period,
  type Violation,
} from './model/history.ts';
import { isRegionFlow } from './model/region-acts.ts';
import { findRepeats } from './model/repeats.ts';

export const oneExecution: Invariant = (history, plan) => [
  ...actingTogether(history),
  ...startedTwice(history),
  ...doneByTwo(history, plan),
];

type Span = { readonly from: number; readonly to: number };

/** Two executions that act on one target at the same time. */
function actingTogether(history: History): Violation[] {
  const executions = [...history.executions.values()].filter((execution) => !execution.dryRun);
  return executions.flatMap((one, index) =>
    executions.slice(index + 1).flatMap((other): Violation[] => {
      if (!shareTarget(one, other)) return [];
      const since = firstOverlap(actingSpans(one, other, history), actingSpans(other, one, history));
      return since === null
        ? []
        : [
            {
              at: since,
              what: `${one.name} and ${other.name} act on ${one.target?.region ?? 'both regions'} at the same time`,
            },
          ];
    }),
  );
}

/** Zones of one region share its database, its cache and its load balancers; a region flow works on both regions. */
function shareTarget(one: Execution, other: Execution): boolean {
  // What a watch and its flow do is one approval's, and seen as one: the same call twice is a repeat.
  if (flowOf(one.name) === flowOf(other.name)) return false;
  if (isRegionFlow(one.stateMachine) && isRegionFlow(other.stateMachine)) return true;
  return one.target !== null && one.target.region === other.target?.region;
}

/** When an execution acts, as far as `other` is concerned. */
function actingSpans(execution: Execution, other: Execution, history: History): Span[] {
  const mine = history
    .of('mutation')
    .filter(
      (mutation) =>
        mutation.execution === flowOf(execution.name) &&
        isFenceWatch(execution) === /^Fence(OnReturn|Later)/.test(mutation.step),
    );
  return execution.periods.flatMap((period) => {
    const { from, to } = untilReleased(execution, span(period), history);
    const changes = mine.filter(({ at }) => at >= from && at <= to).map(({ at }) => at);
    // A degradation's flow watches most of its time, so that it may run beside what it has become.
    // A fence watch mostly waits, and other flows may act on a region that it will fence.
    if (execution.stateMachine === 'service-degradation' || isFenceWatch(execution))
      return changes.map((at) => ({ from: at, to: at }));
    // Refused at the lock, frozen or aborted before it did anything: it ran and did not act. A region flow that is held succeeds.
    const isHeld = isRegionFlow(execution.stateMachine) || period.ended !== 'SUCCEEDED';
    if (changes.length === 0 && period.ended !== null && isHeld) return [];
    // A region flow waits for people while a zone flow works, and supersedes it when it begins to act.
    if (isRegionFlow(execution.stateMachine) && !isRegionFlow(other.stateMachine))
      return changes.slice(0, 1).map((at) => ({ from: at, to }));
    // A superseded zone flow stops before its next call. In a dark region it cannot even stop, and goes on to look later. A fence watch
    // does what its region flow was approved for.
    if ((isRegionFlow(other.stateMachine) || isFenceWatch(other)) && !isRegionFlow(execution.stateMachine))
      return changes.slice(-1).map((at) => ({ from, to: at }));
    return [{ from, to }];
  });
}

/** Who has begun to give its lock back acts no more, also where it does not hear that this is done. */
function untilReleased({ name }: Execution, { from, to }: Span, history: History): Span {
  const released = history.of('release').find(({ execution, at }) => execution === name && at >= from && at < to);
  return { from, to: released?.at ?? to };
}

function span({ from, to }: Period): Span {
  return { from, to: to ?? Number.POSITIVE_INFINITY };
}

/** One that ends at the moment in which the other begins does not overlap with it. */
function firstOverlap(ones: readonly Span[], others: readonly Span[]): number | null {
  const starts = ones.flatMap((one) =>
    others.filter((other) => one.from < other.to && other.from < one.to).map((other) => Math.max(one.from, other.from)),
  );
  return starts.length === 0 ? null : Math.min(...starts);
}

/** One decision that led to two executions: under two names, or under one name in two places. */
function startedTwice(history: History): Violation[] {
  const violations: Violation[] = [];
  const decided = new Map<string, string | null>();
  for (const { at, incident, attempt, execution } of history.of('decision')) {
    const decision = `decision ${attempt} of ${incident}`;
    const known = decided.get(decision);
    if (known === undefined) decided.set(decision, execution);
    else if (known !== execution)
      violations.push({ at, what: `${decision} was to start ${execution} and had started ${known}` });
  }
  for (const { at, execution, region, stateMachine, status } of history.of('execution')) {
    const first = history.executions.get(execution);
    if (status !== 'RUNNING' || first === undefined || (first.region === region && first.stateMachine === stateMachine))
      continue;
    violations.push({
      at,
      what: `${execution} started as ${stateMachine} in ${region} and as ${first.stateMachine} in ${first.region}`,
    });
  }
  return violations;
}

/**
 * What one execution of an incident had done and another one did again for the same target, as far as that is not the
 * other's own repeat. Moving out of a second zone changes the same things again, and has to.
 */
function doneByTwo(history: History, plan: Plan): Violation[] {
  const all = history.of('mutation');
  const byExecution = [...Map.groupBy(all, ({ execution }) => execution).values()];
  const own = new Set(byExecution.flatMap((group) => findRepeats(group, all, plan)).map(({ again }) => again));
  const byIncident = [...Map.groupBy(all, ({ incident }) => incident)].filter(([incident]) => incident !== '');
  return byIncident.flatMap(([, group]) =>
    findRepeats(group, all, plan).flatMap(({ again, earlier }): Violation[] => {
      const zoneOf = (execution: string) => history.executions.get(execution)?.target?.zone ?? null;
      const other = earlier.find(
        ({ execution }) => execution !== again.execution && zoneOf(execution) === zoneOf(again.execution),
      );
      if (other === undefined || own.has(again)) return [];
      return [{ at: again.at, what: `${describe(again)}, which ${other.execution} had done` }];
    }),
  );
}
