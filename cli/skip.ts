// `breakwater skip EXECUTION STATE --reason`: signs that a state of a flow is left out; the flow reads that when it
// is resumed.
import type { Command } from 'commander';
import { machines } from '../functions/domain/flows.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { type Step, stepName } from '../functions/domain/record/step.ts';
import { waivable, whyNeverSkipped } from '../functions/domain/recovery/skipping.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { stateWords } from '../functions/domain/words/words.ts';
import { skip } from '../functions/shared/operate.ts';
import { doneSoFar } from '../functions/shared/recovery/done.ts';
import { statesOf } from '../infrastructure/runs/machines.ts';
import {
  commandLine,
  type DeploymentOptions,
  deploymentOf,
  onDeployment,
  open,
  readReason,
} from './deployed/deployment.ts';
import { executionOf, expectExecution } from './deployed/execution.ts';
import { doing } from './deployed/why-not.ts';
import { NotDone } from './screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = DeploymentOptions & { readonly reason: string };

export function addSkip(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('skip')
      .summary('signs that a flow leaves a state out: that is not done then; the flow goes on with resume')
      .argument('<execution>', 'its name or ARN')
      .argument('<state>', 'the state as the message names it, such as TakeOver')
      .argument('[asset]', 'the asset that it is about, such as cache')
      .requiredOption('--reason <text>', 'why it may be left out', readReason),
  ).action((text: string, state: string, asset: string | undefined, options: Options) =>
    doing(skipOne(text, { state, asset: asset ?? null }, options, terminal)),
  );
}

async function skipOne(text: string, skipped: Step, options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  expectExecution(text, deployment);
  expectSkippable(skipped, deployment.plan);
  const { shell, caller } = await open(deployment);
  const { name, status } = await executionOf(text, deployment);
  if (status === 'SUCCEEDED') throw new NotDone(`${name} has come to its end: there is nothing to leave out`);
  await skip(name, skipped, caller.arn, options.reason, shell);
  // The first one signed stays: that is the one to tell.
  const waiver = await shell.store.readWaiver(name, stepName(skipped));
  const { by = caller.arn, reason = options.reason } = waiver ?? {};
  const done = await doneSoFar(name, shell);
  if (options.json === true) {
    const told = { deployment: deployment.prefix, execution: name, ...skipped, by, reason, done };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  say(`${colorsOf(terminal).bold(`${stateWords(skipped)} is left out`)} of ${name}, signed by ${by}: ${reason}`);
  for (const line of done) say(line);
  if (status === 'RUNNING') say('The signature counts if the state has not begun yet.');
  else terminal.out(`Then:\n  ${commandLine('resume', options, name)}\n`);
}

/** What the plan and the flows alone say of it, before AWS is asked. @throws WrongInput */
function expectSkippable(skipped: Step, plan: Plan): void {
  const { state, asset } = skipped;
  const assets = plan.assets.map(({ name }) => name);
  if (asset !== null && !assets.includes(asset))
    throw new WrongInput(`ASSET: is ${asset === '' ? '""' : asset}, expected ${oneOf(assets, asset)}`);
  const all = machines.flatMap(statesOf);
  if (!all.includes(state)) {
    // In quotes, as one word.
    const [first = '', second = '', ...more] = state.trim().split(/[\s/]+/);
    if (all.includes(first) && assets.includes(second) && more.length === 0)
      throw new WrongInput(`STATE: is ${JSON.stringify(state)}, expected two words: ${first} ${second}`);
    const states = new Set(waivable(plan).map((one) => one.state));
    throw new WrongInput(
      `STATE: is ${state === '' ? '""' : state}, which no flow has, expected ${oneOf([...states], state)}`,
    );
  }
  const never = whyNeverSkipped(skipped, plan);
  if (never !== null) throw new WrongInput(never);
}
