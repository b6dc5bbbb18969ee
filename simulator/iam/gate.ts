// Whether IAM lets a call through, by the roles and resource policies that the stacks deploy: of functions, of flows, and of
// the services of AWS that act between them.
import type { Deployment } from '../aws/deployment.ts';
import { resolve } from '../aws/intrinsics.ts';
import { accessDenied } from '../estate/calls/aws-error.ts';
import type { Call } from '../estate/types.ts';
import { type At, asksOf, inRegion, requestsIn, requestsOf, saidOfCaller, textOf, type Where } from './calls.ts';
import { type Authorization, type Context, evaluate, type Request, type Statement } from './evaluate.ts';
import { readPolicies, readResourcePolicy } from './policies.ts';

/** A call that a role or a policy did not allow. */
export type Denial = { readonly who: string; readonly action: string; readonly resource: string };

export type Gate = {
  /**
   * Of a function's call. A person has every right, and what a bus or a queue denies is denied to people too.
   * @throws AccessDenied as the service says it
   */
  authorize(call: Call): void;
  /** Whether a role of a stack may do something, such as a flow's to invoke a function. */
  roleMay(region: string, role: string, action: string, resource: string): boolean;
  /** Whether somebody with every right may, by the policy of what is called. `who`: the ARN of a role or user. */
  personMay(who: string, action: string, resource: string, context: Context): boolean;
  /** Whether a service of AWS may, for a thing of this account: a rule to send to a queue, a topic to invoke a function. */
  serviceMay(service: string, source: string, action: string, resource: string): boolean;
  /** What was not allowed so far, each once. */
  denials(): readonly Denial[];
};

type Outside = Pick<Where, 'shiftedBy' | 'tagsOf' | 'waitingFor'> & {
  /** The key of what a database can be restored from. */
  readonly backupKeyOf: Where['keyOf'];
};

/** A policy of a resource, by what it is attached to. */
type Attached = { readonly resource: string; readonly statements: readonly Statement[] };

