// A deployment on AWS as its operator reaches it: its plan and names, who calls, and the regions that answer. A region
// that is dark costs a bounded time and is named.
import { setTimeout as after } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Named } from '../../functions/aws/flows/whereabouts.ts';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Damaged } from '../../functions/domain/record/store.ts';
import type { Log, Shell } from '../../functions/shared/shell.ts';
import { readPlanFile } from '../files/plan.ts';
import { printable } from '../screen/layout.ts';
import { NotDone } from '../screen/not-done.ts';
import type { Terminal } from '../screen/terminal.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { type Caller, readCaller } from './caller.ts';
import { checkCredentials, whyNot } from './why-not.ts';

/** What every verb on AWS takes. */
export type DeploymentOptions = { readonly stage?: string; readonly plan?: string; readonly json?: boolean };

export type Deployment = Named & {
  readonly stage: string;
  readonly plan: Plan;
  /** Where it is deployed: first the region that is primary by the plan, then its standby. */
  readonly regions: readonly string[];
  /** The shell of a region, as the stack there has it, with the caller's credentials. */
  readonly shellIn: (region: string, caller?: Caller) => Shell;
  /** What could not be read since this was last asked, a line each. */
  readonly unread: () => readonly string[];
};

/** What came back from a region: an answer, or why there is none. */
export type Reached<Answer> =
  | { readonly region: string; readonly answer: Answer }
  | { readonly region: string; readonly why: string; readonly fault: unknown };

/**
 * Longer than the three tries of an SDK client where nothing listens; a region that accepts and stays silent ends
 * here.
 */
const longestAnswerMs = 8_000;

/** Adds the options that every verb on AWS takes. */
export function onDeployment(command: Command): Command {
  return command
    .addOption(deploymentStage())
    .option('--plan <file>', 'another plan than plan.yml')
    .option('--json', 'print one JSON object and nothing else');
}

/** A stage that nobody names: what a person tries out comes before what serves users. serverless.yml says the same. */
export const usualStage = 'dev';

/** Of what is packaged, checked or deployed, which says where it is. */
export function stageOption(): Option {
  return ofStage('which deployment: breakwater-<name>').default(usualStage);
}

/** Of what asks a deployment. Left out where nobody named one: then that is said. */
export function deploymentStage(): Option {
  return ofStage(`which deployment: breakwater-<name> (default: "${usualStage}")`);
}

function ofStage(description: string): Option {
  return new Option('--stage <name>', description).argParser(readStage);
}

function readStage(text: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9-]{0,40}$/.test(text)) return text;
  throw new WrongInput(
    `--stage: is ${JSON.stringify(text)}, expected letters, digits and hyphens, such as prod: a letter first, 41 at most`,
  );
}

/** How a verb is called for the same deployment, to be copied. */
export function commandLine(
  verb: string,
  { stage = usualStage, plan }: DeploymentOptions,
  ...words: readonly string[]
): string {
  const file = plan === undefined ? [] : ['--plan', plan];
  return ['npm run', verb, '--', ...words, '--stage', stage, ...file].join(' ');
}

/** What a person must say in words: why something is done. @throws WrongInput where nothing, or too much, is said. */
export function readReason(text: string): string {
  const reason = printable(text);
  if (reason !== '' && reason.length <= 500) return reason;
  throw new WrongInput(
    `--reason: is ${JSON.stringify(text.slice(0, 80))}, expected a sentence of up to 500 characters`,
  );
}

/** Asks nobody yet. Says which deployment it is before one is asked, where nobody named it. @throws WrongInput where the plan cannot be used. */
export function deploymentOf({ stage: named, plan: file }: DeploymentOptions, terminal: Terminal): Deployment {
  const plan = readPlanFile(file);
  const stage = named ?? usualStage;
  const prefix = `breakwater-${stage}`;
  const log = logTo(terminal);
  const unread: string[] = [];
  const damaged = damagedTo(terminal, unread);
  // Whoever forgets it in a hurry looks at, or changes, another deployment than the one that fails.
  let isSaid = named !== undefined;
  const sayStage = () => {
    if (!isSaid) terminal.err(`--stage was not given: this is about ${prefix}\n`);
    isSaid = true;
  };
  return {
    unread: () => unread.splice(0),
    stage,
    plan,
    prefix,
    regions: [plan.roles.primary, plan.roles.standby],
    shellIn: (region, caller) => {
      sayStage();
      return {
        plan,
        region,
        account: caller?.account ?? '',
        prefix,
        now: Date.now,
        after: (ms) => after(ms),
        log,
        store: dynamoStore(region, prefix, plan, damaged),
        fetch,
        pageUrl: null,
        linkKey: null,
        experiments: [],
      };
    },
  };
}

