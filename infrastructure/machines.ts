// The flows of a main stack: the files of statemachines/, each with a role that may invoke the functions that it names, and
// a log of what failed and not of what it was given. The input of a step can hold the token of an approval, which answers
// it; inputs are in the execution's history, for those who may read that. X-Ray is off: the history has the times already.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { logGroup } from './logs.ts';
import { arnOf, pascal, type Resources, type Value } from './template.ts';
import type { Stack } from './values.ts';

export const flows = ['az-failover', 'region-failover', 'service-degradation'] as const;
export type Flow = (typeof flows)[number];

const folder = join(import.meta.dirname, '..', 'statemachines');

/** A flow in the States Language, with `Fn::GetAtt: [function, Arn]` where CloudFormation puts a function's ARN. */
export function definitionOf(flow: Flow): Value {
  return parse(readFileSync(join(folder, `${flow}.asl.yaml`), 'utf8'), { merge: true });
}

/** As the plugin in serverless.yml takes them; null where a stack has none. */
export function machinesOf({ kind, prefix }: Stack): Value {
  if (kind !== 'main') return { stateMachines: {} };
  const machine = (flow: Flow): Value => ({
    name: `${prefix}-${flow}`,
    role: arnOf(`${pascal(flow)}MachineRole`),
    loggingConfig: { level: 'ERROR', includeExecutionData: false, destinations: [arnOf(`${pascal(flow)}Logs`)] },
    definition: definitionOf(flow),
  });
  return {
    validate: true,
    noOutput: true, // the plugin would export their ARNs, which nobody reads and which could then not change
    stateMachines: Object.fromEntries(flows.map((flow) => [flow, machine(flow)])),
  };
}

export function machineLogs({ prefix }: Stack): Resources {
  return Object.fromEntries(
    flows.map((flow) => [`${pascal(flow)}Logs`, logGroup(`/aws/vendedlogs/states/${prefix}-${flow}`)]),
  );
}
