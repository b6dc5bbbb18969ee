// The flows as data, as they are deployed for a plan: their states, those in branches and iterations too, and what functions do.
import type { Machine as Name } from '../../functions/domain/flows.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { definitionOf } from '../../infrastructure/runs/machines.ts';

export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds: number;
  BackoffRate?: number;
  MaxAttempts: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: string;
};
export type State = {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: number | string;
  Arguments?: { FunctionName: string | { 'Fn::GetAtt': [string, string] }; Payload: Record<string, unknown> };
  Assign?: Record<string, unknown>;
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; Next: string; Output?: unknown; Assign?: Record<string, unknown> }[];
  Next?: string;
  End?: boolean;
  Choices?: { Condition: string; Next: string; Assign?: unknown }[];
  Default?: string;
  Branches?: Sequence[];
  Items?: string;
  MaxConcurrency?: number;
  ItemProcessor?: Sequence;
};
export type Sequence = { StartAt: string; States: Record<string, State> };
export type Machine = Sequence & { TimeoutSeconds?: number };

export function machineOf(flow: Name, plan: Plan): Machine {
  return definitionOf(flow, plan) as unknown as Machine;
}

/** What runs inside a state: branches side by side, or an iteration for each item. */
export function insideOf({ Branches = [], ItemProcessor }: State): Sequence[] {
  return ItemProcessor === undefined ? Branches : [...Branches, ItemProcessor];
}

/** All states, those inside of others too. */
export function statesOf(sequence: Sequence): [string, State][] {
  return Object.entries(sequence.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...insideOf(state).flatMap(statesOf),
  ]);
}

/** Where a state may lead. */
export function waysFrom({ Next, Default, Choices = [], Catch = [] }: State): string[] {
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((rule) => rule.Next)].filter(
    (way) => way !== undefined,
  );
}

/** The functions that a state may call: one, or that of each kind which knows the verb. */
export function calledBy({ Arguments }: State, plan: Plan): string[] {
  const name = Arguments?.FunctionName;
  if (name === undefined) return [];
  if (typeof name !== 'string') return [name['Fn::GetAtt'][0]];
  const [, verb] = /^\{% \$lookup\(\$functions, \$states\.input\.kind & '-([a-z-]+)'\) %\}$/.exec(name) ?? [];
  if (verb === undefined) throw new Error(`nobody knows whom ${name} calls`);
  return verbsIn(plan).flatMap((one) => (one.verb === verb ? [one.name] : []));
}

/** The file of a function. */
export function fileOf(called: string, plan: Plan): string {
  const verb = verbsIn(plan).find(({ name }) => name === called);
  return verb === undefined ? `functions/${called}.ts` : `functions/kinds/${verb.kind}/${verb.verb}.ts`;
}

/** The verbs, and the other functions, that may change something in AWS: written here for themselves, as a reviewer would. */
const changing = [
  'leave-zone',
  'tidy-up',
  'fence',
  'fence-late',
  'unfence',
  'take-over',
  'redirect-users',
  'remediate',
  'watch-zone',
];
/** A warm cluster takes over as it is. */
const unchanging = ['eks-cluster-take-over'];

/** Whether a function can change something in AWS. */
export function canAct(called: string, plan: Plan): boolean {
  const verb = verbsIn(plan).find(({ name }) => name === called)?.verb ?? called;
  return changing.includes(verb) && !unchanging.includes(called);
}

/** The functions that answer at once, whatever they see: all others may be in progress. */
const atOnce = [
  'assess',
  'conclude-drill',
  'diagnose',
  'hand-over-watch',
  'inject-fault',
  'move-role',
  'notify',
  'pause',
  'prepare-drill',
  'record-failover',
  'record-recovery',
  'release-lock',
  'request-approval',
  'take-lock',
  'verify-drill',
  'watch-fence',
];

export function canBeInProgress(called: string): boolean {
  return !atOnce.includes(called);
}
