// The picture of an outage: from when users are down, when it was seen, when people were asked, and until when they can answer, to scale. Each tick
// has a number, and the same stands below in words: nobody has to tell colours apart.
import type { CountsFrom } from '../record/fault-clock.ts';
import { type Html, html } from './html.ts';
import { clock } from './page-times.ts';

/** What is drawn. Times are milliseconds since 1970; null where it has not come. */
export type Outage = {
  readonly since: CountsFrom;
  readonly openedAt: number;
  readonly askedAt: number;
  /** Whether observers saw users served when people were asked. */
  readonly wereServed: boolean;
  readonly servedAt: number | null;
  readonly closedAt: number | null;
  readonly expiresAt: number;
  readonly isOpen: boolean;
  readonly now: number;
};

type Kind = 'down' | 'seen' | 'ask' | 'now' | 'well' | 'end';
type Point = { readonly name: string; readonly at: number; readonly kind: Kind };

/** Null where no time is known. */
export function outagePicture(outage: Outage): Html | null {
  const { askedAt, servedAt, closedAt, now } = outage;
  const points = pointsOf(outage).toSorted((a, b) => a.at - b.at);
  const from = Math.min(...points.map(({ at }) => at));
  const to = Math.max(...points.map(({ at }) => at));
  if (!(to > from)) return null;
  const share = (at: number) => ((at - from) / (to - from)) * 100;
  // What happened to users after they were seen to be served, the page does not know.
  const downUntil = servedAt ?? closedAt ?? (outage.wereServed ? askedAt : now);
  const downFrom = Math.min(outage.since.at, outage.openedAt);
  const drawn = placed(points.map((point) => ({ ...point, x: share(point.at) })));
  return html`<svg class="outage" width="100%" height="64" aria-hidden="true" focusable="false">
<line class="all" x1="0%" x2="100%" y1="32" y2="32"/>
<line class="down" x1="${percent(share(downFrom))}" x2="${percent(share(Math.min(Math.max(downUntil, downFrom), to)))}" y1="32" y2="32"/>
${drawn.map(
  ({ kind, x, labelX, isAbove }, index) =>
    html`<g class="${kind}"><line class="tick" x1="${percent(x)}" x2="${percent(x)}" y1="20" y2="44"/><circle cx="${percent(labelX)}" cy="${isAbove ? 10 : 54}" r="9"/><text x="${percent(labelX)}" y="${isAbove ? 14 : 58}">${index + 1}</text></g>`,
)}
</svg>
<dl class="points">${points.map(({ name, at, kind }, index) => html`<div class="${kind}"><dt><span class="no" aria-hidden="true">${index + 1}</span>${name}</dt><dd>${clock(at, now)}</dd></div>`)}</dl>`;
}

function pointsOf({
  since,
  openedAt,
  askedAt,
  wereServed,
  servedAt,
  closedAt,
  expiresAt,
  isOpen,
  now,
}: Outage): Point[] {
  const last: Point =
    servedAt !== null
      ? { name: 'Served again', at: servedAt, kind: 'well' }
      : closedAt !== null
        ? { name: 'Over', at: closedAt, kind: 'well' }
        : { name: 'Now', at: now, kind: 'now' };
  return [
    ...(since.at < openedAt ? [{ name: 'Users down', at: since.at, kind: 'down' } as const] : []),
    { name: 'Trouble seen', at: openedAt, kind: 'seen' },
    { name: wereServed ? 'Asked, users served' : 'People asked', at: askedAt, kind: 'ask' },
    last,
    { name: isOpen ? 'Answer until' : 'Could answer until', at: expiresAt, kind: 'end' },
  ];
}

/** So far apart two numbers of one row have to be on a phone, in percent. */
const apart = 7;

/** Numbers stand above and below the ticks in turn; where two of a row would meet, the later one is moved. */
function placed<P extends { readonly x: number }>(points: readonly P[]) {
  const free = [0, 0];
  return points.map((point, index) => {
    const row = index % 2;
    const left = (points.length - 1 - index - ((points.length - 1 - index) % 2)) / 2;
    const labelX = Math.min(Math.max(point.x, free[row] ?? 0), 100 - left * apart);
    free[row] = labelX + apart;
    return { ...point, labelX, isAbove: row === 0 };
  });
}

function percent(share: number): string {
  return `${Math.round(share * 10) / 10}%`;
}
