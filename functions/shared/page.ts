// Tells people: one message to each role's topic or webhook, each once, however often it is asked for.
import { publish } from '../aws/messages.ts';
import { topicArn, wayTo } from '../domain/channels.ts';
import type { Message } from '../domain/words.ts';
import type { Shell } from './shell.ts';
import { postToWebhook } from './webhook.ts';

/**
 * Sends a message to roles, or to each its own. `id` names the occasion: a role gets one message for it.
 * A crash between sending and marking repeats a message; none is lost. @throws the first failure, after all were tried.
 */
export async function page(
  id: string,
  roles: readonly string[],
  message: Message | ((role: string) => Promise<Message>),
  shell: Shell,
): Promise<void> {
  const { store, now, log } = shell;
  const failures: unknown[] = [];
  for (const role of roles) {
    const sent = `message:${id}:${role}`;
    if (await store.wasSent(sent)) continue;
    try {
      const told = typeof message === 'function' ? await message(role) : message;
      await send(role, told, shell);
      await store.markSent(sent, now());
      log.info('told', { role, subject: told.subject });
    } catch (error) {
      // One topic that does not answer must not keep the others from hearing.
      log.error('not told', { role, error: String(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function send(role: string, message: Message, shell: Shell): Promise<void> {
  const way = wayTo(shell.plan.contacts[role]);
  if (way.by === 'webhook') return postToWebhook(way, message, shell);
  await publish(shell.region, topicArn(role, shell), message.subject, message.body);
}
