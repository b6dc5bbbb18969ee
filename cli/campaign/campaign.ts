// `breakwater campaign`: histories made by chance, lived through by the runner of drills and judged by every invariant. What is broken
// ends in status 1, with the seed that replays it and the shortest history that still shows it.
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import type { Lived } from '../../simulator/campaign/live.ts';
import { type Times, times } from '../../simulator/histories/judging.ts';
import { readPlanFile } from '../files/plan.ts';
import { formatCount, printable } from '../screen/layout.ts';
import { createSpinner, type Spinner } from '../screen/spinner.ts';
import { colorsOf, type Terminal } from '../screen/terminal.ts';
import { readCount, WrongInput } from '../screen/wrong-input.ts';
import { type CampaignThread, campaignThreads } from '../threads/threads.ts';

type Options = {
  readonly seeds?: number;
  readonly from?: number;
  readonly seed?: number;
  readonly plan?: string;
  readonly json?: boolean;
};
export type LiveSeed = CampaignThread['run'];

/** What was broken in a history. `invariant`: `unexpected` where it could not be lived through, `rights` where IAM refused a call of the stack. */
type Violation = {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
  readonly shortest: readonly string[];
};

/** The object of `campaign --json`. */
export type Campaign = {
  readonly seeds: number;
  readonly from: number;
  readonly failovers: number;
  readonly violations: readonly Violation[];
  /** Of histories in which users were lost, and served again at the end. */
  readonly recoverySeconds: Times;
  readonly elapsedSeconds: number;
};

const examples = join(import.meta.dirname, '..', '..', 'examples');
const usualSeeds = 20;

/** Adds the verb. Ends with 1 where something was broken. `live`: what lives through a history, instead of threads. */
export function addCampaign(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
  live?: LiveSeed,
): void {
  program
    .command('campaign')
    .summary('random histories of all that can go wrong; checks every invariant in each')
    .option('--seeds <number>', `how many histories (default: ${usualSeeds})`, readCount('--seeds'))
    .option('--from <number>', 'the first seed (default: 1)', readCount('--from'))
    .option('--seed <number>', 'only the history of this seed', readCount('--seed'))
    .option('--plan <file>', 'this plan alone, instead of plan.yml and two examples in turn')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: Options) => {
      const { seeds, from } = countsOf(options);
      const plans = plansOf(options.plan);
      const threads = live === undefined ? campaignThreads(seeds) : [{ run: live, end: async () => undefined }];
      const spinner = createSpinner(options.json === true ? { ...terminal, rich: false } : terminal);
      const tell = options.json === true ? () => undefined : (one: Violation) => print(one, spinner, terminal);
      const began = performance.now();
      const ran = await runEach({ seeds, from }, plans, threads, spinner, tell).finally(spinner.stop);
      const campaign = summed({ seeds, from }, ran, Math.round((performance.now() - began) / 100) / 10);
      if (options.json === true) terminal.out(`${JSON.stringify(campaign, null, 2)}\n`);
      else printVerdict(campaign, terminal);
      end(campaign.violations.length === 0 ? 0 : 1);
    });
}

function countsOf({ seeds, from, seed }: Options): { readonly seeds: number; readonly from: number } {
  if (seed === undefined) return { seeds: seeds ?? usualSeeds, from: from ?? 1 };
  if (seeds === undefined && from === undefined) return { seeds: 1, from: seed };
  throw new WrongInput('--seed: is given with --seeds or --from, expected --seed alone, or --seeds and --from');
}

/** The plans in the order in which seeds take them: a seed always has the same one. */
function plansOf(file: string | undefined): Plan[] {
  if (file !== undefined) return [readPlanFile(file)];
  const shipped = ['shop', 'session-store'].map((name) => join(examples, name, 'plan.yml'));
  return [undefined, ...shipped].map(readPlanFile);
}

type Ran = { readonly lived: Lived | null; readonly violations: readonly Violation[] };

/** Each core takes the next history as soon as it is free. What is broken is told at once. */
async function runEach(
  { seeds, from }: { readonly seeds: number; readonly from: number },
  plans: readonly Plan[],
  threads: readonly CampaignThread[],
  spinner: Spinner,
  tell: (violation: Violation) => void,
): Promise<Ran[]> {
  const ran: Ran[] = [];
  const waiting = Array.from({ length: seeds }, (_, index) => from + index).values();
  const show = () => {
    const broken = ran.filter(({ violations }) => violations.length > 0).length;
    spinner.show(`${formatCount(ran.length)} of ${formatCount(seeds)} histories, ${formatCount(broken)} broken`);
  };
  show();
  const working = threads.map(async ({ run }) => {
    for (const seed of waiting) {
      const plan = plans[(seed - 1) % plans.length] as Plan;
      const one = await run({ seed, plan }).then(
        (lived): Ran => ({ lived, violations: lived.broken.map((broken) => ({ seed, ...broken })) }),
        (error: unknown): Ran => ({
          lived: null,
          violations: [{ seed, invariant: 'unexpected', detail: String(error), shortest: [] }],
        }),
      );
      ran.push(one);
      for (const violation of one.violations) tell(violation);
      show();
    }
  });
  try {
    await Promise.all(working);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
  return ran;
}

function summed(
  { seeds, from }: { readonly seeds: number; readonly from: number },
  ran: readonly Ran[],
  elapsedSeconds: number,
): Campaign {
  const lived = ran.flatMap((one) => one.lived ?? []);
  const recoveries = lived.flatMap(({ recoverySeconds }) => recoverySeconds ?? []);
  return {
    seeds,
    from,
    failovers: lived.reduce((sum, { failovers }) => sum + failovers, 0),
    violations: ran.flatMap(({ violations }) => violations).toSorted((a, b) => a.seed - b.seed),
    recoverySeconds: times(recoveries),
    elapsedSeconds,
  };
}

function print({ seed, invariant, detail, shortest }: Violation, spinner: Spinner, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  spinner.print(colors.red(printable(`seed ${seed}: ${invariant}: ${detail}`)));
  for (const line of shortest) spinner.print(`  ${printable(line)}`);
}

function printVerdict(
  { seeds, failovers, violations, recoverySeconds, elapsedSeconds }: Campaign,
  terminal: Terminal,
): void {
  const colors = colorsOf(terminal);
  const { p50, p95, p99 } = recoverySeconds;
  const times =
    p50 === null
      ? ''
      : `, served again p50 ${formatSeconds(p50)}, p95 ${formatSeconds(p95)}, p99 ${formatSeconds(p99)}`;
  const broken = new Set(violations.map(({ seed }) => seed)).size;
  terminal.out(
    `${formatCount(failovers)} failovers${times}; took ${formatSeconds(elapsedSeconds)}\n` +
      `${broken === 0 ? colors.green('PASSED') : colors.red('BROKEN')}  ` +
      `${formatCount(seeds - broken)} of ${formatCount(seeds)} histories kept every invariant\n`,
  );
}
