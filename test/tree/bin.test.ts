// `npx breakwater`: the command of package.json, on whatever Node began it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'cli/breakwater.mjs');
/** A Node that is not the project's, where the machine has one. */
const others = ['/usr/bin/node', '/usr/local/bin/node'].filter((file) => existsSync(file));

const call = (node: string, ...args: string[]) => spawnSync(node, [bin, ...args], { encoding: 'utf8' });

test.for([process.execPath, ...others])('by %s it runs on the Node of the project', (node) => {
  const { status, stdout } = call(node, 'drill', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'az-outage', group: 'A zone is lost' }));
});

test.for([process.execPath, ...others])('by %s the status is that of the command', (node) => {
  expect(call(node, 'dril')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: "breakwater: unknown verb 'dril', did you mean drill? (breakwater --help lists all)\n",
  });
});

test.skipIf(others.length === 0)('before npm ci an older Node says what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bin-'));
  cpSync(bin, join(folder, 'cli/breakwater.mjs'));
  const [node = ''] = others;
  const { status, stderr } = spawnSync(node, [join(folder, 'cli/breakwater.mjs'), 'drill'], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const { stdout: version } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (Number(version.slice(1).split('.')[0]) >= 24) return expect(status).not.toBe(0);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `breakwater: Node is ${version.trim()}, expected 24 or the project's own: run npm ci first\n`,
  });
});
