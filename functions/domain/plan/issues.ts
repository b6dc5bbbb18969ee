// One thing that is wrong with a plan: where, what stands there, what was expected. And what zod says, in those words.
import type * as z from 'zod';
import { oneOf, slipOf } from '../words/nearest.ts';

/** One thing that is wrong: the keys that lead to it, and a line `path: is value, expected …` without the file. */
export type Wrong = { readonly path: readonly string[]; readonly line: string };

/** Keys of a path stand behind each other, with dots between them: no key of the plan that is named here has one. */
export function must(holds: boolean, path: string, value: unknown, expected: string): Wrong[] {
  return holds ? [] : [wrong(path.split('.'), value, expected)];
}

/** What zod says is wrong. A key that is missing beside one that is a slip of it is one mistake. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], raw: unknown): Wrong[] {
  const all = issues.flatMap((issue) => describeIssue(issue, raw));
  const isMissing = ({ line }: Wrong) => line.includes(': is missing, ');
  const pathOf = ({ path }: Wrong) => path.join('.');
  const meant = new Map<string, Wrong>();
  for (const stranger of all.filter(({ line }) => line.includes(noSuchKey))) {
    const beside = all.filter((one) => isMissing(one) && isBeside(one.path, stranger.path));
    const key = slipOf(
      stranger.path.at(-1) ?? '',
      beside.map(({ path }) => path.at(-1) ?? ''),
    );
    if (key !== null) meant.set(pathOf(stranger), { ...stranger, line: `${stranger.line}: did you mean ${key}?` });
    if (key !== null) meant.set([...stranger.path.slice(0, -1), key].join('.'), stranger);
  }
  return all.flatMap((one) => (isMissing(one) && meant.has(pathOf(one)) ? [] : [meant.get(pathOf(one)) ?? one]));
}

function isBeside(one: readonly string[], other: readonly string[]): boolean {
  return one.slice(0, -1).join('.') === other.slice(0, -1).join('.');
}

const noSuchKey = 'expected no such key';

/** What one zod issue says is wrong; an unknown key is a thing of its own. */
function describeIssue(issue: z.core.$ZodIssue, raw: unknown): Wrong[] {
  const value = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), raw);
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const stranger = isRecord(value) ? value[key] : undefined;
      return wrong([...path, key], stranger, 'no such key: the shipped plan.yml shows those there are');
    });
  }
  if (issue.code === 'invalid_key')
    return [wrong(path, path.at(-1), expectationOf(issue.issues[0] ?? issue, path.at(-1)))];
  return [wrong(path, value, expectationOf(issue, value))];
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table of keys',
  record: 'a table of keys',
};

/** What zod expected, in words of a plan. A message of the schema above is the expectation itself. */
function expectationOf(issue: z.core.$ZodRawIssue | z.core.$ZodIssue, value: unknown): string {
  const message = issue.message ?? '';
  if (!/^(Invalid|Too)/.test(message)) return message;
  const [, choices] = /^Invalid discriminator value\. Expected (.*)$/.exec(message) ?? [];
  if (choices !== undefined) return oneOf(choices.replaceAll("'", '').split(' | '), value);
  if (issue.code === 'invalid_type') return typeWords[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String), value);
  if (issue.code === 'invalid_format') return issue.format === 'url' ? 'a URL' : `text in the form of ${issue.format}`;
  if (issue.code === 'too_small') return lowerBound(issue.origin, issue.minimum, issue.inclusive ?? true);
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return message;
}

function lowerBound(origin: string, minimum: number | bigint, inclusive: boolean): string {
  if (origin === 'string') return 'text that is not empty';
  if (origin === 'array') return `a list with at least ${minimum} ${Number(minimum) === 1 ? 'entry' : 'entries'}`;
  return inclusive ? `at least ${minimum}` : `more than ${minimum}`;
}

export function wrong(path: readonly string[], value: unknown, expected: string): Wrong {
  return { path, line: `${path.join('.') || 'plan'}: is ${show(value)}, expected ${expected}` };
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
