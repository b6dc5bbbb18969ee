#!/usr/bin/env node
// The command `breakwater` of package.json, as `npx breakwater` runs it in a clone, on whatever Node the machine has: older ones
// hand over to the Node 24 that `npm ci` installs with the project, as npm scripts do.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const own = 24;

if (Number(process.versions.node.split('.')[0]) >= own) await import('./main.ts');
else handOver();

function handOver() {
  const node = [
    join(root, 'node_modules/.bin/node'),
    join(root, `node_modules/node-win-${process.arch}/bin/node.exe`),
  ].find((file) => existsSync(file));
  if (node === undefined) {
    process.stderr.write(
      `breakwater: Node is ${process.version}, expected ${own} or the project's own: run npm ci first\n`,
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [join(root, 'cli/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: the one that works decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (status, signal) => {
    process.exitCode = status ?? 128 + constants.signals[signal ?? 'SIGTERM'];
  });
}