/**
 * Asks every region of a deployment at once, each for a bounded time. @throws NotDone where the credentials are no
 * use anywhere.
 */
export async function askEach<Answer>(
  { regions, shellIn }: Deployment,
  ask: (shell: Shell) => Promise<Answer>,
): Promise<Reached<Answer>[]> {
  const reached = await Promise.all(regions.map((region) => askOne(region, () => ask(shellIn(region)))));
  for (const one of reached) if ('fault' in one) checkCredentials(one.fault);
  return reached;
}

/** Asks one region for a bounded time. Never throws. */
export async function askOne<Answer>(region: string, ask: () => Promise<Answer>): Promise<Reached<Answer>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const seconds = longestAnswerMs / 1000;
    timer = setTimeout(() => reject(new NotDone(`no answer within ${seconds} s`)), longestAnswerMs);
  });
  try {
    return { region, answer: await Promise.race([ask(), late]) };
  } catch (fault) {
    return { region, why: whyNot(fault), fault };
  } finally {
    clearTimeout(timer);
  }
}

/** A deployment that answers: through which region, as whom, and which regions do not answer. */
export type Opened = {
  readonly shell: Shell;
  readonly caller: Caller;
  readonly silent: readonly { readonly region: string; readonly why: string }[];
};

/**
 * Finds a region whose table answers, and who calls. @throws NotDone where none does, or the credentials are no use.
 */
export async function open(deployment: Deployment): Promise<Opened> {
  const [caller, reached] = await Promise.all([
    whoCalls(deployment),
    askEach(deployment, ({ store, region }) => store.readStanding(region)),
  ]);
  const silent = silentOf(reached);
  const through = reached.find((one) => 'answer' in one);
  if (through === undefined) throw noRegion(deployment, silent);
  if ('why' in caller) throw new NotDone(`who calls is not known: ${caller.why}`);
  return { shell: deployment.shellIn(through.region, caller), caller, silent };
}

/** Those of the regions that did not answer. */
export function silentOf(reached: readonly Reached<unknown>[]): Opened['silent'] {
  return reached.flatMap((one) => ('why' in one ? [{ region: one.region, why: one.why }] : []));
}

export function noRegion({ prefix }: Deployment, silent: Opened['silent'], what = 'no region answers'): NotDone {
  return new NotDone(`${prefix}: ${what}: ${silent.map(({ region, why }) => `${region}: ${why}`).join('; ')}`);
}

/**
 * Who calls, by whichever region says so first; `why` where none does. @throws NotDone where the credentials are no
 * use.
 */
export async function whoCalls({ regions }: Deployment): Promise<Caller | { readonly why: string }> {
  const asked = regions.map((region) => readCaller(region));
  try {
    return await Promise.any(asked);
  } catch (error) {
    const faults: unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const fault of faults) checkCredentials(fault);
    return { why: whyNot(faults[0]) };
  }
}

/** A record that is left out of an answer is named, so that the answer does not pass for the whole. */
function damagedTo({ err }: Terminal, unread: string[]): Damaged {
  return (items) => {
    for (const { pk, sk, why, newer } of items) {
      const line = printable(
        newer === true
          ? `is newer than this clone, and left out: item ${pk} / ${sk}: ${why}`
          : `cannot be read: item ${pk} / ${sk}: ${why}`,
      );
      if (!unread.includes(line)) unread.push(line);
      err(`${line}\n`);
    }
  };
}

/** What the levers log goes to stderr, so that stdout holds the answer and nothing else. */
function logTo({ err, debug }: Terminal): Log {
  const line = (message: string, details: Record<string, unknown> = {}): void => {
    err(`${printable(`${message} ${JSON.stringify(details)}`)}\n`);
  };
  return { info: debug ? line : () => undefined, warn: line, error: line };
}
