// The page of a report: one HTML file that needs nothing else, for people who decide, people who audit and people who were there. Pure and
// total: any facts give a page, an unknown value reads "not known", and every text from elsewhere is escaped.
import { type Html, html, nothing, runbookSection, styleElement, written } from '../page/html.ts';
import { inParts } from '../report/breaks.ts';
import { comparison } from '../report/comparison.ts';
import type { Assumption, Earlier, Measured, Phase, Report } from '../report/facts.ts';
import { controls } from '../report/mapping.ts';
import { isOwnLambda } from '../report/record.ts';
import { formatSeconds } from '../words/durations.ts';
import { levelWords, sentenceOf } from '../words/words.ts';
import { timelinePicture } from './picture.ts';
import { style } from './style.ts';
import { actorWords, afterOf, clockOf, countOf, dayOf, formatMs, inUnits, together, toRead } from './times.ts';

type Section = {
  readonly id: string;
  readonly title: string;
  readonly body: (report: Report, earlier: readonly Earlier[]) => Html;
};

/** `earlier`: other reports of the same subject, oldest first; empty where none were found. */
export function reportPage(report: Report, earlier: readonly Earlier[]): string {
  const titles = new Map([
    ['verdict', 'Verdict and numbers'],
    ...sections.map(({ id, title }) => [id, title] as const),
  ]);
  return wholePage(
    `${report.verdict.line} ${report.id}`,
    html`<header id="verdict">
<p class="small soft"><strong>Breakwater</strong> for ${report.application}: report of ${occasionWords(report)}</p>
<p><span class="badge ${tones[report.verdict.state]}">${verdictWords[report.verdict.state]}</span></p>
<h1>${together(report.verdict.line)}</h1>
<p>${sentenceOf(report.title)}</p>
</header>
<main>
${numbers(report)}
${identity(report)}
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}<li><a href="#mapping">Controls</a></li></ul></nav>
${sections.map(
  ({ id, title, body }) => html`<section id="${id}">
<h2>${title}</h2>
${body(report, earlier)}
</section>`,
)}
${mapping(titles)}
</main>
<footer>
<p>Report ${report.id}, format version ${report.version}, as of ${dayOf(report.asOf)}. Times are UTC. The .json file of the same name has the same facts for other programs.</p>
</footer>`,
  );
}

