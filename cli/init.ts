// `breakwater init`: writes a plan.yml for an application, from flags and from what a person answers. `check` accepts it.
import { writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { judgePlan } from '../check/plan-file.ts';
import { strongSets } from '../check/refusals.ts';
import { oneOf } from '../functions/domain/words/nearest.ts';
import { briefly } from './check.ts';
import { usualStage } from './deployed/deployment.ts';
import { type Application, newPlan, toFillIn } from './files/new-plan.ts';
import { colorsOf, sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type Flags = Readonly<Record<(typeof questions)[number]['flag'], string | undefined>> & { readonly to: string };

/** In the order in which they are asked. `otherwise`: what no answer means; where there is none, an answer is needed. */
const questions = [
  { flag: 'application', asks: 'Name of the application', hint: 'lower case, such as chatops', otherwise: null },
  { flag: 'primary', asks: 'Region that serves users', hint: 'such as us-east-1', otherwise: null },
  { flag: 'standby', asks: 'Region that takes over', hint: 'such as us-west-2', otherwise: null },
  { flag: 'domain', asks: 'Name that users type', hint: 'such as chat.example.com', otherwise: null },
  {
    flag: 'hostedZone',
    asks: 'Its public hosted zone',
    hint: 'id in Route 53, such as Z0123456789ABC',
    otherwise: null,
  },
  {
    flag: 'database',
    asks: 'Database and its replica',
    hint: 'two DB instance identifiers: orders,orders-replica; empty: none',
    otherwise: '',
  },
  {
    flag: 'engine',
    asks: 'Engine of the database',
    hint: 'postgres, mysql or mariadb; empty: postgres',
    otherwise: 'postgres',
  },
  {
    flag: 'balancer',
    asks: 'Load balancers of both regions',
    hint: 'app/NAME/ID,app/NAME/ID: the ends of their ARNs; empty: none',
    otherwise: '',
  },
] as const;

const dashed = (flag: string): string => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
const engines = ['postgres', 'mysql', 'mariadb'] as const;
const schemaFile = join(import.meta.dirname, '../plan.schema.json');

export function addInit(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .summary('writes a plan for your application; asks for what the flags leave out')
    .option('--to <file>', 'the new file to write; it must not exist yet', 'plan.new.yml');
  for (const { flag, asks, hint } of questions) command.option(`${dashed(flag)} <text>`, `${asks}: ${hint}`);
  command.action((flags: Flags) => init(flags, terminal));
}

async function init(flags: Flags, terminal: Terminal): Promise<void> {
  const answers: Record<string, string> = {};
  for (const { flag, asks, hint, otherwise } of questions) {
    if (flag === 'engine' && flags.engine === undefined && answers['database'] === '') continue;
    const typed = flags[flag] ?? (await terminal.ask?.(`${asks} (${hint}): `)) ?? '';
    const answer = typed.trim() === '' ? otherwise : typed.trim();
    if (answer === null) throw new WrongInput(`${dashed(flag)}: is missing, expected ${hint}`);
    answers[flag] = answer;
  }
  const application = applicationOf(answers);
  const file = resolve(flags.to);
  const text = newPlan(application, relative(dirname(file), schemaFile));
  // What a person typed may be no name of AWS's: said as check says it, before anything is written.
  const found = briefly(judgePlan(text, flags.to), usualStage);
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new WrongInput(`--to: ${flags.to} ${there ? 'is there already' : 'cannot be written'}, expected a new file`);
  }
  const say = sayOn(terminal);
  say(`${colorsOf(terminal).bold('Written')}: ${flags.to}. Fill in these lines:`);
  for (const line of [...toFillIn(text).map(({ line, text: of }) => `line ${line}: ${of}`), ...found])
    terminal.out(`  ${line}\n`);
  say('Then:');
  for (const [verb, more] of [
    ['check', ''],
    ['drill', 'observe-only '],
    ['package', ''],
  ])
    terminal.out(`  npx breakwater ${verb} ${more}--plan ${flags.to}\n`);
  say('Before you deploy, make it the plan that every command and every line in a message reads:');
  terminal.out(`  cp ${flags.to} plan.yml\n`);
}

/** @throws WrongInput */
function applicationOf(answers: Readonly<Record<string, string>>): Application {
  const { application = '', primary = '', standby = '', domain = '', hostedZone = '', engine = 'postgres' } = answers;
  const known = strongSets.flat();
  const set = strongSets.find((one) => one.includes(primary));
  if (set === undefined) throw new WrongInput(`--primary: is ${primary}, expected ${oneOf(known, primary)}`);
  const others = set.filter((region) => region !== primary);
  if (!others.includes(standby)) throw new WrongInput(`--standby: is ${standby}, expected ${oneOf(others, standby)}`);
  const chosen = engines.find((one) => one === engine);
  if (engine !== '' && chosen === undefined)
    throw new WrongInput(`--engine: is ${engine}, expected ${oneOf(engines, engine)}`);
  const [witness = ''] = others.filter((region) => region !== standby);
  const [one = '', two = ''] = known.filter((region) => ![primary, standby, witness].includes(region));
  const [database, balancer] = [pair('database', answers), pair('balancer', answers)];
  if (database === null && balancer === null)
    throw new WrongInput('--database, --balancer: are both empty, expected one at least: there is nothing to protect');
  return {
    application,
    primary,
    standby,
    witness,
    observers: [one, two],
    domain,
    hostedZone,
    database,
    engine: chosen ?? 'postgres',
    balancer,
  };
}

/** Two names with a comma between them; null where there are none. @throws WrongInput */
function pair(flag: string, answers: Readonly<Record<string, string>>): readonly [string, string] | null {
  const text = answers[flag] ?? '';
  if (text === '') return null;
  const [one, two, ...more] = text.split(',').map((name) => name.trim());
  if (one === undefined || two === undefined || two === '' || more.length > 0)
    throw new WrongInput(
      `${dashed(flag)}: is ${text}, expected two names with a comma: of the primary region, and of the standby`,
    );
  return [one, two];
}
