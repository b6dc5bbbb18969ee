// The templates that would be deployed, of a region of each kind, and what packaging refuses.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Packaging, packageStack } from '../../cli/packaged/packaging.ts';
import type { Flow } from '../../functions/domain/flows.ts';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { packaged as plan, type Resource, type Resources, type Template, templateOf } from '../permissions/packaged.ts';
import { machineOf } from '../statemachines/flows.ts';

type Attribute = { 'Fn::GetAtt': [string, string] };
type Target = { Arn: unknown; DeadLetterConfig?: { Arn: unknown } };
type Written = { Principal: { Service?: string; AWS?: unknown }; Condition?: unknown };
type Definition = { 'Fn::Sub': [string, Record<string, Attribute>] };
type Pattern = { source: Match[]; 'detail-type'?: Match[] };
type Match = string | { prefix: string } | { exists: boolean };

const root = join(import.meta.dirname, '../..');
const prefix = 'breakwater-rehearsal';
/** Two are packaged where a database of the plan is asked: test/infrastructure/rights/data-rights.test.ts. */
const verbs = namesIn('functions', '.ts').filter((name) => !['keep-ledger', 'rehearse-restores'].includes(name));
const flows = namesIn('statemachines', '.asl.yaml');

/** Functions that stand in the observer stacks too. */
const observers = ['run-canary'];
const kinds = ['primary', 'standby', 'observer', 'witness'] as const;

let templates: Record<(typeof kinds)[number], Template>;
/** Of the primary region. */
let resources: Resources;

beforeAll(async () => {
  const { primary, standby, observers: watching, witness } = plan.roles;
  templates = {
    primary: await templateOf(primary),
    standby: await templateOf(standby),
    observer: await templateOf(watching[0] ?? witness),
    witness: await templateOf(witness),
  };
  resources = templates.primary.Resources;
}, 480_000);

test('every file of functions, and every verb of the kinds, is a function in the main stacks; an observer has a canary', () => {
  const main = [...verbs, ...verbsIn(plan).map(({ name }) => name)].map((verb) => `${prefix}-${verb}`);
  for (const kind of ['primary', 'standby'] as const) expect(functionsOf(kind).toSorted()).toEqual(main.toSorted());
  expect(functionsOf('observer')).toEqual(observers.map((verb) => `${prefix}-${verb}`));
  expect(functionsOf('witness')).toEqual([]);
});

test('no two functions share a role', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, { Properties }]) => roleOf(Properties['Role']));
  expect(new Set(roles).size).toBe(functionsOf('primary').length);
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
  const written = machineOf(flow as Flow, plan) as unknown;
  expect(deployed).toHaveProperty('QueryLanguage', 'JSONata');
  expect(withoutLanguage(deployed)).toEqual(withoutLanguage(nameFunctions(written)));
});

test.for(flows)('%s may invoke the functions it names and nothing else', (flow) => {
  const named = Object.values(definitionOf(flow)['Fn::Sub'][1]).map((attribute) => functionName(attribute));
  const role = resources[roleOf(stateMachine(flow).Properties['RoleArn'])]?.Properties['Policies'];
  const statements = (role as { PolicyDocument: { Statement: { Action: string[]; Resource: unknown[] }[] } }[])
    .flatMap((policy) => policy.PolicyDocument.Statement)
    .filter(({ Action }) => Action.some((action) => action.startsWith('lambda:')));
  expect(statements.map((statement) => statement.Action)).toEqual([['lambda:InvokeFunction']]);
  const invoked = statements.flatMap(({ Resource }) => Resource.filter(isAttribute).map(functionName));
  expect(invoked.toSorted()).toEqual([...new Set(named)].toSorted());
});

test('every contact of the plan has a topic', () => {
  const topics = ofType('AWS::SNS::Topic').map(([, { Properties }]) => Properties['TopicName']);
  const wanted = [...Object.keys(plan.contacts), 'cache-events'].map((role) => `${prefix}-${role}`);
  expect(topics.toSorted()).toEqual(wanted.toSorted());
});

