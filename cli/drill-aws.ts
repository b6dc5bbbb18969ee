// `breakwater drill --aws`: the drills of a deployment. Starts one, stops all, lets them begin again, lists them, and writes what they came to.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startExecution } from '../functions/aws/flows/executions.ts';
import { findingsOf } from '../functions/domain/drills/findings.ts';
import { runsWhere } from '../functions/domain/drills/judge.ts';
import { brokenBy, type ScheduledDrill, scheduledIn } from '../functions/domain/drills/plan.ts';
import { type DrillRecord, type DrillStanding, drillStanding, type Lever } from '../functions/domain/drills/record.ts';
import { drillFile } from '../functions/domain/drills/words.ts';
import { machineName } from '../functions/domain/flows.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { peerOf } from '../functions/shared/estate.ts';
import { pullLever, releaseLever } from '../functions/shared/operate.ts';
import {
  askEach,
  commandLine,
  type Deployment,
  type DeploymentOptions,
  deploymentOf,
  noRegion,
  open,
  silentOf,
  whoCalls,
} from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import { makeFolder } from './files/report-folder.ts';
import { sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

export type DrillAwsOptions = DeploymentOptions & {
  readonly reason?: string;
  readonly break?: string;
  readonly report?: string;
};

/** A stop must not wait for a name: what stopped counts, and AWS keeps a trail of who wrote it. */
const unidentified = 'a caller whom STS could not name';

/** `word`: stop, allow, a drill by its name or kind; none: lists them. @throws WrongInput, NotDone */
export async function drillOnAws(
  word: string | undefined,
  options: DrillAwsOptions,
  terminal: Terminal,
): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  if (word === 'stop') return doing(stopAll(options, deployment, terminal));
  if (word === 'allow') return doing(allowAll(options, deployment, terminal));
  if (word === undefined) return doing(listAll(options, deployment, terminal));
  return doing(startOne(expectDrill(word, options, deployment), options, deployment, terminal));
}

/** @throws WrongInput where it is none, several, or breaks something that was not typed */
function expectDrill(word: string, options: DrillAwsOptions, { plan }: Deployment): ScheduledDrill {
  const known = scheduledIn(plan);
  const meant = known.filter(({ name, kind }) => name === word || kind === word);
  const [drill] = meant;
  if (drill === undefined || meant.length > 1) {
    const names = (meant.length > 1 ? meant : known).map(({ name }) => name);
    const expected =
      names.length === 0 ? 'drills with a kind in the plan, which has none' : oneOf([...names, 'stop', 'allow'], word);
    throw new WrongInput(`drill --aws: is ${JSON.stringify(word)}, expected ${expected}`);
  }
  const breaks = drill.target && brokenBy(drill.target);
  if (breaks !== options.break)
    throw new WrongInput(
      `--break: is ${options.break ?? 'missing'}, expected ${breaks === undefined ? `none: ${drill.name} breaks nothing` : `${breaks}, which ${drill.name} breaks where users are`}`,
    );
  return drill;
}

async function startOne(
  drill: ScheduledDrill,
  options: DrillAwsOptions,
  deployment: Deployment,
  terminal: Terminal,
): Promise<void> {
  const { plan, prefix } = deployment;
  const { shell, caller } = await open(deployment);
  const { primary } = await shell.store.readStanding(shell.region);
  const region = runsWhere(drill.kind, primary, peerOf(primary, plan)) ?? shell.region;
  const name = `by-hand-${shell.now()}`;
  const arn = `arn:aws:states:${region}:${caller.account}:stateMachine:${machineName('drill', prefix)}`;
  await startExecution(region, arn, name, JSON.stringify({ drill: drill.name, requestedBy: caller.arn }));
  if (options.json === true) {
    terminal.out(
      `${JSON.stringify({ deployment: prefix, drill: drill.name, kind: drill.kind, region, execution: name }, null, 2)}\n`,
    );
    return;
  }
  const say = sayOn(terminal);
  say(
    `Drill ${JSON.stringify(drill.name)} is asked for in ${region}, as ${name}. People hear whether the drill begins, and how it ends.`,
  );
  terminal.out(`Follow it with:
  ${commandLine('status', options)}
Stop it, and every other one, with:
  ${commandLine('drill', options, '--aws', 'stop', '--reason', '"..."')}
`);
}

