// Puts messages on SQS queues.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { limits, oneForEachRegion } from './calls/client.ts';
import { endpointOf } from './calls/endpoint.ts';
import { calling } from './calls/faults.ts';

const sqs = oneForEachRegion((region) => new SQSClient({ region, ...limits }));

/** SQS delays a message by at most 15 minutes. */
const longestDelaySeconds = 900;

/** A queue of this region's, by the account that it is in and its name. */
export type Queue = { readonly region: string; readonly account: string; readonly name: string };

/** Sends a message that arrives after a delay, at most 900 seconds. @throws Unavailable, CannotProceed. */
export async function sendDelayed(queue: Queue, body: string, delaySeconds: number): Promise<void> {
  const { region, account, name } = queue;
  const DelaySeconds = Math.min(longestDelaySeconds, Math.max(0, Math.ceil(delaySeconds)));
  // The client sends to where the URL says, whatever the environment says.
  const { origin } = endpointOf({ service: 'sqs', variable: 'SQS' }, region);
  const QueueUrl = `${origin}/${account}/${name}`;
  const message = new SendMessageCommand({ QueueUrl, MessageBody: body, DelaySeconds });
  await calling(`send to queue ${name} in ${region}`, sqs(region).send(message));
}
