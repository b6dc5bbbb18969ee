// `breakwater bench`: zone and region outages with many draws of AWS's luck. What Breakwater took, beside what others would have taken
// with the same luck. A target that is missed ends in status 1.
import type { Command } from 'commander';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import { outages } from '../../simulator/bench/draw.ts';
import { measureSpeed, type Speed } from '../../simulator/bench/speed.ts';
import { readPlanFile } from '../files/plan.ts';
import { formatCount, printable } from '../screen/layout.ts';
import { createSpinner } from '../screen/spinner.ts';
import { colorsOf, type Terminal } from '../screen/terminal.ts';
import { readCount } from '../screen/wrong-input.ts';
import { type BenchThread, benchThreads } from '../threads/threads.ts';
import { type Compared, compared, flowWords, type Target, targetsOf } from './compared.ts';
import type { Drawing, Drawn } from './worker.ts';

type Options = { readonly draws: number; readonly from: number; readonly plan?: string; readonly json?: boolean };
/** What lives through a draw, and what measures this machine: tests bring their own. */
export type BenchWith = { readonly draw: BenchThread['run']; readonly measure: (plan: Plan) => Promise<Speed> };

/** The object of `bench --json`. All but `speed` and `elapsedSeconds` is virtual time: the same on every machine. */
export type Bench = {
  readonly draws: number;
  readonly from: number;
  readonly application: string;
  readonly outages: readonly Compared[];
  readonly targets: readonly Target[];
  readonly broken: readonly { readonly outage: string; readonly seed: number; readonly why: string }[];
  readonly speed: Speed & { readonly drillsPerSecond: number };
  readonly elapsedSeconds: number;
};

/** Adds the verb. Ends with 1 where a target was missed or a draw broke. `own`: instead of threads and of this machine. */
export function addBench(program: Command, terminal: Terminal, end: (status: number) => void, own?: BenchWith): void {
  program
    .command('bench')
    .summary('compares the recovery with other ways that have the same luck; measures the code itself')
    .option('--draws <number>', 'how many draws of each outage', readCount('--draws'), 200)
    .option('--from <number>', 'the first seed', readCount('--from'), 1)
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: Options) => {
      const { draws, from } = options;
      const plan = readPlanFile(options.plan);
      const speed = await (own?.measure ?? measureSpeed)(plan);
      const threads =
        own === undefined ? benchThreads(draws * outages.length) : [{ run: own.draw, end: async () => undefined }];
      const spinner = createSpinner(options.json === true ? { ...terminal, rich: false } : terminal);
      const began = performance.now();
      const ran = await runEach({ draws, from }, plan, threads, spinner.show).finally(spinner.stop);
      const seconds = (performance.now() - began) / 1000;
      const drawn = ran.flatMap((one) => ('why' in one ? [] : [one]));
      const each = outages.flatMap((outage) => compared(outage, drawn) ?? []);
      const bench: Bench = {
        ...{ draws, from, application: plan.application, outages: each, targets: each.flatMap(targetsOf) },
        broken: ran.flatMap((one) => ('why' in one ? [one] : [])),
        speed: { ...speed, drillsPerSecond: Number((ran.length / seconds).toFixed(2)) },
        elapsedSeconds: Math.round(seconds),
      };
      if (options.json === true) terminal.out(`${JSON.stringify(bench, null, 2)}\n`);
      else print(bench, terminal);
      end(bench.broken.length === 0 && bench.targets.every(({ met }) => met) ? 0 : 1);
    });
}

type Broken = Bench['broken'][number];

/** Each core takes the next draw as soon as it is free. */
async function runEach(
  { draws, from }: { readonly draws: number; readonly from: number },
  plan: Plan,
  threads: readonly BenchThread[],
  show: (text: string) => void,
): Promise<(Drawn | Broken)[]> {
  const ran: (Drawn | Broken)[] = [];
  const tasks = Array.from({ length: draws }, (_, index) => from + index).flatMap((seed) =>
    outages.map((outage): Drawing => ({ outage, seed, plan })),
  );
  const waiting = tasks.values();
  const working = threads.map(async ({ run }) => {
    for (const task of waiting) {
      show(`${formatCount(ran.length)} of ${formatCount(tasks.length)} draws`);
      const { outage, seed } = task;
      ran.push(await run(task).catch((error: unknown): Broken => ({ outage, seed, why: String(error) })));
    }
  });
  try {
    await Promise.all(working);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
  // In the order of seeds, whoever was ready first: what is summed is the same each time.
  return ran.toSorted((a, b) => a.seed - b.seed);
}

function print({ outages, targets, broken, speed, draws, elapsedSeconds }: Bench, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const times = (all: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }) =>
    [all.p50, all.p95, all.p99].map((one) => formatSeconds(one).padStart(12)).join('');
  for (const { outage, flows } of outages) {
    terminal.out(`${colors.bold(`${outage} outage, ${formatCount(draws)} draws`)}\n`);
    terminal.out(
      `  ${''.padEnd(42)}${['execution p50', 'p95', 'p99', 'served p50', 'p95', 'p99'].map((one) => one.padStart(13).slice(-12)).join('')}    ratio  states  runs   dollars\n`,
    );
    for (const { flow, execute, served, ratio, transitions, runs, dollars } of flows)
      terminal.out(
        `  ${flowWords[flow].padEnd(42)}${times(execute)}${times(served)}  ${String(ratio.execute.p50?.toFixed(3)).padStart(7)}` +
          `  ${String(transitions ?? '').padStart(6)}  ${String(runs ?? '').padStart(4)}   ${dollars === null ? '' : `$${dollars.toFixed(4)}`}\n`,
      );
    terminal.out('\n');
  }
  terminal.out(
    `${formatCount(speed.eventsPerSecond)} events classified in a second; ${speed.eventToStartMs} ms from event to started execution; ` +
      `a judgement of ${speed.judgements.map(({ signals, ms }) => `${formatCount(signals)} signals ${ms} ms`).join(', ')}; ` +
      `${speed.drillsPerSecond} drills in a second; took ${formatSeconds(elapsedSeconds)}\n`,
  );
  for (const { outage, seed, why } of broken)
    terminal.err(`broken: ${outage} outage, seed ${seed}: ${printable(why)}\n`);
  for (const { what, limit, was, met } of targets)
    terminal.out(`${met ? colors.green('met   ') : colors.red('MISSED')}  ${what}: ${was}, expected ${limit}\n`);
}
