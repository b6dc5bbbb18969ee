// The list of reports as a page: a line for each report, and what has no report and why. Pure; every text from elsewhere is escaped.
import { type Html, html, nothing } from '../page/html.ts';
import { inParts } from '../report/breaks.ts';
import { plotOf } from '../report/comparison.ts';
import type { Report } from '../report/facts.ts';
import { formatSeconds } from '../words/durations.ts';
import { tones, verdictWords, wholePage } from './page.ts';
import { countOf, dayOf } from './times.ts';

/** One line. `page`: the address of the report, as a link from the list. */
export type Listed = {
  readonly id: string;
  readonly title: string;
  readonly at: string;
  readonly verdict: Report['verdict']['state'];
  readonly line: string;
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
  readonly restoreSeconds: number | null;
  readonly page: string;
};

/** A list. `without`: what has no report, and why; `above` and `below`: what stands around the list. */
export type ReportList = {
  readonly title: string;
  readonly lead: string;
  readonly reports: readonly Listed[];
  readonly without: readonly { readonly what: string; readonly why: string }[];
  readonly none: string;
  readonly above?: Html;
  readonly below?: Html;
};

export function listedOf(report: Report, page: string): Listed {
  const { id, title, verdict, numbers, incident, timeline, occasion, source } = report;
  return {
    id,
    // In the simulator all are drills.
    title: occasion === 'drill' && source === 'record' ? `${title}, a drill` : title,
    at: incident?.openedAt ?? timeline.zeroAt,
    verdict: verdict.state,
    line: verdict.line,
    recoverySeconds: numbers.recovery.seconds,
    dataLossSeconds: numbers.dataLoss.seconds,
    restoreSeconds: numbers.restore.seconds,
    page,
  };
}

export function indexPage({
  title,
  lead,
  reports,
  without,
  none,
  above = nothing,
  below = nothing,
}: ReportList): string {
  const recovered = reports.filter(({ recoverySeconds }) => recoverySeconds !== null && recoverySeconds > 0);
  return wholePage(
    title,
    html`<header>
<p class="small soft"><strong>Breakwater</strong></p>
<h1>${title}</h1>
<p>${lead}</p>
</header>
<main>
${above}
<section id="reports">
<h2>${countOf(reports.length, 'report')}</h2>
${
  reports.length === 0
    ? html`<p>${none}</p>`
    : html`${recovered.length < 2 ? nothing : html`<p class="small soft">Recovery times of ${countOf(recovered.length, 'report')}, in the order of the table.</p>${plotOf(recovered, null)}`}
<table class="stack">
<caption>One line each</caption>
<thead><tr><th scope="col">Report</th><th scope="col">Verdict</th><th scope="col">Recovery</th><th scope="col">Data loss</th><th scope="col">Restored after</th><th scope="col">When</th></tr></thead>
<tbody>
${reports.map(row)}</tbody>
</table>`
}
</section>
${
  without.length === 0
    ? nothing
    : html`<section id="without"><h2>Without a report</h2><ul>${without.map(({ what, why }) => html`<li><strong>${what}</strong>: ${why}</li>`)}</ul></section>`
}
${below}
</main>
<footer><p>Times are UTC.</p></footer>`,
  );
}

function row({ id, title, at, verdict, recoverySeconds, dataLossSeconds, restoreSeconds, page }: Listed): Html {
  return html`<tr><th scope="row"><a href="${page}">${inParts(id)}</a><br><span class="small soft">${inParts(title)}</span></th>
<td data-label="Verdict"><span class="badge ${tones[verdict]}">${verdictWords[verdict]}</span></td>
<td data-label="Recovery"><span class="num">${recoverySeconds === 0 ? 'not needed' : formatSeconds(recoverySeconds)}</span></td>
<td data-label="Data loss"><span class="num">${dataLossSeconds === 0 ? 'none' : formatSeconds(dataLossSeconds)}</span></td>
<td data-label="Restored after"><span class="num">${formatSeconds(restoreSeconds)}</span></td>
<td data-label="When"><span class="num">${dayOf(at)}</span></td></tr>
`;
}
