// A message as each channel takes it. What came from outside is text there, and neither a mention nor a link. Pure.
import type { Channel, PostedChannel, TopicChannel } from '../plan/channels.ts';
import { routingKey } from '../plan/secret-address.ts';
import { plainText } from './plain-text.ts';
import { headlineOf, type Message, subject as subjectOf, type Thread, withStage } from './words.ts';

/** Slack cuts a message at 40,000 characters, Teams refuses one of more than 28 KB, PagerDuty one of more than 512 KB. */
const longestBody = 20_000;

/** What one message of a mobile network takes in its own alphabet; more would be cut into several. */
const longestSms = 140;

/** What PagerDuty takes as a summary, and as a key. */
const longestSummary = 1_024;
const longestKey = 255;

/** What is posted, and where: below the channel's address. */
export type Posted = { readonly path: string; readonly body: string };

/** A message whose channel failed says so first: whoever reads it repairs that channel. */
export function saidInstead(
  message: Message,
  { channel, why }: { readonly channel: Channel; readonly why: string },
): Message {
  return { ...message, body: `You hear of it here because the channel ${channel} fails: ${why}\n${message.body}` };
}

/** As a topic's subscribers get it. */
export function publishedForm(
  channel: TopicChannel,
  message: Message,
  stage: string,
): { readonly subject: string; readonly body: string } {
  const { body, thread } = message;
  // SNS takes one line of ASCII.
  const subject = subjectOf(message.subject);
  if (channel === 'sms') return { subject, body: shortForm(message.subject, stage) };
  if (channel !== 'amazon-q') return { subject, body };
  // Amazon Q in chat shows this form alone, and keeps what has one threadId together.
  // Source: "Custom notifications using Amazon Q Developer in chat applications".
  const content = {
    textType: 'client-markdown',
    title: headlineOf(subject),
    description: plain(body.slice(0, longestBody)),
  };
  const metadata =
    thread === undefined ? {} : { metadata: { threadId: thread.incident, summary: headlineOf(subject) } };
  return { subject, body: JSON.stringify({ version: '1.0', source: 'custom', content, ...metadata }) };
}

/** The JSON to post. `key` names the occasion where a message belongs to no incident; `secret` is what the channel's parameter holds. */
export function postedForm(
  channel: PostedChannel,
  message: Message,
  { key, source, secret }: { readonly key: string; readonly source: string; readonly secret: string },
): Posted {
  if (channel === 'pagerduty') return pagerDutyForm(message, { key, source, secret });
  const { subject, body } = message;
  const lines = body.slice(0, longestBody).split('\n');
  if (channel === 'slack')
    // Without mrkdwn no text of an event is shown bold or struck; addresses are links all the same.
    return { path: '', body: JSON.stringify({ text: escaped([subject, ...lines].join('\n')), mrkdwn: false }) };
  const card = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [
        // A run of text shows no Markdown; each line is one.
        { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: subject, weight: 'Bolder' }] },
        ...lines.map((text) => ({
          type: 'RichTextBlock',
          inlines: [{ type: 'TextRun', text: text === '' ? ' ' : text }],
        })),
      ],
    },
  };
  return { path: '', body: JSON.stringify({ type: 'message', attachments: [card] }) };
}

/**
 * Events API v2: one alert for each incident, which a later message updates and the end resolves. What tells of a step changes no
 * alert, and is a change event: that has no action, no key and no severity; `summary` alone must be there, `source`, `timestamp` and
 * `custom_details` may be in its payload, and `links` stand beside it. Source: github.com/PagerDuty/developer-docs,
 * docs/events-API-v2/02-Trigger-Events.md and 03-Change-Events.md (summary: 1,024 characters, dedup_key: 255).
 */
function pagerDutyForm(
  { subject, body, thread }: Message,
  { key, source, secret }: { readonly key: string; readonly source: string; readonly secret: string },
): Posted {
  const { incident = key, severity = 'error', state, at, report }: Partial<Thread> = thread ?? {};
  const summary = plainText(headlineOf(subject)).slice(0, longestSummary);
  const custom_details = { message: body.slice(0, longestBody) };
  if (state === 'step')
    return {
      path: '/v2/change/enqueue',
      body: JSON.stringify({
        routing_key: routingKey(secret),
        payload: {
          summary,
          source,
          ...(at !== undefined && { timestamp: new Date(at).toISOString() }),
          custom_details,
        },
        ...(report !== undefined && { links: [{ href: report, text: 'The report, once the incident is over' }] }),
      }),
    };
  const event = {
    routing_key: routingKey(secret),
    event_action: state === 'over' ? 'resolve' : 'trigger',
    dedup_key: incident.slice(-longestKey),
    payload: { summary, source, severity, custom_details },
  };
  return { path: '/v2/enqueue', body: JSON.stringify(event) };
}

/** The subject and where to look: a short message has room for nothing else, and no link is needed to act. */
function shortForm(subject: string, stage: string): string {
  const more = withStage('. See: npm run status', stage);
  return `${plainText(headlineOf(subject)).slice(0, longestSms - more.length)}${more}`;
}

/** Without what Markdown would make of it. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|~]/g, (sign) => `\\${sign}`);
}

/** Slack's own three signs: without them there is no <!channel> and no link with another name. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
