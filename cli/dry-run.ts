// `breakwater dry-run --reason`: looks at everything that a failover would need, in the deployment, and changes nothing.
import { type Command, Option } from 'commander';
import { lookOnly, regionModes, type StartOptions } from './deployed/start.ts';
import { doing } from './deployed/why-not.ts';
import { withStart } from './failover.ts';
import type { Terminal } from './screen/terminal.ts';

type Options = StartOptions & { readonly mode: (typeof regionModes)[number] };

export function addDryRun(program: Command, terminal: Terminal): void {
  withStart(program.command('dry-run').summary('tells you and people what a failover would call; changes nothing'))
    .option('--zone <zone>', 'of leaving this zone, and not of the region')
    .addOption(new Option('--mode <mode>', 'of a region').choices([...regionModes]).default('failover'))
    .action((options: Options) => doing(lookOnly(options.mode, options, terminal)));
}
