// `breakwater history`: the incidents and drills of the record, newest first, and what their times come to.
import type { Command } from 'commander';
import { enoughRuns } from '../functions/domain/calibration.ts';
import { type DrillRecord, recoverySecondsOf } from '../functions/domain/drills/record.ts';
import { calibrationOf, type Percentiles, percentilesOf } from '../functions/domain/percentiles.ts';
import type { Measured, Report } from '../functions/domain/report/facts.ts';
import type { Incident } from '../functions/domain/types.ts';
import { reasonWords } from '../functions/domain/words/decision-words.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { levelWords, placeWords } from '../functions/domain/words/words.ts';
import { shortReport } from '../functions/shared/report/incident-report.ts';
import type { Shell } from '../functions/shared/shell.ts';
import { commandLine, type DeploymentOptions, deploymentOf, onDeployment, open } from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import { formatTime, isoTime } from './screen/layout.ts';
import { type Colors, colorsOf, sayOn, type Terminal } from './screen/terminal.ts';

/** More than a screen of them helps nobody; --json has them all. */
const mostShown = 30;

export function addHistory(program: Command, terminal: Terminal): void {
  onDeployment(program.command('history').summary('lists the incidents and drills of the record, newest first')).action(
    (options: DeploymentOptions) => doing(history(options, terminal)),
  );
}