/** A whole document with the style of reports. */
export function wholePage(title: string, body: Html): string {
  return written(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${styleElement(style)}
</head>
<body>
${body}
</body>
</html>
`);
}

export const verdictWords: Readonly<Record<Report['verdict']['state'], string>> = {
  passed: 'Passed',
  missed: 'Missed',
  recovered: 'Recovered',
  'not-recovered': 'Not recovered',
  held: 'Held',
  open: 'Still open',
  'not-known': 'Not known',
};

export const tones: Readonly<Record<Report['verdict']['state'], string>> = {
  passed: 'good',
  missed: 'bad',
  recovered: 'good',
  'not-recovered': 'bad',
  held: 'warn',
  open: 'warn',
  'not-known': 'none',
};

function occasionWords({ occasion, source }: Report): string {
  if (source === 'simulator') return 'a drill in the simulator';
  return occasion === 'drill' ? 'a drill on AWS' : 'an incident';
}

function numbers({ numbers: { recovery, dataLoss, restore } }: Report): Html {
  const card = (name: string, objective: string, value: Measured, none: string) => {
    const { seconds, objectiveSeconds, met, how } = value;
    const tone = met === null ? 'none' : met ? 'good' : 'bad';
    return html`<div class="${tone}">
<dt>${name}</dt>
<dd class="value">${seconds === 0 ? none : formatSeconds(seconds)}</dd>
<dd>${objective} ${formatSeconds(objectiveSeconds)} <span class="badge ${tone}">${met === null ? 'not known' : met ? 'met' : 'missed'}</span></dd>
<dd>${how}</dd>
</div>`;
  };
  return html`<dl class="numbers">
${card('Recovery time', 'RTO', recovery, 'not needed')}
${card('Data loss', 'RPO', dataLoss, 'none')}
${card('Time to restore', 'MTTR', restore, '0 s')}
</dl>`;
}

/** The clock that has no end while it goes on. */
const stillSo = 'Unprotected';

function identity(report: Report): Html {
  const { incident, environment, source, orderedBy, plan, clocks } = report;
  const row = (name: string, value: Html | string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section aria-label="What this report is about">
<dl class="facts">
${row('Report', html`<code>${report.id}</code>`)}
${row('Where', environment)}
${
  incident === null
    ? row('Incident', 'none')
    : html`${row('Incident', html`<code>${incident.id}</code>, level ${incident.level}: ${levelWords(incident.level)} in ${incident.zone ?? incident.region}`)}
${row('Opened, closed', `${dayOf(incident.openedAt)}, ${incident.closedAt === null ? 'still open' : dayOf(incident.closedAt)}`)}`
}
${orderedBy === null && source === 'simulator' ? nothing : row('Ordered by', orderedBy ?? 'not known')}
${row('Plan', html`<code>${plan.slice(0, 12)}</code> (first 12 digits of its SHA-256)`)}
${clocks.map(({ name, seconds, how }) => row(name, `${seconds === null && name === stillSo ? 'still' : formatSeconds(seconds)} (${how})`))}
</dl>
</section>`;
}

const sections: readonly Section[] = [
  { id: 'findings', title: 'Findings', body: findings },
  { id: 'why', title: 'Reason and assumptions', body: why },
  { id: 'not-tested', title: 'What was not tested', body: notTested },
  { id: 'people', title: 'People', body: people },
  { id: 'timeline', title: 'Timeline', body: timeline },
  { id: 'evidence', title: 'Evidence and decisions', body: evidence },
  { id: 'ways', title: 'Ways that were compared', body: ways },
  { id: 'approvals', title: 'Approvals', body: approvals },
  { id: 'calls', title: 'What was changed', body: calls },
  { id: 'data', title: 'Data checks', body: data },
  { id: 'users', title: 'What users experienced', body: users },
  { id: 'messages', title: 'Messages', body: messages },
  { id: 'safety', title: 'Safety invariants', body: safety },
  { id: 'comparison', title: 'Comparison with earlier reports', body: comparison },
  { id: 'cost', title: 'Cost', body: ({ cost }) => html`<p>${inCode(cost)}</p>` },
  { id: 'gaps', title: 'Gaps in the evidence', body: gaps },
];

/** Text between backticks is to be typed. */
function inCode(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))}`;
}

/** Why a section has nothing to say. */
function silence({ silent }: Report, part: string): Html {
  return html`<p>${silent[part] || 'Nothing is known about this.'}</p>`;
}

const states = {
  held: ['good', 'true'],
  broken: ['bad', 'false'],
  'not-tested': ['none', 'not tested'],
} as const;

function stateBadge(state: Assumption['state']): Html {
  const [tone, text] = states[state];
  return badge(tone, text);
}

function assumptions(head: string, caption: string, list: readonly Assumption[]): Html {
  return table(
    caption,
    [head, 'State', 'Why'],
    list.map(({ what, state, why: because }) => [what, stateBadge(state), because]),
  );
}

function badge(tone: string, text: string): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

/** A table that becomes a list on a phone. The first cell of a row names it. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  return html`<table class="stack">
<caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first = '', ...cells]) =>
    html`<tr><th scope="row">${cellOf(first)}</th>${cells.map((cell, index) => html`<td data-label="${heads[index + 1] ?? ''}">${cellOf(cell)}</td>`)}</tr>
`,
)}</tbody>
</table>`;
}

function cellOf(cell: Html | string): Html {
  return typeof cell === 'string' ? inParts(together(cell)) : cell;
}

function why({ why: { reason, faults, assumptions: list } }: Report): Html {
  return html`<p>${reason}</p>
