// What `breakwater size` says of the packaged zips; test/packaging/packages.test.ts holds them to the limit.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostKilobytes } from '../../cli/size.ts';
import { folderOf } from '../permissions/packaged.ts';
import { plan } from '../plan.ts';
import { run } from './invented.ts';

let made: string;
let changed: string;

beforeAll(async () => {
  changed = mkdtempSync(join(tmpdir(), 'breakwater-size-'));
  made = await folderOf(plan.roles.observers[0] ?? '');
  cpSync(made, changed, { recursive: true });
}, 480_000);

afterAll(() => rmSync(changed, { recursive: true, force: true }));

test('each function is said with the sizes of its zip and bundle, and its load time beside that of a hello-world', async () => {
  const { status, out, err } = await run(['size', made]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out.split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(/^function +zip +bundle +load +ratio$/),
    expect.stringMatching(/^hello-world +- +\d+ kB +\d+ ms +1\.00 x$/),
    expect.stringMatching(/^run-canary +\d+ kB +\d+ kB +\d+ ms +\d+\.\d\d x$/),
  ]);
});

test('the same function in two regions is one line', async () => {
  const { out } = await run(['size', made, changed]);
  expect(out.match(/^run-canary/gm)).toHaveLength(1);
});

test.for([
  [mostKilobytes * 1_000, 0, ''],
  [mostKilobytes * 1_000 + 1, 1, 'run-canary has a bundle of 1001 kB, expected at most 1000 kB\n'],
] as const)('a bundle of %d bytes ends with status %d', async ([bytes, status, err]) => {
  write({ 'functions/run-canary.mjs': strToU8(`//${'x'.repeat(bytes - 2)}`) });
  expect(await run(['size', changed])).toMatchObject({ status, err });
});

test.for<readonly [string, () => void, string]>([
  [
    'a zip that is none',
    () => writeFileSync(zip(), 'no zip'),
    'run-canary.zip: is no packaged function, expected a zip',
  ],
  [
    'a zip without a bundle',
    () => write({ 'plan.yml': strToU8('') }),
    'run-canary.zip: is no packaged function, expected',
  ],
  [
    'a zip with a file that lies outside of it',
    () => write({ 'functions/run-canary.mjs': strToU8(''), '../outside.txt': strToU8('') }),
    'run-canary.zip: holds ../outside.txt, which lies outside of it, expected',
  ],
  [
    'a bundle that cannot be loaded',
    () => write({ 'functions/run-canary.mjs': strToU8("throw new TypeError('spoilt');") }),
    'run-canary: cannot be loaded: TypeError: spoilt, expected',
  ],
  [
    'a zip that is missing',
    () => rmSync(zip()),
    'run-canary.zip: there is no such file, expected the packaged function',
  ],
  [
    'a template that is none',
    () => writeFileSync(join(changed, 'cloudformation-template-update-stack.json'), '{}'),
    'is no CloudFormation template, expected',
  ],
  ['a folder that is missing', () => rmSync(changed, { recursive: true }), 'there is no such file, expected'],
])('%s is one line and status 2', async ([, spoil, expected]) => {
  spoil();
  const { status, out, err } = await run(['size', changed]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain(expected);
  expect(err.match(/\n/g)).toHaveLength(1);
});

test('a stack without functions has nothing to measure', async () => {
  const { status, err } = await run(['size', await folderOf(plan.roles.witness)]);
  expect(status).toBe(2);
  expect(err).toMatch(/: has no functions, expected the stack of another region\n$/);
}, 480_000);

function zip(): string {
  return join(changed, readdirSync(changed).find((name) => name.endsWith('.zip')) ?? '');
}

function write(files: Record<string, Uint8Array>): void {
  writeFileSync(zip(), zipSync(files));
}

test('what package put elsewhere is found by the same option', async () => {
  const into = mkdtempSync(join(tmpdir(), 'breakwater-size-into-'));
  cpSync(made, join(into, 'eu-west-1'), { recursive: true });
  const { status, out } = await run(['size', '--into', into]);
  rmSync(into, { recursive: true, force: true });
  expect(status).toBe(0);
  expect(out.match(/^run-canary/gm)).toHaveLength(1);
});
