// `breakwater freeze`: stops new flows, and running ones before their next step, in every region that answers, and says
// which did.
import type { Command } from 'commander';
import { faultName } from '../functions/aws/calls/faults.ts';
import { listRunning, readWhereabouts } from '../functions/aws/flows/whereabouts.ts';
import { frozenSentence } from '../functions/domain/recovery/left-behind.ts';
import { stateWords } from '../functions/domain/words/words.ts';
import { freeze } from '../functions/shared/operate.ts';
import { callsBy, doneSoFar } from '../functions/shared/recovery/done.ts';
import type { Shell } from '../functions/shared/shell.ts';
import {
  askEach,
  askOne,
  commandLine,
  type Deployment,
  type DeploymentOptions,
  deploymentOf,
  noRegion,
  onDeployment,
  readReason,
  silentOf,
  whoCalls,
} from './deployed/deployment.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';

type Options = DeploymentOptions & { readonly reason: string };

/** A stop must not wait for a name: what stopped counts, and AWS keeps a trail of who wrote it. */
const unidentified = 'a caller whom STS could not name';

export function addFreeze(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('freeze')
      .summary(
        'stops new flows, and running ones before their next step; what goes on all the same: docs/runbook.md#freeze',
      )
      .requiredOption('--reason <text>', 'why, for those who find Breakwater frozen', readReason),
  ).action((options: Options) => freezeEverywhere(options, terminal));
}

async function freezeEverywhere(options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const { prefix } = deployment;
  const { reason } = options;
  const caller = await whoCalls(deployment);
  const by = 'arn' in caller ? caller.arn : unidentified;
  const at = Date.now();
  const reached = await askEach(deployment, (shell) => freezeIn(by, reason, { ...shell, now: () => at }));
  const silent = silentOf(reached);
  const frozenIn = reached.flatMap((one) => ('answer' in one ? [one.region] : []));
  if (frozenIn.length === 0) throw noRegion(deployment, silent, 'NOT FROZEN, no region answers');
  const { flows, unknown } = await flowsUnder(deployment, frozenIn);
  if (options.json === true) {
    const when = new Date(at).toISOString();
    const told = { deployment: prefix, frozen: true, by, reason, at: when, frozenIn, silent, flows, unknown };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const colors = colorsOf(terminal);
  const say = sayOn(terminal);
  say(`${colors.bold(`${prefix} is frozen`)}, confirmed by ${frozenIn.join(' and ')}`);
  for (const { region, why } of silent)
    say(
      `${region} did not confirm the freeze (${why}). The regions share one table: look again with ${commandLine('status', options)}`,
    );
  say(`By ${by}: ${reason}`);
  say(
    'No flow starts, and a running one stops before its next step. A step that has begun is finished, and nothing ' +
      'stops between fencing and promotion. Messages go on.',
  );
  for (const { flow, name, region, states, stops, done } of flows) {
    const where = states.map(stateWords).join(', ') || 'a state that is not known';
    say(`${flow} ${name} in ${region} is in ${where}. ${stops}`);
    for (const line of done) say(line, 2);
  }
  for (const { region, why } of unknown) say(`What runs in ${region} is not known: ${why}`);
  terminal.out(`Undo it with:
  ${commandLine('unfreeze', options)}
`);
}

/** The flows that run in the regions that answer: where each is, where the freeze stops it, and what it has done. */
async function flowsUnder(deployment: Deployment, regions: readonly string[]) {
  const reached = await Promise.all(
    regions.map((region) =>
      askOne(region, async () => {
        const shell = deployment.shellIn(region);
        const running = await listRunning(region, deployment);
        return Promise.all(
          running.map(async ({ arn, flow, name }) => {
            const [whereabouts, done, calls] = await Promise.all([
              readWhereabouts(region, arn),
              doneSoFar(name, shell),
              callsBy(name, shell),
            ]);
            const states = whereabouts.map(({ state, asset }) => ({ state, asset }));
            return { flow, name, region, states, stops: frozenSentence(flow, calls), done };
          }),
        );
      }),
    ),
  );
  return { flows: reached.flatMap((one) => ('answer' in one ? one.answer : [])), unknown: silentOf(reached) };
}

/**
 * Regions that write the same at one moment may refuse each other; one of them was first, and what reads back counts.
 */
async function freezeIn(by: string, reason: string, shell: Shell): Promise<void> {
  try {
    await freeze(by, reason, shell);
  } catch (error) {
    if (faultName(error) !== 'ReplicatedWriteConflictException') throw error;
    if ((await shell.store.readStanding(shell.region)).frozen === null) throw error;
  }
}
