// Tells people: one message to each role's topic, each once, however often it is asked for.
import { publish } from '../aws/messages.ts';
import type { Message } from '../domain/words.ts';
import type { Shell } from './shell.ts';

/**
 * Publishes a message to the topics of roles. `id` names the occasion: a role gets one message for it.
 * A crash between sending and marking repeats a message; none is lost.
 */
export async function page(
  id: string,
  roles: readonly string[],
  { subject, body }: Message,
  shell: Shell,
): Promise<void> {
  const { region, account, prefix, store, now, log } = shell;
  for (const role of roles) {
    const sent = `message:${id}:${role}`;
    if (await store.wasSent(sent)) continue;
    await publish(region, `arn:aws:sns:${region}:${account}:${prefix}-${role}`, subject, body);
    await store.markSent(sent, now());
    log.info('told', { role, subject });
  }
}
