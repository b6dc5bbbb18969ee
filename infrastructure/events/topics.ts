// One topic for each contact of the plan and each of its channels that is one, so that each has links of their own; outside the main stacks only the one that
// hears of the automation's alarms, which CloudWatch sends to topics of its own region alone.
import { topicName, topicsTo } from '../../functions/domain/plan/channels.ts';
import type { Address } from '../contacts.ts';
import { arnOf, pascal, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';

/** Logical name of the topic of the one whom alarms on the automation reach. */
export function onCallTopic({ onCall }: Stack): string {
  return topicOf(onCall);
}

function topicOf(name: string): string {
  return `${pascal(name)}Topic`;
}

export function topics(stack: Stack): Resources {
  const all = Object.entries(stack.plan.contacts).flatMap(([role, contact]) => topicsTo(role, contact));
  const names = stack.kind === 'main' ? all.map(({ of }) => of) : [stack.onCall];
  return Object.assign({}, ...names.map((of) => topic(of, stack)));
}

function topic(of: string, stack: Stack): Resources {
  const name = topicOf(of);
  const addresses = stack.addresses?.[of] ?? [];
  return {
    [name]: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: topicName(of, stack.prefix), KmsMasterKeyId: ref('Key') },
    },
    [`${name}Policy`]: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [ref(name)], PolicyDocument: topicPolicy(name, of, stack) },
    },
    ...Object.fromEntries(
      addresses.map((address, index) => [`${name}Subscription${index + 1}`, subscription(name, address)]),
    ),
  };
}

/**
 * The functions publish by their roles. No policy lets anybody else subscribe or publish. Source of the conditions on
 * alarms: CloudWatch, "Set up Amazon SNS notifications".
 */
function topicPolicy(name: string, of: string, stack: Stack): Value {
  const alarms = {
    Sid: 'AlarmsOnTheAutomation',
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: ref(name),
    Condition: {
      StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
      ArnLike: {
        'aws:SourceArn': sub(
          `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${stack.prefix}-*`,
        ),
      },
    },
  };
  const encrypted = {
    Sid: 'EncryptedOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource: ref(name),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return { Version: '2012-10-17', Statement: of === stack.onCall ? [alarms, encrypted] : [encrypted] };
}

/**
 * Confirmed by the person, with AuthenticateOnUnsubscribe (docs/deploy.md): the link to unsubscribe at the end of each
 * mail, which mail scanners follow, then does nothing. CloudFormation has no property for it.
 */
function subscription(topicName: string, { protocol, endpoint }: Address): Resources[string] {
  return {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: ref(topicName),
      Protocol: protocol,
      Endpoint: endpoint,
      // A page that is refused is kept, and told by the alarm on dead letters; SNS says nothing of mail that bounces.
      ...(protocol === 'https' ? { RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters') } } : {}),
    },
  };
}
