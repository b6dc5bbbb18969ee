// `breakwater faults`: drills in which one call fails or one function is killed, each at each of its times, in each way; or in which a
// person aborts or freezes, at each state. Every one of them must end well, or in a pause that people were told of and that a person who
// resumes it finishes; an abort ends in what people were told of it.
import type { Command } from 'commander';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { createRandom } from '../simulator/estate/chance/random.ts';
import {
  countMet,
  driven,
  missedInSpite,
  type SingleFault,
  singleFaults,
  type Which,
} from '../simulator/histories/single-faults.ts';
import {
  enteredStates,
  type Lever,
  leversAt,
  missedByLever,
  operated,
  resumesAfterFreeze,
} from '../simulator/people/levers.ts';
import { readPlanFile } from './files/plan.ts';
import { formatCount } from './screen/layout.ts';
import { createSpinner } from './screen/spinner.ts';
import { colorsOf, type Terminal } from './screen/terminal.ts';
import { readCount, WrongInput } from './screen/wrong-input.ts';
import { drillThreads } from './threads/threads.ts';

type Options = {
  readonly plan?: string;
  readonly scenario?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly operators?: boolean;
  readonly situations?: boolean;
  readonly json?: boolean;
};

/** A drill to run, and what it came to. */
type Case = { readonly scenario: string; readonly said: string } & (
  | Pick<SingleFault, 'fault'>
  | { readonly lever: Lever }
);
type Outcome = {
  readonly scenario: string;
  readonly fault: string;
  readonly resumed: number;
  readonly missed: readonly string[];
};

const named: readonly string[] = [...new Set([...driven, ...operated.wholly, ...operated.beside])];

/** So often a person resumes what stopped: once is enough after a single fault. */
const resumes = 1;

/** Adds the verb. Ends with 1 where a drill did not end well. */
export function addFaults(program: Command, terminal: Terminal, end: (status: number) => void): void {
  program
    .command('faults')
    .summary('lets every call and function of a drill fail once; all take hours, --sample takes minutes')
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--scenario <name>', `one of ${named.join(', ')}; all that it is for without it`, readScenario)
    .option('--operators', 'instead of faults: a person who aborts or freezes, at each state that a flow enters')
    .option('--situations', 'of looks that a step repeats while it waits, the first, the middle and the last alone')
    .option('--sample <number>', 'only so many of the faults, drawn by the seed', readCount('--sample'))
    .option('--seed <number>', 'which sample', readCount('--seed'), 1)
    .option('--json', 'print one JSON object for each drill and nothing else')
    .action(async (options: Options) => {
      const plan = readPlanFile(options.plan);
      const scenarios =
        options.scenario === undefined
          ? options.operators
            ? [...operated.wholly, ...operated.beside]
            : driven
          : [options.scenario];
      const all = await casesOf(scenarios, kindOf(options), plan, terminal);
      const cases = options.sample === undefined ? all : drawn(all, options.sample, options.seed);
      const outcomes = await runEach(cases, plan, options.json === true, terminal);
      if (options.json !== true) print(scenarios, all, outcomes, terminal);
      end(outcomes.every(({ missed }) => missed.length === 0) ? 0 : 1);
    });
}

function kindOf({ operators, situations }: Options): 'operators' | Which {
  if (operators === true) return 'operators';
  return situations === true ? 'situations' : 'every';
}

/** What each scenario meets without a fault, and every fault of that; or each state that it enters first, and every lever. */
async function casesOf(
  scenarios: readonly string[],
  kind: 'operators' | Which,
  plan: Plan,
  terminal: Terminal,
): Promise<Case[]> {
  const { runDrill } = await import('../simulator/drill/drill.ts');
  const { NotPlayable } = await import('../simulator/playing/playing.ts');
  const cases: Case[] = [];
  const known = new Set<string>();
  for (const scenario of scenarios) {
    const { met, watch } = countMet();
    const { entered, watch: onProgress } = enteredStates();
    try {
      await runDrill({ scenario, seed: 1, plan, met: watch, onProgress });
    } catch (error) {
      if (!(error instanceof NotPlayable)) throw error;
      terminal.err(`left out: ${error.message}\n`);
      continue;
    }
    if (kind !== 'operators') cases.push(...singleFaults(met, kind).map((fault) => ({ scenario, ...fault })));
    else
      for (const lever of leversAt(scenario, entered, known))
        cases.push({ scenario, said: `${lever.do} at ${lever.at}`, lever });
    for (const at of entered) known.add(at);
  }
  return cases;
}