/** @throws where a function, flow or rule has a role that it may not assume */
export function createGate(deployments: readonly Deployment[], account: string, outside: Outside): Gate {
  const { attachedTo, keys, roles, statementsOf } = readingOf(deployments, account);
  const denied = new Map<string, Denial>();
  /** By role: where it calls. */
  const places = new Map<Role, Map<string, Place>>();

  const ask = (
    request: Request,
    identity: readonly Statement[],
    caller: { arn: string } | { service: string },
  ): Authorization => {
    const statements = attachedTo(request.resource);
    return evaluate(request, { identity, ...(statements.length === 0 ? {} : { resource: { statements, caller } }) });
  };
  const note = (who: string, { action, resource }: Request): void => {
    denied.set(`${who} ${action} ${resource}`, { who, action, resource });
  };
  const keyOf = (arn: string) => keys.get(arn) ?? outside.backupKeyOf(arn);
  /** What a service needs of the key of what it sends to. */
  const throughKey = (resource: string, service: string, source: string): boolean => {
    const key = keyOf(resource);
    if (key === null) return true;
    const actions = ['kms:GenerateDataKey', 'kms:Decrypt'];
    const context = said(saidOfKeys[service] ?? [], source, account);
    return actions.every((action) => ask({ action, resource: key.arn, context }, [], { service }).allowed);
  };

  const atOf = (role: Role, region: string): Place => {
    const ofRole = places.get(role) ?? new Map<string, Place>();
    places.set(role, ofRole);
    const known = ofRole.get(region);
    if (known !== undefined) return known;
    const { arn: principal, functionArn } = role;
    const allowed = role.allowed.get(region) ?? new Set<string>();
    role.allowed.set(region, allowed);
    const at = { ...inRegion(region, { principal, functionArn, keyOf, ...outside }), allowed };
    ofRole.set(region, at);
    return at;
  };

  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const askPerson = (who: string, action: string, resource: string, context: Context): Authorization => {
    const all = { ...saidOfCaller(who), ...context };
    return ask({ action, resource, context: all }, [everything], { arn: who });
  };
  const authorizePerson = (call: Call, who: string): void => {
    if (!denyingPeople.includes(call.service)) return;
    for (const request of requestsOf(call, { principal: who, functionArn: null, keyOf, ...outside })) {
      const authorization = askPerson(who, request.action, request.resource, request.context);
      if (!authorization.allowed) throw accessDenied(call.service, who, request, authorization);
    }
  };

  return {
    authorize(call) {
      const { function: verb, region, step } = call.caller;
      if (verb === undefined)
        return authorizePerson(call, `arn:aws:iam::${account}:${/^(role|user)\//.test(step) ? step : `user/${step}`}`);
      const role = roles.get(region)?.get(verb);
      if (role === undefined) throw new Error(`function ${verb} of ${region} has no role`);
      const principal = role.arn;
      const at = atOf(role, call.region);
      // A role asks the same again and again, and policies stand as long as their stacks: what was allowed stays allowed.
      const asks = asksOf(call, at);
      const question = textOf(asks);
      if (at.allowed.has(question)) return;
      for (const request of requestsIn(asks, at)) {
        const authorization = ask(request, role.statements, { arn: principal });
        if (authorization.allowed) continue;
        note(verb, request);
        throw accessDenied(
          call.service,
          `arn:aws:sts::${account}:assumed-role/${role.arn.split('/').at(-1)}/${verb}`,
          request,
          authorization,
        );
      }
      at.allowed.add(question);
    },
    roleMay: remembered((region, name, action, resource) => {
      const deployment = deployments.find((one) => one.region === region);
      if (deployment === undefined) return false;
      const arn = roleArn(deployment, name);
      const context = saidOfCaller(arn);
      const request = { action, resource, context };
      const key = keyOf(resource);
      const [service = ''] = action.split(':');
      const through = {
        ...context,
        'kms:CallerAccount': account,
        'kms:ResourceAliases': key?.aliases ?? [],
        'kms:ViaService': `${service}.${region}.amazonaws.com`,
      };
      const needed = key === null ? [] : ['kms:GenerateDataKey', 'kms:Decrypt'];
      const asked = [request, ...needed.map((one) => ({ action: one, resource: key?.arn ?? '', context: through }))];
      const statements = statementsOf(deployment, name);
      const refused = asked.find((one) => !ask(one, statements, { arn }).allowed);
      if (refused !== undefined) note(name, refused);
      return refused === undefined;
    }),
    personMay: (who, action, resource, context) => askPerson(who, action, resource, context).allowed,
    serviceMay: remembered((service, source, action, resource) => {
      const request = { action, resource, context: said(saidOfCalls[service] ?? [], source, account) };
      const isAllowed = ask(request, [], { service }).allowed && throughKey(resource, service, source);
      if (!isAllowed) note(source, request);
      return isAllowed;
    }),
    denials: () => [...denied.values()],
  };
}

/** Services with policies that deny people something, whatever their rights. */
const denyingPeople: readonly string[] = ['eventbridge', 'sqs'];

type Said = 'aws:SourceArn' | 'aws:SourceAccount';

/**
 * What a service says of whom it acts for. A condition on what it does not say lets nothing through. EventBridge, "Using
 * resource-based policies" and "Troubleshooting": the rule, and not the account; CloudWatch, "Set up Amazon SNS
 * notifications"; SNS, "Fanout to Lambda functions"; of API Gateway "Lambda permissions". For Secrets Manager nothing is
 * documented: docs/deploy.md has it to watch.
 */
