// What AWS makes of one region's stack: read from the CloudFormation resources that are deployed, and from nothing else, so
// that what is rehearsed is what is packaged. Reads the parts as serverless.yml gets them, and a packaged template alike.
import * as z from 'zod';
import { functionId } from '../../infrastructure/runs/functions.ts';
import type { partsOf } from '../../infrastructure/stack.ts';
import { type Comparison, comparisons } from '../estate/alarms/alarm-catalogue.ts';
import type { ExperimentTemplate } from '../estate/services/experiments.ts';
import { type ExperimentRole, whyRoleFails } from '../iam/experiment-role.ts';
import { type Place, type Resource, resolve } from './intrinsics.ts';

export type DeployedFunction = {
  readonly verb: string;
  /** Its file in functions/, without the ending. */
  readonly file: string;
  readonly arn: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Logical name of its role. */
  readonly role: string;
  readonly inNetwork: boolean;
  /** For calls that nobody waits for. Lambda's own: two retries within six hours, and what failed is lost. */
  readonly unattended: {
    readonly maximumAgeSeconds: number;
    readonly retries: number;
    readonly onFailure: string | null;
  };
};

export type Target = {
  readonly id: string;
  readonly arn: string;
  /** Logical name of the role that it is called with; null where the target's own policy lets the rule in. */
  readonly role: string | null;
  readonly deadLetters: string | null;
};

export type Rule = {
  readonly name: string;
  /** The name of the bus that it listens to. */
  readonly bus: string;
  readonly arn: string;
  /** Null for a schedule. */
  readonly pattern: unknown;
  readonly everySeconds: number | null;
  readonly targets: readonly Target[];
};

export type DeployedQueue = {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilitySeconds: number;
  /** After so many deliveries a message goes to the dead letters; both null where there are none. */
  readonly maximumReceives: number | null;
  readonly deadLetters: string | null;
};

export type Mapping = {
  readonly queue: string;
  readonly function: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItems: boolean;
};

export type DeployedTopic = {
  readonly arn: string;
  readonly subscriptions: readonly {
    readonly protocol: string;
    readonly endpoint: string;
    readonly deadLetters: string | null;
  }[];
};

export type MetricName = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
};

export type DeployedAlarm = {
  readonly name: string;
  readonly arn: string;
  /** Metrics by id, and the expression that joins them; a single metric has the id m1 and the expression m1. */
  readonly metrics: Readonly<Record<string, MetricName>>;
  readonly expression: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly periodSeconds: number;
  /** `bad` of the last `of` periods. */
  readonly bad: number;
  readonly of: number;
  readonly missing: 'missing' | 'breaching' | 'notBreaching';
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
};

export type DeployedMachine = {
  readonly name: string;
  readonly arn: string;
  readonly definition: unknown;
  /** Logical name of its role. */
  readonly role: string;
};

export type Deployment = {
  readonly region: string;
  readonly place: Place;
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  /** Names of the buses beside the default one. */
  readonly buses: readonly string[];
  readonly rules: readonly Rule[];
  readonly queues: readonly DeployedQueue[];
  readonly mappings: readonly Mapping[];
  readonly topics: readonly DeployedTopic[];
  readonly alarms: readonly DeployedAlarm[];
  readonly machines: readonly DeployedMachine[];
  /** Secrets with the function that rotates them, which Secrets Manager calls when the rotation is set up. */
  readonly rotations: readonly { readonly secret: string; readonly function: string; readonly atOnce: boolean }[];
  /** Routes of HTTP APIs, such as GET /r/{link}. */
  readonly experiments: readonly ExperimentTemplate[];
  readonly routes: readonly { readonly key: string; readonly function: string; readonly needsIam: boolean }[];
};

