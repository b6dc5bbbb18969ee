// The command `breakwater`: its verbs, and how whatever goes wrong becomes one line and an exit status.
import { Command, CommanderError, Help } from 'commander';
import { didYouMeanOf, oneOf } from '../functions/domain/words/nearest.ts';
import packageFile from '../package.json' with { type: 'json' };
import { NotPlayable } from '../simulator/playing/playing.ts';
import { InvalidScenario } from '../simulator/playing/scenario.ts';
import { addAbort } from './abort.ts';
import { addApprove } from './approve.ts';
import { addBench, type BenchWith } from './bench/bench.ts';
import { addBuild } from './build.ts';
import { addCampaign, type LiveSeed } from './campaign/campaign.ts';
import { addCheck } from './check.ts';
import { addCost } from './cost.ts';
import { addDeploy, type PutStack } from './deploy.ts';
import { addDrill, type RunDrill } from './drill.ts';
import { addDryRun } from './dry-run.ts';
import { addFailback } from './failback.ts';
import { addFailover } from './failover.ts';
import { addFaults } from './faults.ts';
import { addFreeze } from './freeze.ts';
import { addHistory } from './history.ts';
import { addInit } from './init.ts';
import { addJudge, type JudgeSeed } from './judge.ts';
import { addOpen } from './open.ts';
import { addPackage } from './package.ts';
import { addReject } from './reject.ts';
import { addReplay } from './replay.ts';
import { addReport } from './report.ts';
import { addResume } from './resume.ts';
import { addRetire } from './retire.ts';
import { printable } from './screen/layout.ts';
import { NotDone } from './screen/not-done.ts';
import type { Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';
import { addSize } from './size.ts';
import { addSkip } from './skip.ts';
import { addStatus } from './status.ts';
import { addSwitchover } from './switchover.ts';
import { addUnfreeze } from './unfreeze.ts';

/** Of this clone. */
const { version } = packageFile;

/**
 * Runs one command line, without `node` and the file's name. Gives the exit status: 0 what was expected was met,
 * 1 something was missed or went wrong unexpectedly, 2 the input was wrong. Never throws.
 */
export async function breakwater(
  args: readonly string[],
  terminal: Terminal,
  runDrill?: RunDrill,
  judgeSeed?: JudgeSeed,
  stacks?: PutStack,
  liveSeed?: LiveSeed,
  benchWith?: BenchWith,
): Promise<number> {
  let status = 0;
  const end = (value: number) => {
    status = value;
  };
  const program = new Command('breakwater')
    .description('Failover automation for AWS. It leaves a failed zone by itself, and a region after people approve.')
    .version(version, '--version', 'print the version')
    .showSuggestionAfterError(false)
    .helpCommand('help [verb]', 'shows the options of a verb')
    .configureHelp({
      optionDescription(option) {
        const text = Help.prototype.optionDescription.call(this, option);
        return option.mandatory ? `${text} (needed)` : text;
      },
    })
    .configureOutput({
      writeOut: terminal.out,
      writeErr: () => undefined, // commander says it in several lines; `refuse` says it in one
      getOutHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.rich,
    });
  program.commandsGroup('On this machine, without AWS:');
  addDrill(program, terminal, end, runDrill);
  addFaults(program, terminal, end);
  addJudge(program, terminal, end, judgeSeed);
  addCampaign(program, terminal, end, liveSeed);
  addBench(program, terminal, end, benchWith);
  addReplay(program, terminal);
  addInit(program, terminal);
  addCheck(program, terminal, end);
  addPackage(program, terminal, end);
  addSize(program, terminal, end);
  addCost(program, terminal, end, runDrill);
  program.commandsGroup('On a deployment, with your AWS credentials:');
  addDeploy(program, terminal, end, stacks);
  addStatus(program, terminal);
  addFreeze(program, terminal);
  addUnfreeze(program, terminal);
  addResume(program, terminal);
  addSkip(program, terminal);
  addRetire(program, terminal);
  addDryRun(program, terminal);
  addFailover(program, terminal);
  addSwitchover(program, terminal);
  addFailback(program, terminal);
  addBuild(program, terminal);
  addAbort(program, terminal);
  addApprove(program, terminal, end);
  addReject(program, terminal, end);
  addHistory(program, terminal);
  addReport(program, terminal);
  addOpen(program, terminal);
  for (const verb of program.commands) if (verb.description() === '') verb.description(verb.summary()); // its own --help says it too
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => refuse(command, error, args, terminal));
    watchOptions(command);
  }
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    return complain(error, terminal);
  }
}

/**
 * Commander takes the last of what is given twice, and the next option for a value that was forgotten. A list may be given again. What may
 * be empty says so in its description.
 */
