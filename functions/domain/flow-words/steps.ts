// News of single steps of a flow: what fails and is tried again, what has ended, and what was called. Pure.
import { clock, day } from '../page/page-times.ts';
import type { EndedStep } from '../record/progress.ts';
import { type Step, stepWords } from '../record/step.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';
import { type Failure, failuresIn, kebab } from '../recovery/reaching.ts';
import type { Incident, Lock } from '../types.ts';
import { leaveFencedLine } from '../words/decision-words.ts';
import { nameIn } from '../words/plain-text.ts';
import { wayWords } from '../words/region-words.ts';
import { type Message, markOf, messageOf, sentenceOf, severityOf } from '../words/words.ts';

/** A failure as a clause: what is held has not failed. */
export function failedWords({ held, why, ...step }: Failure, zone: string | null | undefined): string {
  return held ? `${stepWords(step, zone)} is ${why}` : `${stepWords(step, zone)} failed: ${why}`;
}

/** The failures in facts by state and asset. */
export function failuresOf(facts: Readonly<Record<string, unknown>>): Failure[] {
  return failuresIn(
    Object.fromEntries(Object.entries(facts).map(([state, outcomes]) => [state, { ...(outcomes as object) }])),
    {},
  );
}

/** Tells people that a step fails and is tried again, since `at`, in milliseconds since 1970. */
export function failingMessage(
  step: Step,
  {
    incident,
    execution,
    drill,
    zone,
    reason,
    at,
    why,
    stage,
    hasTakenOver,
  }: {
    readonly incident: string;
    readonly execution: string;
    readonly drill: boolean;
    /** Of its incident: where it is, and why its flow was started; null where that is not known. */
    readonly zone: string | null;
    readonly reason: string | null;
    readonly at: number;
    readonly why: string;
    /** Of the deployment: what must be typed names it. */
    readonly stage: string;
    /** Whether something has taken over in the other region already: what ends the flow loses that. */
    readonly hasTakenOver: boolean;
  },
): Message {
  const state = stepWords(step, zone);
  const section = `docs/runbook.md#${kebab(step.state)}`;
  return messageOf({
    marks: markOf({ drill }),
    headline: `${state} fails and is tried again`,
    needed:
      step.state === 'Unfence' && hasTakenOver
        ? [
            `Correct the cause: see ${section}. Do NOT end the flow: what has taken over in the other region has what nothing else has. Meanwhile the flow keeps the region.`,
          ]
        : step.state === 'Unfence'
          ? [
              `Decide whether users can wait for that: see ${section}. Meanwhile the flow keeps the region, and nobody is asked about a failover. To leave the region instead, type this. It ends the flow and keeps the fence, which only you open later:`,
              leaveFencedLine(execution, stage),
            ]
          : [`Nothing yet. If you want to look into it: ${section}.`],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      sentenceOf(`${state} has failed since ${clock(at, at)}: ${why}`),
    ],
    done: ['Breakwater tries this step again and goes on with everything else.'],
    follows: ['You hear again when Breakwater gives this step up, or when the whole flow has succeeded.'],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** News of a step that has ended, for a channel that keeps such news beside what calls people. */
export function endedStepMessage(
  { id, level }: Pick<Incident, 'id' | 'level'>,
  { step, at, words, execution }: EndedStep,
  { drill, report, zone }: { readonly drill: boolean; readonly report: string; readonly zone: string | null },
): Message {
  const what = stepWords(step, zone);
  return messageOf({
    marks: markOf({ drill }),
    headline: `${what}: ${words}`,
    needed: ['Nothing: this is news of a step.'],
    happened: [sentenceOf(`${what} ended at ${clock(at, at)}: ${words}`)],
    users: null,
    done: [],
    follows: [],
    more: [`Incident ${id}, execution ${execution}.`],
    thread: { incident: id, severity: drill ? 'info' : severityOf(level), state: 'step', at, report },
  });
}

/** Tells people that an asset does not come back in a way: what the flow does about it, and what it has left behind. */
export function wayFailedMessage(
  { asset, way }: { readonly asset: string; readonly way: string },
  { incident, execution, at, outcome }: StepRecord,
  /** Why its flow was started; null where that is not known. */
  reason: string | null,
): Message {
  const { left, why } = outcome;
  return messageOf({
    headline: `one way to bring ${asset} back failed, the next is tried`,
    needed: [
      typeof left === 'string'
        ? `Nothing now. Later: look at ${left}, then delete it. It costs money, and nobody else deletes it.`
        : 'Nothing now.',
    ],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      `This way failed at ${clock(at, at)}: ${wayWords({ way, asset }, null)}. Reason: ${String(why)}.`,
    ],
    done: ['The flow tries the next way.'],
    follows: [
      'If the next way would lose more than you approved, the flow asks people first. Read docs/runbook.md#take-over.',
    ],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Calls in words, each once: what is half done consists of these. */
export function callsWords(calls: readonly AuditRecord[]): string[] {
  const same = Map.groupBy(calls, ({ call, target, region }) => `${call} of ${nameIn(target)} in ${region}`);
  return [...same].map(([words, all]) => {
    const at = day(all.at(-1)?.at ?? 0);
    return all.length === 1 ? `${words} at ${at}` : `${words}, ${all.length} times, the last at ${at}`;
  });
}

/** What the flow that holds a region has called so far (`past`), in a sentence, for people who cannot see the flow itself. */
export function heldSentence({ target, execution, at }: Lock, past: readonly AuditRecord[]): string {
  const calls = callsWords(past);
  return `${execution} has held the lock of ${target} since ${day(at)}. AWS calls so far: ${calls.join(', ') || 'none'}.`;
}

/** Calls: one in its line, several in a line each. */
export function listed(calls: readonly string[]): string {
  return calls.length === 1 ? `${calls[0]}.` : calls.map((call) => `\n  ${call}`).join('');
}
