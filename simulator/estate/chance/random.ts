// Chance, seeded: the estate's only source of it, so that one seed gives one history.

/** A sequence of numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** A sequence that is the same for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sequence of its own, begun by another: drawing more from one does not change the other. */
export function fork(random: Random): Random {
  return createRandom(Math.floor(random() * 2 ** 32));
}

/** A number between two others. */
export function between(random: Random, least: number, most: number): number {
  return least + (most - least) * random();
}

/** Hexadecimal digits. */
export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}

/** An id in the form that AWS gives events, builds and shifts. */
export function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
}

/** A number that is the same for the same text (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
