// Publishes messages to people's topics in SNS, and looks whether anybody hears them.
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { limits, oneForEachRegion } from './client.ts';
import { asking } from './faults.ts';

const sns = oneForEachRegion((region) => new SNSClient({ region, ...limits }));

/** Publishes one message. The subject has at most 100 ASCII characters. @throws Unavailable, CannotProceed. */
export async function publish(region: string, topicArn: string, subject: string, body: string): Promise<void> {
  const message = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body });
  await asking(`publish to ${topicArn}`, sns(region).send(message));
}

/** How many subscriptions of a topic are confirmed; null where SNS does not say. @throws Unavailable, CannotProceed. */
export async function confirmedSubscriptions(region: string, topicArn: string): Promise<number | null> {
  const request = new GetTopicAttributesCommand({ TopicArn: topicArn });
  const answer = await asking(`look at topic ${topicArn}`, sns(region).send(request));
  const confirmed = Number(answer.Attributes?.['SubscriptionsConfirmed'] ?? Number.NaN);
  return Number.isNaN(confirmed) ? null : confirmed;
}
