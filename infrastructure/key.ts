// One key for each region: topics, queues and the secret of this region are encrypted with it, and nothing needs the key of
// another region. A function uses it by its own role, through the service that it talks to; here stand the services of AWS
// that encrypt without a role of ours.
import { forThisAccount, kept, type Resources, ref, sub } from './template.ts';
import type { Stack } from './values.ts';

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
              // Alarms to the topic of who is on call, rules to queues, messages that could not be delivered to their queue.
              Sid: 'ServicesOfThisAccount',
              Effect: 'Allow',
              Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com'] },
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Resource: '*',
              Condition: forThisAccount,
            },
          ],
        },
      },
    },
    KeyAlias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: `alias/${prefix}`, TargetKeyId: ref('Key') }, // by which the roles know it
    },
  };
}
