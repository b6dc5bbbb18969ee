// A plan for an application that has none: asked, or taken from flags; valid as it is written.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './invented.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-init-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const given = {
  application: 'store',
  primary: 'eu-west-1',
  standby: 'eu-central-1',
  domain: 'store.example.com',
  'hosted-zone': 'Z0123456789ABC',
  database: 'store-db,store-db-standby',
  engine: 'mysql',
  balancer: 'app/store/1f2e3d4c5b6a7980,app/store/0a1b2c3d4e5f6071',
};
let files = 0;
async function init(
  changes: Partial<Record<keyof typeof given, string>>,
  ask?: (question: string) => Promise<string | null>,
) {
  const to = join(folder, `${++files}.yml`);
  const flags = Object.entries({ ...given, ...changes }).flatMap(([flag, value]) => [`--${flag}`, value]);
  return { to, ...(await run(['init', '--to', to, ...flags], undefined, ask === undefined ? {} : { ask })) };
}

test.for([
  ['a database and a balancer', {}],
  ['a database alone', { balancer: '' }],
  ['a balancer alone', { database: '', engine: '' }],
  ['regions of America', { primary: 'us-east-1', standby: 'us-west-2' }],
  ['regions of Asia', { primary: 'ap-northeast-1', standby: 'ap-northeast-3', engine: 'postgres' }],
  ['a long name', { application: 'store-of-records' }],
] as const)('check accepts what is written for %s', async ([, changes]) => {
  const { to, status, err } = await init(changes);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const checked = await run(['check', '--plan', to, '--no-template', '--json']);
  expect({ status: checked.status, err: checked.err }).toEqual({ status: 0, err: '' });
  expect(JSON.parse(checked.out)).toMatchObject({ valid: true, errors: 0 });
});

