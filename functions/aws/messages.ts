// Publishes messages to people's topics in SNS.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const sns = oneForEachRegion((region) => new SNSClient({ region, ...limits }));

/** Publishes one message. The subject has at most 100 ASCII characters. @throws Unavailable, CannotProceed. */
export async function publish(region: string, topicArn: string, subject: string, body: string): Promise<void> {
  const message = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body });
  await asking(`publish to ${topicArn}`, sns(region).send(message));
}
