// The size of what passes between states: AWS refuses more than 256 KiB of JSON, and so does the simulator.
import { StateFailure } from '../errors.ts';

const largestPayloadBytes = 256 * 1024;

/** The value as JSON. Throws States.DataLimitExceeded, which says who produced it. */
export function payload(value: unknown, producer: string): string {
  const text = JSON.stringify(value);
  if (isTooLarge(text)) {
    throw new StateFailure(
      'States.DataLimitExceeded',
      `The ${producer} returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return text;
}

export function isTooLarge(text: string): boolean {
  // Counting bytes is dear and nearly all payloads are small: no character takes more than three bytes in UTF-8.
  return text.length * 3 > largestPayloadBytes && Buffer.byteLength(text) > largestPayloadBytes;
}