test('every key has a comment on its line', async () => {
  const { to } = await init({});
  const lines = readFileSync(to, 'utf8').split('\n');
  const keys = lines.filter((line) => /^\s*(?:- )?(?:\{ )?[\w'-]+:/.test(line));
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter((line) => !/ # \S/.test(line))).toEqual([]);
});

test('what no flag says is asked', async () => {
  const answers = Object.values(given).values();
  const asked: string[] = [];
  const to = join(folder, 'asked.yml');
  const { status } = await run(['init', '--to', to], undefined, {
    ask: async (question) => {
      asked.push(question);
      return answers.next().value ?? null;
    },
  });
  expect(status).toBe(0);
  expect(asked).toHaveLength(Object.keys(given).length);
  expect(readFileSync(to, 'utf8')).toContain('instance: store-db-standby');
});

/** Runs with these flags alone; a person types the rest. */
async function typed(flags: Readonly<Record<string, string>>, typing: readonly string[], isTyped = true) {
  const asked: string[] = [];
  const rest = typing.values();
  const to = join(folder, `${++files}.yml`);
  const words = Object.entries({ to, ...flags }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const ran = await run(['init', ...words], undefined, {
    isTyped,
    ask: async (question) => {
      asked.push(question.replace(/ \(.*/, ''));
      return rest.next().value ?? null;
    },
  });
  return { to, asked, ...ran };
}

test('each answer is judged when it is given, and asked for again until it can be used', async () => {
  const { application, primary, standby, domain, database, engine, balancer } = given;
  const { to, asked, status, err } = await typed({ 'hosted-zone': given['hosted-zone'] }, [
    ...['Store', '', application],
    ...['eu-wst-1', primary],
    ...[primary, 'us-west-2', standby],
    ...['https://store.example.com', domain],
    ...['store-db', 'a,a', 'A,b', database],
    ...['oracle', engine],
    ...['app/store/1f2e,arn:aws:elb:x', balancer],
  ]);
  expect(err.split('\n').slice(0, -1)).toEqual([
    '--application: is Store, expected lower-case letters, digits and hyphens, a letter first, 31 at most',
    '--application: is missing, expected lower case, such as chatops',
    expect.stringMatching(/^--primary: is eu-wst-1, expected one of us-east-1, .*: where DynamoDB makes a strongly/),
    '--standby: is eu-west-1, the primary too, expected another region: one of eu-west-2, eu-west-3, eu-central-1',
    '--standby: is us-west-2, expected one of eu-west-2, eu-west-3, eu-central-1: where DynamoDB makes a strongly consistent table with eu-west-1',
    '--domain: is https://store.example.com, expected a domain name in lower case, without a dot at its end',
    '--database: is store-db, expected two names with a comma: of the primary region, and of the standby',
    '--database: is a,a, expected two names that differ: of the primary region, and of the standby',
    '--database: is A,b, expected a DB instance identifier in lower case',
    '--engine: is oracle, expected one of postgres, mysql, mariadb',
    '--balancer: is app/store/1f2e,arn:aws:elb:x, expected app/<name>/<id> or net/<name>/<id>, the end of the ARN',
  ]);
  expect(status).toBe(0);
  expect([...new Set(asked)]).toHaveLength(7);
  expect(asked.slice(3, 8)).toEqual([
    ...Array(2).fill('Region that serves users'),
    ...Array(3).fill('Region that takes over'),
  ]);
  const { to: other } = await init({});
  expect(readFileSync(to, 'utf8')).toBe(readFileSync(other, 'utf8'));
});

test('an answer is judged beside a flag that is asked later', async () => {
  const { 'hosted-zone': zone, standby, balancer, database, ...others } = given;
  const { primary, ...flags } = { ...others, 'hosted-zone': zone, standby, balancer: '' };
  const { status, err } = await typed(flags, [standby, primary, '', database]);
  expect(err).toBe(
    '--primary: is eu-central-1, the standby too, expected another region: one of eu-west-1, eu-west-2, eu-west-3\n' +
      '--database: is empty, as --balancer is, expected one of them at least: there is nothing to protect\n',
  );
  expect(status).toBe(0);
});

test.for([
  ['a flag', { domain: 'no' }, '--domain: is no, expected a domain name'],
  ['a file that is there', { to: '.' }, '--to: . is there already, expected a new file'],
] as const)('%s that cannot be used is said before anything is asked', async ([, flags, line]) => {
  const { asked, status, err } = await typed(flags, Object.values(given));
  expect({ status, asked }).toEqual({ status: 2, asked: [] });
  expect(err).toContain(line);
  expect(err.match(/\n/g)).toHaveLength(1);
});

test.for([
  ['comes from a file', ['Store', 'store'], false, 'is Store, expected lower-case'],
  ['is the last that there is', ['Store'], true, 'is missing, expected lower case'],
] as const)('a wrong answer that %s ends it: nobody can be asked again', async ([, typing, isTyped, line]) => {
  const { status, err, to } = await typed({}, typing, isTyped);
  expect(status).toBe(2);
  expect(err.split('\n').at(-2)).toContain(`--application: ${line}`);
  expect(() => readFileSync(to)).toThrow('ENOENT');
});

test.for([
  ['a region that is none', { primary: 'us-est-1' }, '--primary: is us-est-1, expected one of '],
  [
    'a region twice',
    { standby: 'eu-west-1' },
    '--standby: is eu-west-1, the primary too, expected another region: one',
  ],
  [
    'a region without a table of its set',
    { standby: 'us-west-2' },
    '--standby: is us-west-2, expected one of eu-west-2, eu-west-3, eu-central-1: where DynamoDB makes a strongly',
  ],
  ['one name of two', { database: 'store-db' }, '--database: is store-db, expected two names with a comma'],
  ['a name of three', { balancer: 'a,b,c' }, '--balancer: is a,b,c, expected two names with a comma'],
  [
    'nothing to protect',
    { database: '', balancer: '' },
    '--balancer: is empty, as --database is, expected one of them at least: there is nothing to protect',
  ],
  ['no name', { application: '' }, '--application: is empty, expected a value behind it'],
  ['a name that AWS refuses', { application: 'Store' }, '--application: is Store, expected lower-case letters, digits'],
  [
    'the path of a hosted zone',
    { 'hosted-zone': '/hostedzone/Z01' },
    '--hosted-zone: is /hostedzone/Z01, expected a hosted zone id such as Z0123456789',
  ],
  ['an engine of others', { engine: 'oracle' }, '--engine: is oracle, expected one of postgres, mysql, mariadb'],
] as const)('%s is wrong input in one line, and nothing is written', async ([, changes, line]) => {
  const { to, status, err } = await init(changes);
  expect(status).toBe(2);
  expect(err).toContain(line);
  expect(err.match(/\n/g)).toHaveLength(1);
  expect(() => readFileSync(to)).toThrow('ENOENT');
});

test('a file that is there is left alone', async () => {
  const to = join(folder, 'mine.yml');
  writeFileSync(to, 'mine');
  const into = (file: string) => run(['init', '--to', file]);
  const wrong = (err: string) => ({ status: 2, out: '', err });
  expect(await into(to)).toEqual(wrong(`--to: ${to} is there already, expected a new file\n`));
  expect(readFileSync(to, 'utf8')).toBe('mine');
  expect(await into('')).toEqual(wrong('breakwater init: --to: is empty, expected a value behind it\n'));
  const nowhere = join(folder, 'no', 'plan.yml');
  expect(await into(nowhere)).toEqual(
    wrong(`--to: is ${nowhere}, expected a new file in a folder that is there: ${join(folder, 'no')} is not\n`),
  );
});

test('what nobody was asked is said line by line, and all that check would say', async () => {
  const { to, out } = await init({});
  const lines = readFileSync(to, 'utf8').split('\n');
  const yours = lines.flatMap((line, index) => (line.includes('# yours: ') ? [index + 1] : []));
  expect(yours.length).toBeGreaterThan(10);
  expect([...out.matchAll(/^ {2}line (\d+): /gm)].map(([, line]) => Number(line))).toEqual(yours);
  expect(out).toContain('closed: sg-0closedprimary');
  const checked = await run(['check', '--plan', to, '--no-template', '--json']);
  const { weaknesses, cannotStartByHand, toFillIn } = JSON.parse(checked.out);
  for (const { id } of weaknesses) expect(out).toContain(id);
  expect(cannotStartByHand).toEqual([]);
  expect(toFillIn).toEqual(yours);
});

test('check names the lines that nobody has looked at, until their mark is gone', async () => {
  const { to } = await init({});
  const check = async () => (await run(['check', '--plan', to, '--no-template'])).out;
  expect(await check()).toMatch(/^ {2}to fill in +lines \d+, \d+/m);
  const unmarked = readFileSync(to, 'utf8').replaceAll('# yours: ', '# ');
  writeFileSync(to, unmarked);
  // An id that init has invented stays what it is without its mark.
  const ids = unmarked.split('\n').flatMap((line, index) => (/sg-0c/.test(line) ? [index + 1] : []));
  expect(ids).toHaveLength(4);
  expect(await check()).toContain(`  to fill in   lines ${ids.join(', ')}: `);
  writeFileSync(to, unmarked.replaceAll(/sg-0c\w+/g, 'sg-0a1b2c3d'));
  expect(await check()).not.toContain('to fill in');
});

test('of a plan that protects no database all is said too', async () => {
  const { out } = await init({ database: '', engine: '' });
  expect(out).not.toContain('securityGroups');
  expect(out).toMatch(/^ {2}npx breakwater check --plan /m);
  expect(out).toMatch(/^ {2}cp \S+ plan\.yml$/m);
});

test('what check would warn of is one sentence, with what to do', async () => {
  const { status, out } = await init({ domain: 'example.com' });
  expect(status).toBe(0);
  expect(out).toMatch(
    /^ {2}warning latch-at-apex .*: example\.com is the apex of .* that step fails; fix: name a record/m,
  );
});
