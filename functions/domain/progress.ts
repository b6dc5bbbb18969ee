// Says where a region flow is, by what its record holds: what was done, what was left out, what has begun, and whether it waits. Pure.
import { stateOf, type Verb } from '../kinds/verbs.ts';
import type { AuditRecord, StepRecord } from './store.ts';
import { stateWords } from './words.ts';

/** How a flow goes on: `paused` waits for a person, `ended` does nothing more. */
export type Standing = 'runs' | 'paused' | 'ended';

const standings: Record<Standing, string> = {
  runs: 'The flow runs.',
  paused: 'The flow is PAUSED: it does nothing until a person acts.',
  ended: 'The flow has ended: it does nothing more.',
};

/** A sentence each, in the order in which it was done or begun. `calls`, `own`: of one execution; times in milliseconds since 1970. */
export function progressSentences(
  calls: readonly AuditRecord[],
  own: readonly StepRecord[],
  standing: Standing,
): string[] {
  const ended = new Map<string, StepRecord>();
  for (const record of own) {
    const step = record.step.replace(/^(fence\/.+)\/fenced$/, '$1');
    if (nameOf(step) !== null && (step !== record.step || !step.startsWith('fence/'))) ended.set(step, record);
  }
  const begun = new Map(calls.map((call) => [call.step, call.at] as const).toReversed());
  const open = [...begun].filter(([step]) => nameOf(step) !== null && !ended.has(step));
  const told = [
    ...[...ended].map(([step, { at, outcome }]) => ({ at, words: `${nameOf(step)}: ${ending(step, outcome, at)}` })),
    ...open.map(([step, at]) => ({ at, words: `${nameOf(step)}: begun at ${iso(at)}, and not seen to be done` })),
  ];
  const lines = told.toSorted((a, b) => a.at - b.at).map(({ words }) => `${words}.`);
  return [standings[standing], ...(lines.length === 0 ? ['Nothing was changed by it so far.'] : lines)];
}

function ending(step: string, { skipped, by, held }: StepRecord['outcome'], at: number): string {
  // Kept right before the call: what rested on the fence counts no more from then on.
  if (step.startsWith('unfence/')) return `begun at ${iso(at)}`;
  if (skipped === true) return `left out, signed by ${String(by)}`;
  return typeof held === 'string' ? `held: ${held}` : `done at ${iso(at)}`;
}

/** A step as the messages name it; null of a mark that is no step of a flow. */
function nameOf(step: string): string | null {
  if (step === 'redirect-users') return 'RedirectUsers';
  const [, verb = '', asset = ''] = /^([a-z-]+)\/([^/]+)$/.exec(step) ?? [];
  return verb in stateOf ? stateWords({ state: stateOf[verb as Verb], asset }) : null;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
