// Puts messages on SQS queues.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const sqs = oneForEachRegion((region) => new SQSClient({ region, ...limits }));

/** SQS delays a message by at most 15 minutes. */
const longestDelaySeconds = 900;

/** Sends a message that arrives after a delay, at most 900 seconds. @throws Unavailable, CannotProceed. */
export async function sendDelayed(region: string, queueUrl: string, body: string, delaySeconds: number): Promise<void> {
  const DelaySeconds = Math.min(longestDelaySeconds, Math.max(0, Math.ceil(delaySeconds)));
  const message = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds });
  await asking(`send to ${queueUrl}`, sqs(region).send(message));
}
