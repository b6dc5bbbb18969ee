// `breakwater deploy`: puts the stack of every region of the plan where it belongs, in the order in which they need each other.
// People's addresses are asked once. A run that was cut short is run again, and goes on where it ended.
import { basename } from 'node:path';
import { env } from 'node:process';
import type { Command } from 'commander';
import type { Judged } from '../check/plan-file.ts';
import { topicsTo } from '../functions/domain/plan/channels.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { planFileOf } from '../infrastructure/plan-file.ts';
import { placesOf } from '../infrastructure/values.ts';
import { atWork } from './deployed/at-work.ts';
import { commandLine, type Deployment, deploymentOf, stageOption } from './deployed/deployment.ts';
import { readStackStatus } from './deployed/stacks.ts';
import { doing } from './deployed/why-not.ts';
import { keep, readKept } from './files/kept.ts';
import { toFillIn } from './files/new-plan.ts';
import { isUsualPlan, readPlanText, usable } from './files/plan.ts';
import { checkValues, judgeNamed, paramOption, stageParams } from './package.ts';
import { type Packaging, PackagingFailed, packageStack, runFramework } from './packaged/packaging.ts';
import { NotDone } from './screen/not-done.ts';
import { createSpinner } from './screen/spinner.ts';
import { sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = {
  readonly stage: string;
  readonly plan?: string;
  readonly param: readonly string[];
  readonly anyway?: true;
};

/** One stack that is put into its region, with the values that this step alone has. */
export type Step = { readonly region: string; readonly role: string; readonly only: readonly string[] };

/** Packages a stack and puts it into its region; gives what tells this packaging from another. */
export type PutStack = {
  readonly packaged: (packaging: Packaging) => Promise<string>;
  readonly put: (packaging: Packaging, folder: string) => Promise<void>;
};

/** Adds the verb. The first stack that cannot be put where it belongs ends it, with 1 and with what the framework says. */
export function addDeploy(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
  stacks = framework,
): void {
  program
    .command('deploy')
    .summary('deploys the stack of each region of the plan, in order; run again, it continues')
    .addOption(stageOption())
    .option('--plan <file>', 'another plan than plan.yml')
    .addOption(paramOption('a value of the stacks: an address of a role, records=elsewhere'))
    .option(
      '--anyway',
      'deploy even while a flow runs or is paused, a request waits or an incident is open: names them',
    )
    .action(async (options: Options) => {
      try {
        await doing(deploy(options, stacks, terminal));
      } catch (error) {
        if (!(error instanceof PackagingFailed)) throw error;
        terminal.err(`${error.message}\n`);
        end(1);
      }
    });
}

async function deploy(options: Options, stacks: PutStack, terminal: Terminal): Promise<void> {
  const { stage, plan: file } = options;
  const named = file === undefined ? options.param : [...options.param, `plan=${file}`];
  const judged = judgeNamed(named);
  const plan = usable(judged.plan, judged.lines);
  expectFilledIn(judged, named);
  const deployment = deploymentOf({ stage, ...(file === undefined ? {} : { plan: file }) }, terminal);
  await checkWithoutAddresses(judged, plan, stage, named);
  const standing = await standingOf(deployment);
  const isNew = standing.size < deployment.regions.length;
  // Nothing acts before both main stacks stand.
  if (!isNew) await expectQuiet(deployment, options, terminal);
  const first = isNew || readKept(stage).unfinished;
  const steps = stepsOf(plan, first);
  const params = await withAddresses(named, plan, stage, terminal);
  for (const { region } of steps) await checkValues(judged, { region, stage, params });
  if (first) keep(stage, { unfinished: true });
  const done: string[] = [];
  for (const [index, step] of steps.entries()) {
    const { region, role, only } = step;
    const which = `${index + 1} of ${steps.length}: ${region} (${role})`;
    const packaging = { region, stage, params: [...params, ...only] };
    const spinner = createSpinner(terminal);
    // A log has no spinner: what takes minutes says that it has begun.
    if (!terminal.rich) spinner.print(`${which}: begins`);
    spinner.show(`${which}: packages`);
    try {
      const folder = await stacks.packaged(packaging);
      const name = [region, ...only].join(' ');
      if (await stands(name, basename(folder), region, deployment)) {
        spinner.print(`${which}: stands as it is, nothing to do`);
        continue;
      }
      spinner.show(`${which}: deploys, which takes minutes`);
      const from = Date.now();
      await stacks.put(packaging, folder);
      keep(stage, { stands: { ...readKept(stage).stands, [name]: basename(folder) } });
      spinner.print(`${which}: deployed in ${formatSeconds((Date.now() - from) / 1000)}`);
      done.push(region);
    } catch (error) {
      spinner.print(`${which}: FAILED. Correct the cause and run the same command again: it continues here.`);
      throw error;
    } finally {
      spinner.stop();
    }
  }
  keep(stage, { unfinished: false });
  sayEnd(deployment, options, first ? steps : [], done, terminal);
}

/**
 * The primary first makes the table of both; what points to another stack comes once that stands. An upgrade begins in the
 * standby, where nobody is served.
 */
export function stepsOf(plan: Plan, first: boolean): readonly Step[] {
  const { primary, standby } = plan.roles;
  const places = placesOf(plan);
  const step = (region: string, ...only: string[]): Step => ({ region, role: places.get(region) ?? '', only });
  const others = [...places.keys()].filter((region) => region !== primary && region !== standby);
  return first
    ? [
        step(primary, 'records=elsewhere', 'forwarding=later'),
        step(standby),
        ...others.map((region) => step(region)),
        step(primary),
      ]
    : [standby, primary, ...others].map((region) => step(region));
}

/** The main regions that have a stack. */
async function standingOf({ regions, prefix }: Deployment): Promise<Set<string>> {
  const statuses = await Promise.all(regions.map((region) => readStackStatus(region, prefix)));
  return new Set(regions.filter((_, index) => statuses[index] !== null));
}

/** @throws NotDone where something is at work, unless it is deployed anyway. */
async function expectQuiet(deployment: Deployment, options: Options, terminal: Terminal): Promise<void> {
  const busy = await atWork(deployment);
  if (busy.length === 0) return;
  const say = sayOn(terminal);
  if (options.anyway === true) {
    say('Deployed ANYWAY, while these are at work:');
    for (const line of busy) say(line, 2);
    return;
  }
  const [line = ''] = busy;
  const more = busy.length === 1 ? '' : ` (and ${busy.length - 1} more: ${commandLine('status', options)} lists them)`;
  throw new NotDone(`${deployment.prefix} is not deployed now: ${line}${more}; --anyway deploys all the same`);
}

/** What `init` wrote is invented: a fence by such a group would close nothing. @throws WrongInput */
function expectFilledIn({ name }: Judged, named: readonly string[]): void {
  const left = toFillIn(readPlanText(planFileOf({ param: named }))).map(({ line }) => line);
  if (left.length > 0)
    throw new WrongInput(
      `${name}: as init wrote it in line ${left.join(', ')}, expected what is right for your application, without "yours:", and no invented id`,
    );
}

/** What is wrong with the plan and the values, before AWS or a person is asked. Addresses are judged once all are there. @throws WrongInput */
async function checkWithoutAddresses(judged: Judged, plan: Plan, stage: string, named: readonly string[]) {
  const people = topicsOf(plan).map(({ of }) => of);
  const others = named.filter((one) => !people.some((of) => one.startsWith(`${of}=`)));
  await checkValues(judged, { region: plan.roles.primary, stage, params: ['addresses=elsewhere', ...others] });
}

function topicsOf({ contacts }: Plan) {
  return Object.entries(contacts).flatMap(([role, contact]) => topicsTo(role, contact));
}

/** The values, with where each role is reached: as the command says, as it was kept, or as a person types it now. */
async function withAddresses(
  params: readonly string[],
  plan: Plan,
  stage: string,
  terminal: Terminal,
): Promise<string[]> {
  const values = { ...stageParams(stage), ...Object.fromEntries(params.map((one) => one.split(/=(.*)/s, 2))) };
  if (values['addresses'] !== undefined) return [...params];
  const kept = readKept(stage);
  const addresses: Record<string, string> = {};
  for (const { of, channel } of topicsOf(plan).filter((one) => one.channel !== 'amazon-q')) {
    const known = values[of] ?? kept.addresses[of];
    const typed = known === undefined ? await terminal.ask?.(`Where is ${of} reached (${channel})? `) : known;
    if (typeof typed === 'string' && typed.trim() !== '') addresses[of] = typed.trim();
  }
  keep(stage, { addresses: { ...kept.addresses, ...addresses } });
  const added = Object.entries(addresses).filter(([of]) => values[of] === undefined);
  return [...params, ...added.map(([of, address]) => `${of}=${address}`)];
}

/** Whether a step of an earlier run has put the same stack there, and it stands. */
async function stands(name: string, key: string, region: string, { stage, prefix }: Deployment): Promise<boolean> {
  if (readKept(stage).stands[name] !== key) return false;
  return /^(?:CREATE|UPDATE)_COMPLETE$/.test((await readStackStatus(region, prefix)) ?? '');
}

function sayEnd(
  { prefix }: Deployment,
  options: Options,
  made: readonly Step[],
  done: readonly string[],
  terminal: Terminal,
): void {
  const say = sayOn(terminal);
  say(done.length === 0 ? `${prefix} stands as it is, in every region.` : `${prefix} is deployed.`);
  terminal.out(`See the state with:\n  ${commandLine('status', options)}\n`);
  if (!isUsualPlan(options.plan))
    say(
      `The lines in mails and on pages read plan.yml, which is another plan. Replace it: cp ${options.plan} plan.yml`,
    );
  if (made.length === 0) return;
  say('Everybody who was named gets a mail for each topic, to confirm. What a template cannot say, type once:');
  for (const region of new Set(made.map((step) => step.region)))
    terminal.out(
      `  aws cloudformation update-termination-protection --enable-termination-protection --stack-name ${prefix} --region ${region}\n`,
    );
}

/** With the credentials and the home of whoever deploys. */
const framework: PutStack = {
  packaged: packageStack,
  async put({ region, stage, params = [] }, folder) {
    const args = ['deploy', '--stage', stage, '--region', region, '--package', folder];
    await runFramework([...args, ...params.map((one) => `--param=${one}`)], { ...env } as Record<string, string>);
  },
};
