// `npm run mutation`: changes the code of the domain and of the kinds' moves in one place at a time, and counts the changes that no test
// notices. 60 drawn functions, or --functions N of --seed N, or FILES, or --all, which takes hours. Ends with 1 below 90 %.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execPath, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { allParts, drawn } from './drawn.ts';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules/.cache/mutation');
const wantedPercent = 90;

type Mutant = {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
};
type Tried = { readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>> };

const { values, positionals } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    functions: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const [count, seed] = [Number(values.functions), Number(values.seed)];
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
  stderr.write('mutation: --functions and --seed: expected whole numbers, of functions 1 at least\n');
  exit(2);
}
const known = allParts(positionals.length > 0 ? positionals : undefined);
const parts = values.all || positionals.length > 0 ? known : drawn(known, count, seed);

mkdirSync(cache, { recursive: true });
const [config, report] = [join(cache, 'config.json'), join(cache, 'report.json')];
writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: relative(root, join(import.meta.dirname, 'vitest.config.ts')) },
    tsconfigFile: 'none.json', // Stryker would rewrite the project's with a TypeScript that it cannot load
    coverageAnalysis: 'perTest',
    ignoreStatic: true, // what a module makes when it is loaded stays made: a mutant there needs a process of its own
    mutate: parts.map(({ file, from, to }) => `${file}:${from}-${to}`),
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: report },
    ignorePatterns: ['.packaged', '.serverless', '.breakwater'],
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 15,
  }),
);
// What it tells of its progress is for people; the numbers alone go to standard output.
const { status } = spawnSync(execPath, [join(root, 'node_modules/.bin/stryker'), 'run', config], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (status !== 0) exit(status ?? 1);

const { files } = JSON.parse(readFileSync(report, 'utf8')) as Tried;
const mutants = Object.entries(files).flatMap(([file, { mutants: of }]) => of.map((mutant) => ({ file, ...mutant })));
const judged = mutants.filter(({ status: of }) => of !== 'Ignored' && of !== 'CompileError');
const lived = judged.filter(({ status: of }) => of === 'Survived' || of === 'NoCoverage');
const percent = Math.floor((1000 * (judged.length - lived.length)) / Math.max(1, judged.length)) / 10;
for (const { file, location, mutatorName, replacement = '' } of lived)
  stdout.write(
    `${file}:${location.start.line}: ${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}\n`,
  );
stdout.write(
  `${judged.length - lived.length} of ${judged.length} mutants killed, ${percent} %, in ${parts.length} of ${known.length} functions; wanted ${wantedPercent} %\n`,
);
exit(percent >= wantedPercent ? 0 : 1);
