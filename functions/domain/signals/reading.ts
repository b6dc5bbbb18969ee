// What every reader of events shares: the envelope, the plan's patterns, and the names of zones.
import * as z from 'zod';
import type { Plan } from '../plan/plan.ts';
import type { Signal } from '../types.ts';
import { plainText } from '../words/plain-text.ts';

/** AWS gives no longer names than the 255 letters of an alarm's; ARNs of its bulletins have up to 1,600. */
const longest = { name: 256, arn: 1_600 };

/** A name in an event. It is shown to people: it holds no line breaks, other controls or halves of letters. */
export const name = lettersUpTo(longest.name);
/** A name that whoever sends the event has made up. In a message it must not pass for a link. */
export const ownName = name.transform(plainText);
export const arn = lettersUpTo(longest.arn);

function lettersUpTo(most: number) {
  return z
    .string()
    .max(most, `expected at most ${most} letters`)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'expected letters without line breaks and other controls');
}

export const envelope = z.object({
  id: name.min(1),
  source: name.min(1),
  'detail-type': name.min(1),
  time: z.iso.datetime({ offset: true }),
  region: name.min(1),
  /** The account that it happened in. A bus takes events of others where its policy lets them in. */
  account: name.optional(),
  detail: z.record(z.string(), z.unknown()),
});

/** More than a region has of bulletins, or of releases and planned work at a time: these are over after hours. */
const slots = 256;

/** An event as EventBridge delivers it. */
export type Envelope = z.infer<typeof envelope>;

/** What a signal takes from the envelope of its event. */
export type Common = Pick<Signal, 'id' | 'at' | 'region' | 'observer'>;

/** Reads the detail of one kind of event: a signal, or a sentence that says why there is none. Never throws. */
export type SignalReader = (
  detail: Record<string, unknown>,
  event: Envelope,
  common: Common,
  plan: Plan,
) => Signal | string;

/** What a kind hears of its assets. Times and places as `Common` has them. */
export type Hearing<Asset> = {
  /** The source of its service's events. */
  readonly source: string;
  /** The plan's kind of event that is read so, where the service's own events are not read; see signals.events. */
  readonly rule?: 'cache';
  /** Reads an event's detail, as a SignalReader does. `assets`: those of the kind. */
  read(
    detail: Record<string, unknown>,
    common: Common,
    assets: readonly Asset[],
    roles: { readonly primary: string; readonly standby: string },
  ): Signal | string;
};

/** The id of a zone given by id or by this account's name; null where the plan knows neither. */
export function zoneId(idOrName: string, region: string, plan: Plan): string | null {
  const zones = Object.entries(plan.regions[region]?.zones ?? {});
  return zones.find(([id, name]) => id === idOrName || name === idOrName)?.[0] ?? null;
}

/** Whether a region is one that the plan looks from: two canaries of one region must not pass for two opinions. */
export function isObserver(region: string, { roles }: Plan): boolean {
  return [roles.primary, roles.standby, roles.witness, ...roles.observers].includes(region);
}

/** Whether a region is one that the plan has: nobody asks what is known about any other. */
export function isPlanned(region: string, plan: Plan): boolean {
  return isObserver(region, plan) || Object.hasOwn(plan.regions, region);
}

/**
 * Which of so many places in the table an event has whose name is its own: however many there are, a judgement reads no more than
 * the places. Of two that meet in one place the later start and the later end count: the other explains no longer than until
 * that end (explanations.ts), which is the safe side.
 */
export function slotOf(named: string): number {
  // FNV-1a, 32 bits: spreads names that differ in one letter.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(named)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % slots;
}

/** The first thing that is wrong with an event: path and expectation. */
export function firstIssue(where: string, error: z.ZodError): string {
  const issue = error.issues[0];
  return `${[where, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'is not what was expected'}`;
}

const patterns = new Map<string, RegExp>();

/** A pattern of the plan, compiled once: a storm asks thousands of times. */
export function compiled(match: string): RegExp {
  const pattern = patterns.get(match) ?? new RegExp(match);
  patterns.set(match, pattern);
  return pattern;
}
