// The flows of a main stack: the files of statemachines/, each with a role that may invoke the functions that it names, and
// a log of what failed and not of what it was given. The input of a step can hold the token of an approval, which answers
// it; inputs are in the execution's history, for those who may read that. X-Ray is off: the history has the times already.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { transient } from '../../functions/aws/calls/transient.ts';
import { type Machine, machineName, machines } from '../../functions/domain/flows.ts';
import { type Asset, neededToServe } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { assetsThat, leavesWithUsers, stateOf, type Verb, verbsIn, wavesThat } from '../../functions/kinds/verbs.ts';
import { regionCallWords } from '../rights/calls.ts';
import { arnOf, pascal, type Resources, type Value } from '../template.ts';
import { Contradiction, type Stack } from '../values.ts';
import { logGroup } from '../watching/logs.ts';
import { functionsFor } from './functions.ts';

const read = (file: string): Value => parse(readFileSync(join(import.meta.dirname, file), 'utf8'), { merge: true });

const files = new Map<Machine, Value>();
const passing: readonly Value[] = transient;

/** A flow as its file says it: everybody who reads one reads it here. */
export function readFlow(flow: Machine): Value {
  const file = files.get(flow) ?? read(`../../statemachines/${flow}.asl.yaml`);
  files.set(flow, file);
  return file;
}

/** The names of all states of a flow, those in branches and iterations too. */
export function statesOf(flow: Machine): string[] {
  return namesIn(readFlow(flow));
}

function namesIn(value: Value): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [
    ...(key === 'States' ? Object.keys(one as object) : []),
    ...namesIn(one as Value),
  ]);
}

/**
 * A flow in the States Language, with `Fn::GetAtt: [function, Arn]` where CloudFormation puts a function's ARN. What its file
 * leaves to the plan and to what all flows share is filled in:
 *
 * - `Breakwater::Call: function`, as Arguments: calls it with the incident and what stands beside;
 * - `Breakwater::Verb: verb`, as Arguments: calls the verb of the kind of a Map's asset, with the asset too;
 * - `Breakwater::Functions: [verb]`: the table of those that are called so, by kind and verb;
 * - `Breakwater::Assets: verb`: the assets that know a verb; `Breakwater::Waves: verb`: the same in waves; with `of: needed` those alone without
 *   which the service does not serve, with `of: others` the others alone; with `slow: true` what leaves with the users has waves of its own;
 * - `Breakwater::Calls: region-failover`: what a region flow may call that changes something, in words, by region and mode;
 * - `Breakwater::Transient`, in ErrorEquals: the errors of functions/aws/calls/transient.ts.
 *
 * @throws Contradiction where it names a function, a verb or a word that there is not
 */
export function definitionOf(flow: Machine, plan: Plan, file: Value = readFlow(flow)): Value {
  return filled(file, { flow, plan, functions: functionsFor(plan) });
}

type Of = { readonly flow: Machine; readonly plan: Plan; readonly functions: readonly string[] };

const words = ['Call', 'Verb', 'Functions', 'Assets', 'Waves', 'Calls'].map((word) => `Breakwater::${word}`);
const errors = 'Breakwater::Transient';
const incident = '{% $incident %}';

function filled(value: Value, of: Of): Value {
  if (Array.isArray(value)) return value.flatMap((one: Value) => (one === errors ? passing : [filled(one, of)]));
  if (typeof value === 'string' && value.startsWith('Breakwater::')) return oneOf(value, [errors], 'a word', of);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [word, said = null] = entries.find(([key]) => /^(Breakwater|Fn)::/.test(key)) ?? [];
  const beside = Object.fromEntries(entries.flatMap(([key, one]) => (key === word ? [] : [[key, filled(one, of)]])));
  return saidBy(word === undefined ? beside : meant(word, said, beside, of));
}

/** What is called hears which state calls: people are told by that name where it fails and is tried again. */
function saidBy(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { FunctionName, Payload, ...others } = value as { readonly [key: string]: Value };
  if (FunctionName === undefined || typeof Payload !== 'object' || Payload === null) return value;
  return { FunctionName, Payload: { ...(Payload as object), state: '{% $states.context.State.Name %}' }, ...others };
}

/** What a word stands for. */
function meant(word: string, said: Value, beside: { readonly [key: string]: Value }, of: Of): Value {
  const called = (name: Value) => arnOf(oneOf(name, of.functions, word, of));
  const verb = (name: Value) => oneOf(name, Object.keys(stateOf), word, of) as Verb;
  const needed = neededToServe(of.plan);
  const share = 'of' in beside ? oneOf(beside['of'] ?? null, ['needed', 'others'], `${word}, of`, of) : null;
  const isMeant = (asset: Asset) => share === null || needed.includes(asset) === (share === 'needed');
  const named = (assets: readonly Asset[]): Value => assets.map(({ name, kind }) => ({ name, kind }));
  switch (oneOf(word, ['Fn::GetAtt', ...words], 'a word', of)) {
    case 'Fn::GetAtt':
      return called((said as readonly Value[])[0] ?? null);
    case 'Breakwater::Call':
      return { FunctionName: called(said), Payload: { incident, ...beside } };
    case 'Breakwater::Verb': {
      const FunctionName = `{% $lookup($functions, $states.input.kind & '-${verb(said)}') %}`;
      return { FunctionName, Payload: { incident, asset: '{% $states.input.name %}', ...beside } };
    }
    case 'Breakwater::Functions': {
      const verbs = (said as readonly Value[]).map(verb);
      const table = verbsIn(of.plan).filter((one) => verbs.includes(one.verb));
      return Object.fromEntries(table.map(({ name }) => [name, arnOf(name)]));
    }
    case 'Breakwater::Calls':
      return regionCallWords(of.plan) as Value;
    case 'Breakwater::Assets':
      return named(assetsThat(verb(said), of.plan).filter(isMeant));
    default:
      // What is needed needs nothing else, so that no wave waits for one of the others.
      return wavesThat(verb(said), of.plan).flatMap((wave) => {
        const meantHere = wave.filter(isMeant);
        const leaving = 'slow' in beside ? meantHere.filter(leavesWithUsers) : [];
        const parts = [meantHere.filter((asset) => !leaving.includes(asset)), leaving];
        return parts.filter((part) => part.length > 0).map(named);
      });
  }
}

function oneOf(name: Value, known: readonly string[], where: string, { flow }: Of): string {
  if (typeof name === 'string' && known.includes(name)) return name;
  const line = `${where} is ${JSON.stringify(name)}, expected one of ${known.join(', ')}`;
  throw new Contradiction(`statemachines/${flow}.asl.yaml: ${line}`);
}

/** As the plugin in serverless.yml takes them; null where a stack has none. */
export function machinesOf({ kind, prefix, plan }: Stack): Value {
  if (kind !== 'main') return { stateMachines: {} };
  const machine = (flow: Machine): Value => ({
    name: machineName(flow, prefix),
    role: arnOf(`${pascal(flow)}MachineRole`),
    loggingConfig: { level: 'ERROR', includeExecutionData: false, destinations: [arnOf(`${pascal(flow)}Logs`)] },
    definition: definitionOf(flow, plan),
  });
  return {
    validate: true,
    noOutput: true, // the plugin would export their ARNs, which nobody reads and which could then not change
    stateMachines: Object.fromEntries(machines.map((flow) => [flow, machine(flow)])),
  };
}

export function machineLogs({ prefix }: Stack): Resources {
  return Object.fromEntries(
    machines.map((flow) => [`${pascal(flow)}Logs`, logGroup(`/aws/vendedlogs/states/${machineName(flow, prefix)}`)]),
  );
}
