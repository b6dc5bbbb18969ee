// `breakwater failback --reason`: begins the way home after a region failover. Databases come back as replicas in the region that was given
// up; moving users back is a switchover of its own, which people approve.
import type { Command } from 'commander';
import { rejoinSentence } from '../functions/domain/recovery/rejoin.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { failback } from '../functions/kinds/undo.ts';
import {
  commandLine,
  type DeploymentOptions,
  deploymentOf,
  onDeployment,
  open,
  readReason,
} from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import { formatTime, isoTime } from './screen/layout.ts';
import { sayOn, type Terminal } from './screen/terminal.ts';

type Options = DeploymentOptions & { readonly reason: string };

export function addFailback(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('failback')
      .summary('begins the way home: makes replicas of the databases in the region that was given up')
      .requiredOption('--reason <text>', 'why the region can be used again', readReason),
  ).action((options: Options) => doing(failbackOne(options, terminal)));
}

async function failbackOne(options: Options, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  const { shell, caller } = await open(deployment);
  const { home, serving, undoes, databases } = await failback(caller.arn, options.reason, shell);
  if (options.json === true) {
    const told = {
      ...{ deployment: deployment.prefix, home, serving, undoes: { ...undoes, since: isoTime(undoes.since) } },
      databases: databases.map(({ begunAt, snapshotAt, askedAt, replicatesAt, endedAt, ...one }) => ({
        ...one,
        ...{ begunAt: isoTime(begunAt), snapshotAt: isoTime(snapshotAt), askedAt: isoTime(askedAt) },
        ...{ replicatesAt: isoTime(replicatesAt), endedAt: isoTime(endedAt) },
      })),
    };
    terminal.out(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const say = sayOn(terminal);
  const now = shell.now();
  say(`The way home to ${home}, which ${undoes.execution} gave up (incident ${undoes.incident},`);
  say(
    `since ${formatTime(undoes.since)}, ${formatSeconds((now - undoes.since) / 1000)} ago). ${serving} serves users, and goes on.`,
  );
  for (const one of databases) {
    if (!one.begun) {
      say(`${rejoinSentence(one, now)}. Nothing is begun twice.`, 2);
      continue;
    }
    say(`${one.asset}: begun. Breakwater does the next step every five minutes:`, 2);
    say(
      `1. ${one.old} stays in ${home}, closed to all clients. Breakwater takes a snapshot first and deletes nothing.`,
      4,
    );
    say(`2. Breakwater makes a replica of the database in ${serving} beside it, under a restore name of the plan.`, 4);
    say('3. When the replica replicates, people are told. Nothing has moved by then.', 4);
  }
  say(`Each step: ${commandLine('status', options)}`);
  say('Then a person starts the switchover home, which people approve: docs/runbook.md#the-way-home.');
}
