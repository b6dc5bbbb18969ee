// `breakwater package`: each region of the plan in a folder, packaged once for the same input.
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageStack } from '../../cli/packaged/packaging.ts';
import { readTemplateFile, templateIn } from '../../cli/packaged/template.ts';
import { placesOf } from '../../infrastructure/values.ts';
import { packagedFile, packaged as plan } from '../permissions/packaged.ts';
import { run } from './invented.ts';

const { witness } = plan.roles;
const planned = `plan=${packagedFile}`;
/** No other test file has this one. */
const own = { region: witness, stage: 'rehearsal', params: [planned, 'records=elsewhere'] };

let folder: string;
/** Where packages of the tests' plan go. */
let into: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-package-'));
  into = ['--into', folder, '--param', planned];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every region of the plan is packaged into a folder of its own, and a table says how many resources each has', async () => {
  const { status, out, err } = await run(['package', '--stage', 'rehearsal', ...into]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const places = [...placesOf(plan)];
  const made = places.map(([region]) => readTemplateFile(templateIn(join(folder, region))));
  expect(made.map(({ region }) => region)).toEqual(places.map(([region]) => region));
  const table = out.split('\n').slice(places.length, -1);
  expect(table.map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['region', 'for', 'of 500 resources'],
    ...places.map(([region, role], at) => [
      region,
      role,
      String(Object.keys(made[at]?.template.Resources ?? {}).length),
    ]),
  ]);
}, 480_000);

test('where values are missing, nothing is packaged, and all that is missing is said in one line', async () => {
  const { status, out, err } = await run(['package', '--stage', 'prod', '--region', witness, ...into]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(/^--param dr-coordinator, infra-lead, dba, app-lead, on-call: missing, expected [^\n]+\n$/);
});

test.for([
  ['one that is no value', 'broken', /^--param: is broken, expected <name>=<value>\n$/],
  [
    'one that nobody knows',
    'dbaa=a@example.com',
    /^--param dbaa: is no value, expected one of dr-coordinator, [^\n]+\n$/,
  ],
  ['a plan that is not there', 'plan=none.yml', /^none\.yml: there is no such file, expected [^\n]+\n$/],
] as const)('of the values %s is one line and status 2', async ([, param, expected]) => {
  const { status, out, err } = await run(['package', '--region', witness, ...into, '--param', param]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(expected);
});

test('another region than those of the plan is one line and status 2', async () => {
  const { status, err } = await run(['package', '--region', 'mars-1', ...into]);
  const expected = [...placesOf(plan).keys()].join(', ');
  expect({ status, err }).toEqual({
    status: 2,
    err: `--region: is mars-1, expected one of ${expected}\n`,
  });
});

test.for(['Bad_Stage', '-prod', 'x'.repeat(42)])('the stage %s is one line and status 2', async (stage) => {
  const { status, out, err } = await run(['package', `--stage=${stage}`, '--region', witness, ...into]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toBe(
    `--stage: is "${stage}", expected letters, digits and hyphens, such as prod: a letter first, 41 at most\n`,
  );
});

test('the same input is packaged once, and another value is another input', async () => {
  const first = await packageStack(own);
  const madeAt = statSync(templateIn(first)).mtimeMs;
  expect(await packageStack(own)).toBe(first);
  expect(statSync(templateIn(first)).mtimeMs).toBe(madeAt);
  expect(await packageStack({ ...own, params: [planned] })).not.toBe(first);
}, 120_000);

test('a process that died while it packaged holds up nobody', async () => {
  const made = await packageStack(own);
  renameSync(made, join(folder, 'aside'));
  const nobody = 2 ** 22 + 1; // more than the largest process id
  writeFileSync(`${made}.lock`, String(nobody));
  expect(await packageStack(own)).toBe(made);
  expect(statSync(`${made}.lock`, { throwIfNoEntry: false })).toBeUndefined();
}, 120_000);
