// `breakwater build PROJECT --region`: starts one build, of a project that the stack has or of the one by which plan.yml takes a release back.
// It needs no flow and no table, and a freeze does not keep a person from it: it is for the day when Breakwater does not act.
import type { Command } from 'commander';
import { faultName } from '../functions/aws/calls/faults.ts';
import { buildsOf, startBuild } from '../functions/aws/workloads/builds.ts';
import { Unavailable } from '../functions/domain/errors.ts';
import { name as releaseId } from '../functions/domain/signals/reading.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { projectsOf } from '../infrastructure/runs/projects.ts';
import {
  commandLine,
  type Deployment,
  type DeploymentOptions,
  deploymentOf,
  onDeployment,
  open,
} from './deployed/deployment.ts';
import { checkCredentials, doing, whyNot } from './deployed/why-not.ts';
import { NotDone } from './screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { expectYes } from './screen/typed-yes.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = DeploymentOptions & { readonly region?: string; readonly task?: string; readonly release?: string };

/** A project in a region. `rollback`: it is the application's own, and all that it does is in production. */
type Place = {
  readonly name: string;
  readonly region: string;
  readonly description: string;
  readonly tasks: readonly string[];
  readonly rollback: boolean;
};

export function addBuild(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('build')
      .summary('starts a build of CodeBuild: the one that takes a release back, or a daily one once more')
      .argument('<project>', 'a project of the stack, or the one of remediation in plan.yml')
      .option('--region <name>', 'where; default: where the project is, and if it is in both, the region that serves')
      .option('--task <task>', 'of a project that recovers a cluster: rebuild or scale; default: a try')
      .option('--release <id>', 'of the project that takes a release back: which one', readRelease),
  ).action((project: string, options: Options) => doing(buildOne(project, options, terminal)));
}

