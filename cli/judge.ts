// `breakwater judge`: generated histories, each labelled by what was true in the estate, against what was decided in them. A decision
// that is wrong costs users something, and ends in status 1; what was missed is listed.
import type { Command } from 'commander';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import {
  decisions,
  type Judged,
  type Judgement,
  type Listed,
  summed,
  truths,
  type What,
  whats,
} from '../simulator/histories/judging.ts';
import { readPlanFile } from './files/plan.ts';
import { formatCount, printable } from './screen/layout.ts';
import { createSpinner } from './screen/spinner.ts';
import { colorsOf, type Terminal } from './screen/terminal.ts';
import { readCount } from './screen/wrong-input.ts';
import { type JudgeThread, judgeThreads } from './threads/threads.ts';

type Options = { readonly seeds: number; readonly from: number; readonly plan?: string; readonly json?: boolean };
export type JudgeSeed = JudgeThread['run'];

/** A history that could not be lived through to its end, and why. */
type Broken = { readonly seed: number; readonly broken: string };

/** Adds the verb. Ends with 1 where a decision was wrong. `judge`: what judges a history, instead of threads. */
export function addJudge(program: Command, terminal: Terminal, end: (status: number) => void, judge?: JudgeSeed): void {
  program
    .command('judge')
    .summary('random histories of which the truth is known: was each decision right, and how soon')
    .option('--seeds <number>', 'how many histories', readCount('--seeds'), 20)
    .option('--from <number>', 'the first seed', readCount('--from'), 1)
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: Options) => {
      const { seeds, from } = options;
      const plan = readPlanFile(options.plan);
      const threads = judge === undefined ? judgeThreads(seeds) : [{ run: judge, end: async () => undefined }];
      const spinner = createSpinner(options.json === true ? { ...terminal, rich: false } : terminal);
      const tell = (done: number) => spinner.show(`${formatCount(done)} of ${formatCount(seeds)} histories`);
      const ran = await runEach(options, plan, threads, tell).finally(spinner.stop);
      const judgement = summed(
        seeds,
        from,
        ran.flatMap((one) => ('broken' in one ? [] : [one])),
      );
      const broken = ran.flatMap((one) => ('broken' in one ? [one] : [])).toSorted((a, b) => a.seed - b.seed);
      for (const one of broken) terminal.err(`seed ${one.seed}: unexpected: ${printable(one.broken)}\n`);
      if (options.json === true) terminal.out(`${JSON.stringify(judgement, null, 2)}\n`);
      else print(judgement, terminal);
      end(judgement.wrong.length === 0 && broken.length === 0 ? 0 : 1);
    });
}

/** Each core takes the next history as soon as it is free. */
async function runEach(
  { seeds, from }: Options,
  plan: Plan,
  threads: readonly JudgeThread[],
  tell: (done: number) => void,
): Promise<(Judged | Broken)[]> {
  const ran: (Judged | Broken)[] = [];
  const waiting = Array.from({ length: seeds }, (_, index) => from + index).values();
  tell(0);
  const working = threads.map(async ({ run }) => {
    for (const seed of waiting) {
      ran.push(await run({ seed, plan }).catch((error: unknown) => ({ seed, broken: String(error) })));
      tell(ran.length);
    }
  });
  try {
    await Promise.all(working);
  } finally {
    await Promise.all(threads.map(({ end }) => end()));
  }
  return ran;
}

function print(judgement: Judgement, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const { seeds, wrong, missed, lost, secondsToDecide } = judgement;
  const list = (title: string, some: readonly Listed[]): string[] =>
    some.length === 0 ? [] : ['', colors.bold(title), ...some.map((one) => `  ${lineOf(one)}`)];
  const timeLine = (what: What): string => {
    const { p50, p95, p99 } = secondsToDecide[what];
    const { count, inTime } = lost[what];
    const times =
      p50 === null ? '' : `; p50 ${formatSeconds(p50)}, p95 ${formatSeconds(p95)}, p99 ${formatSeconds(p99)}`;
    return `  ${what.padEnd(6)}  ${formatCount(inTime)} of ${formatCount(count)} in five minutes${times}`;
  };
  const lines = [
    ...matrixLines(judgement, colors.dim),
    '',
    colors.bold('Lost for five minutes or more, and asked about, left, or held with a page'),
    ...whats.map(timeLine),
    ...list('Wrong', wrong),
    ...list('Missed', missed),
    '',
    `${wrong.length === 0 ? colors.green('PASSED') : colors.red('WRONG')}  ${formatCount(seeds)} histories: ` +
      `${formatCount(wrong.length)} wrong, ${formatCount(missed.length)} missed`,
  ];
  terminal.out(`${lines.join('\n')}\n`);
}

/** What was true down, what was decided across; decisions that nobody made are left out. */
function matrixLines({ matrix }: Judgement, dim: (text: string) => string): string[] {
  const across = decisions.filter((name) => matrix.some(({ decided }) => decided === name));
  const down = truths.filter((name) => matrix.some(({ truth }) => truth === name));
  const width = Math.max(5, ...truths.map(({ length }) => length));
  const cells = (head: string, texts: readonly string[]): string =>
    [head.padEnd(width), ...texts.map((text, at) => text.padStart(across[at]?.length ?? 0))].join('  ');
  const countOf = (truth: string, name: string) =>
    matrix.find((one) => one.truth === truth && one.decided === name)?.count ?? 0;
  return [
    dim(cells('truth', across)),
    ...down.map((truth) =>
      cells(
        truth,
        across.map((name) => formatCount(countOf(truth, name)).replace(/^0$/, '.')),
      ),
    ),
  ];
}

function lineOf({ seed, why, history }: Listed): string {
  return printable(`seed ${seed}: ${why} (${history})`);
}
