// The model that the invariants judge: what was observed, in order of time, and what follows for each execution.
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { ExecutionStatus, Mutation, Observation, ObservationOf, Place } from './observations.ts';

/** A broken invariant: when, and the rest of a sentence that begins with the time. */
export type Violation = { readonly at: number; readonly what: string };

/** One invariant. Pure: the same history gives the same violations. */
export type Invariant = (history: History, plan: Plan) => Violation[];

/** From a start or a redrive to the end that followed; `to` and `ended` are null while it runs. */
export type Period = { readonly from: number; to: number | null; ended: Exclude<ExecutionStatus, 'RUNNING'> | null };

export type Execution = {
  readonly name: string;
  readonly stateMachine: string;
  readonly region: string;
  readonly target: Place | null;
  readonly dryRun: boolean;
  readonly periods: Period[];
};

/** Everything observed up to `now`; lists are in order of time. */
export type History = {
  readonly now: number;
  readonly executions: ReadonlyMap<string, Execution>;
  of<Kind extends Observation['kind']>(kind: Kind): ObservationOf<Kind>[];
};

export function createHistory(observations: readonly Observation[], now: number): History {
  const ordered = observations.toSorted((a, b) => a.at - b.at);
  const kinds = Map.groupBy(ordered, (one) => one.kind);
  const told = (one: Observation): Observation =>
    one.kind === 'mutation' ? { ...one, execution: flowOf(one.execution) } : one;
  const ofKind = new Map([...kinds].map(([kind, all]) => [kind, all.map(told)]));
  const of = <Kind extends Observation['kind']>(kind: Kind): ObservationOf<Kind>[] =>
    (ofKind.get(kind) ?? []) as ObservationOf<Kind>[];
  return { now, of, executions: followExecutions(of('execution')) };
}

/** The execution that another one acts for: a fence watch for its flow, on that one's approval and in its record; else itself. */
export function flowOf(execution: string): string {
  return execution.replace(/-fence(-\d+)?$/, '');
}

export function isFenceWatch({ stateMachine }: Pick<Execution, 'stateMachine'>): boolean {
  return stateMachine === 'fence-watch';
}

function followExecutions(changes: readonly ObservationOf<'execution'>[]): Map<string, Execution> {
  const executions = new Map<string, Execution>();
  for (const { at, execution: name, stateMachine, region, target, dryRun, status } of changes) {
    const known = executions.get(name) ?? { name, stateMachine, region, target, dryRun, periods: [] };
    executions.set(name, known);
    const open = known.periods.find((period) => period.to === null);
    if (status === 'RUNNING') {
      if (open === undefined) known.periods.push({ from: at, to: null, ended: null });
    } else if (open === undefined) {
      known.periods.push({ from: at, to: at, ended: status });
    } else {
      open.to = at;
      open.ended = status;
    }
  }
  return executions;
}

/** service:operation, as audit records write it. */
export function callOf({ service, operation }: Mutation): string {
  return `${service}:${operation}`;
}

/** A mutation in words, with its place and who made it. */
export function describe(mutation: Mutation): string {
  const { target, region, scope, step, execution } = mutation;
  const place = scope.zone === null ? region : `${region} (${scope.zone})`;
  return `${callOf(mutation)} changed ${target} in ${place}, by ${step || 'no step'} of ${execution || 'no execution'}`;
}

/** Whether a mutation changed the same thing as another one. */
export function sameTarget(one: Mutation, other: Mutation): boolean {
  return one.service === other.service && one.region === other.region && one.target === other.target;
}

/** What was so from one time to another: a look holds until the next one, and the one before the first time held then. */
export function looksBetween(from: number, until: number, history: History): ObservationOf<'tick'>[] {
  const ticks = history.of('tick');
  const known = ticks.findLast(({ at }) => at <= from);
  return [...(known === undefined ? [] : [known]), ...ticks.filter(({ at }) => at > from && at <= until)];
}