async function history(options: DeploymentOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const { shell, silent } = await open(deployment);
  const incidents = (await shell.store.listIncidents()).reverse();
  const counted = options.json === true ? incidents : incidents.slice(0, mostShown);
  const reports = await reportsOf(counted, shell);
  const times = timesOf([...reports.values()]);
  const drills = (await shell.store.listDrills()).toSorted((a, b) => b.startedAt - a.startedAt);
  if (options.json === true) {
    const told = {
      ...{ deployment: deployment.prefix, seenFrom: shell.region, silent },
      incidents: incidents.map((incident) => ({ ...summary(incident), ...numbersOf(reports.get(incident.id)) })),
      ...times,
      drills: drills.map(drillSummary),
    };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  const colors = colorsOf(terminal);
  for (const { region, why } of silent) say(`${colors.red('!')} ${region} does not answer: ${why}`);
  if (incidents.length === 0) say(`${deployment.prefix} has no incident in its record.`);
  for (const { id, level, scope, openedAt, closedAt, decisions } of incidents.slice(0, mostShown)) {
    const took = closedAt === null ? colors.red('open') : `over after ${formatSeconds((closedAt - openedAt) / 1000)}`;
    say(`${formatTime(openedAt)}: ${levelWords(level)} in ${placeWords(scope)}, ${took} ${colors.dim(id)}`);
    const acted = decisions.filter(({ action }) => action !== 'none').at(-1);
    if (acted !== undefined) say(`${acted.action}: ${reasonWords(acted)}`, 2);
    const { recoverySeconds, dataLossSeconds } = numbersOf(reports.get(id));
    if (recoverySeconds !== null)
      say(`users served after ${formatSeconds(recoverySeconds)}, data loss ${formatSeconds(dataLossSeconds)}`, 2);
  }
  if (incidents.length > mostShown) say(`and ${incidents.length - mostShown} older ones (--json has them all)`);
  const recoveries = [...reports.values()].reverse().map(({ numbers }) => numbers.recovery);
  for (const line of plotLines('Recovery', recoveries, 'RTO', colors)) say(line);
  for (const line of [...timesLines(times), ...drillLines(drills)]) say(line.trimStart(), line.startsWith(' ') ? 2 : 0);
  for (const line of drillPlots(drills, colors)) say(line);
  if (incidents.length > 0) say(`One incident's whole record: ${commandLine('report', options, 'ID')}`);
  if (drills.length > 0) say(`One drill's: ${commandLine('report', options, 'EXECUTION')}`);
}

/** Reads are bounded: a long record has hundreds of incidents. */
const atOnce = 20;

/** What each incident came to, by its id; those whose steps cannot be read are none. */
async function reportsOf(incidents: readonly Incident[], shell: Shell): Promise<Map<string, Report>> {
  const reports = new Map<string, Report>();
  for (let at = 0; at < incidents.length; at += atOnce) {
    const some = incidents.slice(at, at + atOnce);
    const made = await Promise.all(some.map((one) => shortReport(one, shell.store, { ...shell, gaps: [] })));
    for (const [index, one] of some.entries()) {
      const report = made[index];
      if (report !== undefined) reports.set(one.id, report);
    }
  }
  return reports;
}

function numbersOf(report: Report | undefined) {
  const { recovery, dataLoss, restore } = report?.numbers ?? {};
  return {
    drill: report?.occasion === 'drill',
    predictedSeconds: report?.predicted?.recoverySeconds ?? null,
    recoverySeconds: recovery?.seconds ?? null,
    dataLossSeconds: dataLoss?.seconds ?? null,
    restoreSeconds: restore?.seconds ?? null,
  };
}

/** The clocks of a report, as people read them. */
const clockNames = ['Detect', 'Decide', 'Approve', 'Execute', 'Unprotected'] as const;

/** What the times of all incidents come to, and how good the predictions were. */
function timesOf(reports: readonly Report[]) {
  const clock = (name: string) => reports.map(({ clocks }) => clocks.find((one) => one.name === name)?.seconds ?? null);
  const all: (readonly [string, Percentiles | null])[] = [
    ...clockNames.map((name) => [name.toLowerCase(), percentilesOf(clock(name))] as const),
    ['recovery', percentilesOf(reports.map(({ numbers }) => numbers.recovery.seconds))],
    ['loss', percentilesOf(reports.map(({ numbers }) => numbers.dataLoss.seconds))],
  ];
  return { percentiles: Object.fromEntries(all), predictions: calibrationOf(reports.map((one) => numbersOf(one))) };
}

/** One incident is no history. */
function timesLines({ percentiles, predictions }: ReturnType<typeof timesOf>): string[] {
  const told = Object.entries(percentiles).flatMap(([name, found]) =>
    found === null || found.count < 2
      ? []
      : `  ${name}: p50 ${formatSeconds(found.p50)}, p95 ${formatSeconds(found.p95)}, longest ${formatSeconds(found.longest)}, of ${found.count}`,
  );
  return [
    ...(told.length === 0 ? [] : ['Times of all incidents in the record:', ...told]),
    ...(predictions === null
      ? []
      : [
          `Predictions: recovery took ${predictions.factor} times what was predicted (median of ${predictions.count}). Predictions use the record once it has ${enoughRuns} moves of a region. Until then, multiply \`predictions\` of plan.yml by that factor.`,
        ]),
  ];
}

/** Drills are shown as many as incidents are. */
function drillLines(drills: readonly DrillRecord[]): string[] {
  if (drills.length === 0) return [];
  const lines = drills.slice(0, mostShown).map((drill) => {
    const { name, kind, execution, startedAt, outcome, withinSeconds, why } = drill;
    const took = recoverySecondsOf(drill);
    const time = took === null ? '' : ` in ${formatSeconds(took)} of ${formatSeconds(withinSeconds)}`;
    return `  ${formatTime(startedAt)}: ${name} (${kind}) ${outcome ?? 'runs'}${time}${why.length === 0 ? '' : `: ${why.join('; ')}`} (${execution})`;
  });
  const more = drills.length - lines.length;
  return ['Drills:', ...lines, ...(more > 0 ? [`  and ${more} older ones (--json has them all)`] : [])];
}

function drillSummary(drill: DrillRecord) {
  const { name, kind, execution, by, region, incident, withinSeconds, outcome, why, answers } = drill;
  return {
    ...{ name, kind, execution, by, region, incident, withinSeconds, outcome, why },
    startedAt: isoTime(drill.startedAt),
    faultAt: isoTime(drill.faultAt),
    recoverySeconds: recoverySecondsOf(drill),
    answers: answers.map(({ at, ...answer }) => ({ at: isoTime(at), ...answer })),
  };
}

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

type Timed = Pick<Measured, 'seconds' | 'met' | 'objectiveSeconds'>;

/** Times as a row of columns, oldest first, a dot where none is known; nothing where fewer than two are. */
function plotLines(what: string, times: readonly Timed[], objective: string, colors: Colors): string[] {
  const known = times.flatMap(({ seconds }) => seconds ?? []);
  if (known.length < 2) return [];
  const longest = Math.max(...known);
  const columns = times.map(({ seconds, met }) => {
    if (seconds === null) return colors.dim('·');
    const column = heights[Math.round((seconds / Math.max(longest, 1)) * (heights.length - 1))] ?? '';
    return met === false ? colors.red(column) : column;
  });
  const allowed = formatSeconds(times.at(-1)?.objectiveSeconds ?? null);
  return [`${what}, oldest first: ${columns.join('')} up to ${formatSeconds(longest)}, ${objective} ${allowed}`];
}

/** Of each drill that has run more than once. `drills`: newest first. */
function drillPlots(drills: readonly DrillRecord[], colors: Colors): string[] {
  return [...Map.groupBy(drills, ({ name }) => name)].flatMap(([name, runs]) => {
    const times = runs.toReversed().map((run) => {
      const seconds = recoverySecondsOf(run);
      const { withinSeconds: objectiveSeconds } = run;
      return { seconds, objectiveSeconds, met: seconds === null ? null : seconds <= objectiveSeconds };
    });
    return plotLines(name, times, 'within', colors);
  });
}

function summary({ id, region, level, scope, openedAt, lastSignalAt, closedAt, decisions }: Incident) {
  return {
    id,
    region,
    level,
    scope,
    openedAt: isoTime(openedAt),
    lastSignalAt: isoTime(lastSignalAt),
    closedAt: isoTime(closedAt),
    decisions: decisions.map(({ at, action, level: decided, indication = null, hold = null, reason, execution }) => ({
      at: isoTime(at),
      action,
      level: decided,
      indication,
      hold,
      reason,
      execution,
    })),
  };
}
