// `breakwater cost`: what a month costs in which nothing happens, and what an incident adds, line by line.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isRecord, type Template } from '../check/template.ts';
import { type Bill, type Counts, incidentBill, type Line, money } from '../functions/domain/cost/bill.ts';
import { prices, usage } from '../functions/domain/cost/prices.ts';
import { machines } from '../functions/domain/flows.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { readFlow } from '../infrastructure/runs/machines.ts';
import type { DrillResult } from '../simulator/drill/result.ts';
import type { RunDrill } from './drill.ts';
import { readPlanFile } from './files/plan.ts';
import { apartOf, idleOf } from './packaged/bill.ts';
import { intoOption, packagedTemplate, readTemplateFile, shownAs } from './packaged/template.ts';
import { wrap } from './screen/layout.ts';
import { colorsOf, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = { readonly plan?: string; readonly template?: string; readonly into?: string; readonly json?: boolean };

/**
 * What must not be exceeded, in dollars: a month of both regions, beyond what AWS gives every account for nothing, and one
 * incident at list prices.
 */
export const limits = { idle: 17.5, incident: 0.1 };

/** The drills that are counted: the dearest recovery of each kind that runs to its end. */
const scenarios = ['az-outage', 'region-outage'];

type Priced = {
  readonly idle: Bill;
  readonly apart: Bill;
  readonly incidents: readonly (Bill & { readonly scenario: string; readonly counts: Counts })[];
};

/** Adds the verb. Ends with 1 where a limit is exceeded, and as wrong input where nothing was packaged. */
export function addCost(program: Command, terminal: Terminal, end: (status: number) => void, run?: RunDrill): void {
  program
    .command('cost')
    .summary('estimates the cost of a month in which nothing happens, and of an incident')
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--template <file>', 'another template than the one that npm run package made')
    .addOption(intoOption())
    .option('--json', 'print one JSON object')
    .action(async (options: Options) => {
      const plan = readPlanFile(options.plan);
      const template = mainTemplate(options.template ?? packagedFile(plan, options), plan, options.plan);
      const runDrill = run ?? (await import('../simulator/drill/drill.ts')).runDrill;
      const incidents: Priced['incidents'][number][] = [];
      for (const scenario of scenarios) {
        const counts = await countIn(scenario, plan, runDrill);
        incidents.push({ scenario, counts, ...incidentBill(counts) });
      }
      const priced = {
        idle: idleOf(template, plan),
        apart: apartOf(template, plan),
        incidents,
      };
      const missed = missedIn(priced);
      if (options.json === true) terminal.out(`${JSON.stringify(jsonOf(priced, missed), null, 2)}\n`);
      else print(priced, terminal);
      for (const line of missed) terminal.err(`missed: ${line}\n`);
      end(missed.length === 0 ? 0 : 1);
    });
}

function packagedFile({ roles }: Plan, { plan, into }: Options): string {
  const file = packagedTemplate(roles.primary, into);
  if (existsSync(file)) return file;
  throw new WrongInput(
    `${shownAs(file)}: there is no such file, expected the packaged template: run ${packageLine(plan)} first`,
  );
}

/** How the template is made. `plan`: the file that --plan named. */
function packageLine(plan: string | undefined): string {
  return `npm run package${plan === undefined ? '' : ` -- --plan ${plan}`}`;
}

/** The template of either main region: it is counted for both. */
function mainTemplate(file: string, { roles, application }: Plan, named: string | undefined): Template {
  const { template, region, application: other } = readTemplateFile(file);
  if (other !== null && other !== application)
    throw new WrongInput(
      `${file}: was packaged for ${other}, expected ${application}: run ${packageLine(named)} first`,
    );
  if (region === null || region === roles.primary || region === roles.standby) return template;
  throw new WrongInput(`${file}: was packaged for ${region}, expected ${roles.primary} or ${roles.standby}`);
}

/** Runs a drill and counts what AWS would charge for. */
async function countIn(scenario: string, plan: Plan, run: RunDrill): Promise<Counts> {
  let signals = 0;
  const { result } = await run({
    scenario,
    seed: 1,
    plan,
    onProgress: ({ kind }) => {
      if (kind === 'signal') signals += 1;
    },
  });
  return countsOf(result, signals);
}

/** What of a drill AWS would charge for. `signals`: as many as were seen. */
export function countsOf(result: DrillResult, signals: number): Counts {
  const runs = result.steps.reduce((sum, { attempts }) => sum + attempts, 0);
  // Both stacks read each signal, and after it look again once.
  return {
    transitions: runs + passedStates(result),
    runs,
    signals: signals * 4,
    messages: result.notifications.length,
  };
}

/** States that run no function, such as choices: at most all of their machine's, once in each execution. */
function passedStates({ executions }: DrillResult): number {
  const states = new Map<string, number>(machines.map((flow) => [flow, statesBesideTasks(readFlow(flow))]));
  return executions.reduce((sum, { stateMachine }) => sum + (states.get(stateMachine) ?? 0), 0);
}

function statesBesideTasks(machine: unknown): number {
  if (!isRecord(machine) || !isRecord(machine['States'])) return 0;
  return Object.values(machine['States']).reduce<number>((sum, state) => {
    if (!isRecord(state)) return sum;
    const inner = Array.isArray(state['Branches']) ? (state['Branches'] as unknown[]) : [];
    return (
      sum + (state['Type'] === 'Task' ? 0 : 1) + inner.reduce<number>((all, one) => all + statesBesideTasks(one), 0)
    );
  }, 0);
}

function missedIn({ idle, incidents }: Priced): string[] {
  const over = (what: string, dollars: number, limit: number) =>
    dollars < limit ? [] : [`${what} costs ${money(dollars)}, expected less than ${money(limit)}`];
  return [
    ...over('a month in which nothing happens', idle.dollars - idle.allowance, limits.idle),
    ...incidents.flatMap(({ scenario, dollars }) => over(`an incident (${scenario})`, dollars, limits.incident)),
  ];
}

function jsonOf({ idle, apart, incidents }: Priced, missed: readonly string[]) {
  const sourced = (bill: Bill) => ({
    ...bill,
    lines: bill.lines.map((line) => ({ ...line, ...pricedBy(line.price) })),
  });
  return {
    currency: 'USD',
    idle: { ...sourced(idle), limit: limits.idle },
    apart: sourced(apart),
    incidents: incidents.map((incident) => ({ ...sourced(incident), limit: limits.incident })),
    usage,
    met: missed.length === 0,
    missed,
  };
}

function pricedBy(name: Line['price']) {
  const { dollars, per, grade, source } = prices[name];
  return { unitDollars: dollars, per, grade, source };
}

function print(priced: Priced, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const show = (bill: 'month' | 'other', title: string, { lines, dollars, allowance }: Bill, limit?: number) => {
    terminal.out(`${colors.bold(title)}\n`);
    for (const { what, amount, price, dollars: each } of lines.toSorted((a, b) => b.dollars - a.dollars)) {
      const unit = pricedBy(price);
      const rate = `${rounded(amount)} at $${unit.unitDollars}${unit.per === 1 ? '' : ` for ${rounded(unit.per)}`}`;
      terminal.out(`  ${money(each).padStart(9)}  ${what.padEnd(44)} ${colors.dim(`${rate} [${unit.grade}]`)}\n`);
    }
    const most = limit === undefined ? '' : `; the project keeps it below ${money(limit)}`;
    const isMonth = bill === 'month';
    terminal.out(`  ${colors.bold(money(dollars).padStart(9))}  total at list prices${isMonth ? '' : most}\n`);
    if (allowance > 0.005 || isMonth) {
      terminal.out(
        `  ${money(allowance).padStart(9)}  ${colors.dim('of it is free, if the account has not used its free tier')}\n`,
      );
      if (isMonth) terminal.out(`  ${colors.bold(money(dollars - allowance).padStart(9))}  left to pay${most}\n`);
    }
    terminal.out('\n');
  };
  show('month', 'A month in which nothing happens, both regions', priced.idle, limits.idle);
  show(
    'other',
    'On top of the month, no part of its total: canaries in observer regions, endpoints in VPCs, daily builds for clusters',
    priced.apart,
  );
  for (const incident of priced.incidents)
    show('other', `One incident, as in the drill ${incident.scenario}`, incident, limits.incident);
  const notes =
    'List prices; sources and estimates are in functions/domain/cost/prices.ts. [D] vendor’s page, [S] transcribed or quoted, [M] from memory.';
  terminal.out(`${wrap(notes, terminal.columns).join('\n')}\n`);
}

function rounded(amount: number): string {
  return amount.toLocaleString('en-US', { maximumSignificantDigits: amount < 100 ? 3 : 6 });
}