describe('the state', () => {
  test('is one table, made by the primary region with the standby as replica and a witness', () => {
    const tables = kinds.map((kind) => ofType(/^AWS::DynamoDB::/, templates[kind].Resources));
    expect(tables.map((one) => one.length)).toEqual([1, 0, 0, 0]);
    expect(tables[0]?.[0]?.[1]).toMatchObject({
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { TableName: prefix, MultiRegionConsistency: 'STRONG', BillingMode: 'PAY_PER_REQUEST' },
    });
    const { GlobalTableWitnesses, Replicas } = tables[0]?.[0]?.[1].Properties ?? {};
    expect(GlobalTableWitnesses).toEqual([{ Region: plan.roles.witness }]);
    const kept = {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    };
    const { primary, standby } = plan.roles;
    expect(Replicas).toEqual([
      expect.objectContaining({ Region: primary, ...kept }),
      expect.objectContaining({ Region: standby, ...kept }),
    ]);
  });

  test('is found by its name, in whichever region', () => {
    for (const kind of kinds)
      for (const [, { Properties }] of ofType('AWS::Lambda::Function', templates[kind].Resources))
        expect(Properties['Environment']).toHaveProperty('Variables.BREAKWATER_TABLE', prefix);
  });
});

describe('nothing belongs to one account', () => {
  test.for(kinds)('no account number and no address is in the template of the %s region', (kind) => {
    const given = JSON.stringify(templates[kind]);
    // Keys, images and registries that the plan names by their ARN are the plan's own.
    const own = JSON.stringify(plan);
    expect((given.match(/\b\d{12}\b/g) ?? []).filter((number) => !own.includes(number))).toEqual([]);
    expect(given.match(/[\w.+-]+@[\w-]+\.\w+/g) ?? []).toEqual([]);
  });

  test.for(kinds)('what has a name has it by prefix or application in the %s region', (kind) => {
    const nameOf = /^(\w*Name|Name)$/;
    const named = Object.values(templates[kind].Resources).flatMap(({ Type, Properties }) =>
      Object.entries(Properties)
        .filter(([key, value]) => nameOf.test(key) && typeof value === 'string' && /^AWS::/.test(Type))
        .filter(([key]) => !['StageName', 'MetricName', 'RoleName'].includes(key))
        .map(([, value]) => String(value)),
    );
    const ours = new RegExp(`^(alias/|/aws/(lambda|vendedlogs/\\w+)/)?(${prefix}|${plan.application})(-|$)`);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !ours.test(name) && name !== plan.redirection.record)).toEqual([]);
  });
});

describe('nothing that failed is lost', () => {
  test.for(kinds)('every function that a rule or a topic calls in the %s region has a queue for what fails', (kind) => {
    const stack = templates[kind].Resources;
    const called = [
      ...ofType('AWS::Events::Rule', stack).flatMap(([, { Properties }]) =>
        targetsOf(Properties).map(({ Arn }) => Arn),
      ),
      ...ofType('AWS::SNS::Subscription', stack).map(([, { Properties }]) => Properties['Endpoint']),
    ]
      .filter(isAttribute)
      .map((one) => one['Fn::GetAtt'][0])
      .filter((id) => stack[id]?.Type === 'AWS::Lambda::Function');
    const configured = ofType('AWS::Lambda::EventInvokeConfig', stack);
    const kept = configured.filter(([, { Properties }]) => isQueue(destinationOf(Properties), stack));
    expect(called.length > 0).toBe(kind !== 'witness'); // which has no function
    const covered = kept.map(([, { Properties }]) => (Properties['FunctionName'] as { Ref: string }).Ref);
    expect(called.filter((id) => !covered.includes(id))).toEqual([]);
  });

  test.for(kinds)('every target of a rule in the %s region has dead letters', (kind) => {
    const stack = templates[kind].Resources;
    const targets = ofType('AWS::Events::Rule', stack).flatMap(([, { Properties }]) => targetsOf(Properties));
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter(({ DeadLetterConfig }) => !isQueue(DeadLetterConfig?.Arn, stack))).toEqual([]);
  });

  test('what ElastiCache tells is heard, with dead letters', () => {
    expect(resources['CacheEventsSubscription']?.Properties).toMatchObject({
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
    });
  });

  test.for(kinds)('every log of the %s region is kept for 90 days', (kind) => {
    const groups = ofType('AWS::Logs::LogGroup', templates[kind].Resources);
    expect(groups.filter(([, { Properties }]) => Properties['RetentionInDays'] !== 90)).toEqual([]);
    const written = groups.map(([, { Properties }]) => Properties['LogGroupName']);
    expect(written).toEqual(expect.arrayContaining(functionsOf(kind).map((name) => `/aws/lambda/${name}`)));
  });

  test('the state machines log where a step failed, and not with what data', () => {
    for (const flow of flows)
      expect(stateMachine(flow).Properties['LoggingConfiguration']).toMatchObject({
        Level: 'ERROR',
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } } }],
      });
  });
});

