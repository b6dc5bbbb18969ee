// What stands in a region, asked of each service and told in the words of a template, so that one reader reads what a
// deployment made and what it was made from.
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeStateMachineCommand, ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type Deployment, defaultBus, readResources } from '../../simulator/aws/deployment.ts';
import { type Resource, text } from '../../simulator/aws/intrinsics.ts';
import { type Ask, account } from './moto.ts';

/** A resource as a template has it; `id` where others refer to it by its id. */
type Made = readonly [type: string, properties: Readonly<Record<string, unknown>>, id?: string];

/** What stands in a region. `made`: the template's resources. What AWS named itself is called as in the simulator. */
export async function readStanding(
  region: string,
  ask: Ask,
  made: Readonly<Record<string, Resource>>,
): Promise<Deployment> {
  const kinds = [functions, buses, queues, topics, alarms, machines, secrets, routes];
  const all = (await Promise.all(kinds.map((read) => read(region, ask)))).flat();
  const resources = all.map(([Type, Properties, id], index) => [id ?? `Resource${index}`, { Type, Properties }]);
  const told = JSON.stringify(Object.fromEntries(resources));
  const names = await namesIn(region, made);
  const renamed = names.reduce((so, [theirs, ours]) => so.replaceAll(theirs, ours), told);
  return readResources(JSON.parse(renamed), region, account);
}

/** What AWS named itself, and how the simulator calls it. */
async function namesIn(region: string, made: Readonly<Record<string, Resource>>): Promise<[string, string][]> {
  const client = new CloudFormationClient({ region });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  const names: [string, string][] = [];
  for (const { StackName } of Stacks)
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
      for (const { ResourceType = '', LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries)
        if (/::Role$/.test(ResourceType)) names.push([PhysicalResourceId, LogicalResourceId]);
        else if (/::(Secret|Api)$/.test(ResourceType))
          names.push([PhysicalResourceId, text({ Ref: LogicalResourceId }, { region, account, resources: made })]);
  return names;
}

const Functions = z.object({
  Functions: z.array(
    z.object({
      FunctionName: z.string(),
      FunctionArn: z.string(),
      Handler: z.string(),
      Timeout: z.number(),
      Role: z.string(),
      Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
    }),
  ),
});
const Unattended = z.object({ FunctionEventInvokeConfigs: z.array(z.looseObject({})) });
const Mappings = z.object({ EventSourceMappings: z.array(z.looseObject({ FunctionArn: z.string() })) });

async function functions(region: string, ask: Ask): Promise<Made[]> {
  const { Functions: found } = Functions.parse(await ask('lambda', region, '/2015-03-31/functions/'));
  const { EventSourceMappings } = Mappings.parse(await ask('lambda', region, '/2015-03-31/event-source-mappings/'));
  const unattended = await Promise.all(
    found.map(async ({ FunctionName }) => {
      const path = `/2019-09-25/functions/${FunctionName}/event-invoke-config/list`;
      const { FunctionEventInvokeConfigs } = Unattended.parse(await ask('lambda', region, path));
      return FunctionEventInvokeConfigs.map(
        (one): Made => ['AWS::Lambda::EventInvokeConfig', { ...one, FunctionName }],
      );
    }),
  );
  return [
    ...found.map((one): Made => ['AWS::Lambda::Function', one]),
    ...unattended.flat(),
    ...EventSourceMappings.map(
      (one): Made => ['AWS::Lambda::EventSourceMapping', { ...one, FunctionName: one.FunctionArn }],
    ),
  ];
}

/** The buses that a stack has made, and the rules of all. */
async function buses(region: string): Promise<Made[]> {
  const events = new EventBridgeClient({ region });
  const { EventBuses = [] } = await events.send(new ListEventBusesCommand({}));
  const rules = await Promise.all(EventBuses.map(({ Name = '' }) => rulesOf(Name, events)));
  const made = EventBuses.filter(({ Name }) => Name !== defaultBus);
  return [...made.map(({ Name }): Made => ['AWS::Events::EventBus', { Name }]), ...rules.flat()];
}

async function rulesOf(EventBusName: string, events: EventBridgeClient): Promise<Made[]> {
  const { Rules = [] } = await events.send(new ListRulesCommand({ EventBusName }));
  return Promise.all(
    Rules.map(async ({ Name, EventPattern, ScheduleExpression }): Promise<Made> => {
      const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
      const bus = EventBusName === defaultBus ? {} : { EventBusName };
      const pattern = EventPattern === undefined ? {} : { EventPattern: JSON.parse(EventPattern) };
      const schedule = ScheduleExpression === undefined ? {} : { ScheduleExpression };
      return ['AWS::Events::Rule', { Name, ...bus, ...pattern, ...schedule, Targets }];
    }),
  );
}

async function queues(region: string): Promise<Made[]> {
  const sqs = new SQSClient({ region });
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  return Promise.all(
    QueueUrls.map(async (QueueUrl): Promise<Made> => {
      const { Attributes: { VisibilityTimeout, RedrivePolicy } = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      const redrive = RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.parse(RedrivePolicy) };
      return [
        'AWS::SQS::Queue',
        { QueueName: QueueUrl.split('/').at(-1), VisibilityTimeout: Number(VisibilityTimeout), ...redrive },
      ];
    }),
  );
}

async function topics(region: string): Promise<Made[]> {
  const sns = new SNSClient({ region });
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
  const subscriptions = Subscriptions.map(async ({ SubscriptionArn, ...subscription }): Promise<Made> => {
    const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    const { RedrivePolicy } = Attributes;
    const redrive = RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.parse(RedrivePolicy) };
    return ['AWS::SNS::Subscription', { ...subscription, ...redrive }];
  });
  return [
    ...Topics.map(({ TopicArn = '' }): Made => ['AWS::SNS::Topic', { TopicName: TopicArn.split(':').at(-1) }]),
    ...(await Promise.all(subscriptions)),
  ];
}