${faults.length === 0 ? nothing : html`<p>Injected faults: ${faults.map(inUnits).join('; ')}.</p>`}
${assumptions('Assumption', 'Assumptions of the plan, and whether they held', list)}`;
}

function notTested({ notTested: list }: Report): Html {
  return html`<ul class="list">${list.map(({ what, why: because }) => html`<li><strong>${what}</strong>: ${because}.</li>`)}</ul>`;
}

function people({ people: list }: Report): Html {
  const answerOf = ({ asked, answer, absence }: (typeof list)[number]): Html | string => {
    if (answer === null) return absence ?? (asked ? 'no answer' : 'was not asked');
    const after = answer.afterSeconds === null ? '' : ` after ${formatSeconds(answer.afterSeconds)}`;
    return html`${inParts(answer.answer)}${after}${answer.valid ? nothing : html` ${badge('bad', 'does not count')}`}`;
  };
  return table(
    'Who was told, asked and answered',
    ['Role', 'Asked', 'Answer', 'Messages', 'Duty'],
    list.map((one) => [
      one.role,
      one.asked ? 'yes' : 'no',
      answerOf(one),
      one.told === null ? 'not known' : String(one.told),
      one.duty,
    ]),
  );
}

function timeline(report: Report): Html {
  const { lanes, marks, zeroAt } = report.timeline;
  if (lanes.length + marks.length === 0) return silence(report, 'timeline');
  const bars = lanes.flatMap(({ name, bars: some }) => some.map((bar) => ({ lane: name, bar })));
  const isPredicted = bars.some(({ bar }) => bar.predictedSeconds !== null);
  const at = ({ bar: { from, to } }: (typeof bars)[number]) => Date.parse(from ?? to ?? zeroAt);
  bars.sort((a, b) => at(a) - at(b));
  const basis = report.predicted?.basis ?? null;
  return html`<p class="small soft">The timeline begins at ${dayOf(zeroAt)}. All times count from there.${basis === null ? '' : ` Predictions use ${basis}.`}</p>
<figure>
<p class="small soft aside">The picture is wider than the screen: move it sideways. The table below it says the same.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Timeline, wider than a phone">
${timelinePicture(report)}
</div>
<figcaption><ul class="key"><li><i class="path"></i>critical path: the recovery waited for it</li><li><i class="other"></i>other steps</li><li><i class="wait"></i>waiting</li><li><i class="failed"></i>failed, refused, or users not served</li>${isPredicted ? html`<li><i class="predicted"></i>predicted</li>` : nothing}</ul></figcaption>
</figure>
<details><summary>The same as a table</summary>
${table(
  'Parts of the recovery',
  ['Part', 'Lane', 'Began', 'Took', ...(isPredicted ? ['Predicted'] : []), 'How it ended'],
  bars.map(({ lane, bar }) => [
    bar.name,
    lane,
    bar.from === null ? 'not known' : afterOf(bar.from, zeroAt),
    bar.from === null || bar.to === null
      ? bar.to === null
        ? 'not finished'
        : `finished ${afterOf(bar.to, zeroAt)}`
      : formatSeconds((Date.parse(bar.to) - Date.parse(bar.from)) / 1000),
    ...(isPredicted ? [bar.predictedSeconds === null ? 'not predicted' : formatSeconds(bar.predictedSeconds)] : []),
    `${bar.outcome}${bar.attempts !== null && bar.attempts > 1 ? `, ${bar.attempts} attempts` : ''}${bar.critical ? ', critical path' : ''}`,
  ]),
)}</details>
<details><summary>${countOf(marks.length, 'event')}: signals, decisions, failures</summary>
<ul class="list">${marks.map(({ lane, at: moment, text }) => html`<li><span class="num">${afterOf(moment, zeroAt)}</span> <span class="soft">${lane}:</span> ${inUnits(text)}</li>`)}</ul></details>`;
}

function evidence(report: Report): Html {
  const { decisions, others, timeline } = report;
  return html`${
    decisions.length === 0
      ? silence(report, 'decisions')
      : html`<ol class="list">${decisions.map(
          ({ at, action, level, reason, indication, evidence: facts, signals, execution }) => html`<li>
<p><span class="num">${clockOf(at, timeline.zeroAt)}</span> <strong>${action === 'none' ? 'over' : action}</strong>, level ${level} (${levelWords(level)}): ${toRead(reason)}.</p>
${indication === null ? nothing : html`<p class="small soft">Indication: <code>${indication}</code>, explained in ${runbookSection(indication, report.runbookUrl)}.</p>`}
${facts.length === 0 ? (action === 'none' ? nothing : html`<p class="small soft">${countOf(signals, 'signal')} without a text.</p>`) : html`<ul>${facts.map((fact) => html`<li>${toRead(fact)}</li>`)}</ul>${signals > facts.length ? html`<p class="small soft">and ${countOf(signals - facts.length, 'more signal')}</p>` : nothing}`}
${execution === null ? nothing : html`<p class="small soft">Starts <code>${execution}</code>.</p>`}
</li>`,
        )}</ol>`
  }
