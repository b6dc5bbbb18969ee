// The functions Step Functions adds to JSONata, and replacements for those of JSONata that read the wall clock or draw
// from Math.random: in the simulator both come from the caller, so that one seed gives one history.
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../clock.ts';

export type ExpressionFunctions = Record<string, (...values: never[]) => unknown>;

const algorithms: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The largest array $range may make, as for States.ArrayRange. */
const longestRange = 1_000;

const formatMillis = jsonata('$fromMillis($millis, $picture, $timezone)');

export function expressionFunctions(clock: Clock, random: () => number): ExpressionFunctions {
  return {
    partition,
    range,
    hash,
    parse: (text: string) => (text === undefined ? undefined : JSON.parse(text)),
    random: (seed?: number) => (seed === undefined ? random() : seeded(seed)),
    uuid: () => uuid(random),
    shuffle: (list?: unknown[]) => (Array.isArray(list) ? shuffle(list, random) : list),
    millis: () => clock.now(),
    now: (picture?: string, timezone?: string) =>
      picture === undefined
        ? new Date(clock.now()).toISOString()
        : formatMillis.evaluate(undefined, { millis: clock.now(), picture, timezone }),
    eval: () => {
      throw new Error('$eval is not available in Step Functions; $parse reads JSON');
    },
  };
}

/** A version 4 UUID from the given source of randomness. */
export function uuid(random: () => number): string {
  const digits = randomHex(random, 32).split('');
  digits[12] = '4';
  digits[16] = '89ab'[Math.floor(random() * 4)] ?? '8';
  const hex = digits.join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function randomHex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

function partition(list: unknown[], size: number): unknown[][] {
  if (!Array.isArray(list)) throw new Error('$partition expects an array');
  if (!Number.isInteger(size) || size < 1) throw new Error('$partition expects a size of 1 or more');
  return Array.from({ length: Math.ceil(list.length / size) }, (_, chunk) =>
    list.slice(chunk * size, (chunk + 1) * size),
  );
}

/** From `first` to `last`, both included. On AWS the answer is a sequence: one value alone loses its array. */
function range(first: number, last: number, step: number): unknown {
  if (![first, last, step].every(Number.isFinite)) throw new Error('$range expects three numbers');
  if (step === 0) throw new Error('$range expects a step other than 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > longestRange) throw new Error(`$range makes at most ${longestRange} values`);
  const values = Array.from({ length }, (_, index) => first + index * step);
  return Object.assign(values, { sequence: true });
}

function hash(content: unknown, algorithm: string): string {
  const name = algorithms[algorithm];
  if (name === undefined) throw new Error(`$hash expects one of ${Object.keys(algorithms).join(', ')}`);
  return createHash(name)
    .update(typeof content === 'string' ? content : JSON.stringify(content))
    .digest('hex');
}

function shuffle(list: unknown[], random: () => number): unknown[] {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

/** The same number in [0, 1) for the same seed, whatever else was drawn (one step of mulberry32). */
function seeded(seed: number): number {
  let mixed = (Math.floor(seed) + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
