// What the intrinsic functions of a template come to: names and ARNs as AWS would give them.
import type { Resolve, Resources } from '../../simulator/iam/policies.ts';

export const account = '111122223333';

/** The names of resources, by their type: the property that holds it, and what stands before it in the ARN. */
const arns: Readonly<Record<string, readonly [property: string, service: string, before: string]>> = {
  'AWS::CodeBuild::Project': ['Name', 'codebuild', 'project/'],
  'AWS::KMS::Key': ['', 'kms', 'key/'],
  'AWS::Lambda::Function': ['FunctionName', 'lambda', 'function:'],
  'AWS::SNS::Topic': ['TopicName', 'sns', ''],
  'AWS::SQS::Queue': ['QueueName', 'sqs', ''],
  'AWS::SecretsManager::Secret': ['Name', 'secretsmanager', 'secret:'],
  'AWS::Events::Rule': ['Name', 'events', 'rule/'],
  'AWS::Logs::LogGroup': ['LogGroupName', 'logs', 'log-group:'],
};
/** Types whose Ref is their ARN. */
const byArn = ['AWS::SNS::Topic', 'AWS::SecretsManager::Secret'];

/** For the stack of one region. What has a random part has a fixed one here. */
export function resolver(resources: Resources, region: string): Resolve {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const arnOf = (id: string): string => {
    const { Type = '', Properties = {} } = resources[id] ?? {};
    const [property, service, before] = arns[Type] ?? [];
    if (property === undefined)
      throw new Error(`the ARN of ${id} (${Type || 'not in the template'}) is not known here`);
    const name = property === '' ? 'key-id' : String((Properties as Record<string, unknown>)[property]);
    return `arn:aws:${service}:${region}:${account}:${before}${name}${Type === 'AWS::SecretsManager::Secret' ? '-AbCdEf' : ''}`;
  };
  const refOf = (id: string): string => {
    const known = pseudo[id];
    if (known !== undefined) return known;
    return byArn.includes(resources[id]?.Type ?? '') ? arnOf(id) : id;
  };
  const resolve: Resolve = (intrinsic) => {
    const { Ref: id, 'Fn::GetAtt': attribute, 'Fn::Sub': text, 'Fn::Join': joined } = intrinsic;
    if (typeof id === 'string') return refOf(id);
    if (Array.isArray(attribute) && attribute[1] === 'Arn') return arnOf(String(attribute[0]));
    if (typeof text === 'string') return text.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => refOf(name));
    if (Array.isArray(joined)) {
      const parts = joined[1] as readonly (string | Readonly<Record<string, unknown>>)[];
      return parts.map((part) => (typeof part === 'string' ? part : resolve(part))).join(String(joined[0]));
    }
    throw new Error(`${JSON.stringify(intrinsic)} is not known here`);
  };
  return resolve;
}
