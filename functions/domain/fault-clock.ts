// From when the clock of a recovery counts. Nobody sees a fault itself: it came after users were last seen to be served, and before the first
// evidence. One rule for mail, page, record and report. Pure.
import * as z from 'zod';

/** `at`: milliseconds since 1970. */
export type CountsFrom = { readonly at: number; readonly what: 'last-served' | 'first-evidence' };

export const countsFromShape = z.object({ at: z.number(), what: z.enum(['last-served', 'first-evidence']) });

/** The earlier of both: a recovery is never told shorter than it was. `lastServedAt`: null where nobody saw that shortly before. */
export function countsFrom(since: number, lastServedAt: number | null): CountsFrom {
  return lastServedAt !== null && lastServedAt < since
    ? { at: lastServedAt, what: 'last-served' }
    : { at: since, what: 'first-evidence' };
}

/** From the fault, as far as it is known, to the first evidence; null where nobody saw users served before. */
export function detectSecondsOf({ at, what }: CountsFrom, since: number): number | null {
  return what === 'last-served' ? (since - at) / 1000 : null;
}

/** From what it counts, in a sentence about users. What was kept before it was said counts from the first evidence. */
export function fromWords(from: CountsFrom | null | undefined): string {
  return from?.what === 'last-served' ? 'they were last seen to be served' : 'the first evidence';
}
