// `breakwater drill`: one rehearsal in the simulator, with a live timeline and a summary; without a scenario, the list.
import type { Command } from 'commander';
import { costOfDrill } from '../functions/domain/cost/words.ts';
import { InvalidPlan } from '../functions/domain/plan/plan.ts';
import type { DrillOptions } from '../simulator/drill/drill.ts';
import type { DrillRun } from '../simulator/drill/result.ts';
import { missesOf } from '../simulator/drill/verdict.ts';
import { playing } from '../simulator/playing/playing.ts';
import { readScenario } from '../simulator/playing/scenario.ts';
import { countsOf } from './cost.ts';
import { deploymentStage, readReason } from './deployed/deployment.ts';
import { readManualFile } from './files/manual.ts';
import { planName, readPlanFile, wrongPlan } from './files/plan.ts';
import { makeFolder, writeIndex, writeReport } from './files/report-folder.ts';
import { howToAnswer, pageLine, whileAsking } from './screen/asking.ts';
import { wrap } from './screen/layout.ts';
import { howToAct, onlyObserves, seesLess } from './screen/only-observes.ts';
import { listed, printScenarios } from './screen/scenarios.ts';
import { createSpinner } from './screen/spinner.ts';
import { summarise } from './screen/summary.ts';
import { colorsOf, type Terminal } from './screen/terminal.ts';
import { createTimeline } from './screen/timeline.ts';
import { WrongInput } from './screen/wrong-input.ts';

/** The drill engine as the command line uses it. */
export type RunDrill = (options: DrillOptions) => Promise<DrillRun>;

type Options = {
  readonly seed: number;
  readonly manual?: string;
  readonly plan?: string;
  readonly approve?: string;
  readonly json?: boolean;
  readonly report?: string;
  readonly aws?: true;
  readonly stage: string;
  readonly break?: string;
  readonly reason?: string;
};

/** @throws WrongInput where what a deployment needs is given to the simulator */
function expectNone(given: (option: string) => boolean): void {
  for (const option of ['stage', 'break', 'reason'])
    if (given(option)) throw new WrongInput(`--${option}: is given without --aws, expected with it`);
}

/** A seed is 32 bits: a larger one would be the same drill as a smaller one. */
const largestSeed = 2 ** 32 - 1;

/** Adds the verb. `run` is the simulator's engine unless a test brings its own; `end` takes the exit status. */
export function addDrill(program: Command, terminal: Terminal, end: (status: number) => void, run?: RunDrill): void {
  program
    .command('drill')
    .summary(
      'runs one rehearsal in the simulator; with --aws, a drill of a deployment; without a name, lists the scenarios',
    )
    .argument('[scenario]', 'what goes wrong; all: every scenario that the plan has assets for')
    .option('--seed <number>', 'which random history of the scenario', readSeed, 1)
    .option('--manual <file>', 'input of a flow that a person starts by hand, such as events/az-failover.manual.json')
    .option('--plan <file>', 'another plan than plan.yml')
    .option(
      '--approve <way>',
      'what approvers do: after=10m, deny, never, scanner (mail scanners try) or ask (a page on localhost); ' +
        'default: after=5m, or as the scenario says',
      readApproval,
    )
    .option(
      '--aws',
      'a drill of a deployment, by its name or kind in the plan; stop: ends the one that runs and lets none begin; allow: undoes that',
    )
    .addOption(deploymentStage())
    .option(
      '--break <asset>',
      'with --aws, needed if the drill breaks something: the asset or zone of its target, typed once more',
    )
    .option('--reason <text>', 'with --aws stop: why', readReason)
    .option('--json', 'print the result as one JSON object and nothing else')
    .option(
      '--report <folder>',
      'also write a report: <folder>/<scenario>-<seed>.html and .json, and of all an index.html',
    )
    .action(async (scenario: string | undefined, options: Options, command: Command) => {
      if (options.aws === true) return (await import('./drill-aws.ts')).drillOnAws(scenario, options, terminal);
      expectNone((option) => command.getOptionValueSource(option) === 'cli');
      if (scenario === undefined) return listScenarios(terminal, options.json === true);
      if (scenario === 'all') return end(await drillEach(options, terminal, run));
      end(await drill(scenario, options, terminal, run ?? (await import('../simulator/drill/drill.ts')).runDrill));
    });
}

