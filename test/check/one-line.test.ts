// One mistake in a plan is one line, with the file's line, the path, the value and what was expected: the plan as it is shipped, with one
// slip of a hand each time.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { refusals } from '../../check/packaging.ts';
import { judgePlan } from '../../check/plan-file.ts';
import { keysAt } from '../../functions/domain/plan/known-keys.ts';
import { schema } from '../../functions/domain/plan/plan.ts';
import { shippedText as text } from '../shipped.ts';

/** What packaging and `check` say of the shipped plan with a change. */
function said(from: string, to: string): readonly string[] {
  expect(text).toContain(from);
  return refusals(judgePlan(text.replace(from, to), 'plan.yml'), 'dev');
}

const meant = (name: string) => new RegExp(`did you mean ${name}\\?$`);

test.for<readonly [string, string, string, RegExp]>([
  ['a primary that is no region of the plan', 'primary: us-east-1', 'primary: us-east-9', meant('us-east-1')],
  [
    'a primary in another continent',
    'primary: us-east-1',
    'primary: eu-west-2',
    /roles\.primary: .*us-east-1, us-west-2/,
  ],
  ['a standby that is no region of the plan', 'standby: us-west-2', 'standby: us-west-1', meant('us-west-2')],
  ['the primary twice', 'standby: us-west-2', 'standby: us-east-1', /another region than the primary$/],
  ['a witness elsewhere', 'witness: us-east-2', 'witness: us-east-7', /roles\.witness: .*one of us-east-2/],
  ['a region under another name', '  us-west-2:\n    zones', '  us-west-3:\n    zones', meant('us-west-3')],
  [
    'a database in another region',
    '      us-west-2:\n        instance',
    '      us-west-3:\n        instance',
    meant('us-west-2'),
  ],
  ['a cache in another region', 'us-west-2: { replicationGroup', 'us-west-3: { replicationGroup', meant('us-west-2')],
  ['a health page of another region', 'us-east-1: https://us', 'us-east-2: https://us', meant('us-east-1')],
  ['a latch of another region', 'us-east-1: { us-west-2: chat', 'us-east-9: { us-west-2: chat', meant('us-east-1')],
  [
    'a latch in its own region',
    'us-east-1: { us-west-2: chat',
    'us-east-1: { us-east-1: chat',
    /no bucket in the region/,
  ],
  [
    'an asset with the name of another',
    '- name: cache\n',
    '- name: database\n',
    /assets\.1\.name: .*a name of its own/,
  ],
  ['an asset that two places call otherwise', '- name: cache\n', '- name: cahce\n', meant('cahce')],
  ['a kind that there is not', 'kind: rds-instance', 'kind: rds-instnace', meant('rds-instance')],
  ['an address of what is not there', 'endpointOf: database', 'endpointOf: databse', meant('database')],
  [
    'a role that four places call otherwise',
    '  dba: { handle',
    '  dbaa: { handle',
    /^plan\.yml:\d+: notifications\.level2\.2: is "dba", .*did you mean dbaa\? \(also in lines \d+, \d+, \d+\)$/,
  ],
  ['a contact that there is not', 'level1: [on-call]', 'level1: [oncall]', meant('on-call')],
  ['a channel that there is not', "'@dba-team', channel: email", "'@dba-team', channel: emial", meant('email')],
  [
    'another application',
    'application: chatops\n',
    'application: shop\n',
    /shop\.heartbeat .* shop\.canary .* shop\.probe/,
  ],
  [
    'a group that names nothing',
    '(?<component>api',
    '(?<componnt>api',
    /a group \(\?<component>…\) that names what fails$/,
  ],
  ['a component that there is not', 'Components: [database', 'Components: [databse', meant('database')],
  ['more components than there are', 'components: 3 #', 'components: 30 #', /at most 6, the components/],
  [
    'what an alias repeats',
    'America/New_York',
    'America/New_Yrok',
    /drills\.0\.window\.timeZone: is "America\/New_Yrok"/,
  ],
  ['a day that an alias repeats', 'days: [tue', 'days: [tues', meant('tue')],
  [
    'a fence that closes nothing',
    'closed: sg-0a1closed',
    'closed: sg-0a1chatopsdb',
    /a group that is not one of the open/,
  ],
])('%s is one line', ([, from, to, line]) => {
  expect(said(from, to)).toEqual([expect.stringMatching(line)]);
});

test('what an alias repeats is told where it is written', () => {
  const [line = ''] = said('America/New_York', 'America/New_Yrok');
  const at = text.split('\n').findIndex((one) => one.includes('America/New_York')) + 1;
  expect(line.startsWith(`plan.yml:${at}: `)).toBe(true);
});

/** Every key of a plan that its schema names, with the path of its table. */
function keysIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const known = keysAt(schema, path, raw);
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(known.includes(key) && !Array.isArray(value) ? [[...path, key]] : []),
    ...keysIn(inner, [...path, key]),
  ]);
}

const raw: unknown = parse(text);
/** They say of what kind a table is: without them nobody knows its keys. */
const telling = ['kind', 'from', 'fault'];
const keys = keysIn(raw).filter((path) => !telling.includes(path.at(-1) ?? ''));

test('a slip in any key of the plan is one line with the key that was meant, whether it may be left out or not', () => {
  expect(keys.length).toBeGreaterThan(200);
  const wrong = keys.flatMap((path) => {
    const key = path.at(-1) ?? '';
    const slip = `${key.slice(0, -1)}${key.slice(-1).repeat(2)}`;
    const copy = structuredClone(raw);
    const table = path.slice(0, -1).reduce((at, one) => at[one] as never, copy as Record<string, unknown>);
    table[slip] = table[key];
    delete table[key];
    const { lines } = judgePlan(JSON.stringify(copy), 'plan.yml');
    const isRight = lines.length === 1 && lines[0]?.endsWith(`did you mean ${key}?`) === true;
    return isRight ? [] : [[path.join('.'), ...lines]];
  });
  expect(wrong).toEqual([]);
});
