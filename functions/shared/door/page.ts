// An approver's own page: shows the request of a link, and takes the answer that was typed into it.
import { isAsked, tallyOf } from '../../domain/approval/approval.ts';
import { confirm, type Typed } from '../../domain/approval/confirmation.ts';
import { hasStopped } from '../../domain/approval/freshness.ts';
import { limits } from '../../domain/approval/hits.ts';
import { stageOf } from '../../domain/flows.ts';
import { isLive, liveSeconds } from '../../domain/page/approval-facts.ts';
import { approvalPage, tooManyRequestsPage, unknownLinkPage } from '../../domain/page/approval-page.ts';
import type { ApprovalView } from '../../domain/page/approval-view.ts';
import { type Progress, progressOf } from '../../domain/record/progress.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { incidentSentences } from '../../domain/words/region-words.ts';
import { askOnceMore, whyNotNow } from '../approval/again.ts';
import { answerRequest } from '../approval/approve.ts';
import { hasEnded } from '../approval/asker.ts';
import { formTokenOf, isFormTokenOf, type OpenedLink, openLink } from '../approval/links.ts';
import { callsOf } from '../recovery/act.ts';
import { agesIn, stoppedIn } from '../recovery/fresh.ts';
import { readAbort } from '../recovery/waivers.ts';
import type { Shell } from '../shell.ts';
import { type Asked, type DoorAnswer, html, plain, retryAfter, seeOther } from './answer.ts';
import { isWithin, mayGuess } from './pace.ts';

/** Looking changes nothing, whatever the query says: it is not even read. @throws Unavailable, CannotProceed. */
export async function servePage(text: string, asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const { store, log } = shell;
  const opened = await openLink(text, shell);
  const request = opened === null ? null : await store.readRequest(opened.link.request);
  if (opened === null || request === null) {
    log.warn('a link opens nothing', { from: asked.address });
    if (await mayGuess(asked, shell)) return html(404, unknownLinkPage(stageOf(shell.prefix)));
    return html(429, tooManyRequestsPage(stageOf(shell.prefix)), retryAfter(limits.address));
  }
  if (asked.method === 'POST') return takeForm(text, opened, request, asked, shell);
  const view = await viewOf(opened, request, null, shell);
  return html(200, approvalPage(view), isLive(view) ? { refresh: String(liveSeconds) } : {});
}

async function takeForm(
  text: string,
  opened: OpenedLink,
  request: ApprovalRequest,
  asked: Asked,
  shell: Shell,
): Promise<DoorAnswer> {
  const mayFail = () => isWithin(limits.answer, `answer ${opened.link.id}`, shell);
  const tooMany = () => html(429, tooManyRequestsPage(stageOf(shell.prefix)), retryAfter(limits.answer));
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(asked.headers['content-type'] ?? ''))
    return (await mayFail()) ? plain(415, 'Only the forms of the page are taken.') : tooMany();
  const fields = new URLSearchParams(Buffer.from(asked.body).toString('utf8'));
  const typed = typedIn(fields);
  const show = (status: number, why: Why) => again(status, why, typed, opened, request, shell);
  const problem = async (status: number, why: string) =>
    (await mayFail()) ? show(status, [{ field: null, text: why }]) : tooMany();
  if (typed === null) return problem(400, 'The form says neither approve, reject nor ask again. Nothing was recorded.');
  // Not this page's own form: it proves nothing about who answers, and is no answer.
  if (!isOwnForm(asked, shell) || !isFormTokenOf(opened, fields.get('token') ?? '')) {
    shell.log.warn('a form of another page', { request: request.id, from: asked.address });
    return problem(403, 'This was sent from another page, or from an old one. Nothing was recorded: type it again.');
  }
  const { problems, ...confirmed } = confirm(request, typed);
  const refused = problems.length > 0;
  const { answer } = typed;
  // Counted before it is kept: what fills in forms cannot fill the record.
  if (refused && !(await mayFail())) return tooMany();
  if (answer === 'ask-again') {
    if (refused) return show(422, problems);
    const why = await askOnceMore(request, opened.link.approver, shell);
    return why === null ? seeOther(`/r/${text}`) : show(409, [{ field: null, text: why }]);
  }
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
  const { valid, why } = await answerRequest(given, shell, refused ? 'it was not confirmed by typing' : null);
  if (refused) return show(422, problems);
  return valid ? seeOther(`/r/${text}`) : problem(409, `This does not count: ${why}.`);
}

type Why = NonNullable<ApprovalView['problem']>['wrong'];

/** The page again, with what was wrong and what was typed. */
async function again(
  status: number,
  wrong: Why,
  typed: Typed | null,
  opened: OpenedLink,
  request: ApprovalRequest,
  shell: Shell,
): Promise<DoorAnswer> {
  const problem = { wrong, typed };
  return html(status, approvalPage(await viewOf(opened, request, problem, shell)));
}

async function viewOf(
  opened: OpenedLink,
  request: ApprovalRequest,
  problem: ApprovalView['problem'],
  shell: Shell,
): Promise<ApprovalView> {
  const { store, plan, now } = shell;
  const { approver } = opened.link;
  const [given, settled, incident, progress] = await Promise.all([
    store.readAnswers(request.id),
    store.readOutcome(request.id),
    store.readIncident(request.incident),
    readProgress(request, shell),
  ]);
  const unsettled = async () => {
    if (now() >= request.expiresAt) return 'expired';
    return (await hasEnded(request, shell)) ? 'void' : 'open';
  };
  return {
    application: plan.application,
    stage: stageOf(shell.prefix),
    runbookUrl: plan.notifications.runbookUrl ?? null,
    request,
    incident:
      incident === null
        ? null
        : {
            level: incident.level,
            openedAt: incident.openedAt,
            closedAt: incident.closedAt,
            judgedAt: incident.decisions.at(-1)?.at ?? incident.openedAt,
            evidence: incidentSentences(incident),
          },
    approver,
    duty: plan.contacts[approver]?.duty ?? '',
    tally: tallyOf(request, given, plan),
    asked: isAsked(approver, request, plan),
    state: settled?.outcome ?? (await unsettled()),
    // While people are first asked, nothing was begun.
    progress: settled?.outcome === 'approved' || progress?.begun === true ? progress : null,
    whyNotAgain: await whyNotNow(request, shell),
    formToken: formTokenOf(opened),
    problem,
    now: now(),
  };
}

/** Where the flow of a request is. What cannot be read keeps nobody from the page. */
async function readProgress(
  request: ApprovalRequest,
  shell: Shell,
): Promise<(Progress & { readonly begun: boolean }) | null> {
  const { incident, execution } = request;
  try {
    const [calls, steps, ended, aborted] = await Promise.all([
      callsOf({ id: incident, execution }, shell),
      shell.store.readSteps(incident),
      hasEnded(request, shell),
      readAbort(execution, shell),
    ]);
    const own = steps.filter((step) => step.execution === execution);
    const stopped = hasStopped(agesIn(own)) ? 'paused' : 'ended';
    const standing = aborted !== null ? 'aborted' : ended ? stopped : 'runs';
    return { begun: calls.length > 0, ...progressOf(calls, own, standing, stoppedIn(own).failed) };
  } catch (error) {
    shell.log.error('progress not read', { incident, execution, error: String(error) });
    return null;
  }
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
