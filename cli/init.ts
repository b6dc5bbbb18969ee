// `breakwater init`: writes a plan.yml for an application, from flags and from what a person answers. `check` accepts it.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ZodType } from 'zod';
import { judgePlan } from '../check/plan-file.ts';
import { strongSets } from '../check/refusals.ts';
import { applicationName, balancerName, databaseName, recordName, zoneName } from '../functions/domain/plan/names.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { briefly } from './check.ts';
import { usualStage } from './deployed/deployment.ts';
import { type Application, newPlan, toFillIn } from './files/new-plan.ts';
import { printable } from './screen/layout.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Flag = 'application' | 'primary' | 'standby' | 'domain' | 'hostedZone' | 'database' | 'engine' | 'balancer';
type Answers = Readonly<Partial<Record<Flag, string>>>;

/** `otherwise`: what no answer means; where there is none, an answer is needed. */
type Question = {
  readonly flag: Flag;
  readonly asks: string;
  readonly hint: string;
  readonly otherwise?: string;
  /** What is wrong with an answer beside those that are there already, from `expected` on; null where nothing is. */
  readonly refuses: (answer: string, given: Answers) => string | null;
};

const engines = ['postgres', 'mysql', 'mariadb'] as const;

/** In the order in which they are asked. */
const questions: readonly Question[] = [
  {
    flag: 'application',
    asks: 'Name of the application',
    hint: 'lower case, such as chatops',
    refuses: (answer) => misnamed(applicationName, [answer]),
  },
  {
    flag: 'primary',
    asks: 'Region that serves users',
    hint: 'such as us-east-1',
    refuses: (answer, { standby }) => misplaced(answer, 'standby', standby),
  },
  {
    flag: 'standby',
    asks: 'Region that takes over',
    hint: 'such as us-west-2',
    refuses: (answer, { primary }) => misplaced(answer, 'primary', primary),
  },
  {
    flag: 'domain',
    asks: 'Name that users type',
    hint: 'such as chat.example.com',
    refuses: (answer) => misnamed(recordName, [answer]),
  },
  {
    flag: 'hostedZone',
    asks: 'Its public hosted zone',
    hint: 'id in Route 53, such as Z0123456789ABC',
    refuses: (answer) => misnamed(zoneName, [answer]),
  },
  {
    flag: 'database',
    asks: 'Database and its replica',
    hint: 'two DB instance identifiers: orders,orders-replica; empty: none',
    otherwise: '',
    refuses: (answer, { balancer }) => notPair(databaseName, answer, 'balancer', balancer),
  },
  {
    flag: 'engine',
    asks: 'Engine of the database',
    hint: 'postgres, mysql or mariadb; empty: postgres',
    otherwise: 'postgres',
    refuses: (answer) => (engines.some((one) => one === answer) ? null : `expected ${oneOf(engines, answer)}`),
  },
  {
    flag: 'balancer',
    asks: 'Load balancers of both regions',
    hint: 'app/NAME/ID,app/NAME/ID: the ends of their ARNs; empty: none',
    otherwise: '',
    refuses: (answer, { database }) => notPair(balancerName, answer, 'database', database),
  },
];

const dashed = (flag: string): string => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
const schemaFile = join(import.meta.dirname, '../plan.schema.json');

export function addInit(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .summary('writes a plan for your application; asks for what the flags leave out')
    .option('--to <file>', 'the new file to write; it must not exist yet', 'plan.new.yml');
  for (const { flag, asks, hint } of questions) command.option(`${dashed(flag)} <text>`, `${asks}: ${hint}`);
  command.action((flags: Answers & { readonly to: string }) => init(flags, terminal));
}

async function init({ to, ...flags }: Answers & { readonly to: string }, terminal: Terminal): Promise<void> {
  const file = resolve(to);
  expectNew(to, file);
  const application = applicationOf(await answersOf(flags, terminal));
  const text = newPlan(application, relative(dirname(file), schemaFile));
  // Said as check says it, before anything is written.
  const found = briefly(judgePlan(text, to), usualStage);
  writeFileSync(file, text, { flag: 'wx' });
  const say = sayOn(terminal);
  say(`${colorsOf(terminal).bold('Written')}: ${to}. Fill in these lines:`);
  for (const line of [...toFillIn(text).map(({ line, text: of }) => `line ${line}: ${of}`), ...found])
    terminal.out(`  ${line}\n`);
  say('Then:');
  for (const [verb, more] of [
    ['check', ''],
    ['drill', 'observe-only '],
    ['package', ''],
  ])
    terminal.out(`  npx breakwater ${verb} ${more}--plan ${to}\n`);
  say('Before you deploy, make it the plan that every command and every line in a message reads:');
  terminal.out(`  cp ${to} plan.yml\n`);
}