/** Some of the cases, in their order. */
function drawn(cases: readonly Case[], count: number, seed: number): Case[] {
  const random = createRandom(seed);
  const ranked = cases.map((one, place) => ({ one, place, rank: random() }));
  const taken = ranked.toSorted((a, b) => a.rank - b.rank).slice(0, count);
  return taken.toSorted((a, b) => a.place - b.place).map(({ one }) => one);
}

/** Each core takes the next drill as soon as it is free. What was missed is said at once. */
async function runEach(cases: readonly Case[], plan: Plan, json: boolean, terminal: Terminal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = cases.values();
  const threads = drillThreads(cases.length);
  const spinner = createSpinner(json ? { ...terminal, rich: false } : terminal);
  const working = threads.map(async ({ run }) => {
    for (const { scenario, said: fault, ...struck } of waiting) {
      spinner.show(`${formatCount(outcomes.length)} of ${formatCount(cases.length)} drills`);
      const outcome = await run({
        scenario,
        seed: 1,
        plan,
        ...('lever' in struck
          ? { lever: struck.lever, resumes: struck.lever.do === 'freeze' ? resumesAfterFreeze : 0 }
          : { resumes, extraFaults: [{ atSeconds: 0, fault: struck.fault }] }),
      }).then(
        (done): Outcome => {
          const missed = 'lever' in struck ? missedByLever(done, plan) : missedInSpite(done, plan);
          return { scenario, fault, resumed: done.resumed ?? 0, missed };
        },
        (error: unknown): Outcome => ({ scenario, fault, resumed: 0, missed: [`unexpected: ${String(error)}`] }),
      );
      outcomes.push(outcome);
      if (json) spinner.print(JSON.stringify(outcome));
      else for (const line of outcome.missed) spinner.print(`missed: ${scenario}: ${fault}: ${line}`);
    }
  });
  try {
    await Promise.all(working);
  } finally {
    spinner.stop();
    await Promise.all(threads.map((thread) => thread.end()));
  }
  return outcomes;
}

/** A line for each scenario, and the verdict. */
function print(
  scenarios: readonly string[],
  all: readonly Case[],
  outcomes: readonly Outcome[],
  terminal: Terminal,
): void {
  const colors = colorsOf(terminal);
  const width = Math.max(...scenarios.map(({ length }) => length));
  for (const name of scenarios) {
    const there = all.filter(({ scenario }) => scenario === name).length;
    const ran = outcomes.filter(({ scenario }) => scenario === name);
    const well = ran.filter(({ missed }) => missed.length === 0);
    const resumed = well.filter((one) => one.resumed > 0).length;
    terminal.out(
      `${name.padEnd(width)}  ${formatCount(there)} faults, ${formatCount(ran.length)} driven: ` +
        `${formatCount(well.length - resumed)} ended well by themselves, ${formatCount(resumed)} after a person resumed them, ` +
        `${formatCount(ran.length - well.length)} missed\n`,
    );
  }
  const missed = outcomes.filter((one) => one.missed.length > 0).length;
  const verdict = missed === 0 ? colors.green('PASSED') : colors.red('MISSED');
  terminal.out(`\n${verdict}  ${formatCount(outcomes.length - missed)} of ${formatCount(outcomes.length)} drills\n`);
}

function readScenario(text: string): string {
  if (named.includes(text)) return text;
  throw new WrongInput(`--scenario: is ${JSON.stringify(text)}, expected ${oneOf(named, text)}`);
}