/** Reads the parts of a stack, before the framework packages them. */
export function readParts(parts: ReturnType<typeof partsOf>, region: string, account: string): Deployment {
  const { functions, stepFunctions, Resources } = parts;
  const made = Object.entries(functions).flatMap(([verb, one]) =>
    Object.entries(functionResources(verb, FunctionPart.parse(one))),
  );
  const machines = Object.values(Machines.parse(stepFunctions).stateMachines).map((one) => [
    one.name,
    { Type: 'AWS::StepFunctions::StateMachine', Properties: machineProperties(one) },
  ]);
  return readResources({ ...Resources, ...Object.fromEntries(made), ...Object.fromEntries(machines) }, region, account);
}

const Invocation = z.looseObject({ onFailure: z.looseObject({ arn: z.unknown() }) });
const FunctionPart = z.looseObject({
  name: z.string(),
  handler: z.string(),
  role: z.string(),
  timeout: z.number(),
  environment: z.record(z.string(), z.unknown()),
  destinations: Invocation.optional(),
  maximumEventAge: z.number().optional(),
  vpc: z.unknown().optional(),
});
const Machines = z.looseObject({
  stateMachines: z.record(z.string(), z.looseObject({ name: z.string(), role: z.unknown(), definition: z.unknown() })),
});

/** As the framework writes it into the template. */
function functionResources(verb: string, one: z.infer<typeof FunctionPart>): Record<string, Resource> {
  const { name, handler, role, timeout, environment, destinations, maximumEventAge, vpc } = one;
  const Role = { 'Fn::GetAtt': [role, 'Arn'] };
  const unattended = destinations !== undefined || maximumEventAge !== undefined;
  return {
    [functionId(verb)]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: name,
        Handler: handler,
        Timeout: timeout,
        Environment: { Variables: environment },
        Role,
        ...(vpc === undefined ? {} : { VpcConfig: vpc }),
      },
    },
    ...(unattended && {
      [`${functionId(verb)}EvConf`]: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: functionId(verb) },
          ...(destinations && { DestinationConfig: { OnFailure: { Destination: destinations.onFailure.arn } } }),
          ...(maximumEventAge && { MaximumEventAgeInSeconds: maximumEventAge }),
        },
      },
    }),
  };
}

function machineProperties({ name, role, definition }: { name: string; role: unknown; definition: unknown }) {
  return { StateMachineName: name, RoleArn: role, Definition: withFunctionIds(definition) };
}

/** `Fn::GetAtt: [take-lock, Arn]` names a function by its file, as the plugin takes it. */
function withFunctionIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFunctionIds);
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])) {
    const [verb, attribute] = value['Fn::GetAtt'];
    return { 'Fn::GetAtt': [functionId(String(verb)), attribute] };
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withFunctionIds(part)]));
}

