// The forms of the approval page, what was not right with one, and the lines that do the same. Pure.
import type { Typed, WrongField } from '../approval/confirmation.ts';
import type { ApprovalRequest } from '../types.ts';
import { questionOf } from '../words/region-words.ts';
import { type ApprovalView, answersOf, levelOf, mayAskAgain, mineOf, noun, stageOf } from './approval-view.ts';
import { command, type Html, html, nothing } from './html.ts';
import { clock, when } from './page-times.ts';
import { prose } from './prose.ts';

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

/** Both answers at one glance, without a scroll; each leads to its form. The one that cannot be taken back has a colour of its own. */
export function bothAnswers({ request }: ApprovalView): Html {
  const { approve, reject } = answersOf(request);
  return html`<nav class="answers" aria-label="Your answer">
<a class="jump yes" href="#region">Approve: ${prose(approve)} <span aria-hidden="true">↓</span></a>
<a class="jump" href="#reject-region">Reject: ${prose(reject)} <span aria-hidden="true">↓</span></a>
</nav>`;
}

export function commandLine(view: ApprovalView): Html {
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
export function problemSummary({ typed, wrong }: NonNullable<ApprovalView['problem']>, view: ApprovalView): Html {
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

export function forms(view: ApprovalView): Html {
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

/** While the incident lasts, an end without an approval is not the last word. */
export function askingAgain(view: ApprovalView): Html {
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
