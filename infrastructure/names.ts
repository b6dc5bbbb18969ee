// The names in a stack that AWS would refuse for their length: nearly all begin with the stage, so that a long one is too
// long for some.
import { isRecord } from '../check/template.ts';
import type { Resources, Value } from './template.ts';

/** A stack, as far as it has names. */
export type Named = {
  readonly functions: Readonly<Record<string, Value>>;
  readonly stepFunctions: Value;
  readonly Resources: Resources;
};

/** The most characters in the name of each type, and the property that holds it. */
const limits: Readonly<Record<string, readonly [property: string, most: number]>> = {
  'AWS::ApiGatewayV2::Api': ['Name', 128],
  'AWS::CloudWatch::Alarm': ['AlarmName', 255],
  'AWS::CloudWatch::Dashboard': ['DashboardName', 255],
  'AWS::CodeBuild::Project': ['Name', 150],
  'AWS::DynamoDB::GlobalTable': ['TableName', 255],
  'AWS::Events::EventBus': ['Name', 256],
  'AWS::Events::Rule': ['Name', 64],
  'AWS::IAM::Policy': ['PolicyName', 128],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::KMS::Alias': ['AliasName', 256],
  'AWS::Lambda::Function': ['name', 64],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
  'AWS::S3::Bucket': ['BucketName', 63],
  'AWS::Scheduler::Schedule': ['Name', 64],
  'AWS::SNS::Topic': ['TopicName', 256],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::SecretsManager::Secret': ['Name', 512],
  'AWS::StepFunctions::StateMachine': ['name', 80],
};

/** A line for each name that is too long, the longest first. */
export function longNames({ functions, stepFunctions, Resources }: Named): string[] {
  const machines =
    isRecord(stepFunctions) && isRecord(stepFunctions['stateMachines']) ? stepFunctions['stateMachines'] : {};
  const all = [
    ...Object.values(functions).map((one) => ['AWS::Lambda::Function', one] as const),
    ...Object.values(machines).map((one) => ['AWS::StepFunctions::StateMachine', one] as const),
    ...Object.values(Resources).map(({ Type, Properties }) => [Type, Properties] as const),
  ];
  return all
    .flatMap(([type, properties]) => {
      const [property = '', most = 0] = limits[type] ?? [];
      const name = isRecord(properties) ? nameIn(properties[property]) : null;
      return name !== null && name.length > most ? [{ type, name, most }] : [];
    })
    .toSorted((a, b) => b.name.length - a.name.length)
    .map(({ type, name, most }) => `${name} has ${name.length} characters, expected at most ${most} for ${type}`);
}

/** One with the account in it is as long as that: twelve digits. */
function nameIn(value: unknown): string | null {
  const text = isRecord(value) ? value['Fn::Sub'] : value;
  return typeof text === 'string' ? text.replaceAll(`\${AWS::AccountId}`, '111122223333') : null;
}