/** Reads the resources of a template. */
export function readResources(
  resources: Readonly<Record<string, Resource>>,
  region: string,
  account: string,
): Deployment {
  const place: Place = { region, account, resources };
  const all = <Shape>(type: string, shape: z.ZodType<Shape>): [string, Shape][] =>
    Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type === type ? [[id, shape.parse(resolve(Properties ?? {}, place))] as [string, Shape]] : [],
    );
  const arnOf = (id: string): string => String(resolve({ 'Fn::GetAtt': [id, 'Arn'] }, place));
  const named = new Map(
    Object.entries(resources).flatMap(([id, { Type }]) => (Type === 'AWS::IAM::Role' ? [[arnOf(id), id]] : [])),
  );
  const roleName: RoleName = (arn) => named.get(arn) ?? arn.slice(arn.lastIndexOf('/') + 1);
  const roleOf = (arn: string) => resolve(resources[roleName(arn)]?.Properties ?? null, place) as ExperimentRole | null;
  const functions = readFunctions(all, arnOf, roleName);
  return {
    region,
    place,
    functions,
    buses: all('AWS::Events::EventBus', BusShape).map(([, { Name }]) => Name),
    rules: all('AWS::Events::Rule', RuleShape).map(([id, one]) => readRule(one, arnOf(id), roleName)),
    queues: all('AWS::SQS::Queue', QueueShape).map(([id, one]) => ({
      name: one.QueueName,
      arn: arnOf(id),
      url: String(resolve({ Ref: id }, place)),
      visibilitySeconds: one.VisibilityTimeout,
      maximumReceives: one.RedrivePolicy?.maxReceiveCount ?? null,
      deadLetters: one.RedrivePolicy?.deadLetterTargetArn ?? null,
    })),
    mappings: all('AWS::Lambda::EventSourceMapping', MappingShape).map(([, one]) => ({
      queue: one.EventSourceArn,
      function: one.FunctionName,
      batchSize: one.BatchSize,
      windowSeconds: one.MaximumBatchingWindowInSeconds,
      reportsItems: one.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    })),
    topics: readTopics(all, arnOf),
    alarms: all('AWS::CloudWatch::Alarm', AlarmShape).map(([id, one]) => readAlarm(one, arnOf(id))),
    machines: all('AWS::StepFunctions::StateMachine', MachineShape).map(([id, one]) => ({
      name: one.StateMachineName,
      arn: arnOf(id),
      definition: one.Definition ?? JSON.parse(one.DefinitionString ?? 'null'),
      role: roleName(one.RoleArn),
    })),
    rotations: all('AWS::SecretsManager::RotationSchedule', RotationShape).map(([, one]) => ({
      secret: one.SecretId,
      function: one.RotationLambdaARN,
      atOnce: one.RotateImmediatelyOnUpdate,
    })),
    routes: readRoutes(all),
    experiments: all('AWS::FIS::ExperimentTemplate', ExperimentShape).map(([id, one]) =>
      readExperiment(id, one, roleOf(one.RoleArn), place),
    ),
  };
}

/** The logical name of a role, by its ARN: that of a role with a name of its own does not tell. */
type RoleName = (arn: string) => string;

type All = <Shape>(type: string, shape: z.ZodType<Shape>) => [string, Shape][];

const FunctionShape = z.looseObject({
  Handler: z.string(),
  Timeout: z.number(),
  Environment: z.looseObject({ Variables: z.record(z.string(), z.string()) }),
  Role: z.string(),
  VpcConfig: z.unknown().optional(),
});
const InvokeShape = z.looseObject({
  FunctionName: z.string(),
  MaximumEventAgeInSeconds: z.number().default(21_600),
  MaximumRetryAttempts: z.number().default(2),
  DestinationConfig: z.looseObject({ OnFailure: z.looseObject({ Destination: z.string() }) }).optional(),
});

function readFunctions(all: All, arnOf: (id: string) => string, roleName: RoleName): Map<string, DeployedFunction> {
  const invocations = all('AWS::Lambda::EventInvokeConfig', InvokeShape).map(([, one]) => one);
  return new Map(
    all('AWS::Lambda::Function', FunctionShape).map(([id, one]) => {
      const arn = arnOf(id);
      const name = arn.split(':').at(-1);
      const invoked = invocations.find(({ FunctionName }) => FunctionName === name);
      const file = /^functions\/(.+)\.handler$/.exec(one.Handler)?.[1] ?? '';
      return [
        arn,
        {
          verb: verbOf(file),
          file,
          arn,
          timeoutSeconds: one.Timeout,
          environment: one.Environment.Variables,
          role: roleName(one.Role),
          inNetwork: one.VpcConfig !== undefined,
          unattended: {
            maximumAgeSeconds: invoked?.MaximumEventAgeInSeconds ?? 21_600,
            retries: invoked?.MaximumRetryAttempts ?? 2,
            onFailure: invoked?.DestinationConfig?.OnFailure.Destination ?? null,
          },
        },
      ];
    }),
  );
}

