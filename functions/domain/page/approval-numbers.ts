// The figures of the approval page: since when users are down, when they are back, and what is lost. Pure.
import { fromWords } from '../record/fault-clock.ts';
import type { ApprovalRequest } from '../types.ts';
import { formatSeconds } from '../words/durations.ts';
import { downSince, readAssessment, usersBackAt, wereServed } from '../words/region-words.ts';
import { type ApprovalView, areServed, runs, standbyOf } from './approval-view.ts';
import { type Html, html, nothing } from './html.ts';
import { clock, minutes } from './page-times.ts';
import { prose } from './prose.ts';

/**
 * What decides, in four numbers. What is not known is as loud as what is bad. A request that has ended shows no prediction: it was one of
 * another hour.
 */
export function numbers(view: ApprovalView): Html {
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
export function backName(view: ApprovalView): string {
  if (view.request.mode === 'switchover') return 'Users are moved by';
  return areServed(view) ? 'If approved, users fail until' : 'Users are back';
}

/** By the clock: one rule for each way and each place of the page. `seconds`: what was predicted of the way; the chosen one where left out. */
export function backAt({ incident, request, now }: ApprovalView, seconds?: number | null): number | null {
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
export function lossOf({ shown }: ApprovalRequest): { name: string; seconds: number | null; isGoingOn: boolean } {
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

export function lossWords(seconds: number, mode: ApprovalRequest['mode']): string {
  return mode === 'switchover' ? 'None' : formatSeconds(seconds);
}
