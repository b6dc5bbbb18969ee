// `breakwater drill all`: every scenario that the plan has the assets for, side by side, and one table of what they came to.
import { InvalidPlan, type Plan } from '../functions/domain/plan/plan.ts';
import type { Action, Level } from '../functions/domain/types.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import type { DrillRun, InvariantResult } from '../simulator/drill/result.ts';
import { missesOf } from '../simulator/drill/verdict.ts';
import { NotPlayable, playing } from '../simulator/playing/playing.ts';
import { scenarioNames } from '../simulator/playing/scenario.ts';
import type { RunDrill } from './drill.ts';
import { formatCount, printable, wrap } from './screen/layout.ts';
import { onlyObserves } from './screen/only-observes.ts';
import { createSpinner } from './screen/spinner.ts';
import { type Colors, colorsOf, type Terminal } from './screen/terminal.ts';
import type { DrillThread } from './threads/threads.ts';

/** A row of the table, and a line of `--json`; null is what is not known. */
type Row = {
  readonly scenario: string;
  readonly seed: number;
  readonly level: Level | null;
  /** The last one about the incident's level; null where nothing was decided. */
  readonly decision: Action | null;
  readonly recoverySeconds: number | null;
  readonly dataLossSeconds: number | null;
  readonly invariants: readonly InvariantResult[];
  readonly passed: boolean;
  readonly missed: readonly string[];
};

/** A scenario that is not run, and why. */
type LeftOut = { readonly scenario: string; readonly leftOut: string };

export type AllDrills = {
  readonly seed: number;
  readonly plan: Plan;
  readonly json: boolean;
  /** What runs so many drills. */
  readonly threadsFor: (drills: number) => readonly DrillThread[];
  /** Whether the facts of a report are gathered of each. */
  readonly report: boolean;
  /** Called with each drill that has run. */
  readonly ran: (run: DrillRun) => void;
  /** Called at the end with what did not run to its end, or was left out, and why. */
  readonly ended: (without: readonly { readonly what: string; readonly why: string }[]) => void;
};

/**
 * Runs the drills and prints the row of each, in the order of their names, as soon as those above it are there. Gives the exit
 * status: 1 where one was missed. @throws InvalidScenario
 */
export async function drillAll(all: AllDrills, terminal: Terminal): Promise<number> {
  const leftOut = [...scenarioNames().flatMap((scenario) => leftOutOf(scenario, all.plan)), ...unknownIn(all.plan)];
  const scenarios = scenarioNames().filter((name) => !leftOut.some(({ scenario }) => scenario === name));
  const spinner = createSpinner(all.json ? { ...terminal, rich: false } : terminal);
  const { head, lineOf } = tableOf(scenarios, colorsOf(terminal));
  const show = (row: Row | LeftOut, line: string | null): void => {
    if (all.json) spinner.print(JSON.stringify(row));
    else if (line !== null) spinner.print(line);
  };
  if (!all.json) spinner.print(head);
  for (const one of leftOut) show(one, null);
  const rows: Row[] = [];
  try {
    for await (const row of rowsOf(scenarios, all, terminal, (running) => spinner.show(running.join(', ')))) {
      show(row, lineOf(row));
      rows.push(row);
    }
  } finally {
    spinner.stop();
  }
  if (!all.json) terminal.out(`${belowTable(rows, leftOut, terminal).join('\n')}\n`);
  all.ended([
    ...rows.flatMap(({ scenario, level, missed }) =>
      level === null ? [{ what: scenario, why: missed.join('; ') }] : [],
    ),
    ...leftOut.map(({ scenario, leftOut: why }) => ({ what: scenario, why: `left out: ${why}` })),
  ]);
  return rows.every(({ passed }) => passed) ? 0 : 1;
}

/** Why a scenario is not run; empty where it is. */
function leftOutOf(scenario: string, plan: Plan): LeftOut[] {
  const left = (why: string): LeftOut[] => [{ scenario, leftOut: `${why}${askedFor(scenario, plan)}` }];
  try {
    playing(scenario, plan);
    return [];
  } catch (error) {
    if (error instanceof NotPlayable) return left(error.why);
    if (error instanceof InvalidPlan) return left(`it changes the plan, which is then not valid: ${error.message}`);
    throw error;
  }
}

/** Scenarios that drills of the plan name, and that there are none of. */
function unknownIn(plan: Plan): LeftOut[] {
  const known = scenarioNames();
  const unknown = new Set(plan.drills.map(({ scenario }) => scenario).filter((name) => !known.includes(name)));
  return [...unknown].map((scenario) => ({
    scenario,
    leftOut: `there is no such scenario${askedFor(scenario, plan)}`,
  }));
}

/** A drill that the plan asks for cannot be done in the simulator where its scenario is left out. */
function askedFor(scenario: string, { drills }: Plan): string {
  const names = drills.filter((one) => one.scenario === scenario).map(({ name }) => `"${name}"`);
  return names.length === 0 ? '' : `; the plan asks for it: ${names.join(', ')}`;
}

