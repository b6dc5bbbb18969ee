// Says where a flow is, by what its record holds: for people who hear that users still fail, and cannot see the flow itself. Pure.
import type { Flow } from '../flows.ts';
import { clock } from '../page/page-times.ts';
import { failingIn, isMended, triedMark } from '../recovery/reaching.ts';
import { sentenceOf } from '../words/words.ts';
import { type ProgressStep, progressOf } from './progress.ts';
import { stepWords } from './step.ts';
import type { AuditRecord, StepRecord } from './store.ts';

/** What the record holds of one execution. `lookedAt`: when what people had approved was first found still so; null where that never was. */
export type Past = {
  readonly calls: readonly AuditRecord[];
  readonly own: readonly StepRecord[];
  readonly lookedAt: number | null;
};

/** Sentences, by names alone. `now` in milliseconds since 1970. A flow that is paused is nowhere: what it stopped at is told beside this. */
export function whereSentences(
  flow: Flow,
  { calls, own, lookedAt }: Past,
  now: number,
  { isPaused = false }: { readonly isPaused?: boolean } = {},
): string[] {
  const { steps } = progressOf(calls, own, 'runs');
  const ended = steps.filter(({ state }) => state !== 'begun');
  const done = ended.filter(({ state }) => state === 'done').map(({ step }) => stepWords(step));
  const others = ended
    .filter(({ state }) => state !== 'done')
    .map(({ step, words }) => `${stepWords(step)} (${words})`);
  const begun = steps.filter(({ state }) => state === 'begun');
  const failing = failingSentences(own, now);
  const at = atSentence(flow, begun, { calls, own, lookedAt }, now);
  return [
    ...(flow === 'region-failover' ? [approvedSentence(lookedAt, now)] : []),
    ...(done.length === 0 ? [] : [`Done so far: ${done.join(', ')}.`]),
    ...(others.length === 0 ? [] : [`Ended without a change: ${others.join(', ')}.`]),
    // What is tried again is what runs.
    ...(isPaused ? [] : [...(at === noStep && failing.length > 0 ? [] : [at]), ...failing]),
  ];
}

function approvedSentence(lookedAt: number | null, now: number): string {
  return lookedAt === null
    ? 'The flow is not approved yet.'
    : `The flow is approved, and was checked again at ${clock(lookedAt, now)}.`;
}

/** The state that the flow is in: what has begun, or what comes after what has ended. */
function atSentence(flow: Flow, begun: readonly ProgressStep[], { calls, own, lookedAt }: Past, now: number): string {
  const newest = (is: (step: string) => boolean) =>
    Math.max(0, ...own.filter(({ step }) => is(step)).map(({ at }) => at));
  if (flow === 'az-failover') {
    const triedAt = newest((step) => step === triedMark);
    const calledAt = Math.max(0, ...calls.map(({ at }) => at));
    const open = begun.map(({ step }) => stepWords(step)).join(', ');
    if (open !== '' && triedAt < calledAt) return atState(begun, now);
    if (open !== '') return `Not done: ${open}. The flow is watching the zone, and tries again what failed.`;
    if (newest((step) => step === 'record-recovery') > 0) return flowIs('WatchZone');
    return newest((step) => step.startsWith('leave-zone/')) > 0 ? flowIs('VerifyService') : nothingYet;
  }
  if (begun.length > 0) return atState(begun, now);
  if (flow === 'region-failover' && lookedAt === null)
    return 'The flow is asking people to approve: nothing has been changed.';
  if (newest((step) => step === 'record-failover') > 0) return flowIs('FenceOldRegion');
  if (newest((step) => step === 'redirect-users') > 0) return flowIs('VerifyOutside');
  return own.length === 0 ? nothingYet : noStep;
}

const noStep = 'No step runs that the record knows of. Where the flow is: npm run status.';
const nothingYet = 'The flow has changed nothing yet.';

function atState(begun: readonly ProgressStep[], now: number): string {
  return `The flow is ${begun.map(({ step, at }) => `${stepWords(step)} (since ${clock(at, now)})`).join(', ')}.`;
}

function flowIs(state: string): string {
  return `The flow is ${stepWords({ state, asset: null })}.`;
}

/** What is tried again by now, with what it fails by. */
function failingSentences(own: readonly StepRecord[], now: number): string[] {
  const newest = new Map(own.map((record) => [record.step, record]));
  return [...newest.values()].flatMap((record) => {
    const step = failingIn(record.step);
    if (step === null || isMended(record, own)) return [];
    return [
      sentenceOf(
        `${stepWords(step)} has failed since ${clock(record.at, now)} and is tried again: ${String(record.outcome['why'])}`,
      ),
    ];
  });
}

/** When a flow of an incident last proved that users were served, in milliseconds since 1970; null where none has. `steps`: of the incident. */
export function provedServedAt(steps: readonly StepRecord[]): number | null {
  const times = steps.flatMap(({ step, outcome: { verifiedAt } }) =>
    ['record-recovery', 'record-failover'].includes(step) && typeof verifiedAt === 'number' ? [verifiedAt] : [],
  );
  return times.length === 0 ? null : Math.max(...times);
}
