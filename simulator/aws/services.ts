// The services that a stack deploys parts of, as its functions call them: queues, topics, the bus, flows, secrets, metrics
// and the state table. Each answers as the estate's own services do, on the same way there and back.
import * as z from 'zod';
import { read } from '../estate/apis/answer.ts';
import { refusal } from '../estate/calls/aws-error.ts';
import type { Call, Event } from '../estate/types.ts';
import { TaskFailure } from '../stepfunctions/errors.ts';
import { defaultBus } from './deployment.ts';
import type { Metrics } from './metrics/metrics.ts';
import { hasBus, type Stack } from './stack.ts';
import type { TableServer } from './table/table.ts';

export type Services = {
  readonly account: string;
  readonly table: TableServer;
  readonly metrics: Metrics;
  readonly now: () => number;
  readonly newId: () => string;
  /** An event that a caller puts on a bus of a region. */
  readonly put: (event: Event, bus: string) => void;
};

type Answer = (call: Call, stack: Stack, services: Services) => Record<string, unknown>;

const SendMessage = z.looseObject({ QueueUrl: z.string(), MessageBody: z.string(), DelaySeconds: z.int().optional() });
const Publish = z.looseObject({ TopicArn: z.string(), Subject: z.string().optional(), Message: z.string() });
const Topic = z.looseObject({ TopicArn: z.string() });
const Entry = z.looseObject({
  EventBusName: z.string().default(defaultBus),
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Time: z.date().optional(),
  Resources: z.array(z.string()).default([]),
});
const PutEvents = z.looseObject({ Entries: z.array(Entry).min(1).max(10) });
/** One value, or several of the same minute [AWS, MetricDatum]. */
const Datum = z
  .looseObject({
    MetricName: z.string(),
    Value: z.number().optional(),
    Values: z.array(z.number()).min(1).max(150).optional(),
    Timestamp: z.date().optional(),
    Dimensions: z.array(z.looseObject({ Name: z.string(), Value: z.string() })).default([]),
  })
  .refine(({ Value, Values }) => (Value === undefined) !== (Values === undefined), 'Value or Values');
const PutMetricData = z.looseObject({ Namespace: z.string(), MetricData: z.array(Datum).max(1_000) });

const longestDelaySeconds = 900;
/** SNS takes 256 KB of a message [AWS, Publish]. */
const mostMessageBytes = 262_144;
/** EventBridge counts 256 KB for all entries of a request. */
const mostEventBytes = 262_144;