async function buildOne(name: string, options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const places = placesOf(name, deployment);
  expectTask(options.task, places);
  expectTakesBack(options.release, places, deployment);
  const place = await placeIn(options.region, places, deployment);
  const { region } = place;
  deployment.shellIn(region); // says which deployment this is about, where nobody named it
  await expectNoneRuns(place);
  const quiet = options.json === true ? { ...terminal, out: terminal.err } : terminal;
  say(place, options, quiet);
  if (place.rollback || options.task !== undefined) await expectYes(terminal);
  // A person may think for minutes, and somebody else starts it meanwhile.
  const newest = await expectNoneRuns(place);
  const { task, release } = options;
  const variables = {
    ...(task !== undefined && { TASK: task }),
    // As Breakwater's own start names it.
    ...(release !== undefined && { BREAKWATER_RELEASE: release }),
  };
  // Of two persons who have seen the same last build, the second is given the build of the first.
  const token = [name, region, task ?? '', ...(release === undefined ? [] : [release]), newest ?? 'the first'].join(
    '/',
  );
  const build = await startBuild(region, { project: name, token, variables }).catch((error: unknown) => {
    throw refusalOf(error, place, 'It is NOT KNOWN whether a build was started');
  });
  const log = pageOf(name, build, region);
  if (options.json === true) {
    const wanted = { project: name, region, task: task ?? null, release: release ?? null };
    const told = { deployment: deployment.prefix, ...wanted, build, log };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  sayOn(terminal)(`${colorsOf(terminal).bold('Started')} build ${build} in ${region}.`);
  terminal.out(`Its log, and how it ends:\n  ${log}\n`);
  sayOn(terminal)(whatFollows(place));
  terminal.out(`  ${commandLine('status', options)}\n`);
}

/** Where a project of that name may be started. @throws WrongInput where neither the stack nor the plan has one. */
function placesOf(name: string, { plan, prefix, regions }: Deployment): readonly Place[] {
  const rollback = plan.remediation.afterRelease?.buildProject;
  const known: Place[] = regions.flatMap((region) => [
    ...projectsOf({ plan, region, prefix }).map((one) => ({ ...one, region, rollback: false })),
    ...(rollback === undefined
      ? []
      : [{ name: rollback, region, description: 'Takes a release back', tasks: [], rollback: true }]),
  ]);
  const found = known.filter((one) => one.name === name);
  if (found.length > 0) return found;
  const names = [...new Set(known.map((one) => one.name))];
  const expected = names.length === 0 ? `a project, and neither ${prefix} nor the plan has one` : oneOf(names, name);
  throw new WrongInput(`PROJECT: is ${name === '' ? 'empty' : name}, expected ${expected}`);
}

/** Where users are, unless somebody says where or there is no choice. @throws WrongInput, and NotDone where no region says it. */
async function placeIn(named: string | undefined, places: readonly Place[], deployment: Deployment): Promise<Place> {
  const regions = places.map(({ region }) => region);
  const region = named ?? (regions.length === 1 ? regions[0] : await servingRegion(deployment));
  const place = places.find((one) => one.region === region);
  if (place !== undefined) return place;
  throw new WrongInput(`--region: is ${region}, where ${places[0]?.name} is not, expected ${oneOf(regions, region)}`);
}

async function servingRegion(deployment: Deployment): Promise<string> {
  const { shell } = await open(deployment);
  return (await shell.store.readStanding(shell.region)).primary;
}

/** @throws WrongInput where it is none of the project's. */
function expectTask(task: string | undefined, places: readonly Place[]): void {
  const { name = '', tasks = [] } = places[0] ?? {};
  if (task === undefined || tasks.includes(task)) return;
  const expected = tasks.length === 0 ? `none: ${name} does one thing` : oneOf(tasks, task);
  throw new WrongInput(`--task: is ${task === '' ? 'empty' : task}, expected ${expected}`);
}

/** An id as events of releases name it. A build reads it in a shell: it has no quotes. @throws WrongInput */
function readRelease(text: string): string {
  if (releaseId.safeParse(text).success && !/["'`]/.test(text)) return text;
  throw new WrongInput(
    `--release: is ${JSON.stringify(text.slice(0, 80))}, expected the id of a release, such as v42: one line without quotes`,
  );
}

/** @throws WrongInput where the project takes no release back. */
function expectTakesBack(release: string | undefined, places: readonly Place[], { plan }: Deployment): void {
  const [place] = places;
  if (release === undefined || place?.rollback === true) return;
  const { buildProject } = plan.remediation.afterRelease ?? {};
  const which = buildProject === undefined ? 'the plan has no project that does' : `${buildProject} does`;
  throw new WrongInput(`--release: is ${release}, expected none: ${place?.name} takes no release back, ${which}`);
}

/** Two builds of one project would undo each other's work. Gives the build that began last, which has ended. @throws NotDone */
async function expectNoneRuns(place: Place): Promise<string | null> {
  const { name, region } = place;
  const { newest, running } = await buildsOf(region, name).catch((error: unknown) => {
    throw refusalOf(error, place, 'not started');
  });
  if (running === null) return newest;
  throw new NotDone(
    `not started: build ${running} of ${name} runs in ${region} already: ${pageOf(name, running, region)}`,
  );
}

/** What CodeBuild refused, in a line that says what to do. `unanswered`: what is known where nothing answered. */
function refusalOf(error: unknown, { name, region, rollback }: Place, unanswered: string): unknown {
  if (faultName(error) === 'ResourceNotFoundException') {
    const why = rollback
      ? 'plan.yml names it (remediation.afterRelease): another account, or another plan?'
      : 'it comes with the stack: another --stage, account or plan, or is it not deployed?';
    return new NotDone(`not started: there is no project ${name} in ${region}; ${why}`);
  }
  if (!(error instanceof Unavailable)) return error;
  if (error.refused)
    return new NotDone(
      `not started: CodeBuild of ${region} takes no more now (${faultName(error)}): wait a minute, then type the line again`,
    );
  checkCredentials(error);
  return new NotDone(
    `${unanswered}: CodeBuild of ${region}: ${whyNot(error)}. Type the line again: none begins beside one that runs`,
  );
}

function say({ name, region, description, rollback }: Place, { task, release }: Options, terminal: Terminal): void {
  const write = sayOn(terminal);
  write(
    `${colorsOf(terminal).bold(`A build of ${name} in ${region}`)}${task === undefined ? '' : `, with the task ${task}`}`,
  );
  write(
    release === undefined
      ? `The project ${description.replace(/./, (first) => first.toLowerCase())}.`
      : `The project takes release ${release} back.`,
    2,
  );
  if (rollback) write('It changes what runs in production. Breakwater does not know how, and undoes nothing of it.', 2);
  else if (task === undefined) write('This build is the daily one: it changes nothing in a cluster.', 2);
  else write('It changes what runs in the cluster. Nobody else is asked, and no flow waits for it.', 2);
}

function whatFollows({ rollback }: Place): string {
  return rollback
    ? 'Breakwater does not follow this build. See whether users are served with:'
    : 'If it fails, people get a message that says why: docs/runbook.md#daily-builds. See the state with:';
}

/** The build's page in the console, which has its log from the beginning: CodeBuild names the log's stream only once a build has begun. */
function pageOf(project: string, build: string, region: string): string {
  return `https://console.aws.amazon.com/codesuite/codebuild/projects/${project}/build/${encodeURIComponent(build)}/log?region=${region}`;
}
