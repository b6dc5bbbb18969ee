// The flows as data, as they are deployed for a plan: their states, those in branches and iterations too, and what functions do.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Flow } from '../../functions/domain/flows.ts';
import type { Plan } from '../../functions/domain/plan.ts';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { definitionOf } from '../../infrastructure/machines.ts';

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
  Catch?: { ErrorEquals: string[]; Next: string; Assign?: Record<string, unknown> }[];
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

export function machineOf(flow: Flow, plan: Plan): Machine {
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

/** What a step itself is made of: its file, and what only steps import, such as the fence. */
const ofSteps = /^functions\/(kinds\/[a-z-]+\/[a-z-]+|shared\/(shift-traffic))\.ts$/;

/** Every file that a step's own code consists of. */
function filesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, imported = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const path = join(dirname(file), imported);
    if (ofSteps.test(path) && !path.endsWith('/plan.ts')) filesOf(path, seen);
  }
  return seen;
}

/** Whether a function can change something in AWS: everything that does goes through act. */
export function canAct(called: string, plan: Plan): boolean {
  return sourcesOf(called, plan).some((source) => /from '[./]+(shared\/)?act\.ts'/.test(source));
}

/** Whether a function can be in progress. */
export function canBeInProgress(called: string, plan: Plan): boolean {
  return sourcesOf(called, plan).some((source) => source.includes('new InProgress('));
}

function sourcesOf(called: string, plan: Plan): string[] {
  return [...filesOf(fileOf(called, plan))].map((file) => readFileSync(file, 'utf8'));
}
