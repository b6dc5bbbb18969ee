// Tells people: one message to each role's topic, each once, however often it is asked for.
import { publish } from '../aws/messages.ts';
import type { Message } from '../domain/words.ts';
import type { Shell } from './shell.ts';

/**
 * Publishes a message to the topics of roles. `id` names the occasion: a role gets one message for it.
 * A crash between sending and marking repeats a message; none is lost. @throws the first failure, after all were tried.
 */
export async function page(
  id: string,
  roles: readonly string[],
  { subject, body }: Message,
  shell: Shell,
): Promise<void> {
  const { region, account, prefix, store, now, log } = shell;
  const failures: unknown[] = [];
  for (const role of roles) {
    const sent = `message:${id}:${role}`;
    if (await store.wasSent(sent)) continue;
    try {
      await publish(region, `arn:aws:sns:${region}:${account}:${prefix}-${role}`, subject, body);
      await store.markSent(sent, now());
      log.info('told', { role, subject });
    } catch (error) {
      // One topic that does not answer must not keep the others from hearing.
      log.error('not told', { role, error: String(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
