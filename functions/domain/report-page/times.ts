// Times and numbers as reports write them.
import { formatSeconds } from '../words/durations.ts';

/** A time for machines. One that is no time becomes the beginning of 1970, so that a damaged record still gives a page. */
export function isoOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

/** A time for people. The page names its first day once; a time of another day has its day beside it. */
export function clockOf(iso: string, zero: string): string {
  const day = iso.slice(0, 10);
  return `${day === zero.slice(0, 10) ? '' : `${day} `}${iso.slice(11, 19)} UTC`;
}

export function dayOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** How long after the beginning, such as `+2 min 27 s`. */
export function afterOf(iso: string, zero: string): string {
  const seconds = (Date.parse(iso) - Date.parse(zero)) / 1000;
  return seconds < 0 ? formatSeconds(seconds) : `+${formatSeconds(seconds)}`;
}

/** How long an answer took: `153 ms`, `1.4 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : formatSeconds(ms / 1000);
}

/** A number of things: `1 write`, `39 writes`. */
export function countOf(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : `${one}s`}`;
}

/** A text of the record for people: times to the second, and "measured:" before a value at the end. The JSON has the text unchanged. */
export function toRead(text: string): string {
  return text
    .replaceAll(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g, '$1 $2 UTC')
    .replace(/ \((-?\d[\d.e+-]*)\)$/, ', measured: $1');
}

/** Who made a call, or asked for it. No person asks for what the classification starts. */
export function actorWords(actor: string): string {
  return actor === 'classify' ? 'Breakwater itself' : actor;
}

/** Writes the seconds in a sentence in larger units: `for 3600 s` becomes `for 1 h`. */
export function inUnits(text: string): string {
  return text.replaceAll(/\b(\d+) s\b/g, (_, seconds: string) => formatSeconds(Number(seconds)));
}

/** A number and its unit stay in one line. */
export function together(text: string): string {
  return text.replaceAll(/(\d) (ms|s|min|h|d)\b/g, '$1\u00a0$2');
}
