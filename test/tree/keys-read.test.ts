// Each key of a plan is read by what runs with it: by handlers, packaging, the command line or the twin. One that is only
// checked would be a question that nobody asks.
import { globSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { schema } from '../../functions/domain/plan/plan.ts';
import { kinds } from '../../functions/kinds/kinds.ts';
import { type Key, keysIn, type Reading, readingsOf } from './keys-read.ts';

const declaring = [
  'functions/domain/plan/plan.ts',
  'functions/domain/plan/asset-keys.ts',
  'functions/domain/drills/plan.ts',
  'functions/domain/data/keys.ts',
  ...globSync('functions/kinds/*/{,says/}{,*-}plan.ts').toSorted(),
];
const keys = declaring.flatMap(keysIn);

let readings: ReadonlyMap<Key, readonly Reading[]>;
beforeAll(async () => {
  readings = await readingsOf(keys);
}, 300_000);

test('every key that the schema has is looked for, of every kind of asset too', () => {
  const wanted = [...tablesIn(schema)].flatMap((table) => Object.keys(table.shape));
  // What all assets have is declared once, and stands in the table of each kind.
  const repeated = Object.values(kinds)
    .slice(1)
    .flatMap(() => keysIn('functions/domain/plan/asset-keys.ts').map(({ name }) => name));
  const declared = keys.map(({ name }) => name);
  expect([...declared, ...repeated].toSorted()).toEqual(wanted.toSorted());
  expect(keys.length).toBeGreaterThan(100);
});

test('every key of the plan is read', () => {
  const unread = keys.filter((key) => !isRead(key));
  expect(unread.map(({ file, line, name }) => `${file}:${line + 1}: ${name}`)).toEqual([]);
});

/** By its name, or by a name that is computed: that of one key in a table of several. */
function isRead(key: Key): boolean {
  const byName = readingsOfCode(key).length > 0;
  const table = keys.filter(({ name }) => name === key.table);
  return byName || table.flatMap(readingsOfCode).some(({ after }) => /^(\?\.)?\[/.test(after));
}

/** What declares and judges a plan does not read it. */
function readingsOfCode(key: Key): readonly Reading[] {
  return (readings.get(key) ?? []).filter(
    ({ file }) =>
      /^(functions|infrastructure|cli|simulator)\//.test(file) &&
      !declaring.includes(file) &&
      !file.endsWith('/plan-wrong.ts') &&
      file !== 'functions/domain/plan/issues.ts',
  );
}

/** The tables with keys of their own in a schema, each once. */
function tablesIn(part: unknown, found = new Set<z.ZodObject>()): Set<z.ZodObject> {
  if (part instanceof z.ZodObject) {
    if (found.has(part)) return found;
    found.add(part);
    for (const value of Object.values(part.shape)) tablesIn(value, found);
  } else if (part instanceof z.ZodRecord) tablesIn(part.valueType, found);
  else if (part instanceof z.ZodArray) tablesIn(part.element, found);
  else if (part instanceof z.ZodUnion) for (const option of part.options) tablesIn(option, found);
  else if (part instanceof z.ZodOptional || part instanceof z.ZodNullable || part instanceof z.ZodDefault)
    tablesIn(part.unwrap(), found);
  return found;
}
