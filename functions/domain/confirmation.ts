// Checks what was typed to confirm an answer: pressing a button is not enough, whoever or whatever presses it. Pure.
import { secondPhrase } from './approval-page.ts';
import type { Answer, ApprovalRequest } from './types.ts';

/** What a form or the command line says, as it was typed. */
export type Typed = {
  readonly answer: 'approve' | 'reject' | 'ask-again';
  readonly region: string;
  readonly unfenced: string;
  readonly reason: string;
};

/** What was confirmed, and why it was not; null where it was. `unfenced` names what was agreed to. */
export type Confirmation = Pick<Answer, 'unfenced' | 'reason'> & { readonly problem: string | null };

/** Nothing but spaces around is forgiven: what has to be typed is shown beside it. */
export function confirm(request: ApprovalRequest, typed: Typed): Confirmation {
  const phrase = secondPhrase(request);
  const agreed = phrase !== null && typed.unfenced.trim() === phrase;
  const reason = typed.reason.trim();
  const unfenced = typed.answer === 'approve' && agreed ? request.unfenced : [];
  const problem =
    regionProblem(request, typed) ??
    (typed.answer === 'approve' ? approvalProblem(phrase, agreed) : null) ??
    (typed.answer === 'reject' ? rejectionProblem(reason) : null);
  // What is too long is cut where it is kept, and told where it is refused.
  return {
    unfenced,
    reason: reason.slice(0, longestReason),
    problem: problem ?? tooLong(reason),
  };
}

const longestReason = 500;

/** A rejection ends the failover of a region that may be dark: what fills in forms must not be able to send one either. */
function regionProblem({ target }: ApprovalRequest, { answer, region }: Typed): string | null {
  if (region.trim() === target) return null;
  return {
    approve: `To approve, type the name of the region that is given up: ${target}.`,
    reject: `To reject, type the name of the region that keeps its role: ${target}.`,
    'ask-again': `To ask again, type the name of the region that is lost: ${target}.`,
  }[answer];
}

function approvalProblem(phrase: string | null, agreed: boolean): string | null {
  return phrase === null || agreed ? null : `To approve, type what stays unfenced: ${phrase}.`;
}

function rejectionProblem(reason: string): string | null {
  return reason === '' ? 'To reject, say why: the others are told.' : null;
}

function tooLong(reason: string): string | null {
  return reason.length > longestReason ? `The reason is longer than ${longestReason} characters.` : null;
}
