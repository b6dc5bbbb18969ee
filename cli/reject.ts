// `breakwater reject ID --region NAME --reason TEXT`: rejects a request with AWS credentials. One rejection is enough, so
// that the region's name is typed here too.
import type { Command } from 'commander';
import { giveAnswer, typedRegion } from './deployed/answer.ts';
import { type DeploymentOptions, onDeployment, readReason } from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import type { Terminal } from './screen/terminal.ts';

type Options = DeploymentOptions & { readonly reason: string; readonly region: string };

/** `end` takes the exit status. */
export function addReject(program: Command, terminal: Terminal, end: (status: number) => void): void {
  onDeployment(
    program
      .command('reject')
      .summary('rejects a request, with AWS credentials')
      .argument('<id>', 'the request, as the mail and status have it')
      .requiredOption('--region <name>', 'the region that keeps its role, typed in full')
      .requiredOption('--reason <text>', 'why, for the record', readReason),
  ).action(async (id: string, options: Options) => {
    const { reason } = options;
    const typed = { answer: 'reject', region: typedRegion(options.region), unfenced: '', reason } as const;
    end(await doing(giveAnswer(id, typed, options, terminal)));
  });
}
