// Reads the real state machine files, and puts the name of each Lambda where CloudFormation would put its ARN.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '..', 'statemachines');

/** The definitions of all state machines by name, as objects of the States Language. */
export function readMachines(arnOf: (functionName: string) => string): ReadonlyMap<string, unknown> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.asl.yaml'));
  return new Map(
    files.map((file) => {
      const definition: unknown = parse(readFileSync(join(folder, file), 'utf8'), { merge: true });
      return [file.slice(0, -'.asl.yaml'.length), resolve(definition, arnOf)];
    }),
  );
}

function resolve(value: unknown, arnOf: (functionName: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, arnOf));
  if (typeof value !== 'object' || value === null) return value;
  const reference = 'Fn::GetAtt' in value ? value['Fn::GetAtt'] : undefined;
  if (Array.isArray(reference) && typeof reference[0] === 'string') return arnOf(reference[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, arnOf)]));
}
