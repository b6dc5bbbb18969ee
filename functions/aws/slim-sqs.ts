// SQS for the bundles, in the place of @aws-sdk/client-sqs.
import { createHash } from 'node:crypto';
import { type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { jsonFault, jsonProtocol } from './slim-json.ts';

const json = jsonProtocol('sqs', 'SQS', 'AmazonSQS');

export const SQSClient = clientOf({
  ...json,
  decode(operation, received, input) {
    const answer = json.decode(operation, received, input) as Input;
    const digest = createHash('md5').update(String(input['MessageBody'] ?? ''));
    // What arrived is not what was sent: it counts as not sent, and is sent again by who asked.
    if (operation === 'SendMessage' && answer['MD5OfMessageBody'] !== digest.digest('hex'))
      throw new Error('InvalidChecksumError');
    return answer;
  },
  fault: jsonFault,
});

export const SendMessageCommand: new (input: Input) => Command = commandOf('SendMessage');
