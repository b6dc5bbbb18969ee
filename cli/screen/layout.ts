// How numbers and long texts look on a screen: the timeline's clock, moments, counts, and wrapped lines.

/** Time since the fault as a clock that lines up: `+04:12`, `+1:04:12`. */
export function formatOffset(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  const hours = Math.floor(whole / 3600);
  const rest = [Math.floor((whole % 3600) / 60), whole % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${seconds < 0 ? '-' : '+'}${hours === 0 ? '' : `${hours}:`}${rest}`;
}

/**
 * A moment in UTC, as people compare it with a clock on the wall: `2026-11-23 03:02:11Z`. What is not known says so.
 */
export function formatTime(at: number | null): string {
  return at === null ? 'not known' : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** A moment for machines: ISO 8601, or null where it is not known. */
export function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** A whole number with its thousands apart: `1,994`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Breaks a text between its words; a word that is longer than a line stays whole. Control characters become blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A text on one line that cannot steer a terminal: what it holds may come from a file or an event. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
