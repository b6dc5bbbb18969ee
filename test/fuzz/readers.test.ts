// What is read back: items of the table, plan files, and command lines. Each says in one line what is wrong, and changes nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { judgePlan } from '../../check/plan-file.ts';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import { errorNames } from '../../functions/domain/errors.ts';
import type { Damaged } from '../../functions/domain/record/store.ts';
import { createMemoryTable } from '../../simulator/memory-store.ts';
import { runIn } from '../../simulator/sdk.ts';
import { run } from '../cli/invented.ts';
import { plan } from '../plan.ts';
import { ofAll } from '../releases/recorded.ts';
import { broken, type Json, rubbish, runs, text } from './rubbish.ts';

const root = join(import.meta.dirname, '../..');
const { items } = ofAll;
const region = plan.roles.primary;

test('an item of which one place is wrong is read, or told of with its key; the others beside it are read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...items).chain((item) => broken(item).map((bad) => ({ item, bad }))),
      async (one) => {
        const table = createMemoryTable();
        const put = (item: Json) => table.answer('Put', { TableName: 'breakwater-memory', Item: item });
        for (const item of items.filter(({ pk, sk }) => pk !== one.item.pk || sk !== one.item.sk)) put(item);
        // What the table itself refuses is never read back.
        const isKept = await Promise.resolve()
          .then(() => put({ ...one.bad, pk: one.item.pk, sk: one.item.sk }))
          .then(
            () => true,
            () => false,
          );
        fc.pre(isKept);
        const told: string[] = [];
        const damaged: Damaged = (all) => void told.push(...all.map(({ pk, sk }) => `${pk} ${sk}`));
        const store = dynamoStore(region, 'breakwater-memory', plan, damaged);
        const answer = async ({ operation, input }: { operation: string; input: Json }) =>
          table.answer(operation, input);
        const context = { answer, caller: { region, step: '', execution: '', incident: '' } };
        const [, id = ''] = one.item.pk.split('#');
        const looks: (() => Promise<unknown>)[] = [
          () => store.readSignals(region, 0),
          () => store.readSignals(plan.roles.standby, 0),
          () => store.readLastIncident(region),
          () => store.listIncidents(),
          () => store.readStanding(region),
          () => store.readRoles(),
          () => store.readHolders(),
          () => store.readLever(),
          () => store.readReadiness(region),
          () => store.readFence(region),
          () => store.listDrills(),
          () => store.listOpenRequests(),
          () => store.readAudit(id),
          () => store.readSteps(id),
          () => store.readAnswers(id),
          () => store.readTaskToken(id),
          () => store.readLink(id),
        ];
        for (const look of looks) {
          const thrown = await runIn(context, look).then(() => null, nameOf);
          // What cannot be read and would be acted on holds: a lock, roles, a freeze.
          expect([null, ...errorNames]).toContain(thrown);
        }
        const own = `${one.item.pk} ${one.item.sk}`;
        expect(told.filter((key) => key !== own)).toEqual([]);
      },
    ),
    runs(150),
  );
});

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

const shipped = parse(readFileSync(join(root, 'test/shipped.yml'), 'utf8')) as Json;

test('a plan of which a place is wrong is a plan, or lines that say where and what was expected', async () => {
  await fc.assert(
    fc.property(fc.oneof(broken(shipped), broken(shipped), rubbish), (raw) => {
      const judged = judgePlan(stringify(raw) ?? '', 'plan.yml');
      if (judged.plan === null) expect(judged.lines.length).toBeGreaterThan(0);
      for (const line of judged.lines) expect(line).toMatch(/^plan\.yml(:\d+)?: /);
    }),
    runs(60),
  );
});

test('a text that is no plan is lines, whatever it holds', async () => {
  const torn = readFileSync(join(root, 'test/shipped.yml'), 'utf8');
  const cut = fc.tuple(fc.nat(torn.length), text, fc.nat(40)).map(([at, other, left]) => {
    return torn.slice(0, at) + other + torn.slice(at + left);
  });
  await fc.assert(
    fc.property(fc.oneof(text, cut), (written) => {
      const judged = judgePlan(written, 'plan.yml');
      if (judged.plan === null) expect(judged.lines.length).toBeGreaterThan(0);
    }),
    runs(40),
  );
});

/** Verbs with what they take; each is given something that it cannot take. */
const verbs = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts as Json);
const word = text.map((one) => one.replaceAll(/\0/g, '?')).filter((one) => one.trim() !== '' && !one.startsWith('-'));

test.for([
  ['a verb that there is not', fc.tuple(word.filter((one) => !verbs.includes(one) && one !== 'help'))],
  [
    'an option that there is not',
    fc.tuple(
      fc.constantFrom(...verbs.filter(isVerb)),
      word.map((one) => `--x${one}`),
    ),
  ],
  ['a scenario that there is not', fc.tuple(fc.constant('drill'), word)],
  [
    'a file that there is not',
    fc.tuple(
      fc.constant('replay'),
      word.map((one) => `/nowhere/${one}`),
    ),
  ],
  [
    'a number that is none',
    fc.tuple(
      fc.constantFrom('judge', 'campaign'),
      fc.constant('--seeds'),
      word.map((one) => `${one}x`),
    ),
  ],
] as const)('%s is one line, and status 2', async ([, args]) => {
  await fc.assert(
    fc.asyncProperty(args as fc.Arbitrary<readonly string[]>, async (line) => {
      const { status, out, err } = await run(line);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).toMatch(/^[^\n]+\n$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may reach a terminal
      expect(err.slice(0, -1)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }),
    runs(25),
  );
});

function isVerb(script: string): boolean {
  return !['breakwater', 'test', 'test:aws', 'lint', 'format', 'types', 'proof'].includes(script);
}
