// The Parameter Store for the bundles, in the place of @aws-sdk/client-ssm.
import { type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { jsonProtocol } from './slim-json.ts';

export const SSMClient = clientOf(jsonProtocol('ssm', 'SSM', 'AmazonSSM', '1.1'));

export const GetParameterCommand: new (input: Input) => Command = commandOf('GetParameter');
export const PutParameterCommand: new (input: Input) => Command = commandOf('PutParameter');
