// The approval page in its smallest form: the facts, the state and two forms, as HTML that needs no script. Pure.
import { assessmentSentences } from './region-words.ts';
import type { ApprovalRequest, Level, RecordedAnswer } from './types.ts';

/** What the page shows of one request to one approver. Times are milliseconds since 1970. */
export type ApprovalView = {
  readonly application: string;
  readonly request: ApprovalRequest;
  /** The incident's record; null where there is none any more. */
  readonly incident: { readonly level: Level; readonly openedAt: number; readonly evidence: readonly string[] } | null;
  /** Role of the one who looks. */
  readonly approver: string;
  readonly duty: string;
  /** Valid answers so far, oldest first. */
  readonly answers: readonly RecordedAnswer[];
  readonly state: 'open' | 'approved' | 'rejected' | 'expired' | 'void';
  /** This approver's own valid answer; null where there is none. */
  readonly mine: RecordedAnswer | null;
  /** Same-site token of the forms, bound to the link. */
  readonly formToken: string;
  /** Why a form was not taken, and what was typed. */
  readonly problem: { readonly answer: 'approve' | 'reject'; readonly text: string } | null;
  readonly now: number;
};

export const pageStyle = ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:40rem;margin:auto}';

/** A whole HTML document. */
export function approvalPage(view: ApprovalView): string {
  const { request, approver, duty, answers, state, mine, formToken, problem, incident, now } = view;
  const evidence = incident === null ? [] : [`Level ${incident.level}, since ${iso(incident.openedAt)}.`];
  const facts = [...evidence, ...(incident?.evidence ?? []), ...assessmentSentences(request.shown)];
  const phrase = secondPhrase(request);
  const second = phrase === null ? '' : `<label>Type: ${escaped(phrase)} <input name="unfenced"></label>`;
  const forms = `<form method="post" action=""><input type="hidden" name="answer" value="approve">
<input type="hidden" name="token" value="${escaped(formToken)}">
<label>Type the region's name: ${escaped(request.target)} <input name="region"></label>${second}
<button type="submit">Approve</button></form>
<form method="post" action=""><input type="hidden" name="answer" value="reject">
<input type="hidden" name="token" value="${escaped(formToken)}">
<label>Why? <input name="reason" maxlength="500"></label><button type="submit">Reject</button></form>`;
  return document(`${view.application}: ${request.mode} of ${request.target}`, [
    `<p>${escaped(approver)}: ${escaped(duty)}</p>`,
    ...facts.map((fact) => `<p>${escaped(fact)}</p>`),
    `<p>${escaped(state)}: ${answers.length} of ${request.required} answered, ${iso(now)}.</p>`,
    mine === null ? '' : `<p>Recorded: you ${mine.answer}.</p>`,
    problem === null ? '' : `<p role="alert">${escaped(problem.text)}</p>`,
    state === 'open' && mine === null ? forms : '',
  ]);
}

/** One generic answer: unknown, expired, forged. */
export function unknownLinkPage(): string {
  return document('This link does not open anything', ['<p>It is not known, or not valid any more.</p>']);
}

export function tooManyRequestsPage(): string {
  return document('Too many requests', ['<p>Wait a few minutes, or answer with the command line.</p>']);
}

/** What must be typed where something stays unfenced, such as "us-east-1 stays unfenced"; null where nothing does. */
export function secondPhrase({ unfenced }: ApprovalRequest): string | null {
  if (unfenced.length === 0) return null;
  return `${unfenced.join(', ')} ${unfenced.length === 1 ? 'stays' : 'stay'} unfenced`;
}

function document(title: string, parts: readonly string[]): string {
  const head = `<meta charset="utf-8"><title>${escaped(title)}</title><style>${pageStyle}</style>`;
  const body = parts.filter((part) => part !== '').join('\n');
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body><h1>${escaped(title)}</h1>\n${body}</body></html>`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
