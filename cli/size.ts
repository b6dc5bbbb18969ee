// `npm run size`: how large each function's bundle is and how long it takes to load, beside a hello-world with the same
// logger. Bundles as serverless.yml says, into a folder that is removed afterwards.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';
import plugins from '../infrastructure/bundling.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const root = join(import.meta.dirname, '..');

/** kB are 1,000 bytes. `classify` judges a region's loss when it has just started: it has a limit of its own. */
export const limits = { anyKilobytes: 600, classifyKilobytes: 300 };

const hello = `
  import { Logger } from '@aws-lambda-powertools/logger';
  const logger = new Logger({ serviceName: 'hello' });
  export const handler = async () => logger.info('hello, world');
`;

export type Bundle = { readonly name: string; readonly file: string; readonly kilobytes: number };

/** The functions: one for each file of functions/. */
export function functionNames(): string[] {
  return readdirSync(join(root, 'functions'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'));
}

/** Bundles functions as they are packaged, and the hello-world, which comes first. */
export async function bundleInto(folder: string, names: readonly string[]): Promise<Bundle[]> {
  const options = packagingOptions();
  const sized = (name: string): Bundle => {
    const file = join(folder, `${name}.mjs`);
    return { name, file, kilobytes: statSync(file).size / 1_000 };
  };
  const stdin = { contents: hello, resolveDir: root, loader: 'ts' as const };
  await build({ ...options, stdin, outfile: join(folder, 'hello-world.mjs') });
  for (const name of names) {
    await build({
      ...options,
      entryPoints: [join(root, `functions/${name}.ts`)],
      outfile: join(folder, `${name}.mjs`),
    });
  }
  return ['hello-world', ...names].map(sized);
}

/** Bundles over their limits, each in a sentence. */
export function tooLarge(bundles: readonly Bundle[]): string[] {
  return bundles.flatMap(({ name, kilobytes }) => {
    const most = name === 'classify' ? limits.classifyKilobytes : limits.anyKilobytes;
    return kilobytes <= most ? [] : [`${name} has ${Math.round(kilobytes)} kB, expected at most ${most} kB`];
  });
}

/** What esbuild takes of serverless.yml; the rest of that section is for the plugin that calls it. */
function packagingOptions(): BuildOptions {
  const { custom } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8')) as {
    custom: { esbuild: BuildOptions };
  };
  const { format, target, bundle, minify, sourcemap, sourcesContent, mainFields, banner } = custom.esbuild;
  const given = { format, target, bundle, minify, sourcemap, sourcesContent, mainFields, banner };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...known, platform: 'node', plugins, absWorkingDir: root, logLevel: 'silent' };
}

const importing = `
  const began = performance.now();
  await import(process.argv[1]);
  process.stdout.write(String(performance.now() - began));
`;

/** Milliseconds that a new process takes to load a bundle. */
function loadMs(file: string): number {
  const env = { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'size' };
  const args = ['--input-type=module', '--eval', importing, file];
  return Number(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Prints the table. Gives the exit status: 1 where a bundle is over its limit. */
export async function size(terminal: Terminal, runs: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-size-'));
  try {
    const bundles = await bundleInto(folder, functionNames());
    const times = new Map<string, number[]>(bundles.map(({ name }) => [name, []]));
    // Round by round, so that what else the machine does falls on all of them.
    for (let run = 0; run < runs; run += 1) for (const { name, file } of bundles) times.get(name)?.push(loadMs(file));
    const initMs = ({ name }: Bundle) => median(times.get(name) ?? []);
    const [first] = bundles;
    const base = first === undefined ? 1 : initMs(first);
    const width = Math.max(...bundles.map(({ name }) => name.length)) + 2;
    const row = (cells: readonly string[]) =>
      terminal.out(`${cells.map((cell, at) => (at === 0 ? cell.padEnd(width) : cell.padStart(10))).join('')}\n`);
    row(['bundle', 'size', 'init', 'ratio']);
    for (const one of bundles) {
      const ms = initMs(one);
      row([one.name, `${one.kilobytes.toFixed(0)} kB`, `${ms.toFixed(0)} ms`, `${(ms / base).toFixed(2)} x`]);
    }
    terminal.out(`\ninit: median of ${runs} new processes of Node ${process.versions.node} that load the bundle\n`);
    const large = tooLarge(bundles);
    for (const line of large) terminal.err(`${line}\n`);
    return large.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await size(processTerminal(), 5);
