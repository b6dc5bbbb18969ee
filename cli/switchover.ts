// `breakwater switchover --reason`: moves users to the other region without a loss, after a typed yes and approvals.
import type { Command } from 'commander';
import { type StartOptions, startAfterYes } from './deployed/start.ts';
import { doing } from './deployed/why-not.ts';
import { withStart } from './failover.ts';
import type { Terminal } from './screen/terminal.ts';

export function addSwitchover(program: Command, terminal: Terminal): void {
  withStart(
    program
      .command('switchover')
      .summary(
        'moves users to the other region without data loss: lists the calls, makes a dry run, wants a typed yes',
      ),
  ).action((options: StartOptions) => doing(startAfterYes('switchover', options, terminal)));
}
