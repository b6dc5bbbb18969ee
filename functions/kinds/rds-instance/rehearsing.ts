// A rehearsal of a restore: what to do now, what its record holds, and what people are told of it. Pure.

import { type Rehearsal, restoredIn } from '../../domain/data/rehearsal.ts';
import { formatSeconds } from '../../domain/durations.ts';
import { type Message, subject } from '../../domain/words.ts';

/** No restore takes longer than that here; what has not come up by then has failed, and costs. */
const longestMs = 8 * 3_600_000;

/** What stands under the name of a rehearsal; null where nothing does. */
export type Standing = { readonly status: string; readonly works: boolean; readonly isOurs: boolean };

/** `make-way`: it ends, proves nothing, and is begun again when it may. */
export type Step =
  | { readonly next: 'nothing' | 'begin' | 'wait' | 'verify' | 'make-way' | 'discard' }
  /** It ends, and people hear why. */
  | { readonly next: 'give-up'; readonly why: string };

/** `busy`: something is recovered, or people have stopped the automation: an incident goes first, and nothing of a rehearsal stays beside it. */
export function nextStep(
  last: Rehearsal | null,
  standing: Standing | null,
  { now, everyDays, busy }: { readonly now: number; readonly everyDays: number; readonly busy: boolean },
): Step {
  const isOver = last === null || last.endedAt !== null;
  if (isOver) {
    if (standing !== null) return { next: standing.isOurs && standing.status !== 'deleting' ? 'discard' : 'nothing' };
    const isDue = last === null || provesNothing(last) || now - last.begunAt >= everyDays * 86_400_000;
    return { next: isDue && !busy ? 'begin' : 'nothing' };
  }
  if (busy) return { next: 'make-way' };
  if (standing === null)
    return now - last.begunAt < settleMs
      ? { next: 'wait' }
      : { next: 'give-up', why: `${last.instance} is not there: RDS never made it, or somebody deleted it` };
  if (!standing.isOurs) return { next: 'give-up', why: `${last.instance} is not what the rehearsal has made` };
  if (standing.works) return { next: 'verify' };
  if (failed.includes(standing.status)) return { next: 'give-up', why: `${last.instance} is ${standing.status}` };
  if (now - last.begunAt > longestMs)
    return { next: 'give-up', why: `${last.instance} is ${standing.status} after ${formatSeconds(longestMs / 1000)}` };
  return { next: 'wait' };
}

/** One that made way for something else. */
export function provesNothing({ availableAt, wrong }: Rehearsal): boolean {
  return availableAt === null && wrong.length === 0;
}

/** RDS shows an instance a moment after it was asked for. */
const settleMs = 600_000;

const failed = ['failed', 'incompatible-restore', 'incompatible-parameters', 'incompatible-network', 'storage-full'];

/** How a rehearsal came out. */
export function rehearsalMessage(rehearsal: Rehearsal): Message {
  const { asset, region, instance, source, dataUntil, data, wrong } = rehearsal;
  const seconds = restoredIn(rehearsal);
  const took = seconds === null ? 'it did not come up' : `it worked after ${formatSeconds(seconds)}`;
  return {
    subject: subject(
      wrong.length === 0
        ? `[Breakwater] [REHEARSAL] ${asset} comes back in ${region}, in ${formatSeconds(seconds)}`
        : `[Breakwater] [REHEARSAL] ${asset} does NOT come back in ${region} as it should`,
    ),
    body: [
      wrong.length === 0
        ? 'Nothing is left to do. What was restored is deleted by itself.'
        : 'Nothing fails now. A restore on the day would meet the same. Read docs/runbook.md#rehearsal-failed.',
      ...wrong.map((why) => `WRONG: ${why}.`),
      `The restore of ${asset} in ${region} was rehearsed as ${instance}, beside production, in a closed network: ${took}.`,
      `From: ${source}${dataUntil === null ? '' : `, with data until ${new Date(dataUntil).toISOString()}`}.`,
      ...(data === null ? [] : [`Data: ${data}.`]),
      ...(wrong.length === 0 ? ['People who are asked to approve are shown how long it took.'] : []),
    ].join('\n'),
  };
}