<h3>Other incidents at the same time</h3>
${
  others.length === 0
    ? html`<p>${report.silent['others'] || 'None is known.'}</p>`
    : html`<ul>${others.map(({ id, level, zone, region, openedAt }) => html`<li><code>${id}</code>: level ${level}, ${levelWords(level)} in ${zone ?? region}, since ${dayOf(openedAt)}</li>`)}</ul>`
}`;
}

const wayTones = { taken: 'good', offered: 'warn', refused: 'bad' } as const;

function ways(report: Report): Html {
  if (report.ways.length === 0) return silence(report, 'ways');
  return table(
    'Best way first. A refused way was not safe or not possible.',
    ['Way', 'State', 'Why', 'Predicted recovery', 'Predicted loss'],
    report.ways.map(({ way, state, why: because, recoverySeconds, dataLossSeconds }) => [
      way,
      badge(wayTones[state], state === 'offered' ? 'not taken' : state),
      toRead(because),
      formatSeconds(recoverySeconds),
      formatSeconds(dataLossSeconds),
    ]),
  );
}

function approvals(report: Report): Html {
  const { approvals: list, waivers } = report;
  const zero = report.timeline.zeroAt;
  const left =
    waivers.length === 0
      ? nothing
      : html`<h3>Skipped by a person</h3><ul>${waivers.map(({ at, state, by, reason }) => html`<li>${dayOf(at)}: ${state}, by ${by}: ${reason}</li>`)}</ul>`;
  if (list.length === 0) return html`${silence(report, 'approvals')}${left}`;
  return html`${list.map(
    (one) => html`<h3>${one.mode} of ${one.target} by ${one.way}: ${one.outcome ?? 'open'}</h3>
<p>${actorWords(one.requestedBy)} asked at ${dayOf(one.askedAt)}. Needed: ${one.required} of ${one.roles.join(', ')}. Open until ${dayOf(one.expiresAt)}.${one.settledAt === null ? '' : ` Settled at ${dayOf(one.settledAt)}.`}</p>
<p>An approval is valid for plan <code>${one.plan.slice(0, 12)}</code> and ${one.lossCeilingSeconds === null ? 'a loss that is not known' : `a loss of at most ${formatSeconds(one.lossCeilingSeconds)}`}. Not fenced: ${one.unfenced.join(', ') || 'nothing'}.</p>
<p><strong>What people were shown</strong></p>
<ul>${one.shown.map((sentence) => html`<li>${toRead(sentence)}</li>`)}</ul>
${
  one.answers.length === 0
    ? html`<p>Nobody answered.</p>`
    : table(
        `Answers to ${one.id}`,
        ['Role', 'Answer', 'When', 'Who and how', 'Counts'],
        one.answers.map(({ at, approver, answer, valid, why: because, reason, from, who, how, shownHash }) => [
          approver,
          `${answer}${reason === '' ? '' : `: ${reason}`}`,
          html`<span class="num">${clockOf(at, zero)}</span>`,
          html`${who === null ? 'name not known' : html`<code>${inParts(who)}</code>`}, ${how === null ? 'channel not known' : html`by ${inParts(how)}`}, from ${inParts(from)}${shownHash === null || shownHash === '' ? nothing : html`; shown text <code>${shownHash.slice(0, 12)}</code>`}`,
          valid ? 'yes' : `no: ${because}`,
        ]),
      )
}`,
  )}${left}`;
}

function calls(report: Report): Html {
  const { calls: made, assets, reached, before } = report;
  const zero = report.timeline.zeroAt;
  return html`${
    made.length === 0
      ? silence(report, 'calls')
      : table(
          'Every call that changes something, in order',
          ['Call', 'When', 'Before', 'After', 'Step', 'Request id'],
          repeated(made).map(({ call: one, times, lastAt }) => [
            html`<code>${inParts(one.call)}</code>${one.refused ? html` ${badge('bad', 'refused')}` : nothing}<br><span class="soft">${inParts(one.target)} in ${inParts(one.region)}</span>`,
            html`<span class="num">${clockOf(one.at, zero)}</span>${times === 1 ? nothing : html`, ${times} times until <span class="num">${clockOf(lastAt, zero)}</span>`}`,
            inParts(toRead(one.before ?? unseenWords(one))),
            afterWords(one, zero),
            html`${inParts(one.step)}<br><span class="soft">for ${inParts(actorWords(one.actor))}</span>`,
            html`${inParts(one.requestId ?? 'not known')}${times === 1 ? '' : ' (of the first call)'}`,
          ]),
        )
  }
