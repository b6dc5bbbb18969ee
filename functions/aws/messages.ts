// Publishes messages to people's topics in SNS, and looks whether anybody hears them.
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { limits, oneForEachRegion } from './calls/client.ts';
import { calling } from './calls/faults.ts';

const sns = oneForEachRegion((region) => new SNSClient({ region, ...limits }));

/** Publishes one message. The subject has at most 100 ASCII characters. @throws Unavailable, CannotProceed. */
export async function publish(region: string, topicArn: string, subject: string, body: string): Promise<void> {
  const message = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body });
  await calling(`publish to ${topicArn}`, sns(region).send(message));
}

/** The addresses that hear of a topic, as their owners have confirmed; null where SNS lists more, and none of these. @throws Unavailable, CannotProceed. */
export async function hearersOf(region: string, TopicArn: string): Promise<readonly string[] | null> {
  const request = new ListSubscriptionsByTopicCommand({ TopicArn });
  const { Subscriptions = [], NextToken } = await calling(`look at topic ${TopicArn}`, sns(region).send(request));
  // SNS writes a word where the ARN of a subscription that is not confirmed would be.
  const confirmed = Subscriptions.filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:'));
  if (confirmed.length === 0 && NextToken !== undefined) return null;
  return confirmed.map(({ Endpoint = '' }) => Endpoint);
}

/** What an account may send by SMS in a region. `limitDollars`: a month; null where SNS does not say. @throws Unavailable, CannotProceed. */
export async function smsAllowed(
  region: string,
): Promise<{ readonly sandbox: boolean; readonly limitDollars: number | null }> {
  const seen = await calling('look at the SMS sandbox', sns(region).send(new GetSMSSandboxAccountStatusCommand({})));
  const request = new GetSMSAttributesCommand({ attributes: ['MonthlySpendLimit'] });
  const { attributes = {} } = await calling('look at the limit of SMS', sns(region).send(request));
  const limit = attributes['MonthlySpendLimit'];
  return { sandbox: seen.IsInSandbox ?? false, limitDollars: limit === undefined ? null : Number(limit) };
}
