// The page on which one approver answers one request: what is known, what it costs, who has answered, and two forms. Pure.
// It works without scripts, and every text that comes from elsewhere is escaped.
import type { Tally } from '../approval/approval.ts';
import type { Typed, WrongField } from '../approval/confirmation.ts';
import { fromWords } from '../record/fault-clock.ts';
import type { Progress, ProgressStep } from '../record/progress.ts';
import { stepWords } from '../record/step.ts';
import { isInTrouble, type TakingOver, takingOverSentences } from '../recovery/taking-over.ts';
import type { ApprovalRequest, Level, RecordedAnswer } from '../types.ts';
import { formatSeconds } from '../words/durations.ts';
import {
  ceiling,
  changedSoFar,
  divergence,
  downSince,
  drillSentence,
  lossSentences,
  nextWays,
  notApprovedSentence,
  onNoAnswer,
  questionOf,
  readAssessment,
  standbyIn,
  usersBackAt,
  wayWords,
  wereServed,
  withoutApproval,
} from '../words/region-words.ts';
import { byWords, capital, levelWords } from '../words/words.ts';
import { style } from './approval-style.ts';
import { command, type Html, html, nothing, runbookSection, styleElement, written } from './html.ts';
import { outagePicture } from './outage.ts';
import { clock, day, minutes, time, when } from './page-times.ts';
import { prose, sentence } from './prose.ts';

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

/** The style sheet in the page's one style element, byte by byte: a policy names its hash. */
export const pageStyle: string = style;

/** What a person types instead of opening a page: to approve, and to reject. Complete but for the reason, which is theirs. */
export function answerCommands(request: ApprovalRequest, stage: string): readonly [approve: string, reject: string] {
  const [approve, reject] = commandParts(request, stage);
  return [approve.join(' '), reject.join(' ')];
}

type Parts = readonly string[];

function commandParts(request: ApprovalRequest, stage: string): readonly [approve: Parts, reject: Parts] {
  const phrase = secondPhrase(request);
  const verb = (name: string) => [
    ...[`npm run ${name}`, '--', request.id],
    ...[`--region ${request.target}`, `--stage ${stage}`],
  ];
  return [
    [...verb('approve'), ...(phrase === null ? [] : ['--unfenced', `"${phrase}"`])],
    [...verb('reject'), '--reason "why"'],
  ];
}

/** What must be typed where something stays unfenced, such as "us-east-1 stays unfenced"; null where nothing does. */
export function secondPhrase({ unfenced }: ApprovalRequest): string | null {
  if (unfenced.length === 0) return null;
  return `${unfenced.join(', ')} ${unfenced.length === 1 ? 'stays' : 'stay'} unfenced`;
}

/** A whole HTML document. Total: whatever stands in the request, there is a page. */
export function approvalPage(given: ApprovalView): string {
  // Nobody is asked once the time is over, whether or not the sweep has settled it yet.
  const over = given.state === 'open' && given.now >= given.request.expiresAt;
  const view: ApprovalView = over ? { ...given, state: 'expired' } : given;
  const { application, request, problem, now } = view;
  const headline = headlineOf(view);
  const mine = mineOf(view);
  const answering = stageOf(view) === 'asked';
  return page(
    `${problem !== null ? 'Not recorded: ' : ''}${headline.title} - ${application}`,
    html`<p><strong>Breakwater</strong> <span class="soft">for ${application}</span></p>
<p class="small soft">As of ${time(now, clock(now, now))} <a class="reload" href="">Reload</a></p>`,
    html`<div class="top">
${problem === null ? nothing : problemSummary(problem, view)}
<div class="head">
<p class="badge ${headline.tone}">${headline.badge}</p>
<h1>${prose(headline.title)}</h1>
<p>${prose(headline.lead)}</p>
<p class="soft">${inShort(view)}</p>
${guide(view)}
</div>
${askedAgain(view)}
${numbers(view)}
${answering ? bothAnswers(view) : nothing}
${mayAskAgain(view) ? html`<a class="jump" href="#asking-again">Ask again</a>` : nothing}
${bothCosts(view)}
${request.drill === true ? nothing : whereItIs(view)}
${mine === null ? nothing : ownRecord(mine, view)}
</div>
<div class="facts">
${whatHappened(view)}
${whatIsDone(view)}
${request.drill === true ? nothing : waysOut(view)}
</div>
<div class="side">
${answering ? forms(view) : nothing}
${request.drill === true ? nothing : askingAgain(view)}
${whoAnswered(view)}
${whatFollows(view)}
${commandLine(view)}
</div>`,
    html`<p>${request.drill === true ? 'Drill' : 'Incident'} ${request.incident}. Request ${request.id}, asked for by ${byWords(request.requestedBy)} at ${when(request.askedAt, now)}.</p>
<p>About requests: ${runbookSection('request-approval', view.runbookUrl)}. Times are UTC; today is ${time(now, day(now).split(',')[0] ?? '')}.</p>`,
  );
}

/** Whether something is done that the page shows: then it is loaded again by itself. A form would lose what is being typed. */
export function isLive(view: ApprovalView): boolean {
  if (stageOf(view) === 'answered') return true;
  return view.state === 'approved' && view.progress?.standing === 'runs' && !mayAskAgain(view);
}

/** Whether what was approved is being done: also where nobody can say. */
function runs({ progress }: ApprovalView): boolean {
  return (progress?.standing ?? 'runs') === 'runs';
}

