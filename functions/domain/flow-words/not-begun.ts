// The message about a flow that ended before it had taken its lock: it has changed nothing, and holds nothing that anybody waits for. Pure.
import { resumableUntil } from '../flows.ts';
import { clock, day } from '../page/page-times.ts';
import { errorWords } from '../record/step.ts';
import type { Lock } from '../types.ts';
import { byWords } from '../words/decision-words.ts';
import { type Message, messageOf, sentenceOf } from '../words/words.ts';
import { markedIn, type Stopped } from './stops.ts';

/** With these TakeLock ends a flow that holds no lock; a lock that an earlier try took, it holds still. */
const reasons = ['LockHeld', 'InvalidInput', 'Frozen'] as const;

/** Why a flow has not begun, and which flow acts instead; null where none does, or nobody knows. */
export type NotBegun = { readonly why: (typeof reasons)[number]; readonly holder: Lock | null };

/** Null where it has begun, or nobody can say. `standing`: the lock that it wanted as it stands; undefined where nobody could read it. */
export function notBegun(
  { state, error, execution }: Pick<Stopped, 'state' | 'error' | 'execution'>,
  standing: Lock | null | undefined,
): NotBegun | null {
  const why = reasons.find((name) => name === error);
  if (state !== 'TakeLock' || why === undefined) return null;
  if (standing === undefined) return why === 'LockHeld' ? { why, holder: null } : null;
  return standing?.execution === execution ? null : { why, holder: standing };
}

/** Tells people that a flow has not begun, and how it is started if it is still needed: never by ending the one that acts. */
export function notBegunMessage(
  stopped: Stopped,
  { why, holder }: NotBegun,
  { by, region, stage }: { readonly by: string | null; readonly region: string | null; readonly stage: string },
): Message {
  const { flow, execution, stoppedAt, reason, error, cause } = stopped;
  const place = region ?? 'the region';
  const said = errorWords(error, cause);
  // What Breakwater decided it does not decide again by itself: what fails may fail on, and nobody acts on it.
  const isOurs = by === 'classify';
  const isKnown = flow === 'service-degradation' && why === 'LockHeld';
  const resume = `  npm run resume -- ${execution} --stage ${stage}`;
  const until = stoppedAt === null ? '' : ` (possible until ${day(resumableUntil(stoppedAt))})`;
  const seeWhether = 'Look whether it still fails, and whether a flow works on it: npm run status.';
  const needs: Readonly<Record<typeof why, readonly string[]>> = {
    LockHeld: isKnown
      ? ['Nothing: another execution deals with the same incident, and has told people.']
      : isOurs
        ? [`${seeWhether} If it fails still when the other flow has ended, type this${until}:`, resume]
        : [
            'Wait until the other flow has ended. Then start this one again, if it is still needed (docs/runbook.md#take-lock). Do NOT end the other flow because of this message.',
          ],
    InvalidInput: isOurs
      ? [`${seeWhether} If it fails still and no flow works on it: docs/runbook.md#take-lock.`]
      : [`Correct this, then start the flow again, if it is still needed (docs/runbook.md#take-lock): ${said}`],
    Frozen: [
      `If this flow is still needed: end the freeze (docs/runbook.md#freeze), then let the flow begin${until}. Type both:`,
      '  npm run unfreeze',
      resume,
    ],
  };
  const headlines: Readonly<Record<typeof why, string>> = {
    LockHeld: `another flow acts on ${place}`,
    InvalidInput: 'its input does not fit',
    Frozen: 'Breakwater is FROZEN',
  };
  return messageOf({
    ...markedIn(stopped, stage),
    canWait: !isOurs,
    headline: `${isOurs && !isKnown ? 'you are needed: ' : ''}a flow has not begun: ${headlines[why]}`,
    needed: needs[why],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      sentenceOf(
        `${flow}${by === null ? '' : `, started by ${byWords(by)},`} ended${stoppedAt === null ? '' : ` at ${clock(stoppedAt, stoppedAt)}`} before it had begun: ${said}`,
      ),
    ],
    done: ['Nothing. This flow has not begun: it holds no lock, and has changed nothing.'],
    follows: [
      ...(why === 'LockHeld' && holder !== null
        ? [`The flow that acts on ${place}, since ${day(holder.at)}: ${holder.execution}. It goes first.`]
        : []),
      isKnown
        ? 'You hear of the incident from that execution.'
        : 'Breakwater does not start this flow again by itself.',
    ],
    more: [`Execution ${execution}.`],
  });
}