function watchOptions(command: Command): void {
  const seen = new Map<string, string>();
  for (const option of command.options) {
    const name = option.name();
    command.on(`option:${name}`, (value: unknown) => {
      const wrong = (what: string) => new WrongInput(`${nameOf(command)}: --${name}: ${what}`);
      if (typeof value === 'string' && /^--[a-z]/.test(value))
        throw wrong(`is ${JSON.stringify(value)}, which is an option, expected a value behind it`);
      if (value === '' && !option.description.includes('empty: ')) throw wrong('is empty, expected a value behind it');
      const before = seen.get(option.attributeName());
      if (before !== undefined && before !== name) throw wrong(`is given with --${before}, expected one of them`);
      if (before === name && !Array.isArray(option.defaultValue)) throw wrong('is given twice, expected once');
      seen.set(option.attributeName(), name);
    });
  }
}

/** Says in one line what commander refused and what it would have taken. @throws always */
function refuse(command: Command, error: CommanderError, args: readonly string[], terminal: Terminal): never {
  if (error.exitCode === 0) throw error; // help was asked for and printed
  throw new WrongInput(`${nameOf(command)}: ${refused(command, error, args, terminal)}`);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `breakwater ${command.name()}`;
}

/** What is wrong, and what there is instead: of a word that there is not the nearest, or what was expected. */
function refused(
  command: Command,
  { code, message }: CommanderError,
  args: readonly string[],
  { script }: Terminal,
): string {
  const help = command.createHelp();
  const [first = ''] = message.replace(/^error: /, '').split('\n');
  const said = first.replace(/\. Expected .*$/, '');
  const [, word = ''] = /'(.*)'/.exec(said) ?? [];
  switch (code) {
    case 'commander.unknownOption': {
      const options = help.visibleOptions(command).map(({ long, flags }) => long ?? flags);
      return `${said}, ${didYouMeanOf(`${nameOf(command)} --help`, word, options)}`;
    }
    case 'commander.unknownCommand':
    case 'commander.help': {
      const asked = code === 'commander.help' ? (args[1] ?? '') : word;
      const verbs = command.commands.map((verb) => verb.name());
      return `unknown verb '${asked}', ${didYouMeanOf('breakwater --help', asked, verbs)}`;
    }
    case 'commander.optionMissingArgument':
      return `${said}, expected a value behind it`;
    case 'commander.missingMandatoryOptionValue': {
      const option = command.options.find(({ flags }) => flags === word);
      return `${option?.long}: is missing, expected ${option?.description}${eatenByNpm(command, script, 'it')}`;
    }
    case 'commander.missingArgument': {
      const argument = command.registeredArguments.find((one) => one.name() === word);
      return `<${word}>: is missing, expected ${argument?.description}: ${help.commandUsage(command)}`;
    }
    case 'commander.invalidArgument': {
      const [, flags = '', value = ''] = /option '(.*?)' argument '(.*?)' is invalid/.exec(said) ?? [];
      const option = command.options.find((one) => one.flags === flags);
      return `${option?.long}: is ${JSON.stringify(value)}, expected ${oneOf(option?.argChoices ?? [], value)}`;
    }
    case 'commander.excessArguments':
      return `${said}, expected ${help.commandUsage(command)}${eatenByNpm(command, script, 'an option')}`;
    default:
      return `${said}, expected ${help.commandUsage(command)}`;
  }
}

/** Npm keeps options for itself that stand before `--`, and hands on their values as words. Empty where npm did not start this verb. */
function eatenByNpm(command: Command, script: string | undefined, typed: string): string {
  if (script !== command.name()) return '';
  const words = command.registeredArguments.filter(({ required }) => required).map((one) => one.name().toUpperCase());
  const options = command.options
    .filter(({ long, mandatory }) => mandatory || long === '--stage')
    .toSorted((a, b) => Number(a.mandatory) - Number(b.mandatory))
    .map(({ long }) => `${long} ${long === '--reason' ? '"why"' : 'NAME'}`);
  const line = [...words, ...options].join(' ') || '...';
  return `. If you typed ${typed}, the -- behind the verb is missing: npm run ${command.name()} -- ${line}`;
}

function complain(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof WrongInput) {
    for (const line of error.lines) terminal.err(`${printable(line)}\n`);
    return 2;
  }
  if (error instanceof NotDone) {
    terminal.err(`${printable(error.message)}\n`);
    return 1;
  }
  if (error instanceof InvalidScenario || error instanceof NotPlayable) {
    terminal.err(`${printable(error.message)}\n`);
    return 2;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  terminal.err(terminal.debug ? `${stack}\n` : `unexpected: ${printable(message)} (DEBUG=1 shows where)\n`);
  return 1;
}
