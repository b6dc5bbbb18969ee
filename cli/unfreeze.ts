// `breakwater unfreeze`: lets the automation act again, in every region that answers, and says which did.
import type { Command } from 'commander';
import { faultName } from '../functions/aws/calls/faults.ts';
import { unfreeze } from '../functions/shared/operate.ts';
import type { Shell } from '../functions/shared/shell.ts';
import {
  askEach,
  commandLine,
  type DeploymentOptions,
  deploymentOf,
  noRegion,
  onDeployment,
  silentOf,
  whoCalls,
} from './deployed/deployment.ts';
import { NotDone } from './screen/not-done.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';

export function addUnfreeze(program: Command, terminal: Terminal): void {
  onDeployment(program.command('unfreeze').summary('lets the automation act again')).action(
    (options: DeploymentOptions) => unfreezeEverywhere(options, terminal),
  );
}

async function unfreezeEverywhere(options: DeploymentOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const { prefix } = deployment;
  const caller = await whoCalls(deployment);
  if ('why' in caller) throw new NotDone(`who calls is not known: ${caller.why}`);
  const reached = await askEach(deployment, (shell) => unfreezeIn(caller.arn, shell));
  const silent = silentOf(reached);
  const unfrozenIn = reached.flatMap((one) => ('answer' in one ? [one.region] : []));
  if (unfrozenIn.length === 0) throw noRegion(deployment, silent, 'not unfrozen, no region answers');
  const was = reached.map((one) => ('answer' in one ? one.answer : null)).find((frozen) => frozen !== null) ?? null;
  if (options.json === true) {
    const before = was === null ? null : { ...was, at: new Date(was.at).toISOString() };
    const told = { deployment: prefix, frozen: false, by: caller.arn, was: before, unfrozenIn, silent };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  say(`${colorsOf(terminal).bold(`${prefix} is not frozen`)}, confirmed by ${unfrozenIn.join(' and ')}`);
  for (const { region, why } of silent) say(`${region} does not confirm it (${why}).`);
  say(was === null ? 'Breakwater was not frozen before.' : `Breakwater was frozen by ${was.by}: ${was.reason}`);
  say(
    `Breakwater decides again about held incidents within a minute. To resume a stopped flow: ${commandLine('resume', options, 'EXECUTION')}`,
  );
}

/** Gives the freeze that was undone; null where there was none. */
async function unfreezeIn(by: string, shell: Shell) {
  const { frozen: was } = await shell.store.readStanding(shell.region);
  try {
    await unfreeze(by, shell);
  } catch (error) {
    if (faultName(error) !== 'ReplicatedWriteConflictException') throw error;
    // The other region removed it at the same moment, or froze it again: what reads back counts.
    if ((await shell.store.readStanding(shell.region)).frozen !== null) throw error;
  }
  return was;
}
