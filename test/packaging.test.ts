// What would be deployed: packages the service once, without network or credentials, and reads the template that comes out.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../functions/domain/plan.ts';

type Attribute = { 'Fn::GetAtt': [string, string] };
type Resource = { Type: string; Properties: Record<string, unknown> };
type Definition = { 'Fn::Sub': [string, Record<string, Attribute>] };
type Pattern = { source: Match[]; 'detail-type'?: Match[] };
type Match = string | { prefix: string };

const root = join(import.meta.dirname, '..');
const prefix = 'breakwater-rehearsal';
const verbs = namesIn('functions', '.ts');
const flows = namesIn('statemachines', '.asl.yaml');
const plan = parsePlan(parse(readFileSync(join(root, 'plan.yml'), 'utf8')));

let output: string;
let resources: Record<string, Resource>;

beforeAll(() => {
  output = mkdtempSync(join(tmpdir(), 'breakwater-package-'));
  const nowhere = 'http://127.0.0.1:9'; // a proxy that nothing answers: whatever asks the network fails
  execFileSync(join(root, 'node_modules/.bin/serverless'), ['package', '--stage', 'rehearsal', '--package', output], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: output, CI: 'true', HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere },
    stdio: 'pipe',
    timeout: 150_000,
  });
  const template = readFileSync(join(output, 'cloudformation-template-update-stack.json'), 'utf8');
  resources = (JSON.parse(template) as { Resources: Record<string, Resource> }).Resources;
}, 180_000);

afterAll(() => rmSync(output, { recursive: true, force: true }));

test('every file of functions is a function, named after it', () => {
  const names = ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties['FunctionName']);
  expect(names.toSorted()).toEqual(verbs.map((verb) => `${prefix}-${verb}`).toSorted());
});

test.for(verbs)('%s is packaged with its code and the plan', (verb) => {
  const archive = readFileSync(join(output, `${verb}.zip`));
  expect(archive.includes(`functions/${verb}.mjs`)).toBe(true);
  expect(archive.includes('plan.yml')).toBe(true);
});

test('no two functions share a role', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, { Properties }]) => roleOf(Properties['Role']));
  expect(new Set(roles).size).toBe(verbs.length);
  expect(roles.filter((role) => resources[role]?.Type !== 'AWS::IAM::Role')).toEqual([]);
});

test('every state machine file is a state machine, named after it', () => {
  const names = ofType('AWS::StepFunctions::StateMachine').map(([, { Properties }]) => Properties['StateMachineName']);
  expect(names.toSorted()).toEqual(flows.map((flow) => `${prefix}-${flow}`).toSorted());
});

test.for(flows)('%s reaches AWS as its file says, with functions that exist', (flow) => {
  const [text, functions] = definitionOf(flow)['Fn::Sub'];
  const deployed = JSON.parse(
    text.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => functionName(functions[key])),
  ) as unknown;
  const written = parse(readFileSync(join(root, `statemachines/${flow}.asl.yaml`), 'utf8'), { merge: true }) as unknown;
  expect(deployed).toHaveProperty('QueryLanguage', 'JSONata');
  expect(withoutLanguage(deployed)).toEqual(withoutLanguage(nameFunctions(written)));
});

test.for(flows)('%s may invoke the functions it names and nothing else', (flow) => {
  const named = Object.values(definitionOf(flow)['Fn::Sub'][1]).map((attribute) => functionName(attribute));
  const role = resources[roleOf(stateMachine(flow).Properties['RoleArn'])]?.Properties['Policies'];
  const statements = (role as { PolicyDocument: { Statement: { Action: string[]; Resource: unknown[] }[] } }[]).flatMap(
    (policy) => policy.PolicyDocument.Statement,
  );
  expect(statements.map((statement) => statement.Action)).toEqual([['lambda:InvokeFunction']]);
  const invoked = statements.flatMap(({ Resource }) => Resource.filter(isAttribute).map(functionName));
  expect(invoked.toSorted()).toEqual([...new Set(named)].toSorted());
});

test('every contact of the plan has a topic', () => {
  const topics = ofType('AWS::SNS::Topic').map(([, { Properties }]) => Properties['TopicName']);
  expect(topics.toSorted()).toEqual(
    Object.keys(plan.contacts)
      .map((role) => `${prefix}-${role}`)
      .toSorted(),
  );
});

test('every kind of event that is kept as a sample reaches a queue or a function', () => {
  const patterns = ofType('AWS::Events::Rule').flatMap(
    ([, { Properties }]) => (Properties['EventPattern'] as Pattern) ?? [],
  );
  const lost = namesIn('events', '.json').filter((name) => {
    const event = JSON.parse(readFileSync(join(root, `events/${name}.json`), 'utf8')) as Record<string, string>;
    if (event['source'] === undefined) return false; // a message of SNS: it is forwarded in an event of the application
    return !patterns.some(
      (pattern) => matches(pattern.source, event['source']) && matches(pattern['detail-type'], event['detail-type']),
    );
  });
  expect(lost).toEqual([]);
});

test('every source of events that the plan names reaches the queue', () => {
  const rule = resources['ApplicationRule']?.Properties['EventPattern'] as Pattern;
  expect(plan.signals.events.filter(({ source }) => !matches(rule.source, source))).toEqual([]);
});

function namesIn(folder: string, ending: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending));
}

function ofType(type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

function stateMachine(flow: string): Resource {
  const [, found] =
    ofType('AWS::StepFunctions::StateMachine').find(
      ([, { Properties }]) => Properties['StateMachineName'] === `${prefix}-${flow}`,
    ) ?? [];
  if (found === undefined) throw new Error(`no state machine ${prefix}-${flow}`);
  return found;
}

function definitionOf(flow: string): Definition {
  return stateMachine(flow).Properties['DefinitionString'] as Definition;
}

function isAttribute(value: unknown): value is Attribute {
  return typeof value === 'object' && value !== null && 'Fn::GetAtt' in value;
}

function roleOf(value: unknown): string {
  return isAttribute(value) ? value['Fn::GetAtt'][0] : 'none';
}

/** Name of the deployed function that an attribute points to; fails where there is none. */
function functionName(attribute: Attribute | undefined): string {
  const target = resources[attribute?.['Fn::GetAtt'][0] ?? ''];
  if (target?.Type !== 'AWS::Lambda::Function') throw new Error(`${JSON.stringify(attribute)} is no function`);
  return String(target.Properties['FunctionName']);
}

/** The definition with names of functions where the file has `Fn::GetAtt: [verb, Arn]`. */
function nameFunctions(value: unknown): unknown {
  if (isAttribute(value)) return `${prefix}-${value['Fn::GetAtt'][0]}`;
  return mapInside(value, nameFunctions);
}

/** The plugin repeats the query language in each state, which changes nothing. */
function withoutLanguage(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mapInside(value, withoutLanguage);
  const { QueryLanguage: _, ...rest } = value as Record<string, unknown>;
  return mapInside(rest, withoutLanguage);
}

function mapInside(value: unknown, change: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
}

function matches(wanted: Match[] | undefined, value: string | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted.some((match) => (typeof match === 'string' ? match === value : (value ?? '').startsWith(match.prefix)));
}
