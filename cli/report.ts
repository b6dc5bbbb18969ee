// `breakwater report ID`: the whole record of one incident, as people read it the morning after.
import type { Command } from 'commander';
import type { DrillRecord } from '../functions/domain/drills/record.ts';
import { drillFacts } from '../functions/domain/drills/words.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { fromWords } from '../functions/domain/record/fault-clock.ts';
import type { Asked, Came, IncidentRecord } from '../functions/domain/report/record.ts';
import type { RecordedAnswer } from '../functions/domain/types.ts';
import { reasonWords } from '../functions/domain/words/decision-words.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { assessmentSentences, basisSentence } from '../functions/domain/words/region-words.ts';
import { levelWords, placeWords } from '../functions/domain/words/words.ts';
import { recordOf } from '../functions/shared/report/incident-record.ts';
import {
  earlierIncidents,
  earlierRuns,
  readRun,
  reportOfIncident,
} from '../functions/shared/report/incident-report.ts';
import type { Shell } from '../functions/shared/shell.ts';
import {
  commandLine,
  type DeploymentOptions,
  deploymentOf,
  type Opened,
  onDeployment,
  open,
} from './deployed/deployment.ts';
import { recordForMachines } from './deployed/record.ts';
import { doing } from './deployed/why-not.ts';
import { type PageTarget, pageTarget, writeReport } from './files/report-folder.ts';
import { formatTime } from './screen/layout.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

export function addReport(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('report')
      .summary('shows the whole record of one incident')
      .argument('<id>', 'the incident, as messages and history have it, or the execution of a drill', readId)
      .option(
        '--html <folder>',
        'write it as a page: <folder>/<id>.html, and .json beside it; a name.html is taken as the file',
      ),
  ).action((id: string, options: ReportOptions) => doing(report(id, options, terminal)));
}

/** Longer than any id. */
const longestId = 500;

/** Asked for before anything is read: what is no word is in no record. */
function readId(text: string): string {
  if (/^[^\s\p{C}]+$/u.test(text) && text.length <= longestId) return text;
  const said = text.length <= longestId ? JSON.stringify(text) : `${text.length} letters`;
  throw new WrongInput(`id: is ${said}, expected an incident's id, or the execution of a drill`);
}

type ReportOptions = DeploymentOptions & { readonly html?: string };

async function report(id: string, options: ReportOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const target = options.html === undefined ? null : pageTarget('--html', options.html);
  const { shell, silent } = await open(deployment);
  // What is damaged is known when it was read.
  const gaps = () => gapsOf(silent, deployment.unread());
  const record = await recordOf(id, shell);
  const drill = record === null ? await shell.store.readDrill(id) : null;
  if (drill !== null) return reportRun(drill, target, shell, gaps, options, terminal);
  if (record === null) {
    const lists = commandLine('history', options);
    throw new WrongInput(
      `incident ${id} is not in the record of ${deployment.prefix}, expected one that ${lists} lists, or the execution of a drill`,
    );
  }
  const forMachines = { deployment: deployment.prefix, ...recordForMachines(record) };
  const page = target === null ? null : await writePage(record, target, forMachines, shell, gaps());
  if (options.json === true) {
    terminal.out(`${JSON.stringify(forMachines, null, 2)}\n`);
    return;
  }
  if (page !== null) return terminal.out(`Report written to ${page}\n`);
  print(record, deployment.plan, terminal);
}

/** A drill that the deployment ran, with the incident that it made, where it made one. */
async function reportRun(
  drill: DrillRecord,
  target: PageTarget | null,
  shell: Shell,
  gaps: () => readonly string[],
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  const { store } = shell;
  const [runs, incidents] = await Promise.all([store.listDrills(), store.listIncidents()]);
  const from = { ...shell, gaps: gaps() };
  const made = await readRun(drill, shell, from, incidents);
  if (target !== null) {
    const { folder, name } = target;
    const earlier = earlierRuns(drill, runs, from, () => null);
    const page = writeReport(folder, { drill }, made, { name, earlier });
    if (options.json !== true) return terminal.out(`Report written to ${page}\n`);
  }
  if (options.json === true) return terminal.out(`${JSON.stringify({ drill, report: made }, null, 2)}\n`);
  const say = sayOn(terminal);
  say(`${made.title}: ${made.verdict.line}`);
  for (const line of drillFacts(drill)) say(line, 2);
  for (const gap of made.gaps) say(`Gap: ${gap}`, 2);
}

/** What keeps a report from being whole. */
export function gapsOf(silent: Opened['silent'], unread: readonly string[]): string[] {
  return [
    ...silent.map(
      ({ region, why }) => `${region} did not answer: ${why}. The record is the same in every region that does.`,
    ),
    ...unread.map((line) => `A part of the record ${line}.`),
  ];
}

async function writePage(
  record: IncidentRecord,
  { folder, name }: PageTarget,
  forMachines: object,
  shell: Shell,
  gaps: readonly string[],
): Promise<string> {
  const from = { ...shell, gaps };
  const incidents = await shell.store.listIncidents();
  const made = reportOfIncident(record, from, incidents);
  const earlier = await earlierIncidents(record.incident, incidents, shell, from, () => null);
  return writeReport(folder, forMachines, made, { name, earlier });
}

