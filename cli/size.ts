// `breakwater size`: how large each function is and how long it takes to load, beside a hello-world with the same logger.
// What is measured are the zips that a deployment uploads.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { type Archive, readArchives } from './packaged/archives.ts';
import { intoOption, lastPackaging, packagedInto, packages, shownAs } from './packaged/template.ts';
import type { Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

/** What one file that Lambda loads may have; kB are 1,000 bytes. */
export const mostKilobytes = 1_000;

/** Each bundle is loaded so many times, each time by a new process. */
const runs = 5;

const hello = `
  import { Logger } from '@aws-lambda-powertools/logger';
  const logger = new Logger({ serviceName: 'hello' });
  export const handler = async () => logger.info('hello, world');
`;

/** Adds the verb. Ends with 1 where a bundle is over its limit, and as wrong input where nothing was packaged. */
export function addSize(program: Command, terminal: Terminal, end: (status: number) => void): void {
  program
    .command('size')
    .summary('measures the size of each packaged function, and how long it takes to load')
    .argument('[folders...]', 'other folders than those that packaging made last')
    .addOption(intoOption())
    .action(async (named: readonly string[], { into }: { readonly into?: string }) => {
      const folders = named.length > 0 ? named : into === undefined ? lastPackaging() : packagedInto(into);
      if (folders.length === 0)
        throw new WrongInput(`${shownAs(packages)}: there is no such folder, expected what npm run package makes`);
      const archives = distinct(folders.flatMap(readArchives));
      if (archives.length === 0)
        throw new WrongInput(`${folders.join(', ')}: has no functions, expected the stack of another region`);
      const large = tooLarge(archives);
      end(large.length === 0 ? 0 : 1);
      await print(archives, terminal);
      for (const line of large) terminal.err(`${line}\n`);
    });
}

/** A function that is the same in several regions is one. */
function distinct(archives: readonly Archive[]): Archive[] {
  const keyOf = (one: Archive) => `${one.name} ${createHash('sha256').update(bundleOf(one)).digest('hex')}`;
  return [...new Map(archives.map((one) => [keyOf(one), one])).values()];
}

function bundleOf({ files, bundle }: Archive): Uint8Array {
  return files[bundle] ?? new Uint8Array();
}

/** Bundles over their limit, each in a sentence. */
export function tooLarge(archives: readonly Archive[]): string[] {
  return archives.flatMap((one) => {
    const kilobytes = bundleOf(one).length / 1_000;
    if (kilobytes <= mostKilobytes) return [];
    return [`${one.name} has a bundle of ${Math.ceil(kilobytes)} kB, expected at most ${mostKilobytes} kB`];
  });
}

async function print(archives: readonly Archive[], terminal: Terminal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-size-'));
  try {
    const all = [
      await helloWorld(folder, archives[0]?.environment ?? {}),
      ...archives.map((one) => unpack(one, folder)),
    ];
    const times = new Map<string, number[]>(all.map(({ file }) => [file, []]));
    // Round by round, so that what else the machine does falls on all of them.
    for (let run = 0; run < runs; run += 1) for (const one of all) times.get(one.file)?.push(loadMs(one));
    const initMs = ({ file }: Unpacked) => median(times.get(file) ?? []);
    const base = initMs(all[0] as Unpacked);
    const width = Math.max(...all.map(({ name }) => name.length)) + 2;
    const row = (cells: readonly string[]) =>
      terminal.out(`${cells.map((cell, at) => (at === 0 ? cell.padEnd(width) : cell.padStart(10))).join('')}\n`);
    const kilobytes = (bytes: number | null) => (bytes === null ? '-' : `${(bytes / 1_000).toFixed(0)} kB`);
    row(['function', 'zip', 'bundle', 'load', 'ratio']);
    for (const one of all) {
      const ms = initMs(one);
      row([
        one.name,
        kilobytes(one.zipBytes),
        kilobytes(one.bundleBytes),
        `${ms.toFixed(0)} ms`,
        `${(ms / base).toFixed(2)} x`,
      ]);
    }
    terminal.out(`\nload: median of ${runs} new processes of Node ${process.versions.node} that load the bundle\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Unpacked = {
  readonly name: string;
  readonly file: string;
  readonly zipBytes: number | null;
  readonly bundleBytes: number;
  readonly environment: Archive['environment'];
};

/** Puts what is in a zip into a folder of its own, as Lambda does. */
function unpack(one: Archive, folder: string): Unpacked {
  const place = mkdtempSync(join(folder, 'function-'));
  for (const [path, content] of Object.entries(one.files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  const { name, zipBytes, environment } = one;
  return { name, file: join(place, one.bundle), zipBytes, bundleBytes: bundleOf(one).length, environment };
}

/** Bundled with the same settings as the functions. */
async function helloWorld(folder: string, environment: Archive['environment']): Promise<Unpacked> {
  const { build } = await import('esbuild');
  const root = join(import.meta.dirname, '..');
  const { custom } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8')) as {
    custom: { esbuild: Record<'format' | 'target' | 'minify' | 'mainFields' | 'banner', never> };
  };
  const { format, target, minify, mainFields, banner } = custom.esbuild;
  const outfile = join(folder, 'hello-world.mjs');
  await build({
    ...{ format, target, minify, mainFields, banner },
    ...{ stdin: { contents: hello, resolveDir: root, loader: 'ts' }, bundle: true, platform: 'node', outfile },
  });
  return { name: 'hello-world', file: outfile, zipBytes: null, bundleBytes: readFileSync(outfile).length, environment };
}

const importing = `
  const began = performance.now();
  await import(process.argv[1]);
  process.stdout.write(String(performance.now() - began));
`;

/** Milliseconds that a new process takes to load a bundle. @throws WrongInput where it cannot be loaded. */
function loadMs({ name, file, environment }: Unpacked): number {
  const env = { ...environment, AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'size' };
  const args = ['--input-type=module', '--eval', importing, file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  if (status === 0) return Number(stdout);
  const error = /^\w*Error\b.*$/m.exec(stderr)?.[0] ?? `its process ended with ${status}`;
  throw new WrongInput(`${name}: cannot be loaded: ${error}, expected what npm run package makes`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