/** The rows in the order of the scenarios. Each thread takes the next scenario as soon as it is free. */
async function* rowsOf(
  scenarios: readonly string[],
  all: AllDrills,
  terminal: Terminal,
  tell: (running: readonly string[]) => void,
): AsyncGenerator<Row> {
  const drills = scenarios.map((scenario) => ({ scenario, row: Promise.withResolvers<Row>() }));
  const waiting = drills.values();
  const running = new Set<string>();
  const threads = all.threadsFor(drills.length);
  const working = threads.map(async ({ run }) => {
    for (const { scenario, row } of waiting) {
      tell([...running.add(scenario)]);
      row.resolve(await rowOf(scenario, run, all, terminal));
      running.delete(scenario);
    }
  });
  try {
    for (const { row } of drills) yield await row.promise;
    await Promise.all(working);
  } finally {
    await Promise.all(threads.map(({ end }) => end()));
  }
}

/** A drill that fails unexpectedly is missed and costs only itself. */
async function rowOf(
  scenario: string,
  run: RunDrill,
  { seed, plan, report, ran }: AllDrills,
  terminal: Terminal,
): Promise<Row> {
  try {
    const done = await run({ scenario, seed, plan, ...(report && { report }) });
    ran(done);
    const { incident, decisions, clocks, dataLoss, invariants } = done.result;
    const observes = onlyObserves(playing(scenario, plan).plan, done);
    const left = done.misses.filter(({ what }) => observes?.follow.includes(what) !== true);
    const missed = [...(observes === null ? [] : [observes.line]), ...missesOf({ ...done, misses: left })];
    const decided = decisions.filter(({ action, level }) => action !== 'none' && level === incident?.level).at(-1);
    return {
      scenario,
      seed,
      level: incident?.level ?? 0,
      decision: decided?.action ?? null,
      recoverySeconds: clocks.recoverySeconds,
      dataLossSeconds: dataLoss.actualSeconds,
      invariants,
      passed: missed.length === 0,
      missed,
    };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (terminal.debug) terminal.err(`${stack}\n`);
    const missed = [`unexpected: ${printable(message)}${terminal.debug ? '' : ' (DEBUG=1 shows where)'}`];
    const unknown = { level: null, decision: null, recoverySeconds: null, dataLossSeconds: null, invariants: [] };
    return { scenario, seed, ...unknown, passed: false, missed };
  }
}

function tableOf(scenarios: readonly string[], colors: Colors): { head: string; lineOf: (row: Row) => string } {
  const widths = [Math.max(...scenarios.map(({ length }) => length)), 7, 16, 12, 10, 10];
  const cells = (texts: readonly string[]): string => texts.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  ');
  return {
    head: colors.dim(cells(['scenario', 'level', 'decision', 'recovery', 'data loss', 'invariants'])).trimEnd(),
    lineOf({ scenario, level, decision, recoverySeconds, dataLossSeconds, invariants, passed }) {
      const held = invariants.filter((invariant) => invariant.held).length;
      const known = cells([
        scenario,
        String(level ?? '-'),
        decision ?? '-',
        recoverySeconds === 0 ? 'not needed' : formatSeconds(recoverySeconds),
        dataLossSeconds === 0 ? 'none' : formatSeconds(dataLossSeconds),
        `${held} of ${invariants.length}`,
      ]);
      return `${known}  ${passed ? colors.green('PASSED') : colors.red('MISSED')}`;
    },
  };
}

/** What was missed, what was left out and why, and the verdict on all. */
function belowTable(rows: readonly Row[], leftOut: readonly LeftOut[], terminal: Terminal): string[] {
  const colors = colorsOf(terminal);
  const missed = rows.filter(({ passed }) => !passed);
  const passed = rows.length - missed.length;
  const list = (title: string, texts: readonly string[]): string[] => {
    const lines = texts.flatMap((text) =>
      wrap(text, terminal.columns - 4).map((line, at) => (at === 0 ? `  ${line}` : `    ${line}`)),
    );
    return lines.length === 0 ? [] : ['', colors.bold(title), ...lines];
  };
  const verdict = missed.length === 0 ? colors.green(colors.bold('PASSED')) : colors.red(colors.bold('MISSED'));
  const others = leftOut.length === 0 ? '' : `, ${formatCount(leftOut.length)} left out`;
  return [
    ...list(
      'Missed',
      missed.flatMap((row) => row.missed.map((line) => `${row.scenario}: ${line}`)),
    ),
    ...list(
      'Left out',
      leftOut.map(({ scenario, leftOut: why }) => `${scenario}: ${why}`),
    ),
    '',
    `${verdict}  ${formatCount(passed)} of ${formatCount(rows.length)} scenarios passed${others}`,
  ];
}
