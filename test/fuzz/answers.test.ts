// What AWS answers: of each call whatever the SDK's own model of its output allows, with anything left out that may be. A step that holds
// its lock then goes on, asks again or gives up by a name that its state machine knows, and never falls over.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import type { FlowIncident } from '../../functions/shared/recovery/flow.ts';
import type { Call } from '../../simulator/estate/types.ts';
import { running } from '../functions/setting.ts';
import { plan } from '../plan.ts';
import { ofAll } from '../releases/recorded.ts';
import { handlerOf, heedless, seen } from './edges.ts';
import { runs, text, value } from './rubbish.ts';

const root = join(import.meta.dirname, '../..');
const { inputs } = ofAll;
const fileOf = new Map(verbsIn(plan).map(({ name, kind, verb }) => [name, `kinds/${kind}/${verb}`]));

type Sdk = Readonly<Record<string, new (input: object) => { readonly schema?: readonly unknown[] }>>;
const sdks = new Map<string, Sdk>();
for (const service of readdirSync(join(root, 'node_modules/@aws-sdk')).filter((one) => one.startsWith('client-')))
  sdks.set(service.slice('client-'.length), (await import(`@aws-sdk/${service}`)) as Sdk);

/** What AWS says often, so that a look comes further than its first line. */
const usual = [
  'available',
  'ACTIVE',
  'active',
  'enabled',
  'creating',
  'RUNNING',
  'FAILED',
  'replicating',
  'chatops-prod',
];

/** A page that is not the last: AWS ends some time, and these answers would not. */
const paging = /^(next.*token|.*marker)$/i;
const answers = new Map<string, fc.Arbitrary<unknown>>();

/** What a call may be answered with. Where no SDK is used the answer is JSON of any form. */
function answerOf({ service, operation }: Call): fc.Arbitrary<unknown> {
  const name = `${service} ${operation}`;
  const command = sdks.get(service)?.[`${operation}Command`];
  const known = answers.get(name);
  if (known !== undefined) return known;
  const made =
    command === undefined
      ? fc.dictionary(text, value, { maxKeys: 3 })
      : anyOf(new command({}).schema?.[5] as Schema, deepest);
  answers.set(name, made);
  return made;
}

const deepest = 4;
/** As the SDK writes its shapes: a number, a shape, a function that gives one, or one with traits behind it. */
type Schema = number | (() => Schema) | readonly [number, ...unknown[]] | readonly [() => Schema, ...unknown[]];
const shapes = { list: 1, map: 2, structure: 3 };
const simple: Readonly<Record<number, fc.Arbitrary<unknown>>> = {
  1: fc.oneof(fc.constantFrom(0, 1, -1), fc.integer()),
  2: fc.boolean(),
  4: fc.date({ noInvalidDate: true }),
  5: fc.date({ noInvalidDate: true }),
  6: fc.date({ noInvalidDate: true }),
  7: fc.date({ noInvalidDate: true }),
  21: fc.uint8Array({ maxLength: 20 }),
};
const anyText = fc.oneof(fc.constantFrom(...usual), text);
const [asList, asMap] = [64, 128];

function anyOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (typeof schema === 'function') return anyOf(schema(), depth);
  if (typeof schema === 'number') {
    if (schema >= asMap) return fc.dictionary(text, anyOf(schema - asMap, depth), { maxKeys: 2 });
    return schema >= asList ? many(anyOf(schema - asList, depth), depth) : (simple[schema] ?? anyText);
  }
  const [first] = schema;
  if (typeof first === 'function') return anyOf(first, depth);
  const [, , , , inner, others] = schema as readonly [number, string, string, unknown, unknown, unknown];
  if (first === shapes.list) return many(anyOf(inner as Schema, depth), depth);
  if (first === shapes.map) return fc.dictionary(text, anyOf(others as Schema, depth), { maxKeys: 2 });
  if (first !== shapes.structure) return typeof first === 'number' && schema.length < 5 ? anyOf(first, depth) : anyText;
  const names = depth === 0 ? [] : (inner as readonly string[]);
  const members = names.flatMap((name, index) =>
    paging.test(name) ? [] : [[name, anyOf((others as readonly Schema[])[index] ?? 0, depth - 1)] as const],
  );
  return fc.record(Object.fromEntries(members), { requiredKeys: [], noNullPrototype: true });
}

function many(one: fc.Arbitrary<unknown>, depth: number): fc.Arbitrary<unknown> {
  return fc.array(one, { maxLength: depth === 0 ? 0 : 2 });
}

const steps = inputs.map(({ name, input }, index) => [`${index} of ${name}`, fileOf.get(name) ?? name, input] as const);

test.for(steps)('step %s lives with whatever AWS answers', async ([, file, input]) => {
  await handlerOf(file);
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (any) => {
      const { shell, run } = seen((call) => any(answerOf, call));
      if ('incident' in input) await running(input['incident'] as FlowIncident, { store: shell.store });
      expect(await run(file, input)).toBe(null);
    }),
    runs(6),
  );
});

test.for(heedless)('%s lives with whatever AWS answers', async (file) => {
  await handlerOf(file);
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (any) => {
      const { run } = seen((call) => any(answerOf, call));
      expect(await run(file, {})).toBe(null);
    }),
    runs(6),
  );
});