/** Both answers at one glance, without a scroll; each leads to its form. The one that cannot be taken back has a colour of its own. */
function bothAnswers({ request }: ApprovalView): Html {
  const { approve, reject } = answersOf(request);
  return html`<nav class="answers" aria-label="Your answer">
<a class="jump yes" href="#region">Approve: ${prose(approve)} <span aria-hidden="true">↓</span></a>
<a class="jump" href="#reject-region">Reject: ${prose(reject)} <span aria-hidden="true">↓</span></a>
</nav>`;
}

/** What each answer does, as the buttons say it. */
function answersOf(request: ApprovalRequest): { readonly approve: string; readonly reject: string } {
  const { approve, reject, costs } = questionOf(request);
  const isFirst = costs.length === 0;
  return { approve: isFirst && request.mode === 'failover' ? `give up ${request.target}` : approve, reject };
}

/** One answer for every link that opens nothing: it does not say whether there ever was such a request. */
export function unknownLinkPage(stage: string): string {
  return notice(
    'This link opens nothing',
    html`<p>It may be incomplete, too old, or not meant for this page. Nothing was recorded and nothing was changed.</p>
<p>Open the newest e-mail that Breakwater sent you and follow the link in it, or list what is open from the command line:</p>
<pre>${statusCommand(stage)}</pre>`,
  );
}

function statusCommand(stage: string): Html {
  return command(['npm run status', '--', `--stage ${stage}`]);
}

export function tooManyRequestsPage(stage: string): string {
  return notice(
    'This page was opened too often',
    html`<p>Wait a minute, then open the link again. If you sent an answer just now, it was not recorded: send it again.</p>
<p>If it cannot wait, type the lines that stand in your e-mail. They look like these; what is in brackets is there if the e-mail says NOT FENCED:</p>
<pre>${command(['npm run approve', '--', 'ID', '--region NAME', `--stage ${stage}`, '[--unfenced', '"REGION stays unfenced"]'])}</pre>
<pre>${command(['npm run reject', '--', 'ID', '--region NAME', `--stage ${stage}`, '--reason "why"'])}</pre>`,
  );
}

/** asked: may answer now. answered: waits for the others. told: is shown it, and is not asked. Else how it ended. */
type Stage = 'asked' | 'answered' | 'told' | 'approved' | 'rejected' | 'expired' | 'void';

function stageOf(view: ApprovalView): Stage {
  if (view.state !== 'open') return view.state;
  if (mineOf(view) !== null) return 'answered';
  return view.asked ? 'asked' : 'told';
}

/** This approver's own answer, in whichever of their roles they gave it; null where there is none. */
function mineOf({ tally, approver }: ApprovalView): RecordedAnswer | null {
  return tally.answerOf(approver);
}

type Headline = { badge: string; tone: string; title: string; lead: string };