async function alarms(region: string): Promise<Made[]> {
  const { MetricAlarms = [] } = await new CloudWatchClient({ region }).send(
    new DescribeAlarmsCommand({ MaxRecords: 100 }),
  );
  return MetricAlarms.map((alarm) => ['AWS::CloudWatch::Alarm', { ...alarm }]);
}

async function machines(region: string): Promise<Made[]> {
  const sfn = new SFNClient({ region });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  return Promise.all(
    stateMachines.map(async ({ stateMachineArn }): Promise<Made> => {
      const { name, definition, roleArn } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
      return [
        'AWS::StepFunctions::StateMachine',
        { StateMachineName: name, DefinitionString: definition, RoleArn: roleArn },
      ];
    }),
  );
}

/** Whether a rotation began at once is not kept: a deployment's rotation leaves a key more. */
async function secrets(region: string): Promise<Made[]> {
  const client = new SecretsManagerClient({ region });
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
  return Promise.all(
    SecretList.map(async ({ ARN }): Promise<Made> => {
      const { RotationLambdaARN, VersionIdsToStages = {} } = await client.send(
        new DescribeSecretCommand({ SecretId: ARN }),
      );
      return [
        'AWS::SecretsManager::RotationSchedule',
        {
          SecretId: ARN,
          RotationLambdaARN,
          RotateImmediatelyOnUpdate: Object.keys(VersionIdsToStages).length > 1,
        },
      ];
    }),
  );
}

const Apis = z.object({ items: z.array(z.object({ apiId: z.string() })) });
const Integrations = z.object({ items: z.array(z.object({ integrationId: z.string(), integrationUri: z.string() })) });
const Routes = z.object({
  items: z.array(z.object({ routeKey: z.string(), authorizationType: z.string(), target: z.string() })),
});

async function routes(region: string, ask: Ask): Promise<Made[]> {
  const found: Made[] = [];
  const get = (path: string) => ask('apigateway', region, path);
  for (const { apiId } of Apis.parse(await get('/v2/apis')).items) {
    const integrations = Integrations.parse(await get(`/v2/apis/${apiId}/integrations`)).items;
    const routes = Routes.parse(await get(`/v2/apis/${apiId}/routes`)).items;
    for (const { integrationId, integrationUri } of integrations)
      found.push(['AWS::ApiGatewayV2::Integration', { IntegrationUri: integrationUri }, integrationId]);
    for (const { routeKey, authorizationType, target } of routes)
      found.push([
        'AWS::ApiGatewayV2::Route',
        { RouteKey: routeKey, AuthorizationType: authorizationType, Target: target },
      ]);
  }
  return found;
}