/** A verb of a kind is called after both; anything else after its file. */
function verbOf(file: string): string {
  return file.replace(/^kinds\//, '').replaceAll('/', '-');
}

/** The bus of every region that AWS itself tells what happens. */
export const defaultBus = 'default';

const DeadLetter = z.looseObject({ Arn: z.string() });
const BusShape = z.looseObject({ Name: z.string() });
const RuleShape = z.looseObject({
  Name: z.string(),
  EventBusName: z.string().default(defaultBus),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  Targets: z.array(
    z.looseObject({
      Id: z.string(),
      Arn: z.string(),
      RoleArn: z.string().optional(),
      DeadLetterConfig: DeadLetter.optional(),
    }),
  ),
});

function readRule(
  { Name, EventBusName, EventPattern, ScheduleExpression, Targets }: z.infer<typeof RuleShape>,
  arn: string,
  roleName: RoleName,
): Rule {
  return {
    name: Name,
    bus: EventBusName,
    arn,
    pattern: EventPattern ?? null,
    everySeconds: ScheduleExpression === undefined ? null : rateSeconds(ScheduleExpression),
    targets: Targets.map(({ Id, Arn, RoleArn, DeadLetterConfig }) => ({
      id: Id,
      arn: Arn,
      role: RoleArn === undefined ? null : roleName(RoleArn),
      deadLetters: DeadLetterConfig?.Arn ?? null,
    })),
  };
}

/** Seconds of a schedule such as rate(5 minutes). @throws Error for any other, which the simulator cannot keep */
function rateSeconds(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = { minute: 60, hour: 3600, day: 86_400 }[unit ?? ''];
  if (seconds === undefined)
    throw new Error(`the simulator keeps schedules such as rate(1 minute), found ${expression}`);
  return Number(count) * seconds;
}

const QueueShape = z.looseObject({
  QueueName: z.string(),
  VisibilityTimeout: z.number().default(30),
  RedrivePolicy: z.looseObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});
const MappingShape = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().default(10),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
});

const TopicShape = z.looseObject({ TopicName: z.string() });
const SubscriptionShape = z.looseObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RedrivePolicy: z.looseObject({ deadLetterTargetArn: z.string() }).optional(),
});

function readTopics(all: All, arnOf: (id: string) => string): DeployedTopic[] {
  const subscriptions = all('AWS::SNS::Subscription', SubscriptionShape).map(([, one]) => one);
  return all('AWS::SNS::Topic', TopicShape).map(([id]) => {
    const arn = arnOf(id);
    const own = subscriptions.filter(({ TopicArn }) => TopicArn === arn);
    return {
      arn,
      subscriptions: own.map(({ Protocol, Endpoint, RedrivePolicy }) => ({
        protocol: Protocol,
        endpoint: Endpoint,
        deadLetters: RedrivePolicy?.deadLetterTargetArn ?? null,
      })),
    };
  });
}

const Dimensions = z.array(z.looseObject({ Name: z.string(), Value: z.string() })).default([]);
const AlarmShape = z.looseObject({
  AlarmName: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions,
  Statistic: z.string().optional(),
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.looseObject({
        Id: z.string(),
        Expression: z.string().optional(),
        Period: z.number().optional(),
        ReturnData: z.boolean().default(true),
        MetricStat: z
          .looseObject({
            Metric: z.looseObject({ Namespace: z.string(), MetricName: z.string(), Dimensions }),
            Period: z.number(),
            Stat: z.string(),
          })
          .optional(),
      }),
    )
    .default([]),
  ComparisonOperator: z.enum(comparisons),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  TreatMissingData: z.enum(['missing', 'breaching', 'notBreaching']).default('missing'),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
});

