// What is wrong with a plan, in a line each: where, what stands there, and what was expected.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { describeIssues, must, wrong } from '../../../../functions/domain/plan/issues.ts';
import { keysAt } from '../../../../functions/domain/plan/known-keys.ts';

const schema = z.strictObject({
  text: z.string().min(1).optional(),
  amount: z.number().min(2).max(9).optional(),
  whole: z.int().optional(),
  above: z.number().positive().optional(),
  one: z.array(z.string()).min(1).optional(),
  two: z.array(z.string()).min(2).optional(),
  on: z.boolean().optional(),
  table: z.strictObject({ zone: z.string(), days: z.array(z.string()).optional() }).optional(),
  named: z.record(z.string(), z.strictObject({ seconds: z.int() })).optional(),
  days: z.record(z.enum(['mon', 'tue']), z.string()).optional(),
  upper: z.record(z.string().regex(/^[A-Z]$/, 'a capital'), z.string()).optional(),
  deep: z.strictObject({ upper: z.record(z.string().regex(/^[A-Z]$/, 'a capital'), z.string()) }).optional(),
  mode: z.enum(['act', 'observe']).optional(),
  url: z.url().optional(),
  mail: z.email().optional(),
  said: z.string().regex(/^x$/, 'an x').optional(),
  told: z.string().regex(/^x$/, 'no text that is Invalid').optional(),
  odd: z
    .string()
    .refine((text) => text === 'x')
    .optional(),
  asset: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('rds'), engine: z.string() }),
      z.strictObject({ kind: z.literal('eks'), cluster: z.string() }),
    ])
    .optional(),
});

/** The lines about a plan. */
const lines = (raw: unknown) => {
  const { error } = schema.safeParse(raw);
  return describeIssues(error?.issues ?? [], raw, schema).map(({ line }) => line);
};

test.for<[unknown, string[]]>([
  [{}, []],
  ['no table', ['plan: is "no table", expected a table of keys']],
  [null, ['plan: is null, expected a table of keys']],
  [{ text: 7 }, ['text: is 7, expected text']],
  [{ text: '' }, ['text: is "", expected text that is not empty']],
  [{ amount: 'x' }, ['amount: is "x", expected a number']],
  [{ amount: 1 }, ['amount: is 1, expected at least 2']],
  [{ amount: 10 }, ['amount: is 10, expected at most 9']],
  [{ whole: 1.5 }, ['whole: is 1.5, expected a whole number']],
  [{ above: 0 }, ['above: is 0, expected more than 0']],
  [{ one: [] }, ['one: is [], expected a list with at least 1 entry']],
  [{ two: ['x'] }, ['two: is ["x"], expected a list with at least 2 entries']],
  [{ one: 'x' }, ['one: is "x", expected a list']],
  [{ on: 'yes' }, ['on: is "yes", expected true or false']],
  [{ table: 7 }, ['table: is 7, expected a table of keys']],
  [{ named: [] }, ['named: is [], expected a table of keys']],
  [{ table: {} }, ['table.zone: is missing, expected text']],
  [{ named: { a: { seconds: '5' } } }, ['named.a.seconds: is "5", expected a number']],
  [{ upper: { a: 'x' } }, ['upper.a: is "a", expected a capital']],
  [{ deep: { upper: { a: 'x' } } }, ['deep.upper.a: is "a", expected a capital']],
  [{ odd: 'y' }, ['odd: is "y", expected Invalid input']],
  [{ amount: Number.NaN }, ['amount: is NaN, expected a number']],
  [{ mode: 'x' }, ['mode: is "x", expected one of act, observe']],
  [{ url: 'x' }, ['url: is "x", expected a URL']],
  [{ mail: 'x' }, ['mail: is "x", expected text in the form of email']],
  [{ said: 'y' }, ['said: is "y", expected an x']],
  [{ told: 'y' }, ['told: is "y", expected no text that is Invalid']],
  [{ asset: { kind: 'x' } }, ['asset.kind: is "x", expected one of rds, eks']],
  [
    { text: 'x'.repeat(200), amount: { a: 'y'.repeat(100) } },
    [`amount: is {"a":"${'y'.repeat(74)}…, expected a number`],
  ],
  [{ amount: 'z'.repeat(78) }, [`amount: is "${'z'.repeat(78)}", expected a number`]],
  [{ amount: 'z'.repeat(79) }, [`amount: is "${'z'.repeat(79)}…, expected a number`]],
])('%j', ([raw, expected]) => {
  expect(lines(raw)).toEqual(expected);
});

test('a key that is a slip is one mistake, also where the right one is missing', () => {
  expect(lines({ table: { zon: 'a' } })).toEqual(['table.zon: is "a", expected no such key: did you mean zone?']);
  expect(lines({ table: { zon: 'a', zone: 'b' } })).toEqual([
    'table.zon: is "a", expected no such key: those there are: zone, days',
  ]);
  expect(lines({ table: { wholly: 'a' } })).toEqual([
    'table.zone: is missing, expected text',
    'table.wholly: is "a", expected no such key: those there are: zone, days',
  ]);
});

test('where there are many keys the shipped plan shows them', () => {
  const keys = (count: number) =>
    z.strictObject(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, z.string().optional()])));
  const line = (of: z.ZodType) =>
    describeIssues(of.safeParse({ wholly: 1 }).error?.issues ?? [], { wholly: 1 }, of)[0]?.line;
  expect(line(keys(20))).toContain('those there are: k0, k1,');
  expect(line(keys(21))).toBe('wholly: is 1, expected no such key: the shipped plan.yml shows those there are');
  expect(line(keys(0))).toBe('wholly: is 1, expected no such key: the shipped plan.yml shows those there are');
});

test('what must hold is said where it does not, with its path', () => {
  expect(must(true, 'a.b', 1, 'two')).toEqual([]);
  expect(must(false, 'a.b', 1, 'two')).toEqual([{ path: ['a', 'b'], line: 'a.b: is 1, expected two' }]);
  expect(wrong([], undefined, 'a plan')).toEqual({ path: [], line: 'plan: is missing, expected a plan' });
});

test.for<[(string | number)[], unknown, string[]]>([
  [['table'], {}, ['zone', 'days']],
  [['table', 'zone'], { table: { zone: 'a' } }, []],
  [['named', 'any'], {}, ['seconds']],
  [['days'], {}, ['mon', 'tue']],
  [['upper'], {}, []],
  [['gone', 'deeper'], {}, []],
  [['asset'], { asset: { kind: 'rds' } }, ['kind', 'engine']],
  [['asset'], { asset: { kind: 'eks' } }, ['kind', 'cluster']],
  [['asset'], { asset: { kind: 'other' } }, ['kind', 'engine', 'cluster']],
  [['asset'], null, ['kind', 'engine', 'cluster']],
])('the keys that may stand at %j of %j', ([path, raw, keys]) => {
  expect(keysAt(schema, path, raw)).toEqual(keys);
});

test('of a list and of alternatives the keys of each form are known', () => {
  const list = z.array(z.strictObject({ match: z.string() }));
  expect(keysAt(list, [0], [{}])).toEqual(['match']);
  const either = z.union([z.strictObject({ a: z.string() }), z.strictObject({ a: z.string(), b: z.string() })]);
  expect(keysAt(z.strictObject({ either }), ['either'], {})).toEqual(['a', 'b']);
});
