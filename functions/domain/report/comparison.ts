// Sets a report beside earlier ones of the same subject: their numbers, the middle one, and how good predictions were. Pure.
import { type Html, html, nothing } from '../page/html.ts';
import { dayOf } from '../report-page/times.ts';
import { formatSeconds } from '../words/durations.ts';
import { inParts } from './breaks.ts';
import { type Earlier, earlierOf, type Report } from './facts.ts';

/** More of them would say no more. */
const mostShown = 20;

export function comparison(report: Report, earlier: readonly Earlier[]): Html {
  if (earlier.length === 0)
    return html`<p>No earlier report of ${report.subject} was found beside this one, so there is no trend yet.</p>`;
  const shown = earlier.slice(-mostShown);
  const all = [...shown, earlierOf(report, null)];
  const recoveries = all.flatMap(({ recoverySeconds }) => recoverySeconds ?? []);
  const restores = all.flatMap(({ restoreSeconds }) => restoreSeconds ?? []);
  const left = earlier.length - shown.length;
  return html`${plotOf(all, report.id)}
<p>${sentence('recovery', recoveries)} ${sentence('time to restore', restores)}${mean(restores)}</p>
<table class="stack">
<caption>${report.subject}, oldest first${left === 0 ? '' : `; ${left} older ones are left out`}</caption>
<thead><tr><th scope="col">Report</th><th scope="col">When</th><th scope="col">Recovery</th><th scope="col">Predicted</th><th scope="col">Data loss</th></tr></thead>
<tbody>
${all.map(
  ({ id, at, recoverySeconds, predictedSeconds, dataLossSeconds, page }) => html`<tr>
<th scope="row">${page === null ? inParts(id) : html`<a href="${page}">${inParts(id)}</a>`}${id === report.id ? html` (this one)` : nothing}</th>
<td data-label="When"><span class="num">${dayOf(at)}</span></td><td data-label="Recovery"><span class="num">${recoverySeconds === 0 ? 'not needed' : formatSeconds(recoverySeconds)}</span></td>
<td data-label="Predicted"><span class="num">${formatSeconds(predictedSeconds)}</span></td><td data-label="Data loss"><span class="num">${dataLossSeconds === 0 ? 'none' : formatSeconds(dataLossSeconds)}</span></td></tr>
`,
)}</tbody>
</table>`;
}

function sentence(what: string, seconds: readonly number[]): string {
  if (seconds.length === 0) return `Of none of them the ${what} is known.`;
  const sorted = [...seconds].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `The middle ${what} of ${seconds.length} is ${formatSeconds(middle)}, the longest ${formatSeconds(sorted.at(-1) ?? 0)}.`;
}

/** The objective is a mean: of one incident alone it says little. */
function mean(seconds: readonly number[]): string {
  if (seconds.length === 0) return '';
  return ` Their mean is ${formatSeconds(seconds.reduce((sum, one) => sum + one, 0) / seconds.length)}, to be set beside the MTTR.`;
}

/** Recovery times as columns, oldest first; one that is not known is a dash. Nothing where none is known. */
export function plotOf(all: readonly Pick<Earlier, 'id' | 'recoverySeconds'>[], own: string | null): Html {
  const [width, height] = [960, 90];
  if (all.every(({ recoverySeconds }) => recoverySeconds === null)) return nothing;
  const longest = Math.max(1, ...all.map(({ recoverySeconds }) => recoverySeconds ?? 0));
  const each = Math.min(60, width / all.length);
  const gap = Math.min(4, each / 4);
  return html`<div class="plot"><p class="small soft">The line at the top is at ${formatSeconds(longest)}.</p>
<svg viewBox="0 0 ${width} ${height + 8}" role="img" aria-label="Recovery times, oldest first; the longest is ${formatSeconds(longest)}">
<line class="grid" x1="0" y1="${height}" x2="${width}" y2="${height}"/><line class="grid" x1="0" y1="14" x2="${width}" y2="14"/>
${all.map(({ id, recoverySeconds }, index) => {
  const tall = recoverySeconds === null ? 2 : Math.max(2, (recoverySeconds / longest) * (height - 14));
  return html`<g><title>${id}: ${formatSeconds(recoverySeconds)}</title><rect class="bar ${recoverySeconds === null ? 'failed' : id === own ? 'path' : ''}" x="${index * each}" y="${height - tall}" width="${each - gap}" height="${tall}" rx="1"/></g>`;
})}
</svg></div>`;
}