function readAlarm(one: z.infer<typeof AlarmShape>, arn: string): DeployedAlarm {
  const named = (dimensions: z.infer<typeof Dimensions>) =>
    Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
  const several = one.Metrics.flatMap(({ Id, MetricStat }) => {
    if (MetricStat === undefined) return [];
    const { Metric, Stat } = MetricStat;
    const { Namespace: namespace, MetricName: name } = Metric;
    return [[Id, { namespace, name, dimensions: named(Metric.Dimensions), stat: Stat }] as const];
  });
  const single: MetricName = {
    namespace: one.Namespace ?? '',
    name: one.MetricName ?? '',
    dimensions: named(one.Dimensions),
    stat: one.Statistic ?? '',
  };
  const returned = one.Metrics.find(({ ReturnData }) => ReturnData);
  const periods = one.Metrics.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? []);
  return {
    name: one.AlarmName,
    arn,
    metrics: one.Metrics.length === 0 ? { m1: single } : Object.fromEntries(several),
    expression: returned === undefined ? 'm1' : (returned.Expression ?? returned.Id),
    comparison: one.ComparisonOperator,
    threshold: one.Threshold,
    periodSeconds: one.Period ?? periods[0] ?? 60,
    bad: one.DatapointsToAlarm ?? one.EvaluationPeriods,
    of: one.EvaluationPeriods,
    missing: one.TreatMissingData,
    alarmActions: one.AlarmActions,
    okActions: one.OKActions,
  };
}

/** The plugin writes the definition as text. */
const MachineShape = z.looseObject({
  StateMachineName: z.string(),
  Definition: z.unknown().optional(),
  DefinitionString: z.string().optional(),
  RoleArn: z.string(),
});
const RotationShape = z.looseObject({
  SecretId: z.string(),
  RotationLambdaARN: z.string(),
  RotateImmediatelyOnUpdate: z.boolean().default(true),
});

const RouteShape = z.looseObject({ RouteKey: z.string(), AuthorizationType: z.string(), Target: z.string() });
const IntegrationShape = z.looseObject({ IntegrationUri: z.string() });

function readRoutes(all: All): Deployment['routes'] {
  const integrations = new Map(all('AWS::ApiGatewayV2::Integration', IntegrationShape));
  return all('AWS::ApiGatewayV2::Route', RouteShape).map(([, one]) => ({
    key: one.RouteKey,
    function: integrations.get(one.Target.split('/').at(-1) ?? '')?.IntegrationUri ?? '',
    needsIam: one.AuthorizationType === 'AWS_IAM',
  }));
}

/** One action on one target each, which fails where it finds none. */
const ExperimentShape = z.looseObject({
  ExperimentOptions: z.looseObject({ EmptyTargetResolutionMode: z.literal('fail') }),
  RoleArn: z.string(),
  Targets: z.record(
    z.string(),
    z.looseObject({
      ResourceTags: z.record(z.string(), z.string()),
      Filters: z.array(z.looseObject({ Path: z.string(), Values: z.array(z.string()) })),
    }),
  ),
  Actions: z.record(
    z.string(),
    z.looseObject({ ActionId: z.string(), Parameters: z.looseObject({ duration: z.string() }).optional() }),
  ),
  StopConditions: z.array(z.looseObject({ Source: z.literal('aws:cloudwatch:alarm'), Value: z.string() })).min(1),
});

function readExperiment(
  id: string,
  { Targets, Actions, StopConditions }: z.infer<typeof ExperimentShape>,
  role: ExperimentRole | null,
  { region, account }: Pick<Place, 'region' | 'account'>,
): ExperimentTemplate {
  const [target] = Object.values(Targets);
  const [action] = Object.values(Actions);
  const minutes = /^PT(\d+)M$/.exec(action?.Parameters?.duration ?? '')?.[1];
  const asked = { action: action?.ActionId ?? '', tags: target?.ResourceTags ?? {} };
  return {
    ...{ id, region, ...asked, whyRoleFails: whyRoleFails(role ?? undefined, asked, { region, account }) },
    filters: Object.fromEntries((target?.Filters ?? []).map(({ Path, Values }) => [Path, Values])),
    seconds: minutes === undefined ? null : Number(minutes) * 60,
    stopAlarms: StopConditions.map(({ Value }) => Value),
  };
}
