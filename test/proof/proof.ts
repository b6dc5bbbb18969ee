// `npm run proof [-- NAME[=FILE] ...]`: makes the numbers of docs/proof.md. Without a name all of them, one after another. With a file that part
// takes what its command printed there, on another machine or earlier.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stderr } from 'node:process';
import { type Part, parts, replaced } from './parts.ts';

const root = join(import.meta.dirname, '../..');
const document = join(root, 'docs/proof.md');

const named = argv.slice(2).map((argument) => argument.split('='));
const unknown = named.find(([name]) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  stderr.write(`proof: is ${JSON.stringify(unknown[0])}, expected ${parts.map(({ name }) => name).join(', ')}\n`);
  exit(2);
}
const wanted: readonly [Part, string | undefined][] =
  named.length === 0
    ? parts.map((part) => [part, undefined])
    : named.flatMap(([name, file]) => parts.filter((part) => part.name === name).map((part) => [part, file] as const));

for (const [part, file] of wanted) {
  stderr.write(`${part.name}: ${file ?? part.command}\n`);
  const text = part.render(file === undefined ? printedBy(part.command) : readFileSync(file, 'utf8'));
  // Read again for each: a run takes minutes, and somebody may write meanwhile.
  writeFileSync(document, replaced(readFileSync(document, 'utf8'), part, text));
}

/** Status 1 is a number that is not what it should be, and is written down too. */
function printedBy(command: string): string {
  const { stdout, status } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0 && status !== 1) throw new Error(`${command}: ended with ${status}`);
  return stdout;
}