async function stopAll(options: DrillAwsOptions, deployment: Deployment, terminal: Terminal): Promise<void> {
  const { reason } = options;
  if (reason === undefined) throw new WrongInput('--reason: is missing, expected why the drills are stopped');
  const caller = await whoCalls(deployment);
  const by = 'arn' in caller ? caller.arn : unidentified;
  const reached = await askEach(deployment, (shell) => pullLever(by, reason, shell));
  const stoppedIn = reached.flatMap((one) => ('answer' in one ? [one.region] : []));
  if (stoppedIn.length === 0) throw noRegion(deployment, silentOf(reached), 'NOT STOPPED, no region answers');
  if (options.json === true) {
    terminal.out(
      `${JSON.stringify({ deployment: deployment.prefix, stopped: true, by, reason, stoppedIn, silent: silentOf(reached) }, null, 2)}\n`,
    );
    return;
  }
  const say = sayOn(terminal);
  say(`Drills are stopped, confirmed by ${stoppedIn.join(' and ')}.`);
  for (const { region, why } of silentOf(reached))
    say(`${region} did not confirm it (${why}). The regions share one table.`);
  say('No drill begins. A drill that runs ends within ten seconds. What it broke goes on to recover.');
  terminal.out(`Undo it with:
  ${commandLine('drill', options, '--aws', 'allow')}
`);
}

async function allowAll(options: DrillAwsOptions, deployment: Deployment, terminal: Terminal): Promise<void> {
  const { shell, caller } = await open(deployment);
  const lever = await shell.store.readLever();
  await releaseLever(caller.arn, shell);
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ deployment: deployment.prefix, stopped: false, was: lever }, null, 2)}\n`);
    return;
  }
  sayOn(terminal)(
    lever === null
      ? 'The lever was not pulled: drills begin as they are due.'
      : `Drills begin again as they are due. ${lever.by} had stopped them: ${lever.reason}`,
  );
}

async function listAll(options: DrillAwsOptions, deployment: Deployment, terminal: Terminal): Promise<void> {
  const { plan, prefix } = deployment;
  if (options.report !== undefined) makeFolder('--report', options.report);
  const { shell } = await open(deployment);
  const [runs, lever] = await Promise.all([shell.store.listDrills(), shell.store.readLever()]);
  const drills = scheduledIn(plan).map((drill) => ({ drill, standing: drillStanding(drill, runs, shell.now()) }));
  const files = options.report === undefined ? [] : writeRuns(options.report, runs, plan);
  if (options.json === true) {
    const told = drills.map(({ drill: { name, kind, every }, standing }) => ({ name, kind, every, ...standing }));
    terminal.out(`${JSON.stringify({ deployment: prefix, lever, drills: told, files }, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  if (lever !== null) say(leverLine(lever));
  if (drills.length === 0) say('No drill of the plan has a kind: none runs by itself.');
  for (const { drill, standing } of drills) say(drillLine(drill, standing));
  for (const file of files) say(`Written to ${file}`);
}

export function leverLine({ by, reason }: Lever): string {
  return `STOPPED: ${by} pulled the lever: ${reason}. None begins.`;
}

/** How a drill of the plan stands. */
export function drillLine({ name, kind, every }: ScheduledDrill, standing: DrillStanding): string {
  return `${name} (${kind}, every ${every}): ${standingWords(standing)}`;
}

function standingWords({ due, overdue, overdueFrom, last }: DrillStanding): string {
  const ran =
    last === null ? 'it has no result yet' : `it ${last.outcome} on ${new Date(last.at).toISOString().slice(0, 10)}`;
  if (overdue) return `OVERDUE since ${overdueFrom}, ${ran}`;
  return due ? `due, ${ran}` : ran;
}

/** A file for each run that is over, as docs/drills keeps them. */
function writeRuns(folder: string, runs: readonly DrillRecord[], plan: Plan): string[] {
  return runs.flatMap((run) => {
    if (run.outcome === null) return [];
    const day = new Date(run.startedAt).toISOString().slice(0, 10);
    const file = join(
      folder,
      `${day}-${run.name.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()}-${run.execution.slice(-8)}.md`,
    );
    writeFileSync(file, drillFile(run, run.outcome, findingsOf(run, plan)));
    return [file];
  });
}
