// The stacks as they would be deployed, and the roles in their templates.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageStack } from '../../cli/packaging.ts';
import { templateIn } from '../../cli/template-file.ts';
import { parsePlan } from '../../functions/domain/plan.ts';

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

type OneOrMany<Value> = Value | readonly Value[];
type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMany<unknown>>>>>;
type Written = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: OneOrMany<string>;
  readonly Resource?: OneOrMany<unknown>;
  readonly Principal?: unknown;
  readonly Condition?: Conditions;
};
type Policy = { readonly Statement: readonly Written[] };

/** A statement in the words of docs/permissions.md. `onlyIf`: each condition as text; `keys`: partitions of the table. */
export type Statement = {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly onlyIf: readonly string[];
  readonly keys: readonly string[] | null;
};
export type Role = { readonly statements: readonly Statement[]; readonly trust: Written };

const root = join(import.meta.dirname, '..', '..');
const prefix = 'breakwater-rehearsal';
const plan = parsePlan(parse(readFileSync(join(root, 'plan.yml'), 'utf8')));

/** The folder that packaging makes for a region; the test files share it. */
export function folderOf(region: string): Promise<string> {
  return packageStack({ region, stage: 'rehearsal' });
}

/** The template of a region as it would be deployed. */
export async function templateOf(region: string): Promise<Template> {
  return JSON.parse(readFileSync(templateIn(await folderOf(region)), 'utf8')) as Template;
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

export function readRole(logicalId: string, resources: Resources): Role {
  const role = resources[logicalId];
  if (role?.Type !== 'AWS::IAM::Role') throw new Error(`${logicalId} is no role`);
  const {
    AssumeRolePolicyDocument,
    Policies,
    ManagedPolicyArns = [],
  } = role.Properties as {
    AssumeRolePolicyDocument: Policy;
    Policies: { PolicyDocument: Policy }[];
    ManagedPolicyArns?: string[];
  };
  if (ManagedPolicyArns.length > 0) throw new Error(`${logicalId} has managed policies, which this does not read`);
  const [trust, ...others] = AssumeRolePolicyDocument.Statement;
  if (trust === undefined || others.length > 0) throw new Error(`${logicalId} trusts others than one service`);
  const written = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return { trust, statements: written.map((statement) => inWords(statement, resources)) };
}

function inWords(statement: Written, resources: Resources): Statement {
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, tested]) =>
    Object.entries(tested).map(([key, value]) => ({
      operator,
      key,
      values: many(value).map((one) => words(one, resources)),
    })),
  );
  const keyed = conditions.find(({ operator, key }) => operator === 'ForAllValues:StringLike' && key === leadingKeys);
  return {
    sid: statement.Sid ?? '',
    effect: statement.Effect,
    actions: many(statement.Action),
    resources: many(statement.Resource).map((one) => words(one, resources)),
    onlyIf: conditions.map(({ operator, key, values }) => `${operator} ${key} ${values.join(', ')}`),
    keys: keyed?.values ?? null,
  };
}

export const leadingKeys = 'dynamodb:LeadingKeys';

function many<Value>(value: OneOrMany<Value> | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

/** An ARN or a name as the table of docs/permissions.md has it. */
export function words(value: unknown, resources: Resources = {}): string {
  const { Ref = null, 'Fn::Sub': sub = null } =
    typeof value === 'object' && value !== null ? (value as Partial<Record<string, string>>) : {};
  const named = isAttribute(value) ? resources[value['Fn::GetAtt'][0]]?.Properties['FunctionName'] : value;
  const text = sub ?? (Ref === null ? String(named) : `\${${Ref}}`);
  return text
    .replace(/^arn:\$\{AWS::Partition\}:/, '')
    .replaceAll(/\$\{AWS::AccountId\}/g, 'account')
    .replaceAll(/\$\{AWS::Region\}/g, 'here')
    .replaceAll(plan.redirection.record, 'record')
    .replaceAll(plan.redirection.hostedZone, 'hosted-zone')
    .replaceAll(prefix, 'prefix')
    .replaceAll(plan.application, 'application');
}

type Attribute = { readonly 'Fn::GetAtt': readonly [string, string] };

function isAttribute(value: unknown): value is Attribute {
  return typeof value === 'object' && value !== null && 'Fn::GetAtt' in value;
}
