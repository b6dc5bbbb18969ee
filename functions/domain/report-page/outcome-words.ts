// The result of a step as text. The result itself is the step's own data, stored unchanged. Total, and never longer than a paragraph.
import { formatSeconds } from '../words/durations.ts';

const longest = 600;
/** Milliseconds since 1970, of this century. */
const firstTime = Date.UTC(2001, 0, 1);
const lastTime = Date.UTC(2100, 0, 1);

export function outcomeWords(outcome: Readonly<Record<string, unknown>>): string {
  const text = partsOf(outcome).join('; ') || 'reached';
  return text.length <= longest ? text : `${text.slice(0, longest)}...`;
}

function partsOf(value: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(value).map(([key, part]) => `${key}: ${wordsOf(key, part)}`);
}

function wordsOf(key: string, value: unknown): string {
  if (value === null || value === undefined) return 'not known';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numberWords(key, value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => wordsOf(key, part)).join(', ') || 'none';
  return `(${partsOf({ ...value }).join('; ')})`;
}

function numberWords(key: string, value: number): string {
  if (value > firstTime && value < lastTime) return new Date(value).toISOString();
  return key.endsWith('Seconds') ? formatSeconds(value) : String(value);
}
