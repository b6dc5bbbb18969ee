// Checks what was typed to confirm an answer: pressing a button is not enough, whoever or whatever presses it. Pure.
import { secondPhrase } from '../page/approval-forms.ts';
import type { Answer, ApprovalRequest } from '../types.ts';

/** What a form or the command line says, as it was typed. */
export type Typed = {
  readonly answer: 'approve' | 'reject' | 'ask-again';
  readonly region: string;
  readonly unfenced: string;
  readonly reason: string;
};

/** What is wrong with a field, as a sentence. */
export type WrongField = { readonly field: 'region' | 'unfenced' | 'reason'; readonly text: string };

/** What was confirmed, and why it was not; empty where it was. `unfenced` names what was agreed to. */
export type Confirmation = Pick<Answer, 'unfenced' | 'reason'> & { readonly problems: readonly WrongField[] };

/** Nothing but spaces around and the case of letters is forgiven: what has to be typed is shown beside it. */
export function confirm(request: ApprovalRequest, typed: Typed): Confirmation {
  const phrase = secondPhrase(request);
  const agreed = phrase !== null && isSaid(typed.unfenced, phrase);
  const reason = typed.reason.trim();
  const unfenced = typed.answer === 'approve' && agreed ? request.unfenced : [];
  const problems: (WrongField | null)[] = [
    regionProblem(request, typed),
    typed.answer === 'approve' ? approvalProblem(phrase, agreed) : null,
    typed.answer === 'reject' ? rejectionProblem(reason) : null,
    tooLong(reason),
  ];
  // What is too long is cut where it is kept, and told where it is refused.
  return {
    unfenced,
    reason: reason.slice(0, longestReason),
    problems: problems.filter((problem) => problem !== null),
  };
}

/** A keyboard that begins with a capital letter has not said another thing. */
function isSaid(typed: string, expected: string): boolean {
  return typed.trim().toLowerCase() === expected.toLowerCase();
}

const longestReason = 500;

/** A rejection ends the failover of a region that may be dark: what fills in forms must not be able to send one either. */
function regionProblem({ target }: ApprovalRequest, { answer, region }: Typed): WrongField | null {
  if (isSaid(region, target)) return null;
  const text = {
    approve: `To approve, type the name of the region that is given up: ${target}.`,
    reject: `To reject, type the name of the region that keeps its role: ${target}.`,
    'ask-again': `To ask again, type the name of the region that may be given up: ${target}.`,
  }[answer];
  return { field: 'region', text };
}

function approvalProblem(phrase: string | null, agreed: boolean): WrongField | null {
  if (phrase === null || agreed) return null;
  return { field: 'unfenced', text: `To approve, type what stays unfenced: ${phrase}.` };
}

function rejectionProblem(reason: string): WrongField | null {
  return reason === '' ? { field: 'reason', text: 'To reject, say why: the others are told.' } : null;
}

function tooLong(reason: string): WrongField | null {
  if (reason.length <= longestReason) return null;
  return { field: 'reason', text: `The reason is longer than ${longestReason} characters.` };
}
