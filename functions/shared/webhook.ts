// Posts messages to webhooks of Slack and Teams. Whoever knows a webhook's address can post to it: it is read when it is
// needed, and is in no log and no error.
import { readSecretParameter } from '../aws/parameters.ts';
import type { Way } from '../domain/channels.ts';
import { CannotProceed, Unavailable } from '../domain/errors.ts';
import { webhookBody } from '../domain/webhook.ts';
import type { Message } from '../domain/words.ts';
import type { Shell } from './shell.ts';

const longestAnswerMs = 3_000;

/** @throws Unavailable, CannotProceed, naming the parameter and never what it holds. */
export async function postToWebhook(
  { channel, parameter }: Extract<Way, { by: 'webhook' }>,
  message: Message,
  shell: Shell,
): Promise<void> {
  const address = await readSecretParameter(shell.region, parameter);
  if (address === null || !isHttps(address)) throw new CannotProceed(`${parameter} holds no https address`);
  const status = await post(address, webhookBody(channel, message), shell);
  if (status === null) throw new Unavailable(`the webhook of ${parameter} does not answer`);
  if (status < 200 || status > 299) throw new Unavailable(`the webhook of ${parameter} answers ${status}`);
}

/** The status; null where there was none. What `fetch` throws may have the address in it, and is dropped. */
async function post(address: string, body: string, { fetch }: Shell): Promise<number | null> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(longestAnswerMs),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return null;
  }
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:';
}
