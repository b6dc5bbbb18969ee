// An approver's own page: shows the request of a link, and takes the answer that was typed into it.
import { isAsked, tallyOf } from '../domain/approval.ts';
import { type ApprovalView, approvalPage, tooManyRequestsPage, unknownLinkPage } from '../domain/approval-page.ts';
import { confirm, type Typed } from '../domain/confirmation.ts';
import { limits } from '../domain/hits.ts';
import { incidentSentences } from '../domain/region-words.ts';
import type { ApprovalRequest } from '../domain/types.ts';
import { askOnceMore, whyNotNow } from './again.ts';
import { answerRequest } from './approve.ts';
import { hasEnded } from './asker.ts';
import { type Asked, type DoorAnswer, html, plain, seeOther } from './door-answer.ts';
import { formTokenOf, isFormTokenOf, type OpenedLink, openLink } from './links.ts';
import { isWithin } from './pace.ts';
import type { Shell } from './shell.ts';

/** Looking changes nothing, whatever the query says: it is not even read. @throws Unavailable, CannotProceed. */
export async function servePage(text: string, asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const { store, log } = shell;
  const opened = await openLink(text, shell);
  const request = opened === null ? null : await store.readRequest(opened.link.request);
  if (opened === null || request === null) {
    log.warn('a link opens nothing', { from: asked.address });
    return html(404, unknownLinkPage());
  }
  const isPost = asked.method === 'POST';
  const limit = isPost ? limits.answer : limits.look;
  if (!(await isWithin(limit, `${isPost ? 'answer' : 'look'} ${opened.link.id}`, shell)))
    return html(429, tooManyRequestsPage(), { 'retry-after': String(limit.seconds) });
  if (isPost) return takeForm(text, opened, request, asked, shell);
  return html(200, approvalPage(await viewOf(opened, request, null, shell)));
}

async function takeForm(
  text: string,
  opened: OpenedLink,
  request: ApprovalRequest,
  asked: Asked,
  shell: Shell,
): Promise<DoorAnswer> {
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(asked.headers['content-type'] ?? ''))
    return plain(415, 'Only the forms of the page are taken.');
  const fields = new URLSearchParams(Buffer.from(asked.body).toString('utf8'));
  const typed = typedIn(fields);
  const problem = (status: number, why: string) => again(status, why, typed?.answer, opened, request, shell);
  if (typed === null) return problem(400, 'The form says neither approve, reject nor ask again. Nothing was recorded.');
  // Not this page's own form: it proves nothing about who answers, and is no answer.
  if (!isOwnForm(asked, shell) || !isFormTokenOf(opened, fields.get('token') ?? '')) {
    shell.log.warn('a form of another page', { request: request.id, from: asked.address });
    return problem(403, 'This was sent from another page, or from an old one. Nothing was recorded: type it again.');
  }
  const { problem: refused, ...confirmed } = confirm(request, typed);
  const { answer } = typed;
  if (answer === 'ask-again') return takeWish(text, refused, opened, request, shell);
  const given = {
    ...confirmed,
    answer,
    request: request.id,
    approver: opened.link.approver,
    at: shell.now(),
    from: asked.address,
    who: opened.link.id,
    how: 'page' as const,
  };
  const { valid, why } = await answerRequest(given, shell, refused === null ? null : 'it was not confirmed by typing');
  if (refused !== null) return problem(422, refused);
  return valid ? seeOther(`/r/${text}`) : problem(409, `This does not count: ${why}.`);
}

/** Asks people again. Only who was asked before may want it: the page of others has no such form. */
async function takeWish(
  text: string,
  refused: string | null,
  opened: OpenedLink,
  request: ApprovalRequest,
  shell: Shell,
): Promise<DoorAnswer> {
  const { approver } = opened.link;
  const problem = (status: number, why: string) => again(status, why, 'ask-again', opened, request, shell);
  if (refused !== null) return problem(422, refused);
  if (!isAsked(approver, request, shell.plan)) return problem(409, `${approver} is told, and not asked.`);
  const why = await askOnceMore(request, approver, shell);
  return why === null ? seeOther(`/r/${text}`) : problem(409, why);
}

/** The page again, with what was wrong. */
async function again(
  status: number,
  why: string,
  answer: Typed['answer'] = 'approve',
  opened: OpenedLink,
  request: ApprovalRequest,
  shell: Shell,
): Promise<DoorAnswer> {
  return html(status, approvalPage(await viewOf(opened, request, { answer, text: why }, shell)));
}

async function viewOf(
  opened: OpenedLink,
  request: ApprovalRequest,
  problem: ApprovalView['problem'],
  shell: Shell,
): Promise<ApprovalView> {
  const { store, plan, now } = shell;
  const { approver } = opened.link;
  const [given, settled, incident] = await Promise.all([
    store.readAnswers(request.id),
    store.readOutcome(request.id),
    store.readIncident(request.incident),
  ]);
  const unsettled = async () => {
    if (now() >= request.expiresAt) return 'expired';
    return (await hasEnded(request, shell)) ? 'void' : 'open';
  };
  return {
    application: plan.application,
    request,
    incident:
      incident === null
        ? null
        : { level: incident.level, openedAt: incident.openedAt, evidence: incidentSentences(incident) },
    approver,
    duty: plan.contacts[approver]?.duty ?? '',
    tally: tallyOf(request, given, plan),
    asked: isAsked(approver, request, plan),
    state: settled?.outcome ?? (await unsettled()),
    whyNotAgain: await whyNotNow(request, shell),
    formToken: formTokenOf(opened),
    problem,
    now: now(),
  };
}

/** What a form says; null where it does not say which answer, or says something twice. */
function typedIn(fields: URLSearchParams): Typed | null {
  const names = [...fields.keys()];
  const answer = fields.get('answer');
  if ((answer !== 'approve' && answer !== 'reject' && answer !== 'ask-again') || new Set(names).size !== names.length)
    return null;
  const textOf = (name: string) => fields.get(name) ?? '';
  return { answer, region: textOf('region'), unfenced: textOf('unfenced'), reason: textOf('reason') };
}

/**
 * Whether a browser says that a form was sent from this page. Browsers that say nothing are left to the form's token;
 * they say `null` of an origin that the page's referrer policy hides.
 */
function isOwnForm({ headers }: Asked, { pageUrl }: Shell): boolean {
  const { 'sec-fetch-site': site, origin } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined || origin === 'null') return true;
  return pageUrl !== null && origin === new URL(pageUrl).origin;
}
