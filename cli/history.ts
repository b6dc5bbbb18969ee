// `breakwater history`: the incidents of the record, newest first.
import type { Command } from 'commander';
import { formatSeconds } from '../functions/domain/durations.ts';
import type { Incident } from '../functions/domain/types.ts';
import { levelWords, placeWords, reasonWords } from '../functions/domain/words.ts';
import { commandLine, type DeploymentOptions, deploymentOf, onDeployment, open } from './deployment.ts';
import { formatTime, isoTime } from './layout.ts';
import { colorsOf, sayOn, type Terminal } from './terminal.ts';
import { doing } from './why-not.ts';

/** More than a screen of them helps nobody; --json has them all. */
const mostShown = 30;

export function addHistory(program: Command, terminal: Terminal): void {
  onDeployment(program.command('history').summary('the incidents of the record, newest first')).action(
    (options: DeploymentOptions) => doing(history(options, terminal)),
  );
}

async function history(options: DeploymentOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const { shell, silent } = await open(deployment);
  const incidents = (await shell.store.listIncidents()).reverse();
  if (options.json === true) {
    const told = { deployment: deployment.prefix, seenFrom: shell.region, silent, incidents: incidents.map(summary) };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  const colors = colorsOf(terminal);
  for (const { region, why } of silent) say(`${colors.red('!')} ${region} does not answer: ${why}`);
  if (incidents.length === 0) say(`${deployment.prefix} has no incident in its record.`);
  for (const { id, level, scope, openedAt, closedAt, decisions } of incidents.slice(0, mostShown)) {
    const took = closedAt === null ? colors.red('open') : `over after ${formatSeconds((closedAt - openedAt) / 1000)}`;
    say(`${formatTime(openedAt)}: ${levelWords(level)} in ${placeWords(scope)}, ${took} ${colors.dim(id)}`);
    const acted = decisions.filter(({ action }) => action !== 'none').at(-1);
    if (acted !== undefined) say(`${acted.action}: ${reasonWords(acted)}`, 2);
  }
  if (incidents.length > mostShown) say(`and ${incidents.length - mostShown} older ones (--json has them all)`);
  if (incidents.length > 0) say(`One incident's whole record: ${commandLine('report', options, 'ID')}`);
}

function summary({ id, region, level, scope, openedAt, lastSignalAt, closedAt, decisions }: Incident) {
  return {
    id,
    region,
    level,
    scope,
    openedAt: isoTime(openedAt),
    lastSignalAt: isoTime(lastSignalAt),
    closedAt: isoTime(closedAt),
    decisions: decisions.map(({ at, action, level: decided, finding = null, hold = null, reason, execution }) => ({
      at: isoTime(at),
      action,
      level: decided,
      finding,
      hold,
      reason,
      execution,
    })),
  };
}