describe('what is kept from others', () => {
  test.for(kinds)(
    'every topic and queue of dead letters in the %s region is encrypted with the key of the region',
    (kind) => {
      const stack = templates[kind].Resources;
      const all = [
        // ElastiCache publishes to no topic that is encrypted.
        ...ofType('AWS::SNS::Topic', stack).filter(([id]) => id !== 'CacheEvents'),
        ...ofType('AWS::SQS::Queue', stack),
      ];
      expect(all.length).toBeGreaterThan(0);
      expect(all.filter(([, { Properties }]) => ref(Properties['KmsMasterKeyId']) !== 'Key')).toEqual([]);
      expect(stack['Key']?.Properties).toHaveProperty('EnableKeyRotation', true);
    },
  );

  test('nobody but functions, by their roles, publishes to contacts; alarms of this account to the one who is on call', () => {
    const policies = ofType('AWS::SNS::TopicPolicy').flatMap(([id, { Properties }]) =>
      (Properties['PolicyDocument'] as { Statement: (Written & { Effect: string })[] }).Statement.map((one) => ({
        id,
        ...one,
      })),
    );
    const allowed = policies.filter(({ Effect, id }) => Effect === 'Allow' && id !== 'CacheEventsPolicy');
    expect(allowed).toEqual([
      expect.objectContaining({
        id: 'OnCallTopicPolicy',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: expect.objectContaining({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }),
      }),
    ]);
  });

  test('links are open to who holds them, answers by IAM are not, and there is no other way in', () => {
    const routes = ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [
      Properties['RouteKey'],
      Properties['AuthorizationType'],
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      'GET /r/{link}': 'NONE',
      'HEAD /r/{link}': 'NONE',
      'POST /r/{link}': 'NONE',
      'POST /requests/{id}': 'AWS_IAM',
    });
  });

  test('the access log does not hold the link', () => {
    const { AccessLogSettings } = resources['ApprovalStage']?.Properties ?? {};
    const format = JSON.parse((AccessLogSettings as { Format: string }).Format) as Record<string, string>;
    expect(Object.keys(format).toSorted()).toEqual(['error', 'ip', 'requestId', 'route', 'status', 'time']);
    expect(Object.values(format).filter((value) => /path|uri|protocol/i.test(value))).toEqual([]);
  });

  test('the key of the links is made by AWS, encrypted and changed each month', () => {
    expect(resources['LinkKey']?.Properties).toMatchObject({
      Name: `${prefix}-link-key`,
      KmsKeyId: { Ref: 'Key' },
      GenerateSecretString: { SecretStringTemplate: '{"keys":[]}', GenerateStringKey: 'seed', PasswordLength: 64 },
    });
    const rotation = resources['LinkKeyRotation']?.Properties;
    expect(rotation).toHaveProperty('RotationRules.AutomaticallyAfterDays', 30);
    expect(functionName(rotation?.['RotationLambdaARN'] as Attribute)).toBe(`${prefix}-rotate-link-key`);
  });

  test.for(kinds)('every service that may call a function of the %s region says for whom', (kind) => {
    const permissions = ofType('AWS::Lambda::Permission', templates[kind].Resources);
    const open = permissions.filter(
      ([, { Properties }]) => Properties['SourceArn'] === undefined && Properties['SourceAccount'] === undefined,
    );
    expect(open).toEqual([]);
  });
});

test('the page, the table and the dashboard are told by the stack', () => {
  expect(Object.keys(templates.primary.Outputs)).toEqual(
    expect.arrayContaining(['ApprovalPageUrl', 'StateTableName', 'DashboardUrl']),
  );
});

const missing =
  '--param dr-coordinator, infra-lead, dba, app-lead, on-call: missing, expected an e-mail address or an https';

