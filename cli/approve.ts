// `breakwater approve ID --region NAME`: approves a request with AWS credentials. What is typed is the confirmation:
// nothing is filled in and nothing is asked, so that no empty line approves.
import type { Command } from 'commander';
import { giveAnswer, typedRegion } from './deployed/answer.ts';
import { type DeploymentOptions, onDeployment, readReason } from './deployed/deployment.ts';
import { doing } from './deployed/why-not.ts';
import type { Terminal } from './screen/terminal.ts';

type Options = DeploymentOptions & { readonly region: string; readonly unfenced?: string; readonly reason?: string };

/** `end` takes the exit status. */
export function addApprove(program: Command, terminal: Terminal, end: (status: number) => void): void {
  onDeployment(
    program
      .command('approve')
      .summary('approves a request, with AWS credentials')
      .argument('<id>', 'the request, as the mail and status have it')
      .requiredOption('--region <name>', 'the region that is given up, typed in full')
      .option('--unfenced <phrase>', 'if something stays unfenced: the phrase that the page asks for')
      .option('--reason <text>', 'why, for the record', readReason),
  ).action(async (id: string, options: Options) => {
    const { unfenced = '', reason = '' } = options;
    const typed = {
      answer: 'approve',
      region: typedRegion(options.region),
      unfenced: unfenced.trim(),
      reason,
    } as const;
    end(await doing(giveAnswer(id, typed, options, terminal)));
  });
}
