// The channels that people are told by, and what each way means: a topic of the role's own, whose subscriber is one person,
// or a webhook, which many read. Pure.

/** email and page: a topic of SNS. slack and teams: a webhook, whose address is a secret parameter. */
export const channels = ['email', 'page', 'slack', 'teams'] as const;
export type Channel = (typeof channels)[number];
export type WebhookChannel = Extract<Channel, 'slack' | 'teams'>;

/** What each way needs to be told. */
export type Way =
  | { readonly by: 'topic' }
  | { readonly by: 'webhook'; readonly channel: WebhookChannel; readonly parameter: string };

/** Whether a channel is read by many: its messages have no link, which is for one person, and it has no subscription. */
export function isReadByMany(channel: Channel | undefined): channel is WebhookChannel {
  return channel === 'slack' || channel === 'teams';
}

/** How a role is reached; of one that the plan does not know by its topic, which refuses it. */
export function wayTo(contact: { readonly channel: Channel; readonly webhook?: string | undefined } | undefined): Way {
  const { channel, webhook } = contact ?? {};
  return isReadByMany(channel) && webhook !== undefined
    ? { by: 'webhook', channel, parameter: webhook }
    : { by: 'topic' };
}

/** The topic of a role, in each region of a deployment. */
export function topicName(role: string, prefix: string): string {
  return `${prefix}-${role}`;
}

export function topicArn(role: string, { prefix, region, account }: TopicPlace): string {
  return `arn:aws:sns:${region}:${account}:${topicName(role, prefix)}`;
}
type TopicPlace = { readonly prefix: string; readonly region: string; readonly account: string };

/** The role whose topic an ARN names; null where it is of no role's form. */
export function roleIn(arn: string, prefix: string): string | null {
  const name = arn.split(':').at(-1) ?? '';
  return name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : null;
}