<h3>Before and after</h3>
${before.length === 0 ? nothing : html`<p>The state before the drill:</p><ul>${before.map((line) => html`<li>${line}</li>`)}</ul>`}
${
  assets.length === 0
    ? silence(report, 'assets')
    : table(
        'Where assets were',
        ['Asset', 'Kind', 'Before', 'After', 'Serves'],
        assets.map(({ name, kind, before, after, serves }) => [
          name,
          kind,
          before ?? 'not known',
          html`${inParts(after ?? 'not known')}${before !== null && after !== null && before !== after ? html` ${badge('warn', 'moved')}` : nothing}`,
          serves === null ? 'not known' : serves ? 'yes' : 'no',
        ]),
      )
}
<h3>Results of steps</h3>
${
  reached.length === 0
    ? silence(report, 'reached')
    : html`<details><summary>${countOf(reached.length, 'entry').replace(/entrys$/, 'entries')} of the record</summary>
<ul class="list">${reached.map(({ at, step, outcome }) => html`<li><span class="num">${clockOf(at, zero)}</span> <strong>${step}</strong>: ${toRead(outcome)}</li>`)}</ul></details>`
}`;
}

type Call = Report['calls'][number];

/** The text if nobody had looked at the target. */
function unseenWords(call: Call): string {
  return isOwnLambda(call) ? 'only that Lambda knows' : 'not known';
}

/** The state that the call asked for, and whether it was reached. */
function afterWords(call: Call, zero: string): Html {
  const { wanted, reachedAt, refused } = call;
  if (refused) return html`unchanged: the call was refused`;
  const seen = reachedAt === null ? 'not confirmed' : `confirmed ${clockOf(reachedAt, zero)}`;
  return html`${inParts(toRead(wanted ?? unseenWords(call)))}<br><span class="soft">${seen}</span>`;
}

type Row = { readonly call: Call; times: number; lastAt: string };

/** A call that a step repeats is one line; the JSON has each of them. */
function repeated(calls: readonly Call[]): readonly Row[] {
  const rows: Row[] = [];
  for (const call of calls) {
    const last = rows.at(-1);
    if (last === undefined || nameOf(last.call) !== nameOf(call)) rows.push({ call, times: 1, lastAt: call.at });
    else {
      last.times += 1;
      last.lastAt = call.at;
    }
  }
  return rows;
}

function nameOf({ at: _, requestId: __, ...same }: Call): string {
  return JSON.stringify(same);
}

/** The page shows this many rows of each old database; the JSON has all. */
const mostRows = 40;

function onlyOldRows({ asset, region, rows }: Report['onlyOld'][number]): Html {
  const said = table(
    `Only in the old ${asset} in ${region}`,
    ['Row', 'Written', 'In the new database', 'Hash'],
    rows
      .slice(0, mostRows)
      .map(({ table: of, key, hash, writtenAt, other }) => [
        `${of} ${key}`,
        writtenAt === null ? 'not known' : dayOf(writtenAt),
        other ? 'different' : 'missing',
        hash,
      ]),
  );
  if (rows.length <= mostRows) return said;
  return html`<p>These are the ${mostRows} newest of ${rows.length} rows. The .json file has all.</p>
