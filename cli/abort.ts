// `breakwater abort EXECUTION`: stops a flow, undoes what can be undone, and gives its region back.
import type { Command } from 'commander';
import type { Execution } from '../functions/aws/flows/whereabouts.ts';
import { flowOf } from '../functions/domain/flows.ts';
import { abortedSentences } from '../functions/domain/recovery/left-behind.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { unfencedPhrase } from '../functions/domain/words/outcome-words.ts';
import { executionArnOf } from '../functions/shared/executions.ts';
import { abort } from '../functions/shared/operate.ts';
import { heldBy } from '../functions/shared/recovery/done.ts';
import type { Shell } from '../functions/shared/shell.ts';
import { type Deployment, type DeploymentOptions, deploymentOf, onDeployment, open } from './deployed/deployment.ts';
import { executionOf, expectExecution } from './deployed/execution.ts';
import { doing } from './deployed/why-not.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Options = DeploymentOptions & { readonly confirm?: string; readonly leaveFenced?: boolean };

export function addAbort(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('abort')
      .summary('stops a flow, undoes what can be undone, and gives its region back')
      .argument('<execution>', 'its name or ARN, as the message and status have it')
      .option('--confirm <phrase>', 'to abort a fence watch: "<region> stays unfenced"')
      .option('--leave-fenced', 'gives the region back at once and keeps the fence, which people open later'),
  ).action((text: string, options: Options) => doing(abortOne(text, options, terminal)));
}

/** Which of the regions it has to be, the fence watch says. @throws WrongInput */
function expectConfirmed(phrase: string | undefined, { regions }: Deployment): void {
  const phrases = regions.map(unfencedPhrase);
  if (phrase === undefined || phrases.includes(phrase)) return;
  throw new WrongInput(`--confirm: is ${JSON.stringify(phrase)}, expected ${oneOf(phrases, phrase)}`);
}

/** By its lock: a flow that runs in a region which does not answer may be given up all the same. */
async function byLock(name: string, region: string, shell: Shell): Promise<Execution | null> {
  const [held] = await heldBy(name, shell);
  if (held === undefined || held.lock.action === 'none' || held.lock.action === 'hold') return null;
  const flow = flowOf[held.lock.action];
  const arn = executionArnOf(flow, name, { ...shell, region });
  return { region, flow, name, arn, status: 'RUNNING', startedAt: null, stoppedAt: null };
}

async function abortOne(text: string, options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  expectExecution(text, deployment);
  expectConfirmed(options.confirm, deployment);
  const { shell, caller } = await open(deployment);
  const { arn, name, flow, region } = await executionOf(text, deployment, (silent, held) =>
    byLock(held, silent, shell),
  );
  const { released, unfenced, stays, left } = await abort(arn, caller.arn, shell, {
    confirmed: options.confirm ?? null,
    leaveFenced: options.leaveFenced === true,
  });
  if (options.json === true) {
    const told = {
      deployment: deployment.prefix,
      aborted: arn,
      execution: name,
      by: caller.arn,
      released,
      unfenced,
      stays,
      left,
    };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  say(`${colorsOf(terminal).bold('Aborted')} ${flow} ${name} in ${region}, by ${caller.arn}`);
  for (const line of abortedSentences({ released, unfenced, stays, left })) say(line);
}