const saidOfCalls: Readonly<Record<string, readonly Said[]>> = {
  'apigateway.amazonaws.com': ['aws:SourceArn'],
  'cloudwatch.amazonaws.com': ['aws:SourceArn', 'aws:SourceAccount'],
  'events.amazonaws.com': ['aws:SourceArn'],
  'secretsmanager.amazonaws.com': ['aws:SourceArn'],
  'sns.amazonaws.com': ['aws:SourceArn'],
};
/** The same of a key that it uses. SNS, "Key management": EventBridge says nothing; of SNS itself nothing is documented. */
const saidOfKeys: Readonly<Record<string, readonly Said[]>> = {
  'cloudwatch.amazonaws.com': ['aws:SourceArn', 'aws:SourceAccount'],
};

function said(names: readonly Said[], source: string, account: string): Context {
  const values = { 'aws:SourceArn': source, 'aws:SourceAccount': account };
  const always = { 'aws:PrincipalIsAWSService': 'true', 'aws:SecureTransport': 'true' };
  return { ...always, ...Object.fromEntries(names.map((name) => [name, values[name]])) };
}

/** What does not change while the stacks stand is asked once. */
function remembered(ask: (...texts: [string, string, string, string]) => boolean): typeof ask {
  const known = new Map<string, boolean>();
  return (...texts) => {
    const key = texts.join(' ');
    const answer = known.get(key) ?? ask(...texts);
    known.set(key, answer);
    return answer;
  };
}

type Role = {
  readonly arn: string;
  readonly functionArn: string;
  readonly statements: readonly Statement[];
  /** By region that it calls, what it asked there and may. */
  readonly allowed: Map<string, Set<string>>;
};

/** A region that a role calls, and what it asked there and may. */
type Place = At & { readonly allowed: Set<string> };

/** What the policies of stacks say, and what was found out about it. */
type Reading = {
  readonly attachedTo: (resource: string) => readonly Statement[];
  readonly keys: ReadonlyMap<string, { readonly arn: string; readonly aliases: string[] }>;
  /** By region and function. */
  readonly roles: ReadonlyMap<string, ReadonlyMap<string, Role>>;
  readonly statementsOf: (deployment: Deployment, role: string) => readonly Statement[];
};

const readings = new WeakMap<readonly Deployment[], Reading>();

/** Reads the policies of stacks once: the same stacks are deployed in each history of a plan, and their policies do not change. */
function readingOf(deployments: readonly Deployment[], account: string): Reading {
  const reading = readings.get(deployments) ?? readPoliciesOf(deployments, account);
  readings.set(deployments, reading);
  return reading;
}

function readPoliciesOf(deployments: readonly Deployment[], account: string): Reading {
  for (const deployment of deployments) expectTrust(deployment, account);
  const policies = deployments.flatMap(resourcePolicies);
  const attached = new Map<string, readonly Statement[]>();
  const findAttached = (resource: string): readonly Statement[] =>
    policies
      .filter((one) => one.resource === resource || resource.startsWith(`${one.resource}/`))
      .flatMap(({ statements }) => statements);
  const known = new Map(deployments.map((one) => [one, new Map<string, readonly Statement[]>()]));
  return {
    attachedTo(resource) {
      const found = attached.get(resource) ?? findAttached(resource);
      attached.set(resource, found);
      return found;
    },
    keys: new Map(deployments.flatMap((one) => encrypted(one))),
    roles: new Map(deployments.map((one) => [one.region, rolesOf(one)])),
    statementsOf(deployment, role) {
      const found = known.get(deployment)?.get(role) ?? statementsOf(deployment, role);
      known.get(deployment)?.set(role, found);
      return found;
    },
  };
}

function rolesOf(deployment: Deployment): ReadonlyMap<string, Role> {
  return new Map(
    [...deployment.functions.values()].map(({ verb, arn, role }) => [
      verb,
      {
        arn: roleArn(deployment, role),
        functionArn: arn,
        statements: statementsOf(deployment, role),
        allowed: new Map(),
      },
    ]),
  );
}

/** Where a role has no name of its own, AWS makes one from its logical name. */
function roleArn({ place }: Deployment, role: string): string {
  return String(resolve({ 'Fn::GetAtt': [role, 'Arn'] }, place));
}

