// The facts of the approval page: what happened, what is done, where it is, and the ways to recover. Pure.
import type { ProgressStep } from '../record/progress.ts';
import { stepWords } from '../record/step.ts';
import { isInTrouble, type TakingOver, takingOverSentences } from '../recovery/taking-over.ts';
import {
  ceiling,
  divergence,
  downSince,
  lossSentences,
  nextWays,
  onNoAnswer,
  readAssessment,
  wayWords,
  wereServed,
  withoutApproval,
} from '../words/region-words.ts';
import { capital } from '../words/words.ts';
import { backAt, backName, lossOf, lossWords } from './approval-numbers.ts';
import { type ApprovalView, areServed, levelOf, mayAskAgain, runs, stageOf, standbyOf } from './approval-view.ts';
import { type Html, html, nothing } from './html.ts';
import { outagePicture } from './outage.ts';
import { clock, when } from './page-times.ts';
import { prose, sentence } from './prose.ts';

/** Whether something is done that the page shows: then it is loaded again by itself. A form would lose what is being typed. */
export function isLive(view: ApprovalView): boolean {
  if (stageOf(view) === 'answered') return true;
  return view.state === 'approved' && view.progress?.standing === 'runs' && !mayAskAgain(view);
}

/** So many are shown at once; a storm has thousands. */
const evidenceShown = 6;

export function whatHappened(view: ApprovalView): Html {
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
export function whereItIs(view: ApprovalView): Html {
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
export function whatIsDone(view: ApprovalView): Html {
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

export function waysOut(view: ApprovalView): Html {
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

function list(sentences: readonly string[]): Html {
  return sentences.length === 0 ? nothing : html`<ul>${sentences.map((text) => html`<li>${sentence(text)}</li>`)}</ul>`;
}
