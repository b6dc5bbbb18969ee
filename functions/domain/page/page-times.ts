// Times as the approval page shows them: in UTC, in full for machines, and with how long ago or how far off they are.
import { formatSeconds } from '../words/durations.ts';
import { type Html, html } from './html.ts';

/** A time in UTC with how long ago, or how far off, it is. */
export function when(at: number, now: number): Html {
  return html`${time(at, clock(at, now))} (${relative(at, now)})`;
}

export function time(at: number, text: string): Html {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? html`${text}` : html`<time datetime="${date.toISOString()}">${text}</time>`;
}

/** The day is said where it is another than today. */
export function clock(at: number, now: number): string {
  const [date, today] = [iso(at), iso(now)];
  if (date === null) return 'a time not known';
  return date.slice(0, 10) === today?.slice(0, 10) ? `${date.slice(11, 16)} UTC` : day(at);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function day(at: number): string {
  const date = new Date(at);
  const text = iso(at);
  if (text === null) return 'a time not known';
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${text.slice(11, 16)} UTC`;
}

/** With seconds, where two instants are compared. */
export function moment(at: number): string {
  const text = iso(at);
  return text === null ? 'a time not known' : day(at).replace(text.slice(11, 16), text.slice(11, 19));
}

function iso(at: number): string | null {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Rounded towards now: nobody is told of more time than is left. */
function relative(at: number, now: number): string {
  const seconds = Math.abs(at - now) / 1000;
  if (Number.isNaN(seconds)) return 'not known';
  if (seconds < 60) return at > now ? 'in less than a minute' : 'just now';
  return at > now ? `in ${minutes(seconds)}` : `${minutes(seconds)} ago`;
}

/** Whole minutes, from a day on whole hours: what is begun does not count. */
export function minutes(seconds: number): string {
  const unit = seconds < 86_400 ? 60 : 3600;
  return formatSeconds(Math.floor(seconds / unit) * unit);
}