function statementsOf({ place }: Deployment, role: string): readonly Statement[] {
  return readPolicies(place.resources, role, (intrinsic) => String(resolve(intrinsic, place)));
}

/** Each policy of a resource, with the ARN of what it belongs to. */
function resourcePolicies({ place }: Deployment): Attached[] {
  const { resources } = place;
  const ask = (intrinsic: unknown) => String(resolve(intrinsic, place));
  return Object.entries(resources).flatMap(([name, { Type, Properties = {} }]) => {
    const owner = ownersOf(Type, name, Properties, ask);
    if (owner === null) return [];
    const statements = readResourcePolicy(resources, name, ask);
    return owner.map((resource) => ({ resource, statements }));
  });
}

/** What a policy is attached to; null where a resource is no policy. */
function ownersOf(
  type: string,
  name: string,
  properties: Readonly<Record<string, unknown>>,
  ask: (intrinsic: unknown) => string,
): string[] | null {
  const arnOf = (reference: unknown): string => ask({ 'Fn::GetAtt': [(reference as { Ref: string }).Ref, 'Arn'] });
  switch (type) {
    case 'AWS::KMS::Key':
    case 'AWS::Events::EventBus':
      return [ask({ 'Fn::GetAtt': [name, 'Arn'] })];
    case 'AWS::SQS::QueuePolicy':
      return (properties['Queues'] as unknown[]).map(arnOf);
    case 'AWS::SNS::TopicPolicy':
      return (properties['Topics'] as unknown[]).map(arnOf);
    case 'AWS::SecretsManager::ResourcePolicy':
      return [arnOf(properties['SecretId'])];
    case 'AWS::S3::BucketPolicy':
      return [arnOf(properties['Bucket'])];
    case 'AWS::Lambda::Permission':
      return [ask(properties['FunctionName'])];
    default:
      return null;
  }
}

/** Topics, queues and secrets that are encrypted with a key of the stack. */
function encrypted({ place }: Deployment): [string, { arn: string; aliases: string[] }][] {
  const { resources } = place;
  const ask = (intrinsic: unknown) => String(resolve(intrinsic, place));
  return Object.entries(resources).flatMap(([name, { Properties = {} }]) => {
    const key = (Properties['KmsMasterKeyId'] ?? Properties['KmsKeyId']) as { Ref: string } | undefined;
    if (key === undefined) return [];
    const aliases = Object.values(resources).flatMap(({ Type, Properties: alias = {} }) =>
      Type === 'AWS::KMS::Alias' && (alias['TargetKeyId'] as { Ref: string }).Ref === key.Ref
        ? [String(alias['AliasName'])]
        : [],
    );
    return [[ask({ 'Fn::GetAtt': [name, 'Arn'] }), { arn: ask({ 'Fn::GetAtt': [key.Ref, 'Arn'] }), aliases }]];
  });
}

/** Whoever runs with a role must be trusted by it. */
function expectTrust({ place, functions, machines, rules }: Deployment, account: string): void {
  const ask = (intrinsic: unknown) => String(resolve(intrinsic, place));
  const users = [
    ...[...functions.values()].map(({ arn, role }) => ({ service: 'lambda.amazonaws.com', arn, role })),
    ...machines.map(({ arn, role }) => ({ service: 'states.amazonaws.com', arn, role })),
    ...rules.flatMap(({ arn, targets }) =>
      targets.flatMap(({ role }) => (role === null ? [] : [{ service: 'events.amazonaws.com', arn, role }])),
    ),
  ];
  for (const { service, arn, role } of users) {
    const statements = readResourcePolicy(place.resources, role, ask);
    const context = { 'aws:SourceArn': arn, 'aws:SourceAccount': account };
    const request = { action: 'sts:AssumeRole', resource: role, context };
    const { allowed } = evaluate(request, { identity: [], resource: { statements, caller: { service } } });
    if (!allowed) throw new Error(`${arn} cannot run: its role ${role} does not trust it`);
  }
}
