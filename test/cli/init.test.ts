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

test.for([
  ['a region that is none', { primary: 'us-est-1' }, '--primary: is us-est-1, expected one of '],
  [
    'a region without a table of its set',
    { standby: 'us-west-2' },
    '--standby: is us-west-2, expected one of eu-west-2, eu-west-3, eu-central-1',
  ],
  ['one name of two', { database: 'store-db' }, '--database: is store-db, expected two names with a comma'],
  [
    'nothing to protect',
    { database: '', balancer: '' },
    '--database, --balancer: are both empty, expected one at least',
  ],
  ['no name', { application: '' }, '--application: is missing, expected lower case, such as chatops'],
  [
    'a name that AWS refuses',
    { application: 'Store' },
    'application: is "Store", expected lower-case letters, digits and hyphens',
  ],
] as const)('%s is wrong input, and nothing is written', async ([, changes, line]) => {
  const { to, status, err } = await init(changes);
  expect(status).toBe(2);
  expect(err).toContain(line);
  expect(() => readFileSync(to)).toThrow('ENOENT');
});

test('a file that is there is left alone', async () => {
  const to = join(folder, 'mine.yml');
  writeFileSync(to, 'mine');
  const flags = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value]);
  const { status, err } = await run(['init', '--to', to, ...flags]);
  expect({ status, err }).toEqual({ status: 2, err: `--to: ${to} is there already, expected a new file\n` });
  expect(readFileSync(to, 'utf8')).toBe('mine');
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
  writeFileSync(to, readFileSync(to, 'utf8').replaceAll('# yours: ', '# '));
  expect(await check()).not.toContain('to fill in');
});

test('of a plan that protects no database all is said too', async () => {
  const { out } = await init({ database: '', engine: '' });
  expect(out).not.toContain('securityGroups');
  expect(out).toMatch(/^ {2}npx breakwater check --plan /m);
  expect(out).toMatch(/^ {2}cp \S+ plan\.yml$/m);
});