/** All drills: in threads of their own, unless a test brings its engine. */
async function drillEach(options: Options, terminal: Terminal, run?: RunDrill): Promise<number> {
  const { seed, json = false, report } = options;
  for (const option of ['manual', 'approve'] as const)
    if (options[option] !== undefined)
      throw new WrongInput(`--${option}: is given with all, expected with one scenario: each does as it says`);
  const plan = readPlanFile(options.plan);
  if (report !== undefined) makeFolder('--report', report);
  const { drillAll } = await import('./drill-all.ts');
  const { drillThreads } = await import('./threads/threads.ts');
  const threadsFor = run === undefined ? drillThreads : () => [{ run, end: async () => undefined }];
  return drillAll(
    {
      ...{ seed, plan, json, threadsFor, report: report !== undefined },
      ran: (done) => writeDrill(report, done),
      ended(without) {
        if (report === undefined) return;
        const title = `Drills of ${plan.application}`;
        const lead = `Every scenario that the plan has the assets for, played in the simulator with seed ${seed}, and what else this folder holds.`;
        const index = writeIndex(report, { title, lead, without });
        if (!json) terminal.out(`Reports listed in ${index}\n`);
      },
    },
    terminal,
  );
}

async function drill(name: string, options: Options, terminal: Terminal, run: RunDrill): Promise<number> {
  readScenario(name);
  const plan = readPlanFile(options.plan);
  const { scenario, plan: played } = await inPlan(name, options.plan, () => playing(name, plan));
  const { title, faults } = scenario;
  const manual = options.manual === undefined ? {} : { manual: readManualFile(options.manual, plan) };
  if (options.report !== undefined) makeFolder('--report', options.report);
  const approve = options.approve === undefined ? {} : { approve: options.approve };
  const reporting = options.report === undefined ? {} : { report: true };
  const asked = { scenario: name, seed: options.seed, plan, ...approve, ...manual, ...reporting };
  const ran = (request: Parameters<RunDrill>[0]): Promise<DrillRun> =>
    inPlan(name, options.plan, () => whileAsking(options.approve, (nobody) => run({ ...request, ...nobody })));
  if (options.json === true) {
    const done = await ran({
      ...asked,
      onProgress(progress) {
        const line = pageLine(progress);
        if (line !== null) terminal.err(`${line}\n`);
      },
    });
    terminal.out(`${JSON.stringify(done.result, null, 2)}\n`);
    const missed = missesOf(done);
    for (const line of missed) terminal.err(`missed: ${line}\n`);
    const observes = onlyObserves(played, done);
    if (observes !== null) terminal.err(`${observes.line}; ${howToAct(name)}\n`);
    writeDrill(options.report, done);
    return missed.length === 0 ? 0 : 1;
  }

  const colors = colorsOf(terminal);
  const spinner = createSpinner(terminal);
  const { columns } = terminal;
  const timeline = createTimeline({ print: spinner.print, colors, columns, home: plan.roles.primary });
  spinner.print(colors.bold(name));
  for (const line of wrap(title, columns)) spinner.print(line);
  spinner.print(
    colors.dim(`seed ${options.seed}; times are virtual, since the ${faults.length > 0 ? 'fault' : 'beginning'}`),
  );
  if (options.approve === 'ask') for (const line of wrap(howToAnswer, columns)) spinner.print(line);
  spinner.print('');
  let done: DrillRun;
  try {
    done = await ran({
      ...asked,
      onProgress(progress) {
        timeline.show(progress);
        spinner.show(timeline.running());
      },
    });
  } finally {
    spinner.stop();
  }
  timeline.end();
  terminal.out(`\n${summarise(done, colors, columns).join('\n')}\n`);
  const observes = onlyObserves(played, done);
  const hint = observes === null ? seesLess(options.plan, done) : `${observes.line}; ${howToAct(name)}`;
  if (hint !== null) terminal.out(`\n${wrap(hint, columns).join('\n')}\n`);
  const report = writeDrill(options.report, done);
  if (report !== null) terminal.out(`Report written to ${report}\n`);
  return missesOf(done).length === 0 ? 0 : 1;
}

/** A scenario changes the plan: what was valid by itself may no longer be. @throws WrongInput then */
async function inPlan<Result>(
  name: string,
  file: string | undefined,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof InvalidPlan ? wrongPlan(`${planName(file)} in ${name}`, error) : error;
  }
}

function listScenarios(terminal: Terminal, json: boolean): void {
  if (json) terminal.out(`${JSON.stringify(listed(), null, 2)}\n`);
  else printScenarios(terminal);
}

function readSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= largestSeed) return seed;
  throw new WrongInput(`--seed: is ${JSON.stringify(text)}, expected a whole number from 0 to ${largestSeed}`);
}

function readApproval(text: string): string {
  if (['deny', 'never', 'scanner', 'ask'].includes(text) || /^after=\d{1,6}[smh]$/.test(text)) return text;
  throw new WrongInput(`--approve: is ${JSON.stringify(text)}, expected after=10m, deny, never, scanner or ask`);
}

/** Where the page is; null where none was asked for. */
function writeDrill(folder: string | undefined, { report, result, signals = 0 }: DrillRun): string | null {
  if (folder === undefined || report === undefined) return null;
  return writeReport(folder, result, { ...report, cost: costOfDrill(countsOf(result, signals)) });
}
