// The first lines of the approval page: what is asked, or what has come of it, and what to do. Pure.
import { stepWords } from '../record/step.ts';
import { changedSoFar, drillSentence, questionOf, readAssessment } from '../words/region-words.ts';
import {
  type ApprovalView,
  areServed,
  mineOf,
  notFenced,
  noun,
  type Stage,
  stageOf,
  standbyOf,
} from './approval-view.ts';
import { type Html, html, nothing, runbookSection } from './html.ts';
import { when } from './page-times.ts';
import { prose } from './prose.ts';

type Headline = { badge: string; tone: string; title: string; lead: string };

/** Of a drill first that it is one, and what comes of an answer. */
export function headlineOf(view: ApprovalView): Headline {
  const real = realHeadlineOf(view);
  const sentence = drillSentence(view.request);
  if (sentence === null) return real;
  const { badge, title } = real;
  const marked = { ...real, badge: `DRILL: ${badge}`, title: `DRILL: ${title}` };
  // What moves users is told as it is.
  if (view.request.drill !== true)
    return {
      ...marked,
      badge: `DRILL, REAL MOVE: ${badge}`,
      tone: 'warn',
      lead: view.state === 'open' ? `${sentence} ${real.lead}` : real.lead,
    };
  const ended: Partial<Record<Stage, string>> = {
    approved: 'Enough people approved',
    rejected: 'It was rejected',
    expired: 'Too few people answered in time',
  };
  const lead = view.state === 'open' ? sentence : 'This was a drill. Nothing was changed, whatever was answered.';
  return { ...marked, title: `DRILL: ${ended[stageOf(view)] ?? title}`, lead };
}

function realHeadlineOf(view: ApprovalView): Headline {
  const { request } = view;
  const mine = mineOf(view);
  const { target, mode, required, roles } = request;
  const standby = standbyOf(request);
  const asked = questionOf(request);
  const goesOn = asked.costs.length > 0;
  const comes = {
    switchover: `${standby} takes over, and no data is lost`,
    failover: `${standby} takes over`,
    restore: `${target} goes on with restored data`,
  }[mode];
  const isUnsafe = view.state === 'open' && !goesOn && !readAssessment(request.shown).offered;
  const lead = `${isUnsafe ? `NO SAFE WAY is known: ${readAssessment(request.shown).why}. ` : ''}If ${required} of ${roles.length} approve, ${comes}. ${changedSoFar(request)}`;
  const waits =
    mode === 'failover' && request.drill !== true && view.incident !== null && !areServed(view)
      ? ` Users stay down until ${target} is back, or people are asked again and approve.`
      : '';
  const stays = !goesOn
    ? `Nothing was changed by this request.${view.state === 'void' ? '' : waits}`
    : view.progress?.standing === 'aborted'
      ? 'A person has aborted the flow since: nothing of it goes on.'
      : 'Nothing more was changed by this request: the flow is paused, and keeps its lock.';
  const first = {
    switchover: `Switch over from ${target} to ${standby}?`,
    failover: `Give up ${target}?`,
    restore: `Restore data in ${target}?`,
  }[mode];
  const question = goesOn ? `Go on to ${standby}, or stay in ${target}?` : first;
  const kept = goesOn
    ? `The flow did not go on to ${standby}`
    : mode === 'failover'
      ? `${target} is NOT given up`
      : `${target} kept ${mode === 'restore' ? 'the data that it has' : 'its role'}`;
  switch (stageOf(view)) {
    case 'asked':
      return { badge: 'Approval needed', tone: 'ask', title: question, lead };
    case 'told':
      return {
        badge: 'For information',
        tone: 'wait',
        title: `Others are asked: ${question.charAt(0).toLowerCase()}${question.slice(1)}`,
        lead: `Nothing is needed from you. ${lead}`,
      };
    case 'answered':
      return { badge: 'Waiting for others', tone: 'wait', title: `Your ${noun(mine)} is recorded`, lead };
    case 'approved':
      return approvedHeadline(view);
    case 'rejected':
      return { badge: 'Rejected', tone: 'bad', title: kept, lead: stays };
    case 'expired':
      return { badge: 'Expired', tone: 'warn', title: kept, lead: stays };
    case 'void':
      return {
        badge: 'No longer valid',
        tone: 'none',
        title: 'This request needs no answer',
        lead: `If your approval is still needed, you have a newer e-mail. ${stays}`,
      };
  }
}

