// `breakwater failover --reason`: gives the region that serves users up, or with --zone leaves a zone, after a typed yes.
import type { Command } from 'commander';
import { onDeployment, readReason } from './deployed/deployment.ts';
import { type StartOptions, startAfterYes } from './deployed/start.ts';
import { doing } from './deployed/why-not.ts';
import type { Terminal } from './screen/terminal.ts';

export function addFailover(program: Command, terminal: Terminal): void {
  withStart(
    program
      .command('failover')
      .summary('starts a failover by hand: lists the calls, makes a dry run, wants a typed yes; then people are asked'),
  )
    .option('--zone <zone>', 'move out of this zone, instead of the region: nobody is asked then')
    .action((options: StartOptions) => doing(startAfterYes('failover', options, terminal)));
}

/** What everything takes that starts a flow by hand. */
export function withStart(command: Command): Command {
  return onDeployment(
    command
      .requiredOption('--reason <text>', 'why: people read it before they approve', readReason)
      .option('--as <contact>', 'your role in the plan; default: the caller of AWS'),
  );
}
