// The page on which one approver answers one request: what is known, what it costs, who has answered, and two forms. Pure.
// It works without scripts, and every text that comes from elsewhere is escaped.
import type { Progress } from '../record/progress.ts';
import type { RecordedAnswer } from '../types.ts';
import { byWords } from '../words/decision-words.ts';
import { notApprovedSentence, questionOf, withoutApproval } from '../words/region-words.ts';
import { waysOut, whatHappened, whatIsDone, whereItIs } from './approval-facts.ts';
import { askingAgain, bothAnswers, commandLine, forms, problemSummary } from './approval-forms.ts';
import { guide, headlineOf, inShort } from './approval-headline.ts';
import { numbers } from './approval-numbers.ts';
import { style } from './approval-style.ts';
import { type ApprovalView, mayAskAgain, mineOf, noun, stageOf } from './approval-view.ts';
import { command, type Html, html, nothing, runbookSection, styleElement, written } from './html.ts';
import { clock, day, time, when } from './page-times.ts';
import { prose, sentence } from './prose.ts';

/** The style sheet in the page's one style element, byte by byte: a policy names its hash. */
export const pageStyle: string = style;

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

function verb({ answer }: RecordedAnswer): string {
  return answer === 'approve' ? 'approved' : 'rejected';
}
