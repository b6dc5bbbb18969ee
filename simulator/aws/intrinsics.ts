// CloudFormation's functions in a template: Ref, Fn::GetAtt, Fn::Sub and Fn::Join, as they come out in one region's stack.

export type Resource = { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> };

/** One region's stack: what a reference in it needs to know. */
export type Place = {
  readonly region: string;
  readonly account: string;
  readonly resources: Readonly<Record<string, Resource>>;
};

const partition = 'aws';
const urlSuffix = 'amazonaws.com';

/** A value of a template with everything in it resolved. @throws Error where it refers to something that is not there */
export function resolve(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.map((element) => resolve(element, place));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [key, argument] = entries[0] ?? [];
  if (entries.length === 1 && key === 'Ref') return referred(String(argument), place);
  if (entries.length === 1 && key === 'Fn::GetAtt') return attribute(argument, place);
  if (entries.length === 1 && key === 'Fn::Sub') return substituted(argument, place);
  if (entries.length === 1 && key === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => String(resolve(part, place))).join(separator);
  }
  return Object.fromEntries(entries.map(([name, part]) => [name, resolve(part, place)]));
}

/** The same, where it must come out as text. */
export function text(value: unknown, place: Place): string {
  const resolved = resolve(value, place);
  if (typeof resolved === 'string' || typeof resolved === 'number') return String(resolved);
  throw new Error(`expected text in a template, found ${JSON.stringify(value)}`);
}

function substituted(argument: unknown, place: Place): string {
  const [template, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
  return template.replace(/\$\{([^}!]+)\}/g, (_, name: string) => {
    if (Object.hasOwn(own, name)) return text(own[name], place);
    const [resource = '', ...attributes] = name.split('.');
    return attributes.length === 0 ? referred(resource, place) : attribute([resource, attributes.join('.')], place);
  });
}

/** What a resource's Ref gives, by its type (CloudFormation's reference, "Return values" of each). */
function referred(name: string, place: Place): string {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': partition,
    'AWS::URLSuffix': urlSuffix,
  };
  const known = pseudo[name];
  if (known !== undefined) return known;
  const { Type } = resourceNamed(name, place);
  const own = nameOf(name, place);
  switch (Type) {
    case 'AWS::SQS::Queue':
      return `https://sqs.${place.region}.${urlSuffix}/${place.account}/${own}`;
    case 'AWS::SNS::Topic':
    case 'AWS::SecretsManager::Secret':
    case 'AWS::StepFunctions::StateMachine':
      return attribute([name, 'Arn'], place);
    default:
      return own;
  }
}

/** How AWS names a resource in an ARN, by its type. */
const arns: Readonly<
  Record<string, (name: string, place: Place, properties: NonNullable<Resource['Properties']>) => string>
> = {
  'AWS::SQS::Queue': (name, place) => arn('sqs', name, place),
  'AWS::SNS::Topic': (name, place) => arn('sns', name, place),
  'AWS::KMS::Key': (name, place) => arn('kms', `key/${name}`, place),
  'AWS::Events::EventBus': (name, place) => arn('events', `event-bus/${name}`, place),
  // A rule of another bus than the default one has that bus in its ARN.
  'AWS::Events::Rule': (name, place, { EventBusName: bus }) =>
    arn('events', bus === undefined ? `rule/${name}` : `rule/${text(bus, place)}/${name}`, place),
  'AWS::Logs::LogGroup': (name, place) => arn('logs', `log-group:${name}:*`, place),
  'AWS::CodeBuild::Project': (name, place) => arn('codebuild', `project/${name}`, place),
  'AWS::Lambda::Function': (name, place) => arn('lambda', `function:${name}`, place),
  'AWS::StepFunctions::StateMachine': (name, place) => arn('states', `stateMachine:${name}`, place),
  'AWS::DynamoDB::GlobalTable': (name, place) => arn('dynamodb', `table/${name}`, place),
  'AWS::CloudWatch::Alarm': (name, place) => arn('cloudwatch', `alarm:${name}`, place),
  // AWS adds six characters, so that a secret that is made again is another one.
  'AWS::SecretsManager::Secret': (name, place) => arn('secretsmanager', `secret:${name}-AbCdEf`, place),
  'AWS::S3::Bucket': (name) => `arn:${partition}:s3:::${name}`,
  'AWS::IAM::Role': (name, { account }) => `arn:${partition}:iam::${account}:role/${name}`,
};

function arn(service: string, resource: string, { region, account }: Place): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

function attribute(argument: unknown, place: Place): string {
  const [name = '', wanted = ''] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
  const { Type, Properties = {} } = resourceNamed(name, place);
  const make = wanted === 'Arn' ? arns[Type] : undefined;
  if (make === undefined) throw new Error(`the simulator does not know ${wanted} of ${Type} (${name})`);
  return make(nameOf(name, place), place, Properties);
}

function resourceNamed(name: string, { resources, region }: Place): Resource {
  const found = resources[name];
  if (found === undefined) throw new Error(`the stack of ${region} refers to ${name}, which is not in it`);
  return found;
}

/** The property that gives a resource its name. Where a stack gives none, AWS makes one from the logical name. */
const nameProperties: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::CodeBuild::Project': 'Name',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::S3::Bucket': 'BucketName',
};

function nameOf(name: string, place: Place): string {
  const { Type, Properties = {} } = resourceNamed(name, place);
  const property = nameProperties[Type];
  const given = property === undefined ? undefined : Properties[property];
  return given === undefined ? name : text(given, place);
}