${said}`;
}

function data({ data: list, onlyOld }: Report): Html {
  const kept = onlyOld.filter(({ rows }) => rows.length > 0);
  return html`${assumptions('Check', 'Each check and its result', list)}
${kept.map(onlyOldRows)}`;
}

const phases = { before: 'Before the fault', during: 'Until users were served again', after: 'After that' } as const;

function tookWords({ took, requestsPercent }: Phase): string {
  if (took === null) return requestsPercent === 0 ? 'none succeeded' : 'not measured';
  const slowest = `slowest ${formatMs(took.slowestMs)}`;
  return took.medianMs === null ? slowest : `median ${formatMs(took.medianMs)}, ${slowest}`;
}

function users({ users: { phases: list, how, latency } }: Report): Html {
  const percent = (value: number | null) => (value === null ? 'not known' : `${value} %`);
  return html`${
    list.length === 0
      ? nothing
      : table(
          'Availability and latency',
          ['When', 'Lasted', 'Time served', 'Requests that succeeded', 'Latency', 'Canary runs'],
          list.map((one) => {
            const { phase, from, to, servedPercent, requestsPercent, runs } = one;
            return [
              phases[phase],
              formatSeconds((Date.parse(to) - Date.parse(from)) / 1000),
              percent(servedPercent),
              percent(requestsPercent),
              tookWords(one),
              runs === null ? 'not known' : `${runs.passed} passed, ${runs.failed} failed`,
            ];
          }),
        )
  }
<p>${how}</p>
<p>${latency}</p>`;
}

function messages(report: Report): Html {
  const { messages: list } = report;
  const zero = report.timeline.zeroAt;
  if (list.length === 0) return silence(report, 'messages');
  const first = list[0];
  return html`<p>${countOf(list.length, 'message')} with the full text.${first === undefined ? '' : ` The first one was sent ${afterOf(first.at, zero).replace('+', '')} after the beginning.`}</p>
${list.map(
  ({
    at,
    role,
    channel,
    subject,
    body,
  }) => html`<details><summary><span>${clockOf(at, zero)}, ${role} by ${channel === 'page' ? 'pager' : channel}: ${subject}</span></summary>
<pre>${body}</pre></details>`,
)}`;
}

function safety(report: Report): Html {
  const { invariants: list } = report;
  if (list.length === 0) return silence(report, 'invariants');
  const held = list.filter((one) => one.held).length;
  return html`<p>${held} of ${list.length} invariants held. They were checked all the time.</p>
<ul class="list">${list.map(({ id, held: holds, detail }) => html`<li>${badge(holds ? 'good' : 'bad', holds ? 'held' : 'broken')} ${id}${detail === null ? '' : `: ${detail}`}</li>`)}</ul>`;
}

const severities = { high: 'bad', medium: 'warn', low: 'none' } as const;

function findings(report: Report): Html {
  const { findings: list } = report;
  if (list.length === 0) return silence(report, 'findings');
  return html`<ol class="list">${list.map(({ severity, what }) => html`<li>${badge(severities[severity], severity)} ${what}</li>`)}</ol>
<p>Give an owner and a due date to each finding that has none. Check it in the next drill.</p>`;
}

function gaps({ gaps: list }: Report): Html {
  return list.length === 0
    ? html`<p>No gaps are known.</p>`
    : html`<ul>${list.map((gap) => html`<li>${gap}</li>`)}</ul>`;
}

function mapping(titles: ReadonlyMap<string, string>): Html {
  return html`<section id="mapping">
<h2>Controls, and the sections that answer them</h2>
<p>For auditors. The table says where to look. It does not say whether a control is met.</p>
${table(
  'Controls',
  ['Control', 'What it asks for', 'Sections', 'Not in this report'],
  controls.map(({ name, asks, sections: ids, elsewhere }) => [
    name,
    asks,
    html`<ul class="links">${ids.map((id) => html`<li><a href="#${id}">${titles.get(id) ?? id}</a></li>`)}</ul>`,
    inCode(elsewhere),
  ]),
)}
</section>`;
}
