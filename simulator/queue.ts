// The signals queue in front of `classify`: batches, delays, delivers again after a failure, and gives up to a dead-letter queue.
import type { Clock } from './estate/types.ts';

/** As serverless.yml configures the queue and its event source. */
const batchSize = 100;
const batchWindowMs = 1_000;
const visibilityMs = 60_000;
const mostDeliveries = 10;
const mostAtOnce = 10;

export type Queue = { send(body: string, delaySeconds: number): void; readonly deadLetters: readonly string[] };

type Message = { readonly body: string; readonly id: string; deliveries: number };

/** A queue whose batches go to `deliver`; a batch whose delivery throws becomes visible again. */
export function createQueue(
  clock: Clock,
  name: string,
  deliver: (batch: { messageId: string; body: string }[]) => Promise<void>,
): Queue {
  const waiting: Message[] = [];
  const deadLetters: string[] = [];
  let atWork = 0;
  let armed = false;
  let sent = 0;

  const arm = (): void => {
    if (armed || waiting.length === 0 || atWork >= mostAtOnce) return;
    armed = true;
    clock.setTimeout(() => void pull(), waiting.length >= batchSize ? 0 : batchWindowMs);
  };
  const pull = async (): Promise<void> => {
    armed = false;
    const batch = waiting.splice(0, batchSize);
    if (batch.length === 0) return;
    atWork += 1;
    arm();
    try {
      for (const message of batch) message.deliveries += 1;
      await deliver(batch.map(({ id, body }) => ({ messageId: id, body })));
    } catch {
      for (const message of batch) {
        if (message.deliveries >= mostDeliveries) deadLetters.push(message.body);
        else clock.setTimeout(() => add(message), visibilityMs);
      }
    } finally {
      atWork -= 1;
      arm();
    }
  };
  const add = (message: Message): void => {
    waiting.push(message);
    arm();
  };
  return {
    send(body, delaySeconds) {
      sent += 1;
      const message = { body, id: `${name}-${sent}`, deliveries: 0 };
      if (delaySeconds > 0) clock.setTimeout(() => add(message), delaySeconds * 1000);
      else add(message);
    },
    deadLetters,
  };
}