const answers: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  sqs: {
    SendMessage(call, stack, { newId }) {
      const { QueueUrl, MessageBody, DelaySeconds = 0 } = read(SendMessage, call);
      if (stack.queue(QueueUrl) === null)
        throw refusal('QueueDoesNotExist', 'The specified queue does not exist for this wsdl version.');
      if (DelaySeconds < 0 || DelaySeconds > longestDelaySeconds)
        throw refusal('InvalidParameterValue', `Value ${DelaySeconds} for parameter DelaySeconds is invalid.`);
      stack.send(QueueUrl, MessageBody, DelaySeconds, call.caller.chain);
      return { MessageId: newId() };
    },
  },
  sns: {
    Publish(call, stack, { newId }) {
      const { TopicArn, Subject = '', Message } = read(Publish, call);
      if (TopicArn.split(':')[3] !== call.region)
        throw refusal('InvalidParameterException', `Invalid parameter: TopicArn ${TopicArn} is not in ${call.region}`);
      // SNS refuses a subject that is longer, and one with a line break.
      if (Subject.length > 100 || /[\r\n]/.test(Subject))
        throw refusal('InvalidParameterException', 'Invalid parameter: Subject');
      if (Message === '') throw refusal('InvalidParameterException', 'Invalid parameter: Empty message');
      if (Buffer.byteLength(Message) > mostMessageBytes)
        throw refusal('InvalidParameterException', 'Invalid parameter: Message too long');
      if (!stack.publish(TopicArn, Subject, Message)) throw refusal('NotFoundException', 'Topic does not exist', 404);
      return { MessageId: newId() };
    },
    // The account of a drill has sent messages for years.
    GetSMSSandboxAccountStatus: () => ({ IsInSandbox: false }),
    GetSMSAttributes: () => ({ attributes: { MonthlySpendLimit: '100' } }),
    ListSubscriptionsByTopic(call, stack, { account }) {
      const { TopicArn } = read(Topic, call);
      if (!stack.deployment.topics.some(({ arn }) => arn === TopicArn))
        throw refusal('NotFoundException', 'Topic does not exist', 404);
      // Every person of a drill has confirmed an address of their own.
      const person = { Protocol: 'email', Endpoint: `${TopicArn.split(':').at(-1)}@example.com`, Owner: account };
      return { Subscriptions: [{ ...person, TopicArn, SubscriptionArn: `${TopicArn}:${'0'.repeat(8)}` }] };
    },
  },
  eventbridge: {
    PutEvents(call, stack, { account, now, newId, put }) {
      const { region } = stack;
      const { Entries } = read(PutEvents, call);
      const ids = Entries.map(({ EventBusName, Source, DetailType, Detail, Time, Resources }) => {
        const bus = EventBusName.replace(/^arn:.*:event-bus\//, '');
        if (!hasBus(stack, bus)) throw refusal('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
        // What AWS itself says nobody else may say.
        if (Source.startsWith('aws.'))
          return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
        if (Buffer.byteLength(Source + DetailType + Detail) > mostEventBytes)
          return {
            ErrorCode: 'EntrySizeExceeded',
            ErrorMessage: 'Total size of the entries in the request is over the limit.',
          };
        const detail = detailIn(Detail);
        if (detail === null) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
        const id = newId();
        const at = Time?.getTime() ?? now();
        put(
          {
            version: '0',
            id,
            'detail-type': DetailType,
            source: Source,
            account,
            // EventBridge keeps whole seconds.
            time: `${new Date(at).toISOString().slice(0, 19)}Z`,
            region,
            resources: Resources,
            detail,
          },
          bus,
        );
        return { EventId: id };
      });
      return { FailedEntryCount: ids.filter((one) => 'ErrorCode' in one).length, Entries: ids };
    },
  },
  cloudwatch: {
    PutMetricData(call, _, { metrics, now }) {
      const { Namespace: namespace, MetricData } = read(PutMetricData, call);
      for (const { MetricName: name, Value, Values, Timestamp, Dimensions } of MetricData) {
        const dimensions = Object.fromEntries(Dimensions.map((one) => [one.Name, one.Value]));
        const at = Timestamp?.getTime() ?? now();
        for (const value of Values ?? [Value].flatMap((one) => one ?? []))
          metrics.record(call.region, { namespace, name, dimensions }, value, at);
      }
      return {};
    },
  },
  'secrets-manager': {
    '*': ({ operation, input }, { secrets }) => secrets.answer(operation, input),
  },
  dynamodb: {
    '*': ({ operation, input }, _, { table }) => table.answer(operation, input),
  },
  sfn: {
    StartExecution: ({ input }, { machines }) =>
      machines.startExecution({
        stateMachineArn: String(input['stateMachineArn']),
        name: String(input['name']),
        input: String(input['input']),
      }),
    DescribeExecution({ input }, { machines }) {
      const found = machines.describeExecution(String(input['executionArn']));
      const dates = (['startDate', 'stopDate', 'redriveDate'] as const).flatMap((name) =>
        typeof found[name] === 'number' ? [[name, new Date(found[name])] as const] : [],
      );
      return { ...found, ...Object.fromEntries(dates) };
    },
    GetExecutionHistory({ input }, { machines }) {
      const events = machines
        .getExecutionHistory(String(input['executionArn']))
        .map((event) => ({ ...event, timestamp: new Date(event.timestamp) }));
      if (input['reverseOrder'] === true) events.reverse();
      const from = Number(input['nextToken'] ?? 0);
      const until = from + Number(input['maxResults'] ?? 100);
      return { events: events.slice(from, until), ...(until < events.length ? { nextToken: String(until) } : {}) };
    },
    RedriveExecution: ({ input }, { machines }) => machines.redriveExecution(String(input['executionArn'])),
    StopExecution: ({ input }, { machines }) =>
      machines.stopExecution(String(input['executionArn']), {
        error: String(input['error'] ?? ''),
        cause: String(input['cause'] ?? ''),
      }),
    SendTaskSuccess({ input }, { machines }) {
      machines.sendTaskSuccess(String(input['taskToken']), String(input['output']));
      return {};
    },
  },
};

/** What a stack answers to a call that is its to answer. @throws the service's errors */
export function answerOf(call: Call, stack: Stack, services: Services): Record<string, unknown> {
  const service = answers[call.service];
  const answer = service?.[call.operation] ?? service?.['*'];
  if (answer === undefined) throw new Error(`the simulator has no ${call.service} ${call.operation}`);
  try {
    return answer(call, stack, services);
  } catch (error) {
    // The flows' runtime has names and no statuses: what it refuses is a refusal of its service.
    if (error instanceof Error && call.service === 'sfn' && !('$metadata' in error) && !(error instanceof TaskFailure))
      throw refusal(error.name, error.message);
    throw error;
  }
}

/** Whether a call is a stack's to answer. */
export function isDeployed({ service, operation }: Pick<Call, 'service' | 'operation'>): boolean {
  return answers[service]?.[operation] !== undefined || answers[service]?.['*'] !== undefined;
}

function detailIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
