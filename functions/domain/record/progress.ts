// Says where a region flow is, by what its record holds: what was done, what was left out, what has begun, and whether it waits. Pure.
import { stateOf, type Verb } from '../../kinds/verbs.ts';
import { type Step, stepWords, type Tick, tickOf, tickWords } from './step.ts';
import type { AuditRecord, StepRecord } from './store.ts';

/** How a flow goes on: `paused` waits for a person, `aborted` was stopped by one, `ended` does nothing more. */
export type Standing = 'runs' | 'paused' | 'aborted' | 'ended';

/** A step that was begun, and how it stands, as its mark and in words. `at`: milliseconds since 1970. */
export type ProgressStep = {
  readonly at: number;
  readonly step: Step;
  readonly state: 'begun' | Tick['state'];
  readonly words: string;
};

/** Where a flow is. `failed`: why it is paused, a line for each step, where the record says it. `steps` in the order in which they were done or begun; `servedAt`: users were seen to be served again. */
export type Progress = {
  readonly standing: Standing;
  readonly said: string;
  readonly failed: readonly string[];
  readonly steps: readonly ProgressStep[];
  readonly servedAt: number | null;
};

const standings: Record<Standing, string> = {
  runs: 'The flow runs.',
  paused: 'The flow is PAUSED: it does nothing until a person acts.',
  aborted: 'The flow was ABORTED: nothing of it goes on.',
  ended: 'The flow has ended: it does nothing more.',
};

/** `calls`, `own`: of one execution; times in milliseconds since 1970. `stoppedAt`: what failed when it last stopped, by the name of the step. */
export function progressOf(
  calls: readonly AuditRecord[],
  own: readonly StepRecord[],
  standing: Standing,
  stoppedAt: readonly { readonly step: string; readonly why: string }[] = [],
): Progress {
  const ended = new Map<string, StepRecord>();
  for (const record of own) {
    const step = record.step.replace(/^(fence\/.+)\/fenced$/, '$1');
    // Before it is fenced the record holds what fences it, or that it could not be.
    const isBegun = step === record.step && step.startsWith('fence/') && record.outcome['fenced'] !== false;
    // What was fenced once stays so, whatever a later look finds.
    const wasFenced = step === record.step && ended.get(step)?.step.endsWith('/fenced') === true;
    if (stepOf(step) !== null && !isBegun && !wasFenced) ended.set(step, record);
  }
  const begun = new Map(calls.map((call) => [call.step, call.at] as const).toReversed());
  const open = [...begun].filter(([mark]) => !ended.has(mark)).map(([mark, at]) => ({ mark, at, outcome: null }));
  const steps = [...[...ended].map(([mark, { at, outcome }]) => ({ mark, at, outcome })), ...open].flatMap(
    ({ mark, at, outcome }): ProgressStep[] => {
      const step = stepOf(mark);
      return step === null ? [] : [{ at, step, ...(outcome === null ? begunOnly : ending(mark, outcome)) }];
    },
  );
  // What is verified before users are sent there serves nobody yet: what the flow measures at its end alone says that users are served.
  const verified = own
    .filter(({ step }) => step === 'record-failover')
    .map(({ outcome }) => outcome['verifiedAt'])
    .find((at) => typeof at === 'number');
  return {
    standing,
    said: standings[standing],
    failed: standing === 'paused' ? stoppedAt.map(({ step, why }) => `${deedOf(step)}: ${why}`) : [],
    steps: steps.toSorted((a, b) => a.at - b.at),
    servedAt: verified ?? null,
  };
}

/** A step that has ended, and of which flow. */
export type EndedStep = ProgressStep & { readonly execution: string };

/** The steps that flows have ended, oldest first. `steps`: what the record holds of an incident. */
export function endedSteps(steps: readonly StepRecord[]): EndedStep[] {
  const flows = [...Map.groupBy(steps, ({ execution }) => execution)];
  return flows
    .flatMap(([execution, own]) => progressOf([], own, 'runs').steps.map((step) => ({ ...step, execution })))
    .filter(({ state }) => state !== 'begun')
    .toSorted((a, b) => a.at - b.at);
}

const begunOnly = { state: 'begun', words: 'begun, and not seen to be done' } as const;

function ending(step: string, outcome: StepRecord['outcome']): Pick<ProgressStep, 'state' | 'words'> {
  // Kept right before the call: what rested on the fence counts no more from then on.
  if (step.startsWith('unfence/')) return { state: 'begun', words: 'begun' };
  const { state, why } = tickOf(outcome);
  return { state, words: `${tickWords[state]}${why === null ? '' : state === 'skipped' ? `, ${why}` : `: ${why}`}` };
}

/** What a step does, by its name as people type it, such as `TakeOver database`. */
function deedOf(name: string): string {
  const [state = '', ...asset] = name.split(' ');
  return stepWords({ state, asset: asset.join(' ') || null });
}

/** The step that a mark is about; null of a mark that is no step of a flow. */
function stepOf(mark: string): Step | null {
  if (mark === 'redirect-users') return { state: 'RedirectUsers', asset: null };
  const [, verb = '', asset = ''] = /^([a-z-]+)\/([^/]+)$/.exec(mark) ?? [];
  return verb in stateOf ? { state: stateOf[verb as Verb], asset } : null;
}
