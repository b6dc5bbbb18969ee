// From when the clock of a recovery counts. Nobody sees a fault itself: it came after users were last seen to be served, and before the first
// evidence. One rule for mail, page, record and report. Pure.
import * as z from 'zod';
import type { Signal } from '../types.ts';

/** `at`: milliseconds since 1970. */
export type CountsFrom = { readonly at: number; readonly what: 'last-served' | 'first-evidence' };

export const countsFromShape = z.object({ at: z.number(), what: z.enum(['last-served', 'first-evidence']) });

/** Alarms are minutes late. What passed longer before the first evidence was the last run of a canary that stopped. */
export const alarmsLateMs = 300_000;

/** When a canary last saw users served, in milliseconds since 1970; null where none did in the minutes before the first evidence, or since. */
export function lastServedIn(signals: readonly Signal[], since: number): number | null {
  const passed = signals.flatMap((one) =>
    one.kind === 'canary-run' && one.passed && one.at >= since - alarmsLateMs ? [one.at] : [],
  );
  return passed.length === 0 ? null : Math.max(...passed);
}

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
export function fromWords(from: Pick<CountsFrom, 'what'> | null | undefined): string {
  return from?.what === 'last-served' ? 'the last successful user request' : 'the first sign of the failure';
}
