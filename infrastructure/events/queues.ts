// The queues of a stack: the one that classify reads, the one for what it could not read, and the one where everything ends
// that was started without waiting for it and failed. Alarms watch all three. The rules that fill the first are in rules.ts.
import { type Named, roleArn } from '../rights/named-roles.ts';
import { functionId } from '../runs/functions.ts';
import { arnHere, arnOf, type Resource, type Resources, ref, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { rulesCalled } from './bus.ts';

/** 14 days, the longest there is. */
const longestSeconds = 1_209_600;

/** Of every stack: schedules and rules that did not reach their target, and what a function or a subscriber did not take. */
export function deadLetters(stack: Stack): Resources {
  return {
    DeadLetters: queue('dead-letters', stack, { MessageRetentionPeriod: longestSeconds }),
    DeadLettersPolicy: queuePolicy('DeadLetters', [rulesMaySend(stack), topicsMaySend(stack)]),
  };
}

/** Of a main stack. */
export function signalsQueue(stack: Stack): Resources {
  return {
    SignalsQueue: queue('signals', stack, {
      VisibilityTimeout: 180, // well over the time limit of classify, which reads it
      RedrivePolicy: { deadLetterTargetArn: arnOf('SignalsDeadLetters'), maxReceiveCount: 5 },
    }),
    SignalsQueuePolicy: queuePolicy('SignalsQueue', [rulesMaySend(stack)], [rulesAlone(stack)]),
    SignalsDeadLetters: queue('signals-dead-letters', stack, {
      MessageRetentionPeriod: longestSeconds,
      // Of one queue only: what others could not deliver goes to the dead letters of the stack.
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [arnHere('sqs', `${stack.prefix}-signals`)],
      },
    }),
    SignalsDeadLettersPolicy: queuePolicy('SignalsDeadLetters', [rulesMaySend(stack)]),
    ReadSignals: {
      Type: 'AWS::Lambda::EventSourceMapping',
      DependsOn: 'ClassifyRole',
      Properties: {
        EventSourceArn: arnOf('SignalsQueue'),
        FunctionName: arnOf(functionId('classify')),
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  };
}

function queue(name: string, { prefix }: Stack, settings: Readonly<Record<string, Value>>): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${prefix}-${name}`,
      KmsMasterKeyId: ref('Key'),
      KmsDataKeyReusePeriodSeconds: 3600,
      ...settings,
    },
  };
}

/** Whose own rights count on the signals queue: they ask there to look again, later. */
const lookAgain: readonly Named[] = ['classify', 'sweep'];

/**
 * An envelope on the signals queue is an event that no bus has looked at: whoever else has rights of its own to send is denied
 * [IAM, Policy evaluation logic for requests within a single account]. What a service sends in its own name is no role's [IAM, "AWS
 * global condition context keys": aws:PrincipalIsAWSService]; of those, the policy lets in the rules alone.
 */
function rulesAlone(stack: Stack) {
  return {
    Sid: 'RulesAlone',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:SendMessage',
    Resource: arnOf('SignalsQueue'),
    Condition: {
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      ArnNotEquals: { 'aws:PrincipalArn': lookAgain.map((who) => roleArn(who, stack)) },
    },
  };
}

type Sender = { readonly Sid: string; readonly service: string; readonly sources: readonly string[] };

function rulesMaySend(stack: Stack): Sender {
  return { Sid: 'Rules', service: 'events', sources: rulesCalled(`${stack.prefix}-*`, stack) };
}

function topicsMaySend({ prefix }: Stack): Sender {
  return { Sid: 'Topics', service: 'sns', sources: [`${prefix}-*`] };
}

/**
 * SQS applies a policy to one queue: a policy with several of them names resources that are not its own. The ARN of a
 * source names the account too. Sources of the condition: "Using resource-based policies for Amazon EventBridge" and "Using
 * dead-letter queues to process undelivered events" of EventBridge, "Configuring a dead-letter queue" of SNS.
 */
function queuePolicy(name: string, senders: readonly Sender[], denials: readonly Value[] = []): Resource {
  const allowed = senders.map(({ Sid, service, sources }) => ({
    Sid,
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: 'sqs:SendMessage',
    Resource: arnOf(name),
    Condition: { ArnLike: { 'aws:SourceArn': sources.map((source) => arnHere(service, source)) } },
  }));
  const encrypted = {
    Sid: 'EncryptedOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: arnOf(name),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(name)],
      PolicyDocument: { Version: '2012-10-17', Statement: [...allowed, ...denials, encrypted] },
    },
  };
}
