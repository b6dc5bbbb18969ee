// The stacks as they would be deployed, packaged without network or credentials.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { packageStack } from '../../cli/packaged/packaging.ts';
import { templateIn } from '../../cli/packaged/template.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { functionId } from '../../infrastructure/runs/functions.ts';
import { partsOf } from '../../infrastructure/stack.ts';
import { stackOf } from '../../infrastructure/values.ts';
import { withClusterConsumers, withConsumers, withDrills, withExports, withService } from '../assets.ts';
import { plan, planText } from '../plan.ts';

export type Resource = {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
};
export type Resources = Readonly<Record<string, Resource>>;
export type Template = {
  readonly Resources: Resources;
  readonly Outputs: Readonly<Record<string, { Value: unknown }>>;
};

const prefix = 'breakwater-rehearsal';

/** What the test files package, once for all: the tests' plan, with an asset of every other kind beside. */
export const packaged: Plan = withDrills(withClusterConsumers(withConsumers(withExports(withService(plan)))));
export const packagedFile = 'node_modules/.cache/breakwater/tests.json';
keepFile();

/** Written beside and renamed: another process may read it at any time. */
function keepFile(): void {
  const file = join(import.meta.dirname, '../..', packagedFile);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    `${file}.${process.pid}`,
    JSON.stringify({ ...parse(planText), assets: packaged.assets, drills: packaged.drills }),
  );
  renameSync(`${file}.${process.pid}`, file);
}

/** The folder that packaging makes for a region. */
export function folderOf(region: string): Promise<string> {
  return packageStack({ region, stage: 'rehearsal', params: [`plan=${packagedFile}`] });
}

/** The template of a region as it would be deployed. */
export async function templateOf(region: string): Promise<Template> {
  return JSON.parse(readFileSync(templateIn(await folderOf(region)), 'utf8')) as Template;
}

/** What is made of another plan for a region, which need not be packaged: what is written here, and the functions' names. */
export function madeOf(plan: Plan, region: string): Resources {
  const { functions, Resources } = partsOf(stackOf(plan, region, prefix));
  const named = Object.keys(functions).map((verb) => [
    functionId(verb),
    { Type: 'AWS::Lambda::Function', Properties: { FunctionName: `${prefix}-${verb}` } },
  ]);
  return { ...Resources, ...Object.fromEntries(named) };
}

/** The role that a function or a state machine of the template runs with. */
export function roleOf(name: string, resources: Resources): string {
  const found = Object.values(resources).find(
    ({ Type, Properties }) =>
      (Type === 'AWS::Lambda::Function' && Properties['FunctionName'] === `${prefix}-${name}`) ||
      (Type === 'AWS::StepFunctions::StateMachine' && Properties['StateMachineName'] === `${prefix}-${name}`),
  );
  const arn = found?.Properties['Role'] ?? found?.Properties['RoleArn'];
  return isAttribute(arn) ? arn['Fn::GetAtt'][0] : '';
}

type Attribute = { readonly 'Fn::GetAtt': readonly [string, string] };

function isAttribute(value: unknown): value is Attribute {
  return typeof value === 'object' && value !== null && 'Fn::GetAtt' in value;
}
