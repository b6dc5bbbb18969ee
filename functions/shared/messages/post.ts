// Posts messages to the addresses of Slack, Teams and PagerDuty. Whoever knows such an address or key can post there: it is read when it
// is needed, and is in no log and no error.
import { readSecretParameter } from '../../aws/parameters.ts';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import type { Way } from '../../domain/plan/channels.ts';
import { addressIn } from '../../domain/plan/secret-address.ts';
import { postedForm } from '../../domain/words/channel-forms.ts';
import type { Message } from '../../domain/words/words.ts';
import type { Shell } from '../shell.ts';

const longestAnswerMs = 3_000;

/** `key` names the occasion. @throws Unavailable, CannotProceed, naming the parameter and never what it holds. */
export async function post(
  { channel, parameter }: Extract<Way, { by: 'post' }>,
  message: Message,
  key: string,
  shell: Shell,
): Promise<void> {
  const secret = (await readSecretParameter(shell.region, parameter)) ?? '';
  const { address, wrong } = addressIn(channel, secret);
  if (address === null) throw new CannotProceed(`${parameter} ${wrong}`);
  const { path, body } = postedForm(channel, message, { key, source: shell.prefix, secret });
  const status = await send(`${address}${path}`, body, shell);
  if (status === null) throw new Unavailable(`${channel} does not answer at the address of ${parameter}`);
  if (status < 200 || status > 299)
    throw new Unavailable(`${channel} answers ${status} at the address of ${parameter}`);
}

/** The status; null where there was none. What `fetch` throws may have the address in it, and is dropped. */
async function send(address: string, body: string, { fetch }: Shell): Promise<number | null> {
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