/** Of a drill first that it is one, and what comes of an answer. */
function headlineOf(view: ApprovalView): Headline {
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

/** What could not be closed to writes, by the flow's record, and was not closed later. */
function notFenced(progress: Progress | null): string[] {
  const steps = progress?.steps ?? [];
  const later = new Set(
    steps.flatMap(({ step, state }) => (step.state === 'FenceOnReturn' && state === 'done' ? [step.asset] : [])),
  );
  return steps.flatMap(({ step: { state: name, asset }, state }) =>
    name === 'Fence' && state === 'not-possible' && asset !== null && !later.has(asset) ? [asset] : [],
  );
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
function inShort(view: ApprovalView): Html {
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
function guide({ request, state, progress, runbookUrl }: ApprovalView): Html {
  const ended = state === 'rejected' || state === 'expired' ? 'not-approved' : null;
  const left = notFenced(progress).length > 0 ? 'fence-watch' : null;
  const stopped = { paused: 'pause', aborted: 'give-up', runs: null, ended: left }[progress?.standing ?? 'runs'];
  const section = state === 'approved' ? stopped : ended;
  if (section === null || request.drill === true) return nothing;
  return html`<p>What to do: ${runbookSection(section, runbookUrl)}</p>`;
}

function askedAgain({ request: { shown } }: ApprovalView): Html {
  const { changed } = shown;
  if (typeof changed !== 'string' || changed === '') return nothing;
  return html`<div class="note warn"><p><strong>You are asked again.</strong> What was approved is no longer so: ${prose(changed)}.</p></div>`;
}

/** What each answer costs, where both do. */
function bothCosts({ request, runbookUrl }: ApprovalView): Html {
  const { costs } = questionOf(request);
  if (costs.length === 0) return nothing;
  return html`<div class="note warn">${costs.map((cost) => withLink(cost, runbookUrl))}</div>`;
}

/** A text, and below it the section of the runbook that it names as a link, with room for a finger. */
function withLink(text: string, runbookUrl: string | null): Html {
  const [before = '', section, after = ''] = text.split(/ \(docs\/runbook\.md#([a-z-]+)\)/);
  const link = section === undefined ? nothing : html`<p>How: ${runbookSection(section, runbookUrl)}</p>`;
  return html`<p>${prose(`${before}${after}`)}</p>${link}`;
}

function ownRecord(mine: RecordedAnswer, { state, now }: ApprovalView): Html {
  const rows: readonly (readonly [string, string | Html])[] = [
    ['You', mine.answer === 'approve' ? 'approved' : 'rejected'],
    ['As', mine.approver],
    ['At', when(mine.at, now)],
    ['From', mine.from],
    ...(mine.unfenced.length > 0 ? [['Accepted as not fenced', mine.unfenced.join(', ')] as const] : []),
    ...(mine.reason === '' ? [] : [['Reason', mine.reason] as const]),
  ];
  return html`<section class="card">
<h2>${state === 'open' ? 'What is recorded' : `Your ${noun(mine)}`}</h2>
<dl class="record">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="small soft">An answer counts once and stays in the incident's record.</p>
</section>`;
}

/**
 * What decides, in four numbers. What is not known is as loud as what is bad. A request that has ended shows no prediction: it was one of
 * another hour.
 */
function numbers(view: ApprovalView): Html {
  const { request, state, incident } = view;
  if (request.drill === true) return state === 'open' ? drillNumbers : nothing;
  if (state !== 'open') {
    const isOutage = incident !== null && request.mode !== 'switchover';
    if (!isOutage) return nothing;
    const back = backAfterApproval(view);
    return back === nothing
      ? html`<dl class="numbers one">${usersDown(view)}</dl>`
      : html`<dl class="numbers two">${usersDown(view)}${back}</dl>`;
  }
  const { unfenced, mode } = request;
  const { name: lossName, seconds: loss, isGoingOn } = lossOf(request);
  const note = isGoingOn
    ? `what ${request.target} took since; how many writes that are is not known`
    : lossNote(request);
  return html`<dl class="numbers">
${usersDown(view)}
${usersBack(view)}
${loss === null ? number(lossName, 'Not known', note, 'bad') : number(lossName, lossWords(loss, mode), note, '')}
${
  unfenced.length === 0
    ? number('Not fenced', 'Nothing', 'all that takes writes can be closed (fenced)', '')
    : number('Not fenced', unfenced.join(', '), `may take writes that ${standbyOf(request)} lacks`, 'warn')
}
</dl>`;
}

/** A drill looks at nothing: people see where the figures stand on the day, and that there are none now. */
const drillNumbers = html`<dl class="numbers">
${number('Users now', 'Not touched', 'in a real incident: for how long they are down', '')}
${number('Users are back', 'Not predicted', 'in a real incident: when, if approved now', '')}
${number('Data loss', 'None', 'in a real incident: how much is lost', '')}
${number('Not fenced', 'Nothing', 'in a real incident: what cannot be closed to writes', '')}
</dl>`;

/**
 * From when they were last seen to be served, or the first evidence, until they are served again, the trouble is over, or now. What a person
 * started is no outage by itself.
 */
function usersDown({ incident, request, progress, state, now }: ApprovalView): Html {
  if (request.mode === 'switchover') return number('Users now', 'Served', 'as far as is known', '');
  if (incident === null) return number('Users down for', 'Not known', 'nothing here says that they fail', '');
  const from = downSince(request, incident.openedAt);
  const until = progress?.servedAt ?? incident.closedAt;
  const seconds = Math.max(0, (until ?? now) - from.at) / 1000;
  const lasted = Number.isNaN(seconds) ? 'Not known' : minutes(seconds);
  const users = incident.level === 3;
  const since = `${clock(from.at, now)}, ${fromWords(from)}`;
  if (until === null && wereServed(request))
    return number(
      'Users when asked',
      'Served',
      `seen at ${clock(request.askedAt, now)}; they failed from ${clock(from.at, now)} on`,
      'warn',
    );
  // Nobody is asked any more: how it goes on, this request does not follow.
  const open = state === 'open' ? '' : '; nobody has seen them served since';
  if (until === null) return number(users ? 'Users down for' : 'Trouble for', lasted, `since ${since}${open}`, 'bad');
  const over = `until ${clock(until, now)}; from ${since}`;
  return number(users ? 'Users were down for' : 'Trouble lasted', lasted, over, '');
}

/** What the time is called from which on users are served: of those who are served now, an approval first takes that away. */
function backName(view: ApprovalView): string {
  if (view.request.mode === 'switchover') return 'Users are moved by';
  return areServed(view) ? 'If approved, users fail until' : 'Users are back';
}

/** Whether users were served when this was asked, or their trouble is over: an approval takes that away first. */
function areServed({ incident, request }: ApprovalView): boolean {
  return wereServed(request) || (incident?.closedAt ?? null) !== null;
}

/** By the clock: one rule for each way and each place of the page. `seconds`: what was predicted of the way; the chosen one where left out. */
function backAt({ incident, request, now }: ApprovalView, seconds?: number | null): number | null {
  return usersBackAt(request, incident?.openedAt ?? request.askedAt, now, seconds);
}

function usersBack(view: ApprovalView): Html {
  const { request, now } = view;
  const name = backName(view);
  const at = backAt(view);
  if (at === null) {
    return number(name, 'Not known', noPrediction(request), 'bad');
  }
  const left = (at - now) / 1000;
  const lasts = left < 60 ? 'a minute' : minutes(left);
  if (request.mode === 'switchover')
    return number(name, clock(at, now), `if approved now; they fail for up to ${lasts}`, 'warn');
  return areServed(view)
    ? number(name, clock(at, now), `for ${lasts}, although they are served now`, 'warn')
    : number(name, clock(at, now), `in ${lasts}, if approved now`, '');
}

/** Why nobody knows when users are back. */
function noPrediction({ shown }: ApprovalRequest): string {
  const isKnown = (readAssessment(shown).predicted?.recoverySeconds ?? null) !== null;
  return isKnown ? 'what was predicted has run out' : 'no prediction could be made';
}

/** While what was approved is done: what was predicted at the moment of the last approval. A request that has ended shows none. */
function backAfterApproval(view: ApprovalView): Html {
  const { request, incident, tally, state, progress, now } = view;
  // What cannot be read may be paused.
  if (state !== 'approved' || progress === null || !runs(view) || progress.servedAt !== null || areServed(view))
    return nothing;
  const approvals = request.roles.flatMap((role) => {
    const answer = tally.answerOf(role);
    return answer?.answer === 'approve' ? answer.at : [];
  });
  const at = usersBackAt(request, incident?.openedAt ?? request.askedAt, Math.max(request.askedAt, ...approvals));
  const name = 'Users are back';
  if (at === null) return number(name, 'Not known', noPrediction(request), 'bad');
  return at > now
    ? number(
        name,
        clock(at, now),
        `in ${minutes(Math.max(60_000, at - now) / 1000)}, as predicted when people approved`,
        '',
      )
    : number(name, 'Not known', `predicted was ${clock(at, now)}`, 'bad');
}

/** Once something was promoted, to go on loses what the old region took since: what was predicted before says nothing of it. */
function lossOf({ shown }: ApprovalRequest): { name: string; seconds: number | null; isGoingOn: boolean } {
  const { goingOn, predicted } = readAssessment(shown);
  if (goingOn === null) return { name: 'Data loss', seconds: predicted?.dataLossSeconds ?? null, isGoingOn: false };
  return { name: 'Lost if you go on', seconds: goingOn.atMostSeconds, isGoingOn: true };
}

function lossNote({ lossCeilingSeconds: most, assetCeilingSeconds = {}, mode }: ApprovalRequest): string {
  if (mode === 'switchover' && most !== null) return 'all that was written is waited for';
  if (Object.keys(assetCeilingSeconds).length > 1)
    return 'of what loses most; what an approval holds for is said of each';
  if (most === null) return 'an approval holds for any loss';
  return `of writes, predicted; above ${formatSeconds(most)} you are asked again`;
}

function number(name: string, value: string, note: string, tone: string): Html {
  return html`<div class="${tone}"><dt>${name}</dt><dd class="value">${prose(value)}</dd><dd>${prose(note)}</dd></div>`;
}

/** So many are shown at once; a storm has thousands. */
const evidenceShown = 6;

function whatHappened(view: ApprovalView): Html {
  const { request, incident, now } = view;
  const { target, shown, mode } = request;
  const { why, offered, takingOver } = readAssessment(shown);
  const reason = sentence(typeof shown['reason'] === 'string' ? shown['reason'] : 'the reason is not known');
  if (request.drill === true)
    return html`<section class="card">
<h2>What is rehearsed</h2>
<p>This is a drill: it says nothing of how ${prose(target)} is. Answer as if its users were down, and ${prose(standbyOf(request))} could take over.</p>
<p>${reason}</p>
</section>`;
  const isPlanned = mode === 'switchover';
  const evidence = incident?.evidence ?? [];
  const more = evidence.slice(evidenceShown);
  return html`<section class="card">
<h2>${isPlanned ? 'What is planned' : 'What happened'}</h2>
<p>${
    incident === null
      ? html`${isPlanned ? 'A move out of' : 'In'} ${target}. There is no record of ${isPlanned ? 'it' : 'the incident'} any more.`
      : isPlanned
        ? html`<strong>A planned move</strong> out of ${target}, asked for at ${when(incident.openedAt, now)}.`
        : html`<strong>${levelOf(incident.level)}</strong> in ${target}, ${incident.closedAt === null ? html`since ${when(incident.openedAt, now)}` : html`from ${when(incident.openedAt, now)} to ${clock(incident.closedAt, now)}`}.`
  }</p>
<p>${reason}</p>
${outage(view)}
${evidence.length === 0 ? nothing : html`<h3 class="gap">Evidence</h3>`}
${list(evidence.slice(0, evidenceShown))}
${more.length === 0 ? nothing : html`<details><summary>${more.length} more</summary>${list(more)}</details>`}
<h3 class="gap">What was found in ${standbyOf(request)}</h3>
<p>${sentence(offered ? why : `No safe way: ${why}`)}</p>
${takingOver === null ? nothing : ownTrouble(takingOver)}
</section>`;
}

/** Loud where the region that takes over has trouble of its own. */
function ownTrouble(region: TakingOver): Html {
  const found = html`${takingOverSentences(region).map((text) => html`<p>${prose(text)}</p>`)}`;
  return isInTrouble(region) ? html`<div class="note warn gap">${found}</div>` : found;
}

/** What takes over at once, or comes back where it stands, by the plan's names. */
function takeOver(wave: readonly string[], standby: string, isRestore: boolean): string {
  const [last = '', ...others] = wave.toReversed();
  if (others.length === 0) return `${last} ${isRestore ? 'comes back' : 'takes over'} in ${standby}.`;
  const all = `${others.toReversed().join(', ')} and ${last}`;
  return `${all} ${isRestore ? 'come back' : 'take over'} in ${standby}, side by side.`;
}

/** So often a page is loaded again that shows what is being done. */
export const liveSeconds = 15;

const marks: Record<ProgressStep['state'], string> = {
  done: '\u2713',
  begun: '\u2026',
  skipped: '\u2013',
  held: '!',
  'not-needed': '\u25cb',
  'not-possible': '!',
  'dry-run': '\u25cb',
};

/** By the flow's record: a mark says done only of what was seen to be done. */
function whereItIs(view: ApprovalView): Html {
  const { progress, now } = view;
  if (progress === null) return nothing;
  const { standing, said, failed, steps } = progress;
  return html`<section class="card"><h2>Where the flow is now</h2>
<p class="${standing === 'paused' ? 'wrong' : ''}">${said}</p>
${failed.map((one) => html`<p class="wrong">${sentence(`not done: ${one}`)}</p>`)}
${isLive(view) ? html`<p class="small soft">This page shows what is new every ${liveSeconds} seconds.</p>` : nothing}
${
  steps.length === 0
    ? html`<p>It has changed nothing so far.</p>`
    : html`<ol class="steps gap">${steps.map(
        ({ at, step, state, words }) =>
          html`<li class="${state}"><span class="mark" aria-hidden="true">${marks[state]}</span><span><strong>${capital(stepWords(step))}</strong> ${prose(words)}</span><span class="soft small">${clock(at, now)}</span></li>`,
      )}</ol>`
}</section>`;
}

/** Of a move that a person started nobody is down: there is no outage to draw. */
function outage({ incident, request, state, progress, now }: ApprovalView): Html {
  if (incident === null || request.mode === 'switchover') return nothing;
  const { askedAt, expiresAt } = request;
  const { openedAt, closedAt } = incident;
  const since = downSince(request, openedAt);
  const servedAt = progress?.servedAt ?? null;
  const times = { since, openedAt, askedAt, servedAt, closedAt, expiresAt, now };
  return outagePicture({ ...times, wereServed: wereServed(request), isOpen: state === 'open' }) ?? nothing;
}

/** The order is the flow's: statemachines/region-failover.asl.yaml. */
function whatIsDone(view: ApprovalView): Html {
  const { request, state } = view;
  const { target, mode, unfenced } = request;
  const standby = standbyOf(request);
  const fence =
    unfenced.length === 0
      ? `${target} is closed to writes (fenced): nobody can connect any more, and open connections end.`
      : `${unfenced.join(', ')} stays open to writes until it answers: then it is closed (fenced) at once, and what it wrote meanwhile is reported. All else that takes writes is closed first.`;
  const steps = [
    'Everything is looked at once more. Where it is worse than what was approved, you are asked again.',
    fence,
    ...(mode === 'switchover' ? [`${standby} catches up until nothing is missing.`] : []),
    ...readAssessment(request.shown).waves.map((wave) => takeOver(wave, standby, request.mode === 'restore')),
    ...(mode === 'restore'
      ? [`The service is verified in ${standby}. Users stay there.`]
      : [
          `The service is verified in ${standby}, before users are sent there.`,
          `Users are sent to ${standby}, and the service is verified from outside.`,
        ]),
  ];
  const isDrill = request.drill === true;
  const heading = isDrill
    ? 'What an approval would start'
    : state === 'open'
      ? 'What an approval starts'
      : state !== 'approved'
        ? 'What would have been done'
        : runs(view)
          ? 'What is done now'
          : 'What was approved';
  // Once it is begun its steps say what was fenced, and what was not approved fences nothing.
  const isOpen = state === 'open' || (state === 'approved' && (view.progress?.steps ?? []).length === 0);
  // What is done stands in its steps, each with its mark.
  if (state === 'approved' && !isOpen)
    return html`<details class="card"><summary>What was approved, in order</summary>
<ol>${steps.map((step) => html`<li>${prose(step)}</li>`)}</ol></details>`;
  return html`<section class="card">
<h2>${heading}</h2>
${isDrill ? html`<p>This is done in a real incident. In this drill nothing of it is done.</p>` : nothing}
<ol>${steps.map((step) => html`<li>${prose(step)}</li>`)}</ol>
${unfenced.length === 0 || !isOpen ? nothing : html`<div class="note warn gap"><p><strong>Not fenced:</strong> ${prose(divergence({ ...readAssessment(request.shown), unfenced }))}</p></div>`}
</section>`;
}

function waysOut(view: ApprovalView): Html {
  const { request, state, now } = view;
  const { way, mode, shown } = request;
  if (state !== 'open') return nothing; // what was predicted is of another hour
  const { predicted, alternatives, ways } = readAssessment(shown);
  const { seconds: loss, isGoingOn } = lossOf(request);
  const chosen = ways.flatMap(({ asset, ways: [first] }) => (first === undefined ? [] : { asset, way: first.way }));
  const several = chosen.length > 1;
  const places = { target: request.target, standby: standbyOf(request), mode };
  const named =
    chosen.length === 0
      ? [wayWords({ way }, places)]
      : chosen.map((one) => wayWords(several ? one : { way: one.way }, places));
  const losses = isGoingOn ? [] : lossSentences(predicted ?? { dataLossSeconds: null, assetLossSeconds: {} }, mode);
  // What is lost by going on, and by staying, stands above. Of a planned move nobody needs a worse way.
  const others = alternatives.filter((one) => (one.way === 'wait' ? !isGoingOn : mode !== 'switchover' || one.offered));
  return html`<section class="card">
<h2>${mode === 'switchover' ? 'To move, or to stay' : 'The ways to recover'}</h2>
<ul class="plain">
<li><div class="pair"><h3>${prose(named.join('; '))}</h3>${readAssessment(shown).offered || isGoingOn ? html`<span class="badge ask">Chosen</span>` : html`<span class="badge warn">Not safe</span>`}</div>
${cost(view, predicted?.recoverySeconds ?? null, loss)}
<p class="small soft">${[...new Set([...losses.filter((one) => !ceiling(request).startsWith(one.replace(/\.$/, ''))), ceiling(request), ...nextWays(request)])].join(' ')} This was predicted at ${clock(request.askedAt, now)}, when people were asked: each minute without an answer makes the time a minute later.${basisOfTime(predicted)}</p></li>
${others.map(
  (
    other,
  ) => html`<li><div class="pair"><h3>${prose(wayWords(several ? other : { way: other.way }, places))}</h3>${badgeOf(other)}</div>
${other.way !== 'wait' ? cost(view, other.recoverySeconds, other.dataLossSeconds) : mode !== 'failover' || areServed(view) ? nothing : waitCost}
<p class="small soft">${other.way === 'wait' ? waiting(view, other.why) : sentence(other.why)}</p></li>`,
)}
</ul>
</section>`;
}

/** Not to answer is to wait, or to stay: people read what comes of it. */
function waiting({ request, now }: ApprovalView, why: string): Html {
  if (request.shown['begun'] === true) return prose(onNoAnswer(request, now));
  const [, follows] = withoutApproval(request);
  return html`${sentence(why)} No answer by ${clock(request.expiresAt, now)} means the same: ${prose(follows)}.`;
}

/** From what the predicted time comes: a figure that nobody has measured is not one that was. */
function basisOfTime(predicted: ReturnType<typeof readAssessment>['predicted']): string {
  if (predicted === null || predicted.recoverySeconds === null || predicted.basis === null) return '';
  return ` The time goes by ${predicted.basis}.`;
}

/** The time and the loss of a way, by the same rules as the figures above. */
function cost(view: ApprovalView, seconds: number | null, loss: number | null): Html {
  const { request, now } = view;
  const at = backAt(view, seconds);
  return html`<dl class="cost">
<div><dt>${backName(view)}</dt><dd>${at === null ? 'not known' : clock(at, now)}</dd></div>
<div><dt>${lossOf(request).name}</dt><dd>${loss === null ? 'not known' : lossWords(loss, request.mode).toLowerCase()}</dd></div>
</dl>`;
}

/** Of an outage nobody knows the end, and what was written before it is still there. */
const waitCost = html`<dl class="cost">
<div><dt>Users are back</dt><dd>not known</dd></div>
</dl>`;

/** To wait is what an answer of no means, and needs no mark. */
function badgeOf({ way, offered }: { readonly way: string; readonly offered: boolean }): Html {
  if (!offered) return html`<span class="badge none">Not offered</span>`;
  return way === 'wait' ? nothing : html`<span class="badge none">If that fails</span>`;
}

function whoAnswered({ request, tally, approver, state, now }: ApprovalView): Html {
  const { roles, required } = request;
  const { approvals: count, silent } = tally;
  const rejected = tally.outcome === 'rejected';
  const pips = Array.from({ length: required }, (_, index) => html`<span class="${index < count ? 'on' : ''}"></span>`);
  return html`<section class="card">
<h2>${roles.length - silent.length} of ${roles.length} answered</h2>
<p>${count} of ${required} needed approvals${rejected ? ', and a rejection' : ''}.</p>
<div class="pips" aria-hidden="true">${rejected ? html`<span class="no"></span>` : pips}</div>
<ul class="plain">${roles.map((role) => {
    const answer = tally.answerOf(role);
    return html`<li><div class="pair"><strong>${role}${role === approver ? ' (you)' : ''}</strong><span class="soft">${
      answer === null
        ? state === 'open'
          ? 'no answer yet'
          : 'no answer'
        : html`${verb(answer)} at ${when(answer.at, now)}`
    }</span></div>${answer?.answer === 'reject' ? html`<p>${answer.reason === '' ? 'No reason was given.' : html`“${prose(answer.reason)}”`}</p>` : nothing}</li>`;
  })}</ul>
</section>`;
}

function whatFollows(view: ApprovalView): Html {
  const { request, now, state } = view;
  const { expiresAt } = request;
  const [changed, follows] = withoutApproval(request);
  const isDrill = request.drill === true;
  const decides = 'A person has to decide what is done next.';
  const [heading, text] = {
    open: [
      'Without enough approvals',
      html`This request expires at <strong>${when(expiresAt, now)}</strong>. ${isDrill ? 'The drill fails then.' : sentence(`${changed} then: ${follows}`)} One rejection ends it at once.`,
    ],
    approved: [
      'How it goes on',
      html`${isDrill ? 'Nothing is done: the drill notes who answered, and when.' : goesOn[view.progress?.standing ?? 'runs']} To see how it stands: <code>${statusCommand(view.stage)}</code>`,
    ],
    rejected: ['Why it ended', html`${notApprovedSentence({ answer: 'rejected' })} ${decides}`],
    expired: [
      'Why it ended',
      html`${notApprovedSentence({ answer: 'expired' })} It was open until ${when(expiresAt, now)}. ${decides}`,
    ],
    void: [
      'Why it ended',
      html`The flow that asked has ended or has asked again, or the region was well again before people had answered.`,
    ],
  }[state] as [string, Html];
  return html`<section class="card"><h2>${heading}</h2><p>${text}</p></section>`;
}

/** How it goes on with a flow, by how it stands. */
const goesOn: Readonly<Record<Progress['standing'], string>> = {
  runs: 'The flow has been told. You get a message when users are served again, or when a person is needed.',
  paused: 'A person resumes it, leaves a step out, or aborts it.',
  aborted:
    'Nothing undoes by itself what the flow has changed. Look at it now: what was closed to writes stays closed.',
  ended: 'Nothing more comes of this request.',
};

function commandLine(view: ApprovalView): Html {
  const { request, stage } = view;
  if (stageOf(view) !== 'asked') return nothing;
  const [approve, reject] = commandParts(request, stage);
  return html`<details class="card">
<summary>From the command line</summary>
<p class="small soft">With the AWS role or user that plan.yml names for you. The same rules hold.</p>
<pre>${command(approve)}</pre>
<pre>${command(reject)}</pre>
</details>`;
}

/** The field of a form, as the document names it. */
function idOf(answer: Typed['answer'], field: WrongField['field']): string {
  if (field !== 'region') return field;
  return { approve: 'region', reject: 'reject-region', 'ask-again': 'again-region' }[answer];
}

/**
 * A form that was not taken is typed again; an answer that came too late is in the record and changes nothing. Whoever reads it learns what of
 * theirs counts, and what to do now.
 */
function problemSummary({ typed, wrong }: NonNullable<ApprovalView['problem']>, view: ApprovalView): Html {
  const { approver, now } = view;
  const mine = mineOf(view);
  const answer = typed?.answer ?? null;
  const again = answer === 'ask-again';
  const canType = again ? mayAskAgain(view) : stageOf(view) === 'asked';
  const what = wrong.map(({ field, text }) =>
    canType && answer !== null
      ? html`<p><a href="#${idOf(answer, field ?? 'region')}">${prose(text)}</a></p>`
      : html`<p>${prose(text)}</p>`,
  );
  const said = { approve: 'Your approval', reject: 'Your rejection', 'ask-again': '' }[answer ?? 'approve'];
  const title = again ? 'Nobody was asked again' : `${answer === null ? 'What you sent' : said} was NOT recorded`;
  const counts = again
    ? 'No e-mail was sent'
    : mine === null
      ? `Nothing is recorded for you (${approver})`
      : `Your ${noun(mine)} of ${clock(mine.at, now)} counts`;
  return html`<div class="note bad" role="alert" tabindex="-1" autofocus aria-labelledby="not-taken">
<p id="not-taken"><strong>${title}</strong></p>
${what}
<p>${counts}${canType ? '. Correct it below, and send it again.' : ', and this changes nothing.'}</p>
</div>`;
}

function forms(view: ApprovalView): Html {
  const { approver, duty } = view;
  return html`<section class="card" id="answer" aria-labelledby="your-answer">
<h2 id="your-answer">Your answer</h2>
<p class="small soft">You answer as ${approver}, who ${duty}. It counts once and cannot be taken back.</p>
${approveForm(view)}
${rejectForm(view)}
</section>`;
}

/** Nothing that has to be typed stands in a field: a form that is sent as found approves nothing. */
const typing = html`type="text" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" required`;

function anyCase(id: string): Html {
  return html`<p id="${id}-hint" class="small soft">Capital and small letters are the same here.</p>`;
}

function approveForm(view: ApprovalView): Html {
  const { request, formToken } = view;
  const { target } = request;
  const phrase = secondPhrase(request);
  const asked = questionOf(request);
  const { approve: button } = answersOf(request);
  const what = phrase === null ? asked.approve : `${asked.approve}, unfenced`;
  const field = fieldsOf('approve', view);
  return html`<form method="post" action="">
<fieldset><legend>Approve: ${prose(what)}</legend>
<input type="hidden" name="answer" value="approve"><input type="hidden" name="token" value="${formToken}">
${field.message}
<div class="field"><label for="region">To approve, type the region's name: <span class="typed whole">${target}</span></label>
${anyCase('region')}
${field.messageAt('region')}
<input id="region" name="region" ${typing}${field.attributes('region')}></div>
${
  phrase === null
    ? nothing
    : html`<div class="field"><label for="unfenced">And type what stays unfenced: <span class="typed">${prose(phrase)}</span></label>
${anyCase('unfenced')}
${field.messageAt('unfenced')}
<input id="unfenced" name="unfenced" ${typing}${field.attributes('unfenced')}></div>`
}
<button class="yes">Approve: ${prose(button)}</button>
</fieldset></form>`;
}

function rejectForm(view: ApprovalView): Html {
  const { request, formToken } = view;
  const field = fieldsOf('reject', view);
  return html`<form method="post" action="">
<fieldset><legend>Reject: ${prose(questionOf(request).reject)}</legend>
<input type="hidden" name="answer" value="reject"><input type="hidden" name="token" value="${formToken}">
${field.message}
<div class="field"><label for="reject-region">To reject, type the region's name: <span class="typed whole">${request.target}</span></label>
${anyCase('reject-region')}
${field.messageAt('region')}
<input id="reject-region" name="region" ${typing}${field.attributes('region')}></div>
<div class="field"><label for="reason">Your reason</label>
<p id="reason-hint" class="small soft">One rejection ends the request for everyone. The others read this. 500 characters at most.</p>
${field.messageAt('reason')}
<textarea id="reason" name="reason" rows="3" maxlength="500" required${field.described('reason')}>${field.typed('reason')}</textarea></div>
<button>Reject</button>
</fieldset></form>`;
}

function mayAskAgain({ request, state, asked, whyNotAgain }: ApprovalView): boolean {
  return request.drill !== true && state !== 'open' && asked && whyNotAgain === null;
}

/** While the incident lasts, an end without an approval is not the last word. */
function askingAgain(view: ApprovalView): Html {
  const { request, incident, state, asked, whyNotAgain, formToken, now } = view;
  const { target, required, roles } = request;
  // An approval mostly leads on: that nobody needs to be asked again is no news then.
  if (state === 'open' || !asked || (state === 'approved' && whyNotAgain !== null)) return nothing;
  if (whyNotAgain !== null)
    return html`<section class="card"><h2>Asking again</h2><p>${prose(whyNotAgain)}</p></section>`;
  const field = fieldsOf('ask-again', view);
  return html`<section class="card" aria-labelledby="asking-again">
<h2 id="asking-again">Ask all approvers again</h2>
<p>${
    incident === null
      ? 'There is no record of the incident any more.'
      : html`The record has no end of the incident. It was last judged at ${when(incident.judgedAt, now)}: ${levelOf(incident.level)}.`
  } What came after that, this page does not know.</p>
<p class="small soft">You can ask all approvers again. This approves nothing: Breakwater looks again, and each approver gets a new e-mail. ${required} of ${roles.length} must approve.</p>
<form method="post" action="">
<fieldset><legend>Ask again: may ${prose(target)} be given up?</legend>
<input type="hidden" name="answer" value="ask-again"><input type="hidden" name="token" value="${formToken}">
${field.message}
<div class="field"><label for="again-region">To ask again, type the region's name: <span class="typed whole">${target}</span></label>
${anyCase('again-region')}
${field.messageAt('region')}
<input id="again-region" name="region" ${typing}${field.attributes('region')}></div>
<button>Ask again</button>
</fieldset></form>
</section>`;
}

/** How a form's fields say what was not taken, each its own, and keep what was typed into the others. */
function fieldsOf(answer: Typed['answer'], { problem }: ApprovalView) {
  const mine = problem?.typed?.answer === answer ? problem : null;
  const wrongIn = (field: WrongField['field']) => mine?.wrong.some((one) => one.field === field) === true;
  const messageId = (field: WrongField['field']) => `${idOf(answer, field)}-problem`;
  const described = (field: WrongField['field']): Html => {
    const hint = `${idOf(answer, field)}-hint`;
    return wrongIn(field)
      ? html` aria-describedby="${messageId(field)} ${hint}" aria-invalid="true"`
      : html` aria-describedby="${hint}"`;
  };
  const told = (wanted: WrongField['field'] | null): readonly string[] =>
    (mine?.wrong ?? []).flatMap(({ field, text }) => (field === wanted ? text : []));
  const typed = (field: WrongField['field']): string => mine?.typed?.[field] ?? '';
  return {
    described,
    typed,
    attributes: (field: WrongField['field']): Html =>
      typed(field) === '' ? described(field) : html` value="${typed(field)}"${described(field)}`,
    /** What was not right with all of it. */
    message: html`${told(null).map((text) => html`<p class="wrong">${prose(text)}</p>`)}`,
    messageAt: (field: WrongField['field']): Html =>
      wrongIn(field)
        ? html`<div id="${messageId(field)}" class="wrong">${told(field).map((text) => html`<p>${prose(text)}</p>`)}</div>`
        : nothing,
  };
}

function list(sentences: readonly string[]): Html {
  return sentences.length === 0 ? nothing : html`<ul>${sentences.map((text) => html`<li>${sentence(text)}</li>`)}</ul>`;
}

function notice(title: string, body: Html): string {
  return page(
    title,
    html`<p><strong>Breakwater</strong></p>`,
    html`<div class="top"><div class="card"><h1>${title}</h1><div class="gap">${body}</div></div></div>`,
    nothing,
  );
}

function page(title: string, header: Html, main: Html, footer: Html): string {
  return written(html`${doctype}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${title} - Breakwater</title>
${styleElement(pageStyle)}
</head>
<body>
<header>${header}</header>
<main>
${main}
</main>
${footer === nothing ? nothing : html`<footer class="small soft">${footer}</footer>`}
</body>
</html>
`);
}

const doctype = html`<!doctype html>`;

function standbyOf({ shown }: ApprovalRequest): string {
  return standbyIn(shown);
}

function noun(answer: RecordedAnswer | null): string {
  return answer?.answer === 'reject' ? 'rejection' : 'approval';
}

function verb({ answer }: RecordedAnswer): string {
  return answer === 'approve' ? 'approved' : 'rejected';
}

function levelOf(level: Level): string {
  return level === 'unknown' ? 'Level unknown' : `Level ${level}, ${levelWords(level)}`;
}

function lossWords(seconds: number, mode: ApprovalRequest['mode']): string {
  return mode === 'switchover' ? 'None' : formatSeconds(seconds);
}
