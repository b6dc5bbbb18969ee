// SQS and Lambda's reading of it, as a stack configures them: delays, batches, visibility, deliveries again after a failure,
// and the dead letters.
import type { Clock } from '../estate/types.ts';
import type { DeployedQueue, Mapping } from './deployment.ts';

export type Delivery = {
  readonly messageId: string;
  readonly body: string;
  readonly receives: number;
  /** Which run it was that sent it, of those that began one another; 0 where none did. */
  readonly chain: number;
};

/** What a batch came to: the messages that failed, by their ids. @throws where all of them did */
export type Receiver = (batch: readonly Delivery[]) => Promise<readonly string[]>;

export type Queue = {
  send(body: string, delaySeconds?: number, chain?: number): void;
  /** Begins to read, as an event source mapping does. */
  read(mapping: Mapping, receiver: Receiver): void;
  /** Messages that could be read now. */
  visible(): number;
  /** Seconds since the oldest message that is not deleted was sent; 0 without any. */
  oldestSeconds(): number;
  /** What waits, oldest first. */
  bodies(): readonly string[];
};

/** Batches that Lambda reads at once at first (Lambda's documentation: five, then more while there are messages). */
const receiversAtOnce = 5;

type Message = {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly chain: number;
  receives: number;
};

/** `deadLetters` takes what was delivered too often. */
export function createQueue(
  { name, visibilitySeconds, maximumReceives }: DeployedQueue,
  clock: Clock,
  deadLetters: (body: string) => void,
): Queue {
  const waiting: Message[] = [];
  const held = new Set<Message>();
  let sent = 0;
  let mapping: Mapping | null = null;
  let receiver: Receiver | null = null;
  let atWork = 0;
  /** The end of the window in which a batch fills; null while none is open. */
  let window: unknown = null;

  /** A batch is read when it is full, or when its window ends. */
  const arm = (): void => {
    if (mapping === null || waiting.length === 0 || atWork >= receiversAtOnce) return;
    const isFull = waiting.length >= mapping.batchSize;
    if (window !== null && !isFull) return;
    if (window !== null) clock.clearTimeout(window);
    window = clock.setTimeout(() => void pull(), isFull ? 0 : mapping.windowSeconds * 1000);
  };
  const add = (message: Message): void => {
    held.delete(message);
    waiting.push(message);
    arm();
  };
  const hold = (message: Message, seconds: number): void => {
    held.add(message);
    clock.setTimeout(() => add(message), seconds * 1000);
  };
  const giveBack = (message: Message): void => {
    if (maximumReceives === null || message.receives < maximumReceives) {
      add(message);
    } else {
      held.delete(message);
      deadLetters(message.body);
    }
  };

  const pull = async (): Promise<void> => {
    window = null;
    if (mapping === null || receiver === null) return;
    const batch = waiting.splice(0, mapping.batchSize);
    if (batch.length === 0) return;
    atWork += 1;
    arm();
    const readAt = clock.now();
    for (const message of batch) {
      message.receives += 1;
      held.add(message);
    }
    const deliveries = batch.map(({ id, body, receives, chain }) => ({ messageId: id, body, receives, chain }));
    const failed = await receiver(deliveries).catch(() => deliveries.map(({ messageId }) => messageId));
    const hiddenMs = Math.max(0, readAt + visibilitySeconds * 1000 - clock.now());
    for (const message of batch) {
      // What failed is seen again when its visibility ends, which began when it was read.
      if (failed.includes(message.id)) clock.setTimeout(() => giveBack(message), hiddenMs);
      else held.delete(message);
    }
    atWork -= 1;
    arm();
  };

  return {
    send(body, delaySeconds = 0, chain = 0) {
      sent += 1;
      const message = { id: `${name}-${sent}`, body, sentAt: clock.now(), chain, receives: 0 };
      if (delaySeconds > 0) hold(message, delaySeconds);
      else add(message);
    },
    read(from, by) {
      mapping = from;
      receiver = by;
      arm();
    },
    visible: () => waiting.length,
    oldestSeconds: () => {
      const oldest = Math.min(...[...waiting, ...held].map(({ sentAt }) => sentAt));
      return Number.isFinite(oldest) ? (clock.now() - oldest) / 1000 : 0;
    },
    bodies: () => waiting.map(({ body }) => body),
  };
}
