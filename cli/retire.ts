// `breakwater retire ASSET REGION INSTANCE --reason`: says that the plan's own instance is a database again, and what was restored in its
// place is not.
import type { Command } from 'commander';
import { expectPlanned, retire } from '../functions/kinds/undo.ts';
import { type DeploymentOptions, deploymentOf, onDeployment, open, readReason } from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';

type Options = DeploymentOptions & { readonly reason: string };
type Place = { readonly asset: string; readonly region: string; readonly instance: string };

export function addRetire(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('retire')
      .summary("says that the plan's own instance is a database again, after a restore")
      .argument('<asset>', 'the database, as the plan names it')
      .argument('<region>', 'where')
      .argument('<instance>', 'the instance that the plan names there, typed once more')
      .requiredOption('--reason <text>', 'why what was restored is not the database any more', readReason),
  ).action((asset: string, region: string, instance: string, options: Options) =>
    doing(retireOne({ asset, region, instance }, options, terminal)),
  );
}

async function retireOne(place: Place, options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  expectPlanned(place, deployment.plan);
  const { shell, caller } = await open(deployment);
  const { asset, region, instance } = place;
  const { reason } = options;
  const before = await retire({ ...place, by: caller.arn, reason }, shell);
  if (options.json === true) {
    const told = { deployment: deployment.prefix, ...place, before, by: caller.arn, reason };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  if (before === null) return say(`${asset} in ${region} is ${instance} already: the plan's name holds there.`);
  say(`${colorsOf(terminal).bold(`${asset} in ${region} is ${instance}`)}, and not ${before} any more: ${reason}`);
  say(`Fences, promotions and settings follow that from now on. ${before} stays as it is, and nothing looks after it.`);
}