/** A file that cannot be written is said before anybody has answered anything. @throws WrongInput */
function expectNew(to: string, file: string): void {
  if (existsSync(file)) throw new WrongInput(`--to: ${to} is there already, expected a new file`);
  const folder = dirname(file);
  if (!existsSync(folder))
    throw new WrongInput(`--to: is ${to}, expected a new file in a folder that is there: ${folder} is not`);
}

/** What the flags say is judged first, then each answer as it is given. @throws WrongInput where nobody can be asked again */
async function answersOf(flags: Answers, terminal: Terminal): Promise<Answers> {
  const answers: { [flag in Flag]?: string } = {};
  for (const question of questions) {
    const typed = flags[question.flag];
    if (typed === undefined) continue;
    const wrong = refused(question, typed, answers);
    if (wrong !== null) throw new WrongInput(wrong);
    answers[question.flag] = meant(question, typed);
  }
  for (const question of questions) {
    const { flag } = question;
    if (answers[flag] !== undefined || (flag === 'engine' && answers.database === '')) continue;
    answers[flag] = meant(question, await ask(question, answers, terminal));
  }
  return answers;
}

/** Asks until the answer is one that can be used. @throws WrongInput */
async function ask(question: Question, answers: Answers, terminal: Terminal): Promise<string> {
  for (;;) {
    const typed = (await terminal.ask?.(`${question.asks} (${question.hint}): `)) ?? null;
    const wrong = refused(question, typed ?? '', answers);
    if (wrong === null) return typed ?? '';
    if (typed === null || terminal.isTyped !== true) throw new WrongInput(wrong);
    terminal.err(`${printable(wrong)}\n`);
  }
}

function meant({ otherwise = '' }: Question, typed: string): string {
  return typed.trim() || otherwise;
}

/** The line that says why an answer cannot be used; null where it can. */
function refused(question: Question, typed: string, given: Answers): string | null {
  const { flag, hint, otherwise, refuses } = question;
  const answer = meant(question, typed);
  if (answer === '' && otherwise === undefined) return `${dashed(flag)}: is missing, expected ${hint}`;
  const wrong = refuses(answer, given);
  return wrong === null ? null : `${dashed(flag)}: is ${answer || 'empty'}, ${wrong}`;
}

function misnamed(kind: ZodType, names: readonly string[]): string | null {
  const [wrong] = names.flatMap((name) => kind.safeParse(name).error?.issues ?? []);
  return wrong === undefined ? null : `expected ${wrong.message}`;
}

/** Both regions, and the witness that a plan takes from the same set, share one table. `other`: the role of the other one. */
function misplaced(region: string, role: string, other: string | undefined): string | null {
  const set = strongSets.find((one) => one.includes(other ?? region));
  const left = (set ?? strongSets.flat()).filter((one) => one !== other);
  if (left.includes(region)) return null;
  const those = `one of ${left.join(', ')}`;
  if (region === other) return `the ${role} too, expected another region: ${those}`;
  const why = 'where DynamoDB makes a strongly consistent table';
  return `expected ${those}: ${why}${other === undefined ? '' : ` with ${other}`}`;
}

/** Of the primary region and of the standby; nothing, where the other kind of asset is there. */
function notPair(kind: ZodType, text: string, flag: Flag, other: string | undefined): string | null {
  if (text === '')
    return other === '' ? `as ${dashed(flag)} is, expected one of them at least: there is nothing to protect` : null;
  const [one = '', two = '', ...more] = pairOf(text);
  if (one === '' || two === '' || more.length > 0)
    return 'expected two names with a comma: of the primary region, and of the standby';
  if (one === two) return 'expected two names that differ: of the primary region, and of the standby';
  return misnamed(kind, [one, two]);
}

function pairOf(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Of answers that were judged. */
function applicationOf(answers: Answers): Application {
  const { application = '', primary = '', standby = '', domain = '', hostedZone = '', engine } = answers;
  const all = strongSets.flat();
  const [witness = ''] =
    strongSets.find((one) => one.includes(primary))?.filter((one) => one !== primary && one !== standby) ?? [];
  const [one = '', two = ''] = all.filter((region) => ![primary, standby, witness].includes(region));
  const pair = (text = ''): readonly [string, string] | null => {
    const [here = '', there = ''] = pairOf(text);
    return text === '' ? null : [here, there];
  };
  return {
    ...{ application, primary, standby, witness, observers: [one, two], domain, hostedZone },
    database: pair(answers.database),
    engine: engines.find((known) => known === engine) ?? 'postgres',
    balancer: pair(answers.balancer),
  };
}
