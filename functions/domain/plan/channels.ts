// The channels that people are told by, and what each way means: a topic of the role's own, or an address that messages are posted to;
// read by one person, who can be given a link, or by many. Pure.
import type { Plan } from './plan.ts';

/** email, page, sms: a topic of SNS, heard by one person. amazon-q: a topic that a chat channel hears. The rest: an address, which is secret. */
export const channels = ['email', 'page', 'sms', 'amazon-q', 'slack', 'teams', 'pagerduty'] as const;
export type Channel = (typeof channels)[number];

const posted = ['slack', 'teams', 'pagerduty'] as const;
export type PostedChannel = (typeof posted)[number];
export type TopicChannel = Exclude<Channel, PostedChannel>;

/** What is tried where another channel fails: topics alone, for each posted channel needs a secret of its own. */
export const nextChannels = ['email', 'page', 'sms', 'amazon-q'] as const satisfies readonly TopicChannel[];

/** What each way needs to be told. `of` is whose topic it is: the role's, or the role's for one channel. */
export type Way =
  | { readonly by: 'topic'; readonly channel: TopicChannel; readonly of: string }
  | { readonly by: 'post'; readonly channel: PostedChannel; readonly parameter: string };

/** What says how a role is reached. */
export type Reached = Pick<Plan['contacts'][string], 'channel' | 'webhook' | 'next'>;

/** Whether messages are posted to a channel: its address is a secret parameter, and it has no subscription. */
export function isPosted(channel: Channel | undefined): channel is PostedChannel {
  return posted.some((one) => one === channel);
}

/** Whether a link may go there, with which whoever reads it answers: one person reads it, and it has room for a link. */
export function carriesLink(channel: Channel | undefined): boolean {
  return channel === 'email' || channel === 'page';
}

/** How a role is reached, in the order in which it is tried; of one that the plan does not know by its topic, which refuses it. */
export function waysTo(role: string, contact: Reached | undefined): readonly [Way, ...Way[]] {
  const { channel = 'email', webhook, next = [] } = contact ?? {};
  const first: Way =
    isPosted(channel) && webhook !== undefined
      ? { by: 'post', channel, parameter: webhook }
      : { by: 'topic', channel: isPosted(channel) ? 'email' : channel, of: role };
  return [first, ...next.map((one): Way => ({ by: 'topic', channel: one, of: nextOf(role, one) }))];
}

/** The ways of a role that are topics. */
export function topicsTo(role: string, contact: Reached | undefined): readonly Extract<Way, { by: 'topic' }>[] {
  return waysTo(role, contact).filter((way) => way.by === 'topic');
}

/** What is kept of a topic whose messages do not arrive: for the day, by UTC, on which that was seen. */
export function undeliveredMark(of: string, region: string, at: number): string {
  return `undelivered/${region}/${of}/${new Date(at).toISOString().slice(0, 10)}`;
}

/** What tells that messages of a topic did not arrive a while ago, or a day ago: the marks of two days, for an incident may last over midnight. */
export function undeliveredMarks(of: string, region: string, now: number): readonly string[] {
  return [now, now - 86_400_000].map((at) => undeliveredMark(of, region, at));
}

/** What a role is called where its topic for a later channel is named: an option of packaging, a topic. */
export function nextOf(role: string, channel: Channel): string {
  return `${role}-${channel}`;
}

/** A topic, in each region of a deployment: of a role, or of a role's later channel. */
export function topicName(of: string, prefix: string): string {
  return `${prefix}-${of}`;
}

export function topicArn(of: string, { prefix, region, account }: TopicPlace): string {
  return `arn:aws:sns:${region}:${account}:${topicName(of, prefix)}`;
}
type TopicPlace = { readonly prefix: string; readonly region: string; readonly account: string };

/** Whether somebody is told by SMS, first or later. */
export function tellsBySms({ contacts }: Pick<Plan, 'contacts'>): boolean {
  return Object.entries(contacts).some(([role, contact]) =>
    topicsTo(role, contact).some(({ channel }) => channel === 'sms'),
  );
}

/** Whose topic an ARN names, of the contacts of a plan, and by which channel; null where it is nobody's. */
export function hearerOf(
  arn: string,
  prefix: string,
  contacts: Readonly<Record<string, Reached>>,
): { readonly role: string; readonly channel: Channel } | null {
  const name = arn.split(':').at(-1) ?? '';
  for (const [role, contact] of Object.entries(contacts))
    for (const { of, channel } of topicsTo(role, contact)) if (topicName(of, prefix) === name) return { role, channel };
  return null;
}