/** By what the flow has come to: an approval alone brings nobody back. */
function approvedHeadline({ request, progress }: ApprovalView): Headline {
  const { target, mode } = request;
  const standby = standbyOf(request);
  const { standing = 'runs', steps = [], servedAt = null } = progress ?? {};
  const goal = {
    switchover: `${standby} takes over from ${target}`,
    failover: `${target} is being given up`,
    restore: `${target} goes on with restored data`,
  }[mode];
  const served = servedAt === null ? null : `Users are served in ${standby}`;
  const stuck = steps
    .filter(({ state }) => state === 'begun' || state === 'not-possible')
    .map(({ step }) => stepWords(step));
  const open = notFenced(progress);
  const lead = 'Enough people approved.';
  switch (standing) {
    case 'runs':
      if (served !== null)
        return { badge: 'Served', tone: 'good', title: served, lead: `${lead} The flow still runs.` };
      return {
        badge: 'Approved',
        tone: 'wait',
        title: goal,
        lead: `${lead} ${steps.length > 0 ? 'It is being done now.' : 'Before anything is changed, everything is looked at once more.'}`,
      };
    case 'paused':
      return {
        badge: 'Paused',
        tone: 'bad',
        title: served === null ? 'The flow is paused: a person is needed' : `${served}, and the flow is paused`,
        lead: `${lead} The flow has stopped on its way${stuck.length === 0 ? '' : `, at ${stuck.join(', ')}`}, and does nothing until a person acts. The e-mail with PAUSED in its subject says why, and what to type.`,
      };
    case 'aborted':
      return {
        badge: 'Aborted',
        tone: 'warn',
        title: served === null ? 'The flow was aborted' : `${served}, and the flow was aborted`,
        lead: `${lead} A person stopped the flow: nothing of it goes on.`,
      };
    case 'ended':
      if (served !== null && open.length > 0)
        return {
          badge: 'Done, NOT all fenced',
          tone: 'warn',
          title: served,
          lead: `${lead} The flow has ended. NOT fenced: ${open.join(', ')}. What is written there from now on is missing in ${standby}.`,
        };
      if (served !== null) return { badge: 'Done', tone: 'good', title: served, lead: `${lead} The flow has ended.` };
      return {
        badge: 'Ended',
        tone: 'warn',
        title: 'The flow has ended',
        lead: `${lead} No record says that it brought users back.`,
      };
  }
}

/** What is left to do and until when, or who ended it and why, for who reads no further. Since when there is trouble, the figures say. */
export function inShort(view: ApprovalView): Html {
  const { request, tally, state, now } = view;
  const { required, roles } = request;
  const count = html`<strong>${tally.approvals} of ${required}</strong> approvals`;
  const rejection = roles.map((role) => tally.answerOf(role)).find((answer) => answer?.answer === 'reject') ?? null;
  if (state === 'rejected' && rejection !== null)
    return html`${rejection.approver} rejected it at ${when(rejection.at, now)}${rejection.reason === '' ? ' and gave no reason.' : html`, and wrote: “${prose(rejection.reason)}”`}`;
  const approving = roles.filter((role) => tally.answerOf(role)?.answer === 'approve');
  if (state !== 'open') return html`${count}${approving.length === 0 ? '' : `, by ${approving.join(', ')}`}.`;
  const who = { asked: 'Answer', answered: 'The others can answer' }[stageOf(view) as string] ?? 'They can answer';
  return html`${who} by <strong>${when(request.expiresAt, now)}</strong>: ${count} so far.`;
}

/** Where a person has to act, the way to the runbook: nobody is to look for it further down. */
export function guide({ request, state, progress, runbookUrl }: ApprovalView): Html {
  const ended = state === 'rejected' || state === 'expired' ? 'not-approved' : null;
  const left = notFenced(progress).length > 0 ? 'fence-watch' : null;
  const stopped = { paused: 'pause', aborted: 'give-up', runs: null, ended: left }[progress?.standing ?? 'runs'];
  const section = state === 'approved' ? stopped : ended;
  if (section === null || request.drill === true) return nothing;
  return html`<p>What to do: ${runbookSection(section, runbookUrl)}</p>`;
}
