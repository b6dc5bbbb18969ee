// Draws the timeline of a report as SVG: a lane for each part, what the recovery waited for, and where the objectives are. Pure.
import { type Html, html, nothing } from '../page/html.ts';
import type { Bar, Report } from '../report/facts.ts';
import { formatSeconds } from '../words/durations.ts';

const width = 960;
const labels = 118;
const rightEdge = width - 12;
const barHeight = 13;
const rowHeight = 21;
const day = 86_400;
const tickSteps = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, day / 2];
const tickDays = [1, 2, 7, 14, 30, 60, 180, 365];
/** How wide a letter is, about: of a name, and of what is written in bold. */
const letter = 6.5;
const boldLetter = 7.2;

type Placed = { readonly bar: Bar; readonly from: number; readonly to: number; readonly row: number };

export function timelinePicture(report: Report): Html {
  const { timeline, numbers } = report;
  const beginning = beginningOf(report);
  const { lanes } = timeline;
  const zero = Date.parse(timeline.zeroAt);
  const since = (iso: string) => (Date.parse(iso) - zero) / 1000;
  const end = endSeconds(timeline, since);
  const x = (seconds: number) => labels + (Math.max(0, Math.min(seconds, end)) / end) * (rightEdge - labels);
  const placed = lanes.map(({ name, bars }) => ({ name, bars: inRows(bars, since, end) }));
  const rowsOf = (bars: readonly Placed[]) => Math.max(1, ...bars.map(({ row }) => row + 1));
  const { said, beyond, headHeight } = headOf(timeline, numbers, since, end, x);
  const height = headHeight + placed.reduce((sum, { bars }) => sum + rowsOf(bars) * rowHeight + 10, 0) + 24;
  let top = headHeight;
  const drawn = placed.map(({ name, bars }, index) => {
    const laneTop = top;
    const laneHeight = rowsOf(bars) * rowHeight + 10;
    top += laneHeight;
    return {
      band:
        index % 2 === 0
          ? html`<rect class="band" x="0" y="${laneTop}" width="${width}" height="${laneHeight}"/>`
          : nothing,
      lane: html`<text x="4" y="${laneTop + 20}">${short(name, 17)}</text>
${bars.map((one) => barIn(one, laneTop, x, end))}
${timeline.marks.filter((mark) => mark.lane === name && since(mark.at) <= end).map(({ at, text }) => markIn(text, x(since(at)), laneTop))}`,
    };
  });
  const bottom = top;
  const ticks = ticksTo(end).map((seconds) => {
    const at = x(seconds);
    return html`<line class="grid" x1="${at}" y1="${headHeight}" x2="${at}" y2="${bottom}"/>
${tickText(seconds === 0 ? beginning : formatSeconds(seconds), at, bottom + 16, seconds === 0 ? 0 : beginning.length)}`;
  });
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline: ${[...said, ...beyond].map(({ text }) => text).join(', ')}">
${drawn.map(({ band }) => band)}
${ticks}
${said.map((line) => lineAt(line, headHeight, bottom))}
${drawn.map(({ lane }) => lane)}
${beyond.length === 0 ? nothing : html`<text class="objective-text" x="4" y="${headHeight - 8}">After the end of this picture: ${beyond.map(({ text }) => text).join(', ')}</text>`}
</svg>`;
}

/** Nobody sees the fault of an incident: its timeline begins with the first evidence. A drill knows its fault, if it has one. */
function beginningOf({ id, incident, why }: Report): string {
  if (id === incident?.id) return 'first evidence';
  return why.faults.length > 0 ? 'fault' : 'beginning';
}

/** A moment that is drawn as a line. `row`: the row of its text above the lanes. Texts that would overlap stand below each other. */
type Line = { readonly kind: string; readonly seconds: number; readonly text: string };
type Said = Line & { readonly at: number; readonly isLeft: boolean; readonly row: number };

/** The texts above the lanes, and their height. `beyond`: moments that are later than the picture. */
function headOf(
  { servedAt, predictedAt }: Report['timeline'],
  { restore, recovery }: Report['numbers'],
  since: (iso: string) => number,
  end: number,
  x: (seconds: number) => number,
) {
  const line = (kind: string, seconds: number, name: string): Line => ({
    ...{ kind, seconds, text: `${name} ${formatSeconds(seconds)}` },
  });
  const lines = [
    ...(servedAt === null ? [] : [line('served', since(servedAt), 'served after')]),
    ...(predictedAt === null ? [] : [line('predicted', since(predictedAt), 'predicted')]),
    line('objective', restore.objectiveSeconds, 'MTTR'),
    line('objective', recovery.objectiveSeconds, 'RTO'),
  ];
  const taken: (readonly (readonly [from: number, to: number])[])[] = [];
  const said: Said[] = lines
    .filter(({ seconds }) => seconds <= end)
    .map((one) => {
      const at = x(one.seconds);
      const isLeft = at > width * 0.7;
      const long = one.text.length * boldLetter + 10;
      const [from, to] = isLeft ? [at - long, at] : [at, at + long];
      const free = taken.findIndex((spans) => spans.every(([start, stop]) => to < start || from > stop));
      const row = free < 0 ? taken.length : free;
      taken[row] = [...(taken[row] ?? []), [from, to]];
      return { ...one, at, isLeft, row };
    });
  const beyond = lines.filter(({ seconds }) => seconds > end);
  return { said, beyond, headHeight: 6 + 16 * (Math.max(1, taken.length) + 1) };
}

/** `beginning`: the length of the first text in letters: no other text may cover it. 0 for the first text itself. */
function tickText(text: string, at: number, y: number, beginning: number): Html {
  if (beginning === 0) return html`<text class="quiet" x="${at}" y="${y}" text-anchor="start">${text}</text>`;
  const half = (text.length * letter) / 2;
  if (at - half < labels + beginning * letter) return nothing;
  const isLast = at + half > width;
  return html`<text class="quiet" x="${isLast ? width : at}" y="${y}" text-anchor="${isLast ? 'end' : 'middle'}">${text}</text>`;
}

/** The picture ends a little after users are served: the watch of a zone goes on for much longer. If users were not served, all is drawn. */
function endSeconds(
  { lanes, servedAt, predictedAt, marks }: Report['timeline'],
  since: (iso: string) => number,
): number {
  const ends = lanes
    .flatMap(({ bars }) => bars.flatMap(({ from, to }) => [from, to]))
    .flatMap((iso) => (iso === null ? [] : [since(iso)]));
  const main = [servedAt, predictedAt].flatMap((iso) => (iso === null ? [] : [since(iso)]));
  const path = lanes
    .flatMap(({ bars }) => bars.filter(({ critical }) => critical))
    .flatMap(({ to }) => (to === null ? [] : [since(to)]));
  const seen = servedAt === null ? [...ends, ...marks.map(({ at }) => since(at))] : path;
  return Math.max(60, ...main, ...seen) * 1.12;
}

/** Bars that overlap stand below each other. */
function inRows(bars: readonly Bar[], since: (iso: string) => number, end: number): Placed[] {
  const free: number[] = [];
  const placed: Placed[] = [];
  for (const bar of bars) {
    const to = bar.to === null ? end : since(bar.to);
    const from = bar.from === null ? to : since(bar.from);
    if (from > end) continue;
    const label = labelSeconds(bar, from, to, end);
    const isLeft = isLeftOf(bar, from, to, end);
    const found = free.findIndex((until) => until <= (isLeft ? from - label : from));
    const row = found < 0 ? free.length : found;
    free[row] = Math.max(to, from + end / 120) + (isLeft ? 0 : label);
    placed.push({ bar, from, to, row });
  }
  return placed;
}

const longestLabel = 52;

/** The name of a bar. A bar with a prediction has its duration beside the predicted one. */
function labelIn({ name, from, to, predictedSeconds }: Bar): string {
  if (predictedSeconds === null) return name;
  const took = from === null || to === null ? 'not known' : formatSeconds((Date.parse(to) - Date.parse(from)) / 1000);
  return `${name} ${took}, predicted ${formatSeconds(predictedSeconds)}`;
}

/** Whether a bar is long enough to have its name beside it; the table names all. */
function isNamed({ from, predictedSeconds }: Bar, length: number): boolean {
  return from === null || predictedSeconds !== null || length > 34;
}

/** How much of the time axis the name beside a bar takes. */
function labelSeconds(bar: Bar, from: number, to: number, end: number): number {
  const perSecond = (rightEdge - labels) / end;
  return isNamed(bar, (to - from) * perSecond)
    ? (Math.min(labelIn(bar).length, longestLabel) * letter + 10) / perSecond
    : 0;
}

function barIn({ bar, from, to, row }: Placed, laneTop: number, x: (seconds: number) => number, end: number): Html {
  const y = laneTop + 8 + row * rowHeight;
  const expected = bar.predictedSeconds === null ? '' : `, predicted ${formatSeconds(bar.predictedSeconds)}`;
  const took = bar.from === null ? ', start not known' : `, ${formatSeconds(to - from)}`;
  const name = `${bar.name}: ${bar.outcome}${took}${expected}${bar.to === null ? ', not finished' : ''}`;
  const title = html`<title>${name}</title>`;
  if (bar.from === null)
    return html`<g>${title}<circle class="point" cx="${x(to)}" cy="${y + barHeight / 2}" r="5"/></g>
${labelOf(bar, x(to) + 8, y)}`;
  const length = Math.max(3, x(Math.min(to, end)) - x(from));
  return html`<g>${title}<rect class="bar ${toneOf(bar)}" x="${x(from)}" y="${y}" width="${length}" height="${barHeight}" rx="2"/></g>
${bar.predictedSeconds === null ? nothing : foretold(from, bar.predictedSeconds, y, x)}
${isNamed(bar, length) ? (isLeftOf(bar, from, to, end) ? leftLabel(bar, x(from) - 5, y) : labelOf(bar, x(from) + length + 5, y)) : nothing}`;
}

/** The predicted duration, below the bar of the true one. */
function foretold(from: number, predicted: number, y: number, x: (seconds: number) => number): Html {
  const [left, right, below] = [x(from), x(from + predicted), y + barHeight + 2.5];
  return html`<g><title>predicted ${formatSeconds(predicted)}</title><path class="line predicted" d="M${left} ${below}H${right}m0 -3v6"/></g>`;
}

/** A moment. Its text appears when somebody points at it, and in the list below the picture. */
function markIn(text: string, at: number, laneTop: number): Html {
  return html`<g><title>${text}</title><line class="mark" x1="${at}" y1="${laneTop + 1}" x2="${at}" y2="${laneTop + 6}"/></g>
`;
}

/** Whether its name has room only to the left of its bar. */
function isLeftOf(bar: Bar, from: number, to: number, end: number): boolean {
  const longest = Math.max(to, from + (bar.predictedSeconds ?? 0));
  const needed = labelSeconds(bar, from, to, end);
  return longest + needed > end && from >= needed;
}

function leftLabel(bar: Bar, at: number, y: number): Html {
  return html`<text class="quiet" x="${at}" y="${y + 11}" text-anchor="end">${short(labelIn(bar), longestLabel)}</text>`;
}

/** Beside its bar, where there is room to the right of it. */
function labelOf(bar: Bar, at: number, y: number): Html {
  const name = labelIn(bar);
  const room = Math.floor((rightEdge - at) / letter);
  return room < 6
    ? nothing
    : html`<text class="quiet" x="${at}" y="${y + 11}">${short(name, Math.min(room, longestLabel))}</text>`;
}

function toneOf({ outcome, critical }: Bar): string {
  if (outcome === 'failed' || outcome === 'not-served' || outcome === 'refused' || outcome === 'not-possible')
    return 'failed';
  if (critical) return 'path';
  return outcome === 'waiting' ? 'wait' : 'other';
}

function lineAt({ kind, at, text, isLeft, row }: Said, headHeight: number, bottom: number): Html {
  return html`<line class="line ${kind}" x1="${at}" y1="${headHeight - 4}" x2="${at}" y2="${bottom}"/>
<text class="${kind}-text" x="${isLeft ? at - 5 : at + 5}" y="${14 + row * 16}" text-anchor="${isLeft ? 'end' : 'start'}">${text}</text>`;
}

function ticksTo(end: number): number[] {
  const steps = [...tickSteps, ...tickDays.map((days) => days * day)];
  const step = steps.find((one) => end / one <= 9) ?? Math.ceil(end / (9 * 365 * day)) * 365 * day;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
