// What the approval page is told of one request, and what of it every part of the page asks. Pure.
import type { Tally } from '../approval/approval.ts';
import type { Typed, WrongField } from '../approval/confirmation.ts';
import type { Progress } from '../record/progress.ts';
import type { ApprovalRequest, Level, RecordedAnswer } from '../types.ts';
import { questionOf, standbyIn, wereServed } from '../words/region-words.ts';
import { levelWords } from '../words/words.ts';

/** What the page shows of one request to one approver. Times are milliseconds since 1970. */
export type ApprovalView = {
  readonly application: string;
  /** Of the deployment, as the command line names it. */
  readonly stage: string;
  /** Where the runbook is read; null where the plan does not say. */
  readonly runbookUrl: string | null;
  readonly request: ApprovalRequest;
  /** The incident's record; null where there is none any more. */
  readonly incident: {
    readonly level: Level;
    readonly openedAt: number;
    readonly closedAt: number | null;
    /** When the record last said how bad it is. */
    readonly judgedAt: number;
    readonly evidence: readonly string[];
  } | null;
  /** The role that the link is for, and what it does. */
  readonly approver: string;
  readonly duty: string;
  /** Who has answered so far, and what that adds up to. */
  readonly tally: Tally;
  /** Whether this approver is asked, and does not only read along. */
  readonly asked: boolean;
  readonly state: 'open' | 'approved' | 'rejected' | 'expired' | 'void';
  /** Where the flow is, by its record; null while people are only asked, and where it cannot be read. */
  readonly progress: Progress | null;
  /** Of a request that has ended: why people cannot be asked again; null where they can. */
  readonly whyNotAgain: string | null;
  /** Same-site token of the forms, bound to the link. */
  readonly formToken: string;
  /** Why a form was not taken, of each field or (null) as a whole, and what was typed; null where it says no answer. */
  readonly problem: {
    readonly typed: Typed | null;
    readonly wrong: readonly (WrongField | { readonly field: null; readonly text: string })[];
  } | null;
  readonly now: number;
};

/** Whether what was approved is being done: also where nobody can say. */
export function runs({ progress }: ApprovalView): boolean {
  return (progress?.standing ?? 'runs') === 'runs';
}

/** What each answer does, as the buttons say it. */
export function answersOf(request: ApprovalRequest): { readonly approve: string; readonly reject: string } {
  const { approve, reject, costs } = questionOf(request);
  const isFirst = costs.length === 0;
  return { approve: isFirst && request.mode === 'failover' ? `give up ${request.target}` : approve, reject };
}

/** asked: may answer now. answered: waits for the others. told: is shown it, and is not asked. Else how it ended. */
export type Stage = 'asked' | 'answered' | 'told' | 'approved' | 'rejected' | 'expired' | 'void';

export function stageOf(view: ApprovalView): Stage {
  if (view.state !== 'open') return view.state;
  if (mineOf(view) !== null) return 'answered';
  return view.asked ? 'asked' : 'told';
}

/** This approver's own answer, in whichever of their roles they gave it; null where there is none. */
export function mineOf({ tally, approver }: ApprovalView): RecordedAnswer | null {
  return tally.answerOf(approver);
}

/** What could not be closed to writes, by the flow's record, and was not closed later. */
export function notFenced(progress: Progress | null): string[] {
  const steps = progress?.steps ?? [];
  const later = new Set(
    steps.flatMap(({ step, state }) => (step.state === 'FenceOnReturn' && state === 'done' ? [step.asset] : [])),
  );
  return steps.flatMap(({ step: { state: name, asset }, state }) =>
    name === 'Fence' && state === 'not-possible' && asset !== null && !later.has(asset) ? [asset] : [],
  );
}

/** Whether users were served when this was asked, or their trouble is over: an approval takes that away first. */
export function areServed({ incident, request }: ApprovalView): boolean {
  return wereServed(request) || (incident?.closedAt ?? null) !== null;
}

export function mayAskAgain({ request, state, asked, whyNotAgain }: ApprovalView): boolean {
  return request.drill !== true && state !== 'open' && asked && whyNotAgain === null;
}

export function standbyOf({ shown }: ApprovalRequest): string {
  return standbyIn(shown);
}

export function noun(answer: RecordedAnswer | null): string {
  return answer?.answer === 'reject' ? 'rejection' : 'approval';
}

export function levelOf(level: Level): string {
  return level === 'unknown' ? 'Level unknown' : `Level ${level}, ${levelWords(level)}`;
}
