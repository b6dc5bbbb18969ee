// The flows of a main stack: the files of statemachines/, each with a role that may invoke the functions that it names, and
// a log of what failed and not of what it was given. The input of a step can hold the token of an approval, which answers
// it; inputs are in the execution's history, for those who may read that. X-Ray is off: the history has the times already.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Asset } from '../functions/domain/assets.ts';
import { type Flow, flows, machineName } from '../functions/domain/flows.ts';
import type { Plan } from '../functions/domain/plan.ts';
import { assetsThat, type Verb, verbsIn, wavesThat } from '../functions/kinds/verbs.ts';
import { logGroup } from './logs.ts';
import { arnOf, pascal, type Resources, type Value } from './template.ts';
import type { Stack } from './values.ts';

const folder = join(import.meta.dirname, '..', 'statemachines');

const files = new Map<Flow, Value>();

/**
 * A flow in the States Language, with `Fn::GetAtt: [function, Arn]` where CloudFormation puts a function's ARN. What it says
 * of the plan's assets is filled in: `Breakwater::Functions: [verb]` is the table of those that are called, by kind and
 * verb; `Breakwater::Assets: verb` the assets that know a verb; `Breakwater::Waves: verb` the same in waves.
 */
export function definitionOf(flow: Flow, plan: Plan): Value {
  const file = files.get(flow) ?? parse(readFileSync(join(folder, `${flow}.asl.yaml`), 'utf8'), { merge: true });
  files.set(flow, file);
  return filled(file, plan);
}

function filled(value: Value, plan: Plan): Value {
  if (Array.isArray(value)) return value.map((one: Value) => filled(one, plan));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = []] = Object.entries(value);
  const named = (assets: readonly Asset[]): Value => assets.map((asset) => ({ name: asset.name, kind: asset.kind }));
  switch (name) {
    case 'Breakwater::Functions': {
      const called = verbsIn(plan).filter(({ verb }) => (argument as readonly string[]).includes(verb));
      return Object.fromEntries(called.map((one) => [one.name, arnOf(one.name)]));
    }
    case 'Breakwater::Assets':
      return named(assetsThat(argument as Verb, plan));
    case 'Breakwater::Waves':
      return wavesThat(argument as Verb, plan).map(named);
    default:
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, plan)]));
  }
}

/** As the plugin in serverless.yml takes them; null where a stack has none. */
export function machinesOf({ kind, prefix, plan }: Stack): Value {
  if (kind !== 'main') return { stateMachines: {} };
  const machine = (flow: Flow): Value => ({
    name: machineName(flow, prefix),
    role: arnOf(`${pascal(flow)}MachineRole`),
    loggingConfig: { level: 'ERROR', includeExecutionData: false, destinations: [arnOf(`${pascal(flow)}Logs`)] },
    definition: definitionOf(flow, plan),
  });
  return {
    validate: true,
    noOutput: true, // the plugin would export their ARNs, which nobody reads and which could then not change
    stateMachines: Object.fromEntries(flows.map((flow) => [flow, machine(flow)])),
  };
}

export function machineLogs({ prefix }: Stack): Resources {
  return Object.fromEntries(
    flows.map((flow) => [`${pascal(flow)}Logs`, logGroup(`/aws/vendedlogs/states/${machineName(flow, prefix)}`)]),
  );
}
