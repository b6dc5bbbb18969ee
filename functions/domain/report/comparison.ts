// Compares a report with earlier ones of the same subject: their numbers, the median, and how good predictions were. Pure.
import { type Html, html, nothing } from '../page/html.ts';
import { countOf, dayOf } from '../report-page/times.ts';
import { formatSeconds } from '../words/durations.ts';
import { inParts } from './breaks.ts';
import { type Earlier, earlierOf, type Report } from './facts.ts';

/** More reports would add nothing. */
const mostShown = 20;

export function comparison(report: Report, earlier: readonly Earlier[]): Html {
  if (earlier.length === 0)
    return html`<p>No earlier report of ${report.subject} was found, so there is no trend yet.</p>`;
  const shown = earlier.slice(-mostShown);
  const all = [...shown, earlierOf(report, null)];
  const recoveries = all.flatMap(({ recoverySeconds }) => recoverySeconds ?? []);
  const restores = all.flatMap(({ restoreSeconds }) => restoreSeconds ?? []);
  const left = earlier.length - shown.length;
  return html`${plotOf(all, report.id)}
<p>${sentence('Recovery time', recoveries)} ${sentence('Time to restore', restores)}${mean(restores)}</p>
<table class="stack">
<caption>${report.subject}, oldest first${left === 0 ? '' : `; ${left} older reports are not shown`}</caption>
<thead><tr><th scope="col">Report</th><th scope="col">When</th><th scope="col">Recovery</th><th scope="col">Predicted</th><th scope="col">Data loss</th></tr></thead>
<tbody>
${all.map(
  ({ id, at, recoverySeconds, predictedSeconds, dataLossSeconds, page }) => html`<tr>
<th scope="row">${page === null ? inParts(id) : html`<a href="${page}">${inParts(id)}</a>`}${id === report.id ? html` (this report)` : nothing}</th>
<td data-label="When"><span class="num">${dayOf(at)}</span></td><td data-label="Recovery"><span class="num">${recoverySeconds === 0 ? 'not needed' : formatSeconds(recoverySeconds)}</span></td>
<td data-label="Predicted"><span class="num">${formatSeconds(predictedSeconds)}</span></td><td data-label="Data loss"><span class="num">${dataLossSeconds === 0 ? 'none' : formatSeconds(dataLossSeconds)}</span></td></tr>
`,
)}</tbody>
</table>`;
}

function sentence(what: string, seconds: readonly number[]): string {
  if (seconds.length === 0) return `${what}: not known in any report.`;
  const sorted = [...seconds].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `${what} of ${countOf(seconds.length, 'report')}: median ${formatSeconds(median)}, longest ${formatSeconds(sorted.at(-1) ?? 0)}.`;
}

/** The objective is a mean: of one incident alone it says little. */
function mean(seconds: readonly number[]): string {
  if (seconds.length === 0) return '';
  return ` The mean is ${formatSeconds(seconds.reduce((sum, one) => sum + one, 0) / seconds.length)}: compare it with the MTTR.`;
}

/** Recovery times as columns, oldest first; one that is not known is a dash. Nothing where none is known. */
export function plotOf(all: readonly Pick<Earlier, 'id' | 'recoverySeconds'>[], own: string | null): Html {
  const [width, height] = [960, 90];
  if (all.every(({ recoverySeconds }) => recoverySeconds === null)) return nothing;
  const longest = Math.max(1, ...all.map(({ recoverySeconds }) => recoverySeconds ?? 0));
  const each = Math.min(60, width / all.length);
  const gap = Math.min(4, each / 4);
  return html`<div class="plot"><p class="small soft">The top line stands for ${formatSeconds(longest)}.</p>
<svg viewBox="0 0 ${width} ${height + 8}" role="img" aria-label="Recovery times, oldest first; the longest is ${formatSeconds(longest)}">
<line class="grid" x1="0" y1="${height}" x2="${width}" y2="${height}"/><line class="grid" x1="0" y1="14" x2="${width}" y2="14"/>
${all.map(({ id, recoverySeconds }, index) => {
  const tall = recoverySeconds === null ? 2 : Math.max(2, (recoverySeconds / longest) * (height - 14));
  return html`<g><title>${id}: ${formatSeconds(recoverySeconds)}</title><rect class="bar ${recoverySeconds === null ? 'failed' : id === own ? 'path' : ''}" x="${index * each}" y="${height - tall}" width="${each - gap}" height="${tall}" rx="1"/></g>`;
})}
</svg></div>`;
}
