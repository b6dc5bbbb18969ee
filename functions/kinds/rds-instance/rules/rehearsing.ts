// A rehearsal of a restore, and a comparison of an old database: what to do now, and what people are told of it. Pure.
import { type Comparison, countOnlyOld, hasNothing, onlyOldWords } from '../../../domain/data/only-old.ts';
import { type Rehearsal, restoredIn } from '../../../domain/data/rehearsal.ts';
import { day, moment } from '../../../domain/page/page-times.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import { type Message, messageOf } from '../../../domain/words/words.ts';

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
  last: Pick<Rehearsal, 'begunAt' | 'availableAt' | 'endedAt' | 'instance' | 'wrong'> | null,
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
    return now - last.begunAt < graceMs
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
export function provesNothing({ availableAt, wrong }: Pick<Rehearsal, 'availableAt' | 'wrong'>): boolean {
  return availableAt === null && wrong.length === 0;
}

/** What is seen of an old database. Times are milliseconds since 1970; null where they are not known. */
export type OldSeen = {
  /** Why it is none that could be compared; null where it is. */
  readonly why: string | null;
  readonly fencedAt: number | null;
  /** To when its own backups go. */
  readonly latestAt: number | null;
};

/** So long a copy is asked for again: a region that is just back has little room, and its backups are late. */
export const comparedWithinMs = 2 * 86_400_000;
/** The fence watch looks for five days at most (`fenceWatch.days`); what it has not fenced by then nobody fences. */
const fencedWithinMs = 6 * 86_400_000;

/** The same for the copy of an old database, which is made once that takes no more writes and its backups have all of them. */
export function nextOfComparison(
  { openedAt, begunAt, readAt, endedAt }: Comparison,
  { why, fencedAt, latestAt }: OldSeen,
  standing: Standing | null,
  { now, busy, instance }: { readonly now: number; readonly busy: boolean; readonly instance: string },
): Step {
  const isOver = readAt !== null || endedAt !== null;
  const copy = { begunAt: begunAt ?? now, availableAt: null, endedAt: isOver ? now : null, instance, wrong: ['over'] };
  const isLate = now - Math.max(openedAt, fencedAt ?? 0) > comparedWithinMs;
  if (isOver || begunAt !== null) {
    const step = nextStep(copy, standing, { now, everyDays: Number.POSITIVE_INFINITY, busy });
    return step.next === 'give-up' && !isLate ? { next: 'make-way' } : step;
  }
  if (standing !== null && !standing.isOurs)
    return { next: 'give-up', why: `${instance} is there already, and bears no tag of this stack` };
  // One that made way is thrown away before another one is made.
  if (standing !== null) return { next: standing.status === 'deleting' ? 'wait' : 'discard' };
  if (busy) return { next: 'wait' };
  if (why !== null) return { next: 'give-up', why };
  if (fencedAt === null)
    return now - openedAt < fencedWithinMs
      ? { next: 'wait' }
      : { next: 'give-up', why: 'the old database was never seen fenced: its data may still change' };
  if (latestAt !== null && latestAt >= fencedAt) return { next: 'begin' };
  if (!isLate) return { next: 'wait' };
  const until = latestAt === null ? 'not known' : moment(latestAt);
  return {
    next: 'give-up',
    why: `its backups lack its last writes: they go until ${until}, and the database was fenced ${moment(fencedAt)}`,
  };
}

/** RDS shows an instance a moment after it was asked for. */
const graceMs = 600_000;

const failed = ['failed', 'incompatible-restore', 'incompatible-parameters', 'incompatible-network', 'storage-full'];

/** How a rehearsal came out. */
export function rehearsalMessage(rehearsal: Rehearsal): Message {
  const { asset, region, instance, source, dataUntil, data, wrong } = rehearsal;
  const seconds = restoredIn(rehearsal);
  const took =
    seconds === null
      ? 'The restored database did not come up.'
      : `The restored database worked after ${formatSeconds(seconds)}.`;
  return messageOf({
    marks: '[REHEARSAL] ',
    canWait: true,
    headline:
      wrong.length === 0
        ? `a trial restore of ${asset} in ${region} worked, in ${formatSeconds(seconds)}`
        : `a trial restore of ${asset} in ${region} FAILED`,
    needed: [
      wrong.length === 0
        ? 'Nothing.'
        : 'Find out why: a real restore would fail in the same way. Users notice nothing of it: it can wait until morning. Read docs/runbook.md#rehearsal-failed.',
    ],
    happened: [
      `Breakwater rehearsed the restore of ${asset} in ${region}, beside production and in a closed network.`,
      took,
      ...wrong.map((why) => `WRONG: ${why}.`),
      ...(data === null ? [] : [`Data: ${data}.`]),
    ],
    done: [`Breakwater deletes the restored database ${instance} again.`],
    follows: wrong.length === 0 ? ['Approvers are shown how long the restore took.'] : [],
    more: [`Restored from ${source}${dataUntil === null ? '' : `, with data until ${day(dataUntil)}`}.`],
    users: null,
  });
}

/** What was found to be in the old database alone, or why nobody knows. `stage`: as people type it. */
export function comparisonMessage(comparison: Comparison, stage: string): Message {
  const { asset, region, incident, wrong, begunAt, comparedAt, tables } = comparison;
  const isWhole = hasNothing(comparison);
  const count = countOnlyOld(comparison);
  const isCompared = comparedAt !== null && tables.length > 0;
  const some = `${count} ${count === 1 ? 'row' : 'rows'}`;
  return messageOf({
    canWait: true,
    headline: !isCompared
      ? `the old database "${asset}" could NOT be compared with the new one`
      : isWhole
        ? `the old database "${asset}" has nothing that the new one lacks`
        : count === 0
          ? `the old database "${asset}" could NOT be compared in full`
          : `the old database "${asset}" has at least ${some} that the new one lacks`,
    needed: [
      isWhole
        ? 'Nothing.'
        : `Keep the old database in ${region} until you have decided about it: docs/runbook.md#only-old. It can wait until morning.`,
      ...(isCompared ? ['All rows that were found:', `  npm run report -- ${incident} --stage ${stage} --json`] : []),
    ],
    happened: [
      ...wrong.map((why) => `WRONG: ${why}.`),
      ...(isCompared ? onlyOldWords(comparison).map((line) => `${line}.`) : []),
      ...(begunAt === null ? ['No copy of the old database was made to be read.'] : []),
    ],
    done: [
      begunAt === null
        ? 'Breakwater leaves both databases as they are.'
        : 'Breakwater has made a copy of the old database to read it, and deletes that copy. Both databases stay as they are.',
    ],
    follows: [],
    more: [
      isCompared
        ? 'Breakwater did not look at other tables, at older rows, or at what was deleted.'
        : 'Nothing was compared.',
      ...(isCompared
        ? [
            'Rows are named by table and key, without their content. A row that was deleted since in the new database counts as missing.',
          ]
        : []),
    ],
    users: null,
  });
}
