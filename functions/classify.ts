// Reads events from the signals queue, keeps what they say, and responds to what it means. Many copies run at once.
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { readEvent } from './domain/signals.ts';
import type { Signal } from './domain/types.ts';
import { respond } from './shared/respond.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** A sender's clock may be off by this much. Anything later would silence every true event after it. */
const furthestAheadMs = 300_000;

/**
 * One event is one signal, a stray, or a request to look again; a batch never fails because of what one event says.
 * It fails as a whole when the store does, and is delivered again: reading it twice changes nothing.
 */
export const handler = onEvent(async (batch: SQSEvent, shell: Shell): Promise<void> => {
  const signals: Signal[] = [];
  const regions = new Set<string>();
  for (const record of batch.Records) {
    const event = parse(record.body);
    const lookAgain = requestedLook(event);
    if (lookAgain !== null) {
      regions.add(lookAgain);
      continue;
    }
    const reading = readEvent(event, shell.plan);
    if ('signal' in reading && reading.signal.at > shell.now() + furthestAheadMs) {
      await keepStray(record, event, `time ${new Date(reading.signal.at).toISOString()} lies ahead`, shell);
    } else if ('signal' in reading) signals.push({ ...reading.signal, seenAt: shell.now() });
    else await keepStray(record, event, reading.stray, shell);
  }
  await shell.store.keepSignals(signals);
  for (const signal of signals) regions.add(signal.region);
  for (const region of Object.keys(shell.plan.regions)) if (regions.has(region)) await respond(region, shell);
});

async function keepStray(record: SQSRecord, event: unknown, reason: string, shell: Shell): Promise<void> {
  const id =
    typeof event === 'object' && event !== null && 'id' in event && typeof event.id === 'string'
      ? event.id
      : record.messageId;
  shell.log.warn('stray event kept', { id, reason });
  // DynamoDB takes items of 400 KB; an event has at most 256 KB.
  await shell.store.keepStray({ id, at: shell.now(), reason, event: record.body });
}

function requestedLook(event: unknown): string | null {
  return typeof event === 'object' && event !== null && 'lookAgain' in event && typeof event.lookAgain === 'string'
    ? event.lookAgain
    : null;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
