// The stacks as they would be deployed, packaged without network or credentials.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageStack } from '../../cli/packaging.ts';
import { templateIn } from '../../cli/template-file.ts';
import type { Plan } from '../../functions/domain/plan.ts';
import { functionId } from '../../infrastructure/functions.ts';
import { partsOf } from '../../infrastructure/stack.ts';
import { stackOf } from '../../infrastructure/values.ts';
import { withService } from '../assets.ts';
import { plan, planFile, planText } from '../plan.ts';

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

/** The folder that packaging makes for a region; the test files share it. */
export function folderOf(region: string, file = planFile): Promise<string> {
  return packageStack({ region, stage: 'rehearsal', params: [`plan=${file}`] });
}

/** Makes a file with the tests' plan and an asset of every other kind beside, so that every verb is packaged. */
export function fileWithAllKinds(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'breakwater-plan-')), 'plan.yml');
  writeFileSync(file, JSON.stringify({ ...parse(planText), assets: withService(plan).assets }));
  return file;
}

/** The template of a region as it would be deployed. */
export async function templateOf(region: string, file = planFile): Promise<Template> {
  return JSON.parse(readFileSync(templateIn(await folderOf(region, file)), 'utf8')) as Template;
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
