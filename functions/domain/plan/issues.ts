// One thing that is wrong with a plan: where, what stands there, what was expected. And what zod says, in those words.
import type * as z from 'zod';
import { oneOf, slipOf } from '../words/nearest.ts';
import { keysAt } from './known-keys.ts';

/** One thing that is wrong: the keys that lead to it, and a line `path: is value, expected …` without the file. */
export type Wrong = { readonly path: readonly string[]; readonly line: string };

/** Keys of a path stand behind each other, with dots between them: no key of the plan that is named here has one. */
export function must(holds: boolean, path: string, value: unknown, expected: string): Wrong[] {
  return holds ? [] : [wrong(path.split('.'), value, expected)];
}

/** What zod says is wrong with what `schema` refused. A key that is missing beside one that is a slip of it is one mistake. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], raw: unknown, schema: z.core.$ZodType): Wrong[] {
  const all = issues.flatMap((issue) => describeIssue(issue, raw, schema));
  const meant = new Set(all.flatMap((one) => one.meant ?? []));
  return all.flatMap(({ path, line }) => (meant.has(path.join('.')) ? [] : [{ path, line }]));
}

/** `meant`: the path of the key that a strange one is a slip of: it is missing. */
type Described = Wrong & { readonly meant?: string };

/** What one zod issue says is wrong; an unknown key is a thing of its own. */
function describeIssue(issue: z.core.$ZodIssue, raw: unknown, schema: z.core.$ZodType): Described[] {
  const value = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), raw);
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path, raw);
    const left = known.filter((one) => !isRecord(value) || !Object.hasOwn(value, one));
    return issue.keys.map((key) => {
      const stranger = isRecord(value) ? value[key] : undefined;
      const one = slipOf(key, left);
      const expected = `no such key: ${one === null ? amongKeys(known) : `did you mean ${one}?`}`;
      const found = wrong([...path, key], stranger, expected);
      return one === null ? found : { ...found, meant: [...path, one].join('.') };
    });
  }
  if (issue.code === 'invalid_key')
    return [wrong(path, path.at(-1), expectationOf(issue.issues[0] ?? issue, path.at(-1)))];
  return [wrong(path, value, expectationOf(issue, value))];
}

/** More than a person reads in a line. */
const mostKeys = 20;

function amongKeys(known: readonly string[]): string {
  return known.length === 0 || known.length > mostKeys
    ? 'the shipped plan.yml shows those there are'
    : `those there are: ${known.join(', ')}`;
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
function expectationOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (!/^(Invalid|Too)/.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_union' && 'options' in issue) return oneOf((issue.options ?? []).map(String), value);
  if (issue.code === 'invalid_type') return typeWords[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String), value);
  if (issue.code === 'invalid_format') return issue.format === 'url' ? 'a URL' : `text in the form of ${issue.format}`;
  if (issue.code === 'too_small') return lowerBound(issue.origin, issue.minimum, issue.inclusive ?? true);
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return issue.message;
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
