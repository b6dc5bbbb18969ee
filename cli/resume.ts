// `breakwater resume EXECUTION`: continues a flow that stopped, at the state it stopped at.
import type { Command } from 'commander';
import { readWhereabouts } from '../functions/aws/flows/whereabouts.ts';
import { stateWords } from '../functions/domain/words/words.ts';
import { resume } from '../functions/shared/operate.ts';
import { doneSoFar } from '../functions/shared/recovery/done.ts';
import { commandLine, type DeploymentOptions, deploymentOf, onDeployment, open } from './deployed/deployment.ts';
import { executionOf, expectExecution } from './deployed/execution.ts';
import { doing } from './deployed/why-not.ts';
import { NotDone } from './screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';

export function addResume(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('resume')
      .summary('continues a flow that stopped, from the state where it stopped; until 14 days after the stop')
      .argument('<execution>', 'its name or ARN, as the message and status have it'),
  ).action((text: string, options: DeploymentOptions) => doing(resumeOne(text, options, terminal)));
}

async function resumeOne(text: string, options: DeploymentOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  expectExecution(text, deployment);
  const { shell } = await open(deployment);
  const { arn, name, region, flow, status } = await executionOf(text, deployment);
  if (status === 'RUNNING') throw new NotDone(`${name} is running already`);
  if (status === 'SUCCEEDED') throw new NotDone(`${name} has come to its end: there is nothing to resume`);
  const states = await readWhereabouts(region, arn);
  const { frozen } = await shell.store.readStanding(region);
  const done = await doneSoFar(name, shell);
  await resume(arn, shell);
  if (options.json === true) {
    const told = {
      deployment: deployment.prefix,
      resumed: arn,
      execution: name,
      region,
      states: states.map(({ state, asset }) => ({ state, asset })),
      frozen: frozen !== null,
      done,
    };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  say(
    `${colorsOf(terminal).bold('Resumed')} ${flow} ${name} in ${region}${states.length === 0 ? '' : `, at ${states.map(stateWords).join(', ')}`}`,
  );
  for (const line of done) say(line);
  if (frozen === null) return;
  say(
    `Breakwater is FROZEN by ${frozen.by} (${frozen.reason}). The flow stops again before its next step, until you type:`,
  );
  terminal.out(`  ${commandLine('unfreeze', options)}\n`);
}
