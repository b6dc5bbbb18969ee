// What a node-based ElastiCache group tells: it knows no EventBridge, and tells one SNS topic, which must not be encrypted and
// whose policy must name the owner in this way (ElastiCache's documentation: anything else makes it "inactive"). Set the
// topic as the group's notification topic; its messages name clusters and events and nothing else.
import { functionId, mayInvoke } from '../runs/functions.ts';
import { arnOf, type Resources, ref } from '../template.ts';
import type { Stack } from '../values.ts';

export function cacheEvents({ prefix }: Stack): Resources {
  return {
    CacheEvents: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${prefix}-cache-events` } },
    CacheEventsPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [ref('CacheEvents')],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'CachesOfThisAccount',
              Effect: 'Allow',
              Principal: { AWS: '*' },
              Action: 'sns:Publish',
              Resource: ref('CacheEvents'),
              Condition: { StringEquals: { 'aws:SourceOwner': ref('AWS::AccountId') } },
            },
          ],
        },
      },
    },
    CacheEventsSubscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: ref('CacheEvents'),
        Protocol: 'lambda',
        Endpoint: arnOf(functionId('forward-cache-events')),
        RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters') },
      },
    },
    CacheEventsPermission: mayInvoke('forward-cache-events', 'sns.amazonaws.com', ref('CacheEvents')),
  };
}
