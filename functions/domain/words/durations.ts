// Durations in words: what messages, the page and the command line have in common.

/** A duration in its two largest units: `8.4 s`, `4 min 12 s`, `1 h 5 min`, `4 h`. What is not known says so. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return 'not known';
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  const tenths = Math.round(seconds * 10);
  if (tenths < 100) return `${tenths / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join([Math.floor(whole / 60), 'min'], [whole % 60, 's']);
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return join([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']);
  const hours = Math.round(minutes / 60);
  return join([Math.floor(hours / 24), 'd'], [hours % 24, 'h']);
}

/** Two durations that are compared: in seconds where they differ by less than the words say. */
export function formatBoth(one: number, other: number): readonly [one: string, other: string] {
  const words = [formatSeconds(one), formatSeconds(other)] as const;
  return words[0] === words[1] && one !== other ? [`${one} s`, `${other} s`] : words;
}

function join(large: readonly [number, string], small: readonly [number, string]): string {
  const [amount, unit] = small;
  return amount === 0 ? large.join(' ') : `${large.join(' ')} ${amount} ${unit}`;
}
