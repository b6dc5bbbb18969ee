// Reads the policies of a template: of a role, of what is called, and whom a role trusts.
import type { Statement } from './evaluate.ts';

/** The resources of a template by their logical name, as packaged. */
export type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;

/** What an intrinsic function, such as `{ Ref: … }` or `{ 'Fn::GetAtt': […] }`, comes to. Throws where it cannot know. */
export type Resolve = (intrinsic: Readonly<Record<string, unknown>>) => string;

/**
 * The statements that a role brings along: its own inline policies, and those policies of the template that name it.
 * @throws where there is no such role, or where it has rights that stand elsewhere.
 */
export function readPolicies(resources: Resources, role: string, resolve: Resolve): readonly Statement[] {
  const { Policies, ...elsewhere } = propertiesOf(resources, role, ['AWS::IAM::Role']);
  const foreign = ['ManagedPolicyArns', 'PermissionsBoundary'].find((property) => elsewhere[property] !== undefined);
  if (foreign !== undefined) throw new Error(`${role} has ${foreign}, which stand outside of the template`);
  const attached = Object.values(resources).flatMap(({ Type, Properties }) => {
    const { Roles, PolicyDocument } = (Properties ?? {}) as { Roles?: unknown; PolicyDocument?: unknown };
    return Type === 'AWS::IAM::Policy' && list(Roles).some((one) => refersTo(one, role)) ? [PolicyDocument] : [];
  });
  const own = list(Policies).map((policy) => (policy as { PolicyDocument: unknown }).PolicyDocument);
  return [...own, ...attached].flatMap((document) => statementsIn(document, resolve));
}

/** Where the statements stand that speak of others than the resource itself. */
const documents: Readonly<Record<string, string>> = {
  'AWS::Events::EventBus': 'Policy',
  'AWS::Events::EventBusPolicy': 'Statement',
  'AWS::IAM::Role': 'AssumeRolePolicyDocument',
  'AWS::KMS::Key': 'KeyPolicy',
  'AWS::S3::BucketPolicy': 'PolicyDocument',
  'AWS::SecretsManager::ResourcePolicy': 'ResourcePolicy',
  'AWS::SNS::TopicPolicy': 'PolicyDocument',
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
};

/** The statements of a resource policy: of a queue, topic, bucket, bus, secret, key or function, or the trust of a role. */
export function readResourcePolicy(resources: Resources, policy: string, resolve: Resolve): readonly Statement[] {
  const types = [...Object.keys(documents), 'AWS::Lambda::Permission'];
  const properties = propertiesOf(resources, policy, types);
  const document = documents[resources[policy]?.Type ?? ''];
  return document === undefined ? [permission(properties, resolve)] : statementsIn(properties[document], resolve);
}

/** A permission of Lambda is one statement of the function's policy. */
function permission(properties: Readonly<Record<string, unknown>>, resolve: Resolve): Statement {
  const text = (property: string) => {
    const value = properties[property];
    return value === undefined ? null : String(resolved(value, resolve));
  };
  const [account, source] = [text('SourceAccount'), text('SourceArn')];
  return {
    Effect: 'Allow',
    Principal: { Service: text('Principal') ?? '' },
    Action: text('Action') ?? '',
    Resource: text('FunctionName') ?? '',
    Condition: {
      ...(account === null ? {} : { StringEquals: { 'aws:SourceAccount': account } }),
      ...(source === null ? {} : { ArnLike: { 'aws:SourceArn': source } }),
    },
  };
}

function propertiesOf(resources: Resources, name: string, types: readonly string[]): Record<string, unknown> {
  const { Type = 'not in the template', Properties = {} } = resources[name] ?? {};
  if (!types.includes(Type)) throw new Error(`${name} is ${Type}, expected ${types.join(' or ')}`);
  return Properties as Record<string, unknown>;
}

function statementsIn(document: unknown, resolve: Resolve): Statement[] {
  const read = resolved(document, resolve) as Statement | { readonly Statement: Statement | readonly Statement[] };
  return ('Statement' in read ? list(read.Statement) : [read]) as Statement[];
}

/** A value without intrinsic functions: what is neither a list nor a table is text, as IAM compares it. */
function resolved(value: unknown, resolve: Resolve): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, resolve));
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value);
  const [name = ''] = entries[0] ?? [];
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::')))
    return resolve(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, one]) => [key, resolved(one, resolve)]));
}

function refersTo(value: unknown, role: string): boolean {
  return typeof value === 'object' && value !== null && 'Ref' in value && value.Ref === role;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
