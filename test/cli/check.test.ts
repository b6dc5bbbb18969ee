import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture, run } from './invented.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const shipped = readFileSync(fixture('plan.yml'), 'utf8');

async function check(plan: string) {
  const file = join(folder, 'changed.yml');
  writeFileSync(file, plan);
  const { status, out, err } = await run(['check', '--plan', file]);
  return {
    status,
    out,
    lines: err
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(file, 'FILE')),
  };
}

test('the shipped plan is valid, and says what it protects', async () => {
  const { status, out, err } = await run(['check']);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toContain('primary      us-east-1 (use1-az1, use1-az2, use1-az4)');
  expect(out).toContain('users served within 4 h, at most 1 h of data lost');
  expect(out).toMatch(/\nplan\.yml is valid\n$/);
});

test('with --json the check is one object', async () => {
  const { status, out } = await run(['check', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ plan: 'plan.yml', valid: true, application: 'chatops' });
});

test('a plan that only observes says that it will not move anything', async () => {
  const { out } = await check(shipped.replace('level2: { mode: act', 'level2: { mode: observe'));
  expect(out).toContain('zone         tells people what it would have done');
});

test('each thing that is wrong with a plan is a line with file, path, value and expectation', async () => {
  const { status, out, lines } = await check(
    shipped.replace('standby: us-west-2', 'standby: us-east-1').replace('required: 2', 'required: 9'),
  );
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(lines).toEqual([
    'FILE: roles.standby: is "us-east-1", expected another region than the primary',
    'FILE: approval.required: is 9, expected at most 2: of the 3 persons in approval.roles, a manual start needs one more',
  ]);
});

test.for([
  [
    'is not YAML',
    'a: b: c\n- x\n',
    'FILE: line 1, column 4: Nested mappings are not allowed in compact mappings, expected valid YAML',
  ],
  [
    'names a key twice',
    'application: a\napplication: b\n',
    'FILE: line 2, column 1: Map keys must be unique, expected valid YAML',
  ],
  ['refers to what is not there', 'application: *name\n', 'FILE: Unresolved alias'],
  ['is empty', '', 'FILE: plan: is null, expected'],
] as const)('a plan that %s is one line', async ([, plan, expected]) => {
  const { status, lines } = await check(plan);
  expect(status).toBe(2);
  expect(lines).toEqual([expect.stringContaining(expected)]);
});