test.for<readonly [string, Packaging, readonly string[]]>([
  ['addresses that are missing', { region: plan.roles.primary, stage: 'prod' }, [missing]],
  [
    'values that are wrong',
    { region: 'ap-south-1', stage: 'rehearsal', params: ['oncall=a@example.com', 'dba=a@example.com', 'records=no'] },
    [
      '--region is ap-south-1, expected a region of the plan: us-east-1 (primary), us-west-2 (standby), ',
      '--param oncall: is no value, expected one of dr-coordinator, ',
      '--param dba: contradicts --param addresses=elsewhere',
      '--param records: is "no", expected stack or elsewhere',
    ],
  ],
  [
    'a stage with which names are too long',
    { region: plan.roles.primary, stage: 'a-stage-that-is-longer-than-this', params: ['addresses=elsewhere'] },
    [
      '--stage: is a-stage-that-is-longer-than-this: breakwater-a-stage-that-is-longer-than-this-reports-111122223333-us-east-1 h',
    ],
  ],
  [
    'a plan that is not there',
    { region: plan.roles.primary, stage: 'rehearsal', params: ['plan=examples/none.yml'] },
    ['examples/none.yml: there is no such file, expected a plan such as plan.yml'],
  ],
])('%s: packaging ends with one line for each thing that is wrong', async ([, packaging, expected]) => {
  const printed = await packageStack(packaging).then(
    () => 'it was packaged',
    (error: Error) => error.message,
  );
  const lines = printed.split('errored with: \n').at(-1)?.split('\n') ?? [];
  expect(lines).toHaveLength(expected.length);
  expect(lines.map((line, at) => line.trim().slice(0, expected[at]?.length))).toEqual(expected);
  expect(printed.match(/\n\s+at |errored with/g)).toEqual(['errored with', 'errored with']);
});

test('every kind of event that is kept as a sample reaches a queue or a function', () => {
  // What AWS says is on the default bus, and what the application says on its own.
  const patternsOn = (isDefault: boolean) =>
    ofType('AWS::Events::Rule').flatMap(([, { Properties }]) =>
      (Properties['EventBusName'] === undefined) === isDefault ? ((Properties['EventPattern'] as Pattern) ?? []) : [],
    );
  const lost = namesIn('events', '.json').filter((name) => {
    const event = JSON.parse(readFileSync(join(root, `events/${name}.json`), 'utf8')) as Record<string, string>;
    if (event['source'] === undefined) return false; // a message of SNS: it is forwarded in an event of the application
    return !patternsOn(event['source'].startsWith('aws.')).some(
      (pattern) => matches(pattern.source, event['source']) && matches(pattern['detail-type'], event['detail-type']),
    );
  });
  expect(lost).toEqual([]);
});

test('every source of events that the plan names reaches the queue', () => {
  expect(resources['ApplicationRule']?.Properties['EventBusName']).toEqual({ Ref: 'ApplicationBus' });
  const rule = resources['ApplicationRule']?.Properties['EventPattern'] as Pattern;
  expect(plan.signals.events.filter(({ source }) => !matches(rule.source, source))).toEqual([]);
});

function namesIn(folder: string, ending: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending));
}

function ofType(type: string | RegExp, stack: Resources = resources): [string, Resource][] {
  return Object.entries(stack).filter(([, { Type }]) => (typeof type === 'string' ? Type === type : type.test(Type)));
}

function functionsOf(kind: (typeof kinds)[number]): string[] {
  return ofType('AWS::Lambda::Function', templates[kind].Resources).map(([, { Properties }]) =>
    String(Properties['FunctionName']),
  );
}

function targetsOf(properties: Resource['Properties']): readonly Target[] {
  return properties['Targets'] as Target[];
}

function destinationOf(properties: Resource['Properties']): unknown {
  return (properties['DestinationConfig'] as { OnFailure?: { Destination: unknown } }).OnFailure?.Destination;
}

/** Whether an attribute points to a queue of the stack. */
function isQueue(value: unknown, stack: Resources): boolean {
  return isAttribute(value) && stack[value['Fn::GetAtt'][0]]?.Type === 'AWS::SQS::Queue';
}

function ref(value: unknown): unknown {
  return (value as { Ref?: string } | undefined)?.Ref;
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
  return wanted.some((match) => {
    if (typeof match === 'string') return match === value;
    return 'exists' in match ? (value !== undefined) === match.exists : (value ?? '').startsWith(match.prefix);
  });
}
