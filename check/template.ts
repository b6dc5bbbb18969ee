// A packaged CloudFormation template, as far as it is judged here: resources, conditions on the region, rights of roles. Pure.
// Intrinsic functions are left as they are; only conditions are followed, and only to the region.
import * as z from 'zod';

const resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

const schema = z.looseObject({
  Resources: z.record(z.string(), resource),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Outputs: z.record(z.string(), z.looseObject({ Condition: z.string().optional() })).default({}),
});

export type Resource = z.infer<typeof resource>;
export type Template = z.infer<typeof schema>;

/** What a template file holds; null where it is no template. */
export function readTemplate(raw: unknown): Template | null {
  return schema.safeParse(raw).data ?? null;
}

/** The resources of a type, with their logical names. */
export function ofType({ Resources }: Template, ...types: readonly string[]): [string, Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => types.includes(Type));
}

/** Whether a resource exists in a region's stack; a condition that cannot be told counts as true. */
export function existsIn(
  template: Template,
  { Condition }: { Condition?: string | undefined },
  region: string,
): boolean {
  return Condition === undefined || holds(template, { Condition }, region, 0) !== false;
}

/** A condition in a region; null where it depends on something else. */
function holds(template: Template, condition: unknown, region: string, depth: number): boolean | null {
  if (!isRecord(condition) || depth > 20) return null;
  const inner = (one: unknown) => holds(template, one, region, depth + 1);
  const [kind, value] = Object.entries(condition)[0] ?? [];
  const parts = Array.isArray(value) ? (value as unknown[]) : [];
  switch (kind) {
    case 'Condition':
      return inner(template.Conditions[String(value)]);
    case 'Fn::Not': {
      const opposite = inner(parts[0]);
      return opposite === null ? null : !opposite;
    }
    case 'Fn::And': {
      const results = parts.map(inner);
      return results.includes(false) ? false : results.includes(null) ? null : true;
    }
    case 'Fn::Or': {
      const results = parts.map(inner);
      return results.includes(true) ? true : results.includes(null) ? null : false;
    }
    case 'Fn::Equals': {
      const [left, right] = parts.map((part) => textIn(part, region));
      return left === null || right === null || left === undefined || right === undefined ? null : left === right;
    }
    default:
      return null;
  }
}

function textIn(value: unknown, region: string): string | null {
  if (typeof value === 'string') return value;
  return isRecord(value) && value['Ref'] === 'AWS::Region' ? region : null;
}

/** One right that a role or policy gives. */
export type Right = { readonly owner: string; readonly action: string; readonly resources: readonly unknown[] };

/** Every action that a role, or a policy of one, allows. */
export function rightsIn(template: Template): Right[] {
  return ofType(template, 'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').flatMap(
    ([owner, { Properties }]) => {
      const inline = listOf(Properties['Policies']).map((policy) =>
        isRecord(policy) ? policy['PolicyDocument'] : null,
      );
      return [...inline, Properties['PolicyDocument']].flatMap(statementsIn).flatMap((statement) =>
        statement['Effect'] !== 'Allow'
          ? []
          : listOf(statement['Action']).map((action) => ({
              owner,
              action: String(action),
              resources: listOf(statement['Resource']),
            })),
      );
    },
  );
}

function statementsIn(document: unknown): Readonly<Record<string, unknown>>[] {
  return isRecord(document) ? listOf(document['Statement']).filter(isRecord) : [];
}

/** Every text in a value, those inside of intrinsic functions too. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Whether an intrinsic function is used anywhere in a value. */
export function uses(value: unknown, intrinsic: string): boolean {
  if (Array.isArray(value)) return value.some((one) => uses(one, intrinsic));
  if (!isRecord(value)) return false;
  return Object.hasOwn(value, intrinsic) || Object.values(value).some((one) => uses(one, intrinsic));
}

/** The variables of a function's environment. */
export function environmentOf({ Properties }: Resource): Readonly<Record<string, unknown>> {
  const environment = Properties['Environment'];
  const variables = isRecord(environment) ? environment['Variables'] : null;
  return isRecord(variables) ? variables : {};
}

export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
