// `breakwater reject ID --reason`: rejects a request with AWS credentials. One rejection is enough.
import type { Command } from 'commander';
import { giveAnswer } from './answer.ts';
import { type DeploymentOptions, onDeployment, readReason } from './deployment.ts';
import type { Terminal } from './terminal.ts';
import { doing } from './why-not.ts';

type Options = DeploymentOptions & { readonly reason: string; readonly region?: string };

/** `end` takes the exit status. */
export function addReject(program: Command, terminal: Terminal, end: (status: number) => void): void {
  onDeployment(
    program
      .command('reject')
      .summary('rejects a request, with AWS credentials')
      .argument('<id>', 'the request, as the mail and status have it')
      .requiredOption('--reason <text>', 'why, for the record', readReason)
      .option('--region <name>', 'the region that would be given up; needed only where the table cannot be read'),
  ).action(async (id: string, options: Options) => {
    const { region = '', reason } = options;
    const typed = { answer: 'reject', region: region.trim(), unfenced: '', reason } as const;
    end(await doing(giveAnswer(id, typed, options, terminal)));
  });
}
