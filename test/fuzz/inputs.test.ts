// What functions are given: rubbish is refused by its name before anything is done, and a real input of which one place is wrong does no harm.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verbsIn } from '../../functions/kinds/verbs.ts';
import { plan } from '../plan.ts';
import { ofAll } from '../releases/recorded.ts';
import { files, handlerOf, heedless, ofEvents, seen } from './edges.ts';
import { broken, type Json, rubbish, runs } from './rubbish.ts';

const root = join(import.meta.dirname, '../..');
const given = files.filter((file) => !heedless.includes(file) && !ofEvents.includes(file));

const { inputs } = ofAll;
const fileOf = new Map(verbsIn(plan).map(({ name, kind, verb }) => [name, `kinds/${kind}/${verb}`]));

describe('the lists hold every function', () => {
  test('what heeds nothing reads no event, and everything else does', async () => {
    for (const file of files.filter((one) => !one.startsWith('kinds/'))) {
      const text = readFileSync(join(root, 'functions', `${file}.ts`), 'utf8');
      expect(/handler = onEvent\(async \(_event: unknown/.test(text), file).toBe(heedless.includes(file));
      expect(/handler = onEvent\(async \(event: unknown/.test(text), file).toBe(ofEvents.includes(file));
    }
  });
});

test('CloudFormation calls none of them: there is no custom resource, whose input would be an edge of its own', () => {
  const text = globSync('infrastructure/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
  expect(text.join('\n')).toContain('AWS::Lambda::');
  expect(text.join('\n')).not.toMatch(/Custom::|CustomResource/);
});

test.for(given)('%s refuses rubbish, and does nothing', async (file) => {
  await fc.assert(
    fc.asyncProperty(rubbish, async (input) => {
      const { run, written, asked } = seen();
      expect(await run(file, input)).toBe(null);
      expect([...written, ...asked]).toEqual([]);
    }),
    runs(30),
  );
});

/** What else a function may ask for without a lock. */
function mayAsk(file: string, one: string, { incident }: Json): boolean {
  // The execution of its own that watches, and changes nothing until the record says that the region is given up.
  if (file === 'watch-fence') return one === 'sfn StartExecution';
  // A Lambda of the user's is asked what is so, and told that it is a dry run.
  return file.startsWith('kinds/custom/') && one === 'lambda Invoke' && (incident as Json)['dryRun'] === true;
}

/** Beside reading: people are told, and a flow's own record is kept. */
const harmless = /^(sns Publish|sqs SendMessage|\S+ (Describe|Get|List|Head|Lookup|Read)\w*)$/;

test.for(inputs.map(({ name, input }, index) => [`${index} of ${name}`, fileOf.get(name) ?? name, input] as const))(
  'input %s with a wrong place throws nothing that a state machine does not know, and moves nothing',
  async ([, file, input]) => {
    await handlerOf(file);
    await fc.assert(
      fc.asyncProperty(broken(input), async (wrong) => {
        const { run, asked } = seen();
        expect(await run(file, wrong)).toBe(null);
        expect(asked.filter((one) => !harmless.test(one) && !mayAsk(file, one, wrong))).toEqual([]);
      }),
      runs(20),
    );
  },
);
