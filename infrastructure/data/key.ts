// One key for each region: topics, queues and the secret of this region are encrypted with it, and nothing needs the key of
// another region. A function uses it by its own role, through the service that it talks to; here stand the services of AWS
// that encrypt without a role of ours.
import { kept, type Resources, ref, sub } from '../template.ts';
import type { Stack } from '../values.ts';

/** What a service does that puts a message into an encrypted topic or queue. */
const use = ['kms:Decrypt', 'kms:GenerateDataKey*'];

export function key({ prefix }: Stack): Resources {
  return {
    Key: {
      Type: 'AWS::KMS::Key',
      ...kept, // a message that waits can be read as long as the key is there
      Properties: {
        Description: `Topics, queues and the secret of ${prefix}`,
        EnableKeyRotation: true,
        PendingWindowInDays: 30,
        KeyPolicy: {
          Version: '2012-10-17',
          Statement: [
            {
              // Without it nobody could change this policy any more. IAM says who of the account may do what with the key.
              Sid: 'ThisAccountDecidesByIam',
              Effect: 'Allow',
              Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`) },
              Action: 'kms:*',
              Resource: '*',
            },
            {
              // To the topic of who is on call. SNS, "Key management", step 3.
              Sid: 'AlarmsOfThisAccount',
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: use,
              Resource: '*',
              Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
            },
            {
              // Rules to queues, and messages that could not be delivered to their queue. No condition: EventBridge sends no
              // source with its use of a key (SNS, "Key management": not supported), and for SNS none is documented. Which
              // rules and topics may send is said by the queues' own policies.
              Sid: 'RulesAndTopics',
              Effect: 'Allow',
              Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
              Action: use,
              Resource: '*',
            },
          ],
        },
      },
    },
    KeyAlias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: `alias/${prefix}`, TargetKeyId: ref('Key') }, // for people
    },
  };
}
