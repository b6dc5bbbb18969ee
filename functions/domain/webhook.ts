// A message as the webhooks of Slack and Teams take it. What came from outside is text there, and neither a mention nor a link. Pure.
import type { WebhookChannel } from './channels.ts';
import type { Message } from './words.ts';

/** Slack cuts a message at 40,000 characters, Teams refuses one of more than 28 KB. */
const longestBody = 20_000;

/** The JSON to post. */
export function webhookBody(channel: WebhookChannel, { subject, body }: Message): string {
  const lines = body.slice(0, longestBody).split('\n');
  if (channel === 'slack')
    return JSON.stringify({ text: escaped([`*${subject}*`, ...lines].join('\n')), mrkdwn: true });
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            { type: 'TextBlock', text: subject, weight: 'Bolder', wrap: true },
            // A run of text shows no Markdown; each line is one.
            ...lines.map((text) => ({
              type: 'RichTextBlock',
              inlines: [{ type: 'TextRun', text: text === '' ? ' ' : text }],
            })),
          ],
        },
      },
    ],
  });
}

/** Slack's own three signs: without them there is no <!channel> and no link with another name. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