function print(record: IncidentRecord, plan: Plan, terminal: Terminal): void {
  const { incident, drill, asked, waivers, steps, calls, came } = record;
  const { id, level, scope, openedAt, closedAt, decisions } = incident;
  const colors = colorsOf(terminal);
  const say = sayOn(terminal);
  const part = <Entry>(title: string, entries: readonly Entry[], tell: (entry: Entry) => void): void => {
    terminal.out(`\n${colors.bold(title)}\n`);
    if (entries.length === 0) say('none', 2);
    for (const entry of entries) tell(entry);
  };
  const over =
    closedAt === null
      ? 'still open'
      : `over ${formatTime(closedAt)}, after ${formatSeconds((closedAt - openedAt) / 1000)}`;
  say(`${colors.bold(id)}${drill ? ' (a drill)' : ''}`);
  say(`Level ${level}, ${levelWords(level)} in ${placeWords(scope)}; first evidence ${formatTime(openedAt)}, ${over}`);
  part('Decisions', decisions, (decision) => {
    const { at, action, execution, evidence } = decision;
    say(`${formatTime(at)}: ${action}: ${reasonWords(decision)}`, 2);
    say(`Evidence: ${evidence.join(', ') || 'none'}.${execution === null ? '' : ` Starts ${execution}.`}`, 4);
  });
  part('Approvals', asked, (one) => {
    for (const [index, line] of approvalLines(one).entries()) say(line, index === 0 ? 2 : 4);
  });
  if (waivers.length > 0)
    part('Left out by a person', waivers, ({ at, state, execution, by, reason }) =>
      say(`${formatTime(at)}: ${state} of ${execution}, by ${by}: ${reason}`, 2),
    );
  part('What was changed', calls, ({ at, call, target, region, step, actor, execution }) =>
    say(`${formatTime(at)}: ${call} on ${target} in ${region}, by ${step} of ${execution} (${actor})`, 2),
  );
  part('What steps reached', steps, ({ at, step, outcome }) =>
    say(`${formatTime(at)}: ${step} ${JSON.stringify(outcome)}`, 2),
  );
  part('What it came to', came, (one) => {
    for (const [index, line] of cameLines(one, plan).entries()) say(line, index === 0 ? 2 : 4);
  });
}

/** Who was asked what, what each was shown, and who answered, how, when and from where. */
function approvalLines({ request, answers, settled }: Asked): string[] {
  const { id, mode, target, required, roles, requestedBy, askedAt, expiresAt, shown } = request;
  return [
    `${formatTime(askedAt)}: request ${id}: ${mode} of ${target}, asked for by ${requestedBy}; ${required} of ${roles.join(', ')}`,
    ...assessmentSentences(shown),
    ...answers.map(answerLine),
    settled === null ? `Open until ${formatTime(expiresAt)}.` : `${formatTime(settled.at)}: ${settled.outcome}`,
  ];
}

/** Answers of the page and of the command line say who gave them, and in which way. */
type Given = RecordedAnswer & { readonly who?: string; readonly how?: string };

function answerLine({ at, approver, answer, from, reason, unfenced, valid, why, who, how }: Given): string {
  return [
    `${formatTime(at)}: ${approver}: ${answer} from ${from}`,
    how === undefined ? '' : `, by ${how}`,
    who === undefined ? '' : ` (${who})`,
    valid ? ', counts' : `, does not count: ${why}`,
    reason === '' ? '' : ` (${reason})`,
    unfenced.length === 0 ? '' : `; names as unfenced: ${unfenced.join(', ')}`,
  ].join('');
}

/** What was told before, what was achieved, and what the plan asks for. */
function cameLines(
  { execution, predicted, clocks, dataLossSeconds, countsFrom }: Came,
  { objectives }: Plan,
): string[] {
  const { detectSeconds, decideSeconds, approvalSeconds, executeSeconds, recoverySeconds } = clocks;
  const { rtoSeconds, rpoSeconds } = objectives;
  const foretold = (seconds: number | null) => (predicted === null ? '' : `, predicted ${formatSeconds(seconds)}`);
  const known = [
    ['detected in', detectSeconds],
    ['decided in', decideSeconds],
    ['approved in', approvalSeconds],
    ['moved in', executeSeconds],
  ] as const;
  return [
    execution,
    ...(recoverySeconds === null && predicted === null
      ? []
      : [
          `Users were served again ${formatSeconds(recoverySeconds)} after ${fromWords(countsFrom)}${foretold(predicted?.recoverySeconds ?? null)}; ${against(recoverySeconds, rtoSeconds, 'RTO')}${predicted?.basis == null ? '' : `.${basisSentence(predicted.basis)}`}`,
        ]),
    `Data loss ${formatSeconds(dataLossSeconds)}${foretold(predicted?.dataLossSeconds ?? null)}; ${against(dataLossSeconds, rpoSeconds, 'RPO')}`,
    known.flatMap(([what, seconds]) => (seconds === null ? [] : [`${what} ${formatSeconds(seconds)}`])).join(', '),
  ].filter((line) => line !== '');
}

function against(seconds: number | null, objective: number, name: string): string {
  const verdict = seconds === null ? 'not known whether it was met' : seconds <= objective ? 'met' : 'missed';
  return `${name} ${formatSeconds(objective)}: ${verdict}`;
}
